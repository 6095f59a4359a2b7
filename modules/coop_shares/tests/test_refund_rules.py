# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.refund import (
    FORMULAS, full_years, loss_borne, loss_on_capital, revaluation_part,
    set_off, years_later)

D = Decimal
sums = st.decimals(0, 10**8, places=2)
days = st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31))


class RefundTestCase(unittest.TestCase):

    def test_domain_example(self):
        "A leaver with 30 shares of 20, of a capital of 60,000"
        loss = loss_on_capital(
            'proportional', D(12000), D(60000), D(20000))
        self.assertEqual(loss, 9000)
        self.assertEqual(loss_borne(D(600), loss, D(60000)), D('90.00'))
        loss = loss_on_capital(
            'statutory_first', D(12000), D(60000), D(20000))
        self.assertEqual(loss_borne(D(600), loss, D(60000)), D('0.00'))

    def test_revaluation_first(self):
        loss = loss_on_capital(
            'revaluation_first', D(12000), D(60000), D(20000), D(4000))
        self.assertEqual(loss, 6000)
        self.assertEqual(
            loss_on_capital(
                'revaluation_first', D(4000), D(60000), D(0), D(4000)), 0)

    def test_half_a_cent(self):
        "What is half a cent goes up, though a division is not exact"
        self.assertEqual(
            loss_borne(D('0.01'), Fraction(1, 3), D('0.66')), D('0.01'))
        self.assertEqual(
            loss_borne(D('1'), Fraction(1, 3), D('66')), D('0.01'))

    @given(st.lists(sums, max_size=5), sums)
    def test_set_off(self, owed, paid):
        "The oldest first, each in full, and no more than is owed"
        left = set_off(owed, paid)
        self.assertEqual(sum(left), max(sum(owed) - paid, D(0)))
        for i, (debt, rest) in enumerate(zip(owed, left)):
            self.assertTrue(0 <= rest <= debt)
            if rest:
                self.assertEqual(left[i + 1:], owed[i + 1:])

    def test_refused(self):
        with self.assertRaises(ValueError):
            loss_on_capital('equal', D(1), D(1))
        with self.assertRaises(ValueError):
            loss_on_capital('proportional', D(-1), D(1))
        with self.assertRaises(ValueError):
            loss_borne(D(2), Fraction(1), D(1))

    @given(st.sampled_from(FORMULAS), sums, sums, sums, sums)
    def test_any_loss(self, formula, loss, capital, statutory, revaluation):
        found = loss_on_capital(formula, loss, capital, statutory, revaluation)
        self.assertTrue(0 <= found <= min(Fraction(loss), Fraction(capital)))
        if formula == 'proportional' and not statutory and loss <= capital:
            self.assertEqual(found, loss)

    @given(
        st.lists(st.integers(0, 500), min_size=1, max_size=30),
        st.integers(0, 100))
    def test_any_members(self, holdings, percent):
        "All members together bear the loss, to half a cent each"
        capital = D(sum(holdings)) * 20
        assume(capital)
        loss = Fraction(capital) * percent / 100
        borne = [loss_borne(D(h) * 20, loss, capital) for h in holdings]
        self.assertTrue(all(
                0 <= b <= D(h) * 20 for b, h in zip(borne, holdings)))
        self.assertLessEqual(
            abs(sum(map(Fraction, borne)) - loss),
            Fraction(len(holdings), 200))

    def test_revaluation_part(self):
        self.assertEqual(
            revaluation_part(D(600), D(5000), D(60000), 5), D('50.00'))
        self.assertEqual(
            revaluation_part(D(600), D(5000), D(60000), 4), D('0.00'))

    def test_years_later(self):
        for start, years, end in [
                (dt.date(2024, 2, 29), 5, dt.date(2029, 2, 28)),
                (dt.date(2024, 2, 29), 4, dt.date(2028, 2, 29)),
                (dt.date(2024, 12, 31), 5, dt.date(2029, 12, 31))]:
            self.assertEqual(years_later(start, years), end)

    def test_full_years(self):
        for start, end, years in [
                (dt.date(2019, 1, 1), dt.date(2023, 12, 31), 5),
                (dt.date(2019, 1, 2), dt.date(2023, 12, 31), 4),
                (dt.date(2019, 1, 2), dt.date(2024, 1, 1), 5),
                (dt.date(2020, 2, 29), dt.date(2021, 2, 27), 1),
                (dt.date(2020, 3, 1), dt.date(2020, 3, 1), 0)]:
            with self.subTest(start=start, end=end):
                self.assertEqual(full_years(start, end), years)

    @given(days, days)
    def test_any_years(self, start, end):
        assume(start <= end)
        years = full_years(start, end)
        the_day_after = end + dt.timedelta(1)
        self.assertLessEqual(years_later(start, years), the_day_after)
        self.assertGreater(years_later(start, years + 1), the_day_after)
