# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Where a month of a co-operative stands on the way to its close."""
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from .clock import A_DAY


class Month(NamedTuple):
    """What is known of a month.

    closed: a close of it was done and not undone
    is_open: its accounting period takes entries
    is_over: its last day has come
    is_next: no earlier month is left to close
    left: how many things wait: drafts, and faults of a close
    unreckoned: how many entries came after the last close of the month and of
    those that follow in its fiscal year, each of which books what came late
    undue: of how many activities what is booked is not what is due to date
    """
    closed: bool
    is_open: bool
    is_over: bool
    is_next: bool
    left: int = 0
    unreckoned: int = 0
    undue: int = 0


def state(month: Month) -> str:
    """Return where the month stands.

    >>> state(Month(False, True, True, True))
    'ready'
    >>> state(Month(False, True, True, True, left=2))
    'left'
    >>> state(Month(True, True, True, False, unreckoned=1))
    'late'
    """
    if month.closed:
        return 'late' if month.unreckoned or month.undue else 'closed'
    if not month.is_open:
        return 'locked'
    if not month.is_next:
        return 'waiting'
    if not month.is_over:
        return 'running'
    return 'left' if month.left else 'ready'


def covered(
        spans: Iterable[tuple[date, date | None]], start: date,
        end: date) -> bool:
    """Return whether each day from start to end, both included, is in a span;
    a span without end runs on.

    >>> covered([(date(2024, 1, 1), None)], date(2024, 1, 1),
    ...     date(2024, 5, 31))
    True
    >>> covered([(date(2024, 1, 1), date(2024, 3, 31))], date(2024, 1, 1),
    ...     date(2024, 5, 31))
    False
    """
    day = start
    for first, last in sorted(spans, key=lambda s: s[0]):
        if first > day or day > end:
            break
        if last is None:
            return True
        day = max(day, last + A_DAY)
    return day > end


def first_open(months: Sequence[tuple[date, bool]]) -> date | None:
    """Return the first day of the first month that is not closed, of pairs of
    first day and whether it is closed.

    >>> first_open([(date(2024, 2, 1), False), (date(2024, 1, 1), True)])
    datetime.date(2024, 2, 1)
    """
    return min((start for start, closed in months if not closed), default=None)
