# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Services that a co-operative of a group gives to another one.

Within a company the contribution is an entry, without any invoice; between
two of them it is a supply: an invoice of the one to the other, with VAT.
"""
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.sql.functions import DateRange
from trytond.sql.operators import RangeOverlap
from trytond.transaction import Transaction

from .exceptions import GroupContributionError, GroupContributionModifyError
from .rules.group_contribution import Terms, are_whole_months

# What does not change what is owed for the months that are invoiced
_OPEN = {
    'name', 'end_date', 'account', 'taxes', 'beneficiary_account',
    'beneficiary_taxes'}
_INVOICED = {
    'readonly': Bool(Eval('periods', [])),
    }


def _account(label, company, kind, help=''):
    return fields.Many2One(
        'account.account', label, required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval(company, -1)),
            (f'type.{kind}', '=', True),
            ('closed', '!=', True),
            ],
        help=help)


def _taxes(label, relation, company, kind):
    return fields.Many2Many(
        relation, 'contribution', 'tax', label,
        domain=[
            ('company', '=', Eval(company, -1)),
            ('parent', '=', None),
            ['OR', ('group', '=', None), ('group.kind', 'in', [kind, 'both'])],
            ])


class GroupContribution(ModelSQL, ModelView):
    __name__ = 'cae.group.contribution'

    name = fields.Char(
        "Services", required=True,
        help="What is given: the description of the lines of the invoices.")
    company = fields.Many2One(
        'company.company', "Provider", required=True, states=_INVOICED,
        help="The co-operative that gives the services, and invoices them.")
    beneficiary = fields.Many2One(
        'company.company', "Beneficiary", required=True, states=_INVOICED,
        domain=[
            ('id', '!=', Eval('company', -1)),
            ])
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    start_date = fields.Date(
        "Start Date", required=True, states=_INVOICED,
        help="The first day of a month.")
    end_date = fields.Date(
        "End Date",
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ],
        help="The last day of a month. Leave empty as long as it runs.")
    basis = fields.Selection([
            ('rate', "Rate of the Contributions"),
            ('monthly', "Amount per Month"),
            ], "Basis", required=True, sort=False, states=_INVOICED)
    rate = fields.Numeric(
        "Rate", digits=(None, 6),
        domain=['OR',
            ('rate', '=', None),
            [('rate', '>', 0), ('rate', '<=', 1)],
            ],
        states={
            'required': Eval('basis') == 'rate',
            'invisible': Eval('basis') != 'rate',
            **_INVOICED,
            },
        help="Of the contributions that the closes of the beneficiary book.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        domain=['OR',
            ('amount', '=', None),
            ('amount', '>', 0),
            ],
        states={
            'required': Eval('basis') == 'monthly',
            'invisible': Eval('basis') != 'monthly',
            **_INVOICED,
            },
        help="Per month, without taxes.")
    account = _account(
        "Revenue Account", 'company', 'revenue',
        help="Of the provider.")
    taxes = _taxes(
        "Taxes", 'cae.group.contribution-customer-account.tax', 'company',
        'sale')
    beneficiary_account = _account(
        "Expense Account", 'beneficiary', 'expense',
        help="Of the beneficiary.")
    beneficiary_taxes = _taxes(
        "Taxes of the Beneficiary",
        'cae.group.contribution-supplier-account.tax', 'beneficiary',
        'purchase')
    periods = fields.One2Many(
        'cae.group.contribution.period', 'contribution', "Invoiced",
        readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('start_date', 'DESC'), ('name', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_basis(cls):
        return 'rate'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        return (
            f'{self.name} – {self.company.rec_name} → '
            f'{self.beneficiary.rec_name}')

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('name', operator, value),
            ('company.rec_name', operator, value),
            ('beneficiary.rec_name', operator, value),
            ]

    @classmethod
    def validate_fields(cls, contributions, field_names):
        super().validate_fields(contributions, field_names)
        cls.check_terms(contributions, field_names)

    @classmethod
    def check_terms(cls, contributions, field_names=None):
        if field_names and not (field_names & {
                    'start_date', 'end_date', 'company', 'beneficiary'}):
            return
        for contribution in contributions:
            start, end = contribution.start_date, contribution.end_date
            if start.day != 1 or end and not are_whole_months(start, end):
                raise GroupContributionError(gettext(
                        'coop_cae.msg_group_contribution_months',
                        contribution=contribution.rec_name))
            invoiced = max(
                (p.end_date for p in contribution.periods), default=None)
            if end and invoiced and end < invoiced:
                lang = Pool().get('ir.lang').get()
                raise GroupContributionError(gettext(
                        'coop_cae.msg_group_contribution_end',
                        contribution=contribution.rec_name,
                        end=lang.strftime(invoiced)))
            if (contribution.company.currency
                    != contribution.beneficiary.currency):
                raise GroupContributionError(gettext(
                        'coop_cae.msg_group_contribution_currency',
                        contribution=contribution.rec_name))

    @classmethod
    def check_modification(
            cls, mode, contributions, values=None, external=False):
        super().check_modification(
            mode, contributions, values=values, external=external)
        if mode == 'create' or (
                mode == 'write' and values.keys() <= _OPEN | {'periods'}):
            return
        for contribution in contributions:
            if contribution.periods:
                raise GroupContributionModifyError(gettext(
                        'coop_cae.msg_group_contribution_invoiced',
                        contribution=contribution.rec_name))

    @property
    def terms(self):
        if self.basis == 'rate':
            return Terms(rate=self.rate)
        return Terms(monthly=self.amount)


class GroupContributionCustomerTax(ModelSQL):
    __name__ = 'cae.group.contribution-customer-account.tax'

    contribution = fields.Many2One(
        'cae.group.contribution', "Contribution", required=True,
        ondelete='CASCADE')
    tax = fields.Many2One(
        'account.tax', "Tax", required=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('contribution')


class GroupContributionSupplierTax(ModelSQL):
    __name__ = 'cae.group.contribution-supplier-account.tax'

    contribution = fields.Many2One(
        'cae.group.contribution', "Contribution", required=True,
        ondelete='CASCADE')
    tax = fields.Many2One(
        'account.tax', "Tax", required=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('contribution')


def _invoice(label):
    return fields.Many2One(
        'account.invoice', label, required=True, readonly=True,
        ondelete='RESTRICT')


class GroupContributionPeriod(ExclusionMixin, ModelSQL, ModelView):
    __name__ = 'cae.group.contribution.period'

    contribution = fields.Many2One(
        'cae.group.contribution', "Contribution", required=True,
        readonly=True, ondelete='RESTRICT')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    start_date = fields.Date("From", required=True, readonly=True)
    end_date = fields.Date("To", required=True, readonly=True)
    base = Monetary(
        "Contributions", currency='currency', digits='currency',
        readonly=True,
        help="What the beneficiary had booked since the start date, when the "
        "invoices were made; kept as evidence.")
    invoice = _invoice("Invoice of the Provider")
    supplier_invoice = _invoice("Invoice at the Beneficiary")
    amount = fields.Function(Monetary(
            "Amount", currency='currency', digits='currency',
            help="Without taxes."),
        'get_amount')
    state = fields.Function(
        fields.Char("State of the Invoices"), 'get_state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('contribution')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('invoiced_once', Exclude(table,
                    (table.contribution, Equal),
                    (DateRange(table.start_date, table.end_date, '[]'),
                        RangeOverlap)),
                'coop_cae.msg_group_contribution_once'))
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]

    @fields.depends('contribution', '_parent_contribution.company')
    def on_change_with_currency(self, name=None):
        if self.contribution and self.contribution.company:
            return self.contribution.company.currency

    def get_amount(self, name):
        return self.invoice.untaxed_amount

    @classmethod
    def get_state(cls, periods, name):
        Invoice = Pool().get('account.invoice')
        labels = dict(Invoice.fields_get(['state'])['state']['selection'])
        return {
            p.id: ' / '.join(dict.fromkeys(
                    labels[i.state]
                    for i in [p.invoice, p.supplier_invoice]))
            for p in periods}

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return (
            f'{self.contribution.rec_name} '
            f'({lang.strftime(self.start_date)} – '
            f'{lang.strftime(self.end_date)})')

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('contribution.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, periods, values=None, external=False):
        super().check_modification(
            mode, periods, values=values, external=external)
        if mode == 'write' or mode == 'create' and external:
            raise GroupContributionModifyError(gettext(
                    'coop_cae.msg_group_contribution_period'))
        if mode == 'delete':
            for period in periods:
                period._check_undone()

    def _check_undone(self):
        """Only the last months are taken back, as long as nothing is posted

        What is validated is not deleted: it would be invoiced twice."""
        states = {self.invoice.state, self.supplier_invoice.state}
        if not states <= {'draft', 'cancelled'} or any(
                p.start_date > self.start_date
                for p in self.contribution.periods):
            raise GroupContributionModifyError(gettext(
                    'coop_cae.msg_group_contribution_posted',
                    period=self.rec_name))

    @classmethod
    def on_delete(cls, periods):
        Invoice = Pool().get('account.invoice')
        callbacks = super().on_delete(periods)
        # One that was cancelled could become a draft again
        unposted = [
            i.id for p in periods for i in [p.invoice, p.supplier_invoice]
            if not i.number]
        if unposted:
            callbacks.append(lambda: Invoice.delete(Invoice.browse(unposted)))
        return callbacks
