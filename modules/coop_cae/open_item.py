# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What customers owe to an activity and what it owes to suppliers, by age."""
from bisect import bisect_left

from sql import Null
from sql.aggregate import Max, Min, Sum
from sql.conditionals import Case, Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.chart import CUSTOMERS, SUPPLIERS
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .activity_row import ActivityRowMixin
from .balance import account_is_of, context_date
from .confinement import is_entrepreneur, list_is_entrepreneur

AGES = ['not_due', 'late_30', 'late_60', 'late_90', 'late_more']
# The last days late of each age but the last one
LIMITS = [0, 30, 60, 90]


def _amount(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_age')


class OpenItem(ActivityRowMixin, ModelSQL, ModelView):
    """An invoice that is not paid in full, or a line of the ledger that is not
    reconciled"""
    __name__ = 'cae.activity.open_item'

    activity = fields.Many2One('cae.activity', "Activity", required=True)
    kind = fields.Selection([
            ('customer', "Customer"),
            ('supplier', "Supplier"),
            ], "Kind", sort=False, required=True)
    party = fields.Many2One('party.party', "Party")
    party_name = fields.Char(
        "Party", states={'invisible': ~is_entrepreneur},
        help="For those who do not see the parties.")
    invoice = fields.Many2One('account.invoice', "Invoice")
    number = fields.Char("Number", help="Of the invoice, or of the move.")
    move = fields.Many2One('account.move', "Move", required=True)
    date = fields.Date("Date", required=True)
    maturity_date = fields.Date("Due Date", required=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        help="What is left to collect from the customer, or to pay to the "
        "supplier, for the activity.")
    late = fields.Function(fields.Integer(
            "Days Late", help="At the date shown."), 'get_late')
    not_due = _amount("Not Due")
    late_30 = _amount("1 to 30 Days")
    late_60 = _amount("31 to 60 Days")
    late_90 = _amount("61 to 90 Days")
    late_more = _amount("Over 90 Days")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [
            ('activity', 'ASC'), ('kind', 'ASC'), ('maturity_date', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        """The lines of customers and suppliers that are open at the date,
        those of an invoice with what paid it in part"""
        pool = Pool()
        account = pool.get('account.account').__table__()
        activity = pool.get('cae.activity').__table__()
        invoice = pool.get('account.invoice').__table__()
        paid = pool.get('account.invoice').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        part = pool.get('analytic_account.line').__table__()
        party = pool.get('party.party').__table__()
        payment = pool.get('account.invoice-account.move.line').__table__()
        reconciliation = pool.get('account.move.reconciliation').__table__()
        date = context_date('figures_date')
        customer = account_is_of(account, CUSTOMERS)
        balance = part.debit - part.credit
        # Aliases, as PostgreSQL does not know that equal parameters are
        kind = Case((customer, 'customer'), else_='supplier').as_('kind')
        where = (
            (customer | account_is_of(account, SUPPLIERS))
            & (move.state == 'posted') & (move.date <= date)
            & ((line.reconciliation == Null) | (reconciliation.date > date)))
        activities = Transaction().context.get('activities')
        if activities is not None:
            where &= fields.SQL_OPERATORS['in'](activity.id, activities)

        def first(column):
            "Of what is owed rather than of what paid it"
            return Coalesce(
                Min(Case((payment.id == Null, column), else_=Null)),
                Min(column))

        amount = Sum(Case((customer, balance), else_=-balance))
        return (part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .join(line, condition=line.id == part.move_line)
            .join(move, condition=move.id == line.move)
            .join(account, condition=account.id == line.account)
            .join(reconciliation, 'LEFT',
                condition=reconciliation.id == line.reconciliation)
            .join(invoice, 'LEFT', condition=(invoice.move == move.id)
                & (invoice.account == line.account))
            .join(payment, 'LEFT', condition=payment.line == line.id)
            .join(paid, 'LEFT', condition=paid.id == payment.invoice)
            .join(party, 'LEFT', condition=party.id == line.party)
            .select(
                Min(part.id).as_('id'),
                activity.id.as_('activity'), kind,
                line.party.as_('party'),
                Min(party.name).as_('party_name'),
                Max(Coalesce(invoice.id, payment.invoice)).as_('invoice'),
                Coalesce(
                    Max(Coalesce(invoice.number, paid.number)),
                    Min(move.number)).as_('number'),
                first(move.id).as_('move'),
                cls.date.sql_cast(first(move.date)).as_('date'),
                cls.maturity_date.sql_cast(first(
                        Coalesce(line.maturity_date, move.date))).as_(
                    'maturity_date'),
                cls.amount.sql_cast(amount).as_('amount'),
                where=where,
                group_by=[
                    activity.id, kind, line.party,
                    Coalesce(invoice.id, payment.invoice, -line.id)],
                having=amount != 0))

    @classmethod
    def _activities_of(cls, ids):
        pool = Pool()
        activity = pool.get('cae.activity').__table__()
        part = pool.get('analytic_account.line').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .select(activity.id,
                where=fields.SQL_OPERATORS['in'](part.id, ids),
                group_by=activity.id))
        return [id_ for id_, in cursor]

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.party_name or ""}'

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree//field[@name="party_name"]', 'tree_invisible',
                ~list_is_entrepreneur),
            ]

    def get_currency(self, name):
        return self.activity.company.currency.id

    def get_late(self, name):
        return max(
            (context_date('figures_date') - self.maturity_date).days, 0)

    @classmethod
    def get_age(cls, items, names):
        values = {name: {} for name in names}
        for item in items:
            age = AGES[bisect_left(LIMITS, item.late)]
            for name in names:
                values[name][item.id] = item.amount if name == age else None
        return values
