# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What an activity can spend on pay, once a reserve is kept.

No text fixes the reserve: the support team asks that the treasury covers the
full cost of the pay, and usually some months more.
Amounts are in the currency of the company.
"""
from decimal import Decimal
from fractions import Fraction
from math import ceil

from trytond.modules.coop_ledger.money import round_down, round_half_up

ZERO = Decimal(0)


def reserve(
        amount: Decimal, months: Decimal, month_cost: Decimal,
        digits: int = 2) -> Decimal:
    """Return what is to be left in the treasury: a sum, and some months of
    what a month of pay costs, rounded half up.

    Raise ValueError if the sum, the months or the cost are negative.

    >>> reserve(Decimal('500.00'), Decimal('1.5'), Decimal('2795.00'))
    Decimal('4692.50')
    """
    if min(amount, months, month_cost) < 0:
        raise ValueError("a reserve cannot be negative")
    return round_half_up(amount + months * month_cost, digits)


def available(
        treasury: Decimal, contribution: Decimal, reserve: Decimal) -> Decimal:
    """Return what is left of the treasury once the contribution that is due
    and not booked yet is given, and the reserve is kept; negative if they do
    not fit in.

    A negative contribution is one that the activity is to be given back.
    """
    return treasury - contribution - reserve


def share_of(amount: Decimal, ratio: Decimal, digits: int = 2) -> Decimal:
    """Return the part of somebody in what is left, rounded down so that the
    parts of all never exceed it; nothing if nothing is left.

    Source: article R7331-6, the agreement on a joint activity splits the pay.
    Raise ValueError if the ratio is not between 0 and 1.

    >>> share_of(Decimal('100.00'), Decimal('0.333333'))
    Decimal('33.33')
    """
    if not 0 <= ratio <= 1:
        raise ValueError("the share is a part of the pay")
    return round_down(max(amount, ZERO) * ratio, digits)


def amount_for(part: Decimal, ratio: Decimal, digits: int = 2) -> Decimal:
    """Return the smallest amount whose share is at least a part; none if the
    part is not positive.

    Raise ValueError if the ratio is not between 0, excluded, and 1.

    >>> amount_for(Decimal('100.00'), Decimal('0.3'))
    Decimal('333.34')
    """
    if not 0 < ratio <= 1:
        raise ValueError("the share is a part of the pay")
    units = ceil(Fraction(part) * 10 ** digits / Fraction(ratio))
    return Decimal(max(units, 0)).scaleb(-digits)
