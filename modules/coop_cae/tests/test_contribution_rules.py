# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.contribution import (
    Slice, Span, Terms, due_to_date, running_time, scale, to_book)

D = Decimal
TEN = (Slice(None, D('0.10')),)
# The scale of a French CAE by slices of the turnover of the year
SLICES = (
    Slice(D(40000), D('0.11')),
    Slice(D(80000), D('0.10')),
    Slice(None, D('0.09')))

cents = st.integers(-10_000_000, 10_000_000).map(lambda c: D(c) / 100)
rates = st.integers(0, 100).map(lambda r: D(r) / 100)


@st.composite
def slices(draw):
    tops = sorted(set(draw(st.lists(st.integers(1, 100_000), max_size=4))))
    return tuple(
        Slice(D(top) if top else None, draw(rates)) for top in [*tops, None])


def year(base, before=D(0), terms=None, days=365, months=12):
    return Span(terms or Terms(TEN), before, base, days, months)


class ContributionRulesTestCase(unittest.TestCase):

    def test_domain_example(self):
        "Article R7331-8: 10 % of the gross margin of § 5.5"
        margin = D('4000.00') + 1250 - 600 - 700 - 450
        self.assertEqual(margin, D('3500.00'))
        self.assertEqual(due_to_date([year(margin)], 365), D('350.00'))

    def test_no_cent_drifts(self):
        "Two months at 1 000.05 owe 200.01, not twice 100.01"
        january = due_to_date([year(D('1000.05'))], 365)
        february = due_to_date([year(D('2000.10'))], 365)
        self.assertEqual(january, D('100.01'))
        self.assertEqual(february, D('200.01'))
        self.assertEqual(to_book(february, january), D('100.00'))

    def test_half_up(self):
        self.assertEqual(due_to_date([year(D('0.05'))], 365), D('0.01'))
        self.assertEqual(due_to_date([year(D('0.04'))], 365), D('0.00'))

    def test_slices(self):
        self.assertEqual(scale(SLICES, D(90000)), D('9300.00'))
        self.assertEqual(scale(SLICES, D(40000)), D('4400.00'))
        self.assertEqual(scale(SLICES, D(-1000)), D('-110.00'))

    def test_bad_slices(self):
        for bad in [
                (),
                (Slice(D(100), D('0.1')),),
                (Slice(D(100), D('0.1')), Slice(D(50), D('0.1')),
                    Slice(None, D('0.1')))]:
            with self.assertRaises(ValueError):
                scale(bad, D(1000))

    def test_minimum_and_maximum_in_proportion(self):
        terms = Terms(TEN, minimum=D(1200), maximum=D(2400))
        half = dict(terms=terms, days=73, months=2)
        self.assertEqual(due_to_date([year(D(0), **half)], 365), D('240.00'))
        self.assertEqual(
            due_to_date([year(D(3000), **half)], 365), D('300.00'))
        self.assertEqual(
            due_to_date([year(D(9000), **half)], 365), D('480.00'))

    def test_monthly_fee(self):
        terms = Terms(TEN, monthly_fee=D(19))
        self.assertEqual(
            due_to_date([year(D(-500), terms=terms, months=3)], 365),
            D('57.00'))

    def test_exempted_span(self):
        spans = [
            Span(None, D(0), D(1000), 31, 1),
            Span(Terms(TEN), D(1000), D(500), 28, 1)]
        self.assertEqual(due_to_date(spans, 365), D('50.00'))

    def test_rate_changes_within_the_year(self):
        "One base per rate period (§ 5.2); slices go on from the base before"
        eight = Terms((Slice(None, D('0.08')),))
        spans = [
            Span(Terms(TEN), D(0), D(1000), 181, 6),
            Span(eight, D(1000), D(-200), 184, 6)]
        self.assertEqual(due_to_date(spans, 365), D('84.00'))
        spans = [
            Span(Terms(SLICES), D(0), D(60000), 181, 6),
            Span(eight, D(60000), D(1000), 184, 6)]
        self.assertEqual(due_to_date(spans, 365), D('6480.00'))

    def test_running_time(self):
        jan, mar = dt.date(2024, 1, 1), dt.date(2024, 3, 31)
        self.assertEqual(running_time(jan, mar, None, None), (91, 3))
        self.assertEqual(
            running_time(jan, mar, dt.date(2024, 2, 15), None), (46, 2))
        self.assertEqual(
            running_time(jan, mar, jan, dt.date(2024, 2, 10)), (41, 2))
        self.assertEqual(
            running_time(jan, mar, dt.date(2024, 5, 1), None), (0, 0))

    @given(slices(), cents, cents)
    def test_scale_never_falls(self, slices, a, b):
        low, high = sorted([a, b])
        self.assertLessEqual(scale(slices, low), scale(slices, high))

    @given(st.lists(cents, min_size=1, max_size=12), slices())
    def test_months_add_up_to_the_year(self, margins, slices):
        "What is booked month by month is what the year owes, to the cent"
        terms = Terms(slices)
        base = booked = D(0)
        for margin in margins:
            base += margin
            due = due_to_date([year(base, terms=terms)], 366)
            self.assertGreaterEqual(due, 0)
            booked += to_book(due, booked)
            self.assertEqual(booked, due)
        self.assertEqual(
            booked, due_to_date([year(sum(margins), terms=terms)], 366))

    @given(cents, cents, slices())
    def test_cut_without_change(self, a, b, slices):
        "A cut in the year that changes nothing changes no cent"
        terms = Terms(slices)
        cut = [Span(terms, D(0), a, 100, 3), Span(terms, a, b, 265, 9)]
        self.assertEqual(
            due_to_date(cut, 365),
            due_to_date([year(a + b, terms=terms)], 365))

    @given(st.dates(dt.date(2023, 12, 1), dt.date(2025, 1, 31)),
        st.dates(dt.date(2023, 12, 1), dt.date(2025, 1, 31)),
        st.dates(dt.date(2024, 1, 2), dt.date(2024, 12, 31)))
    def test_time_adds_up(self, first, last, cut):
        "Days and months of two spans are those of the whole"
        first, last = sorted([first, last])
        start, end = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
        whole = running_time(start, end, first, last)
        parts = [
            running_time(start, cut - dt.timedelta(1), first, last),
            running_time(cut, end, first, last)]
        self.assertEqual(whole, tuple(map(sum, zip(*parts))))
