# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Which ratios estimate the pay of somebody on a date."""
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from .pay_estimate import Ratios, ratios_of

# The last payslips say more than those of another season
PAYSLIPS = 3
MONTHS = 12


@dataclass(frozen=True, slots=True)
class SetRatios:
    """Ratios that the co-operative has set, days included, None for no end.

    record: the database id; tax: income tax withheld, as part of the gross
    """
    record: int
    start: datetime.date
    end: datetime.date | None
    employer: Decimal
    employee: Decimal
    tax: Decimal

    def holds(self, date: datetime.date) -> bool:
        return self.start <= date and (self.end is None or date <= self.end)


@dataclass(frozen=True, slots=True)
class PaidMonth:
    "A posted payslip: the last day of its month and its amounts"
    end: datetime.date
    gross: Decimal
    employer: Decimal
    employee: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """The ratios of somebody and where they come from.

    source: 'person', 'payslips' or 'company'; record: the ratios set
    payslips: how many made them
    The employee's ratio includes the tax, so that the net is what is paid.
    """
    ratios: Ratios
    source: str
    record: int | None = None
    payslips: int = 0


def choose(
        date: datetime.date, person: Sequence[SetRatios],
        payslips: Sequence[PaidMonth], company: Sequence[SetRatios],
        ) -> Choice | None:
    """Return the ratios of somebody on a date, None if nothing tells them.

    Those set for the person come first, then those of their last payslips (at
    most three, of months ended in the year to the date), then those of the
    company.
    Payslips without any pay, or whose amounts are no parts of the gross pay,
    tell nothing.
    """
    if found := _holding(date, person):
        return _as_set(found, 'person')
    first = date - relativedelta(months=MONTHS)
    last = sorted(
        (p for p in payslips if first < p.end <= date),
        key=lambda p: p.end, reverse=True)[:PAYSLIPS]
    try:
        ratios = ratios_of(
            (p.gross, p.employer, p.employee + p.tax) for p in last)
    except ValueError:
        ratios = None
    if ratios:
        return Choice(ratios, 'payslips', payslips=len(last))
    if found := _holding(date, company):
        return _as_set(found, 'company')
    return None


def _holding(date, set_):
    return max(
        (s for s in set_ if s.holds(date)), key=lambda s: s.start,
        default=None)


def _as_set(found, source):
    return Choice(
        Ratios(found.employer, found.employee + found.tax), source,
        record=found.record)
