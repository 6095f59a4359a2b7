# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from contextlib import contextmanager
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.exceptions import CloseError
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

PEOPLE = [
    'cae.entrepreneur', 'cae.contract', 'cae.activity',
    'cae.activity.entrepreneur']
SIGNED = [
    'cae.contract.amendment', 'cae.activity.agreement',
    'cae.activity.agreement.share']
REFERENCES = ['cae.site', 'cae.adviser', 'cae.prior_status', 'cae.exit_reason']
RULES = [
    'cae.contribution.base', 'cae.contribution.base.account',
    'cae.contribution.rule', 'cae.contribution.rule.slice',
    'cae.contribution.exemption']
BOOKED = ['cae.close', 'cae.contribution']
PAY = ['cae.payslip', 'cae.payslip.activity']
RATIOS = ['cae.pay.ratio']
REQUESTS = ['cae.pay.request']
SHARES = [
    'coop.member', 'coop.share.commitment', 'coop.share.movement',
    'coop.share.withholding']
STATEMENTS = [
    f'cae.activity.{name}'
    for name in ['statement', 'month', 'account', 'entry', 'open_item']]
LEDGER = ['account.move', 'account.move.line', 'analytic_account.line']


class AccessTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @contextmanager
    def user(self, *groups, company='COOP'):
        "Work over RPC as a user of the groups and the company"
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        company = Cae(company).company
        user = User(
            name="User", login=f'user {len(User.search([]))}',
            companies=[company], company=company,
            groups=Group.browse([
                    ModelData.get_id(
                        *(g.split('.') if '.' in g
                            else ['coop_cae', f'group_cae_{g}']))
                    for g in groups]))
        user.save()
        with Transaction().set_user(user.id), \
                Transaction().set_context(
                    company=company.id, companies=[company.id]), \
                check_access():
            yield

    def modes(self, model):
        "Return the letters of what the user may do with the model"
        Access = Pool().get('ir.model.access')
        return ''.join(
            mode[0] for mode in ['read', 'write', 'create', 'delete']
            if Access.check(model, mode, raise_exception=False))

    def assertModes(self, models, modes):
        for model in models:
            with self.subTest(model=model):
                self.assertEqual(self.modes(model), modes)

    def close_january(self):
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '100.00')
            cae.payslip('E1', 1, '1000.00')
            return cae.close(1).close

    @with_transaction()
    def test_nobody(self):
        "Without a group nothing of the people is seen"
        with self.user():
            self.assertModes(
                PEOPLE + SIGNED + REFERENCES + RULES + BOOKED + PAY + RATIOS
                + REQUESTS + SHARES + ['cae.configuration'], '')

    @with_transaction()
    def test_adviser(self):
        "An adviser keeps people and activities, and does not see the pay"
        with self.user('adviser'):
            self.assertModes(
                ['cae.entrepreneur', 'cae.activity'] + REFERENCES, 'rwc')
            self.assertModes(
                ['cae.activity.entrepreneur', 'cae.contract'] + SIGNED,
                'rwcd')
            self.assertModes(RULES + BOOKED + RATIOS, 'r')
            self.assertModes(REQUESTS, 'rwcd')
            self.assertModes(PAY + SHARES + ['cae.configuration'], '')

    @with_transaction()
    def test_adviser_sees_figures(self):
        "The accounts of the activities of their companies, and no others"
        Activity = Pool().get('cae.activity')
        self.close_january()
        activity = Cae().activity('A1').id
        names = ['turnover', 'contribution', 'treasury', 'alert']
        context = {'figures_date': dt.date(2024, 1, 31)}
        with self.user('adviser'), Transaction().set_context(context):
            values, = Activity.read([activity], names)
            self.assertEqual(values['turnover'], Decimal('100.00'))
            self.assertEqual(values['alert'], 'negative')
            self.assertEqual(
                [a.id for a in Activity.search([('alert', '!=', None)])],
                [activity])
        with self.user('adviser', company='OTHER'), \
                Transaction().set_context(context):
            with self.assertRaises(AccessError):
                Activity.read([activity], names)
            self.assertEqual(Activity.search([('alert', '!=', None)]), [])

    @with_transaction()
    def test_statements(self):
        "Those who see an activity see its statements, and no others do"
        pool = Pool()
        self.close_january()
        activity = Cae().activity('A1').id
        context = {
            'figures_date': dt.date(2024, 1, 31), 'activities': [activity]}
        for name in STATEMENTS:
            Model = pool.get(name)
            for group in ['adviser', 'accountant', 'manager']:
                with self.user(group), Transaction().set_context(context), \
                        self.subTest(model=name, group=group):
                    shown = [
                        f for f, d in Model.fields_view_get()['fields'].items()
                        for f in [f] + [f'{f}.rec_name'] * ('relation' in d)]
                    found = Model.search([('activity', '=', activity)])
                    self.assertTrue(
                        Model.read([r.id for r in found], shown))
                with self.user(group, company='OTHER'), \
                        Transaction().set_context(context), \
                        self.subTest(model=name, group=group):
                    self.assertEqual(
                        Model.search([('activity', '=', activity)]), [])
                    self.assertLessEqual(
                        {r.activity.code for r in Model.search([])}, {'A3'})
                    with self.assertRaises(AccessError):
                        Model.read([found[0].id], shown)
            with self.user(), self.subTest(model=name):
                self.assertModes([name], '')

    @with_transaction()
    def test_transfer_is_for_accountants(self):
        "An adviser looks at entries of nobody, and transfers none"
        Transfer = Pool().get('cae.transfer', type='wizard')
        with self.user('adviser'), self.assertRaises(AccessError):
            Transfer.create()
        with self.user('accountant'):
            session, _, _ = Transfer.create()
            Transfer.delete(session)

    @with_transaction()
    def test_accountant_settles(self):
        "Who reconciles needs no right on what is posted"
        Reconciliation = Pool().get('account.move.reconciliation')
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(('706', '100', None))
            payment, = cae.pay(('4111', '-115', sale.party))
            lines = [*cae.owed(sale), payment]
            write_off = cae.write_off()
        with self.user('accountant'), \
                Transaction().set_context(_skip_warnings=True):
            reconciliation = cae.reconcile(
                *lines, writeoff=write_off, date=payment.date)
            self.assertEqual(
                cae.parts(payment.move), {'4111': {'A1': Decimal('-115')}})
        with self.user('accountant', 'account.group_account_admin'), \
                Transaction().set_context(_skip_warnings=True):
            Reconciliation.delete([reconciliation])
            self.assertEqual(cae.parts(payment.move), {})

    @with_transaction()
    def test_adviser_enters_activity(self):
        "The analytic account comes with the activity that an adviser enters"
        Activity = Pool().get('cae.activity')
        person = Cae().person('E1').id
        with self.user('adviser'):
            activity, = Activity.create([{
                        'code': 'A9',
                        'name': "Nouvelle",
                        'start_date': dt.date(2024, 2, 1),
                        'entrepreneurs': [('create', [
                                    {'entrepreneur': person,
                                        'ratio': Decimal(1)}])],
                        }])
            with self.assertRaises(AccessError):
                Activity.delete([activity])
        activity = Activity(activity.id)
        self.assertEqual(activity.analytic_account.code, 'A9')

    @with_transaction()
    def test_accountant(self):
        "An accountant does everything but to write what a close books"
        with self.user('accountant'):
            self.assertModes(
                PEOPLE + SIGNED + REFERENCES + RULES + PAY + RATIOS, 'rwcd')
            self.assertModes(BOOKED + SHARES + REQUESTS, 'r')
            self.assertModes(['cae.configuration'], 'rw')

    @with_transaction()
    def test_manager(self):
        "A manager reads everything and writes nothing"
        with self.user('manager'):
            self.assertModes(
                PEOPLE + SIGNED + REFERENCES + RULES + BOOKED + PAY + RATIOS
                + REQUESTS + SHARES + LEDGER + ['cae.configuration'], 'r')

    @with_transaction()
    def test_booked_sealed(self):
        "What a close booked is not written, even by who may do everything"
        pool = Pool()
        Access = pool.get('ir.model.access')
        Contribution = pool.get('cae.contribution')
        Payslip = pool.get('cae.payslip')
        close = self.close_january()
        contribution, = close.contributions
        payslip, = close.payslips
        # As if an administrator had opened all to everybody
        Access.create([{
                    'model': model,
                    'perm_read': True,
                    'perm_write': True,
                    'perm_create': True,
                    'perm_delete': True,
                    } for model in BOOKED])
        with self.user('accountant'):
            for method, args, error in [
                    (Contribution.write,
                        ([contribution], {'base': Decimal(0)}), AccessError),
                    (Contribution.delete, ([contribution],), AccessError),
                    (Contribution.create, ([{
                                        'close': close.id,
                                        'activity': contribution.activity.id,
                                        'analytic_line': (
                                            contribution.analytic_line.id),
                                        }],), AccessError),
                    (close.__class__.write,
                        ([close], {'state': 'undone'}), CloseError),
                    (close.__class__.delete, ([close],), CloseError),
                    (close.__class__.create, ([{
                                        'company': close.company.id,
                                        'period': close.period.id,
                                        'rank': 9,
                                        'state': 'done',
                                        }],), CloseError),
                    (Payslip.write,
                        ([payslip], {'rank': 2}), AccessError),
                    (Payslip.delete, ([payslip],), AccessError),
                    ]:
                with self.subTest(method=method), self.assertRaises(error):
                    method(*args)

    @with_transaction()
    def test_undo(self):
        "Only an accountant undoes a close"
        Close = Pool().get('cae.close')
        close = self.close_january()
        for group in ['adviser', 'manager']:
            with self.user(group), self.assertRaises(AccessButtonError):
                Close.undo([Close(close.id)])
        with self.user('accountant'):
            Close.undo([Close(close.id)])
        self.assertEqual(Close(close.id).state, 'undone')

    @with_transaction()
    def test_wizard(self):
        "Only an accountant closes a month"
        CloseMonth = Pool().get('cae.close_month', type='wizard')
        for group in ['adviser', 'manager']:
            with self.user(group), self.assertRaises(AccessError):
                CloseMonth.create()
        with self.user('accountant'):
            CloseMonth.create()

    @with_transaction()
    def test_wizard_of_other_company(self):
        "A client that sends the ids of another company is refused"
        cae = Cae()
        form = {'company': cae.company.id, 'period': cae.period(1).id}

        def preview(values):
            session, *_ = call('cae.close_month', 'create', kind='wizard')
            call('cae.close_month', 'execute', session, {'start': values},
                'preview', kind='wizard')

        with self.user('accountant', company='OTHER'):
            own = Cae('OTHER')
            for values in [
                    form, {**form, 'company': own.company.id},
                    {**form, 'period': own.period(1).id}]:
                with self.subTest(values=values), \
                        self.assertRaises(AccessError):
                    preview(values)
        with self.user('accountant'):
            preview(form)

    @with_transaction()
    def test_lines(self):
        "Those who see a contribution open the lines of its base"
        Contribution = Pool().get('cae.contribution')
        contribution, = self.close_january().contributions
        for group in ['adviser', 'accountant', 'manager']:
            with self.user(group):
                self.assertTrue(
                    Contribution.open_lines([Contribution(contribution.id)]))

    @with_transaction()
    def test_companies(self):
        "Nobody sees anything of a company that is not theirs"
        pool = Pool()
        self.close_january()
        for model in PEOPLE + RULES[:3] + BOOKED + PAY:
            Model = pool.get(model)
            with self.subTest(model=model):
                with self.user('accountant', company='OTHER'):
                    others = {r.id for r in Model.search([])}
                with self.user('accountant', company='COOP'):
                    own = {r.id for r in Model.search([])}
                self.assertTrue(own)
                self.assertFalse(own & others)
