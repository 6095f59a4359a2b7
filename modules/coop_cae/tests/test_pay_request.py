# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import csv
import datetime as dt
import io
import unittest
import zipfile
from decimal import Decimal as D
from xml.etree import ElementTree

from trytond.model.exceptions import (
    AccessError, DomainValidationError, SQLConstraintError)
from trytond.modules.coop_cae.exceptions import (
    PayRatioError, PayRatioValidationError, PayRequestError,
    PayRequestTreasuryWarning)
from trytond.modules.coop_cae.tests import test_nir
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

MAY = dt.date(2024, 5, 1)
_NS = {
    'office': 'urn:oasis:names:tc:opendocument:xmlns:office:1.0',
    'table': 'urn:oasis:names:tc:opendocument:xmlns:table:1.0',
    'text': 'urn:oasis:names:tc:opendocument:xmlns:text:1.0',
    }


class PayTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def set_ratio(self, person=None, start=dt.date(2024, 1, 1), **values):
        Ratio = Pool().get('cae.pay.ratio')
        cae = Cae()
        values = {
            'employer_ratio': D('0.30'), 'employee_ratio': D('0.22'),
            'tax_ratio': D(0), **values}
        ratio = Ratio(
            company=cae.company, start_date=start,
            entrepreneur=cae.person(person) if person else None, **values)
        ratio.save()
        return ratio

    def request(self, person='E1', activity='A1', month=5, **values):
        Request = Pool().get('cae.pay.request')
        cae = Cae()
        values = {'wanted': 'gross', 'amount': D('2150.00'), **values}
        request = Request(
            company=cae.company, activity=cae.activity(activity),
            entrepreneur=cae.person(person), period=cae.period(month),
            **values)
        request.save()
        return request

    def approved(self, *args, **options):
        Request = Pool().get('cae.pay.request')
        request = self.request(*args, **options)
        Request.request([request])
        with Transaction().set_context(_skip_warnings=True):
            Request.approve([request])
        return request

    def receive(self, amount, activity='A1', date=dt.date(2024, 1, 10)):
        "Sell, and be paid at once"
        Cae().post(
            date, ('5121', amount, None), ('706', -D(amount), activity))


class PayRatioTestCase(PayTestCase):

    def of(self, *pairs):
        Ratio = Pool().get('cae.pay.ratio')
        cae = Cae()
        found = Ratio.of(
            cae.company, [(cae.person(p).id, date) for p, date in pairs])
        return [found.get((cae.person(p).id, date)) for p, date in pairs]

    def slips(self, person='E1', employer=('300', '310')):
        cae = Cae()
        with cae.context():
            for month, amount in enumerate(employer, 1):
                cae.payslip(
                    person, month, '1000', employee='220', tax='30',
                    employer=amount)
                cae.close(month, skip_faults=True)

    @with_transaction()
    def test_payslips(self):
        "Only what is posted, of the months that are over, tells"
        self.slips()
        cae = Cae()
        with cae.context():
            cae.payslip('E1', 3, '1000', employer='900')
        found, early = self.of(('E1', MAY), ('E1', dt.date(2024, 2, 1)))
        self.assertEqual(found.ratios.employer, D('0.3050'))
        self.assertEqual(found.ratios.employee, D('0.2500'))
        self.assertEqual(found.source, "last payslips of the person (2)")
        self.assertEqual(early.ratios.employer, D('0.3000'))

    @with_transaction()
    def test_sources(self):
        self.slips()
        self.set_ratio(employer_ratio=D('0.42'))
        self.set_ratio('E1', start=MAY, tax_ratio=D('0.05'))
        before, since, other = self.of(
            ('E1', dt.date(2024, 4, 30)), ('E1', MAY), ('E2', MAY))
        self.assertEqual(before.ratios.employer, D('0.3050'))
        self.assertEqual(since.ratios.employee, D('0.27'))
        self.assertIn("set for the person", since.source)
        self.assertEqual(other.ratios.employer, D('0.42'))
        self.assertIn("set for the company", other.source)
        self.assertEqual(
            self.of(('E2', dt.date(2023, 12, 31))), [None])

    @with_transaction()
    def test_queries(self):
        "As many for two people and three dates as for one"
        Ratio = Pool().get('cae.pay.ratio')
        cae = Cae()
        self.slips()
        self.set_ratio()
        people = [cae.person(p).id for p in ['E1', 'E2']]
        pairs = [
            (p, dt.date(2024, month, 1))
            for p in people for month in [2, 3, 5]]
        Ratio.of(cae.company, pairs)
        with count_queries() as one:
            Ratio.of(cae.company, pairs[:1])
        with count_queries() as many:
            Ratio.of(cae.company, pairs)
        self.assertLessEqual(len(many), len(one) + 1)

    @with_transaction()
    def test_refused(self):
        self.set_ratio()
        with self.assertRaises(SQLConstraintError):
            self.set_ratio(start=MAY)

    @with_transaction()
    def test_bounds(self):
        with self.assertRaises(PayRatioValidationError):
            self.set_ratio(tax_ratio=D('0.78'))
        with self.assertRaises(DomainValidationError):
            self.set_ratio(employer_ratio=D('-0.01'))


