# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.pay_reserve import (
    amount_for, available, reserve, share_of)

sums = st.integers(0, 10 ** 7).map(lambda c: D(c) / 100)
any_sums = st.integers(-10 ** 7, 10 ** 7).map(lambda c: D(c) / 100)
months = st.decimals(0, 12, places=1)
weights = st.lists(st.integers(1, 9), min_size=1, max_size=5)


class PayReserveTestCase(unittest.TestCase):

    def test_reserve(self):
        self.assertEqual(
            reserve(D('500.00'), D(2), D('2795.00')), D('6090.00'))
        self.assertEqual(reserve(D('0.005'), D(0), D(0)), D('0.01'))

    def test_refused(self):
        for args in [('-0.01', 0, 0), (0, -1, 0), (0, 0, '-1')]:
            with self.assertRaises(ValueError):
                reserve(*map(D, args))
        for ratio in ['-0.1', '1.1']:
            with self.assertRaises(ValueError):
                share_of(D(1), D(ratio))
        with self.assertRaises(ValueError):
            amount_for(D(1), D(0))

    def test_available(self):
        self.assertEqual(
            available(D('10000.00'), D('350.00'), D('500.00')), D('9150.00'))
        # What is to be given back can be spent
        self.assertEqual(
            available(D('100.00'), D('-60.00'), D(0)), D('160.00'))

    def test_nothing_left(self):
        self.assertEqual(share_of(D('-10.00'), D(1)), 0)

    @given(any_sums, any_sums, sums, months, sums)
    def test_the_reserve_stays(self, treasury, due, amount, months, cost):
        "Once all that is available is spent, the reserve is left"
        kept = reserve(amount, months, cost)
        left = available(treasury, due, kept)
        self.assertEqual(treasury - due - left, kept)
        self.assertGreaterEqual(kept, amount)

    @given(any_sums, weights)
    def test_shares_never_exceed(self, amount, weights):
        parts = [share_of(amount, D(w) / sum(weights)) for w in weights]
        self.assertLessEqual(sum(parts), max(amount, 0))
        if amount > 0:
            self.assertLessEqual(amount - sum(parts), D('0.01') * len(parts))

    @given(any_sums, st.decimals('0.01', 1, places=6))
    def test_the_smallest_whose_share_is_enough(self, part, ratio):
        amount = amount_for(part, ratio)
        self.assertGreaterEqual(share_of(amount, ratio), part)
        if amount:
            self.assertLess(share_of(amount - D('0.01'), ratio), part)
