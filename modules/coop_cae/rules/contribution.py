# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contribution of an activity to the shared services of the co-op.

No text fixes the reckoning: article R7331-8 of the *Code du travail* leaves
bases, rates and amounts to the general meeting.
Here the contribution is reckoned for the year to date and the difference with
what is booked already is booked, so that credit notes and late invoices
correct themselves and no cent drifts.
"""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from trytond.modules.coop_ledger.money import round_half_up

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of the base of the year: up to an amount of the base (None for
    no end), at a rate (a ratio between 0 and 1)."""
    up_to: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks: slices in growing order, a minimum and a maximum per
    full year (None for none) and a fee per month, in the currency."""
    slices: tuple[Slice, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    monthly_fee: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the year to date under the same terms (None: exempted).

    before: the base from the first day of the year to the span, excluded
    base: the base within the span
    days, months: the time of the span in which the activity was running
    """
    terms: Terms | None
    before: Decimal
    base: Decimal
    days: int
    months: int


def scale(slices: tuple[Slice, ...], base: Decimal) -> Decimal:
    """Return the contribution by slices on a base, not rounded.

    Each slice takes its rate on its own part of the base.
    A negative base takes the rate of the first slice, so that a credit note
    gives back what its invoice had cost.

    Raise ValueError if the slices are not in growing order or do not end.

    >>> ten = (Slice(None, Decimal('0.10')),)
    >>> scale(ten, Decimal('3500.00'))
    Decimal('350.0000')
    """
    if not slices or slices[-1].up_to is not None:
        raise ValueError("the last slice must have no end")
    if base < 0:
        return base * slices[0].rate
    amount, floor = ZERO, ZERO
    for slice_ in slices:
        top = slice_.up_to
        if top is not None and top <= floor:
            raise ValueError("the slices must grow")
        if top is None or base <= top:
            return amount + (base - floor) * slice_.rate
        amount += (top - floor) * slice_.rate
        floor = top
    raise AssertionError("unreachable")


def due_to_date(
        spans: list[Span], year_days: int, digits: int = 2) -> Decimal:
    """Return what an activity owes from the first day of the fiscal year.

    Each span contributes at its own terms on its own base; slices go on from
    the base of the year before the span.
    The sum is never negative; the yearly minimum and maximum count in
    proportion to the days of the span over the days of the year; a maximum
    holds only if every span that is not exempted has one.
    The monthly fee comes on top.
    The result is rounded once, half up, to the digits of the currency.

    Source: article R7331-8 (base, rate or amount fixed by the general
    meeting); the reckoning itself is the co-op's choice.
    """
    amount, minimum, maximum, fees = ZERO, ZERO, ZERO, ZERO
    bounded = True
    for span in spans:
        terms = span.terms
        if terms is None:
            continue
        if span.before:
            amount += (
                scale(terms.slices, span.before + span.base)
                - scale(terms.slices, span.before))
        else:
            amount += scale(terms.slices, span.base)
        if terms.minimum is not None:
            minimum += terms.minimum * span.days / year_days
        if terms.maximum is None:
            bounded = False
        else:
            maximum += terms.maximum * span.days / year_days
        fees += terms.monthly_fee * span.months
    amount = max(amount, minimum)
    if bounded and spans:
        amount = min(amount, maximum)
    return round_half_up(max(amount, ZERO) + fees, digits)


def to_book(due: Decimal, booked: Decimal) -> Decimal:
    """Return the amount to book: what is due to date less what is booked to
    date; it is negative when the base went down."""
    return due - booked


def running_time(
        start: datetime.date, end: datetime.date,
        activity_start: datetime.date | None,
        activity_end: datetime.date | None) -> tuple[int, int]:
    """Return the days and the months of a span in which an activity runs.

    A month counts in the span that holds its last running day, so that a
    month is paid once when the terms change within it.
    """
    first = max(start, activity_start) if activity_start else start
    last = min(end, activity_end) if activity_end else end
    if first > last:
        return 0, 0
    days = (last - first).days + 1
    months = (last.year - first.year) * 12 + last.month - first.month
    ends_month = (last + datetime.timedelta(days=1)).day == 1
    if ends_month or last == activity_end:
        months += 1
    return days, months
