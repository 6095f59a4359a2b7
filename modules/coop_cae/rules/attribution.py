# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whose each line of an entry is: an activity's, several's or the structure's.

Each activity has an analytic balance sheet as well as an income statement
(article R7331-5 of the Code du travail).  Whoever books an invoice or an
expense tells the activity of its income and charges only; what is owed,
collected or due as tax follows them, so that the entry balances in each
activity as it does in the company.

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
    BALANCE = 'balance'  # the rest of the balance sheet


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry, with the amounts of its analytic accounts if they
    are known.

    tax is the tax that the line books, bases are those it is the base of."""
    amount: Decimal
    kind: Kind
    parts: Amounts | None = None
    tax: Hashable = None
    bases: Sequence[Hashable] = ()


def attribute(
        lines: Sequence[Line], structure: int, digits: int = 2
        ) -> list[Amounts]:
    """Return the amounts by analytic account of each line, none for those that
    belong to the co-operative as a whole.

    - What is known stays as it is.
    - A line of the income statement without activity is the structure's.
    - A tax is shared as its bases are.
    - The other lines of the balance sheet make the entry balance for each
      account; when a bank has its part in the entry, they are shared as the
      income and charges are.
    - Banks, and entries that are the structure's only, are the co-operative's.

    The amounts of a line add up to it.
    """
    parts = [
        line.parts if line.parts or line.kind is not Kind.INCOME
        else {structure: line.amount} for line in lines]
    income = [
        (line, part) for line, part in zip(lines, parts)
        if line.kind is Kind.INCOME]
    if {a for _, part in income for a in part} <= {structure}:
        return [part or {} for part in parts]
    weights = total(part for _, part in income)
    for i, line in enumerate(lines):
        if not parts[i] and line.kind is Kind.BALANCE and line.tax is not None:
            base = total(p for b, p in income if line.tax in b.bases)
            parts[i] = shared(
                line.amount, base or weights, structure, digits)
    open_ = [
        i for i, line in enumerate(lines)
        if not parts[i] and line.kind is Kind.BALANCE]
    amounts = [lines[i].amount for i in open_]
    if any(line.kind is Kind.CASH for line in lines):
        totals = shared(sum(amounts, ZERO), weights, structure, digits)
    else:
        totals = {
            account: -amount for account, amount in total(
                part for part in parts if part).items()}
    for i, part in zip(
            open_, share_out(amounts, totals, structure, digits)):
        parts[i] = part
    return [part or {} for part in parts]


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
