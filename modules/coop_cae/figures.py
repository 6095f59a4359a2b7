# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of activities at a date, read from the ledger."""
import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from dateutil.relativedelta import relativedelta
from sql.aggregate import Max

from trytond.model import ModelView, fields
from trytond.modules.coop_cae.rules.statement import (
    IncomeStatement, Treasury, income_statement, treasury)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .balance import context_date, margin_accounts, read_balances, year_start


@dataclass(slots=True)
class Figures:
    """Statements of an activity at a date: of the fiscal year to date, of the
    year before to the same day, and what is on its accounts"""
    year: IncomeStatement = field(default_factory=IncomeStatement)
    last_year: IncomeStatement = field(default_factory=IncomeStatement)
    treasury: Treasury = field(default_factory=Treasury)
    last_month: Treasury = field(default_factory=Treasury)

    @property
    def brought_forward(self):
        "The results of the years before"
        return self.treasury.result - self.year.result

    @property
    def alert(self):
        if self.treasury.reference >= 0:
            return None
        elif self.last_month.reference < 0:
            return 'two_months'
        return 'negative'

    def value(self, name):
        match name:
            case 'last_turnover':
                return self.last_year.turnover
            case 'contribution' | 'pay':
                return -getattr(self.year, name)
            case 'cash':
                return self.treasury.cash
            case 'treasury':
                return self.treasury.reference
            case 'future_treasury':
                return self.treasury.future
            case 'receivable':
                return self.treasury.customers
            case 'payable':
                return -self.treasury.suppliers
            case 'brought_forward' | 'alert':
                return getattr(self, name)
            case _:
                return getattr(self.year, name)


def figures(company, date, accounts=None):
    """Return the figures by analytic account of the activities of the company
    that have entries, in a fixed number of queries

    accounts are the ids of the analytic accounts to read, all by default.
    """
    start = year_start(company, date)
    a_year = relativedelta(years=1)
    in_margin, contribution = margin_accounts(company)
    spans = [
        (None, date), (None, date.replace(day=1) - relativedelta(days=1)),
        (start, date),
        (start - a_year, min(date - a_year, start - relativedelta(days=1)))]
    return {
        analytic: Figures(
            income_statement(year, in_margin, contribution),
            income_statement(last_year, in_margin, contribution),
            treasury(total), treasury(last_month))
        for analytic, (total, last_month, year, last_year) in read_balances(
            company, spans, accounts).items()}


def user_companies():
    "Return the ids of the companies of the user"
    pool = Pool()
    if Transaction().user:
        return pool.get('res.user').get_companies()
    return [c.id for c in pool.get('company.company').search([])]


def _figure(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_figures')


class FiguresMixin:
    "What the list of activities shows at the date of the context"
    __slots__ = ()

    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    turnover = _figure("Turnover", help="Of the fiscal year to date.")
    last_turnover = _figure(
        "Turnover Last Year", help="Of the last fiscal year to the same day.")
    gross_margin = _figure("Gross Margin")
    contribution = _figure("Contribution")
    other = _figure(
        "Other Income and Charges",
        help="Outside the margin, the contribution and the pay.")
    pay = _figure(
        "Pay", help="Gross pay and employer contributions.")
    result = _figure("Result")
    brought_forward = _figure(
        "Brought Forward", help="The results of the years before.")
    cash = _figure(
        "Cash", help="What the co-operative's banks hold for the activity.")
    treasury = _figure(
        "Treasury",
        help="The cash less taxes, contributions and suppliers to pay.")
    future_treasury = _figure(
        "Future Treasury",
        help="The treasury less wages and expenses to pay, and what customers "
        "owe.")
    receivable = _figure("Customers to Collect")
    payable = _figure("Suppliers to Pay")
    alert = fields.Function(fields.Selection([
                (None, ""),
                ('negative', "Negative Treasury"),
                ('two_months', "Negative for Two Months"),
                ], "Alert", sort=False),
        'get_figures', searcher='search_alert')
    months = fields.One2Many(
        'cae.activity.month', 'activity', "Months", readonly=True)
    to_collect = fields.One2Many(
        'cae.activity.open_item', 'activity', "To Collect", readonly=True,
        filter=[
            ('kind', '=', 'customer'),
            ])
    to_pay = fields.One2Many(
        'cae.activity.open_item', 'activity', "To Pay", readonly=True,
        filter=[
            ('kind', '=', 'supplier'),
            ])

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_figures(cls, activities, names):
        date = context_date('figures_date')
        companies = defaultdict(list)
        for activity in activities:
            companies[activity.company].append(activity)
        values = {name: {} for name in names}
        for company, activities in companies.items():
            read = figures(company, date, [
                    a.analytic_account.id for a in activities
                    if a.analytic_account])
            for activity in activities:
                account = activity.analytic_account
                found = read.get(account.id if account else None, Figures())
                for name in names:
                    values[name][activity.id] = found.value(name)
        return values

    @classmethod
    def search_alert(cls, name, clause):
        pool = Pool()
        Company = pool.get('company.company')
        _, operator, value = clause
        alerts = {}
        for company in Company.browse(user_companies()):
            alerts.update(
                (account, found.alert) for account, found in figures(
                    company, context_date('figures_date')).items()
                if found.alert)
        values = value if isinstance(value, (list, tuple)) else [value]
        negative = operator.startswith(('!', 'not '))

        def matches(alert):
            return (alert in values) != negative

        if matches(None):
            return ['OR',
                ('analytic_account', '=', None),
                ('analytic_account', 'not in', [
                        a for a, alert in alerts.items()
                        if not matches(alert)]),
                ]
        return [('analytic_account', 'in', [
                    a for a, alert in alerts.items() if matches(alert)])]


class FiguresContext(ModelView):
    __name__ = 'cae.activity.figures.context'

    figures_date = fields.Date("Date", required=True)

    @classmethod
    def default_figures_date(cls):
        """Return today, or the end of the last month that has entries: the
        figures of a year without any would all be zero"""
        pool = Pool()
        Date = pool.get('ir.date')
        move = pool.get('account.move').__table__()
        today = Date.today()
        query = move.select(
            Max(move.date),
            where=(move.state == 'posted') & (move.date <= today)
            & fields.SQL_OPERATORS['in'](move.company, user_companies()))
        cursor = Transaction().connection.cursor()
        cursor.execute(*query)
        (last,), = cursor
        if not last:
            return today
        if isinstance(last, str):
            last = datetime.date.fromisoformat(last)
        return min(today, last + relativedelta(day=31))
