# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The months of an activity, side by side, read from the ledger."""
import datetime
from collections import defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sql import Literal, Select, Union

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.statement import income_statement, treasury
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .balance import context_date, margin_accounts, read_balances

A_MONTH = relativedelta(months=1)
# What is shown when the context does not tell
MONTHS = 24
# Greater than the number of months of the numbering, for the ids
STEP = 4096


def month_number(date):
    "Return the months from January 1900 to that of a date"
    return (date.year - 1900) * 12 + date.month - 1


def month_start(number):
    year, month = divmod(number, 12)
    return datetime.date(year + 1900, month + 1, 1)


def context_months():
    """Return the numbers of the months of the context: those of its dates, or
    the last ones up to its date"""
    context = Transaction().context
    end = context_date('to_date' if context.get('to_date') else 'figures_date')
    last = month_number(end)
    first = last - MONTHS + 1
    if context.get('from_date'):
        first = month_number(context_date('from_date'))
    return range(first, last + 1)


def _amount(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_amounts')


class ActivityMonth(ModelSQL, ModelView):
    __name__ = 'cae.activity.month'

    activity = fields.Many2One('cae.activity', "Activity", required=True)
    month = fields.Date("Month", required=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    turnover = _amount("Turnover")
    purchases = _amount("Purchases")
    gross_margin = _amount("Gross Margin")
    contribution = _amount("Contribution")
    other = _amount("Other Income and Charges")
    available = _amount("Available for Pay")
    gross_pay = _amount("Gross Pay")
    employer_contributions = _amount("Employer Contributions")
    result = _amount("Result")
    cash = _amount("Cash", help="At the end of the month.")
    treasury = _amount("Treasury", help="At the end of the month.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [
            ('activity', 'ASC'), ('month', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        activity = Pool().get('cae.activity').__table__()
        numbers = context_months()
        month = Union(*(
                Select([
                        Literal(number).as_('number'),
                        cls.month.sql_cast(
                            Literal(month_start(number))).as_('month')])
                for number in numbers), all_=True)
        return (activity
            .join(month, condition=Literal(True))
            .select(
                (activity.id * STEP + month.number).as_('id'),
                activity.id.as_('activity'), month.month.as_('month')))

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.month:%m/%Y}'

    def get_currency(self, name):
        return self.activity.company.currency.id

    @classmethod
    def get_amounts(cls, records, names):
        values = {name: {} for name in names}
        companies = defaultdict(list)
        for record in records:
            companies[record.activity.company].append(record)
        for company, rows in companies.items():
            months = sorted({r.month for r in rows})
            found = cls.read_months(company, range(
                    month_number(months[0]), month_number(months[-1]) + 1), {
                    r.activity.analytic_account.id for r in rows})
            for row in rows:
                month = found.get(
                    row.activity.analytic_account.id, {}).get(row.month)
                for name in names:
                    values[name][row.id] = (
                        month[name] if month else Decimal('0.00'))
        return values

    @classmethod
    def read_months(cls, company, numbers, accounts):
        """Return by analytic account that has entries the amounts by name of
        each month, by its first day, in a fixed number of queries

        numbers are those of months that follow each other."""
        months = [month_start(number) for number in numbers]
        chart = margin_accounts(company)
        before = (None, months[0] - relativedelta(days=1))
        balances = read_balances(
            company, [before] + [(m, month_end(m)) for m in months], accounts)
        return {
            account: dict(zip(months, _months(spans, *chart)))
            for account, spans in balances.items()}

    def entries_domain(self):
        "Return the domain of the lines of the month"
        return [
            ('activity', '=', self.activity.id),
            ('date', '>=', self.month),
            ('date', '<=', month_end(self.month)),
            ]


def month_end(month):
    """Return the last day of a month, or that of the context in the last
    month"""
    context = Transaction().context
    end = context_date('to_date' if context.get('to_date') else 'figures_date')
    return min(month + A_MONTH - relativedelta(days=1), max(end, month))


def _months(spans, in_margin, contribution):
    "Yield the amounts of each month after the first span, which they follow"
    before, *months = spans
    total = defaultdict(Decimal, before)
    for month in months:
        for code, balance in month.items():
            total[code] += balance
        income = income_statement(month, in_margin, contribution)
        money = treasury(total)
        yield {
            **{
                name: getattr(income, name) for name in [
                    'turnover', 'purchases', 'gross_margin', 'contribution',
                    'other', 'available', 'gross_pay',
                    'employer_contributions', 'result']},
            'cash': money.cash,
            'treasury': money.reference,
            }
