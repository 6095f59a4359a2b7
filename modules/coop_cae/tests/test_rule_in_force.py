# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.base import in_base
from trytond.modules.coop_cae.rules.rule_in_force import (
    Force, Interval, Scope, contract_on, in_force)

START, END = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
days = st.dates(dt.date(2023, 6, 1), dt.date(2025, 6, 30))


@st.composite
def periods(draw):
    start = draw(days)
    end = draw(st.none() | days)
    return start, max(start, end) if end else None


@st.composite
def scopes(draw):
    start, end = draw(periods())
    return Scope(
        draw(st.integers(1, 9)), start, end,
        contract=draw(st.none() | st.sampled_from(['cape', 'cesa'])),
        entrepreneur=draw(st.none() | st.integers(1, 3)),
        activity=draw(st.none() | st.integers(1, 2)))


class RuleInForceTestCase(unittest.TestCase):

    def test_one_rule(self):
        self.assertEqual(
            in_force(START, END, 1, [Scope(7, START)]),
            [Force(START, END, 7)])

    def test_no_rule(self):
        self.assertEqual(
            in_force(START, END, 1, [Scope(7, dt.date(2024, 3, 1))]), [
                Force(START, dt.date(2024, 2, 29), None),
                Force(dt.date(2024, 3, 1), END, 7)])

    def test_precedence(self):
        general = Scope(1, START)
        cape = Scope(2, START, contract='cape')
        person = Scope(3, START, entrepreneur=5)
        own = Scope(4, START, activity=1)
        for rules, expected in [
                ([general, cape], 2),
                ([general, cape, person], 3),
                ([general, cape, person, own], 4)]:
            force, = in_force(
                START, END, 1, rules, [5], [(START, 'cape')])
            self.assertEqual(force.rule, expected)

    def test_contract_changes(self):
        cesa = dt.date(2024, 7, 1)
        self.assertEqual(
            in_force(START, END, 1,
                [Scope(1, START), Scope(2, START, contract='cape')],
                [], [(dt.date(2023, 7, 1), 'cape'), (cesa, 'cesa')]), [
                Force(START, dt.date(2024, 6, 30), 2),
                Force(cesa, END, 1)])

    def test_exemption(self):
        self.assertEqual(
            in_force(START, END, 1, [Scope(1, START)],
                exemptions=[Interval(START, dt.date(2024, 2, 29))]), [
                Force(START, dt.date(2024, 2, 29), 1, True),
                Force(dt.date(2024, 3, 1), END, 1)])

    def test_contract_on(self):
        contracts = [(dt.date(2024, 2, 1), 'cape')]
        self.assertEqual(contract_on(START, contracts), 'cape')
        self.assertIsNone(contract_on(START, []))

    @given(st.lists(scopes(), max_size=6),
        st.lists(periods().map(lambda p: Interval(*p)), max_size=3),
        st.lists(st.tuples(days, st.sampled_from(['cape', 'cesa'])),
            max_size=3).map(sorted))
    def test_each_day_once(self, scopes, exemptions, contracts):
        "The spans cover the days without gap, and say what holds each day"
        forces = in_force(
            START, END, 1, scopes, [1], contracts, exemptions)
        self.assertEqual(forces[0].start, START)
        self.assertEqual(forces[-1].end, END)
        for one, two in zip(forces, forces[1:]):
            self.assertEqual(two.start - one.end, dt.timedelta(1))
            self.assertNotEqual(
                (one.rule, one.exempted), (two.rule, two.exempted))
        for force in forces:
            for day in {force.start, force.end}:
                kind = contract_on(day, contracts)
                holding = [
                    s for s in scopes if s.holds(day, 1, frozenset([1]), kind)]
                if force.rule is None:
                    self.assertFalse(holding)
                else:
                    best = max(s.precedence for s in holding)
                    self.assertIn(force.rule, {
                            s.rule for s in holding if s.precedence == best})
                self.assertEqual(
                    force.exempted, any(e.holds(day) for e in exemptions))


class BaseTestCase(unittest.TestCase):

    def test_prefixes(self):
        prefixes = [('70', False), ('708', True), ('607', False)]
        for code, expected in [
                ('706000', True), ('709', True), ('708500', False),
                ('607', True), ('60', False), ('7', False), ('611', False)]:
            self.assertEqual(in_base(code, prefixes), expected, code)
