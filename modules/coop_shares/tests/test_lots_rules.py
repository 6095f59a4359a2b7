# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.lots import (
    Lot, NotEnoughShares, exchanged, take)

D = Decimal
lots = st.lists(
    st.builds(
        Lot, st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31)),
        st.integers(1, 10**6), st.integers(0, 100)),
    unique_by=lambda lot: lot.key)


class LotsTestCase(unittest.TestCase):

    def test_oldest_first(self):
        held = [
            Lot(dt.date(2024, 3, 1), 7, 5), Lot(dt.date(2023, 1, 1), 9, 2),
            Lot(dt.date(2024, 3, 1), 8, 5), Lot(dt.date(2022, 1, 1), 3, 0)]
        self.assertEqual(take(held, 8), [(9, 2), (7, 5), (8, 1)])

    def test_too_many(self):
        with self.assertRaises(NotEnoughShares):
            take([Lot(dt.date(2024, 1, 1), 1, 5)], 6)

    def test_none(self):
        for quantity in [0, -1]:
            with self.assertRaises(ValueError):
                take([Lot(dt.date(2024, 1, 1), 1, 5)], quantity)

    @given(lots, st.integers(1, 500))
    def test_any(self, held, quantity):
        if sum(lot.quantity for lot in held) < quantity:
            with self.assertRaises(NotEnoughShares):
                take(held, quantity)
            return
        taken = take(held, quantity)
        by_key = {lot.key: lot for lot in held}
        self.assertEqual(sum(part for _, part in taken), quantity)
        self.assertTrue(all(part > 0 for _, part in taken))
        # Each lot but the last is emptied, and no older one is left
        for key, part in taken[:-1]:
            self.assertEqual(part, by_key[key].quantity)
        last = by_key[taken[-1][0]]
        left = {
            lot.key for lot in held if lot.quantity} - {k for k, _ in taken}
        self.assertTrue(all(by_key[key] > last for key in left))

    def test_exchanged(self):
        self.assertEqual(exchanged(3, D(60), D(15)), 4)
        self.assertEqual(exchanged(2, D('30.00'), D('7.50')), 4)
        for quantity, amount, nominal in [
                (3, D(60), D(16)), (0, D(0), D(15)), (1, D(15), D(0))]:
            with self.assertRaises(ValueError):
                exchanged(quantity, amount, nominal)

    @given(st.integers(1, 1000), st.integers(1, 10**5), st.integers(1, 1000))
    def test_exchanged_back(self, quantity, nominal, count):
        amount = D(nominal) * count / 100
        self.assertEqual(exchanged(quantity, amount, D(nominal) / 100), count)
