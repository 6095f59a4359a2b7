# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.todo import (
    ARTICLES, EARLY_END_DAYS, Contract, Todo, alert_distances,
    distance_reached, interviews_since, todos)
from trytond.modules.coop_cae.todo import KINDS

D = dt.date
TODAY = D(2024, 12, 31)


def kinds(contracts, day=TODAY, is_member=True, interviews=()):
    return [
        (t.kind, t.contract, t.deadline)
        for t in todos(contracts, day, is_member, interviews)]


def cape(start, end, **values):
    values = {
        'signed': start, 'urssaf_told': start, 'france_travail_told': start,
        **values}
    return Contract('cape', 'cape', start, end, **values)


def cesa(start, **values):
    return Contract('cesa', 'cesa', start, **{'signed': start, **values})


HISTORIES = [
    st.lists(st.builds(
            lambda id_, type_, start, length, exit_, reason,
            in_force: Contract(
                id_, type_, start, (
                    start + dt.timedelta(length) if type_ == 'cape'
                    or length % 3 else None),
                start + dt.timedelta(exit_) if exit_ else None, reason,
                in_force=in_force),
            st.integers(1, 99), st.sampled_from(['cape', 'cesa']),
            st.dates(D(2018, 1, 1), D(2026, 1, 1)),
            st.integers(0, 400), st.none() | st.integers(1, 400),
            st.none() | st.just(1), st.booleans()), max_size=5,
        unique_by=lambda c: c.id),
    st.dates(D(2018, 1, 1), D(2027, 1, 1)), st.booleans(),
    st.lists(st.dates(D(2018, 1, 1), D(2027, 1, 1)), max_size=4),
    ]


