# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from datetime import date
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.full_time import (
    FULL_TIME, Employment, full_time)
from trytond.modules.coop_cae.rules.people import BANDS, age_band

START, END = date(2024, 1, 1), date(2024, 12, 31)
days = st.dates(date(2023, 1, 1), date(2025, 12, 31))
hours = st.decimals(1, 151, places=2)


class FullTimeRuleTestCase(unittest.TestCase):

    def test_full_time(self):
        for employments, expected in [
                ([], '0.00'),
                ([Employment(date(2020, 1, 1))], '1.00'),
                ([Employment(date(2020, 1, 1), hours=FULL_TIME / 2)], '0.50'),
                # 183 of 366 days
                ([Employment(date(2024, 7, 2))], '0.50'),
                ([Employment(date(2020, 1, 1), date(2024, 7, 1))], '0.50'),
                ([Employment(date(2020, 1, 1), date(2023, 7, 1))], '0.00'),
                ([Employment(date(2020, 1, 1))] * 2, '2.00'),
                # Half time until an amendment gives the other half
                ([Employment(
                            date(2024, 1, 1), None, FULL_TIME / 2,
                            [(date(2024, 7, 2), FULL_TIME)])], '0.75'),
                ([Employment(
                            date(2020, 1, 1), None, None,
                            [(date(2022, 1, 1), FULL_TIME / 4)])], '0.25'),
                ]:
            with self.subTest(employments=employments):
                self.assertEqual(
                    full_time(employments, START, END), D(expected))

    @given(days, st.none() | days, hours, st.lists(
            st.tuples(days, hours), max_size=3))
    def test_day_by_day(self, start, last, time, changes):
        "It is the mean over the days"
        changes = list(dict(changes).items())
        total, day = D(0), START
        while day <= END:
            if start <= day and (last is None or day <= last):
                begun = [c for c in sorted(changes) if c[0] <= day]
                total += begun[-1][1] if begun else time
            day += dt.timedelta(1)
        found = full_time([Employment(start, last, time, changes)], START, END)
        self.assertLessEqual(
            abs(found - total / 366 / FULL_TIME), D('0.005'))

    @given(st.dates(date(1940, 1, 1), date(2008, 1, 1)))
    def test_age_band(self, birth):
        band = age_band(birth, END)
        age = END.year - birth.year
        if band:
            self.assertGreaterEqual(age, BANDS[band - 1])
        if band < len(BANDS):
            self.assertLess(age, BANDS[band])
        self.assertIsNone(age_band(None, END))
