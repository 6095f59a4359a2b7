# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_ledger.money import (
    distribute, round_down, round_fraction, round_half_up)

D = Decimal
CENT = D('0.01')
amounts = st.decimals(
    -10 ** 9, 10 ** 9, allow_nan=False, allow_infinity=False, places=6)
cents = st.integers(-10 ** 11, 10 ** 11).map(lambda c: D(c) / 100)
weights = st.lists(
    st.integers(0, 10 ** 6).map(lambda w: D(w) / 1000), min_size=1,
    max_size=8).filter(any)


class MoneyTestCase(unittest.TestCase):

    def test_half_goes_away_from_zero(self):
        for amount, expected in [
                ('100.005', '100.01'), ('-100.005', '-100.01'),
                ('0.015', '0.02'), ('0.025', '0.03'), ('1.0049', '1.00')]:
            self.assertEqual(round_half_up(D(amount)), D(expected))

    @given(st.fractions(-10 ** 9, 10 ** 9))
    def test_fraction_is_rounded_exactly(self, value):
        rounded = round_fraction(value)
        self.assertEqual(rounded, rounded.quantize(CENT))
        distance = abs(Fraction(rounded) - value)
        self.assertLessEqual(distance, Fraction(1, 200))
        if distance == Fraction(1, 200):
            self.assertGreater(abs(rounded), abs(value))

    @given(amounts)
    def test_fraction_as_decimal(self, amount):
        self.assertEqual(round_fraction(Fraction(amount)),
            round_half_up(amount))

    def test_digits_of_the_currency(self):
        self.assertEqual(round_half_up(D('12.5'), 0), D(13))
        self.assertEqual(round_half_up(D('1.23456'), 4), D('1.2346'))

    def test_round_down(self):
        "§ 7.3 of the domain: the gross of a balance is rounded down"
        self.assertEqual(round_down(D('6700') / D('1.3')), D('5153.84'))
        self.assertEqual(round_down(D('-1.999')), D('-1.99'))

    def test_distribute(self):
        self.assertEqual(
            distribute(D('100.00'), [D(1)] * 3),
            [D('33.34'), D('33.33'), D('33.33')])
        self.assertEqual(
            distribute(D('-0.01'), [D(1), D(3)]), [D(0), D('-0.01')])

    def test_distribute_is_exact(self):
        "A share that is a whole number of cents is met to the cent"
        weight = D('3333333333333333333.33')
        self.assertEqual(
            distribute(D('99999999.99'), [weight] * 3), [D('33333333.33')] * 3)

    def test_distribute_refuses(self):
        for amount, weights_ in [
                ('1', []), ('1', [D(0)]), ('1', [D(2), D(-1)]),
                ('1.001', [D(1)])]:
            with self.assertRaises(ValueError):
                distribute(D(amount), weights_)

    @given(amounts)
    def test_rounding_is_within_half_a_cent(self, amount):
        self.assertLessEqual(abs(round_half_up(amount) - amount), CENT / 2)
        self.assertEqual(round_half_up(-amount), -round_half_up(amount))

    @given(amounts)
    def test_round_down_never_exceeds(self, amount):
        rounded = round_down(amount)
        self.assertLessEqual(abs(rounded), abs(amount))
        self.assertLess(abs(amount - rounded), CENT)

    @given(cents, weights)
    def test_distribute_adds_up(self, amount, weights_):
        parts = distribute(amount, weights_)
        self.assertEqual(sum(parts), amount)
        total = sum(weights_)
        for part, weight in zip(parts, weights_):
            self.assertLess(abs(part - amount * weight / total), CENT)
            self.assertEqual(part, part.quantize(CENT))
            if not weight:
                self.assertEqual(part, 0)
