# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The monthly statement of an activity as a document."""
import datetime as dt
import io
import unittest
import zipfile
from decimal import Decimal
from unittest.mock import patch
from xml.etree import ElementTree

from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae.exceptions import MonthlyStatementError
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
MAY = dt.date(2024, 5, 31)
TEXT = '{urn:oasis:names:tc:opendocument:xmlns:text:1.0}'


def text_of(document):
    "Return the paragraphs of an ODT, and the names of its files"
    with zipfile.ZipFile(io.BytesIO(document)) as file:
        tree = ElementTree.fromstring(file.read('content.xml'))
        pictures = [
            file.read(n).decode() for n in file.namelist()
            if n.endswith('.svg')]
    return [
        ''.join(p.itertext()).strip() for p in tree.iter(f'{TEXT}p')], pictures


class MonthlyStatementTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def live(self):
        cae = Invoicing()
        with cae.context():
            cae.sell(dt.date(2024, 3, 10), '1000.00')
            cae.sell(dt.date(2024, 5, 10), '200.00')
            cae.sell(dt.date(2024, 6, 10), '7000.00')
            cae.invoice(('706', '100', None), date=dt.date(2024, 4, 2))
            cae.post(
                dt.date(2024, 5, 12), ('6071', '50.00', 'A1'),
                ('4011', '-50.00', 'A1'))
        return cae

    def report(self):
        return Pool().get('cae.activity.monthly_statement', type='report')

    def execute(self, *codes, extension='', **context):
        ModelData = Pool().get('ir.model.data')
        cae = Cae()
        with Transaction().set_context(figures_date=MAY, **context):
            return self.report().execute(
                [cae.activity(c).id for c in codes], {
                    'action_id': ModelData.get_id(
                        'coop_cae', f'report_monthly_statement{extension}')})

    @with_transaction()
    def test_figures(self):
        "They are those of the screens, of the month and of the year"
        Statement = Pool().get('cae.activity.statement')
        Activity = Pool().get('cae.activity')
        cae = self.live()
        activity = cae.activity('A1')
        page = self.report().pages([activity], MAY)[activity.id]
        self.assertEqual(page.amount('income', 'turnover'), D('1300.00'))
        self.assertEqual(page.income[0].month, D('200.00'))
        self.assertEqual(page.income[1].month, D('-50.00'))
        self.assertEqual(page.income[0].ratio, 1)
        with Transaction().set_context(figures_date=MAY):
            for statement, rows in [
                    ('income', page.income), ('treasury', page.treasury)]:
                self.assertEqual(
                    [(r.label, r.year, r.last_year, r.total) for r in rows], [
                        (s.line_string, s.amount, s.last_amount, s.total)
                        for s in Statement.search([
                                ('activity', '=', activity.id),
                                ('statement', '=', statement)])])
            shown = Activity(activity.id)
            self.assertEqual(
                page.amount('treasury', 'reference'), shown.treasury)
            self.assertEqual(page.to_collect, shown.receivable)
            self.assertEqual(
                page.to_collect, sum(i.amount for i in shown.to_collect))
        self.assertEqual(
            dict(page.ages), {
                "Not Due": D('120.00'),
                "1 to 30 Days": D('200.00'),
                "31 to 60 Days": D('0.00'),
                "61 to 90 Days": D('1000.00'),
                "Over 90 Days": D('0.00'),
                })

    @with_transaction()
    def test_document(self):
        self.live()
        extension, content, _, name = self.execute('A1')
        self.assertEqual(extension, 'odt')
        self.assertIn("Atelier Durand", name)
        paragraphs, pictures = text_of(content)
        for text in [
                "La Coop", "Atelier Durand", "Turnover", "1,300.00", "-50.00",
                "100.0 %", "May\xa02024"]:
            with self.subTest(text=text):
                self.assertIn(text, paragraphs)
        self.assertTrue([p for p in paragraphs if "variable capital" in p])
        self.assertFalse([p for p in paragraphs if p.startswith('<')])
        self.assertEqual(
            len([p for p in pictures if p.startswith('<svg')]), 1)

    @with_transaction()
    def test_french(self):
        self.live()
        Party = Pool().get('party.party')
        Lang = Pool().get('ir.lang')
        fr, = Lang.search([('code', '=', 'fr')])
        Lang.write([fr], {'translatable': True})
        Lang.load_translations([fr])
        Party.write([Cae().company.party], {'lang': fr.id})
        _, content, _, _ = self.execute('A1', language='fr')
        paragraphs, _ = text_of(content)
        for text in [
                "Situation mensuelle", "Compte de résultat",
                "Chiffre d'affaires",
                "Trésorerie de référence", "Non échu"]:
            with self.subTest(text=text):
                self.assertIn(text, paragraphs)
        self.assertFalse(
            {"Income Statement", "Monthly Statement", "Month", "Treasury"}
            & set(paragraphs))

    @with_transaction()
    def test_names_are_text(self):
        "What people write is shown as it is, whatever it says"
        Activity = Pool().get('cae.activity')
        cae = self.live()
        name = '<b>&"\'${1/0} <if test="x"> =1+1'
        Activity.write([cae.activity('A1')], {'name': name})
        _, content, _, _ = self.execute('A1')
        paragraphs, _ = text_of(content)
        self.assertIn(name, paragraphs)

    @with_transaction()
    def test_nothing(self):
        "An activity without entries has a calm statement of zeros"
        _, content, _, _ = self.execute('A2')
        paragraphs, pictures = text_of(content)
        self.assertIn("Duo", paragraphs)
        self.assertIn("0.00", paragraphs)
        self.assertEqual(len(pictures), 1)

    @with_transaction()
    def test_several(self):
        "Each has its page, of its figures"
        self.live()
        _, content, _, _ = self.execute('A1', 'A2')
        paragraphs, pictures = text_of(content)
        self.assertLess(
            paragraphs.index("Atelier Durand"), paragraphs.index("Duo"))
        self.assertEqual(paragraphs.count("Income Statement"), 2)
        self.assertEqual(len(pictures), 2)

    @with_transaction()
    def test_no_converter(self):
        with patch('shutil.which', return_value=None), \
                self.assertRaises(MonthlyStatementError):
            self.execute('A1', extension='_pdf')

    @with_transaction()
    def test_queries(self):
        "The figures of any number of activities are read at once"
        pool = Pool()
        Activity = pool.get('cae.activity')
        cae = self.live()
        person = cae.person('E1').id
        with cae.context():
            Activity.create([{
                        'code': f'N{i}', 'name': f"N{i}",
                        'company': cae.company.id,
                        'start_date': dt.date(2024, 1, 1),
                        'entrepreneurs': [('create', [
                                    {'entrepreneur': person,
                                        'ratio': D(1)}])],
                        } for i in range(30)])
            ids = [a.id for a in Activity.search([
                        ('company', '=', cae.company.id)])]
            counts = []
            for number in [2, len(ids)]:
                self.report().pages(Activity.browse(ids[:number]), MAY)
                with count_queries() as queries:
                    self.report().pages(Activity.browse(ids[:number]), MAY)
                counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    @with_transaction()
    def test_access(self):
        "Those who see the activity print it"
        ModelData = Pool().get('ir.model.data')
        arguments = [Cae().activity('A1').id], {
            'action_id': ModelData.get_id(
                'coop_cae', 'report_monthly_statement')}
        for group in ['adviser', 'accountant', 'manager']:
            with self.user(group):
                self.report().execute(*arguments)
            with self.user(group, company='OTHER'), \
                    self.assertRaises(AccessError):
                self.report().execute(*arguments)
        with self.user(), self.assertRaises(AccessError):
            self.report().execute(*arguments)


