# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The path of a person with the co-operative, from dates alone.

Only what comes before a contract is recorded as steps; contracts and the
membership tell the rest.  A day is of the stage that begins on it: who left on
the 31st has left from the 1st.
"""
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from .clock import A_DAY

STEPS = [
    'candidate', 'informed', 'diagnosis', 'accepted', 'refused', 'gave_up']
CAPES = ['cape', 'cape_1', 'cape_2']
# The end of a run: what comes after is another one
CLOSING = {'refused', 'gave_up', 'left'}
STAGES = [*STEPS, *CAPES, 'cesa', 'member', 'between', 'left']
# What ended on the day before comes before what begins
_FIRST = ['between', 'left']
EVENTS = [*_FIRST, 'member_left', *STEPS, *CAPES, 'cesa', 'member']
_RANKS = {kind: rank for rank, kind in enumerate(EVENTS)}


class Step(NamedTuple):
    "What was recorded on a day, before a contract; id is any"
    id: object
    date: date
    kind: str


class Contract(NamedTuple):
    """A signed contract: its last day is None while it runs on, left tells
    whether an exit was recorded"""
    id: object
    type: str
    renewal: int
    start: date
    last_day: date | None = None
    left: bool = False

    @property
    def stage(self) -> str:
        return CAPES[self.renewal] if self.type == 'cape' else self.type

    def covers(self, day: date) -> bool:
        return self.start <= day and (
            self.last_day is None or day <= self.last_day)


class Membership(NamedTuple):
    "The first and the last day of a membership, None while it runs on"
    id: object
    start: date
    last_day: date | None = None

    covers = Contract.covers


class History(NamedTuple):
    "All that is known of a person"
    steps: tuple[Step, ...] = ()
    contracts: tuple[Contract, ...] = ()
    memberships: tuple[Membership, ...] = ()


class Event(NamedTuple):
    """A line of a path: kind begins on date, of the run of that number.

    record is the step, or the contract or membership that begins or ends.
    """
    date: date
    kind: str
    run: int
    record: Step | Contract | Membership


def stage(history: History, day: date) -> str | None:
    """Return the stage of a person on a day, None when nothing is known yet.

    A contract that runs tells it, the CESA rather than the CAPE; else what
    happened last.

    >>> ana = History(
    ...     (Step(1, date(2023, 5, 2), 'candidate'),),
    ...     (Contract(1, 'cape', 0, date(2023, 6, 1), date(2024, 5, 31)),))
    >>> [stage(ana, date(2023, m, 31)) for m in [3, 5, 7]]
    [None, 'candidate', 'cape']
    >>> stage(ana, date(2024, 6, 1))
    'between'
    """
    if contract := _running(history, day):
        if contract.type == 'cesa' and any(
                m.covers(day) for m in history.memberships):
            return 'member'
        return contract.stage
    # On one day, an exit tells more than an end, and a step more than both
    happened = [
        (c.last_day + A_DAY, _FIRST.index(kind), kind)
        for c in history.contracts if c.start <= day
        for kind in ['left' if c.left else 'between']]
    happened.extend(
        (s.date, len(_FIRST) + STEPS.index(s.kind), s.kind)
        for s in history.steps if s.date <= day)
    return max(happened)[-1] if happened else None


def _running(history: History, day: date) -> Contract | None:
    "Return the contract that tells the stage of the day"
    return max(
        (c for c in history.contracts if c.covers(day)),
        key=lambda c: (c.type == 'cesa', c.start, c.renewal), default=None)


def events(history: History) -> list[Event]:
    """Return the events of a path in their order, each with its run.

    A run ends with an exit, a refusal or who gave up; the next event begins
    another one, but for the end of the membership of who left before.
    """
    found = sorted(
        _events(history), key=lambda e: (e[0], _RANKS[e[1]], str(e[2].id)))
    result, run, closed = [], 0, True
    for day, kind, record in found:
        if closed and (kind != 'member_left' or not run):
            run += 1
            closed = False
        result.append(Event(day, kind, run, record))
        closed |= kind in CLOSING and not _running(history, day)
    return result


def _events(history: History) -> Iterable[tuple]:
    for step in history.steps:
        yield step.date, step.kind, step
    for contract in history.contracts:
        yield contract.start, contract.stage, contract
    for membership in history.memberships:
        yield membership.start, 'member', membership
        if membership.last_day:
            yield membership.last_day + A_DAY, 'member_left', membership
    # Of two contracts that end at once, the one with an exit tells it
    ended = {
        c.last_day + A_DAY: c
        for c in sorted(history.contracts, key=lambda c: c.left)
        if c.last_day}
    for day, contract in ended.items():
        running = _running(history, day)
        if not running:
            yield day, 'left' if contract.left else 'between', contract
        elif (running.start < day
                and stage(history, day) != stage(history, day - A_DAY)):
            # Of two contracts at once, the other goes on
            yield day, running.stage, contract
