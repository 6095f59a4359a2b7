# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.withholding import (
    Limits, Withheld, commitment_problems, covers, in_force, room, withheld)

D = Decimal
ONE_PERCENT = D('0.01')
MONTHS = [
    ('850.00', '8.50'), ('1420.00', '14.20'), ('1180.00', '11.80'),
    ('2150.00', '21.50')]

money = st.decimals(0, 10_000, places=2)
rates = st.decimals(0, D('0.1'), places=4)


def pay(gross, net=None, **limits):
    gross = D(gross)
    return Limits(gross, gross if net is None else D(net), **limits)


@dataclass(frozen=True)
class Commitment:
    start_date: dt.date
    end_date: dt.date | None = None


def day(day_):
    return dt.date(2024, 3, day_)


FIRST, LAST = day(1), day(31)


class WithholdingTestCase(unittest.TestCase):

    def test_domain_table(self):
        "§ 8.2"
        for gross, expected in MONTHS:
            with self.subTest(gross=gross):
                self.assertEqual(
                    withheld(ONE_PERCENT, D(gross), D(0), pay(gross)),
                    Withheld(D(expected)))

    def test_half_a_cent_goes_up(self):
        self.assertEqual(
            withheld(ONE_PERCENT, D('850.50'), D(0), pay('850.50')).amount,
            D('8.51'))

    def test_month_rounded_once(self):
        "Two payslips of 850.40 keep 17.01 back, not twice 8.50"
        first = withheld(ONE_PERCENT, D('850.40'), D(0), pay('850.40')).amount
        rest = withheld(
            ONE_PERCENT, D('1700.80'), first, pay('1700.80')).amount
        self.assertEqual((first, rest), (D('8.50'), D('8.51')))

    def test_tenth(self):
        "A tenth of 850.55 is 85.05, though 10 % of it rounds to 85.06"
        self.assertEqual(
            withheld(D('0.1'), D('850.55'), D(0), pay('850.55')),
            Withheld(D('85.05'), 'tenth'))

    def test_tenth_with_others(self):
        self.assertEqual(
            withheld(
                D('0.06'), D('1000.00'), D(0), pay('1000.00'),
                others=D('50.00')),
            Withheld(D('50.00'), 'tenth'))

    def test_net(self):
        self.assertEqual(
            withheld(D('0.05'), D('1000.00'), D(0), pay('1000.00', '12.34')),
            Withheld(D('12.34'), 'net'))
        self.assertEqual(
            withheld(D('0.05'), D('1000.00'), D(0), pay('1000.00', '-5')),
            Withheld(D(0), 'net'))

    def test_ceiling(self):
        self.assertEqual(
            withheld(
                D('0.05'), D('1000.00'), D('10.00'),
                pay('1000.00', room=D('3.00'))),
            Withheld(D('3.00'), 'ceiling'))

    def test_pay_lowered(self):
        self.assertEqual(
            withheld(
                ONE_PERCENT, D('500.00'), D('8.50'),
                pay('500.00', savings=D('10.00'))),
            Withheld(D('-3.50')))
        self.assertEqual(
            withheld(
                ONE_PERCENT, D('500.00'), D('8.50'),
                pay('500.00', savings=D('1.25'))),
            Withheld(D('-1.25'), 'savings'))

    def test_negative_base(self):
        self.assertEqual(
            withheld(ONE_PERCENT, D('-500.00'), D(0), pay('-500.00')).amount,
            D(0))

    def test_rate_out_of_bounds(self):
        for rate in [D('-0.01'), D('0.1001')]:
            with self.assertRaises(ValueError):
                withheld(rate, D('1000.00'), D(0), pay('1000.00'))

    def test_room(self):
        self.assertIsNone(room(None, D(5), None, D(20), 3, D(7)))
        self.assertEqual(room(D(100), D(95), None, D(20), 3, D(7)), D(5))
        self.assertEqual(room(None, D(95), 5, D(20), 3, D(7)), D(33))
        self.assertEqual(room(D(100), D(95), 5, D(20), 3, D(7)), D(5))
        self.assertEqual(room(D(50), D(95), None, D(20), 3, D(7)), D(0))

    @given(rates, money, money, st.decimals(-500, 10_000, places=2))
    def test_within_limits(self, rate, base, already, net):
        result = withheld(
            rate, base, already, Limits(base, net, savings=already))
        month = already + result.amount
        self.assertGreaterEqual(month, 0)
        self.assertLessEqual(month, base / 10)
        self.assertLessEqual(month, max(net, 0))
        self.assertEqual(result.amount, round(result.amount, 2))

    @given(rates, st.lists(money, min_size=1, max_size=5))
    def test_closed_in_several_times(self, rate, slips):
        "A month closed in several times keeps back what once would have"
        total = sum(slips)
        once = withheld(rate, total, D(0), pay(total)).amount
        already = D(0)
        for i in range(1, len(slips) + 1):
            gross = sum(slips[:i])
            already += withheld(rate, gross, already, pay(gross)).amount
        self.assertEqual(already, once)

    @given(rates, money, money)
    def test_again_keeps_nothing_back(self, rate, gross, net):
        limits = Limits(gross, net)
        amount = withheld(rate, gross, D(0), limits).amount
        self.assertEqual(withheld(rate, gross, amount, limits).amount, 0)

    @given(rates, money, money, money)
    def test_gives_back_no_more_than_savings(
            self, rate, gross, already, savings):
        result = withheld(
            rate, gross, already, replace(pay(gross), savings=savings))
        self.assertGreaterEqual(result.amount, -savings)

    @given(money, money, st.none() | money)
    def test_ceiling_never_passed(self, gross, already, left):
        limits = replace(pay(gross), room=left, savings=already)
        result = withheld(D('0.05'), gross, already, limits)
        if left is not None:
            self.assertLessEqual(result.amount, left)

    def test_commitment_problems(self):
        for values, expected in [
                ([], []),
                (['0.1'], []),
                (['0.06', '0.04'], []),
                (['0.06', '0.0401'], ['tenth']),
                (['-0.01', '0.02'], ['negative'])]:
            with self.subTest(values=values):
                self.assertEqual(
                    commitment_problems(map(D, values)), expected)

    def test_covers(self):
        commitment = Commitment(day(5), day(10))
        self.assertEqual(
            [covers(commitment, day(d)) for d in [4, 5, 10, 11]],
            [False, True, True, False])

    def test_in_force(self):
        whole = Commitment(dt.date(2024, 1, 1))
        before = Commitment(dt.date(2024, 1, 1), day(14))
        after = Commitment(day(15))
        early = Commitment(dt.date(2024, 1, 1), day(5))
        past = Commitment(dt.date(2023, 1, 1), dt.date(2024, 2, 29))
        future = Commitment(dt.date(2024, 4, 1))
        for commitments, expected in [
                ([whole], [whole]),
                ([before, after], [after]),
                ([before], [before]),
                ([before, early], [before]),
                ([after, whole], [whole, after]),
                ([past, future], []),
                ([], [])]:
            with self.subTest(commitments=commitments):
                self.assertEqual(
                    in_force(commitments, FIRST, LAST), expected)
