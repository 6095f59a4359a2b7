# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be done for a person at a date, from dates alone."""
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .clock import (
    A_DAY, Span, add_months, interview_period, membership_deadline)

# How many days before its deadline a thing is to be done
CAPE_END_DAYS = 60
TRIAL_END_DAYS = 30
MEMBERSHIP_DAYS = 183
# Half of the twelve months without any interview, then the last quarter
FIRST_INTERVIEW_DAYS = 183
LAST_INTERVIEW_DAYS = 91
# How long what was not done in time stays to be done
EARLY_END_DAYS = 366
# The period of an interview begins less than twelve months ago, and the one
# before less than twenty-four
INTERVIEWS_SINCE = 24

ARTICLES = {
    'cape_end': 'L127-2 C. com.',
    'contract_ended': 'L7331-2',
    'urssaf': 'R5142-1',
    'france_travail': 'R5142-1',
    'early_end': 'R5142-1',
    'registry': 'R5142-2',
    'signature': 'L127-2 C. com., L7331-2',
    'trial_end': 'L7332-1',
    'membership': 'L7331-3',
    'interview': 'R7331-3',
    'interview_missed': 'R7331-3',
    'settlement': 'R7331-12',
    'agreement': 'R7331-6',
    }


class Contract(NamedTuple):
    """A contract as far as its dates tell.

    end is that of the contract, exit that at which it ended early for a
    reason; id and reason are any.  What is not in force is written, and not
    signed yet: no clock knows it.  signed is the day of the signature, as far
    as it is known; registered that on which the person registered an
    enterprise, during a CAPE.
    """
    id: object
    type: str
    start: date
    end: date | None = None
    exit: date | None = None
    reason: object = None
    signed: date | None = None
    trial_end: date | None = None
    urssaf_told: bool = False
    france_travail_told: bool = False
    exit_told: bool = False
    in_force: bool = True
    registered: date | None = None
    registry_told: bool = False

    @property
    def last_day(self) -> date | None:
        if self.exit is None or self.end is None:
            return self.end or self.exit
        return min(self.end, self.exit)

    def is_over(self, day: date) -> bool:
        return (
            self.end is not None and self.end < day
            or self.exit is not None and self.exit < day)

    def covers(self, day: date) -> bool:
        return self.start <= day and not self.is_over(day)


def interviews_since(day: date) -> date:
    "Return the first day of the interviews that tell something on a day"
    return add_months(day, -INTERVIEWS_SINCE)


class Todo(NamedTuple):
    "What is to be done, about which contract, and by when"
    kind: str
    contract: object
    deadline: date


def todos(
        contracts: Sequence[Contract], day: date, is_member: bool,
        interviews: Iterable[date]) -> list[Todo]:
    """Return what is to be done for a person on a day, the most urgent first.

    contracts are all those of the person with the co-operative; interviews are
    the days of those that are signed, at least since those that tell
    something.  Of a member whose contract runs, those that are over tell
    nothing, but for the early end of a CAPE that nobody was told of.
    """
    interviews = list(interviews)
    result = [
        Todo('signature', c.id, c.start) for c in contracts
        if not c.in_force and c.covers(day)]
    contracts = sorted(
        (c for c in contracts if c.in_force), key=lambda c: c.start)
    running = False
    for i, contract in enumerate(contracts):
        covers = contract.covers(day)
        running |= covers
        if contract.type == 'cape':
            result.extend(_cape(contract, covers, day))
            result.extend(_registry(contract, contracts[:i], day))
        if covers:
            result.extend(_running(contract, contracts[i + 1:], day))
            if contract.type == 'cesa':
                before = [Span(c.start, c.last_day) for c in contracts[:i]]
                result.extend(_cesa(
                        contract, before, day, is_member, interviews))
    if not running:
        result.extend(_ended(contracts, day))
    return sorted(result, key=lambda t: (t.deadline, t.kind, str(t.contract)))


