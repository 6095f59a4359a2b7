# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the capital may fall to, and how high it has been."""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from trytond.modules.coop_ledger.money import round_half_up

ZERO = Decimal(0)
# Of the highest capital ever reached: law 47-1775, article 13, and for a SCOP
# law 78-763, article 31
OF_HIGHEST = {'quarter': Fraction(1, 4), 'half': Fraction(1, 2)}
# Of the capital of the statutes: Code de commerce, L231-5
OF_STATUTES = Fraction(1, 10)


def floor(
        highest: Decimal, of_highest: str, statutory: Decimal = ZERO,
        minimum: Decimal = ZERO, digits: int = 2) -> Decimal:
    """Return the sum under which refunds may not bring the capital.

    It is the highest of a quarter (in a SCOP: a half) of the highest capital
    ever reached, a tenth of the capital that the statutes tell, and the
    minimum that they tell.
    All are in the currency; what is a fraction of a cent is rounded half up.

    Raise KeyError if of_highest is neither 'quarter' nor 'half', ValueError if
    a sum is negative.

    >>> floor(Decimal(64000), 'quarter')
    Decimal('16000.00')
    """
    if min(highest, statutory, minimum) < 0:
        raise ValueError("no sum may be negative")
    return max(
        _part(highest, OF_HIGHEST[of_highest], digits),
        _part(statutory, OF_STATUTES, digits),
        round_half_up(minimum, digits))


def _part(amount: Decimal, fraction: Fraction, digits: int) -> Decimal:
    return round_half_up(
        amount * fraction.numerator / fraction.denominator, digits)


def highest(
        changes: Iterable[tuple[date, Decimal]], until: date | None = None,
        before: Decimal = ZERO) -> Decimal:
    """Return the highest capital reached at the end of a day.

    changes are those of the capital with their days, in any order; before is
    the highest that it had reached when they begin.

    >>> highest([(date(2024, 1, 1), Decimal(9)), (date(2024, 2, 1), -4)])
    Decimal('9')
    """
    by_day: dict[date, Decimal] = {}
    for day, change in changes:
        if until is None or day <= until:
            by_day[day] = by_day.get(day, ZERO) + change
    capital, found = ZERO, before
    for day in sorted(by_day):
        capital += by_day[day]
        found = max(found, capital)
    return found
