# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.company_month import (
    Month, covered, first_open, state)

DAY = dt.date(2024, 1, 1)
days = st.integers(0, 40).map(lambda n: DAY + dt.timedelta(n))
spans = st.lists(st.tuples(days, st.none() | days).filter(
        lambda s: s[1] is None or s[0] <= s[1]), max_size=5)
months = st.builds(
    Month, st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.integers(0, 3), st.integers(0, 3))


class CompanyMonthRuleTestCase(unittest.TestCase):

    @given(months)
    def test_state(self, month):
        "A month that can be closed now is open, over and the next one"
        found = state(month)
        self.assertEqual(found in {'closed', 'late'}, month.closed)
        self.assertEqual(
            found in {'ready', 'left'},
            not month.closed and month.is_open and month.is_over
            and month.is_next)
        if found == 'ready':
            self.assertEqual(month.left, 0)

    @given(spans, days, days)
    def test_covered(self, spans, start, end):
        "As told by a look at each day"
        expected = all(
            any(first <= day and (last is None or day <= last)
                for first, last in spans)
            for day in (
                start + dt.timedelta(n)
                for n in range((end - start).days + 1)))
        self.assertEqual(covered(spans, start, end), expected)

    @given(st.lists(st.tuples(days, st.booleans())))
    def test_first_open(self, months):
        found = first_open(months)
        still_open = sorted(start for start, closed in months if not closed)
        self.assertEqual(found, still_open[0] if still_open else None)
