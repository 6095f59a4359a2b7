# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a member who leaves is given back for the shares."""
import calendar
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from trytond.modules.coop_ledger.money import round_fraction, round_half_up

ZERO = Decimal(0)
FORMULAS = ['proportional', 'statutory_first', 'revaluation_first']
# Code de commerce, L231-6
LIABLE_YEARS = 5


def loss_on_capital(
        formula: str, loss: Decimal, capital: Decimal,
        statutory: Decimal = ZERO, revaluation: Decimal = ZERO) -> Fraction:
    """Return the part of the losses of a balance sheet that the capital bears.

    capital is that of the closing with the shares of those who left in the
    year; statutory are the statutory reserves, revaluation is the reserve set
    up to revalue shares; the legal reserve is left out.  The formula is that
    of the statutes (law 47-1775, article 18, al. 3):

    - proportional: loss × capital / (capital + statutory reserves);
    - statutory_first: what exceeds the statutory reserves;
    - revaluation_first: what exceeds the reserve of revaluation, in proportion
      as above.

    It is exact, not rounded, and is the capital at most.
    Raise ValueError if the formula is unknown or a sum is negative.

    >>> loss_on_capital(
    ...     'proportional', Decimal(12000), Decimal(60000), Decimal(20000))
    Fraction(9000, 1)
    """
    if formula not in FORMULAS:
        raise ValueError(f"unknown formula: {formula}")
    if min(loss, capital, statutory, revaluation) < 0:
        raise ValueError("no sum may be negative")
    if not capital:
        return Fraction(0)
    if formula == 'statutory_first':
        return Fraction(min(max(loss - statutory, ZERO), capital))
    if formula == 'revaluation_first':
        loss = max(loss - revaluation, ZERO)
    return min(
        Fraction(loss) * Fraction(capital) / Fraction(capital + statutory),
        Fraction(capital))


def loss_borne(
        amount: Decimal, loss: Fraction, capital: Decimal,
        digits: int = 2, reduced: Decimal = ZERO) -> Decimal:
    """Return the part of a loss on the capital that shares bear.

    amount is what the shares are in the capital, paid up or not; reduced is
    what reductions of the nominal value in the year have taken from them for
    losses already; capital and loss are those of the year before any of these
    reductions.  So all the shares of a year bear the same, whenever they go.
    The result is rounded half up, once for all the shares of the member, and
    is the amount at most.
    Raise ValueError if the shares are more than the capital.

    >>> loss_borne(Decimal(600), Fraction(9000), Decimal(60000))
    Decimal('90.00')
    >>> loss_borne(
    ...     Decimal(540), Fraction(9000), Decimal(60000), reduced=Decimal(60))
    Decimal('30.00')
    """
    base = amount + reduced
    if base > capital:
        raise ValueError("the shares are more than the capital")
    if not base:
        return round_half_up(ZERO, digits)
    borne = round_fraction(loss * Fraction(base) / Fraction(capital), digits)
    return min(
        max(borne - reduced, round_half_up(ZERO, digits)),
        round_half_up(amount, digits))


def revaluation_part(
        amount: Decimal, reserve: Decimal, capital: Decimal,
        full_years: int, digits: int = 2) -> Decimal:
    """Return the part of the reserve of revaluation that goes with shares.

    It is in proportion to the capital, for members of five full years at least
    (law 47-1775, article 18, al. 2), and rounded half up.

    >>> revaluation_part(Decimal(600), Decimal(5000), Decimal(60000), 5)
    Decimal('50.00')
    """
    if full_years < 5 or not amount:
        return round_half_up(ZERO, digits)
    return round_fraction(
        Fraction(reserve) * Fraction(amount) / Fraction(capital), digits)


def set_off(owed: Sequence[Decimal], paid: Decimal) -> list[Decimal]:
    """Return what is left of debts, the oldest first, once a sum was paid on
    account: it pays each in full before the next one.

    What is more than all of them is left aside.

    >>> set_off([Decimal(600), Decimal(400)], Decimal(700))
    [Decimal('0'), Decimal('300')]
    """
    left = []
    for debt in owed:
        part = min(paid, max(debt, ZERO))
        paid -= part
        left.append(debt - part)
    return left


def years_later(day: date, years: int) -> date:
    """Return the same day some years later, the 28 February for a 29 that
    the year does not have.

    >>> years_later(date(2024, 2, 29), 5)
    datetime.date(2029, 2, 28)
    """
    year = day.year + years
    last = calendar.monthrange(year, day.month)[1]
    return day.replace(year=year, day=min(day.day, last))


def full_years(start: date, end: date) -> int:
    """Return the full years of a membership, its first and its last day
    included.

    >>> full_years(date(2019, 1, 1), date(2023, 12, 31))
    5
    """
    years = end.year - start.year + 1
    while years and years_later(start, years).toordinal() > (
            end.toordinal() + 1):
        years -= 1
    return years
