# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What posted records say of the records that they lean on stays so, whoever
writes them over RPC."""
import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

from trytond.exceptions import TrytonException
from trytond.model import ModelSQL, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.check import text
from trytond.modules.coop_cae.exceptions import RuleModifyError
from trytond.modules.coop_cae.report import REPORTS, table
from trytond.modules.coop_cae.tests.sealed_books import TRACES, BooksTestCase
from trytond.modules.coop_cae.tests.tools import Cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.exceptions import CommitmentError
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

D = Decimal
DATE = dt.date(2024, 2, 29)
STANDARD = [
    'account.account', 'account.account.type', 'account.fiscalyear',
    'account.journal', 'account.move', 'account.move.line',
    'account.move.reconciliation', 'account.period',
    'analytic_account.account', 'analytic_account.line', 'company.company',
    'currency.currency', 'ir.sequence.strict', 'party.party']
# What the law publishes, which decisions keep a copy of
RATES = {'coop.bond_yield', 'coop.share.levy'}
# What may change afterwards, and why
ALLOWED = {
    "How it is called; documents that are sent keep what they said": {
        'account.account': 'name note',
        'account.account.type': 'name sequence template template_override',
        'account.fiscalyear': 'name',
        'account.journal': 'name matching_sequence',
        'account.period': 'name',
        'analytic_account.account': 'name note',
        'cae.activity': 'name naf site',
        'cae.adviser': 'code name',
        'cae.contract.clause': 'text',
        'cae.contribution.base': 'name',
        'cae.contribution.rule': 'name decision',
        'cae.home': 'action group sequence',
        'cae.site': 'code name',
        'company.company': 'footer header logo timezone trade_register',
        'coop.member': 'admission_decision',
        'coop.member.category': 'code name',
        'coop.share.class': 'name',
        'coop.share.commitment': 'consent_reference',
        'currency.currency': 'name symbol',
        'ir.sequence.strict': 'name',
        'party.party':
        'name lang fax mobile phone website code_alnum code_digit email sip '
        'skype irc jabber full_name',
        },
    "Whether it is offered for what is to come": {
        'account.account': 'closed start_date end_date replaced_by',
        'account.journal': 'active',
        'analytic_account.account': 'active state',
        'cae.adviser': 'active', 'cae.benefit': 'active',
        'cae.contract.clause': 'active', 'cae.contribution.base': 'active',
        'cae.exit_reason': 'active', 'cae.prescriber': 'active',
        'cae.prior_status': 'active', 'cae.site': 'active',
        'coop.member.category': 'active', 'coop.share.class': 'active',
        'currency.currency': 'active', 'ir.sequence.strict': 'active',
        'party.party': 'active replaced_by',
        },
    "How later entries are made; those of now have what they had": {
        'account.account':
        'credit_type debit_type general_ledger_balance party_required '
        'reconcile second_currency template template_override',
        'cae.configuration':
        'accrued_contributions_account accrued_pay_account alert_days '
        'contribution_journal entrepreneur_sequence leave_account '
        'leave_contributions_account leave_provision_account pay_journal '
        'share_rate social_account tax_account wage_account waiver_account',
        'company.company':
        'cancel_invoice_out purchase_taxes_expense legal_form',
        'coop.share.class': 'least_shares most_shares',
        'coop.share.configuration':
        'conversion deficit_account employees_account highest_before '
        'interest_account journal legal_form legal_reserve_account '
        'levy_account loss_account loss_formula minimum_capital notice_days '
        'of_highest paying_up paying_up_years profit_account '
        'receivable_account '
        'refund_account refund_years revaluation_account share_class statute '
        'statutory_capital statutory_reserve_account subscription_account '
        'uncalled_account wage_account',
        'ir.sequence.strict':
        'last_timestamp timestamp_offset timestamp_rounding',
        'party.party':
        'account_payable account_receivable customer_payment_term '
        'customer_tax_rule supplier_payment_term supplier_tax_rule',
        },
    "The type that an import guessed, as long as its years are open": {
        'account.account': 'type',
        'account.account.type':
        'parent assets receivable stock payable debt revenue expense',
        },
    "What comes after posting: letters, dates of payment, the meeting": {
        'account.fiscalyear': 'general_meeting',
        'account.move.line': 'analytic_state invoice_payment maturity_date',
        },
    "Told late, and caught up by the next close as a late entry is": {
        'cae.activity': 'start_date end_date',
        },
    "Facts of a contract that came or were entered after it was signed": {
        'cae.contract':
        'end_date exit_date exit_reason exit_told_on urssaf_told_on '
        'registered_on registry_notified_on '
        'france_travail_told_on',
        },
    "Of a contract that is taken over: the paper tells": {
        'cae.contract':
        'commitment_cap fixed_part objective_amount objective_period '
        'signed_on trial_end_date variable_formula working_time',
        },
    "About a person; figures count them as they are known": {
        'cae.adviser': 'user',
        'cae.entrepreneur':
        'adviser birth_date entry_date gender prior_status site user',
        'cae.exit_reason': 'moved',
        'coop.member': 'interest_in_shares levy_exempt prepayment_waiver_date',
        'coop.member.category': 'college kind',
        'coop.member.classification': 'start_date college category',
        },
    "Ends on a day that nothing posted is after": {
        'cae.contribution.rule': 'end_date',
        'coop.member': 'exit_date',
        'coop.share.commitment': 'end_date',
        },
    }
# Labels that a printed list shows of them
LABELS = {('account.period', 'name')}
MAY_CHANGE = {
    (model, name) for models in ALLOWED.values()
    for model, names in models.items() for name in names.split()}


class FixedFieldsTestCase(BooksTestCase):

    def figures(self):
        "Return all that is printed and reckoned of the months closed"
        return {
            name: table(name, [self.cae.company], DATE) for name in REPORTS}

    def picks(self):
        "Return a record of each model that posted ones lean on"
        cae = self.cae
        person = cae.person('E1')
        picks = {
            'account.account': cae.account('421'),
            'account.account.type': cae.account('421').type,
            'account.journal': cae.setting('pay_journal'),
            'account.period': cae.period(1),
            'account.fiscalyear': cae.period(1).fiscalyear,
            'analytic_account.account': cae.analytic('A1'),
            'party.party': person.party,
            'cae.entrepreneur': person,
            'cae.activity': cae.activity('A1'),
            'company.company': cae.company,
            'currency.currency': cae.company.currency,
            'ir.sequence.strict': cae.period(1).move_sequence_used,
            }
        for name, Model in Pool().iterobject():
            if (name in picks or not issubclass(Model, ModelSQL)
                    or Model._is_table_query()
                    or 'write' not in Model.__rpc__):
                continue
            if not name.startswith(('cae.', 'coop.')) and name not in STANDARD:
                continue
            if name in RATES:
                continue
            domain = []
            if 'company' in Model._fields:
                domain = [('company', '=', cae.company.id)]
            if found := Model.search(domain, order=[('id', 'ASC')], limit=1):
                picks[name] = found[0]
        return picks

    @contextmanager
    def somebody(self, *groups):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        company = self.cae.company
        user = User(
            name="Somebody", login=f'somebody {len(User.search([]))}',
            companies=[company], company=company,
            groups=[ModelData.get_id(*g.split('.')) for g in groups])
        user.save()
        with Transaction().set_user(user.id), Transaction().set_context(
                company=company.id, companies=[company.id]):
            yield

    def accepted(self, picks, figures=None):
        """Return the fields that somebody may write, after each of which the
        figures are the same, if they are given"""
        Access = Pool().get('ir.model.access')
        accepted = set()
        for name, record in sorted(picks.items()):
            if not Access.get_access([name])[name]['write']:
                continue
            for field_name, field in type(record)._fields.items():
                if (field_name in TRACES or isinstance(
                            field, (fields.One2Many, fields.Many2Many))
                        or isinstance(field, fields.Function)
                        and not field.setter):
                    continue
                values = {self.other(record, field_name)}
                if not field.required:
                    values.add(None)
                old = getattr(record, field_name)
                for value in values - {getattr(old, 'id', old)}:
                    if self.is_taken(name, record, field_name, value, figures):
                        accepted.add((name, field_name))
        return accepted

    def is_taken(self, name, record, field_name, value, figures):
        with savepoint() as point:
            point.undo = True
            try:
                call(name, 'write', [record.id], {field_name: value},
                    _skip_warnings=True)
            except (TrytonException, NotImplementedError):
                return False
            if figures and (name, field_name) not in LABELS:
                with self.subTest(name, field=field_name, value=value), \
                        Transaction().set_user(1):
                    self.assertEqual(self.figures(), figures)
            return True

    @with_transaction()
    def test_every_field(self):
        "What may be written is told, and changes no figure"
        self.post_books()
        with self.cae.context():
            figures = self.figures()
            self.assertFalse(figures['check'][1])
            picks = self.picks()
            with self.anybody():
                accepted = self.accepted(picks, figures)
            self.assertEqual(accepted - MAY_CHANGE, set())
            self.assertGreater(len(accepted), 150)
            for name in ['adviser', 'accountant', 'manager']:
                with self.subTest(name), self.somebody(
                        f'coop_cae.group_cae_{name}'):
                    self.assertEqual(
                        self.accepted(picks) - MAY_CHANGE, set())

    def assertRefused(self, name, record, values, method='write'):
        with self.subTest(name, values=values), savepoint() as point:
            point.undo = True
            with self.assertRaises(AccessError) as caught:
                call(name, method, [record.id], *(
                        [values] if method == 'write' else []),
                    _skip_warnings=True)
            self.assertNotIn('msg_', str(caught.exception))

    def assertTaken(self, name, record, values):
        with self.subTest(name, values=values), savepoint() as point:
            point.undo = True
            call(name, 'write', [record.id], values, _skip_warnings=True)

    @with_transaction()
    def test_person(self):
        "Posted pay stays that of its person, for advisers and accountants too"
        self.post_books()
        cae = self.cae
        person, other = cae.person('E1'), cae.party()
        groups = [
            ['coop_cae.group_cae_adviser'], ['coop_cae.group_cae_accountant']]
        with cae.context():
            for names in groups:
                with self.somebody(*names):
                    self.assertRefused(
                        'cae.entrepreneur', person, {'party': other.id})
                    self.assertRefused(
                        'cae.entrepreneur', person, {'code': 'E9'})
                    self.assertTaken(
                        'cae.entrepreneur', person, {'gender': 'M'})
            with self.anybody():
                company = Cae('OTHER').company.id
                self.assertRefused(
                    'cae.entrepreneur', person, {'company': company})
                # Several at once, one of which is fixed
                free = cae.person('E2')
                with self.assertRaises(AccessError):
                    call('cae.entrepreneur', 'write', [free.id], {
                            'birth_date': None},
                        [person.id], {'party': other.id})
                self.assertRefused(
                    'party.party', person.party, {'code': 'E9'})

    @with_transaction()
    def test_activity(self):
        self.post_books()
        cae = self.cae
        activity = cae.activity('A1')
        link, = activity.entrepreneurs
        with cae.context(), self.anybody():
            self.assertRefused('cae.activity', activity, {'code': 'A9'})
            self.assertRefused('cae.activity', activity, {
                    'analytic_account': cae.analytic('A2').id})
            self.assertRefused('cae.activity.entrepreneur', link, {
                    'entrepreneur': cae.person('E2').id})
            self.assertTaken('cae.activity', activity, {'name': "Other"})

    @with_transaction()
    def test_contract(self):
        self.post_books()
        cae = self.cae
        contract, = cae.person('E1').contracts
        with cae.context(), self.anybody():
            for values in [
                    {'entrepreneur': cae.person('E2').id}, {'type': 'cape'},
                    {'start_date': dt.date(2023, 1, 4)}]:
                self.assertRefused('cae.contract', contract, values)
            self.assertRefused('cae.contract', contract, None, 'delete')
            # What would leave posted pay without a contract, or open it again
            for values in [
                    {'exit_date': dt.date(2023, 12, 31)},
                    {'end_date': dt.date(2023, 12, 31)},
                    {'signature': 'draft'}]:
                self.assertRefused('cae.contract', contract, values)
            self.assertTaken('cae.contract', contract, {
                    'exit_date': dt.date(2024, 1, 15)})

    @with_transaction()
    def test_terms_of_closes(self):
        "What closes have reckoned by stays; what is new is told from a date"
        self.post_books()
        pool = Pool()
        Base = pool.get('cae.contribution.base')
        Contribution = pool.get('cae.contribution')
        Exemption = pool.get('cae.contribution.exemption')
        cae = self.cae
        activity = cae.activity('A1')
        rule = Contribution.search([
                ('activity', '=', activity.id)], limit=1)[0].rule
        unused, = Base.search([
                ('company', '=', cae.company.id),
                ('id', '!=', rule.base.id)], limit=1)
        exemption = Exemption(
            company=cae.company, activity=activity, reason="Decided",
            start_date=dt.date(2024, 1, 1))
        exemption.save()
        with cae.context(), self.anybody():
            self.assertRefused('cae.contribution.base', rule.base, {
                    'kind': unused.kind})
            self.assertRefused('cae.contribution.base', rule.base, {
                    'accounts': [('create', [{'prefix': '75'}])]})
            self.assertRefused(
                'cae.contribution.base.account', rule.base.accounts[0],
                {'prefix': '75'})
            self.assertRefused(
                'cae.contribution.base.account', rule.base.accounts[0], None,
                'delete')
            self.assertRefused(
                'cae.contribution.base.account', unused.accounts[0],
                {'base': rule.base.id})
            self.assertTaken(
                'cae.contribution.base.account', unused.accounts[0],
                {'prefix': '75'})
            self.assertRefused('cae.contribution.exemption', exemption, {
                    'activity': cae.activity('A2').id})
            self.assertRefused(
                'cae.contribution.exemption', exemption, None, 'delete')
            self.assertTaken('cae.contribution.exemption', exemption, {
                    'end_date': dt.date(2024, 12, 31)})
            self.assertTaken('cae.contribution.rule', rule, {
                    'end_date': dt.date(2024, 12, 31)})
            with self.assertRaises(RuleModifyError):
                call('cae.contribution.rule', 'write', [rule.id], {
                        'end_date': dt.date(2024, 1, 15)})
            for name in ['contribution_account', 'structure_account']:
                setting = cae.setting(name)
                with self.assertRaises(AccessError):
                    call('cae.configuration', 'write', [1], {
                            name: self.alike(setting)})

    def alike(self, record):
        return Pool().get(record.__name__).search([
                ('id', '!=', record.id), *self._like(record, record),
                ], limit=1)[0].id

    @with_transaction()
    def test_lines_of_posted(self):
        "Nothing is moved to, or made for, a posted payslip"
        self.post_books()
        cae = self.cae
        Payslip = Pool().get('cae.payslip')
        posted, = Payslip.search([
                ('company', '=', cae.company.id), ('state', '=', 'posted')])
        draft = cae.payslip('E1', 3, '100.00', activities=['A2'])
        with cae.context(), self.anybody():
            self.assertRefused(
                'cae.payslip.activity', draft.activities[0],
                {'payslip': posted.id})
            with self.assertRaises(AccessError):
                call('cae.payslip.activity', 'create', [{
                            'payslip': posted.id, 'ratio': D(1),
                            'activity': cae.activity('A2').id}])

    @with_transaction()
    def test_member(self):
        self.post_books()
        pool = Pool()
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        cae = self.cae
        member, = Member.search([('company', '=', cae.company.id)])
        admission = {'admission_date': dt.date(2023, 6, 2)}
        with cae.context():
            with self.anybody():
                self.assertRefused('coop.member', member, admission)
                self.assertRefused('coop.share.configuration', Pool().get(
                        'coop.share.configuration')(1), {
                            'savings_account': self.alike(
                                cae.account('4564'))})
                commitment, = Pool().get('coop.share.commitment').search([
                        ('party', '=', member.party.id)])
                with self.assertRaises(CommitmentError):
                    call('coop.share.commitment', 'write', [commitment.id], {
                            'end_date': dt.date(2023, 12, 31)})
            # As long as no movement stands, it is mended
            Movement.reverse([
                    m for m in member.movements if not m.reversal_of])
            with self.anybody():
                self.assertTaken('coop.member', member, admission)

    @with_transaction()
    def test_fiscal_year(self):
        self.post_books()
        cae = self.cae
        year = cae.period(1).fiscalyear
        longer = {'end_date': dt.date(2025, 3, 31)}
        with cae.context():
            with self.anybody():
                # The contributions count the days of the year
                self.assertRefused('account.fiscalyear', year, longer)
            Close = Pool().get('cae.close')
            Close.undo(Close.search([('company', '=', cae.company.id)]))
            with self.anybody():
                self.assertTaken('account.fiscalyear', year, longer)
                for values in [
                        {'end_date': dt.date(2024, 12, 30)},
                        {'start_date': dt.date(2024, 1, 2)}]:
                    self.assertRefused('account.fiscalyear', year, values)
            Pool().get('account.period').close([cae.period(1)])
            with self.anybody():
                self.assertRefused('account.fiscalyear', year, longer)

    @with_transaction()
    def test_account_type(self):
        "The type that was guessed is mended until a period is closed"
        self.post_books()
        cae = self.cae
        account = cae.account('706')
        of_income = {'type': cae.account('6411').type.id}
        of_balance = {'type': cae.account('421').type.id}
        with cae.context():
            with self.anybody():
                self.assertTaken('account.account', account, of_income)
                self.assertRefused('account.account', account, of_balance)
                self.assertRefused(
                    'account.account', account,
                    {'parent': cae.account('421').parent.id})
            Pool().get('account.period').close([cae.period(1)])
            with self.anybody():
                self.assertRefused('account.account', account, of_income)
                self.assertTaken('account.account', account, {'name': "X"})

    @with_transaction()
    def test_check(self):
        "What two posted records say of the same person is compared"
        self.post_books()
        cae = self.cae
        table = Pool().get('cae.entrepreneur').__table__()
        with cae.context():
            self.assertFalse(cae.discrepancies())
            # As somebody with access to the database itself
            Transaction().connection.cursor().execute(*table.update(
                    [table.party], [cae.party().id],
                    where=table.id == cae.person('E1').id))
            Transaction().cache.clear()
            self.assertEqual(
                {d.check for d in cae.discrepancies()},
                {'payslip_party', 'withholding_party'})
            for discrepancy in cae.discrepancies():
                self.assertTrue(text(discrepancy))
