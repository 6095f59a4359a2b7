# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import calendar
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.clock import (
    A_DAY, Duration, Span, add_months, cape_chain_limit, cape_limit, duration,
    interview_period, last_day, membership_deadline, previous, trial_limit,
    whole_months)

D = dt.date
days = st.dates(D(2000, 1, 1), D(2060, 12, 31))
spans = st.tuples(days, st.integers(0, 1500)).map(
    lambda s: Span(s[0], s[0] + dt.timedelta(s[1])))


class ClockTestCase(unittest.TestCase):
    "Each test is named after its article"

    def test_last_days_of_months(self):
        for day, months, expected in [
                (D(2024, 1, 31), 1, D(2024, 2, 29)),
                (D(2023, 1, 31), 1, D(2023, 2, 28)),
                (D(2024, 2, 29), 12, D(2025, 2, 28)),
                (D(2024, 2, 29), 48, D(2028, 2, 29)),
                (D(2024, 12, 31), -1, D(2024, 11, 30)),
                (D(2024, 1, 15), -1, D(2023, 12, 15))]:
            self.assertEqual(add_months(day, months), expected)

    def test_whole_months(self):
        for start, day, expected in [
                (D(2024, 1, 15), D(2024, 2, 14), 0),
                (D(2024, 1, 15), D(2024, 2, 15), 1),
                (D(2024, 1, 31), D(2024, 2, 29), 1),
                (D(2024, 2, 29), D(2025, 2, 28), 12),
                (D(2024, 2, 1), D(2024, 1, 1), 0)]:
            self.assertEqual(whole_months(start, day), expected)

    @given(days, st.integers(0, 600))
    def test_whole_months_are_those_added(self, start, months):
        self.assertEqual(
            whole_months(start, add_months(start, months)), months)
        self.assertLess(
            whole_months(start, add_months(start, months + 1) - A_DAY),
            months + 1)

    def test_duration(self):
        for start, end, expected in [
                (D(2024, 1, 15), D(2025, 3, 14), Duration(14, 0)),
                (D(2024, 1, 1), D(2024, 12, 31), Duration(12, 0)),
                (D(2024, 1, 31), D(2024, 2, 27), Duration(0, 28)),
                (D(2024, 1, 31), D(2024, 2, 28), Duration(1, 0)),
                (D(2024, 1, 31), D(2024, 2, 29), Duration(1, 1)),
                (D(2024, 3, 5), D(2024, 3, 5), Duration(0, 1))]:
            self.assertEqual(duration(Span(start, end)), expected)
        for end in [None, D(2023, 12, 31)]:
            with self.assertRaises(ValueError):
                duration(Span(D(2024, 1, 1), end))

    @given(spans)
    def test_duration_leads_to_the_end(self, span):
        months, rest = duration(span)
        self.assertEqual(
            add_months(span.start, months) + dt.timedelta(rest),
            span.end + A_DAY)
        self.assertLess(rest, 31)
        self.assertGreaterEqual(months, 0)

    def test_L127_2_cape(self):
        "Twelve months, and three years in all"
        self.assertEqual(cape_limit(D(2024, 1, 15)), D(2025, 1, 14))
        self.assertEqual(cape_limit(D(2024, 2, 29)), D(2025, 2, 27))
        self.assertEqual(cape_chain_limit(D(2024, 1, 15)), D(2027, 1, 14))

    @given(days)
    def test_L127_2_cape_any_day(self, start):
        end = cape_limit(start)
        self.assertLessEqual(duration(Span(start, end)), Duration(12, 0))
        self.assertGreater(
            duration(Span(start, end + A_DAY * 4)), Duration(12, 0))

    def test_L7331_3_examples(self):
        "§ 4.2 of the domain"
        cape = Span(D(2024, 1, 15), D(2025, 3, 14))
        for start, deadline in [
                (D(2025, 3, 15), D(2027, 1, 15)),
                # A gap does not count
                (D(2025, 5, 15), D(2027, 3, 15))]:
            self.assertEqual(membership_deadline(start, [cape]), deadline)
        self.assertEqual(
            membership_deadline(D(2024, 2, 29), []), D(2027, 2, 28))

    def test_L7331_3_nothing_left(self):
        "Three years of CAPE: a member at once"
        cape = Span(D(2021, 1, 1), D(2023, 12, 31))
        self.assertEqual(
            membership_deadline(D(2024, 1, 1), [cape]), D(2024, 1, 1))
        long = Span(D(2015, 1, 1), D(2023, 12, 31))
        self.assertEqual(
            membership_deadline(D(2024, 1, 1), [long]), D(2024, 1, 1))

    def test_L7331_3_two_contracts_at_once(self):
        "A day of two contracts counts once, what comes later does not"
        start = D(2024, 1, 1)
        once = [Span(D(2023, 1, 1), D(2023, 6, 30))]
        for more in [
                Span(D(2023, 3, 1), D(2023, 4, 30)),
                Span(D(2023, 6, 30), D(2023, 6, 30)),
                Span(D(2024, 2, 1), None), Span(start, None)]:
            self.assertEqual(
                membership_deadline(start, [*once, more]), D(2026, 7, 1))
        # One that runs on counts up to the CESA
        self.assertEqual(
            membership_deadline(start, [Span(D(2023, 7, 1), None)]),
            D(2026, 7, 1))

    @given(days, st.lists(spans, max_size=4))
    def test_L7331_3_any_contracts(self, start, contracts):
        deadline = membership_deadline(start, contracts)
        self.assertLessEqual(start, deadline)
        self.assertLessEqual(deadline, add_months(start, 36))
        if not previous(start, contracts):
            self.assertEqual(deadline, add_months(start, 36))
        more = [*contracts, Span(start - A_DAY * 40, start - A_DAY)]
        self.assertLessEqual(membership_deadline(start, more), deadline)

    @given(days, st.lists(spans, max_size=5))
    def test_previous_are_apart(self, start, contracts):
        joined = previous(start, contracts)
        for before, after in zip(joined, joined[1:]):
            self.assertGreater(after.start, before.end + A_DAY)
        covered = sum((s.end - s.start).days + 1 for s in joined)
        self.assertEqual(covered, len({
                    s.start + dt.timedelta(n)
                    for s in contracts
                    for n in range((s.end - s.start).days + 1)
                    if s.start + dt.timedelta(n) < start}))

    def test_L7332_1_trial(self):
        "Eight months less what was before"
        start = D(2025, 3, 15)
        for span, expected in [
                (None, D(2025, 11, 14)),
                (Span(D(2024, 12, 15), D(2025, 3, 14)), D(2025, 8, 14)),
                (Span(D(2024, 7, 16), D(2025, 3, 14)), D(2025, 3, 15)),
                (Span(D(2024, 7, 15), D(2025, 3, 14)), None),
                (Span(D(2024, 1, 15), D(2025, 3, 14)), None)]:
            self.assertEqual(
                trial_limit(start, [span] if span else []), expected, span)

    @given(days, st.lists(spans, max_size=4))
    def test_L7332_1_any_contracts(self, start, contracts):
        limit = trial_limit(start, contracts)
        if limit is not None:
            self.assertLessEqual(start, limit)
            self.assertLessEqual(limit, last_day(start, 8))
            self.assertLess(limit, membership_deadline(start, contracts))

    def test_R7331_3_interviews(self):
        start = D(2024, 2, 29)
        for day, signed, expected in [
                (D(2024, 2, 29), [], (D(2024, 2, 29), D(2025, 2, 27), 2)),
                (D(2025, 2, 27), [D(2024, 2, 29)], (
                        D(2024, 2, 29), D(2025, 2, 27), 1)),
                (D(2025, 2, 28), [D(2024, 2, 29), D(2025, 2, 27)], (
                        D(2025, 2, 28), D(2026, 2, 27), 2)),
                (D(2028, 2, 29), [D(2028, 2, 29)] * 3, (
                        D(2028, 2, 29), D(2029, 2, 27), 0))]:
            self.assertEqual(interview_period(start, day, signed), expected)
        with self.assertRaises(ValueError):
            interview_period(start, start - A_DAY, [])

    @given(days, st.integers(0, 5000))
    def test_R7331_3_any_day_is_in_its_period(self, start, offset):
        day = start + dt.timedelta(offset)
        period = interview_period(start, day, [])
        self.assertLessEqual(period.start, day)
        self.assertLessEqual(day, period.end)
        self.assertGreaterEqual(period.start, start)
        following = interview_period(start, period.end + A_DAY, [])
        self.assertEqual(following.start, period.end + A_DAY)

    @given(days)
    def test_months_of_a_year(self, day):
        self.assertEqual(
            add_months(day, 12).month, day.month)
        self.assertLessEqual(
            add_months(day, 1).day,
            calendar.monthrange(
                add_months(day, 1).year, add_months(day, 1).month)[1])
