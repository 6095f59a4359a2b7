# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who runs an activity of several people, and for which share, on each day."""
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, TypeVar

from .clock import A_DAY

Split = TypeVar('Split')


class Agreed(NamedTuple):
    "The split of a signed agreement; end is None as long as it holds"
    start: date
    end: date | None
    split: object

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or self.end >= day)


def splits_of_period(
        agreements: Iterable[Agreed], start: date, end: date,
        otherwise: Split, earlier: Split | None = None
        ) -> list[tuple[date, date, Split]]:
    """Return the splits of an activity in a period, each with its first and
    its last day: they follow each other and cover the period.

    The agreement in force gives the split (code du travail, R7331-6), of two
    the one that began last.
    Before the first of them it is the earlier one, where it is known; on other
    days without an agreement what the activity has now, otherwise.

    Raise ValueError if the period ends before it starts.

    >>> splits_of_period(
    ...     [Agreed(date(2024, 7, 1), None, 'AB')],
    ...     date(2024, 1, 1), date(2024, 12, 31), 'AB', 'A')
    ... # doctest: +NORMALIZE_WHITESPACE
    [(datetime.date(2024, 1, 1), datetime.date(2024, 6, 30), 'A'),
     (datetime.date(2024, 7, 1), datetime.date(2024, 12, 31), 'AB')]
    """
    if end < start:
        raise ValueError("the period ends before it starts")
    agreements = sorted(agreements, key=lambda a: a.start)
    days = {start}
    for agreement in agreements:
        days.add(agreement.start)
        if agreement.end:
            days.add(agreement.end + A_DAY)
    days = sorted(d for d in days if start <= d <= end)
    found = []
    for first, following in zip(days, [*days[1:], end + A_DAY]):
        holding = [a.split for a in agreements if a.holds_on(first)]
        if holding:
            split = holding[-1]
        elif earlier and agreements and first < agreements[0].start:
            split = earlier
        else:
            split = otherwise
        if found and found[-1][-1] == split:
            first = found.pop()[0]
        found.append((first, following - A_DAY, split))
    return found
