# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.conversion import (
    available, lowest, whole_shares)

D = Decimal
WITHHELD = ['8.50', '14.20', '11.80', '21.50']

money = st.decimals(0, 100_000, places=2)
nominals = st.decimals(D('0.01'), 1_000, places=2)
changes = st.lists(st.tuples(
        st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 9)),
        st.decimals(-100, 100, places=2)))


class ConversionTestCase(unittest.TestCase):

    def convert(self, nominal):
        savings, result = D(0), []
        for amount in WITHHELD:
            quantity, savings = whole_shares(savings + D(amount), D(nominal))
            result.append((quantity, str(savings)))
        return result

    def test_domain_table(self):
        "§ 8.2"
        self.assertEqual(
            self.convert(20),
            [(0, '8.50'), (1, '2.70'), (0, '14.50'), (1, '16.00')])
        self.assertEqual(
            self.convert(15),
            [(0, '8.50'), (1, '7.70'), (1, '4.50'), (1, '11.00')])

    def test_at_the_end_of_the_year(self):
        self.assertEqual(whole_shares(D('56.00'), D(20)), (2, D('16.00')))
        self.assertEqual(whole_shares(D('56.00'), D(15)), (3, D('11.00')))

    def test_exactly_one_share(self):
        self.assertEqual(whole_shares(D('20.00'), D(20)), (1, D(0)))
        self.assertEqual(whole_shares(D('19.99'), D(20)), (0, D('19.99')))

    def test_no_savings(self):
        self.assertEqual(whole_shares(D(0), D(20)), (0, D(0)))
        self.assertEqual(whole_shares(D('-1.00'), D(20)), (0, D('-1.00')))

    def test_wrong_nominal(self):
        for nominal in [D(0), D(-20)]:
            with self.assertRaises(ValueError):
                whole_shares(D(100), nominal)

    @given(money, nominals)
    def test_nothing_lost(self, savings, nominal):
        quantity, carry = whole_shares(savings, nominal)
        self.assertEqual(quantity * nominal + carry, savings)
        self.assertTrue(0 <= carry < nominal)
        self.assertIsInstance(quantity, int)

    @given(st.lists(money, max_size=8), nominals)
    def test_each_month_or_at_the_end(self, amounts, nominal):
        "Monthly conversions make as many shares as one at the end"
        shares, savings = 0, D(0)
        for amount in amounts:
            quantity, savings = whole_shares(savings + amount, nominal)
            shares += quantity
        self.assertEqual(
            (shares, savings), whole_shares(sum(amounts, D(0)), nominal))

    def test_lowest(self):
        later = [
            (dt.date(2024, 3, 31), D(5)), (dt.date(2024, 2, 29), D(-8)),
            (dt.date(2024, 2, 29), D(2))]
        self.assertEqual(lowest(D(10), later), D(4))
        self.assertEqual(lowest(D(1), later), D(-5))
        self.assertEqual(available(D(1), later), D(0))
        self.assertEqual(lowest(D(10), []), D(10))

    @given(money, changes)
    def test_using_what_is_available(self, balance, later):
        "What is available can be used without a balance below zero"
        used = available(balance, later)
        if lowest(balance, later) >= 0:
            self.assertEqual(lowest(balance - used, later), 0)
        else:
            self.assertEqual(used, 0)
