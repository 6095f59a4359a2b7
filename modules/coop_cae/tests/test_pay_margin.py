# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.contribution import (
    CARRIED, GIVEN_BACK, LOST, Slice, Span, Terms, Year)
from trytond.modules.coop_cae.rules.pay_estimate import margin_needed
from trytond.modules.coop_cae.rules.pay_margin import (
    contribution_on, margin_for)

CENT = D('0.01')
WHOLE = Fraction(1)
ASTROLABE = (
    Slice(D(40000), D('0.11')), Slice(D(80000), D('0.10')),
    Slice(None, D('0.09')))

sums = st.integers(1, 10 ** 7).map(lambda c: D(c) / 100)
bases = st.integers(-10 ** 6, 10 ** 7).map(lambda c: D(c) / 100)
rates = st.decimals(0, '0.5', places=4)
terms = st.builds(
    lambda tops, rates, minimum, maximum: Terms(
        tuple(
            Slice(top, rate) for top, rate in zip(
                [*sorted(map(D, tops)), None], rates)),
        minimum, maximum and maximum + (minimum or 0)),
    st.sets(st.integers(1, 10 ** 5), max_size=2),
    st.lists(rates, min_size=3, max_size=3),
    st.none() | st.integers(0, 3000).map(D),
    st.none() | st.integers(1, 10000).map(D))
spans = st.lists(
    st.builds(
        lambda terms, base: (terms, base), st.none() | terms, bases),
    min_size=1, max_size=3)


def year(*parts, time=Fraction(100, 366), fees=3, before=(), **options):
    "Return years of spans of terms and base, one after the other"
    return [*before, Year(tuple(
                Span(terms, base, time, fees) for terms, base in parts),
            **options)]


def flat(rate, **options):
    return Terms((Slice(None, D(rate)),), **options)


class PayMarginTestCase(unittest.TestCase):

    def test_flat(self):
        self.assertEqual(
            margin_for(D('2795.00'), year((flat('0.10'), D(0)))),
            D('3105.56'))

    def test_nothing(self):
        for cost in [D(0), D('-5.00')]:
            self.assertEqual(
                margin_for(cost, year((flat('0.10'), D(0)))), 0)

    def test_within_a_slice(self):
        "From 90 000 on the last rate holds: 9 %"
        done = year((Terms(ASTROLABE), D('90000.00')))
        self.assertEqual(contribution_on(D('1000.00'), done), D('90'))
        self.assertEqual(margin_for(D('910.00'), done), D('1000.00'))

    def test_over_a_slice(self):
        "500 at 11 % and 500 at 10 %"
        done = year((Terms(ASTROLABE), D('39500.00')))
        self.assertEqual(contribution_on(D('1000.00'), done), D('105'))
        self.assertEqual(margin_for(D('895.00'), done), D('1000.00'))

    def test_minimum_is_due_anyway(self):
        "366.00 of minimum are reached at 3 660.00 of margin"
        done = year((flat('0.10', minimum=D(366)), D('1000.00')), time=WHOLE)
        self.assertEqual(margin_for(D('2660.00'), done), D('2660.00'))
        self.assertEqual(margin_for(D('2750.00'), done), D('2760.00'))

    def test_maximum_is_reached(self):
        done = year((flat('0.10', maximum=D(366)), D('9000.00')), time=WHOLE)
        self.assertEqual(margin_for(D('1000.00'), done), D('1000.00'))

    def test_loss_first(self):
        """No contribution before the margin of the year is positive, unless
        the loss was given back by the year before"""
        loss = (flat('0.10'), D('-1000.00'))
        self.assertEqual(margin_for(D('1900.00'), year(loss)), D('2000.00'))
        before = year((flat('0.10'), D('5000.00')))
        done = year(loss, before=before)
        self.assertEqual(margin_for(D('1900.00'), done), D('2111.11'))

    def test_exempted(self):
        done = year((flat('0.10'), D('5000.00')), (None, D('10.00')))
        self.assertEqual(margin_for(D('100.00'), done), D('100.00'))

    def test_refused(self):
        with self.assertRaises(ValueError):
            margin_for(D('1.00'), [])
        with self.assertRaises(ValueError):
            margin_for(D('1.00'), year((flat(1), D(0))))

    @given(sums, rates)
    def test_same_as_the_flat_rate(self, cost, rate):
        self.assertEqual(
            margin_for(cost, year((flat(rate), D(0)))),
            margin_needed(cost, rate))

    @given(sums, spans, spans, st.sampled_from([GIVEN_BACK, CARRIED, LOST]))
    def test_the_smallest(self, cost, before, parts, negative):
        done = year(
            *parts, before=year(*before, negative=negative),
            negative=negative)
        margin = margin_for(cost, done)

        def left(margin):
            return margin - contribution_on(margin, done)

        self.assertGreaterEqual(left(margin), cost)
        self.assertLess(left(margin - CENT), cost)
