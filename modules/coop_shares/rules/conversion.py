# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How share savings become whole shares."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


def whole_shares(savings: Decimal, nominal: Decimal) -> tuple[int, Decimal]:
    """Return how many whole shares the savings pay for, and what is carried.

    A share is never rounded: what does not pay for a whole one is kept for the
    person (Code de commerce L223-7: shares are created only once they are paid
    in full).

    Raise ValueError if the nominal value is not positive.

    >>> whole_shares(Decimal('36.70'), Decimal(20))
    (1, Decimal('16.70'))
    """
    if nominal <= 0:
        raise ValueError("the nominal value must be positive")
    if savings <= 0:
        return 0, savings
    quantity = int(savings // nominal)
    return quantity, savings - quantity * nominal


def lowest(
        balance: Decimal, later: Iterable[tuple[date, Decimal]]) -> Decimal:
    """Return the lowest of a balance and of what it becomes by later changes.

    Changes of the same day count together.
    """
    by_date: dict[date, Decimal] = {}
    for day, change in later:
        by_date[day] = by_date.get(day, ZERO) + change
    result = balance
    for day in sorted(by_date):
        balance += by_date[day]
        result = min(result, balance)
    return result


def available(
        balance: Decimal, later: Iterable[tuple[date, Decimal]]) -> Decimal:
    """Return what may be used of a balance of savings at a date.

    It is the lowest of the balance at the date and at all the later ones: what
    a later conversion used is not used twice when an earlier month is closed
    again.
    The result is never negative.
    """
    return max(lowest(balance, later), ZERO)
