# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.path import (
    CAPES, CLOSING, EVENTS, STAGES, STEPS, Contract, History, Membership, Step,
    events, stage)

D = dt.date
A_DAY = dt.timedelta(1)
FIRST = D(2024, 1, 1)
DAYS = 60

ANA = History(
    (Step(1, D(2022, 3, 1), 'candidate'),
        Step(2, D(2022, 3, 8), 'informed'),
        Step(3, D(2022, 4, 1), 'diagnosis'),
        Step(4, D(2022, 4, 15), 'accepted'),
        Step(5, D(2026, 2, 1), 'candidate'),
        Step(6, D(2026, 3, 1), 'refused')),
    (Contract(1, 'cape', 0, D(2022, 5, 1), D(2023, 4, 30)),
        Contract(2, 'cape', 1, D(2023, 5, 1), D(2023, 10, 31)),
        Contract(3, 'cesa', 0, D(2023, 11, 1), D(2025, 6, 30), True)),
    (Membership(1, D(2024, 6, 14), D(2025, 12, 31)),))


class PathTestCase(unittest.TestCase):

    def test_stages(self):
        "From the first meeting to the exit, and back"
        for day, expected in [
                (D(2022, 2, 28), None),
                (D(2022, 3, 1), 'candidate'),
                (D(2022, 3, 31), 'informed'),
                (D(2022, 4, 1), 'diagnosis'),
                (D(2022, 4, 30), 'accepted'),
                (D(2023, 4, 30), 'cape'),
                (D(2023, 5, 1), 'cape_1'),
                (D(2023, 11, 1), 'cesa'),
                (D(2024, 6, 13), 'cesa'),
                (D(2024, 6, 14), 'member'),
                (D(2025, 6, 30), 'member'),
                (D(2025, 7, 1), 'left'),
                (D(2026, 1, 1), 'left'),
                (D(2026, 2, 1), 'candidate'),
                (D(2026, 3, 1), 'refused')]:
            with self.subTest(day=day):
                self.assertEqual(stage(ANA, day), expected)

    def test_runs(self):
        "Who comes back begins another run; the old one is intact"
        self.assertEqual(
            [(e.run, e.kind, e.date) for e in events(ANA)], [
                (1, 'candidate', D(2022, 3, 1)),
                (1, 'informed', D(2022, 3, 8)),
                (1, 'diagnosis', D(2022, 4, 1)),
                (1, 'accepted', D(2022, 4, 15)),
                (1, 'cape', D(2022, 5, 1)),
                (1, 'cape_1', D(2023, 5, 1)),
                (1, 'cesa', D(2023, 11, 1)),
                (1, 'member', D(2024, 6, 14)),
                (1, 'left', D(2025, 7, 1)),
                (1, 'member_left', D(2026, 1, 1)),
                (2, 'candidate', D(2026, 2, 1)),
                (2, 'refused', D(2026, 3, 1))])

    def test_without_contract(self):
        "A refusal and giving up end a run, and may be followed by another"
        for kind in ['refused', 'gave_up']:
            history = History((
                    Step(1, D(2024, 1, 1), 'candidate'),
                    Step(2, D(2024, 1, 1), kind),
                    Step(3, D(2024, 1, 2), 'candidate')))
            self.assertEqual([e.run for e in events(history)], [1, 1, 2])
            self.assertEqual(stage(history, D(2024, 1, 1)), kind)
            self.assertEqual(stage(history, D(2024, 1, 2)), 'candidate')

    def test_next_day(self):
        "Who leaves and is back on the next day begins another run"
        left = Contract(1, 'cesa', 0, D(2024, 1, 1), D(2024, 1, 31), True)
        history = History((Step(1, D(2024, 2, 1), 'candidate'),), (left,))
        self.assertEqual(
            [(e.run, e.kind) for e in events(history)],
            [(1, 'cesa'), (1, 'left'), (2, 'candidate')])
        # Another contract on the next day is no exit
        history = History((), (
                left, Contract(2, 'cesa', 0, D(2024, 2, 1))))
        self.assertEqual(
            [(e.run, e.kind) for e in events(history)],
            [(1, 'cesa'), (1, 'cesa')])

    def test_between(self):
        "A contract that is over with neither exit nor another one"
        history = History((), (
                Contract(1, 'cape', 0, D(2024, 1, 1), D(2024, 1, 31)),
                Contract(2, 'cesa', 0, D(2024, 3, 1))))
        self.assertEqual(stage(history, D(2024, 2, 1)), 'between')
        self.assertEqual(
            [(e.run, e.kind) for e in events(history)],
            [(1, 'cape'), (1, 'between'), (1, 'cesa')])
        # A step of the time between tells more, while no contract runs
        gave_up = Step(1, D(2024, 2, 10), 'gave_up')
        history = history._replace(steps=(gave_up,))
        self.assertEqual(stage(history, D(2024, 2, 9)), 'between')
        self.assertEqual(stage(history, D(2024, 2, 10)), 'gave_up')
        self.assertEqual([e.run for e in events(history)], [1, 1, 1, 2])
        history = history._replace(
            steps=(gave_up._replace(date=D(2024, 1, 10)),))
        self.assertEqual(stage(history, D(2024, 1, 20)), 'cape')
        self.assertEqual([e.run for e in events(history)], [1, 1, 1, 1])

    def test_two_at_once(self):
        "The CESA tells the stage; when it ends, the CAPE that goes on"
        history = History((), (
                Contract(1, 'cape', 0, D(2024, 1, 1), D(2024, 6, 30)),
                Contract(2, 'cesa', 0, D(2024, 2, 1), D(2024, 3, 31))))
        self.assertEqual(
            [(e.kind, e.date) for e in events(history)], [
                ('cape', D(2024, 1, 1)), ('cesa', D(2024, 2, 1)),
                ('cape', D(2024, 4, 1)), ('between', D(2024, 7, 1))])

    def test_member_of_another_kind(self):
        "Who is a member in a CAPE, or after leaving, is of that stage"
        history = History((), (
                Contract(1, 'cape', 0, D(2024, 1, 1), D(2024, 6, 30), True),),
            (Membership(1, D(2023, 1, 1)),))
        self.assertIsNone(stage(history, D(2023, 1, 1)))
        self.assertEqual(stage(history, D(2024, 1, 1)), 'cape')
        self.assertEqual(stage(history, D(2024, 7, 1)), 'left')

    def test_names(self):
        self.assertEqual(set(EVENTS), {*STAGES, 'member_left'})