def _cape(contract: Contract, covers: bool, day: date) -> Iterable[Todo]:
    if covers:
        for kind, told in [
                ('urssaf', contract.urssaf_told),
                ('france_travail', contract.france_travail_told)]:
            if not told:
                yield Todo(
                    kind, contract.id, contract.signed or contract.start)
    exit_ = contract.exit
    if (exit_ and contract.end and exit_ < contract.end and exit_ <= day
            and not contract.exit_told
            and (day - exit_).days <= EARLY_END_DAYS):
        yield Todo('early_end', contract.id, exit_)


def _registry(
        contract: Contract, earlier: Sequence[Contract],
        day: date) -> Iterable[Todo]:
    """Once an enterprise is registered, the bodies that the business register
    has informed of the CAPE are informed of its renewal and of its early end
    too."""
    if contract.registry_told:
        return
    capes = [c for c in earlier if c.type == 'cape'] + [contract]
    registered = min(
        (c.registered for c in capes if c.registered), default=None)
    if registered is None:
        return
    if len(capes) > 1 and registered < contract.start and contract.covers(day):
        yield Todo('registry', contract.id, contract.signed or contract.start)
    elif (contract.exit and contract.end
            and registered <= contract.exit < contract.end
            and contract.exit <= day
            and (day - contract.exit).days <= EARLY_END_DAYS):
        yield Todo('registry', contract.id, contract.exit)


def _running(
        contract: Contract, later: Sequence[Contract],
        day: date) -> Iterable[Todo]:
    if not contract.signed:
        yield Todo('signature', contract.id, contract.start)
    if (contract.type == 'cape' and not contract.exit
            and contract.end - day <= timedelta(CAPE_END_DAYS)
            and all(c.is_over(day) for c in later)):
        yield Todo('cape_end', contract.id, contract.end)


def _cesa(
        contract: Contract, before: Sequence[Span], day: date,
        is_member: bool, interviews: Sequence[date]) -> Iterable[Todo]:
    trial_end = contract.trial_end
    if trial_end and 0 <= (trial_end - day).days <= TRIAL_END_DAYS:
        yield Todo('trial_end', contract.id, trial_end)
    if not is_member:
        deadline = membership_deadline(contract.start, before)
        if (deadline - day).days <= MEMBERSHIP_DAYS:
            yield Todo('membership', contract.id, deadline)
    period = interview_period(contract.start, day, interviews)
    left = (period.end - day).days
    if (period.missing and left <= LAST_INTERVIEW_DAYS
            or period.missing == 2 and left <= FIRST_INTERVIEW_DAYS):
        yield Todo('interview', contract.id, period.end)
    if period.start > contract.start:
        last = interview_period(
            contract.start, period.start - A_DAY, interviews)
        if last.missing:
            yield Todo('interview_missed', contract.id, last.end)


def _ended(contracts: Sequence[Contract], day: date) -> Iterable[Todo]:
    "A contract that ended without another one, nor a reason to have left"
    if not contracts or contracts[-1].start > day:
        return
    last = max(contracts, key=lambda c: (c.last_day, c.start))
    if not last.reason:
        yield Todo('contract_ended', last.id, last.last_day)


def alert_distances(text: str) -> list[int]:
    """Return the days before a deadline at which to tell of it, from what a
    user writes.

    Raise ValueError unless they are whole numbers, none negative or doubled.

    >>> alert_distances('30, 7,0')
    [0, 7, 30]
    """
    distances = sorted(int(part) for part in text.split(','))
    if distances[0] < 0 or len(set(distances)) != len(distances):
        raise ValueError("days are not negative, each once")
    return distances


def distance_reached(days_left: int, distances: Sequence[int]) -> int | None:
    """Return the nearest distance that is reached, None when it is too early:
    what is late is at the last one.

    >>> distance_reached(8, [0, 7, 30]), distance_reached(31, [0, 7, 30])
    (30, None)
    """
    return min((d for d in distances if days_left <= d), default=None)
