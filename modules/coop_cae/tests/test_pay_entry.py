# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.pay_entry import (
    Pay, net_expected, pay_lines)

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
