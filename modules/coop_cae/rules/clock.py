# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The legal clocks of a person with a co-operative.

Months are those of the calendar: from the 31 January, a month ends on the last
day of February.  The first and the last day of a contract are both of it.
"""
import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

A_DAY = timedelta(days=1)
SHORTEST_MONTH = 28
# Code de commerce, L127-2
CAPE_MONTHS = 12
CAPE_RENEWALS = 2
CAPE_MONTHS_IN_ALL = 36
# Code du travail, L7331-3
MEMBERSHIP_MONTHS = 36
# Code du travail, L7332-1
TRIAL_MONTHS = 8
# Code du travail, R7331-3
INTERVIEWS = 2
INTERVIEW_MONTHS = 12


class Span(NamedTuple):
    "The first and the last day of a contract, None while it runs on"
    start: date
    end: date | None = None


class Duration(NamedTuple):
    "Whole months, then days"
    months: int = 0
    days: int = 0

    def __add__(self, other):
        return Duration(self.months + other.months, self.days + other.days)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later or earlier month, or its last one.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 2, 29), -12)
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def whole_months(start: date, day: date) -> int:
    """Return the months that have gone by from a day to another one, none when
    it comes before.

    >>> whole_months(date(2024, 1, 31), date(2024, 2, 29))
    1
    """
    months = (day.year - start.year) * 12 + day.month - start.month
    if day.day < start.day and add_months(start, months) > day:
        months -= 1
    return max(months, 0)


def last_day(start: date, months: int) -> date:
    """Return the last day of so many months from a first one.

    >>> last_day(date(2024, 1, 15), 12)
    datetime.date(2025, 1, 14)
    """
    return add_months(start, months) - A_DAY


def duration(span: Span) -> Duration:
    """Return how long a contract was, both days included: whole months from
    its first day, then days.

    Raise ValueError if it has no end, or ends before its start.

    >>> duration(Span(date(2024, 1, 15), date(2025, 3, 14)))
    Duration(months=14, days=0)
    """
    if span.end is None or span.end < span.start:
        raise ValueError("the contract has no end after its start")
    after = span.end + A_DAY
    months = (after.year - span.start.year) * 12 + (
        after.month - span.start.month)
    if add_months(span.start, months) > after:
        months -= 1
    return Duration(months, (after - add_months(span.start, months)).days)


def previous(start: date, spans: Iterable[Span]) -> list[Span]:
    """Return what was before a day of contracts, apart from each other: a day
    of two contracts counts once, one without a contract does not count.

    >>> previous(date(2024, 4, 1), [
    ...     Span(date(2024, 1, 1), date(2024, 1, 31)),
    ...     Span(date(2024, 2, 1), date(2024, 5, 31))])[0].end
    datetime.date(2024, 3, 31)
    """
    joined: list[Span] = []
    for span in sorted(s for s in spans if s.start < start):
        end = start - A_DAY
        if span.end is not None:
            end = min(span.end, end)
        if end < span.start:
            continue
        if joined and span.start <= joined[-1].end + A_DAY:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        else:
            joined.append(Span(span.start, end))
    return joined


def _counted_from_the_first(
        start: date, months: int, spans: Iterable[Span]) -> date:
    """Return the day so many months after a start, less what was before.

    The months count from the first contract, and stop while there is none: so
    contracts that follow each other make one clock, to the day.
    """
    before = previous(start, spans)
    if not before:
        return add_months(start, months)
    gaps = Duration()
    for one, other in zip(before, [*before[1:], Span(start)]):
        if one.end + A_DAY < other.start:
            gaps += duration(Span(one.end + A_DAY, other.start - A_DAY))
    return (
        add_months(before[0].start, months + gaps.months)
        + timedelta(gaps.days))


def membership_deadline(start: date, spans: Iterable[Span]) -> date:
    """Return the day by which the person of a CESA must be a member: three
    years from its start, less the duration of the CAPE and of other contracts
    with the same co-operative; the start itself when nothing is left
    (code du travail, L7331-3).

    >>> membership_deadline(
    ...     date(2025, 3, 15), [Span(date(2024, 1, 15), date(2025, 3, 14))])
    datetime.date(2027, 1, 15)
    """
    deadline = _counted_from_the_first(start, MEMBERSHIP_MONTHS, spans)
    return max(deadline, start)


def trial_limit(start: date, spans: Iterable[Span]) -> date | None:
    """Return the last day that the trial of a CESA may have: eight months with
    its renewal, less the same durations; None when there can be no trial
    (code du travail, L7332-1).

    >>> trial_limit(
    ...     date(2025, 3, 15), [Span(date(2024, 1, 15), date(2025, 3, 14))])
    """
    end = _counted_from_the_first(start, TRIAL_MONTHS, spans) - A_DAY
    return end if end >= start else None


def cape_limit(start: date) -> date:
    """Return the last day that a CAPE, or a renewal, may have: twelve months
    (code de commerce, L127-2)."""
    return last_day(start, CAPE_MONTHS)


def cape_chain_limit(start: date) -> date:
    """Return the last day that a CAPE may have with its two renewals, from the
    start of the first (code de commerce, L127-2)."""
    return last_day(start, CAPE_MONTHS_IN_ALL)


class InterviewPeriod(NamedTuple):
    "Twelve months of a contract, with how many interviews are missing"
    start: date
    end: date
    missing: int


def interview_period(
        start: date, day: date, signed: Iterable[date]) -> InterviewPeriod:
    """Return the twelve months of a contract that a day is in, and how many
    interviews they miss of two (code du travail, R7331-3).

    signed are the days of the interviews whose document is signed.
    Raise ValueError if the day is before the contract.

    >>> interview_period(
    ...     date(2024, 2, 29), date(2025, 3, 1), [date(2025, 2, 28)]).missing
    1
    """
    if day < start:
        raise ValueError("the day is before the contract")
    years = day.year - start.year
    if add_months(start, years * INTERVIEW_MONTHS) > day:
        years -= 1
    first = add_months(start, years * INTERVIEW_MONTHS)
    end = add_months(start, (years + 1) * INTERVIEW_MONTHS) - A_DAY
    held = sum(first <= d <= end for d in signed)
    return InterviewPeriod(first, end, max(INTERVIEWS - held, 0))