class TodoTestCase(unittest.TestCase):
    "What is to be done, one rule after the other"

    def test_kinds(self):
        self.assertEqual(set(KINDS), set(ARTICLES))

    def test_L127_2_cape_end(self):
        "Sixty days before, unless something follows"
        for end, found in [
                (D(2025, 3, 1), [('cape_end', 'cape', D(2025, 3, 1))]),
                (D(2025, 3, 2), []),
                (TODAY, [('cape_end', 'cape', TODAY)])]:
            contract = cape(D(2024, 5, 1), end)
            self.assertEqual(kinds([contract]), found)
            follows = cesa(end + dt.timedelta(1))
            self.assertEqual(kinds([contract, follows]), [])
        left = cape(D(2024, 5, 1), D(2025, 1, 31), exit=D(2025, 1, 15))
        self.assertEqual(kinds([left]), [])

    def test_contract_ended(self):
        "Somebody is neither with the co-operative, nor gone"
        end = D(2024, 11, 30)
        ended = cape(D(2024, 1, 1), end)
        self.assertEqual(
            kinds([ended]), [('contract_ended', 'cape', end)])
        for reason, next_ in [
                (1, []), (None, [cesa(D(2025, 2, 1))]),
                (None, [cesa(D(2024, 12, 31))])]:
            self.assertEqual(
                kinds([ended._replace(reason=reason), *next_]), [])

    def test_R5142_1_told(self):
        start = D(2024, 5, 1)
        contract = cape(
            start, D(2025, 4, 30), urssaf_told=None, signed=D(2024, 4, 28))
        self.assertEqual(
            kinds([contract]), [('urssaf', 'cape', D(2024, 4, 28))])
        contract = cape(start, D(2025, 4, 30), france_travail_told=None)
        self.assertEqual(
            kinds([contract]), [('france_travail', 'cape', start)])

    def test_R5142_1_early_end(self):
        "Told of an early end, for a year"
        for exit_, told, found in [
                (D(2024, 10, 1), None, ['early_end']),
                (D(2024, 10, 1), D(2024, 10, 2), []),
                (D(2023, 12, 31), None, ['early_end']),
                (D(2023, 12, 30), None, []),
                (D(2025, 1, 1), None, [])]:
            contract = cape(
                D(2023, 5, 1), D(2025, 4, 30), exit=exit_, exit_told=told,
                reason=1)
            self.assertEqual(
                [kind for kind, *_ in kinds([contract])], found, exit_)

    def test_R5142_2_registered(self):
        "Who has registered an enterprise: the renewal and the early end"
        first = cape(D(2023, 5, 1), D(2024, 4, 30))
        second = cape(D(2024, 5, 1), D(2025, 4, 30))
        registered = D(2023, 9, 1)
        for contracts, found in [
                ([first, second], []),
                ([first._replace(registered=registered), second],
                    [('registry', 'cape', D(2024, 5, 1))]),
                ([first._replace(registered=registered),
                    second._replace(registry_told=True)], []),
                # During the renewal itself: the register informs of it
                ([first, second._replace(registered=D(2024, 6, 1))], []),
                ([second._replace(registered=D(2024, 6, 1))], [])]:
            self.assertEqual(kinds(contracts), found)
        for exit_, registered, found in [
                (D(2024, 10, 1), D(2024, 6, 1), ['registry']),
                (D(2024, 10, 1), D(2024, 11, 1), []),
                (D(2025, 1, 1), D(2024, 6, 1), [])]:
            contract = second._replace(
                exit=exit_, exit_told=True, reason=1, registered=registered)
            self.assertEqual(
                [kind for kind, *_ in kinds([contract])], found)

    def test_signature(self):
        start = D(2024, 12, 30)
        self.assertIn(
            ('signature', 'cesa', start), kinds([cesa(start, signed=None)]))

    def test_R127_2_not_in_force(self):
        "No clock knows what is not signed, but its signature is asked for"
        start = D(2024, 5, 1)
        draft = cape(start, D(2025, 1, 31), in_force=False, urssaf_told=None)
        self.assertEqual(kinds([draft]), [('signature', 'cape', start)])
        self.assertEqual(kinds([draft], day=D(2024, 4, 30)), [])
        ended = cape(D(2023, 5, 1), D(2024, 4, 30))
        self.assertEqual(kinds([ended, draft]), [
                ('contract_ended', 'cape', D(2024, 4, 30)),
                ('signature', 'cape', start)])

    def test_L7332_1_trial(self):
        for end, found in [
                (D(2025, 1, 30), 1), (D(2025, 1, 31), 0), (TODAY, 1),
                (D(2024, 12, 30), 0)]:
            contract = cesa(D(2024, 10, 1), trial_end=end)
            self.assertEqual(
                [k for k, *_ in kinds([contract])].count('trial_end'), found)

    def test_L7331_3_membership(self):
        "Six months before, and after, unless a member"
        before = cape(D(2021, 6, 1), D(2022, 5, 31))
        contract = cesa(D(2022, 6, 1), signed=D(2022, 6, 1))
        interviews = [D(2024, 7, 1), D(2024, 8, 1)] + [
            D(2023, 7, 1), D(2023, 8, 1)]
        deadline = D(2024, 6, 1)
        self.assertEqual(
            kinds([before, contract], is_member=False, interviews=interviews),
            [('membership', 'cesa', deadline)])
        for day, found in [(D(2023, 11, 30), 0), (D(2023, 12, 1), 1)]:
            self.assertEqual(
                len([k for k, *_ in kinds(
                        [before, contract], day, False, interviews)
                    if k == 'membership']), found, day)
        self.assertEqual(
            kinds([before, contract], interviews=interviews), [])

    def test_R7331_3_interviews(self):
        "None by the middle of the year, one only by its last quarter"
        start = D(2024, 4, 1)
        contract = cesa(start)
        for day, interviews, found in [
                (D(2024, 9, 28), [], []),
                (D(2024, 9, 29), [], ['interview']),
                (D(2024, 12, 29), [start], []),
                (D(2024, 12, 30), [start], ['interview']),
                (D(2025, 3, 31), [start, start], []),
                (D(2025, 4, 1), [start], ['interview_missed']),
                (D(2025, 4, 1), [start, D(2025, 3, 31)], [])]:
            self.assertEqual(
                [k for k, *_ in kinds(
                        [contract], day, interviews=interviews)],
                found, (day, interviews))

    def test_distances(self):
        self.assertEqual(alert_distances(' 60,30 , 7,0'), [0, 7, 30, 60])
        for text in ['', '7;0', '-1', '7, 7', 'x', '7,']:
            with self.assertRaises(ValueError, msg=text):
                alert_distances(text)
        for left, reached in [
                (61, None), (60, 60), (31, 60), (30, 30), (1, 7), (0, 0),
                (-400, 0)]:
            self.assertEqual(distance_reached(left, [0, 7, 30, 60]), reached)
        self.assertIsNone(distance_reached(-1, []))

    @given(*HISTORIES)
    def test_any_contracts(self, contracts, day, is_member, interviews):
        "In order, once each, and never twice the same thing"
        found = todos(contracts, day, is_member, interviews)
        self.assertEqual(
            [t.deadline for t in found], sorted(t.deadline for t in found))
        self.assertEqual(
            len({(t.kind, t.contract) for t in found}), len(found))
        self.assertTrue(all(isinstance(t, Todo) for t in found))
        if is_member:
            self.assertNotIn('membership', [t.kind for t in found])
        running = {c.id for c in contracts if c.covers(day)}
        for todo in found:
            if todo.kind not in {'early_end', 'contract_ended'}:
                self.assertIn(todo.contract, running)

    @given(*HISTORIES)
    def test_what_tells_nothing(self, contracts, day, is_member, interviews):
        "Contracts that are over, and old interviews, need not be read"
        runs = any(c.in_force and c.covers(day) for c in contracts)
        needed = [
            c for c in contracts
            if not c.is_over(day) or not (is_member and runs)
            or c.exit and not c.exit_told
            and (day - c.exit).days <= EARLY_END_DAYS]
        recent = [d for d in interviews if d >= interviews_since(day)]
        self.assertEqual(
            todos(needed, day, is_member, recent),
            todos(contracts, day, is_member, interviews))
