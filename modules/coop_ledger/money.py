# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Money is rounded here and nowhere else: to the currency, half up."""
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from math import lcm


@cache
def _unit(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def round_half_up(amount: Decimal, digits: int = 2) -> Decimal:
    """Return the amount at the digits of its currency, half a unit going away
    from zero, as accountants round.

    >>> round_half_up(Decimal('100.005'))
    Decimal('100.01')
    """
    return amount.quantize(_unit(digits), ROUND_HALF_UP)


def round_fraction(amount: Fraction, digits: int = 2) -> Decimal:
    """Return an exact quotient at the digits of the currency, half a unit
    going away from zero.

    >>> round_fraction(Fraction(1, 3))
    Decimal('0.33')
    """
    units = (
        2 * abs(amount.numerator) * 10 ** digits + amount.denominator
        ) // (2 * amount.denominator)
    return Decimal(-units if amount < 0 else units).scaleb(-digits)


def round_down(amount: Decimal, digits: int = 2) -> Decimal:
    """Return the amount at the digits of its currency, towards zero, for what
    must never go beyond a limit.

    >>> round_down(Decimal('5153.846'))
    Decimal('5153.84')
    """
    return amount.quantize(_unit(digits), ROUND_DOWN)


def distribute(
        amount: Decimal, weights: Sequence[Decimal], digits: int = 2
        ) -> list[Decimal]:
    """Return the parts of an amount in proportion to weights, to the cent.

    The parts add up to the amount.
    Each is its exact share towards zero; the units that are left go to those
    that lost most, the first of equals first.

    Raise ValueError if a weight is negative, if all are null, or if the amount
    has more digits than its currency.

    >>> distribute(Decimal('100.00'), [Decimal(1)] * 3)
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    if not any(weights) or min(weights) < 0:
        raise ValueError("weights must be positive")
    unit = _unit(digits)
    if amount != round_down(amount, digits):
        raise ValueError("the amount has too many digits")
    # Integers, as the division of decimals is not exact
    units = int(abs(amount) / unit)
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = lcm(*(denominator for _, denominator in ratios))
    shares = [n * (scale // denominator) for n, denominator in ratios]
    total = sum(shares)
    parts, losses = zip(*(divmod(units * share, total) for share in shares))
    parts = list(parts)
    order = sorted(range(len(parts)), key=lambda i: (-losses[i], i))
    for i in order[:units - sum(parts)]:
        parts[i] += 1
    sign = -1 if amount < 0 else 1
    return [sign * part * unit for part in parts]
