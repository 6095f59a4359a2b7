# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The general ledger of an activity: its accounts and what moved on them."""
from sql import Literal
from sql.aggregate import Sum
from sql.conditionals import Case

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .activity_row import ActivityRowMixin
from .balance import context_date, year_start

# Greater than the number of accounts, for the ids
STEP = 2 ** 20


def _amount(label, help=''):
    return Monetary(
        label, currency='currency', digits='currency', help=help)


class ActivityAccount(ActivityRowMixin, ModelSQL, ModelView):
    __name__ = 'cae.activity.account'

    activity = fields.Many2One('cae.activity', "Activity", required=True)
    account = fields.Many2One('account.account', "Account", required=True)
    code = fields.Char("Code")
    name = fields.Char("Name")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    opening = _amount(
        "Opening",
        help="Before the days; for income and charges, of the fiscal year.")
    debit = _amount("Debit")
    credit = _amount("Credit")
    balance = _amount("Balance")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [('activity', 'ASC'), ('code', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        account = pool.get('account.account').__table__()
        activity = pool.get('cae.activity').__table__()
        fiscalyear = pool.get('account.fiscalyear').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        part = pool.get('analytic_account.line').__table__()
        period = pool.get('account.period').__table__()
        type_ = pool.get('account.account.type').__table__()
        context = Transaction().context
        end = context_date(
            'to_date' if context.get('to_date') else 'figures_date')
        if context.get('from_date'):
            start = context_date('from_date')
            before = move.date < start
            same_year = fiscalyear.end_date >= start
        else:
            before = fiscalyear.end_date < end
            same_year = Literal(False)
        opening = before & ((type_.statement != 'income') | same_year)
        inside = ~before

        def total(condition, amount):
            return cls.debit.sql_cast(
                Sum(Case((condition, amount), else_=0)))

        where = (move.state == 'posted') & (move.date <= end)
        activities = context.get('activities')
        if activities is not None:
            where &= fields.SQL_OPERATORS['in'](activity.id, activities)
        return (part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .join(line, condition=line.id == part.move_line)
            .join(move, condition=move.id == line.move)
            .join(period, condition=period.id == move.period)
            .join(fiscalyear, condition=fiscalyear.id == period.fiscalyear)
            .join(account, condition=account.id == line.account)
            .join(type_, condition=type_.id == account.type)
            .select(
                (activity.id * STEP + account.id).as_('id'),
                activity.id.as_('activity'), account.id.as_('account'),
                account.code.as_('code'), account.name.as_('name'),
                total(opening, part.debit - part.credit).as_('opening'),
                total(inside, part.debit).as_('debit'),
                total(inside, part.credit).as_('credit'),
                total(
                    opening | inside, part.debit - part.credit).as_('balance'),
                where=where,
                group_by=[activity.id, account.id, account.code, account.name],
                having=(Sum(Case((opening | inside, 1), else_=0)) > 0)))

    @classmethod
    def _activities_of(cls, ids):
        return list({i // STEP for i in ids})

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.account.rec_name}'

    def get_currency(self, name):
        return self.activity.company.currency.id

    def entries_domain(self):
        "Return the domain of the lines of the days"
        context = Transaction().context
        end = context_date(
            'to_date' if context.get('to_date') else 'figures_date')
        start = year_start(self.activity.company, end)
        if context.get('from_date'):
            start = context_date('from_date')
        return [
            ('activity', '=', self.activity.id),
            ('account', '=', self.account.id),
            ('date', '>=', start),
            ('date', '<=', end),
            ]
