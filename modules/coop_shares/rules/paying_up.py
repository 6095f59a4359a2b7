# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How shares that are not paid at once are paid up."""
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import NamedTuple

from trytond.modules.coop_ledger.money import round_fraction

from .refund import years_later

# Law 47-1775, article 12
QUARTER = Decimal('0.25')
MOST_YEARS = 5


class State(NamedTuple):
    """What shares are in the capital, what of it is called and what of that
    is paid."""
    amount: Decimal
    called: Decimal
    paid: Decimal

    @property
    def unpaid(self) -> Decimal:
        return self.called - self.paid

    @property
    def uncalled(self) -> Decimal:
        return self.amount - self.called


def least_called(amount: Decimal, digits: int = 2) -> Decimal:
    """Return what must be called at least of a subscription: a quarter, the
    fraction of a cent upwards (law 47-1775, article 12).

    >>> least_called(Decimal('100.02'))
    Decimal('25.01')
    """
    return (amount * QUARTER).quantize(
        Decimal(1).scaleb(-digits), ROUND_CEILING)


def last_call(since: date, years: int | None = None) -> date:
    """Return the day by which all of a subscription must be paid: so many
    years later as the statutes say, at most five, which is the delay if they
    say nothing (law 47-1775, article 12).

    Raise ValueError if the years are negative or more than five.

    >>> last_call(date(2024, 2, 29), 3)
    datetime.date(2027, 2, 28)
    >>> last_call(date(2024, 2, 29))
    datetime.date(2029, 2, 28)
    """
    if years is None:
        years = MOST_YEARS
    if not 0 <= years <= MOST_YEARS:
        raise ValueError("the law allows five years at most")
    return years_later(since, years)


def part(state: State, quantity: int, held: int, digits: int = 2) -> State:
    """Return the state of some of the shares of a lot, in proportion.

    Each sum is rounded half up, so that what is paid is never more than what
    is called, nor that than the amount, of what goes and of what stays.
    Raise ValueError if there are not so many shares.

    >>> part(State(Decimal(60), Decimal(20), Decimal(10)), 1, 3) == \\
    State(Decimal('20.00'), Decimal('6.67'), Decimal('3.33'))
    """
    if not 0 < quantity <= held:
        raise ValueError("there are not so many shares")
    return State(*(
            round_fraction(Fraction(value) * quantity / held, digits)
            for value in state))


def call(state: State, quantity: int, per_share: Decimal | None) -> Decimal:
    """Return what a call asks of a lot: a sum for each share, as far as there
    is so much to call, or all that is left.

    >>> call(State(Decimal(60), Decimal(50), Decimal(0)), 3, Decimal(5))
    Decimal('10')
    """
    if per_share is None:
        return state.uncalled
    return min(state.uncalled, quantity * per_share)