class PayRequestTestCase(PayTestCase):

    @with_transaction()
    def test_estimates(self):
        self.set_ratio()
        for wanted, amount in [
                ('gross', '2150.00'), ('cost', '2795.00'),
                ('net', '1677.00')]:
            request = self.request(wanted=wanted, amount=D(amount))
            self.assertEqual(
                (request.gross, request.cost, request.net),
                (D('2150.00'), D('2795.00'), D('1677.00')))
            self.assertIn("set for the company", request.ratio_source)

    @with_transaction()
    def test_no_ratio(self):
        "Nothing is shown, and nothing is approved"
        Request = Pool().get('cae.pay.request')
        request = self.request()
        self.assertIsNone(request.cost)
        Request.request([request])
        with self.assertRaisesRegex(PayRatioError, "Pay Ratios"):
            Request.approve([request])

    @with_transaction()
    def test_own_activity(self):
        with self.assertRaises(DomainValidationError):
            self.request('E2', 'A1')

    @with_transaction()
    def test_workflow(self):
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        self.receive('9000.00')
        request = self.request()
        Request.approve([request])
        self.assertEqual(request.state, 'draft')
        Request.request([request])
        Request.refuse([request], "Trésorerie insuffisante")
        self.assertEqual(request.state, 'refused')
        self.assertEqual(request.refusal, "Trésorerie insuffisante")
        self.assertIsNotNone(request.decided_at)
        Request.draft([request])
        self.assertIsNone(request.refusal)
        self.assertIsNone(request.decided_at)
        Request.request([request])
        Request.approve([request])
        self.assertEqual(request.decided_by.id, Transaction().user)
        Request.draft([request])
        self.assertEqual(request.state, 'approved')
        Request.cancel([request])
        self.assertEqual(request.state, 'cancelled')

    @with_transaction()
    def test_refusal_needs_reason(self):
        pool = Pool()
        Refuse = pool.get('cae.pay.request.refuse', type='wizard')
        Request = pool.get('cae.pay.request')
        request = self.request()
        Request.request([request])
        with Transaction().set_context(
                active_model=Request.__name__, active_id=request.id,
                active_ids=[request.id]):
            session, _, _ = Refuse.create()
            with self.assertRaises(PayRequestError):
                Refuse.execute(session, {'start': {'reason': " "}}, 'refuse')
            Refuse.execute(session, {'start': {'reason': "Non"}}, 'refuse')
        self.assertEqual(Request(request.id).refusal, "Non")

    @with_transaction()
    def test_sealed(self):
        "What is requested or decided is neither changed nor deleted"
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        requested = self.request()
        Request.request([requested])
        for request in [requested, self.approved()]:
            for values in [
                    {'amount': D(1)}, {'notes': "Plus"}, {'wanted': 'net'},
                    {'amount': D(1), 'state': 'draft'}]:
                with self.assertRaises(AccessError):
                    Request.write([request], values)
            with self.assertRaises(AccessError):
                Request.delete([request])
        Request.delete([self.request()])

    @with_transaction()
    def test_copy(self):
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        copy, = Request.copy([self.approved()])
        self.assertEqual(copy.state, 'draft')
        self.assertIsNone(copy.decided_by)

    @with_transaction()
    def test_treasury(self):
        "A cent less than the cost makes a warning, which tells it"
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        self.receive('2794.99')
        request = self.request()
        Request.request([request])
        with self.assertRaisesRegex(
                PayRequestTreasuryWarning, r"2,?795.00 .*2,?794.99"):
            Request.approve([request])
        self.receive('0.01')
        Request.approve([request])
        self.assertEqual(request.state, 'approved')

    @with_transaction()
    def test_treasury_of_the_month(self):
        "What comes after the month does not pay it"
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        self.receive('5000.00', date=dt.date(2024, 6, 1))
        request = self.request()
        Request.request([request])
        with self.assertRaises(PayRequestTreasuryWarning):
            Request.approve([request])

    @with_transaction()
    def test_treasury_paid_once(self):
        "Two people cannot each spend the whole of it"
        Request = Pool().get('cae.pay.request')
        self.set_ratio()
        self.receive('4000.00', 'A2')
        both = [self.request(p, 'A2') for p in ['E1', 'E2']]
        Request.request(both)
        with self.assertRaises(PayRequestTreasuryWarning):
            Request.approve(both)
        Request.approve(both[:1])
        with self.assertRaises(PayRequestTreasuryWarning):
            Request.approve(both[1:])
        # Another month, another activity: what it has is its own
        self.receive('4000.00', 'A1')
        other = self.request('E1', 'A1')
        Request.request([other])
        Request.approve([other])


