# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.variable_part import (
    Year, balance, carried, due_date, fixed_part, person_part,
    settled_contributions)

CENT = D('0.01')
cents = st.integers(-10 ** 8, 10 ** 8).map(lambda c: D(c) / 100)
positive = st.integers(0, 10 ** 8).map(lambda c: D(c) / 100)
ratios = st.integers(0, 20_000).map(lambda r: D(r) / 10_000)
# § 7.3 of the domain
EXAMPLE = {
    'available': D('29500.00'),
    'fixed': D('10800.00'),
    'advances': D('6500.00'),
    'contributions': D('5190.00'),
    'leave': D('310.00'),
    }


class VariablePartTestCase(unittest.TestCase):

    def test_domain_example(self):
        year = Year(**EXAMPLE)
        self.assertEqual(year.paid, D('22490.00'))
        self.assertEqual(year.left, D('6700.00'))
        pay = balance(year.left, D('0.30'))
        self.assertEqual(
            (pay.gross, pay.employer), (D('5153.84'), D('1546.15')))
        self.assertEqual(pay.cost, D('6699.99'))
        self.assertEqual(year.advances + pay.gross, D('11653.84'))

    def test_agreed_result(self):
        "§ 7.3: what the contract leaves as a result is not pay"
        year = Year(**EXAMPLE, agreed_result=D('500.00'))
        self.assertEqual(year.left, D('6200.00'))
        pay = balance(year.left, D('0.30'))
        self.assertEqual(
            (pay.gross, pay.employer), (D('4769.23'), D('1430.77')))

    def test_loss(self):
        "§ 7.3: no variable part is due, and the loss goes to the next year"
        year = Year(**{**EXAMPLE, 'available': D('21600.00')})
        self.assertEqual(year.left, D('-1200.00'))
        self.assertEqual(balance(year.left, D('0.30')).cost, 0)
        self.assertEqual(carried(year.left), D('-1200.00'))

    def test_carried(self):
        self.assertEqual(carried(D('500.00')), 0)
        self.assertEqual(carried(D('500.00'), with_profit=True), D('500.00'))
        self.assertEqual(
            carried(D('-500.00'), with_profit=True), D('-500.00'))

    def test_due_date(self):
        for meeting, due in [
                ((2026, 6, 24), (2026, 7, 24)),
                ((2026, 1, 31), (2026, 2, 28)),
                ((2024, 1, 30), (2024, 2, 29)),
                ((2025, 12, 31), (2026, 1, 31))]:
            with self.subTest(meeting=meeting):
                self.assertEqual(due_date(dt.date(*meeting)), dt.date(*due))

    def test_fixed_part(self):
        for gross, total, agreed, fixed in [
                ('1400.00', '1400.00', '900.00', '900.00'),
                ('700.00', '700.00', '900.00', '700.00'),
                ('700.00', '1400.00', '900.00', '450.00'),
                ('100.00', '300.00', '100.00', '33.33'),
                ('1400.00', '1400.00', None, '0'),
                ('0', '0', '900.00', '0')]:
            with self.subTest(gross=gross, total=total, agreed=agreed):
                self.assertEqual(
                    fixed_part(
                        D(gross), D(total), D(agreed) if agreed else None),
                    D(fixed))

    def test_settled_refused(self):
        for gross in ['0', '-1', '100.01']:
            with self.subTest(gross=gross), self.assertRaises(ValueError):
                settled_contributions(D(gross), D('100.00'), D('30.00'))

    @given(cents, ratios)
    def test_balance_never_exceeds(self, left, ratio):
        pay = balance(left, ratio)
        self.assertGreaterEqual(pay.gross, 0)
        if left <= 0:
            self.assertEqual(pay.cost, 0)
        else:
            self.assertLessEqual(pay.gross + pay.employer, left)

    @given(positive, ratios)
    def test_one_cent_more_would_exceed(self, left, ratio):
        gross = balance(left, ratio).gross + CENT
        contributions = (gross * ratio).quantize(CENT, 'ROUND_HALF_UP')
        self.assertGreater(gross + contributions, left)

    @given(cents, positive, positive, positive, cents, positive, ratios)
    def test_sums_add_up(
            self, available, fixed, advances, contributions, leave, result,
            ratio):
        "What is available is paid, provided, agreed as a result or left"
        year = Year(available, fixed, advances, contributions, leave, result)
        pay = balance(year.left, ratio)
        self.assertEqual(
            year.paid + leave + result + pay.cost
            + (year.left - pay.cost), available)
        self.assertTrue(year.left < 0 or 0 <= year.left - pay.cost)

    @given(positive, st.lists(
                st.integers(1, 1000), min_size=1, max_size=5))
    def test_parts_never_exceed(self, amount, weights):
        "However many share an activity, they share what it has"
        parts = [
            person_part(amount, D(w) / sum(weights)) for w in weights]
        self.assertLessEqual(sum(parts), amount)
        self.assertLess(amount - sum(parts), CENT * (len(weights) + 1))

    @given(positive, positive, positive)
    def test_fixed_part_is_shared(self, one, other, agreed):
        "The activities of a person bear the fixed part, once"
        total = one + other
        parts = [
            fixed_part(gross, total, agreed) for gross in [one, other]]
        self.assertLessEqual(
            abs(sum(parts) - min(total, agreed)), CENT)
        for part, gross in zip(parts, [one, other]):
            self.assertTrue(0 <= part <= gross)

    @given(
        st.lists(st.integers(1, 10 ** 6), min_size=1, max_size=6), positive)
    def test_settled_in_full(self, instalments, contributions):
        "However the balance is paid, its contributions are taken once"
        left = D(sum(instalments)) / 100
        taken = D(0)
        for cents in instalments:
            gross = D(cents) / 100
            part = settled_contributions(gross, left, contributions - taken)
            self.assertGreaterEqual(part, 0)
            left -= gross
            taken += part
        self.assertEqual(taken, contributions)
