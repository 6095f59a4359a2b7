# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.pay_entry import (
    Pay, Settled, net_expected, pay_lines, split_gross)

D = Decimal
cents = st.integers(0, 1_000_000).map(lambda c: D(c) / 100)
weights = st.lists(
    st.integers(1, 1000).map(lambda w: D(w) / 1000), min_size=1, max_size=4)
# § 7.2 of the domain
EXAMPLE = Pay(
    D('2150.00'), D('473.00'), D('40.00'), D('645.00'), D('1637.00'))


def balance(lines, role=None):
    return sum(
        line.debit - line.credit for line in lines
        if role is None or line.role == role)


class PayEntryTestCase(unittest.TestCase):

    def test_domain_example(self):
        self.assertEqual(net_expected(EXAMPLE), EXAMPLE.net)
        lines = pay_lines(EXAMPLE, [D(1)])
        self.assertEqual(balance(lines, 'gross'), D('2150.00'))
        self.assertEqual(balance(lines, 'employer'), D('645.00'))
        self.assertEqual(balance(lines, 'social'), D('-1118.00'))
        self.assertEqual(balance(lines, 'tax'), D('-40.00'))
        # 21.50 are kept back for shares by an entry of its own
        self.assertEqual(
            balance(lines, 'wage') + D('21.50'), D('-1615.50'))

    def test_nothing_paid(self):
        nothing = Pay(D(0), D(0), D(0), D(0), D(0))
        self.assertEqual(pay_lines(nothing, [D(1)]), [])

    def test_tax_given_back(self):
        pay = Pay(D(1000), D(220), D('-15'), D(300), D(795))
        self.assertEqual(net_expected(pay), pay.net)
        lines = pay_lines(pay, [D(1)])
        self.assertEqual(balance(lines, 'tax'), D(15))
        self.assertTrue(all(
                line.debit >= 0 and line.credit >= 0 for line in lines))

    @given(st.tuples(cents, cents, cents, cents), weights)
    def test_balanced_in_each_activity(self, amounts, weights):
        gross, employee, tax, employer = amounts
        pay = Pay(gross, employee, tax, employer, gross - employee - tax)
        lines = pay_lines(pay, weights)
        self.assertEqual(balance(lines), 0)
        self.assertEqual(balance(lines, 'wage'), -pay.net)
        for i in range(len(weights)):
            self.assertEqual(sum(
                    line.split[i] * (1 if line.debit else -1)
                    for line in lines), 0)
        for line in lines:
            self.assertEqual(sum(line.split), line.debit + line.credit)

    def test_balance_of_a_year(self):
        "§ 7.3: what was accrued is no charge again, its difference is one"
        pay = Pay(
            D('6053.84'), D('1331.84'), D('0'), D('1820.00'), D('4722.00'))
        lines = pay_lines(pay, [D(1), D(1)], settled=[
                Settled(1, D('5153.84'), D('1546.15'))])
        self.assertEqual(balance(lines, 'accrued_gross'), D('5153.84'))
        self.assertEqual(
            balance(lines, 'accrued_contributions'), D('1546.15'))
        self.assertEqual(balance(lines, 'gross'), D('900.00'))
        self.assertEqual(balance(lines, 'employer'), D('273.85'))
        self.assertEqual(balance(lines, 'wage'), -pay.net)
        split = {line.role: line.split for line in lines if line.debit}
        self.assertEqual(split['accrued_gross'], (0, D('5153.84')))
        self.assertEqual(split['gross'], (D('450.00'), D('450.00')))
        self.assertEqual(
            {line.role for line in lines if line.settled is not None},
            {'accrued_gross', 'accrued_contributions'})

    def test_less_contributions_than_accrued(self):
        "What was accrued in excess lowers the charge of the next year"
        pay = Pay(D('100.00'), D(0), D(0), D('20.00'), D('100.00'))
        lines = pay_lines(
            pay, [D(1)], settled=[Settled(0, D('100.00'), D('30.00'))])
        self.assertEqual(balance(lines, 'gross'), 0)
        self.assertEqual(balance(lines, 'employer'), D('-10.00'))
        self.assertEqual(balance(lines, 'social'), D('-20.00'))

    def test_balances_exceed_the_pay(self):
        with self.assertRaises(ValueError):
            split_gross(
                D('99.00'), [D(1)], 2, [Settled(0, D('100.00'), D('30.00'))])

    @given(
        st.tuples(cents, cents, cents, cents), weights, st.data())
    def test_balanced_with_balances(self, amounts, weights, data):
        gross, employee, tax, employer = amounts
        settled, left = [], gross
        for rank in data.draw(st.lists(
                    st.integers(0, len(weights) - 1), max_size=3)):
            part = data.draw(cents.filter(lambda c: c > 0)).min(left)
            if part:
                settled.append(Settled(rank, part, data.draw(cents)))
                left -= part
        pay = Pay(gross, employee, tax, employer, gross - employee - tax)
        lines = pay_lines(pay, weights, 2, settled)
        self.assertEqual(balance(lines), 0)
        self.assertEqual(balance(lines, 'wage'), -pay.net)
        self.assertEqual(
            balance(lines, 'social'), -(employee + employer))
        self.assertEqual(
            balance(lines, 'gross') + balance(lines, 'accrued_gross'), gross)
        for line in lines:
            self.assertGreater(line.debit + line.credit, 0)
            self.assertEqual(sum(line.split), line.debit + line.credit)
        for i in range(len(weights)):
            self.assertEqual(sum(
                    line.split[i] * (1 if line.debit else -1)
                    for line in lines), 0)
        self.assertEqual(sum(split_gross(gross, weights, 2, settled)), gross)
