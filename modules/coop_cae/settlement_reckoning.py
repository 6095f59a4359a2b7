# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The reckoning of the variable part of a year, read from the ledger."""
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from trytond.model import fields
from trytond.modules.coop_cae.rules.pay_estimate import Estimate
from trytond.modules.coop_cae.rules.statement import IncomeStatement
from trytond.modules.coop_cae.rules.variable_part import (
    Year, balance, carried, person_part)
from trytond.modules.currency.fields import Monetary

from .figures import Figures, figures
from .year_pay import read_year_pay

ZERO = Decimal('0.00')
# The lines of the income statement of the activity
_STATEMENT = {'turnover', 'purchases', 'gross_margin', 'contribution', 'other'}


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a settlement is reckoned from.

    statement, other_pay and brought_forward are the activity's, year is what
    is the person's; pay is the balance, None as long as no ratio is known.
    """
    statement: IncomeStatement
    other_pay: Decimal
    brought_forward: Decimal
    year: Year
    pay: Estimate | None

    @property
    def available(self):
        return (
            self.statement.available + self.other_pay + self.brought_forward)

    def value(self, name):
        if name in _STATEMENT:
            return getattr(self.statement, name)
        match name:
            case 'person_available':
                return self.year.available
            case 'fixed_part':
                return self.year.fixed
            case 'paid_contributions':
                return self.year.contributions
            case 'leave_change':
                return self.year.leave
            case 'advances' | 'paid' | 'left':
                return getattr(self.year, name)
            case _:
                return getattr(self, name)


def reckon(settlements):
    """Return the reckonings of settlements by id.

    The number of queries depends on that of the fiscal years only.  What the
    settlements booked themselves is left out.
    """
    years = defaultdict(list)
    for settlement in settlements:
        if settlement.activity and settlement.fiscalyear:
            years[settlement.company, settlement.fiscalyear].append(settlement)
    result = {}
    for (company, fiscalyear), settlements in years.items():
        accounts = list({
                s.activity.analytic_account.id for s in settlements})
        read = figures(company, fiscalyear.end_date, accounts)
        paid = read_year_pay(company, fiscalyear, accounts)
        for settlement in settlements:
            analytic = settlement.activity.analytic_account.id
            result[settlement.id] = _reckon(
                settlement, read.get(analytic, Figures()),
                paid.people[analytic, settlement.entrepreneur.id],
                paid.others[analytic])
    return result


def _reckon(settlement, read, paid, others):
    digits = settlement.company.currency.digits
    brought_forward = carried(
        read.brought_forward, settlement.with_profit)
    year = Year(
        available=person_part(
            read.year.available - others + brought_forward,
            settlement.ratio or ZERO, digits),
        fixed=paid.fixed,
        advances=paid.advances,
        contributions=paid.contributions,
        leave=settlement.leave_rise,
        agreed_result=settlement.agreed_result or ZERO)
    pay = None
    if settlement.employer_ratio is not None:
        pay = balance(year.left, settlement.employer_ratio, digits)
    return Reckoning(read.year, -others, brought_forward, year, pay)


def _line(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_reckoning')


class ReckoningMixin:
    "The lines of the reckoning of a settlement"
    __slots__ = ()

    turnover = _line("Turnover")
    purchases = _line("Purchases")
    gross_margin = _line("Gross Margin")
    contribution = _line("Contribution")
    other = _line(
        "Other Income and Charges",
        help="Outside the margin, the contribution and the pay.")
    other_pay = _line(
        "Other Charges of Pay",
        help="Those that come from no payslip.")
    brought_forward = _line(
        "Brought Forward", help="What counts of the results of the years "
        "before: the losses, and the profits if they are to be paid.")
    available = _line(
        "Available", help="What the activity leaves for pay, with the "
        "employer contributions.")
    person_available = _line(
        "Available for the Person",
        help="Their share of what the activity leaves.")
    fixed_part = _line(
        "Fixed Part", help="Of the gross pay of each month, that of the "
        "contract.")
    advances = _line(
        "Advances", help="The gross pay above the fixed part of the contract.")
    paid_contributions = _line(
        "Employer Contributions Paid", help="On the payslips of the year.")
    paid = _line("Full Cost Paid")
    leave_change = _line(
        "Change of Leave Provision",
        help="With the employer contributions.")
    left = _line(
        "Left for the Balance", help="With the employer contributions; a "
        "loss, which is carried forward, if it is negative.")
    gross = _line(
        "Balance, Gross", help="Once posted, what was booked.")
    contributions = _line(
        "Contributions on the Balance",
        help="Once posted, what was booked.")
    remainder = _line(
        "Remainder", help="What stays on the activity, to the cent, and what "
        "was booked since the settlement was posted.")
    variable_part = _line(
        "Variable Part", help="Of the year, gross: the advances and the "
        "balance.")

    @property
    def leave_rise(self):
        return sum(
            ((getattr(self, f'leave_closing{name}') or ZERO)
                - (getattr(self, f'leave_opening{name}') or ZERO)
                for name in ['', '_contributions']), ZERO)

    @classmethod
    def get_reckoning(cls, settlements, names):
        values = {name: {} for name in names}
        reckonings = {}
        if set(names) - {'gross', 'contributions'} or any(
                s.state == 'draft' for s in settlements):
            reckonings = reckon(settlements)
        for settlement in settlements:
            reckoning = reckonings.get(settlement.id)
            gross, contributions = settlement.balance(reckoning)
            for name in names:
                match name:
                    case 'gross':
                        value = gross
                    case 'contributions':
                        value = contributions
                    case 'remainder' if gross is not None:
                        value = reckoning.year.left - gross - contributions
                    case 'variable_part' if gross is not None:
                        value = reckoning.year.advances + gross
                    case 'remainder' | 'variable_part':
                        value = None
                    case _:
                        value = reckoning.value(name)
                values[name][settlement.id] = value
        return values

    def balance(self, reckoning=None):
        """Return the gross pay and the contributions of the balance: what was
        booked, or what is to be"""
        if self.state != 'draft':
            return tuple(
                line.credit - line.debit if line else ZERO
                for line in [self.gross_line, self.contributions_line])
        if reckoning is None or reckoning.pay is None:
            return None, None
        return reckoning.pay.gross, reckoning.pay.employer
