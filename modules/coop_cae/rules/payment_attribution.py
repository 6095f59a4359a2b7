# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whose a payment is: that of what it settles.

The treasury of an activity (article R7331-5 of the Code du travail) is what
was collected and paid for it: a line of a bank's entry is shared as the
invoices are that it settles.

Amounts are debits less credits, in the currency of the company.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .attribution import Amounts, share_out, shared, total


@dataclass(frozen=True, slots=True)
class Settled:
    """A line among those that settle each other.

    follows tells that it is a payment, shared as the others are; parts are the
    amounts by analytic account of the others, none for the structure's."""
    amount: Decimal
    follows: bool = False
    parts: Amounts | None = None


def settle(
        lines: Sequence[Settled], structure: int, digits: int = 2
        ) -> list[Amounts]:
    """Return the amounts by analytic account of the lines that follow, in
    their order, none when they settle what is the structure's only.

    Each is shared in proportion to what is left to settle, to the cent: when
    the lines add up to nothing, those of each account do too.

    >>> settle([
    ...     Settled(Decimal(120), parts={1: Decimal(72), 2: Decimal(48)}),
    ...     Settled(Decimal(-50), follows=True)], structure=3)
    [{1: Decimal('-30.00'), 2: Decimal('-20.00')}]
    """
    follow = [line.amount for line in lines if line.follows]
    owed = _owed(lines, structure)
    if set(owed) <= {structure}:
        return [{} for _ in follow]
    return share_out(
        follow, {a: -amount for a, amount in owed.items()}, structure, digits)


def difference(
        amount: Decimal, lines: Sequence[Settled], structure: int,
        digits: int = 2) -> Amounts:
    """Return the amounts by analytic account of what is written off when the
    lines are reconciled: a loss or a gain on the invoices of activities is
    theirs, none when it is the structure's.

    >>> difference(Decimal(5), [
    ...     Settled(Decimal(120), parts={1: Decimal(72), 2: Decimal(48)}),
    ...     Settled(Decimal(-115), follows=True)], structure=3)
    {1: Decimal('3.00'), 2: Decimal('2.00')}
    """
    owed = _owed(lines, structure)
    if set(owed) <= {structure}:
        return {}
    return shared(amount, owed, structure, digits)


def _owed(lines, structure):
    return total(
        line.parts or {structure: line.amount}
        for line in lines if not line.follows)
