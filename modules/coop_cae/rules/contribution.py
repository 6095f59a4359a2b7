# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contribution of an activity to the shared services of the co-op.

No text fixes the computation: article R7331-8 of the *Code du travail* leaves
bases, rates and amounts to the general meeting.
Here the contribution is computed for the year to date and the difference with
what is booked already is booked, so that credit notes and late invoices
correct themselves and no cent drifts.
"""
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trytond.modules.coop_ledger.money import round_half_up

ZERO = Decimal(0)
A_DAY = datetime.timedelta(days=1)

# What becomes of a base that is negative over the whole year
GIVEN_BACK, CARRIED, LOST = 'given_back', 'carried', 'lost'


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of the base of the year: up to an amount of the base (None for
    no end), at a rate (a ratio between 0 and 1)."""
    up_to: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks: slices in growing order, a minimum and a maximum per
    twelve months (None for none), a fee per month, in the currency, and what
    becomes of a negative base."""
    slices: tuple[Slice, ...]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    monthly_fee: Decimal = ZERO
    negative: str = GIVEN_BACK


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the year to date under the same terms (None: exempted).

    base: the base within the span
    time: the time of the span in which the activity was running, of which
    twelve months are 1
    fees: how many monthly fees are due
    """
    terms: Terms | None
    base: Decimal
    time: Fraction
    fees: int


def scale(slices: tuple[Slice, ...], base: Decimal) -> Decimal:
    """Return the contribution by slices on a base, not rounded.

    Each slice takes its rate on its own part of the base.

    Raise ValueError if the base is negative, or if the slices are not in
    growing order or do not end.

    >>> ten = (Slice(None, Decimal('0.10')),)
    >>> scale(ten, Decimal('3500.00'))
    Decimal('350.0000')
    """
    if not slices or slices[-1].up_to is not None:
        raise ValueError("the last slice must have no end")
    if base < 0:
        raise ValueError("the base must not be negative")
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


@dataclass(frozen=True, slots=True)
class Year:
    """The spans of a fiscal year, and what becomes of a base that is negative
    over all of them."""
    spans: tuple[Span, ...]
    negative: str = GIVEN_BACK


def settle(bases: Sequence[Decimal]) -> list[Decimal]:
    """Return the bases of the spans of a year once those that are negative
    are set off: on the nearest span before that has something, then on those
    that follow.

    The sum stays the same; none is negative unless the sum is, and none is
    positive if it is.
    So a credit note that is not linked to its invoice gives back the rate of
    the last sales before it, and a year whose base is zero owes nothing.

    >>> settle([Decimal(1000), Decimal(-400)])
    [Decimal('600'), Decimal('0')]
    """
    result = list(bases)
    for i, base in enumerate(bases):
        if base < 0:
            _take(
                result, i, [*range(i - 1, -1, -1), *range(i + 1, len(bases))])
    return result


def _take(bases, place, others):
    "Set a negative base off on others, in their order"
    for other in others:
        taken = min(max(bases[other], ZERO), max(-bases[place], ZERO))
        bases[other] -= taken
        bases[place] += taken


def settle_years(years: Sequence[Year]) -> list[list[Decimal]]:
    """Return the bases on which the spans of fiscal years contribute, the
    years in their order: none is negative.

    What is negative over a year is given back: set off on the last spans of
    the years before that have something, as far as they go; or carried: set
    off on the year after; or lost.
    """
    result: list[list[Decimal]] = []
    carried = ZERO
    for year in years:
        bases = [span.base for span in year.spans]
        if bases:
            bases[0] += carried
            carried = ZERO
        bases = settle(bases)
        left = min(sum(bases, ZERO), ZERO)
        if left and year.negative == CARRIED:
            carried = left
        elif left and year.negative == GIVEN_BACK:
            before = [left, *(b for done in result[::-1] for b in done[::-1])]
            _take(before, 0, range(1, len(before)))
            settled = iter(before[1:])
            for done in result[::-1]:
                done[:] = [next(settled) for _ in done][::-1]
        result.append([max(base, ZERO) for base in bases])
    return result


def due_to_date(years: Sequence[Year], digits: int = 2) -> Decimal:
    """Return what an activity owes for fiscal years, the years in their order
    and the last one to date.

    Each span contributes at its own terms on its own base once the negative
    ones are set off (settle_years); slices go on from the base of the year
    before the span.
    The minimum and maximum count per twelve months in proportion to the days
    of the spans; a maximum holds only if every span of its year that is not
    exempted has one.
    The monthly fees come on top.
    Each year is rounded once, half up, to the digits of the currency.

    Source: article R7331-8 (base, rate or amount fixed by the general
    meeting); the computation itself is the co-op's choice.
    """
    return sum((
            _due(year.spans, bases, digits)
            for year, bases in zip(years, settle_years(years))), ZERO)


def _due(spans, bases, digits):
    amount, before, fees = ZERO, ZERO, ZERO
    minimum, maximum = Fraction(0), Fraction(0)
    bounded = True
    for span, base in zip(spans, bases):
        terms = span.terms
        if terms is not None:
            amount += (
                scale(terms.slices, before + base)
                - scale(terms.slices, before))
            if terms.minimum is not None:
                minimum += Fraction(terms.minimum) * span.time
            if terms.maximum is None:
                bounded = False
            else:
                maximum += Fraction(terms.maximum) * span.time
            fees += terms.monthly_fee * span.fees
        before += base
    exact = max(Fraction(amount), minimum)
    if bounded:
        exact = min(exact, maximum)
    exact += Fraction(fees)
    # A quotient has far more digits than any currency
    return round_half_up(
        Decimal(exact.numerator) / Decimal(exact.denominator), digits)


def to_book(due: Decimal, booked: Decimal) -> Decimal:
    """Return the amount to book: what is due to date less what is booked to
    date; it is negative when the base went down."""
    return due - booked


def twelve_months(
        first: datetime.date, last: datetime.date,
        year_start: datetime.date) -> Fraction:
    """Return the time from a day to another, both included, of which twelve
    months from the first day of the fiscal year, or from a year after, are 1.

    So a fiscal year of three months counts for its days over those of twelve
    months, and one of eighteen for more than one.

    >>> day = datetime.date
    >>> twelve_months(day(2024, 1, 1), day(2025, 6, 30), day(2024, 1, 1))
    Fraction(546, 365)
    """
    time = Fraction(0)
    start, years = year_start, 0
    while start <= last:
        years += 1
        end = _years_after(year_start, years)
        days = (min(last + A_DAY, end) - max(first, start)).days
        if days > 0:
            time += Fraction(days, (end - start).days)
        start = end
    return time


def _years_after(date, years):
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        # The 29th of February
        return datetime.date(date.year + years, 3, 1)


def running_time(
        start: datetime.date, end: datetime.date,
        activity_start: datetime.date | None,
        activity_end: datetime.date | None,
        year_start: datetime.date) -> tuple[Fraction, int]:
    """Return the time of a span in which an activity runs, of which twelve
    months are 1, and its months.

    A month counts in the span that holds its last running day, so that a
    month is paid once when the terms change within it.
    """
    first = max(start, activity_start) if activity_start else start
    last = min(end, activity_end) if activity_end else end
    if first > last:
        return Fraction(0), 0
    months = (last.year - first.year) * 12 + last.month - first.month
    ends_month = (last + A_DAY).day == 1
    if ends_month or last == activity_end:
        months += 1
    return twelve_months(first, last, year_start), months
