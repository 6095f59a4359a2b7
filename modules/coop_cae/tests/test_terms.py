# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.terms import in_force

days = st.dates(dt.date(2020, 1, 1), dt.date(2022, 1, 1))
changes = st.dictionaries(
    st.sampled_from('ab'), st.none() | st.integers(0, 9))


class TermsTestCase(unittest.TestCase):

    @given(st.lists(st.tuples(days, changes)), days)
    def test_last_change_holds(self, amendments, day):
        terms = in_force({'a': -1, 'b': -1}, amendments, day)
        self.assertEqual(terms.keys(), {'a', 'b'})
        for name, value in terms.items():
            told = [
                (start, i, change[name])
                for i, (start, change) in enumerate(amendments)
                if change.get(name) is not None and start <= day]
            self.assertEqual(value, max(told)[2] if told else -1)

    @given(st.lists(st.tuples(days, changes)), days)
    def test_later_ones_change_nothing(self, amendments, day):
        self.assertEqual(
            in_force({'a': 1, 'b': 2}, amendments, day),
            in_force(
                {'a': 1, 'b': 2}, [a for a in amendments if a[0] <= day],
                day))
