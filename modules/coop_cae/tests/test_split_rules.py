# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from datetime import date as D
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.split import Agreed, splits_of_period

START, END = D(2024, 1, 1), D(2024, 12, 31)
days = st.dates(D(2023, 6, 1), D(2025, 6, 30))


@st.composite
def agreements(draw):
    start = draw(days)
    length = draw(st.none() | st.integers(0, 500))
    return Agreed(
        start, None if length is None else start + timedelta(length),
        draw(st.sampled_from('ABCD')))


class SplitRuleTestCase(unittest.TestCase):

    def test_none(self):
        "Without an agreement the activity has one split"
        self.assertEqual(
            splits_of_period([], START, END, 'now', 'before'),
            [(START, END, 'now')])

    def test_R7331_6_changes(self):
        "Each agreement splits its days"
        self.assertEqual(
            splits_of_period([
                    Agreed(D(2024, 9, 1), None, 'B'),
                    Agreed(D(2024, 4, 1), D(2024, 8, 31), 'A'),
                    ], START, END, 'now', 'before'),
            [
                (START, D(2024, 3, 31), 'before'),
                (D(2024, 4, 1), D(2024, 8, 31), 'A'),
                (D(2024, 9, 1), END, 'B'),
                ])

    def test_between(self):
        "Days that no agreement covers have the split of the activity"
        self.assertEqual(
            splits_of_period([
                    Agreed(D(2023, 1, 1), D(2024, 2, 29), 'A'),
                    Agreed(D(2024, 4, 1), D(2024, 4, 1), 'B'),
                    ], START, END, 'now', 'before'),
            [
                (START, D(2024, 2, 29), 'A'),
                (D(2024, 3, 1), D(2024, 3, 31), 'now'),
                (D(2024, 4, 1), D(2024, 4, 1), 'B'),
                (D(2024, 4, 2), END, 'now'),
                ])

    def test_edges(self):
        "What begins or ends at the edges of the period cuts nothing"
        self.assertEqual(
            splits_of_period([
                    Agreed(START, END, 'A'),
                    Agreed(D(2025, 1, 1), None, 'B'),
                    ], START, END, 'now', 'before'),
            [(START, END, 'A')])

    def test_backwards(self):
        with self.assertRaises(ValueError):
            splits_of_period([], END, START, 'now')

    @given(st.lists(agreements(), max_size=5), days, days)
    def test_each_day(self, own, start, end):
        "The splits cover each day once, with what holds on it"
        start, end = sorted([start, end])
        found = splits_of_period(own, start, end, 'now', 'before')
        self.assertEqual(found[0][0], start)
        self.assertEqual(found[-1][1], end)
        for (_, last, split), (first, _, following) in zip(found, found[1:]):
            self.assertEqual(last + timedelta(1), first)
            self.assertNotEqual(split, following)
        for first, last, split in found:
            for day in {first, last, first + (last - first) / 2}:
                holding = [a for a in own if a.holds_on(day)]
                if holding:
                    start = max(a.start for a in holding)
                    self.assertIn(
                        split, [a.split for a in holding if a.start == start])
                elif own and day < min(a.start for a in own):
                    self.assertEqual(split, 'before')
                else:
                    self.assertEqual(split, 'now')
