# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The statements of an activity, a record a line, read from the ledger."""
import datetime
from collections import defaultdict
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from sql import Literal, Select, Union

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.chart import CASH, INCOME_STATEMENT, is_of
from trytond.modules.coop_cae.rules.statement import (
    balance_line, balance_sheet, income_line, income_statement, treasury,
    treasury_line)
from trytond.modules.coop_ledger.money import round_half_up
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .balance import context_date, margin_accounts, read_balances, year_start

A_DAY = relativedelta(days=1)
A_YEAR = relativedelta(years=1)

INCOME = {
    'turnover': ['turnover'],
    'purchases': ['purchases'],
    'gross_margin': ['turnover', 'purchases'],
    'contribution': ['contribution'],
    'other': ['other'],
    'available': ['turnover', 'purchases', 'contribution', 'other'],
    'gross_pay': ['gross_pay'],
    'employer_contributions': ['employer_contributions'],
    'result': None,
    'brought_forward': None,
    }
TREASURY = {
    'cash': None,
    'vat': ['vat'],
    'dues': ['dues'],
    'suppliers': ['suppliers'],
    'reference': None,
    'wages': ['wages'],
    'expense_notes': ['expense_notes'],
    'customers': ['customers'],
    'future': None,
    'others': ['others'],
    'result': None,
    }
BALANCE_SHEET = {
    'asset_cash': None,
    'asset_customers': ['asset_customers'],
    'asset_vat': ['asset_vat'],
    'asset_others': ['asset_others'],
    'assets': None,
    'brought_forward': None,
    'result': None,
    'liability_cash': None,
    'liability_suppliers': ['liability_suppliers'],
    'liability_vat': ['liability_vat'],
    'liability_dues': ['liability_dues'],
    'liability_others': ['liability_others'],
    'liabilities': None,
    }
# The lines of each statement, with the lines of the rule that each is made of:
# None for those that all accounts make
STATEMENTS = {
    'income': INCOME,
    'treasury': TREASURY,
    'balance_sheet': BALANCE_SHEET,
    }
ROWS = dict(enumerate(
        (statement, line) for statement, lines in STATEMENTS.items()
        for line in lines))
# Greater than the number of rows, for the ids
STEP = 64


@dataclass(frozen=True, slots=True)
class Span:
    "What a statement is of: some days, and the fiscal year of the last one"
    start: datetime.date
    end: datetime.date
    year: datetime.date

    @classmethod
    def of_context(cls, company):
        end = context_date(
            'to_date' if Transaction().context.get('to_date')
            else 'figures_date')
        year = year_start(company, end)
        start = year
        if Transaction().context.get('from_date'):
            start = context_date('from_date')
        return cls(start, end, year)

    @property
    def before(self):
        "The same days a year before"
        return Span(
            self.start - A_YEAR, self.end - A_YEAR, self.year - A_YEAR)

    def to_read(self):
        "Return the spans to read: of the days, before them, all and the year"
        return [
            (self.start, self.end), (None, self.start - A_DAY),
            (None, self.end), (self.year, self.end)]


def _values(days, before, total, year, in_margin, contribution):
    "Return the amounts by statement and line"
    income = income_statement(days, in_margin, contribution)
    sheet = balance_sheet(total, year)
    money = treasury(total)
    values = {
        ('income', 'brought_forward'): income_statement(
            before, in_margin, contribution).result,
        }
    for statement, found in [
            ('income', income), ('treasury', money),
            ('balance_sheet', sheet)]:
        for line in STATEMENTS[statement]:
            if (statement, line) not in values:
                values[statement, line] = getattr(found, line)
    return values


