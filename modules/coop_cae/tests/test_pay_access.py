# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who estimates, requests, decides and prints pay."""
import datetime as dt
from decimal import Decimal as D

from trytond.model.exceptions import AccessError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.test_pay_request import PayTestCase
from trytond.modules.coop_cae.tests.tools import Cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

GROUPS = ['adviser', 'accountant', 'manager']


class PayAccessTestCase(PayTestCase):
    user = test_access.AccessTestCase.user

    def button(self, name, request, *groups):
        "Press a button as each group, which only those named can"
        Request = Pool().get('cae.pay.request')
        before = request.state
        for group in GROUPS:
            Request.write([Request(request.id)], {'state': before})
            with self.user(group), \
                    Transaction().set_context(_skip_warnings=True):
                press = getattr(Request, name)
                if group in groups:
                    press([Request(request.id)])
                else:
                    with self.assertRaises(AccessButtonError):
                        press([Request(request.id)])
        Request.write([Request(request.id)], {'state': before})
        with self.user(groups[0]), \
                Transaction().set_context(_skip_warnings=True):
            press([Request(request.id)])

    @with_transaction()
    def test_buttons(self):
        self.set_ratio()
        request = self.request()
        Request = Pool().get('cae.pay.request')
        for name, groups, state in [
                ('request', ['adviser'], 'requested'),
                ('approve', ['adviser', 'accountant'], 'approved'),
                ('cancel', ['adviser'], 'cancelled'),
                ('draft', ['adviser'], 'draft'),
                ('request', ['adviser'], 'requested')]:
            with self.subTest(button=name):
                self.button(name, Request(request.id), *groups)
                self.assertEqual(Request(request.id).state, state)
        self.button('refuse_wizard', Request(request.id), 'adviser')

    @with_transaction()
    def test_accountant_approves(self):
        "Without writing anything else"
        self.set_ratio()
        Request = Pool().get('cae.pay.request')
        request = self.request()
        Request.request([request])
        with self.user('accountant'):
            with self.assertRaises(AccessError):
                Request.write([Request(request.id)], {'notes': "Oui"})
            with Transaction().set_context(_skip_warnings=True):
                Request.approve([Request(request.id)])
            user = Transaction().user
        request = Request(request.id)
        self.assertEqual(request.state, 'approved')
        self.assertEqual(request.decided_by.id, user)

    @with_transaction()
    def test_decision_only_by_button(self):
        "Over RPC nobody writes that a request is approved"
        self.set_ratio()
        Request = Pool().get('cae.pay.request')
        cae = Cae()
        draft, approved = self.request().id, self.approved().id
        values = {
            'company': cae.company.id, 'activity': cae.activity('A1').id,
            'entrepreneur': cae.person('E1').id, 'period': cae.period(5).id,
            'wanted': 'gross', 'amount': D(1)}
        with self.user('adviser'):
            for decision in [
                    {'state': 'approved'}, {'decided_by': 1},
                    {'refusal': "Non"},
                    {'decided_at': dt.datetime(2024, 5, 1)}]:
                with self.assertRaises(AccessError):
                    Request.write([Request(draft)], decision)
                with self.assertRaises(AccessError):
                    Request.create([{**values, **decision}])
            with self.assertRaises(AccessError):
                Request.write([Request(approved)], {'state': 'draft'})
            with self.assertRaises(AccessError):
                Request.delete([Request(approved)])
            Request.create([values])
            Request.write([Request(draft)], {'amount': D(2)})

    @with_transaction()
    def test_estimates(self):
        "Those who see requests see what they cost, without the payslips"
        cae = Cae()
        with cae.context():
            cae.payslip('E1', 1, '1000', employee='220', employer='300')
            cae.close(1, skip_faults=True)
        Request = Pool().get('cae.pay.request')
        request = self.request().id
        for group in GROUPS:
            with self.user(group):
                values, = Request.read(
                    [request], ['cost', 'net', 'ratio_source', 'rec_name'])
                self.assertEqual(values['cost'], D('2795.00'))
                self.assertIn("payslips", values['ratio_source'])

    @with_transaction()
    def test_wizard(self):
        "Who sees the activity and the person gets an estimate of theirs"
        Start = Pool().get('cae.pay.estimate.start')
        self.set_ratio()
        self.receive('2000.00')
        cae = Cae()
        values = {
            **dict.fromkeys(Start._fields), 'source': 'reference',
            'company': cae.company.id, 'activity': cae.activity('A1').id,
            'entrepreneur': cae.person('E1').id,
            'date': dt.date(2024, 12, 31)}
        for group in GROUPS:
            with self.user(group):
                start = Start(**values)
                start.on_change(['activity'])
                self.assertEqual(start.person_left, D('1800.00'))
                self.assertEqual(start.gross, D('1384.61'))
        for user in [
                self.user(), self.user('adviser', company='OTHER')]:
            with user, self.assertRaises(AccessError):
                Start(**values).on_change(['activity'])
        values['activity'] = Cae('OTHER').activity('A3').id
        values['entrepreneur'] = Cae('OTHER').person('E3').id
        with self.user('adviser'), self.assertRaises(AccessError):
            Start(**values).on_change(['activity'])

    @with_transaction()
    def test_wizard_requests_by_adviser(self):
        pool = Pool()
        Estimate = pool.get('cae.pay.estimate', type='wizard')
        Request = pool.get('cae.pay.request')
        cae = Cae()
        start = {
            'company': cae.company.id, 'activity': cae.activity('A1').id,
            'entrepreneur': cae.person('E1').id,
            'date': dt.date(2024, 5, 20), 'wanted': 'net',
            'wanted_amount': D('1200.00')}

        def execute():
            session, _, _ = Estimate.create()
            # As the dispatcher: a wizard checks what it does itself
            with Transaction().set_context(_check_access=False):
                return Estimate.execute(session, {'start': start}, 'request')

        with self.user('adviser'):
            execute()
        for group in ['accountant', 'manager']:
            with self.user(group), self.assertRaises(AccessError):
                execute()
        with self.user(), self.assertRaises(AccessError):
            Estimate.create()
        self.assertEqual(len(Request.search([])), 1)

    @with_transaction()
    def test_sheet(self):
        "Printed by those who see the requests, of their companies"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        self.set_ratio()
        request = self.approved().id
        for kind in ['ods', 'csv']:
            Report = pool.get(f'cae.pay.sheet.{kind}', type='report')
            data = {'action_id': ModelData.get_id(
                    'coop_cae', f'report_pay_sheet_{kind}')}
            for group in GROUPS:
                with self.user(group):
                    extension, _, _, _ = Report.execute([request], data)
                    self.assertEqual(extension, kind)
            for user in [
                    self.user(), self.user('adviser', company='OTHER')]:
                with user, self.assertRaises(AccessError):
                    Report.execute([request], data)

    @with_transaction()
    def test_refusal(self):
        Refuse = Pool().get('cae.pay.request.refuse', type='wizard')
        Request = Pool().get('cae.pay.request')
        request = self.request()
        Request.request([request])
        for group in ['accountant', 'manager']:
            with self.user(group), self.assertRaises(AccessError):
                Refuse.create()
        with self.user('adviser'), Transaction().set_context(
                active_model='cae.pay.request', active_id=request.id,
                active_ids=[request.id]):
            session, _, _ = Refuse.create()
            with Transaction().set_context(_check_access=False):
                Refuse.execute(
                    session, {'start': {'reason': "Plus tard"}}, 'refuse')
        self.assertEqual(Request(request.id).refusal, "Plus tard")

    @with_transaction()
    def test_companies(self):
        pool = Pool()
        ratio, request = self.set_ratio(), self.request()
        for record in [ratio, request]:
            Model = pool.get(record.__name__)
            with self.user('adviser'):
                self.assertEqual(
                    [r.id for r in Model.search([])], [record.id])
            with self.user('adviser', company='OTHER'):
                self.assertEqual(Model.search([]), [])
                with self.assertRaises(AccessError):
                    Model.read([record.id], ['company'])
