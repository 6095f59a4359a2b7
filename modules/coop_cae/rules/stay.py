# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who is with the co-operative and from when to when, from contracts alone.

A *stay* is made of the signed contracts of a person that follow each other
until an exit is recorded.  A contract follows another one that it overlaps or
that ends on the day before, whatever is recorded on that one; it also follows
after days without a contract, as long as no exit is recorded.  A stay whose
last contract is over has ended, even if nobody has told why.

*Active* on a day is who has a contract that covers it; *hosted* in a period is
who is active on some day of it.  The *entry* is the first day of a stay, a
*return* that of a second stay or a later one; the *exit* is the last day of a
stay that has ended.  All of it is as of a date: contracts that begin later
than the day after, and exits that come later, are not there yet.

For a group of co-operatives, the contracts of a person with all of them make
the stays, and an exit to another of them ends none when a contract follows
within a month.
"""
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from .clock import A_DAY, add_months

# How long after it left one co-operative a person may begin with another one
MOVE = timedelta(31)


class Contract(NamedTuple):
    """A signed contract; last_day is None while it runs on.

    reason is any, None when no exit is recorded; moved tells that it is an
    exit to another co-operative of the group.
    """
    start: date
    last_day: date | None = None
    reason: object = None
    moved: bool = False
    type: str | None = None


_START = attrgetter('start')


class Stay(NamedTuple):
    "rank is 1 for the first stay; end is None while it goes on"
    rank: int
    start: date
    end: date | None = None
    reason: object = None

    def on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or self.end >= day)


def stays(
        contracts: Iterable[Contract], day: date,
        group: bool = False) -> list[Stay]:
    """Return the stays of a person as of a day, in their order.

    >>> stays([
    ...     Contract(date(2023, 1, 1), date(2023, 12, 31)),
    ...     Contract(date(2024, 1, 1), date(2024, 6, 30), 'job'),
    ...     Contract(date(2025, 1, 1))], date(2025, 1, 1))
    ... # doctest: +NORMALIZE_WHITESPACE
    [Stay(rank=1, start=datetime.date(2023, 1, 1),
        end=datetime.date(2024, 6, 30), reason='job'),
    Stay(rank=2, start=datetime.date(2025, 1, 1), end=None, reason=None)]
    """
    found: list[Stay] = []
    start = last = None
    for contract in sorted(contracts, key=_START):
        if contract.start > day + A_DAY:
            break
        if start is None or _has_left(last, contract.start, group):
            if start is not None:
                found.append(_stay(found, start, last, day))
            start, last = contract.start, contract
        elif _ends_after(contract, last):
            last = contract
    if start is not None and start <= day:
        found.append(_stay(found, start, last, day))
    return found


def _ends_after(contract: Contract, last: Contract) -> bool:
    if last.last_day is None:
        return False
    return contract.last_day is None or contract.last_day >= last.last_day


def _has_left(last: Contract, start: date, group: bool) -> bool:
    "Tell if the exit recorded on a contract comes before the next one"
    return (
        last.reason is not None and last.last_day is not None
        and last.last_day + A_DAY < start
        and not (group and last.moved
            and start - last.last_day <= MOVE))


def _stay(
        found: Sequence[Stay], start: date, last: Contract,
        day: date) -> Stay:
    end = last.last_day
    if end is None or end > day:
        return Stay(len(found) + 1, start)
    return Stay(len(found) + 1, start, end, last.reason)


class Flow(NamedTuple):
    """Numbers of people in a period.

    at_start are with the co-operative on the first day without having entered
    on it, at_end on the last day without leaving on it: at_start + entered +
    returned - left = at_end, as long as nobody's later contract fills days
    after an exit that was not told.
    """
    at_start: int = 0
    entered: int = 0
    returned: int = 0
    left: int = 0
    at_end: int = 0
    under_contract: int = 0
    hosted: int = 0

    def __add__(self, other: 'Flow') -> 'Flow':
        return Flow(*map(sum, zip(self, other)))


def flow(
        contracts: Sequence[Contract], start: date, end: date,
        group: bool = False) -> Flow:
    "Return what a person counts for in a period, as of its last day"
    at_start = entered = returned = left = at_end = 0
    for stay in stays(contracts, end, group):
        if stay.start >= start:
            entered += stay.rank == 1
            returned += stay.rank > 1
        else:
            at_start += stay.end is None or stay.end >= start
        if stay.end is None:
            at_end += 1
        else:
            left += stay.end >= start
    return Flow(
        at_start, entered, returned, left, at_end,
        *presence(contracts, start, end))


def presence(
        contracts: Iterable[Contract], start: date,
        end: date) -> tuple[int, int]:
    """Return whether a person is active on the last day of a period, and
    whether they are hosted in it, 1 or 0 each."""
    hosted = 0
    for contract in contracts:
        if contract.start > end:
            continue
        last = contract.last_day
        if last is None or last >= end:
            return 1, 1
        if last >= start:
            hosted = 1
    return 0, hosted


class Survival(NamedTuple):
    "reached are those whose day has come, stayed those who were still there"
    reached: int = 0
    stayed: int = 0

    def __add__(self, other: 'Survival') -> 'Survival':
        return Survival(*map(sum, zip(self, other)))


MONTHS = (12, 24, 36)


def survival(stay: Stay, day: date) -> tuple[Survival, ...]:
    """Return what a first stay counts for in its cohort, after each of the
    months.

    Who comes back after an exit has not stayed.

    >>> survival(Stay(1, date(2023, 1, 31), date(2024, 1, 31)),
    ...     date(2025, 3, 1))
    ... # doctest: +NORMALIZE_WHITESPACE
    (Survival(reached=1, stayed=1), Survival(reached=1, stayed=0),
    Survival(reached=0, stayed=0))
    """
    result = []
    for months in MONTHS:
        anniversary = add_months(stay.start, months)
        reached = anniversary <= day
        result.append(Survival(
                int(reached), int(reached and stay.on(anniversary))))
    return tuple(result)
