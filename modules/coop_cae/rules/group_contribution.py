# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a co-operative of a group owes to another one for shared services.

It is a supply between two companies, invoiced with VAT; the amounts here are
without it.
"""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trytond.modules.coop_ledger.money import round_half_up

from .clock import A_DAY, whole_months


class Terms(NamedTuple):
    """rate is the part of the contributions that the beneficiary books,
    monthly an amount for each month: one of them is told."""
    rate: Decimal | None = None
    monthly: Decimal | None = None


def are_whole_months(start: date, end: date) -> bool:
    """Tell if a span is of whole months of the calendar.

    >>> are_whole_months(date(2024, 2, 1), date(2024, 2, 29))
    True
    """
    return start.day == 1 and (end + A_DAY).day == 1 and start <= end


def due(
        terms: Terms, contributions: Decimal, start: date, end: date,
        digits: int) -> Decimal:
    """Return what is owed for a span of whole months, rounded once.

    contributions is what the beneficiary has booked in it from its activities.
    Raise ValueError if the months are not whole.

    >>> due(Terms(rate=Decimal('0.3')), Decimal('100.05'),
    ...     date(2024, 1, 1), date(2024, 1, 31), 2)
    Decimal('30.02')
    """
    if not are_whole_months(start, end):
        raise ValueError("the months are not whole")
    if terms.rate is not None:
        return round_half_up(contributions * terms.rate, digits)
    return round_half_up(
        terms.monthly * whole_months(start, end + A_DAY), digits)


def to_invoice(owed: Decimal, invoiced: Iterable[Decimal]) -> Decimal:
    """Return what is left to invoice of what is owed since the beginning: a
    month that was closed again after its invoice is caught up by the next one.

    >>> to_invoice(Decimal('30.02'), [Decimal('10.00'), Decimal('15.00')])
    Decimal('5.02')
    """
    return owed - sum(invoiced, Decimal(0))
