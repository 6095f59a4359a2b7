# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Which contribution rule holds for an activity, day by day."""
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when a rule holds (None: everywhere, always).

    contract: a kind of contract; activity, entrepreneurs: database ids.
    """
    rule: int
    start: datetime.date
    end: datetime.date | None = None
    contract: str | None = None
    entrepreneur: int | None = None
    activity: int | None = None

    def holds(
            self, date: datetime.date, activity: int,
            entrepreneurs: frozenset[int], contract: str | None) -> bool:
        return (
            self.start <= date
            and (self.end is None or date <= self.end)
            and self.activity in {None, activity}
            and (self.entrepreneur is None
                or self.entrepreneur in entrepreneurs)
            and self.contract in {None, contract})

    @property
    def precedence(self) -> tuple[bool, bool, bool, datetime.date]:
        """An override of the activity comes before one of the person, that
        before one of the kind of contract; of two, the newest holds."""
        return (
            self.activity is not None,
            self.entrepreneur is not None,
            self.contract is not None,
            self.start)


@dataclass(frozen=True, slots=True)
class Interval:
    "Days, both included; no end: for ever."
    start: datetime.date
    end: datetime.date | None = None

    def holds(self, date: datetime.date) -> bool:
        return (
            self.start <= date and (self.end is None or date <= self.end))


@dataclass(frozen=True, slots=True)
class Force:
    """Days under the same rule: None for no rule in force."""
    start: datetime.date
    end: datetime.date
    rule: int | None
    exempted: bool = False


def contract_on(
        date: datetime.date,
        contracts: Sequence[tuple[datetime.date, str]]) -> str | None:
    """Return the kind of contract on a date, from pairs of first day and
    kind in order of dates: the last one begun, or the first one to come, so
    that a late entry of somebody who left finds the rule that held."""
    kind = contracts[0][1] if contracts else None
    for start, current in contracts:
        if start > date:
            break
        kind = current
    return kind


def in_force(
        start: datetime.date, end: datetime.date, activity: int,
        scopes: Sequence[Scope],
        entrepreneurs: Iterable[int] = (),
        contracts: Sequence[tuple[datetime.date, str]] = (),
        exemptions: Sequence[Interval] = ()) -> list[Force]:
    """Return the rules in force from start to end, without gap nor overlap.

    Source: article R7331-8, the general meeting dates its decisions; the
    precedence of overrides is the co-op's choice.
    """
    entrepreneurs = frozenset(entrepreneurs)
    scopes = sorted(scopes, key=lambda s: s.precedence, reverse=True)
    cuts = {start}
    for part in [*scopes, *exemptions]:
        cuts.add(part.start)
        if part.end is not None:
            cuts.add(part.end + ONE_DAY)
    cuts.update(first for first, _ in contracts)
    cuts = sorted(c for c in cuts if start <= c <= end)

    result: list[Force] = []
    for i, first in enumerate(cuts):
        last = cuts[i + 1] - ONE_DAY if i + 1 < len(cuts) else end
        kind = contract_on(first, contracts)
        rule = next((
                s.rule for s in scopes
                if s.holds(first, activity, entrepreneurs, kind)), None)
        exempted = any(e.holds(first) for e in exemptions)
        previous = result[-1] if result else None
        if (previous and previous.rule == rule
                and previous.exempted == exempted):
            result[-1] = Force(previous.start, last, rule, exempted)
        else:
            result.append(Force(first, last, rule, exempted))
    return result
