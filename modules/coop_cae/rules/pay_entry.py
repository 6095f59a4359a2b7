# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entry of a payslip, from the amounts that the payroll office gives.

Contributions and taxes are never computed here.
"""
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
class PayLine:
    """A line of the entry: the role of its account, its amounts and their
    split between the activities."""
    role: str
    debit: Decimal
    credit: Decimal
    split: tuple[Decimal, ...]


def net_expected(pay: Pay) -> Decimal:
    "Return the gross less the employee contributions less the income tax"
    return pay.gross - pay.employee_contributions - pay.income_tax


def pay_lines(
        pay: Pay, weights: list[Decimal], digits: int = 2) -> list[PayLine]:
    """Return the lines of the entry of a payslip, split between activities.

    roles: gross and employer (charges), wage (421), social (431), tax (4421);
    debit equals credit for the whole and for each activity, since each role
    has the same split in debit and in credit.
    Lines of a null amount are left out.
    """
    pairs = [
        ('gross', 'wage', pay.gross),
        ('wage', 'social', pay.employee_contributions),
        ('wage', 'tax', pay.income_tax),
        ('employer', 'social', pay.employer_contributions),
        ]
    lines = []
    for debited, credited, amount in pairs:
        if not amount:
            continue
        if amount < 0:
            debited, credited, amount = credited, debited, -amount
        split = tuple(distribute(amount, weights, digits))
        lines.append(PayLine(debited, amount, ZERO, split))
        lines.append(PayLine(credited, ZERO, amount, split))
    return lines
