# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.pay_estimate import (
    Estimate, Ratios, from_cost, from_gross, from_net, margin_needed,
    of_wanted, ratios_of)

USUAL = Ratios(D('0.30'), D('0.22'))
CENT = D('0.01')

sums = st.integers(-1000, 10 ** 7).map(lambda c: D(c) / 100)
ratios = st.builds(
    Ratios, st.decimals(0, 1, places=4), st.decimals(0, '0.9', places=4))


class PayEstimateTestCase(unittest.TestCase):

    def test_balance_of_the_year(self):
        "§ 7.3: rounded down, a cent is left on the activity"
        pay = from_cost(D('6700.00'), USUAL)
        self.assertEqual(pay.gross, D('5153.84'))
        self.assertEqual(pay.employer, D('1546.15'))
        self.assertEqual(pay.cost, D('6699.99'))
        self.assertEqual(
            from_cost(D('6200.00'), USUAL).gross, D('4769.23'))

    def test_there_and_back(self):
        pay = from_gross(D('2150.00'), USUAL)
        self.assertEqual(
            pay, Estimate(D('2150.00'), D('645.00'), D('473.00')))
        self.assertEqual(from_cost(pay.cost, USUAL), pay)
        self.assertEqual(from_net(pay.net, USUAL), pay)
        self.assertEqual(
            margin_needed(pay.cost, D('0.10')), D('3105.56'))

    def test_wanted(self):
        pay = from_gross(D('2150.00'), USUAL)
        for kind in ['gross', 'cost', 'net']:
            self.assertEqual(
                of_wanted(kind, getattr(pay, kind), USUAL), pay)
        with self.assertRaises(ValueError):
            of_wanted('margin', D(1), USUAL)

    def test_nothing(self):
        for sum_ in [D(0), D('-1200.00')]:
            self.assertEqual(from_cost(sum_, USUAL).gross, 0)
            self.assertEqual(from_net(sum_, USUAL).gross, 0)
            self.assertEqual(margin_needed(sum_, D('0.10')), 0)

    def test_ratios(self):
        self.assertEqual(ratios_of([
                    (D('1000'), D('300'), D('220')),
                    (D('3000'), D('1300'), D('660'))]),
            Ratios(D('0.4000'), D('0.2200')))
        self.assertIsNone(ratios_of([]))
        self.assertIsNone(ratios_of([(D(0), D(0), D(0))]))

    def test_refused(self):
        for employer, employee in [('-0.1', '0'), ('0', '1'), ('0', '-0.1')]:
            with self.assertRaises(ValueError):
                Ratios(D(employer), D(employee))
        with self.assertRaises(ValueError):
            margin_needed(D(1), D(1))

    @given(sums, ratios)
    def test_the_greatest_within_the_cost(self, cost, ratios):
        pay = from_cost(cost, ratios)
        if cost > 0:
            self.assertLessEqual(pay.cost, cost)
        self.assertGreater(from_gross(pay.gross + CENT, ratios).cost, cost)

    @given(sums, ratios)
    def test_the_smallest_above_the_net(self, net, ratios):
        pay = from_net(net, ratios)
        self.assertGreaterEqual(pay.net, net)
        if pay.gross:
            self.assertLess(from_gross(pay.gross - CENT, ratios).net, net)

    @given(sums, st.decimals(0, '0.9', places=4))
    def test_the_smallest_margin(self, cost, rate):
        margin = margin_needed(cost, rate)

        def left(margin):
            return margin - (margin * rate).quantize(CENT, 'ROUND_HALF_UP')

        self.assertGreaterEqual(left(margin), cost)
        if margin:
            self.assertLess(left(margin - CENT), cost)
