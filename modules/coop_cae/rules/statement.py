# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The statements of an activity, from the balances of its accounts.

Article R7331-5 of the Code du travail gives each entrepreneur an analytic
income statement and an analytic balance sheet of their activity.

Balances are debits less credits by code of account, in the currency of the
company and rounded to it; sums need no more rounding.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .chart import (
    CASH, CUSTOMERS, DUES, EXPENSE_NOTES, GROSS_PAY, INCOME_STATEMENT, PAY,
    SUPPLIERS, TURNOVER, VAT, WAGES, is_of)

Balances = Mapping[str, Decimal]
ZERO = Decimal('0.00')


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """Income is positive and charges negative, so that the lines add up.

    other is the income and the charges of the activity outside the margin,
    the contribution and the pay."""
    turnover: Decimal = ZERO
    purchases: Decimal = ZERO
    contribution: Decimal = ZERO
    other: Decimal = ZERO
    gross_pay: Decimal = ZERO
    employer_contributions: Decimal = ZERO

    @property
    def gross_margin(self) -> Decimal:
        return self.turnover + self.purchases

    @property
    def available(self) -> Decimal:
        "What the year leaves for pay and its contributions"
        return self.gross_margin + self.contribution + self.other

    @property
    def pay(self) -> Decimal:
        return self.gross_pay + self.employer_contributions

    @property
    def result(self) -> Decimal:
        return self.available + self.pay


def income_statement(
        balances: Balances, in_margin: Callable[[str], bool],
        contribution: str | None) -> IncomeStatement:
    """Return the income statement of the balances of a span of time.

    in_margin tells whether the purchases of an account lower the gross margin,
    contribution is the account of the contribution to the structure.
    Accounts of the balance sheet are left out.
    """
    lines = dict.fromkeys(IncomeStatement.__slots__, ZERO)
    for code, balance in balances.items():
        if is_of(code, INCOME_STATEMENT):
            lines[income_line(code, in_margin, contribution)] -= balance
    return IncomeStatement(**lines)


def income_line(
        code: str, in_margin: Callable[[str], bool],
        contribution: str | None) -> str:
    "Return the line of the income statement of an account of it"
    if code == contribution:
        return 'contribution'
    elif is_of(code, TURNOVER):
        return 'turnover'
    elif in_margin(code):
        return 'purchases'
    elif is_of(code, GROSS_PAY):
        return 'gross_pay'
    elif is_of(code, PAY):
        return 'employer_contributions'
    return 'other'


@dataclass(frozen=True, slots=True)
class Treasury:
    """What the activity has, what it owes (negative) and what it is owed.

    cash is what the co-operative's banks hold for the activity: it has no
    account of its own, but what comes in and goes out for it is the other side
    of its lines."""
    cash: Decimal = ZERO
    vat: Decimal = ZERO
    dues: Decimal = ZERO
    suppliers: Decimal = ZERO
    wages: Decimal = ZERO
    expense_notes: Decimal = ZERO
    customers: Decimal = ZERO
    others: Decimal = ZERO

    @property
    def reference(self) -> Decimal:
        "What is left of the cash once taxes, dues and suppliers are paid"
        return self.cash + self.vat + self.dues + self.suppliers

    @property
    def future(self) -> Decimal:
        "And once wages and expenses are paid and customers have paid"
        return (
            self.reference + self.wages + self.expense_notes + self.customers)

    @property
    def result(self) -> Decimal:
        "What the activity has earned since it began"
        return self.future + self.others


def treasury(balances: Balances) -> Treasury:
    """Return the treasury of the balances of all lines of an activity up to a
    date."""
    lines = dict.fromkeys(Treasury.__slots__, ZERO)
    for code, balance in balances.items():
        if is_of(code, CASH):
            # A line of a bank that names the activity is no claim on the bank
            # beyond what its other side shows
            continue
        lines['cash'] -= balance
        if not is_of(code, INCOME_STATEMENT):
            lines[treasury_line(code)] += balance
    return Treasury(**lines)


_ASSETS = {'customers', 'vat'}
_LIABILITIES = {'suppliers', 'vat', 'dues'}


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the activity has and is owed (assets) and where it comes from, both
    positive but for losses and what is brought forward of them.

    The cash with the co-operative balances the sheet: an activity that has
    spent more than it received owes the co-operative."""
    asset_cash: Decimal = ZERO
    asset_customers: Decimal = ZERO
    asset_vat: Decimal = ZERO
    asset_others: Decimal = ZERO
    brought_forward: Decimal = ZERO
    result: Decimal = ZERO
    liability_cash: Decimal = ZERO
    liability_suppliers: Decimal = ZERO
    liability_vat: Decimal = ZERO
    liability_dues: Decimal = ZERO
    liability_others: Decimal = ZERO

    @property
    def assets(self) -> Decimal:
        return (
            self.asset_cash + self.asset_customers + self.asset_vat
            + self.asset_others)

    @property
    def liabilities(self) -> Decimal:
        return (
            self.brought_forward + self.result + self.liability_cash
            + self.liability_suppliers + self.liability_vat
            + self.liability_dues + self.liability_others)


def balance_sheet(balances: Balances, year: Balances) -> BalanceSheet:
    """Return the balance sheet of the balances of all lines of an activity up
    to a date, of which year are those of the fiscal year.

    An account is on the side of its balance, without any set-off between
    accounts; what the assets and the liabilities do not show in common is the
    cash.
    """
    lines = dict.fromkeys(BalanceSheet.__slots__, ZERO)
    cash = ZERO
    for code, balance in balances.items():
        if is_of(code, CASH):
            continue
        cash -= balance
        if is_of(code, INCOME_STATEMENT):
            lines['brought_forward'] -= balance
        else:
            lines[balance_line(code, balance)] += abs(balance)
    lines['result'] = -sum(
        (b for c, b in year.items() if is_of(c, INCOME_STATEMENT)), ZERO)
    lines['brought_forward'] -= lines['result']
    lines['asset_cash' if cash > 0 else 'liability_cash'] += abs(cash)
    return BalanceSheet(**lines)


def balance_line(code: str, balance: Decimal) -> str:
    "Return the line of the balance sheet of an account of it"
    line = treasury_line(code)
    if balance > 0:
        return f'asset_{line if line in _ASSETS else "others"}'
    if line in {'wages', 'expense_notes'}:
        line = 'dues'
    return f'liability_{line if line in _LIABILITIES else "others"}'


def treasury_line(code: str) -> str:
    "Return the line of the treasury of an account of the balance sheet"
    for name, prefixes in [
            ('vat', VAT), ('wages', WAGES), ('expense_notes', EXPENSE_NOTES),
            ('dues', DUES), ('suppliers', SUPPLIERS),
            ('customers', CUSTOMERS)]:
        if is_of(code, prefixes):
            return name
    return 'others'
