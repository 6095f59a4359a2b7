# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.clock import A_DAY, add_months
from trytond.modules.coop_cae.rules.group_contribution import (
    Terms, are_whole_months, due, to_invoice)

YEAR = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
amounts = st.decimals(-10 ** 6, 10 ** 6, places=2)
months = st.integers(1, 60)
firsts = st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)).map(
    lambda d: d.replace(day=1))


class GroupContributionRuleTestCase(unittest.TestCase):

    def test_months(self):
        for start, end, expected in [
                (*YEAR, True),
                (dt.date(2024, 2, 1), dt.date(2024, 2, 29), True),
                (dt.date(2023, 2, 1), dt.date(2023, 2, 27), False),
                (dt.date(2024, 1, 2), dt.date(2024, 1, 31), False),
                (dt.date(2024, 2, 1), dt.date(2024, 1, 31), False)]:
            with self.subTest(start=start, end=end):
                self.assertEqual(are_whole_months(start, end), expected)

    def test_due(self):
        for terms, expected in [
                (Terms(rate=D('0.125')), D('125.13')),
                (Terms(rate=D(1)), D('1001.00')),
                (Terms(monthly=D('250.00')), D('3000.00'))]:
            with self.subTest(terms=terms):
                self.assertEqual(
                    due(terms, D('1001.00'), *YEAR, 2), expected)

    def test_not_whole(self):
        with self.assertRaises(ValueError):
            due(
                Terms(rate=D(1)), D(1), YEAR[0], dt.date(2024, 12, 30), 2)

    @given(firsts, months, amounts)
    def test_monthly(self, start, number, amount):
        "Each month counts once, whatever its days"
        end = add_months(start, number) - A_DAY
        self.assertEqual(
            due(Terms(monthly=amount), D(0), start, end, 2), number * amount)

    @given(st.lists(amounts, min_size=1), st.decimals(0, 1, places=4))
    def test_caught_up(self, booked, rate):
        "In any number of invoices, what is invoiced is what is owed"
        invoiced = []
        for i in range(len(booked)):
            end = add_months(YEAR[0], i + 1) - A_DAY
            owed = due(
                Terms(rate=rate), sum(booked[:i + 1]), YEAR[0], end, 2)
            invoiced.append(to_invoice(owed, invoiced))
            self.assertEqual(sum(invoiced), owed)
