# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An accounting entry before it is in the database.

Identifiers are those of the database; debit and credit are amounts in the
currency of the company.
"""
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    "What a line is for an analytic account"
    account: int
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    @classmethod
    def of(cls, account, balance):
        "Return the part of a debit, or of a credit if it is negative"
        return cls(account, max(balance, ZERO), max(-balance, ZERO))


@dataclass(frozen=True, slots=True)
class EntryLine:
    account: int
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    party: int | None = None
    description: str | None = None
    maturity_date: datetime.date | None = None
    origin: str | None = None
    second_currency: int | None = None
    amount_second_currency: Decimal | None = None
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    "origin: 'model,id' of what the entry comes from"
    journal: int
    date: datetime.date
    lines: Sequence[EntryLine]
    description: str | None = None
    origin: str | None = None
    period: int | None = None


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """Where an entry is in the database: its move, and in the order of the
    entry its lines and the analytic lines of each"""
    move: int
    number: str
    lines: list[int]
    parts: list[list[int]]
