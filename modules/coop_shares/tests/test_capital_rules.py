# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.capital import floor, highest

D = Decimal
sums = st.decimals(0, 10**9, places=2)
changes = st.lists(st.tuples(
        st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 20)),
        st.decimals(-1000, 1000, places=2)))


class CapitalTestCase(unittest.TestCase):

    def test_floor_of_highest(self):
        "Law 47-1775, article 13, and law 78-763, article 31"
        self.assertEqual(floor(D(64000), 'quarter'), D('16000.00'))
        self.assertEqual(floor(D(64000), 'half'), D('32000.00'))
        self.assertEqual(floor(D('0.10'), 'quarter'), D('0.03'))

    def test_floor_of_statutes(self):
        "L231-5: a tenth of what the statutes tell, or their own minimum"
        self.assertEqual(
            floor(D(1000), 'quarter', statutory=D(50000)), D('5000.00'))
        self.assertEqual(
            floor(D(1000), 'quarter', statutory=D(50000), minimum=D(18500)),
            D('18500.00'))

    def test_floor_refused(self):
        with self.assertRaises(KeyError):
            floor(D(1), 'third')
        with self.assertRaises(ValueError):
            floor(D(-1), 'quarter')

    @given(sums, sums, sums, st.sampled_from(['quarter', 'half']))
    def test_floor_any(self, top, statutory, minimum, of_highest):
        found = floor(top, of_highest, statutory, minimum)
        self.assertGreaterEqual(found, minimum)
        self.assertGreaterEqual(found * 10, statutory - D('0.05'))
        self.assertGreaterEqual(
            found, floor(top, 'quarter', statutory, minimum))
        self.assertIn(found, {
                floor(top, of_highest), floor(D(0), of_highest, statutory),
                minimum})

    def test_highest(self):
        day = dt.date(2024, 1, 1)
        later = dt.date(2024, 2, 1)
        self.assertEqual(highest([]), 0)
        self.assertEqual(highest([(later, D(-4)), (day, D(9))]), 9)
        # What comes and goes in a day was never reached
        self.assertEqual(highest([(day, D(9)), (day, D(-4))]), 5)
        self.assertEqual(highest([(day, D(9)), (later, D(5))], day), 9)
        self.assertEqual(highest([(day, D(9))], before=D(12)), 12)

    @given(changes, st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 20)))
    def test_highest_any(self, changes, until):
        "It is that of a replay day by day, and never falls"
        reached = [
            sum((c for d, c in changes if d <= dt.date(2024, 1, n)), D(0))
            for n in range(1, until.day + 1)]
        self.assertEqual(highest(changes, until), max([D(0), *reached]))
        self.assertGreaterEqual(highest(changes), highest(changes, until))