class MakeStatementsTestCase(unittest.TestCase):
    live = MonthlyStatementTestCase.live
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def attached(self):
        Attachment = Pool().get('ir.attachment')
        return sorted(
            (a.resource.code, a.name) for a in Attachment.search([])
            if a.resource.__name__ == 'cae.activity')

    def make(self, *codes, date=MAY, **options):
        Activity = Pool().get('cae.activity')
        cae = Cae()
        Activity.make_statements(
            [cae.activity(c) for c in codes], date, **options)

    def work(self):
        "Do what is in the queue, as a worker, and return how many it was"
        Queue = Pool().get('ir.queue')
        done = 0
        transaction = Transaction()
        while tasks := Queue.search([('finished_at', '=', None)]):
            for task in tasks:
                task.run()
                task.finished_at = dt.datetime.now()
                task.save()
                done += 1
        transaction.tasks.clear()
        return done

    @with_transaction()
    def test_attached(self):
        "Once for a month, replaced when it is made again"
        Attachment = Pool().get('ir.attachment')
        cae = self.live()
        self.make('A1', 'A2')
        self.assertEqual(self.attached(), [
                ('A1', "Monthly Statement 2024-05.odt"),
                ('A2', "Monthly Statement 2024-05.odt")])
        cae.sell(dt.date(2024, 5, 20), '11.00')
        self.make('A1')
        self.make('A1', date=dt.date(2024, 6, 30))
        self.assertEqual(self.attached(), [
                ('A1', "Monthly Statement 2024-05.odt"),
                ('A1', "Monthly Statement 2024-06.odt"),
                ('A2', "Monthly Statement 2024-05.odt")])
        document, = Attachment.search([
                ('resource', '=', str(cae.activity('A1'))),
                ('name', 'like', '%2024-05%')])
        self.assertIn("1,311.00", text_of(document.data)[0])

    @with_transaction()
    def test_sent(self):
        "To each entrepreneur with an e-mail, once"
        pool = Pool()
        Email = pool.get('ir.email')
        Mechanism = pool.get('party.contact_mechanism')
        self.live()
        person = Cae().person('E1')
        module = 'trytond.ir.email_.send_message_transactional'
        with patch(module) as send:
            self.make('A1', 'A2', send=True)
            self.work()
            sent = sorted(
                (m.args[0]['To'], m.args[0]['Subject'])
                for m in send.call_args_list)
        self.assertEqual(sent, [
                ('Ana Durand <e1@example.org>',
                    'Monthly Statement 2024-05: Atelier Durand'),
                ('Ana Durand <e1@example.org>',
                    'Monthly Statement 2024-05: Duo'),
                ('Luc Morel <e2@example.org>',
                    'Monthly Statement 2024-05: Duo'),
                ])
        self.assertEqual(
            [a.name for a in pool.get('ir.attachment').search([
                        ('resource.id', '!=', None, 'ir.email')])],
            ["Monthly Statement 2024-05.odt"] * 3)
        with patch(module) as send:
            self.make('A1', 'A2', send=True)
            self.work()
            self.assertEqual(send.call_count, 0)
            self.make('A1', date=dt.date(2024, 6, 30), send=True)
            self.work()
            self.assertEqual(send.call_count, 1)
        self.assertEqual(len(Email.search([])), 4)
        Mechanism.delete(person.party.contact_mechanisms)
        with patch(module) as send:
            self.make('A1', date=dt.date(2024, 7, 31), send=True)
            self.work()
            self.assertEqual(send.call_count, 0)

    @with_transaction()
    def test_names_in_mail(self):
        "What people write is text in the mail too"
        Activity = Pool().get('cae.activity')
        cae = self.live()
        Activity.write(
            [cae.activity('A1')], {'name': '<script>alert(1)</script>'})
        with patch(
                'trytond.ir.email_.send_message_transactional') as send:
            self.make('A1', send=True)
            self.work()
        message = send.call_args.args[0]
        body = message.get_body(['html']).get_content()
        self.assertNotIn('<script>', body)
        self.assertIn('&lt;script&gt;', body)

    @with_transaction()
    def test_wizard(self):
        "Over all that run in the month, by who keeps the activities"
        pool = Pool()
        Make = pool.get('cae.activity.make_statements', type='wizard')
        Activity = pool.get('cae.activity')
        Mechanism = pool.get('party.contact_mechanism')
        cae = self.live()
        Activity.write([cae.activity('A1')], {'end_date': dt.date(2024, 4, 1)})
        Mechanism.delete(cae.person('E2').party.contact_mechanisms)
        start = {
            'company': cae.company.id, 'period': cae.period(5).id,
            'format': 'odt', 'send': True, 'site': None, 'activities': []}
        for group in ['manager', None]:
            with self.user(*filter(None, [group])), \
                    self.assertRaises(AccessError):
                Make.create()
        with self.user('adviser'):
            session, _, _ = Make.create()
            with Transaction().set_context(_check_access=False):
                result = Make.execute(session, {'start': start}, 'make')
            values = result['view']['defaults']
        self.assertEqual(values['number'], 1)
        self.assertEqual(values['without_email'], "Luc Morel (E2)")
        with patch('trytond.ir.email_.send_message_transactional') as send:
            self.work()
            self.assertEqual(send.call_count, 1)
        self.assertEqual(
            self.attached(), [('A2', "Monthly Statement 2024-05.odt")])

    @with_transaction()
    def test_wizard_nothing(self):
        pool = Pool()
        Make = pool.get('cae.activity.make_statements', type='wizard')
        cae = Cae()
        other = Cae('OTHER').activity('A3').id
        start = {
            'company': cae.company.id, 'period': cae.period(5).id,
            'format': 'odt', 'send': False, 'site': None,
            'activities': [other]}
        with self.user('adviser'):
            session, _, _ = Make.create()
            with Transaction().set_context(_check_access=False), \
                    self.assertRaises(MonthlyStatementError):
                Make.execute(session, {'start': start}, 'make')

    @with_transaction()
    def test_command(self):
        Command = Pool().get('cae.command')
        self.live()
        with Cae().context():
            result = Command.statements('COOP', dt.date(2024, 5, 1))
        self.assertEqual(
            result, {
                'text': "COOP 2024-05: 2 monthly statements.", 'faults': []})
        self.work()
        self.assertEqual(len(self.attached()), 2)
        with self.user('manager'), self.assertRaises(AccessError):
            Command.statements('COOP', dt.date(2024, 5, 1))
