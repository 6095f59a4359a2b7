# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entry of a payslip, from the amounts that the payroll office gives.

Contributions and taxes are never computed here.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from trytond.modules.coop_ledger.money import distribute

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pay:
    """The amounts of a payslip, in the currency.

    net: what is left to pay before anything is kept back for shares
    """
    gross: Decimal
    employee_contributions: Decimal
    income_tax: Decimal
    employer_contributions: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """What a payslip pays of the balance of a year, which is accrued already.

    rank: that of the activity of the year
    contributions: what was accrued for them, whatever the payslip has
    """
    rank: int
    gross: Decimal
    contributions: Decimal


@dataclass(frozen=True, slots=True)
class PayLine:
    """A line of the entry: the role of its account, its amounts and their
    split between the activities.

    settled is the rank of the balance whose accrual the line takes back."""
    role: str
    debit: Decimal
    credit: Decimal
    split: tuple[Decimal, ...]
    settled: int | None = None


def net_expected(pay: Pay) -> Decimal:
    "Return the gross less the employee contributions less the income tax"
    return pay.gross - pay.employee_contributions - pay.income_tax


def split_gross(
        gross: Decimal, weights: Sequence[Decimal], digits: int = 2,
        settled: Sequence[Settled] = ()) -> list[Decimal]:
    """Return what each activity pays of the gross pay: the balances that are
    its own, and its part of the rest.

    Raise ValueError if the balances are more than the gross pay.
    """
    rest = gross - sum(s.gross for s in settled)
    if rest < 0:
        raise ValueError("the balances exceed the gross pay")
    split = distribute(rest, weights, digits)
    for balance in settled:
        split[balance.rank] += balance.gross
    return split


def pay_lines(
        pay: Pay, weights: Sequence[Decimal], digits: int = 2,
        settled: Sequence[Settled] = ()) -> list[PayLine]:
    """Return the lines of the entry of a payslip, split between activities.

    roles: gross and employer (charges), wage (421), social (431), tax (4421),
    and for the balances of years accrued_gross (4286) and
    accrued_contributions (4386): they are no charge again, and what the
    payslip has more or less than was accrued is one of its own.

    debit equals credit for the whole and for each activity, since each role
    has the same split in debit and in credit.
    Lines of a null amount are left out.

    Raise ValueError if the balances are more than the gross pay.
    """
    def shared(amount, weights=weights):
        return tuple(distribute(amount, weights, digits))

    def own(balance, amount):
        return tuple(
            amount if rank == balance.rank else ZERO
            for rank in range(len(weights)))

    # What is kept back from a balance is its activity's
    kept = weights
    if settled:
        kept = split_gross(pay.gross, weights, digits, settled)
    gross = pay.gross - sum(s.gross for s in settled)
    employer = pay.employer_contributions - sum(
        s.contributions for s in settled)
    pairs = [('gross', 'wage', gross, shared(gross), None)]
    pairs.extend(
        ('accrued_gross', 'wage', s.gross, own(s, s.gross), i)
        for i, s in enumerate(settled))
    pairs.extend(
        (debited, credited, amount, shared(amount, kept), None)
        for debited, credited, amount in [
            ('wage', 'social', pay.employee_contributions),
            ('wage', 'tax', pay.income_tax)])
    pairs.append(('employer', 'social', employer, shared(employer), None))
    pairs.extend(
        ('accrued_contributions', 'social', s.contributions,
            own(s, s.contributions), i)
        for i, s in enumerate(settled))
    lines = []
    for debited, credited, amount, split, balance in pairs:
        if not amount:
            continue
        if amount < 0:
            debited, credited, amount = credited, debited, -amount
            split = tuple(-part for part in split)
        lines.append(PayLine(debited, amount, ZERO, split, balance))
        lines.append(PayLine(credited, ZERO, amount, split))
    return lines
