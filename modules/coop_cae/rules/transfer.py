# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A posted line keeps its activity: what was for another one is transferred.

Amounts are debits less credits, in the currency of the company.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .attribution import Amounts, Kind, Line

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is taken back on the account of a line and booked there again.

    line is the rank of the line, taken and given are the amounts by analytic
    account of the two new lines."""
    line: int
    amount: Decimal
    taken: Amounts
    given: Amounts


def transfer(
        lines: Sequence[Line], source: int, target: int, structure: int
        ) -> Iterator[Transfer]:
    """Yield what moves the lines of an entry from an analytic account to
    another one.

    A line of the balance sheet without analytic account is the structure's;
    banks belong to nobody and stay.

    Raise ValueError if nothing would change.
    """
    if source == target:
        raise ValueError("the source is the target")
    for i, line in enumerate(lines):
        parts = line.parts or {}
        amount = parts.get(source, ZERO)
        if not parts and source == structure and line.kind is Kind.BALANCE:
            amount = line.amount
        if not amount or line.kind is Kind.CASH:
            continue
        taken = {source: -amount} if parts else {}
        given = {target: amount}
        if target == structure and line.kind is not Kind.INCOME:
            given = {}
        yield Transfer(i, amount, taken, given)
