# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Full-time equivalents of employed entrepreneurs."""
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from trytond.modules.coop_ledger.money import round_half_up

from .clock import A_DAY

# Hours of a month at 35 hours a week (code du travail, L3121-27)
FULL_TIME = Decimal('151.67')


class Employment(NamedTuple):
    """A contract of an employed entrepreneur; last_day is None while it runs
    on.

    hours are those of a month, None when they are not told; changes are the
    days from which an amendment gives other hours.
    """
    start: date
    last_day: date | None = None
    hours: Decimal | None = None
    changes: Sequence[tuple[date, Decimal]] = ()


def full_time(
        employments: Iterable[Employment], start: date,
        end: date) -> Decimal:
    """Return the full-time equivalents of a period, to the hundredth.

    Each day of a contract counts for its hours in those of a full time, or
    for a full time when no hours are told.

    >>> full_time([Employment(date(2024, 1, 1), hours=Decimal('75.835'))],
    ...     date(2024, 1, 1), date(2024, 12, 31))
    Decimal('0.50')
    """
    days = (end - start).days + 1
    # Days are counted before they are weighed: most hours are the same
    worked = Counter()
    for employment in employments:
        for hours, number in _worked(employment, start, end):
            worked[hours] += number
    total = sum(
        (FULL_TIME if hours is None else hours) * number
        for hours, number in worked.items())
    return round_half_up(Decimal(total) / FULL_TIME / days, 2)


def _worked(
        employment: Employment, start: date,
        end: date) -> Iterable[tuple[Decimal | None, int]]:
    "Yield the hours of a month with their number of days"
    first = max(employment.start, start)
    last = min(employment.last_day or end, end)
    hours = employment.hours
    for day, changed in sorted(employment.changes):
        if day > first:
            until = min(day - A_DAY, last)
            yield hours, max((until - first).days + 1, 0)
            first = day
        hours = changed
    yield hours, max((last - first).days + 1, 0)
