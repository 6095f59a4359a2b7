# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from datetime import date as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.clock import A_DAY
from trytond.modules.coop_cae.rules.stay import (
    Contract, Flow, Stay, Survival, flow, stays, survival)

DAY = D(2025, 6, 30)
days = st.dates(D(2018, 1, 1), D(2025, 12, 31))


@st.composite
def contracts(draw, told=st.booleans()):
    start = draw(days)
    length = draw(st.none() | st.integers(0, 1200))
    if length is None:
        return Contract(start)
    return Contract(
        start, start + dt.timedelta(length),
        'job' if draw(told) else None, draw(st.booleans()))


class StayRuleTestCase(unittest.TestCase):

    def test_stay(self):
        "Contracts follow each other until an exit is recorded"
        a, b = D(2023, 1, 1), D(2023, 12, 31)
        for own, expected in [
                ([Contract(a, b)], [Stay(1, a, b)]),
                ([Contract(a, b, 'job')], [Stay(1, a, b, 'job')]),
                # On the day after
                ([Contract(a, b, 'job'), Contract(b + A_DAY)], [Stay(1, a)]),
                # After days without a contract
                ([Contract(a, b), Contract(D(2024, 3, 1))], [Stay(1, a)]),
                ([Contract(a, b, 'job'), Contract(D(2024, 3, 1))],
                    [Stay(1, a, b, 'job'), Stay(2, D(2024, 3, 1))]),
                # Another contract goes on
                ([Contract(a), Contract(D(2023, 2, 1), b, 'job')],
                    [Stay(1, a)]),
                # Not begun yet
                ([Contract(D(2025, 7, 1))], []),
                ([Contract(D(2025, 8, 1))], []),
                ]:
            with self.subTest(own=own):
                self.assertEqual(stays(own, DAY), expected)

    def test_as_of(self):
        "What comes later is not there yet"
        own = [
            Contract(D(2023, 1, 1), D(2024, 6, 30), 'job'),
            Contract(D(2025, 1, 1))]
        self.assertEqual(
            stays(own, D(2024, 6, 29)), [Stay(1, D(2023, 1, 1))])
        self.assertEqual(
            stays(own, D(2024, 6, 30)),
            [Stay(1, D(2023, 1, 1), D(2024, 6, 30), 'job')])

    def test_renewed_on_the_day_after(self):
        "The end of a CAPE on the last day is no exit when another follows"
        own = [
            Contract(D(2023, 1, 1), D(2023, 12, 31)),
            Contract(D(2024, 1, 1), D(2024, 12, 31))]
        self.assertEqual(
            stays(own, D(2023, 12, 31)), [Stay(1, D(2023, 1, 1))])

    def test_group(self):
        "To move to another co-operative of the group is no exit from it"
        own = [
            Contract(D(2023, 1, 1), D(2023, 12, 31), 'moved', moved=True),
            Contract(D(2024, 1, 8))]
        self.assertEqual(
            [s.rank for s in stays(own, DAY)], [1, 2])
        self.assertEqual(
            stays(own, DAY, group=True), [Stay(1, D(2023, 1, 1))])
        late = [own[0], Contract(D(2024, 2, 1))]
        self.assertEqual(
            [s.rank for s in stays(late, DAY, group=True)], [1, 2])

    def test_survival(self):
        start = D(2022, 2, 28)
        for end, expected in [
                (None, [(1, 1), (1, 1), (1, 1)]),
                (D(2023, 2, 27), [(1, 0), (1, 0), (1, 0)]),
                (D(2023, 2, 28), [(1, 1), (1, 0), (1, 0)]),
                (D(2025, 2, 28), [(1, 1), (1, 1), (1, 1)])]:
            with self.subTest(end=end):
                self.assertEqual(
                    survival(Stay(1, start, end), D(2025, 2, 28)),
                    tuple(Survival(*s) for s in expected))
        self.assertEqual(
            survival(Stay(1, start), D(2025, 2, 27))[2], Survival(0, 0))

    def test_flow(self):
        own = [
            Contract(D(2023, 1, 1), D(2024, 6, 30), 'job'),
            Contract(D(2024, 9, 1))]
        self.assertEqual(
            flow(own, D(2024, 1, 1), D(2024, 12, 31)),
            Flow(1, 0, 1, 1, 1, 1, 1))
        self.assertEqual(
            flow(own, D(2023, 1, 1), D(2023, 12, 31)),
            Flow(0, 1, 0, 0, 1, 1, 1))
        self.assertEqual(
            flow(own, D(2024, 7, 1), D(2024, 8, 31)), Flow())

    @given(st.lists(contracts(), max_size=6), days, days)
    def test_balance(self, own, start, end):
        "at the start + entered + returned - left = at the end"
        start, end = sorted([start, end])
        found = flow(own, start, end)
        self.assertEqual(
            found.at_start + found.entered + found.returned - found.left,
            found.at_end)

    @given(st.lists(contracts(told=st.just(True)), max_size=6), days, days)
    def test_periods_follow(self, own, start, middle):
        """What is there at the end of a period is there at the start of the
        next one, when every exit is told"""
        start, middle = sorted([start, middle])
        self.assertEqual(
            flow(own, start, middle).at_end,
            flow(own, middle + A_DAY, middle + 100 * A_DAY).at_start)

    @given(st.lists(contracts(), max_size=6), days)
    def test_stays(self, own, day):
        "They do not touch, and cover every day of every contract"
        found = stays(own, day)
        self.assertEqual(
            [s.rank for s in found], list(range(1, len(found) + 1)))
        for before, after in zip(found, found[1:]):
            self.assertIsNotNone(before.end)
            self.assertLess(before.end + A_DAY, after.start)
        for contract in own:
            if contract.start <= day:
                self.assertTrue(any(s.on(contract.start) for s in found))
                last = min(filter(None, [contract.last_day, day]))
                self.assertTrue(any(s.on(last) for s in found))

    @given(st.lists(contracts(), max_size=6), days)
    def test_survival_falls(self, own, day):
        "Nobody stays longer without having stayed before"
        for stay in stays(own, day)[:1]:
            result = survival(stay, day)
            self.assertEqual(
                [s.stayed for s in result],
                sorted((s.stayed for s in result), reverse=True))

    @given(st.lists(contracts(), max_size=6), days)
    def test_group_joins(self, own, day):
        "For a group there are never more stays"
        self.assertLessEqual(
            len(stays(own, day, group=True)), len(stays(own, day)))
