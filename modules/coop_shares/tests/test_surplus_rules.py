# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from trytond.modules.coop_ledger.money import round_fraction
from trytond.modules.coop_shares.rules.surplus import (
    Allocation, Given, MissingYields, Shares, TooMuchInterest, allocate,
    days_held, existing, half_years, interest_by_days, interest_ceiling,
    is_waived, levies)

D = Decimal
YIELDS = dict(zip(
        half_years(dt.date(2024, 6, 14)),
        map(D, ['0.0020', '0.0027', '0.01325', '0.0251', '0.0314',
                '0.0337'])))
amounts = st.integers(0, 10 ** 9).map(lambda c: D(c) / 100)
rates = st.integers(0, 10_000).map(lambda r: D(r) / 10_000)
START, END = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
days = st.dates(START, END)


class SurplusRulesTestCase(unittest.TestCase):

    def test_example(self):
        "§ 11.1 of the domain"
        allocation = allocate(
            D(40000), D(4000), D(60000), D(20000), D(1800), D(8000))
        self.assertEqual(allocation, Allocation(
                D(4000), D(5400), D(28800), D(0), D(1800)))
        self.assertEqual(allocation.total, D(40000))

    def test_ceiling_of_the_example(self):
        self.assertEqual(
            interest_ceiling(YIELDS, dt.date(2024, 6, 14)),
            Fraction('0.038025'))

    def test_ceiling_asks_for_its_table(self):
        with self.assertRaises(MissingYields) as context:
            interest_ceiling(YIELDS, dt.date(2025, 6, 14))
        self.assertEqual(context.exception.halves, [(2024, 1), (2024, 2)])

    @given(
        st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
        st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
    def test_waiver_holds_for_a_year(self, asked_on, paid_on):
        "CGI, articles 117 quater and 242 quater"
        self.assertEqual(
            is_waived(asked_on, paid_on),
            bool(asked_on) and asked_on.strftime('%m-%d') <= '11-30'
            and asked_on.year + 1 == paid_on.year)

    def test_most_interest(self):
        "What is left, less the subsidies"
        for subsidies, most in [(0, 15300), (8000, 7300), (99999, 0)]:
            arguments = (D(40000), D(4000), D(60000), D(20000))
            allocate(*arguments, D(most), D(subsidies))
            with self.assertRaises(TooMuchInterest) as context:
                allocate(*arguments, D(most) + D('0.01'), D(subsidies))
            self.assertEqual(context.exception.most, D(most))

    def test_legal_reserve_stops(self):
        "Once the reserves reach the capital"
        for reserves, legal in [('59999.99', 15), ('60000', 0)]:
            self.assertEqual(
                allocate(
                    D(100), D(0), D(60000), D(reserves), D(0)).legal, legal)

    def test_scop(self):
        "A quarter for the employees: no more interest than that"
        allocation = allocate(
            D(40000), D(0), D(60000), D(0), D(10000), D(0), D(0), D('0.25'))
        self.assertEqual(allocation, Allocation(
                D(0), D(6000), D(14000), D(10000), D(10000)))
        with self.assertRaises(TooMuchInterest):
            allocate(
                D(40000), D(0), D(60000), D(0), D('10000.01'), D(0), D(0),
                D('0.25'))

    def test_loss(self):
        "A loss is brought forward: nothing is shared"
        self.assertEqual(
            allocate(D(-500), D(300), D(60000), D(0), D(0)),
            Allocation(D(-500), 0, 0, 0, 0))
        with self.assertRaises(TooMuchInterest):
            allocate(D(-500), D(300), D(60000), D(0), D(1))

    @given(
        st.integers(-10 ** 9, 10 ** 9).map(lambda c: D(c) / 100), amounts,
        amounts, amounts, amounts, amounts, rates,
        st.sampled_from([D(0), D('0.25'), D('0.333')]))
    def test_nothing_is_lost(
            self, profit, losses, capital, reserves, interest, subsidies,
            rate, employees):
        arguments = (profit, losses, capital, reserves)
        try:
            allocation = allocate(
                *arguments, interest, subsidies, rate, employees)
        except TooMuchInterest as error:
            self.assertLess(error.most, interest)
            allocation = allocate(
                *arguments, error.most, subsidies, rate, employees)
        self.assertEqual(allocation.total, profit)
        self.assertGreaterEqual(min(allocation[1:]), 0)
        surplus = max(profit - losses, D(0))
        if reserves < capital:
            self.assertGreaterEqual(
                allocation.legal, surplus * D('0.15') - D('0.005'))
        left = surplus - allocation.legal - allocation.employees
        self.assertGreaterEqual(
            allocation.statutory, left * rate - D('0.005'))
        if employees:
            self.assertLessEqual(allocation.interest, allocation.employees)
            self.assertLessEqual(
                allocation.interest,
                allocation.legal + allocation.statutory)

    def base(self, *changes):
        return sum(
            D(amount) * days_held(day, START, END) for day, amount in changes)

    def test_days(self):
        before = dt.date(2020, 5, 5)
        for changes, expected in [
                ([(before, 100)], 100 * 366),
                ([(before, 100), (END, 20)], 100 * 366 + 20),
                ([(before, 100), (START, 20)], 120 * 366),
                ([(dt.date(2025, 1, 1), 100)], 0),
                # Sold on the last day of February of a leap year
                ([(before, 100), (dt.date(2024, 2, 29), -100)], 100 * 59),
                # Bought and sold within the year
                ([(dt.date(2024, 3, 1), 40), (dt.date(2024, 3, 31), -40)],
                    40 * 30)]:
            self.assertEqual(self.base(*changes), expected)

    def test_leap_year(self):
        for year, count in [(2024, 366), (2023, 365)]:
            self.assertEqual(
                interest_by_days(
                    {1: D(1500) * count, 2: D(1)}, D('0.03'),
                    dt.date(year, 12, 31)),
                {1: D(45), 2: D(0)})

    @given(st.dictionaries(st.integers(), amounts), rates)
    def test_interest_is_rounded_half_up(self, bases, rate):
        "As the exact quotient, one by one"
        self.assertEqual(
            interest_by_days(bases, rate, END), {
                key: round_fraction(Fraction(base) * Fraction(rate) / 366)
                for key, base in bases.items()})

    def test_years_of_other_lengths(self):
        "The rate is that of twelve months"
        for start, end, expected in [
                (dt.date(2024, 7, 1), dt.date(2024, 12, 31), '22.62'),
                (dt.date(2023, 7, 1), dt.date(2024, 12, 31), '67.62'),
                (dt.date(2024, 10, 1), dt.date(2025, 9, 30), '45.00'),
                (dt.date(2024, 3, 1), dt.date(2025, 2, 28), '45.00')]:
            count = (end - start).days + 1
            self.assertEqual(
                interest_by_days({1: D(1500) * count}, D('0.03'), end),
                {1: D(expected)})

    @given(st.lists(
            st.tuples(
                st.integers(0, 9), st.integers(0, 9), st.integers(1, 20)),
            max_size=10))
    def test_transfers_lose_nothing(self, steps):
        "Whoever holds them, the shares of the closing that are left bear it"
        closing = {lot: Shares(10, D(200)) for lot in range(4)}
        held = dict(closing)
        given, gone = [], 0
        for i, (source, kind, quantity) in enumerate(steps):
            shares = held.get(source)
            if kind == 0:
                # Subscribed since: it bears nothing, nor do those who get it
                held[100 + i] = Shares(quantity, D(20) * quantity)
                continue
            if not shares or quantity > shares.quantity:
                continue
            held[source] = Shares(
                shares.quantity - quantity, shares.paid - 20 * quantity)
            if kind == 1:
                gone += quantity
            else:
                held[10 + i] = Shares(quantity, D(20) * quantity)
                given.append(Given(source, quantity, 10 + i, quantity))
        bases = existing(closing, given, held)
        self.assertEqual(sum(bases.values()), 20 * (40 - gone))
        self.assertTrue(all(lot < 100 for lot in bases))

    @given(amounts, amounts, days)
    def test_transfer_moves_the_days(self, first, moved, day):
        "What one gives and the other gets bears the same, together"
        assume(moved <= first)
        before = dt.date(2023, 12, 31)
        both = self.base((before, first), (day, -moved)) + self.base(
            (day, moved))
        self.assertEqual(both, first * 366)

    def test_levies(self):
        withheld = levies(
            D(45), {'prepayment': D('0.128'), 'social': D('0.172')})
        self.assertEqual(withheld, {
                'prepayment': D('5.76'), 'social': D('7.74')})
        self.assertEqual(D(45) - sum(withheld.values()), D('31.50'))

    def test_refuses(self):
        with self.assertRaises(ValueError):
            allocate(D(1), D(-1), D(1), D(1), D(0))
