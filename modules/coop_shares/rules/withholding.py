# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is kept back from a month's pay to subscribe shares."""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from trytond.modules.coop_ledger.money import round_down, round_half_up

ZERO = Decimal(0)
TENTH = Decimal('0.1')


@dataclass(frozen=True, slots=True)
class Limits:
    """What the sum kept back for a month may not go beyond.

    gross: the gross pay of the month: a tenth of it is the limit
    net: the net to pay of the month, which must not become negative
    room: what may still be kept back under the ceilings of the commitment,
        None without a ceiling
    savings: what may be given back of the person's savings
    """
    gross: Decimal
    net: Decimal
    room: Decimal | None = None
    savings: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is to be kept back now, negative if it is given back.

    limit is the name of the limit that changed it: 'tenth', 'net', 'ceiling'
    or 'savings', None if there is none.
    """
    amount: Decimal
    limit: str | None = None


def withheld(
        rate: Decimal, base: Decimal, already: Decimal, limits: Limits,
        others: Decimal = ZERO, digits: int = 2) -> Withheld:
    """Return what is to be kept back for a month, in the company's currency.

    It is the rate (0 to 0.1) of the base of the whole month, rounded half up
    once, less what was kept back already for the month: a month that is closed
    in several times is the same to the cent.
    What other commitments of the person keep back for the month is others.

    A tenth of the gross pay, rounded down to the cent, is one limit (the bound
    of the model statutes of the CG Scop; Code du travail L3251-3 bounds
    advances on pay, which this is not), the net to pay another.
    When pay was lowered the amount is negative: the difference is given back
    from the savings, as far as they have not become shares.

    Raise ValueError if the rate is out of its bounds.
    """
    if not 0 <= rate <= TENTH:
        raise ValueError("the rate must be between 0 and a tenth")
    due = round_half_up(rate * max(base, ZERO), digits)
    target, limit = due, None
    for name, maximum in _maximums(already, limits, others, digits):
        if maximum < target:
            target, limit = maximum, name
    amount = target - already
    if amount < -max(limits.savings, ZERO):
        return Withheld(-max(limits.savings, ZERO), 'savings')
    return Withheld(amount, limit)


def _maximums(
        already: Decimal, limits: Limits, others: Decimal, digits: int
        ) -> Iterator[tuple[str, Decimal]]:
    "Yield what the month may come to, by limit"
    tenth = round_down(max(limits.gross, ZERO) * TENTH, digits)
    yield 'tenth', max(tenth - others, ZERO)
    yield 'net', max(limits.net - others, ZERO)
    if limits.room is not None:
        yield 'ceiling', already + max(limits.room, ZERO)


def room(
        ceiling_amount: Decimal | None, kept_back: Decimal,
        ceiling_shares: int | None, nominal: Decimal, held: int,
        savings: Decimal) -> Decimal | None:
    """Return what may still be kept back under the ceilings of a commitment,
    None if it has none.

    The ceiling in money bounds the sum kept back under the commitment; the
    ceiling in shares bounds shares held and savings together, at the nominal
    value.
    The result is never negative.
    """
    rooms = []
    if ceiling_amount is not None:
        rooms.append(ceiling_amount - kept_back)
    if ceiling_shares is not None:
        rooms.append((ceiling_shares - held) * nominal - savings)
    return max(min(rooms), ZERO) if rooms else None


def commitment_problems(rates: Iterable[Decimal]) -> list[str]:
    """Return what is wrong with the rates that a person is committed to on one
    day: 'negative', 'tenth' if they are more than a tenth together."""
    rates = list(rates)
    problems = []
    if any(rate < 0 for rate in rates):
        problems.append('negative')
    if sum(rates, ZERO) > TENTH:
        problems.append('tenth')
    return problems


class Dated(Protocol):
    start_date: date
    end_date: date | None


D = TypeVar('D', bound=Dated)


def covers(commitment: Dated, day: date) -> bool:
    "Return True if the commitment is in force on the day"
    return (commitment.start_date <= day
        and (commitment.end_date is None or day <= commitment.end_date))


def in_force(commitments: Sequence[D], first: date, last: date) -> list[D]:
    """Return the commitments of one person that the pay of a month follows.

    They are those in force on the last day of the month; when none is, on the
    last day of it on which one was, so that the last pay of who leaves during
    the month follows the commitment too.
    """
    days = [
        min(last, c.end_date or last) for c in commitments
        if c.start_date <= last and (
            c.end_date is None or c.end_date >= first)]
    if not days:
        return []
    day = max(days)
    return sorted(
        (c for c in commitments if covers(c, day)),
        key=lambda c: c.start_date)
