# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a sum pays, and what a pay costs: estimates, never a payslip.

Contributions are those of the payroll office; here they are ratios of the
gross pay, from the last payslips of the person or set by the co-operative.
Amounts are in the currency of the company, rounded half up to it.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from trytond.modules.coop_ledger.money import round_half_up

ZERO = Decimal(0)
# What rounding adds or takes at most, in the smallest unit of the currency
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Parts of the gross pay: 0.30 is 30 %.

    employee is all that is kept back before the net: contributions, and the
    tax withheld if the estimate is of what is paid."""
    employer: Decimal
    employee: Decimal

    def __post_init__(self):
        if self.employer < 0 or not 0 <= self.employee < 1:
            raise ValueError("ratios are parts of the gross pay")


@dataclass(frozen=True, slots=True)
class Estimate:
    gross: Decimal
    employer: Decimal
    employee: Decimal

    @property
    def cost(self) -> Decimal:
        "What the activity bears"
        return self.gross + self.employer

    @property
    def net(self) -> Decimal:
        return self.gross - self.employee


def from_gross(gross: Decimal, ratios: Ratios, digits: int = 2) -> Estimate:
    """Return the pay of a gross amount.

    >>> pay = from_gross(
    ...     Decimal('2150.00'), Ratios(Decimal('.3'), Decimal('.22')))
    >>> pay.cost, pay.net
    (Decimal('2795.00'), Decimal('1677.00'))
    """
    return Estimate(
        round_half_up(gross, digits),
        round_half_up(gross * ratios.employer, digits),
        round_half_up(gross * ratios.employee, digits))


def from_cost(cost: Decimal, ratios: Ratios, digits: int = 2) -> Estimate:
    """Return the greatest pay that does not cost more than a sum; none if the
    sum is not positive.

    Example: 6 700.00 at 30 % is 5 153.84 gross and 1 546.15 of contributions;
    a cent is left.
    """
    if cost <= 0:
        return from_gross(ZERO, ratios, digits)
    units = floor(
        (_units(cost, digits) + HALF) / (1 + Fraction(ratios.employer)))
    pay = _pay(units, ratios, digits)
    while pay.cost > cost:
        units -= 1
        pay = _pay(units, ratios, digits)
    return pay


def from_net(net: Decimal, ratios: Ratios, digits: int = 2) -> Estimate:
    "Return the smallest pay whose net is at least a sum"
    if net <= 0:
        return from_gross(ZERO, ratios, digits)
    units = ceil(
        (_units(net, digits) - HALF) / (1 - Fraction(ratios.employee)))
    pay = _pay(units, ratios, digits)
    while pay.net < net:
        units += 1
        pay = _pay(units, ratios, digits)
    return pay


def of_wanted(
        kind: str, amount: Decimal, ratios: Ratios, digits: int = 2
        ) -> Estimate:
    """Return the pay of an amount wanted as 'gross', 'cost' or 'net'.

    Raise ValueError for another kind.
    """
    match kind:
        case 'gross':
            return from_gross(amount, ratios, digits)
        case 'cost':
            return from_cost(amount, ratios, digits)
        case 'net':
            return from_net(amount, ratios, digits)
    raise ValueError(f"no such kind of pay: {kind}")


def margin_needed(cost: Decimal, rate: Decimal, digits: int = 2) -> Decimal:
    """Return the smallest gross margin that leaves a cost once the
    contribution, a flat rate of the margin, is given.

    Raise ValueError if the rate leaves nothing.
    """
    if not 0 <= rate < 1:
        raise ValueError("the rate is a part of the margin")
    if cost <= 0:
        return round_half_up(ZERO, digits)
    units = ceil((_units(cost, digits) - HALF) / (1 - Fraction(rate)))
    margin = Decimal(units).scaleb(-digits)
    while margin - round_half_up(margin * rate, digits) < cost:
        units += 1
        margin = Decimal(units).scaleb(-digits)
    return margin


def ratios_of(
        payslips: Iterable[tuple[Decimal, Decimal, Decimal]]) -> Ratios | None:
    """Return the ratios of payslips (gross, employer's part, employee's part),
    the greater weighing more, to four decimals; None without any pay."""
    sums = [sum(amounts) for amounts in zip(*payslips)]
    if not sums or not sums[0]:
        return None
    gross, employer, employee = sums
    return Ratios(
        round_half_up(employer / gross, 4), round_half_up(employee / gross, 4))


def _units(amount, digits):
    return Fraction(amount) * 10 ** digits


def _pay(units, ratios, digits):
    return from_gross(Decimal(units).scaleb(-digits), ratios, digits)