days = st.integers(0, DAYS).map(lambda n: FIRST + n * A_DAY)
last_days = st.integers(0, 20).map(dt.timedelta)


@st.composite
def spans(draw):
    start = draw(days)
    return start, draw(st.none() | last_days.map(lambda d: start + d))


@st.composite
def contracts(draw):
    start, last_day = draw(spans())
    type_ = draw(st.sampled_from(['cape', 'cesa']))
    return Contract(
        draw(st.integers(0, 999)), type_,
        draw(st.integers(0, 2)) if type_ == 'cape' else 0, start, last_day,
        draw(st.booleans()) if last_day else False)


histories = st.builds(
    History,
    st.lists(
        st.builds(Step, st.integers(0, 999), days, st.sampled_from(STEPS)),
        max_size=5).map(tuple),
    st.lists(contracts(), max_size=4).map(tuple),
    st.lists(
        spans().map(lambda s: Membership(1, *s)), max_size=2).map(tuple))


def known_on(history, day):
    "Return what was known of the past on a day"
    def cut(records):
        return tuple(
            r._replace(**{
                    'last_day': r.last_day
                    if r.last_day and r.last_day < day else None})
            for r in records if r.start <= day)
    return History(
        tuple(s for s in history.steps if s.date <= day),
        tuple(c._replace(left=c.left and c.last_day is not None)
            for c in cut(history.contracts)),
        cut(history.memberships))


class PathPropertyTestCase(unittest.TestCase):

    @given(histories, days)
    def test_past(self, history, day):
        "The stage of a day does not depend on what comes after"
        known = known_on(history, day)
        self.assertEqual(stage(known, day), stage(history, day))
        self.assertEqual(
            [e[:3] for e in events(known)],
            [e[:3] for e in events(history) if e.date <= day])

    @given(histories)
    def test_every_change_is_an_event(self, history):
        dates = {e.date for e in events(history)}
        before = None
        for n in range(DAYS + 30):
            day = FIRST + n * A_DAY
            now = stage(history, day)
            if now != before:
                self.assertIn(day, dates)
            before = now

    @given(histories)
    def test_runs_cover(self, history):
        "Runs are numbered from one, in order, and nothing is lost"
        found = events(history)
        self.assertEqual(found, sorted(found, key=lambda e: e.date))
        runs = [e.run for e in found]
        self.assertEqual(sorted(set(runs)), [
                *range(1, max(runs, default=0) + 1)])
        self.assertEqual(runs, sorted(runs))
        told = [e.record for e in found]
        for record in [
                *history.steps, *history.contracts, *history.memberships]:
            self.assertIn(record, told)
        for run in set(runs) - {max(runs, default=0)}:
            self.assertTrue({e.kind for e in found if e.run == run} & CLOSING)

    @given(histories, st.randoms(use_true_random=False))
    def test_order_of_entry(self, history, rng):
        shuffled = History(*(
                tuple(rng.sample(part, len(part))) for part in history))
        for n in range(0, DAYS, 7):
            day = FIRST + n * A_DAY
            self.assertEqual(stage(shuffled, day), stage(history, day))
        self.assertEqual(
            [e[:3] for e in events(shuffled)],
            [e[:3] for e in events(history)])

    @given(histories, days)
    def test_running(self, history, day):
        "A contract that runs is never hidden"
        running = any(c.covers(day) for c in history.contracts)
        self.assertEqual(
            running,
            stage(history, day) in {*CAPES, 'cesa', 'member'})
