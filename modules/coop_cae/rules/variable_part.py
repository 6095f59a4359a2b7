# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The variable part of the pay of a year, and the balance due of it.

The pay of an employed entrepreneur is a fixed part per month and a variable
part per year, on which advances are paid (articles L7332-3 and R7331-11 of the
Code du travail).  The balance is paid within one month after the general
meeting on the accounts (article R7331-12).

Amounts are in the currency of the company and rounded to it; "all-in" is with
the contributions of the employer.
"""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from trytond.modules.coop_ledger.money import (
    distribute, round_down, round_half_up)

from .pay_estimate import Estimate, Ratios, from_cost

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Year:
    """What a year of an activity gave somebody, all-in, and what it took.

    available: their part of what the activity leaves for pay
    fixed, advances: gross pay of the year; contributions: those paid on it
    leave: rise of the provision for leave, its contributions included
    agreed_result: what the contract leaves in the activity as a result
    (article R7331-12, second paragraph)
    """
    available: Decimal
    fixed: Decimal = ZERO
    advances: Decimal = ZERO
    contributions: Decimal = ZERO
    leave: Decimal = ZERO
    agreed_result: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        "The full cost of the pay of the year"
        return self.fixed + self.advances + self.contributions

    @property
    def left(self) -> Decimal:
        "What is left for the balance, all-in; a loss if it is negative"
        return self.available - self.paid - self.leave - self.agreed_result


def carried(brought_forward: Decimal, with_profit: bool = False) -> Decimal:
    """Return what of the results of the years before counts in this one.

    A loss always does; what was left as a result is the general meeting's,
    unless it is to be paid too.

    >>> carried(Decimal('-1200.00')), carried(Decimal('500.00'))
    (Decimal('-1200.00'), Decimal('0'))
    """
    return brought_forward if with_profit else min(brought_forward, ZERO)


def person_part(
        amount: Decimal, ratio: Decimal, digits: int = 2) -> Decimal:
    """Return the part of somebody in what an activity has, a part of 1.

    It is rounded down, so that the parts never add up to more.
    """
    return round_down(amount * ratio, digits)


def balance(left: Decimal, ratio: Decimal, digits: int = 2) -> Estimate:
    """Return the gross pay that what is left pays, and its contributions.

    The gross is rounded down: with the contributions, rounded half up, it
    never exceeds what is left.  There is none if nothing is left: advances
    that were paid stay wages, and the loss is carried forward.

    Raise ValueError if the ratio is negative.

    >>> pay = balance(Decimal('6700.00'), Decimal('0.30'))
    >>> pay.gross, pay.employer
    (Decimal('5153.84'), Decimal('1546.15'))
    """
    return from_cost(left, Ratios(ratio, ZERO), digits)


def fixed_part(
        gross: Decimal, total: Decimal, agreed: Decimal | None,
        digits: int = 2) -> Decimal:
    """Return what of the gross pay of a month is the fixed part.

    agreed is that of the contract for the month, and total the gross pay of
    the person from all their activities, which bear it in proportion.
    What exceeds it is an advance on the variable part.
    """
    fixed = round_half_up(min(total, agreed or ZERO), digits)
    if gross <= 0 or fixed <= 0:
        return ZERO
    return distribute(fixed, [gross, max(total - gross, ZERO)], digits)[0]


def settled_contributions(
        gross: Decimal, gross_left: Decimal, contributions_left: Decimal,
        digits: int = 2) -> Decimal:
    """Return the part of the accrued contributions that goes with a gross pay
    taken from the accrued one.

    The last pay takes all that is left, so that nothing remains accrued.

    Raise ValueError if more than what is left would be taken.
    """
    if not 0 < gross <= gross_left:
        raise ValueError("more than the balance would be paid")
    return distribute(
        contributions_left, [gross, gross_left - gross], digits)[0]


def due_date(meeting: datetime.date) -> datetime.date:
    """Return the last day to pay the balance: one month after the general
    meeting, the last day of a shorter month.

    >>> due_date(datetime.date(2026, 1, 31))
    datetime.date(2026, 2, 28)
    """
    return meeting + relativedelta(months=1)
