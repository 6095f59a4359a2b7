# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.paying_up import (
    State, call, last_call, least_called, part)

D = Decimal
cents = st.integers(0, 10**6)


@st.composite
def lots(draw):
    "The state and the number of shares of a lot"
    held = draw(st.integers(1, 500))
    amount = draw(st.integers(1, 10**4)) * held
    called = draw(st.integers(0, amount))
    paid = draw(st.integers(0, called))
    return State(*(D(v) / 100 for v in [amount, called, paid])), held


class PayingUpTestCase(unittest.TestCase):

    def test_quarter(self):
        "Law 47-1775, article 12"
        for amount, least in [
                ('100', '25.00'), ('100.01', '25.01'), ('100.04', '25.01')]:
            self.assertEqual(least_called(D(amount)), D(least))

    @given(cents)
    def test_any_quarter(self, amount):
        amount = D(amount) / 100
        least = least_called(amount)
        self.assertTrue(amount <= 4 * least < amount + D('0.04'))

    def test_delay_of_the_statutes(self):
        "Law 47-1775, article 12: five years at most"
        for years, last in [
                (None, dt.date(2029, 1, 31)), (5, dt.date(2029, 1, 31)),
                (3, dt.date(2027, 1, 31)), (0, dt.date(2024, 1, 31))]:
            self.assertEqual(last_call(dt.date(2024, 1, 31), years), last)
        for years in [-1, 6]:
            with self.assertRaises(ValueError):
                last_call(dt.date(2024, 1, 31), years)

    def test_part(self):
        state = State(D(60), D(20), D(10))
        self.assertEqual(part(state, 3, 3), state)
        self.assertEqual(
            part(state, 2, 3), State(D('40.00'), D('13.33'), D('6.67')))
        for quantity in [0, 4]:
            with self.assertRaises(ValueError):
                part(state, quantity, 3)

    @given(lots(), st.data())
    def test_any_part(self, lot, data):
        "What goes and what stays are states, and make the lot together"
        state, held = lot
        goes = part(state, data.draw(st.integers(1, held)), held)
        stays = State(*(a - b for a, b in zip(state, goes)))
        for one in [goes, stays]:
            self.assertTrue(0 <= one.paid <= one.called <= one.amount)

    @given(lots(), st.none() | st.decimals(0, 200, places=2))
    def test_any_call(self, lot, per_share):
        state, held = lot
        called = call(state, held, per_share)
        self.assertTrue(0 <= called <= state.uncalled)
        if per_share is None:
            self.assertEqual(called, state.uncalled)
        elif called < state.uncalled:
            self.assertEqual(called, held * per_share)
