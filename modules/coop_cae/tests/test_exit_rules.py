# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.exit import (
    ASKED, KINDS, Activity, Contract, Facts, Settlement, asked, left, steps)
from trytond.modules.coop_cae.rules.statement import Treasury

D = Decimal
START, DAY = dt.date(2023, 1, 1), dt.date(2024, 6, 30)
GONE = Contract(1, START, DAY, True)

amounts = st.decimals(-9999, 9999, places=2)
treasuries = st.builds(
    Treasury, cash=amounts, vat=amounts, dues=amounts, suppliers=amounts,
    wages=amounts, customers=amounts)
contracts = st.builds(
    Contract, st.integers(1, 9), st.just(START),
    st.none() | st.dates(START, dt.date(2025, 1, 1)), st.booleans(),
    st.booleans())
activities = st.builds(
    Activity, st.integers(1, 9), st.none() | st.just(DAY), st.booleans(),
    st.integers(0, 3), st.none() | amounts, treasuries)
all_facts = st.builds(
    Facts, st.just(DAY), st.lists(contracts, max_size=3),
    st.lists(activities, max_size=3), st.none() | st.integers(1, 12),
    st.integers(0, 3), st.lists(st.builds(
            Settlement, st.integers(1, 9), st.booleans(), amounts),
        max_size=2),
    amounts, st.booleans(), st.booleans(), st.none() | st.integers(1, 9),
    st.booleans(), amounts, amounts)


def states(facts):
    return {(s.kind, s.state) for s in steps(facts)}


class ExitRuleTestCase(unittest.TestCase):

    def test_contract(self):
        for contract, state in [
                (Contract(1, START, None, False), 'left'),
                (Contract(1, START, dt.date(2024, 12, 31), False), 'left'),
                (Contract(1, START, DAY, False), 'left'),
                (Contract(1, START, dt.date(2024, 7, 1), True), 'left'),
                (GONE, 'done')]:
            with self.subTest(contract=contract):
                self.assertIn(
                    ('contract', state), states(Facts(DAY, [contract])))
        old = Contract(2, START, dt.date(2023, 12, 31), False)
        self.assertEqual(
            [s.record for s in steps(Facts(DAY, [old, GONE]))
                if s.kind == 'contract'], [1])
        unsigned = Contract(3, DAY, None, False, signed=False)
        self.assertIn(('unsigned', 'left'), states(Facts(DAY, [unsigned])))

    def test_last_contract_is_over(self):
        "Its exit is recorded all the same"
        for contract, state in [
                (Contract(1, START, dt.date(2024, 5, 31), False), 'left'),
                (Contract(1, START, dt.date(2024, 5, 31), True), 'done')]:
            with self.subTest(state=state):
                self.assertIn(
                    ('contract', state), states(Facts(DAY, [contract])))

    def test_activity(self):
        self.assertIn(
            ('activity', 'left'),
            states(Facts(DAY, [GONE], [Activity(1, None)])))
        shared = Facts(DAY, [GONE], [
                Activity(1, None, True, 2, D(5), Treasury(customers=D(9)))])
        self.assertEqual(
            {k for k, s in states(shared) if s == 'left'}, {'shared_activity'})
        ended = Facts(DAY, [GONE], [Activity(
                    1, DAY, False, 2, D('5.01'), Treasury(
                        cash=D(-30), vat=D(-4), suppliers=D(-6),
                        customers=D(9)))])
        self.assertEqual(
            {(s.kind, s.state, s.amount) for s in steps(ended)
                if s.amount}, {
                ('documents', 'left', D(2)),
                ('contribution', 'left', D('5.01')),
                ('customers', 'left', D(9)),
                ('suppliers', 'left', D(6)),
                ('dues', 'asked', D(4)),
                ('loss', 'left', D(31))})

    def test_profit(self):
        "It may be left to the co-operative, if somebody says so"
        facts = Facts(DAY, [GONE], [Activity(
                    1, DAY, treasury=Treasury(cash=D('0.01')))])
        self.assertEqual(
            [(s.kind, s.amount) for s in asked(steps(facts))],
            [('profit', D('0.01'))])
        self.assertFalse(left(steps(facts)))

    def test_contribution_unknown(self):
        facts = Facts(DAY, [GONE], [Activity(1, DAY, due=None)])
        self.assertIn(('contribution', 'left'), states(facts))

    def test_R7331_11_and_R7331_12(self):
        "The pay is reckoned, and the balance of the variable part paid"
        facts = Facts(DAY, [GONE], [Activity(1, DAY)], 7, 2, [
                Settlement(1, True, D(0)), Settlement(2, False, D(10)),
                Settlement(3, False, D(0))], D('12.34'))
        self.assertEqual(
            [(s.kind, s.record) for s in left(steps(facts))], [
                ('month', 7), ('payslip', None), ('settlement', 1),
                ('settlement', 2), ('wages', None)])

    def test_law_of_1947_article_18(self):
        "Who leaves is paid their shares back, and it may be later"
        self.assertIn(
            ('shares', 'left'), states(Facts(DAY, [GONE], member=True)))
        posted = Facts(
            DAY, [GONE], share_exit=3, share_exit_posted=True, refund=D(40))
        self.assertLessEqual(
            {('shares', 'done'), ('refund', 'later')}, states(posted))
        self.assertFalse(left(steps(posted)))
        stays = Facts(DAY, [GONE], member=True, stays_member=True)
        self.assertNotIn('shares', {s.kind for s in steps(stays)})
        saved = Facts(DAY, [GONE], savings=D(5))
        self.assertIn(('savings', 'left'), states(saved))

    @given(all_facts)
    def test_order_and_amounts(self, facts):
        found = steps(facts)
        places = [KINDS.index(s.kind) for s in found]
        self.assertEqual(places, sorted(places))
        for step in found:
            if step.state == 'asked':
                self.assertIn(step.kind, ASKED)
            if step.state == 'done' and step.amount is not None:
                self.assertEqual(step.amount, 0)
        self.assertFalse(
            set(left(found)) & set(asked(found)))

    @given(all_facts)
    def test_nothing_is_left_unseen(self, facts):
        """When nothing is left nor asked, the person has no contract, and
        their own activities hold nothing"""
        found = steps(facts)
        if left(found) or asked(found):
            return
        self.assertTrue(all(
                c.last_day and c.last_day <= DAY for c in facts.contracts))
        for activity in facts.activities:
            self.assertIsNotNone(activity.end)
            self.assertEqual(activity.treasury.customers, 0)
            self.assertEqual(activity.treasury.suppliers, 0)
            self.assertEqual(activity.treasury.result, 0)
