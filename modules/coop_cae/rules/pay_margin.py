# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The gross margin that a pay needs, under the rules of contribution.

The contribution is that of the year to date (rules/contribution.py): slices,
a minimum already reached or a maximum make more margin cost more or less than
its rate.
"""
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from .contribution import Year, due_to_date

ZERO = Decimal(0)
# A margin that costs more than this many times the pay is no answer
_FURTHEST = 2 ** 32


def contribution_on(
        margin: Decimal, years: Sequence[Year], digits: int = 2) -> Decimal:
    """Return by how much more margin raises the contribution of fiscal years,
    the last one to date: the margin comes within its last span.

    It is null while the activity is exempted or owes its minimum, negative
    for no margin.

    Raise ValueError without any span.
    """
    if not years or not years[-1].spans:
        raise ValueError("no rule tells the contribution")
    *before, year = years
    *others, last = year.spans
    more = replace(last, base=last.base + margin)
    return (
        due_to_date(
            [*before, replace(year, spans=(*others, more))], digits)
        - due_to_date(years, digits))


def margin_for(
        cost: Decimal, years: Sequence[Year], digits: int = 2) -> Decimal:
    """Return the smallest margin that leaves a cost once the contribution that
    it adds is given.

    The base is taken to grow as the margin does.
    Under a flat rate it is the same as pay_estimate.margin_needed.

    Raise ValueError without any span, or if the contribution takes all.
    """
    if cost <= 0:
        return ZERO.scaleb(-digits)

    def leaves(units):
        margin = Decimal(units).scaleb(-digits)
        return margin - contribution_on(
            margin, years, digits) >= cost

    low = int(cost.scaleb(digits)) - 1
    high = low + 1
    # What is left never falls as the margin grows: no rate is above 1
    while not leaves(high):
        low, high = high, high * 2
        if high > cost.scaleb(digits) * _FURTHEST:
            raise ValueError("the contribution takes all the margin")
    while high - low > 1:
        middle = (low + high) // 2
        if leaves(middle):
            high = middle
        else:
            low = middle
    return Decimal(high).scaleb(-digits)
