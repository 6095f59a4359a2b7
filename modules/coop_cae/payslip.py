# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, Workflow, fields
from trytond.modules.coop_cae.rules.pay_entry import Pay, net_expected
from trytond.modules.coop_ledger.fixed_field import owners
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from .exceptions import PayslipModifyError, PayslipValidationError
from .fault import Fault

SETTINGS = [
    'pay_journal', 'gross_account', 'employer_account', 'wage_account',
    'social_account', 'tax_account']
AMOUNTS = [
    'gross', 'employee_contributions', 'income_tax',
    'employer_contributions', 'net']


def _amount(label, help=''):
    return Monetary(
        label, currency='currency', digits='currency', required=True,
        states={
            'readonly': Eval('state') != 'draft',
            }, help=help)


class Payslip(Workflow, ModelSQL, ModelView):
    __name__ = 'cae.payslip'

    _states = {
        'readonly': Eval('state') != 'draft',
        }
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_states)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    period = fields.Many2One(
        'account.period', "Period", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ],
        states=_states)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states=_states)
    rank = fields.Integer(
        "Rank", required=True, states=_states,
        domain=[('rank', '>=', 1)],
        help="1 for the first payslip of the person, the month and the "
        "activities, 2 for a second one…")
    gross = _amount("Gross Pay")
    employee_contributions = _amount("Employee Contributions")
    income_tax = _amount("Income Tax Withheld")
    employer_contributions = _amount("Employer Contributions")
    net = _amount(
        "Net",
        help="What is left to pay before anything is kept back for shares.")
    activities = fields.One2Many(
        'cae.payslip.activity', 'payslip', "Activities", states=_states)
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ], "State", required=True, readonly=True, sort=False)
    close = fields.Many2One(
        'cae.close', "Close", readonly=True, ondelete='RESTRICT')
    move = fields.Function(fields.Many2One(
            'account.move', "Move",
            states={
                'invisible': ~Eval('move'),
                }),
        'get_move')
    withheld = fields.Function(Monetary(
            "Kept Back for Shares", currency='currency', digits='currency',
            help="In the month, from all the payslips of the person."),
        'get_withheld')

    del _states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._order = [
            ('period', 'DESC'), ('entrepreneur', 'ASC'), ('id', 'ASC')]
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.period, Index.Range())),
                Index(table, (table.entrepreneur, Index.Range())),
                Index(table, (table.company, Index.Range()),
                    where=table.state == 'draft'),
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_rank(cls):
        return 1

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('gross', 'employee_contributions', 'income_tax')
    def on_change_with_net(self):
        amounts = [self.gross, self.employee_contributions, self.income_tax]
        if None not in amounts:
            gross, contributions, tax = amounts
            return gross - contributions - tax

    @classmethod
    def get_move(cls, payslips, name):
        "Return the entry in force: the last one made, unless it was undone"
        Move = Pool().get('account.move')
        moves = dict.fromkeys(map(int, payslips))
        posted = {str(p): p.id for p in payslips if p.state == 'posted'}
        for move in Move.search([
                    ('origin', 'in', list(posted)),
                    ], order=[('id', 'ASC')]):
            moves[posted[str(move.origin)]] = move.id
        return moves

    @classmethod
    def get_withheld(cls, payslips, name):
        Withholding = Pool().get('coop.share.withholding')
        months = defaultdict(Decimal)
        parties = [p.entrepreneur.party.id for p in payslips]
        for withholding in Withholding.search([
                    ('party', 'in', parties),
                    ('month', 'in', list({
                                p.period.start_date for p in payslips})),
                    ('state', '=', 'posted'),
                    ], order=[]):
            months[
                withholding.company.id, withholding.party.id,
                withholding.month] += withholding.amount
        return {
            p.id: months[
                p.company.id, p.entrepreneur.party.id, p.period.start_date]
            for p in payslips}

    def get_rec_name(self, name):
        return f'{self.entrepreneur.rec_name} – {self.period.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('entrepreneur.rec_name', operator, value),
            ('period.rec_name', operator, value),
            ]

    @classmethod
    def copy(cls, payslips, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        default.setdefault('close')
        return super().copy(payslips, default=default)

    @classmethod
    def validate_fields(cls, payslips, field_names):
        super().validate_fields(payslips, field_names)
        cls.check_amounts(payslips, field_names)
        cls.check_activities(payslips, field_names)

    @classmethod
    def check_amounts(cls, payslips, field_names=None):
        if field_names and not (field_names & set(AMOUNTS)):
            return
        lang = Pool().get('ir.lang').get()
        for payslip in payslips:
            if payslip.gross < 0:
                raise PayslipValidationError(gettext(
                        'coop_cae.msg_payslip_negative_gross',
                        payslip=payslip.rec_name,
                        gross=lang.currency(payslip.gross, payslip.currency)))
            expected = net_expected(payslip.pay)
            if payslip.net != expected:
                raise PayslipValidationError(gettext(
                        'coop_cae.msg_payslip_net',
                        payslip=payslip.rec_name,
                        net=lang.currency(payslip.net, payslip.currency),
                        expected=lang.currency(expected, payslip.currency)))

    @classmethod
    def check_activities(cls, payslips, field_names=None):
        if field_names and not (
                field_names & {'entrepreneur', 'activities'}):
            return
        for payslip in payslips:
            if not payslip.activities:
                raise PayslipValidationError(gettext(
                        'coop_cae.msg_payslip_without_activity',
                        payslip=payslip.rec_name))
            own = set(payslip.entrepreneur.activities)
            for line in payslip.activities:
                if line.activity not in own:
                    raise PayslipValidationError(gettext(
                            'coop_cae.msg_payslip_foreign_activity',
                            payslip=payslip.rec_name,
                            activity=line.activity.rec_name))

    @classmethod
    def check_modification(cls, mode, payslips, values=None, external=False):
        super().check_modification(
            mode, payslips, values=values, external=external)
        if mode == 'create' or (
                mode == 'write'
                and values.keys() <= {'state', 'close'}
                and not external):
            return
        for payslip in payslips:
            if payslip.state == 'posted':
                raise PayslipModifyError(gettext(
                        'coop_cae.msg_payslip_modify',
                        payslip=payslip.rec_name))

    @property
    def pay(self):
        return Pay(*(getattr(self, name) for name in AMOUNTS))

    @classmethod
    def plan(cls, company, period):
        """Return the payslips to post up to the period and their faults"""
        payslips = cls.search([
                ('company', '=', company.id),
                ('state', '=', 'draft'),
                ('period.end_date', '<=', period.end_date),
                ], order=[('entrepreneur.code', 'ASC'), ('id', 'ASC')])
        return [(p, p._fault()) for p in payslips]

    def _fault(self):
        if self.lacks_contract:
            return Fault.of(
                self, 'coop_cae.msg_fault_no_contract',
                entrepreneur=self.entrepreneur.rec_name,
                period=self.period.rec_name)

    @property
    def lacks_contract(self):
        "Whether no CESA of the person covers a day of the month"
        period = self.period
        return not any(
            c.covers(period.start_date, period.end_date)
            for c in self.entrepreneur.contracts if c.type == 'cesa')


class PayslipActivity(ModelSQL, ModelView):
    __name__ = 'cae.payslip.activity'

    payslip = fields.Many2One(
        'cae.payslip', "Payslip", required=True, ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    ratio = fields.Numeric(
        "Share", digits=(None, 6), required=True,
        domain=[
            ('ratio', '>', 0),
            ('ratio', '<=', 1),
            ],
        help="The shares of the activities are taken in proportion.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('payslip')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('activity_unique', Unique(table, table.payslip, table.activity),
                'coop_cae.msg_payslip_activity_unique'))

    @classmethod
    def default_ratio(cls):
        return Decimal(1)

    @fields.depends('payslip', '_parent_payslip.company')
    def on_change_with_company(self, name=None):
        return self.payslip.company if self.payslip else None

    @classmethod
    def search_company(cls, name, clause):
        return [('payslip.' + clause[0], *clause[1:])]

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        Payslip = Pool().get('cae.payslip')
        super().check_modification(
            mode, lines, values=values, external=external)
        Payslip.check_modification(
            'write', owners(lines, 'payslip', values),
            values={'activities': None}, external=external)

    def get_rec_name(self, name):
        return self.activity.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('activity.rec_name', *clause[1:])]
