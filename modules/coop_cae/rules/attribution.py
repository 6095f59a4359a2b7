# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whose each line of an entry is: an activity's, several's or the structure's.

Each activity has an analytic balance sheet as well as an income statement
(article R7331-5 of the Code du travail).  Whoever books an invoice or an
expense gives the activity of its income and charges only; what is owed,
collected or due as tax follows them, so that the entry balances in each
activity as it does in the company.  An entry of the balance sheet alone, as a
deposit, follows the lines that have an activity.

Amounts are debits less credits, in the currency of the company.
"""
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from trytond.modules.coop_ledger.money import distribute

Amounts = Mapping[int, Decimal]
ZERO = Decimal(0)


class Kind(Enum):
    "What the account of a line is"
    INCOME = 'income'  # a line of the income statement
    CASH = 'cash'  # what the co-operative has in banks, never an activity's
    # Its own funds, and what members hold or are owed for their shares: an
    # activity's only where they name it
    OWN = 'own'
    BALANCE = 'balance'  # the rest of the balance sheet


# What is the co-operative's is the other side of what leaves an activity
_HELD = frozenset({Kind.CASH, Kind.OWN})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry, with the amounts of its analytic accounts if they
    are known.

    tax is the tax that the line books, bases are those it is the base of;
    account is that of the ledger."""
    amount: Decimal
    kind: Kind
    parts: Amounts | None = None
    tax: Hashable = None
    bases: Sequence[Hashable] = ()
    account: Hashable = None


def attribute(
        lines: Sequence[Line], structure: int, digits: int = 2
        ) -> list[Amounts]:
    """Return the amounts by analytic account of each line, none for those that
    belong to the co-operative as a whole.

    - What is known stays as it is.
    - A line of the income statement without activity is the structure's.
    - A tax is shared as its bases are.
    - The other lines of the balance sheet make the entry balance for each
      account; when a bank or own funds have their part in the entry, they are
      shared as the income and charges are.
    - Where no income or charge is an activity's, those of an entry that has
      not to balance are found by what they settle.
    - Banks, own funds, and entries that are the structure's only, are the
      co-operative's.

    The amounts of a line add up to it.

    A deposit that is set off, its customer and its tax are the activity's:

    >>> attribute([
    ...     Line(Decimal(1000), Kind.BALANCE, {1: Decimal(1000)},
    ...         bases=['20'], account='4191'),
    ...     Line(Decimal(200), Kind.BALANCE, tax='20', account='44571'),
    ...     Line(Decimal(-1200), Kind.BALANCE, account='4111')],
    ...     structure=3)[1:]
    [{1: Decimal('200.00')}, {1: Decimal('-1200.00')}]
    """
    parts = [
        line.parts if line.parts or line.kind is not Kind.INCOME
        else {structure: line.amount} for line in lines]
    named = [
        (line, part) for line, part in zip(lines, parts)
        if part and line.kind is not Kind.CASH]
    if {a for _, part in named for a in part} <= {structure}:
        return [part or {} for part in parts]
    weights = total(p for line, p in named if line.kind is Kind.INCOME)
    of_balance = set(weights) <= {structure}
    for i, line in enumerate(lines):
        if not parts[i] and line.kind is Kind.BALANCE and line.tax is not None:
            base = total(p for b, p in named if line.tax in b.bases)
            if not any(base.values()) and not of_balance:
                base = weights
            if any(base.values()):
                parts[i] = shared(line.amount, base, structure, digits)
    if of_balance and not must_balance(lines):
        return [part or {} for part in parts]
    open_ = [
        i for i, line in enumerate(lines)
        if not parts[i] and line.kind is Kind.BALANCE]
    amounts = [lines[i].amount for i in open_]
    if any(line.kind in _HELD for line in lines):
        totals = shared(sum(amounts, ZERO), weights, structure, digits)
    else:
        totals = {
            account: -amount for account, amount in total(
                part for part in parts if part).items()}
    for i, part in zip(
            open_, share_out(amounts, totals, structure, digits)):
        parts[i] = part
    return [part or {} for part in parts]


def must_balance(lines: Sequence[Line]) -> bool:
    """Return whether an entry has to balance for each activity.

    It has not when a bank or own funds have their part in it.  Nor when each
    account comes to nothing or all lines are of the income statement: what
    activities exchange is paid with what they have at the co-operative.

    >>> must_balance([
    ...     Line(Decimal(1000), Kind.BALANCE, account='4191'),
    ...     Line(Decimal(-1000), Kind.BALANCE, account='4111')])
    True
    """
    kinds = {line.kind for line in lines}
    if kinds & _HELD or Kind.BALANCE not in kinds:
        return False
    sums = defaultdict(lambda: ZERO)
    for line in lines:
        sums[line.account] += line.amount
    return any(sums.values())


def share_out(
        amounts: Sequence[Decimal], totals: Amounts, structure: int,
        digits: int = 2) -> list[Amounts]:
    """Return each amount shared in proportion to what is left of the totals.

    When the amounts add up to the totals, those of an account add up to its
    total.

    >>> share_out([Decimal(50), Decimal(50)],
    ...     {1: Decimal('66.67'), 2: Decimal('33.33')}, 3)[1]
    {1: Decimal('33.33'), 2: Decimal('16.67')}
    """
    left = dict(totals)
    shares = []
    for i, amount in enumerate(amounts):
        if i == len(amounts) - 1 and amount == sum(left.values()):
            # Even if they are of both signs
            share = {a: x for a, x in left.items() if x}
        else:
            weights = left if any(left.values()) else totals
            share = shared(amount, weights, structure, digits)
        for account, part in share.items():
            left[account] = left.get(account, ZERO) - part
        shares.append(share)
    return shares


def shared(
        amount: Decimal, weights: Amounts, structure: int, digits: int
        ) -> Amounts:
    """Return the amount shared by the weights, of whatever sign, all the
    structure's without any"""
    weights = {a: abs(w) for a, w in weights.items() if w}
    if not weights:
        return {structure: amount} if amount else {}
    shares = distribute(amount, list(weights.values()), digits)
    return {a: share for a, share in zip(weights, shares) if share}


def total(parts) -> dict[int, Decimal]:
    totals = defaultdict(lambda: ZERO)
    for part in parts:
        for account, amount in part.items():
            totals[account] += amount
    return dict(totals)
