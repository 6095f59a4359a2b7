# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of activities at a date, read from the ledger."""
import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sql.aggregate import Sum
from sql.conditionals import Case

from trytond import backend
from trytond.model import ModelView, fields
from trytond.modules.coop_cae.rules.statement import (
    IncomeStatement, Treasury, income_statement, treasury)
from trytond.modules.coop_ledger.money import round_half_up
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

ZERO = Decimal('0.00')
NAMES = [
    'turnover', 'last_turnover', 'gross_margin', 'contribution', 'other',
    'pay', 'result', 'brought_forward', 'cash', 'treasury',
    'future_treasury', 'receivable', 'payable', 'alert']


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
    pool = Pool()
    Base = pool.get('cae.contribution.base')
    Configuration = pool.get('cae.configuration')
    contribution = Configuration(1).get_setting(
        'contribution_account', company)
    margin = {
        a for b in Base.search([
                ('company', '=', company.id),
                ('kind', '=', 'gross_margin'),
                ], limit=1)
        for a in b.ledger_accounts()}
    sums = _read_sums(company, date, accounts)
    codes = dict(_read_codes({a for _, a, *_ in sums}))
    in_margin = {codes[a] for a in margin if a in codes}.__contains__
    contribution = codes.get(contribution.id) if contribution else None
    balances = defaultdict(lambda: defaultdict(dict))
    for analytic, account, *amounts in sums:
        for name, amount in zip(
                ['total', 'last_month', 'year', 'last_year'], amounts):
            balances[analytic][name][codes[account]] = round_half_up(
                amount, company.currency.digits)
    return {
        analytic: Figures(
            income_statement(b['year'], in_margin, contribution),
            income_statement(b['last_year'], in_margin, contribution),
            treasury(b['total']), treasury(b['last_month']))
        for analytic, b in balances.items()}


def year_start(company, date):
    """Return the first day of the fiscal year of the date, of the civil year
    if there is none"""
    FiscalYear = Pool().get('account.fiscalyear')
    fiscalyears = FiscalYear.search([
            ('company', '=', company.id),
            ('start_date', '<=', date),
            ('end_date', '>=', date),
            ], limit=1)
    if fiscalyears:
        return fiscalyears[0].start_date
    return date.replace(month=1, day=1)


def _read_sums(company, date, accounts):
    "Return the balances by analytic account and account"
    pool = Pool()
    analytic = pool.get('analytic_account.account').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    amount = part.debit - part.credit
    start = year_start(company, date)
    a_year = relativedelta(years=1)

    def total(condition, name):
        return Sum(Case((condition, amount), else_=0)).as_(name)

    where = (
        (analytic.company == company.id)
        & (move.state == 'posted') & (move.date <= date))
    if accounts is not None:
        where &= fields.SQL_OPERATORS['in'](part.account, list(accounts))
    query = (part
        .join(analytic, condition=analytic.id == part.account)
        .join(line, condition=line.id == part.move_line)
        .join(move, condition=move.id == line.move)
        .select(
            part.account.as_('analytic'), line.account.as_('account'),
            Sum(amount).as_('total'),
            total(move.date < date.replace(day=1), 'last_month'),
            total(move.date >= start, 'year'),
            total(
                (move.date >= start - a_year) & (move.date <= date - a_year)
                & (move.date < start), 'last_year'),
            where=where, group_by=[part.account, line.account]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None] + ['NUMERIC'] * 4)
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _read_codes(accounts):
    account = Pool().get('account.account').__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*account.select(
            account.id, account.code,
            where=fields.SQL_OPERATORS['in'](account.id, list(accounts))))
    return ((id_, code or '') for id_, code in cursor)


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

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def figures_date(cls):
        "Return the date of the context, today by default"
        Date = Pool().get('ir.date')
        date = Transaction().context.get('figures_date') or Date.today()
        return date.date() if isinstance(date, datetime.datetime) else date

    @classmethod
    def get_figures(cls, activities, names):
        date = cls.figures_date()
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
        User = pool.get('res.user')
        _, operator, value = clause
        companies = User.get_companies() if Transaction().user else [
            c.id for c in Company.search([])]
        alerts = {}
        for company in Company.browse(companies):
            alerts.update(
                (account, found.alert) for account, found in figures(
                    company, cls.figures_date()).items() if found.alert)
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
        """Return today, or the end of the last fiscal year that has begun"""
        pool = Pool()
        Date = pool.get('ir.date')
        FiscalYear = pool.get('account.fiscalyear')
        today = Date.today()
        fiscalyears = FiscalYear.search([
                ('company', 'in', Transaction().context.get('companies', [])),
                ('start_date', '<=', today),
                ], order=[('end_date', 'DESC')], limit=1)
        return min([today, *(f.end_date for f in fiscalyears)])
