# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How the surplus of a year is shared, and what interest shares may bear.

Sources: law 47-1775 of 10/09/1947, articles 14 (ceiling of the interest), 16
(legal reserve) and 19 nonies (SCIC: half of what is left to the statutory
reserve, subsidies left out); law 78-763 of 19/07/1978, article 33 (SCOP).
"""
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from trytond.modules.coop_ledger.money import (
    round_down, round_fraction, round_half_up)

from .refund import years_later

ZERO = Decimal(0)
LEGAL_RATE = Decimal('0.15')
LEAST_STATUTORY_RATE = Decimal('0.50')
LEAST_EMPLOYEE_RATE = Decimal('0.25')
POINTS_ABOVE = Decimal('0.02')
YEARS = 3


class TooMuchInterest(ValueError):
    "The interest passes what the law allows"

    def __init__(self, most: Decimal):
        super().__init__(most)
        self.most = most


class MissingYields(LookupError):
    "The yields of some half-years are not known"

    def __init__(self, halves: list[tuple[int, int]]):
        super().__init__(halves)
        self.halves = halves


class Allocation(NamedTuple):
    "What becomes of the profit of a year: its parts sum up to the profit"
    losses: Decimal
    legal: Decimal
    statutory: Decimal
    employees: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self, ZERO)


def allocate(
        profit: Decimal, losses: Decimal, capital: Decimal,
        reserves: Decimal, interest: Decimal, subsidies: Decimal = ZERO,
        statutory_rate: Decimal = LEAST_STATUTORY_RATE,
        employee_rate: Decimal = ZERO, digits: int = 2) -> Allocation:
    """Share the profit of a year.

    losses are those brought forward, cleared first; the legal reserve takes
    15 % of the surplus while all reserves do not reach the capital; the
    statutory reserve takes its rate of what is left, and all that remains.
    subsidies of public bodies bear no interest.  A SCOP gives a part of the
    surplus, employee_rate, to its employees: the interest passes neither that
    part nor what goes to the reserves.
    The result may be less than nothing: nothing is shared then, and losses is
    that result.
    Each sum is rounded half up.  Raise TooMuchInterest with the most that may
    be given, ValueError if another sum is negative.

    >>> allocate(
    ...     Decimal(40000), Decimal(4000), Decimal(60000), ZERO,
    ...     Decimal(1800), Decimal(8000)) == (4000, 5400, 28800, 0, 1800)
    True
    """
    if min(losses, capital, reserves, interest, subsidies) < 0:
        raise ValueError("a sum is negative")
    cleared = min(losses, profit) if profit > 0 else profit
    surplus = profit - cleared if profit > 0 else ZERO
    legal = (
        round_half_up(surplus * LEGAL_RATE, digits)
        if reserves < capital else ZERO)
    employees = round_half_up(surplus * employee_rate, digits)
    left = surplus - legal - employees
    statutory = round_half_up(left * statutory_rate, digits)
    most = max(left - statutory - subsidies, ZERO)
    if employee_rate:
        # Neither more than what goes to the reserves
        most = min(most, employees, round_down((legal + left) / 2, digits))
    if interest > most:
        raise TooMuchInterest(most)
    return Allocation(
        cleared, legal, left - interest, employees, interest)


def half_years(meeting: date) -> list[tuple[int, int]]:
    """Return the halves of the three calendar years before a meeting.

    >>> half_years(date(2024, 6, 14))[0], half_years(date(2024, 6, 14))[-1]
    ((2021, 1), (2023, 2))
    """
    return [
        (year, half) for year in range(meeting.year - YEARS, meeting.year)
        for half in (1, 2)]


def interest_ceiling(
        yields: Mapping[tuple[int, int], Decimal], meeting: date) -> Fraction:
    """Return the highest rate that shares may bear: the mean of the yield of
    private bonds (TMO) in the three years before the meeting, two points added
    (law 47-1775, article 14).

    yields are by year and half, parts of one.  The result is exact.
    Raise MissingYields with the half-years that are missing.
    """
    halves = half_years(meeting)
    if missing := [half for half in halves if half not in yields]:
        raise MissingYields(missing)
    return (
        sum((Fraction(yields[half]) for half in halves), Fraction(0))
        / len(halves) + Fraction(POINTS_ABOVE))


def days_held(day: date, start: date, end: date) -> int:
    """Return for how many days of a year what comes in on a day bears
    interest: what is held at the end of a day counts for it, what is held
    before the year for all of it, what comes after it for none.

    >>> days_held(date(2024, 12, 31), date(2024, 1, 1), date(2024, 12, 31))
    1
    """
    return max((end - max(day, start)).days + 1, 0)


def twelve_months(end: date) -> int:
    """Return the days of the twelve months that end on a day.

    >>> twelve_months(date(2024, 12, 31)), twelve_months(date(2025, 9, 30))
    (366, 365)
    """
    after = end + timedelta(1)
    return (after - years_later(after, -1)).days


def interest_by_days(
        bases: Mapping[object, Decimal], rate: Decimal, end: date,
        digits: int = 2) -> dict[object, Decimal]:
    """Return the interest of a year on capital summed up by days, each rounded
    half up.

    The rate is that of the twelve months which end with the year, 365 or 366
    days: a year of six months bears half of it, one of eighteen months once
    and a half.
    No base is negative.

    >>> interest_by_days(
    ...     {'Ana': Decimal(36600)}, Decimal('0.03'), date(2024, 12, 31))
    {'Ana': Decimal('3.00')}
    """
    a_day = Fraction(rate) / twelve_months(end)
    # Whole numbers, as there may be as many as members
    scale = 2 * 10 ** digits * a_day.numerator
    interests = {}
    for key, base in bases.items():
        amount, part = base.as_integer_ratio()
        part *= a_day.denominator
        units = (scale * amount + part) // (2 * part)
        interests[key] = Decimal(units).scaleb(-digits)
    return interests


class Shares(NamedTuple):
    "The shares of a lot, and what is paid up of them"
    quantity: int
    paid: Decimal


class Given(NamedTuple):
    "Shares of a lot that became shares of a new one, at a transfer"
    source: object
    quantity: int
    target: object
    received: int


def existing(
        closing: Mapping[object, Shares], given: Iterable[Given],
        meeting: Mapping[object, Shares],
        digits: int = 2) -> dict[object, Decimal]:
    """Return by lot held at the meeting what was paid up of its shares at the
    closing and still is.

    Shares exist on whoever holds them: given are the transfers from the
    closing to the meeting in their order, which new lots come from.

    >>> existing(
    ...     {1: Shares(10, Decimal(200))}, [Given(1, 4, 2, 4)],
    ...     {1: Shares(6, Decimal(120)), 2: Shares(4, Decimal(80)),
    ...         3: Shares(5, Decimal(100))}) == {
    ...     1: Decimal(120), 2: Decimal(80)}
    True
    """
    by_share = {
        lot: Fraction(shares.paid) / shares.quantity
        for lot, shares in closing.items()}
    for transfer in given:
        if transfer.source in by_share and transfer.target not in by_share:
            by_share[transfer.target] = (
                by_share[transfer.source] * transfer.quantity
                / transfer.received)
    return {
        lot: min(
            shares.paid,
            round_fraction(by_share[lot] * shares.quantity, digits))
        for lot, shares in meeting.items() if lot in by_share}


def is_waived(asked_on: date | None, paid_on: date) -> bool:
    """Return whether the income tax is not prepaid on interest that is paid on
    a day: the member has asked by 30 November of the year before, and what is
    asked holds for one year (CGI, articles 117 quater and 242 quater).

    >>> is_waived(date(2025, 11, 30), date(2026, 7, 1))
    True
    >>> is_waived(date(2025, 12, 1), date(2026, 7, 1))
    False
    >>> is_waived(date(2024, 10, 1), date(2026, 7, 1))
    False
    """
    return (
        asked_on is not None and asked_on.year == paid_on.year - 1
        and (asked_on.month, asked_on.day) <= (11, 30))


def levies(
        gross: Decimal, rates: Mapping[str, Decimal],
        digits: int = 2) -> dict[str, Decimal]:
    """Return what is withheld of interest by kind of levy, rounded half up.

    >>> levies(Decimal(45), {
    ...     'prepayment': Decimal('0.128'), 'social': Decimal('0.172')}) == {
    ...     'prepayment': Decimal('5.76'), 'social': Decimal('7.74')}
    True
    """
    return {
        kind: round_half_up(gross * rate, digits)
        for kind, rate in rates.items()}