def _amount(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_amounts')


class ActivityStatement(ModelSQL, ModelView):
    __name__ = 'cae.activity.statement'

    activity = fields.Many2One('cae.activity', "Activity", required=True)
    sequence = fields.Integer("Sequence", required=True)
    statement = fields.Function(fields.Selection([
                ('income', "Income Statement"),
                ('treasury', "Treasury"),
                ('balance_sheet', "Balance Sheet"),
                ], "Statement"),
        'get_row', searcher='search_row')
    line = fields.Function(fields.Selection([
                ('turnover', "Turnover"),
                ('purchases', "Purchases"),
                ('gross_margin', "Gross Margin"),
                ('contribution', "Contribution"),
                ('other', "Other Income and Charges"),
                ('available', "Available for Pay"),
                ('gross_pay', "Gross Pay"),
                ('employer_contributions', "Employer Contributions"),
                ('result', "Result"),
                ('brought_forward', "Brought Forward"),
                ('cash', "Cash of the Day"),
                ('vat', "VAT"),
                ('dues', "Taxes and Contributions Due"),
                ('suppliers', "Suppliers to Pay"),
                ('reference', "Reference Treasury"),
                ('wages', "Pay to Be Paid"),
                ('expense_notes', "Expense Notes to Pay"),
                ('customers', "Customers to Collect"),
                ('future', "Future Treasury"),
                ('others', "Other Balance Sheet Accounts"),
                ('asset_cash', "Cash with the Co-operative"),
                ('asset_customers', "Customers"),
                ('asset_vat', "VAT to Get Back"),
                ('asset_others', "Other Assets"),
                ('assets', "Total Assets"),
                ('liability_cash', "Owed to the Co-operative"),
                ('liability_suppliers', "Suppliers"),
                ('liability_vat', "VAT to Pay"),
                ('liability_dues', "Staff, Social Bodies and State"),
                ('liability_others', "Other Liabilities"),
                ('liabilities', "Total Liabilities"),
                ], "Line", sort=False),
        'get_row')
    line_string = line.translated('line')
    total = fields.Function(fields.Boolean("Total"), 'get_row')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    amount = _amount("Amount")
    last_amount = _amount(
        "Last Year", help="Of the same days of the year before.")
    difference = _amount("Difference")
    ratio = fields.Function(fields.Float(
            "Of Turnover", digits=(None, 4),
            states={
                'invisible': Eval('statement') != 'income',
                }),
        'get_amounts')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [
            ('activity', 'ASC'), ('sequence', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        activity = Pool().get('cae.activity').__table__()
        row = Union(
            *(Select([Literal(i).as_('sequence')]) for i in ROWS), all_=True)
        return (activity
            .join(row, condition=Literal(True))
            .select(
                (activity.id * STEP + row.sequence).as_('id'),
                activity.id.as_('activity'), row.sequence.as_('sequence')))

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Bool(Eval('total')), '', 'muted')),
            ]

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.line_string}'

    @classmethod
    def get_row(cls, records, names):
        values = {name: {} for name in names}
        for record in records:
            statement, line = ROWS[record.sequence]
            row = {
                'statement': statement,
                'line': line,
                'total': STATEMENTS[statement][line] != [line],
                }
            for name in names:
                values[name][record.id] = row[name]
        return values

    @classmethod
    def search_row(cls, name, clause):
        _, operator, value = clause
        values = value if isinstance(value, (list, tuple)) else [value]
        negative = operator.startswith(('!', 'not '))
        return [('sequence', 'in', [
                    i for i, (statement, _) in ROWS.items()
                    if (statement in values) != negative])]

    def get_currency(self, name):
        return self.activity.company.currency.id

    @classmethod
    def get_amounts(cls, records, names):
        values = {name: dict.fromkeys(map(int, records)) for name in names}
        for activity, rows, now, last in cls._read(records):
            digits = activity.company.currency.digits
            turnover = now['income', 'turnover']
            for record in rows:
                row = ROWS[record.sequence]
                amount = now[row]
                found = {
                    'amount': amount,
                    'last_amount': last[row],
                    'difference': amount - last[row],
                    'ratio': (
                        float(round_half_up(amount / turnover, digits + 2))
                        if turnover and row[0] == 'income' else None),
                    }
                for name in names:
                    values[name][record.id] = found[name]
        return values

    @classmethod
    def _read(cls, records):
        """Yield each activity with its records and the amounts by statement
        and line, of the days of the context and of the year before"""
        companies = defaultdict(lambda: defaultdict(list))
        for record in records:
            activity = record.activity
            companies[activity.company][activity].append(record)
        for company, activities in companies.items():
            values = cls.read_values(
                company, [a.analytic_account.id for a in activities])
            for activity, rows in activities.items():
                yield activity, rows, *values[activity.analytic_account.id]

    @classmethod
    def read_values(cls, company, accounts):
        """Return by analytic account the amounts by statement and line, of
        the days of the context and of the year before, in a fixed number of
        queries"""
        span = Span.of_context(company)
        chart = margin_accounts(company)
        spans = span.to_read()
        number = len(spans)
        found = read_balances(
            company, spans + span.before.to_read(), accounts)
        nothing = _values(*([{}] * number), *chart)
        values = dict.fromkeys(accounts, (nothing, nothing))
        for account, balances in found.items():
            values[account] = (
                _values(*balances[:number], *chart),
                _values(*balances[number:], *chart))
        return values

    def entries_domain(self):
        "Return the domain of the lines that the amount is made of"
        company = self.activity.company
        account = self.activity.analytic_account
        statement, line = ROWS[self.sequence]
        span = Span.of_context(company)
        days, before, total, _ = spans = span.to_read()
        in_margin, contribution = margin_accounts(company)
        start, end = days if statement == 'income' else total
        if statement == 'balance_sheet':
            if line == 'result':
                start = span.year
            elif line == 'brought_forward':
                end = span.year - A_DAY
        elif line == 'brought_forward':
            start, end = before
        balances = read_balances(company, spans, [account.id]).get(
            account.id, [{}] * len(spans))[spans.index(total)]

        def is_part(code, balance):
            income = is_of(code, INCOME_STATEMENT)
            if is_of(code, CASH):
                return False
            elif (statement == 'income'
                    or line in {'brought_forward', 'result'}):
                if not income:
                    return False
                found = income_line(code, in_margin, contribution)
            elif STATEMENTS[statement][line] is None:
                return True
            elif income:
                return False
            elif statement == 'treasury':
                found = treasury_line(code)
            else:
                found = balance_line(code, balance)
            return found in (STATEMENTS[statement][line] or [found])

        domain = [
            ('activity', '=', self.activity.id),
            ('date', '<=', end),
            ('account.code', 'in', [
                    code for code, balance in balances.items()
                    if is_part(code, balance)]),
            ]
        if start:
            domain.append(('date', '>=', start))
        return domain


class ActivityStatementContext(ModelView):
    __name__ = 'cae.activity.statement.context'

    from_date = fields.Date(
        "From", help="The first day of the fiscal year, if it is empty.")
    to_date = fields.Date("To", required=True)

    @classmethod
    def default_to_date(cls):
        Context = Pool().get('cae.activity.figures.context')
        return Context.default_figures_date()
