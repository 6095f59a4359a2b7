# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.contribution import (
    CARRIED, GIVEN_BACK, LOST, Slice, Span, Terms, Year, due_to_date,
    running_time, scale, settle, settle_years, to_book, twelve_months)

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


def year(base, terms=None, time=1, fees=12):
    return Span(terms or Terms(TEN), base, F(time), fees)


def due_of(spans, **options):
    "Return what is due of the only year"
    return due_to_date([Year(tuple(spans), **options)])


@st.composite
def spans(draw):
    "Return the spans of a year, cut where the terms change"
    result = []
    for base in draw(st.lists(cents, min_size=1, max_size=5)):
        terms = None if draw(st.booleans()) else Terms(draw(slices()))
        result.append(Span(terms, base, F(1, 5), 2))
    return result


class ContributionRulesTestCase(unittest.TestCase):

    def test_domain_example(self):
        "Article R7331-8: 10 % of the gross margin of § 5.5"
        margin = D('4000.00') + 1250 - 600 - 700 - 450
        self.assertEqual(margin, D('3500.00'))
        self.assertEqual(due_of([year(margin)]), D('350.00'))

    def test_no_cent_drifts(self):
        "Two months at 1 000.05 owe 200.01, not twice 100.01"
        january = due_of([year(D('1000.05'))])
        february = due_of([year(D('2000.10'))])
        self.assertEqual(january, D('100.01'))
        self.assertEqual(february, D('200.01'))
        self.assertEqual(to_book(february, january), D('100.00'))

    def test_half_up(self):
        self.assertEqual(due_of([year(D('0.05'))]), D('0.01'))
        self.assertEqual(due_of([year(D('0.04'))]), D('0.00'))

    def test_slices(self):
        self.assertEqual(scale(SLICES, D(90000)), D('9300.00'))
        self.assertEqual(scale(SLICES, D(40000)), D('4400.00'))
        with self.assertRaises(ValueError):
            scale(SLICES, D(-1000))

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
        half = dict(terms=terms, time=F(1, 5), fees=2)
        self.assertEqual(due_of([year(D(0), **half)]), D('240.00'))
        self.assertEqual(
            due_of([year(D(3000), **half)]), D('300.00'))
        self.assertEqual(
            due_of([year(D(9000), **half)]), D('480.00'))

    def test_monthly_fee(self):
        terms = Terms(TEN, monthly_fee=D(19))
        self.assertEqual(
            due_of([year(D(-500), terms=terms, fees=3)]), D('57.00'))

    def test_exempted_span(self):
        spans = [
            Span(None, D(1000), F(1, 12), 1),
            Span(Terms(TEN), D(500), F(1, 12), 1)]
        self.assertEqual(due_of(spans), D('50.00'))

    def test_rate_changes_within_the_year(self):
        "One base per rate period (§ 5.2); slices go on from the base before"
        eight = Terms((Slice(None, D('0.08')),))
        spans = [
            Span(Terms(TEN), D(1000), F(1, 2), 6),
            Span(eight, D(200), F(1, 2), 6)]
        self.assertEqual(due_of(spans), D('116.00'))
        spans = [
            Span(Terms(SLICES), D(60000), F(1, 2), 6),
            Span(eight, D(1000), F(1, 2), 6)]
        self.assertEqual(due_of(spans), D('6480.00'))

    def test_credit_of_another_rate(self):
        "A credit note gives back the rate of the sales before it"
        five = Terms((Slice(None, D('0.05')),))

        def due(*bases):
            return due_of([
                    Span(terms, D(base), F(1, 3), 4) for terms, base in zip(
                        [Terms(TEN), five, Terms(TEN)], bases)])
        self.assertEqual(due(10000, -10000, 0), D('0.00'))
        self.assertEqual(due(10000, -4000, 0), D('600.00'))
        self.assertEqual(due(10000, 1000, -3000), D('800.00'))
        self.assertEqual(due(-1000, 2000, 0), D('50.00'))

    def test_credit_of_another_slice(self):
        "50.00 were due on a base of zero"
        spans = [
            Span(Terms(SLICES), D(50000), F(1, 2), 6),
            Span(Terms(SLICES), D(-50000), F(1, 2), 6)]
        self.assertEqual(due_of(spans), D('0.00'))

    def test_negative_base(self):
        "The co-op gives it back, carries it to the next year or loses it"
        for negative, dues in [
                (GIVEN_BACK, [300, 200, 400]), (CARRIED, [300, 300, 400]),
                (LOST, [300, 300, 500])]:
            years = [
                Year((year(D(base)),), negative)
                for base in [3000, -1000, 2000]]
            self.assertEqual(
                [due_to_date(years[:i]) for i in [1, 2, 3]], dues)

    def test_given_back_at_the_rate_that_applied(self):
        "What nobody contributed is not given back"
        five = Terms((Slice(None, D('0.05')),))
        first = Year((
                Span(Terms(TEN), D(10000), F(1, 2), 6),
                Span(Terms(SLICES), D(500), F(1, 2), 6)))
        second = Year((year(D(-4500), terms=five),))
        self.assertEqual(due_to_date([first]), D('1055.00'))
        self.assertEqual(due_to_date([first, second]), D('600.00'))
        self.assertEqual(due_to_date([first, second, second]), D('150.00'))
        self.assertEqual(due_to_date([first, *[second] * 3]), D('0.00'))
        self.assertEqual(due_to_date([second]), D('0.00'))

    def test_running_time(self):
        jan, mar = dt.date(2024, 1, 1), dt.date(2024, 3, 31)
        for start, end, days, months in [
                (None, None, 91, 3), (dt.date(2024, 2, 15), None, 46, 2),
                (jan, dt.date(2024, 2, 10), 41, 2),
                (dt.date(2024, 5, 1), None, 0, 0)]:
            self.assertEqual(
                running_time(jan, mar, start, end, jan),
                (F(days, 366), months))

    def test_years_of_other_lengths(self):
        "Article R123-177: a year ends when the statutes say"
        for start, end, time in [
                # From October to September, over a 29th of February
                (dt.date(2023, 10, 1), dt.date(2024, 9, 30), 1),
                (dt.date(2024, 10, 1), dt.date(2025, 9, 30), 1),
                # A first year of three months, one of two years
                (dt.date(2024, 10, 1), dt.date(2024, 12, 31), F(92, 365)),
                (dt.date(2024, 1, 1), dt.date(2025, 12, 31), 2),
                (dt.date(2024, 2, 29), dt.date(2025, 2, 28), 1),
                ]:
            self.assertEqual(twelve_months(start, end, start), time)

    @given(slices(), cents, cents)
    def test_scale_never_falls(self, slices, a, b):
        low, high = sorted([abs(a), abs(b)])
        self.assertLessEqual(scale(slices, low), scale(slices, high))

    @given(st.lists(cents, min_size=1, max_size=12), slices())
    def test_months_add_up_to_the_year(self, margins, slices):
        "What is booked month by month is what the year owes, to the cent"
        terms = Terms(slices)
        base = booked = D(0)
        for margin in margins:
            base += margin
            due = due_of([year(base, terms=terms)])
            booked += to_book(due, booked)
            self.assertEqual(booked, due)
        self.assertEqual(
            booked, due_of([year(sum(margins), terms=terms)]))

    @given(cents, cents, slices())
    def test_cut_without_change(self, a, b, slices):
        "A cut in the year that changes nothing changes no cent"
        terms = Terms(slices)
        cut = [Span(terms, a, F(1, 4), 3), Span(terms, b, F(3, 4), 9)]
        self.assertEqual(
            due_of(cut), due_of([year(a + b, terms=terms)]))

    @given(spans(), st.sampled_from([GIVEN_BACK, CARRIED, LOST]))
    def test_base_of_zero_owes_nothing(self, spans, negative):
        total = sum(s.base for s in spans)
        last = Span(Terms(TEN), -total, F(1, 5), 2)
        self.assertEqual(due_of([*spans, last], negative=negative), 0)

    @given(st.lists(cents, max_size=6))
    def test_settle(self, bases):
        settled = settle(bases)
        self.assertEqual(sum(settled), sum(bases))
        sign = 1 if sum(bases) >= 0 else -1
        self.assertTrue(all(base * sign >= 0 for base in settled))
        # Those that are not negative are never raised
        for base, before in zip(settled, bases):
            self.assertLessEqual(base, max(before, 0))

    @given(spans())
    def test_between_nothing_and_the_base(self, spans):
        due = due_of(spans)
        self.assertLessEqual(0, due)
        self.assertLessEqual(
            due, max(sum(s.base for s in spans), D(0)) + D('0.005'))

    @given(
        st.lists(st.tuples(
                spans(), st.sampled_from([GIVEN_BACK, CARRIED, LOST])),
            max_size=4))
    def test_years(self, parts):
        "Nothing is negative, nor more than what there is, and nothing is lost"
        years = [Year(tuple(s), negative) for s, negative in parts]
        settled = settle_years(years)
        for year_, bases in zip(years, settled):
            self.assertEqual(len(bases), len(year_.spans))
            for base, span in zip(bases, year_.spans):
                self.assertLessEqual(0, base)
                self.assertLessEqual(base, max(span.base, D(0)))
        total = sum(s.base for y in years for s in y.spans)
        self.assertGreaterEqual(
            sum(b for bases in settled for b in bases), max(total, D(0)))
        self.assertGreaterEqual(due_to_date(years), 0)

    @given(st.lists(cents, min_size=1, max_size=6))
    def test_carried(self, bases):
        "What is carried is contributed once: all but the last loss"
        years = [Year((year(base),), CARRIED) for base in bases]
        carried = D(0)
        for base in bases:
            carried = min(base + carried, D(0))
        self.assertEqual(
            sum(b for settled in settle_years(years) for b in settled),
            sum(bases) - carried)

    @given(cents, cents)
    def test_given_back(self, first, second):
        "Over two years, what is given back is what was contributed"
        years = [Year((year(base),)) for base in [first, second]]
        settled = settle_years(years)
        if first >= 0 > second:
            self.assertEqual(settled, [[max(first + second, D(0))], [D(0)]])
        else:
            self.assertEqual(
                settled, [[max(first, D(0))], [max(second, D(0))]])

    @given(st.dates(dt.date(2023, 12, 1), dt.date(2025, 1, 31)),
        st.dates(dt.date(2023, 12, 1), dt.date(2025, 1, 31)),
        st.dates(dt.date(2024, 1, 2), dt.date(2024, 12, 31)))
    def test_time_adds_up(self, first, last, cut):
        "Time and months of two spans are those of the whole"
        first, last = sorted([first, last])
        start, end = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
        whole = running_time(start, end, first, last, start)
        parts = [
            running_time(
                start, cut - dt.timedelta(1), first, last, start),
            running_time(cut, end, first, last, start)]
        self.assertEqual(whole, tuple(map(sum, zip(*parts))))