class PaySheetTestCase(PayTestCase):

    def execute(self, kind, requests):
        Report = Pool().get(f'cae.pay.sheet.{kind}', type='report')
        with Transaction().set_user(1), Cae().context():
            return Report.execute(
                [r.id for r in requests],
                {'model': 'cae.pay.request', 'ids': []})

    def requests(self):
        self.set_ratio()
        return [
            self.approved('E2', 'A2', wanted='net', amount=D('1677.00'),
                notes="=HYPERLINK(\"http://example.org\")"),
            self.approved(notes="Acompte ;\nsur mai")]

    @with_transaction()
    def test_csv(self):
        extension, content, _, _ = self.execute('csv', self.requests())
        self.assertEqual(extension, 'csv')
        rows = list(csv.reader(
                io.StringIO(content.decode('utf-8-sig'), newline=''),
                delimiter=';'))
        self.assertEqual(rows, [
                ["Code", "Name", "Contract", "Activity", "Month", "Wanted",
                    "Amount Wanted", "Gross Pay (Estimate)",
                    "Full Cost (Estimate)", "Net (Estimate)", "Note"],
                ["E1", "Ana Durand", "CESA", "Atelier Durand (A1)",
                    "2024-05", "Gross Pay", "2150,00", "2150,00", "2795,00",
                    "1677,00", "Acompte ; sur mai"],
                ["E2", "Luc Morel", "CESA", "Duo (A2)", "2024-05", "Net",
                    "1677,00", "2150,00", "2795,00", "1677,00",
                    "'=HYPERLINK(\"http://example.org\")"]])

    @with_transaction()
    def test_ods(self):
        extension, content, _, _ = self.execute('ods', self.requests())
        self.assertEqual(extension, 'ods')
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            self.assertEqual(
                file.read('mimetype'),
                b'application/vnd.oasis.opendocument.spreadsheet')
            root = ElementTree.fromstring(file.read('content.xml'))
        rows = [
            [''.join(cell.itertext()).strip()
                for cell in row.iterfind('table:table-cell', _NS)]
            for row in root.iter(f'{{{_NS["table"]}}}table-row')]
        rows = [r for r in rows if any(r)]
        self.assertIn("La Coop", rows[0][0])
        self.assertIn("2024-05", rows[0][0])
        self.assertIn("variable capital", rows[2][0])
        self.assertEqual(rows[3][0], "Code")
        self.assertEqual(
            rows[4][:6], [
                "E1", "Ana Durand", "CESA", "Atelier Durand (A1)", "2024-05",
                "Gross Pay"])
        self.assertEqual(len(rows), 7)
        self.assertEqual(rows[6][0], "Total")
        values = [
            (cell.get(f'{{{_NS["office"]}}}value-type'),
                D(cell.get(f'{{{_NS["office"]}}}value')))
            for cell in root.iter(f'{{{_NS["table"]}}}table-cell')
            if cell.get(f'{{{_NS["office"]}}}value')]
        self.assertEqual(values, [('float', D(v)) for v in [
                    '2150.00', '2150.00', '2795.00', '1677.00',
                    '1677.00', '2150.00', '2795.00', '1677.00',
                    '4300.00', '5590.00', '3354.00']])
        # What looks like a formula is a text
        self.assertFalse([
                cell for cell in root.iter()
                if cell.get(f'{{{_NS["table"]}}}formula')])

    @with_transaction()
    def test_no_social_security_number(self):
        Nir = Pool().get('cae.nir')
        requests = self.requests()
        Nir.create([{
                    'entrepreneur': Cae().person('E1').id,
                    'number': test_nir.E1,
                    }])
        for kind in ['csv', 'ods']:
            content = self.execute(kind, requests)[1]
            if kind == 'ods':
                with zipfile.ZipFile(io.BytesIO(content)) as file:
                    content = file.read('content.xml')
            self.assertNotIn(b'2800125056', content.replace(b' ', b''))

    @with_transaction()
    def test_estimate_lost(self):
        "A sheet without estimates still has what is to be paid"
        requests = self.requests()
        Ratio = Pool().get('cae.pay.ratio')
        Ratio.delete(Ratio.search([]))
        content = self.execute('csv', requests)[1].decode('utf-8-sig')
        self.assertIn(';Gross Pay;2150,00;;;;"Acompte', content)
        with zipfile.ZipFile(io.BytesIO(
                    self.execute('ods', requests)[1])) as file:
            content = file.read('content.xml').decode()
        self.assertIn('2150.00', content)
        self.assertNotIn('None', content)

    @with_transaction()
    def test_only_approved(self):
        requests = [*self.requests(), self.request()]
        for kind in ['csv', 'ods']:
            with self.assertRaises(PayRequestError):
                self.execute(kind, requests)

    @with_transaction()
    def test_contract_of_the_month(self):
        "The CAPE of E2 ends with April"
        from trytond.modules.coop_cae.pay_sheet import rows
        self.set_ratio()
        found = rows([
                self.approved('E2', 'A2', month=m) for m in [4, 5]])
        self.assertEqual([r.contract for r in found], ['CAPE', 'CESA'])

    @with_transaction()
    def test_wizard(self):
        "All that is approved for the month, and nothing else"
        Sheet = Pool().get('cae.pay.sheet', type='wizard')
        cae = Cae()
        may = self.requests()
        self.approved(month=6)
        self.request()
        with cae.context():
            session, _, _ = Sheet.create()
            start = {
                'company': cae.company.id, 'period': cae.period(5).id}
            for kind in ['ods', 'csv']:
                result = Sheet.execute(session, {'start': start}, kind)
                (action, data), = result['actions']
                self.assertEqual(
                    action['report_name'], f'cae.pay.sheet.{kind}')
                self.assertEqual(set(data['ids']), {r.id for r in may})
            start['period'] = cae.period(7).id
            with self.assertRaises(PayRequestError):
                Sheet.execute(session, {'start': start}, 'ods')
