# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.pay_estimate import Ratios
from trytond.modules.coop_cae.rules.pay_ratio import (
    PaidMonth, SetRatios, choose)

TODAY = dt.date(2024, 6, 30)
days = st.dates(dt.date(2022, 1, 1), dt.date(2025, 12, 31))
set_ratios = st.lists(st.builds(
        SetRatios, st.integers(1, 99), days, st.none() | days,
        st.just(D('0.3')), st.just(D('0.2')), st.just(D(0))), max_size=3)
payslips = st.lists(st.builds(
        PaidMonth, days, st.integers(0, 3000).map(D), st.just(D(100)),
        st.just(D(0)), st.just(D(0))), max_size=5)


def set_(record, start, end=None, employer='0.42', employee='0.22', tax='0'):
    return SetRatios(record, start, end, D(employer), D(employee), D(tax))


def paid(end, gross='1000', employer='300', employee='220', tax='0'):
    return PaidMonth(end, *map(D, [gross, employer, employee, tax]))


class PayRatioTestCase(unittest.TestCase):

    def test_order_of_sources(self):
        person = [set_(1, dt.date(2024, 1, 1), employer='0.10')]
        slips = [paid(dt.date(2024, 5, 31))]
        company = [set_(2, dt.date(2024, 1, 1))]
        found = choose(TODAY, person, slips, company)
        self.assertEqual((found.source, found.record), ('person', 1))
        self.assertEqual(found.ratios, Ratios(D('0.10'), D('0.22')))
        found = choose(TODAY, [], slips, company)
        self.assertEqual((found.source, found.payslips), ('payslips', 1))
        self.assertEqual(found.ratios, Ratios(D('0.30'), D('0.22')))
        found = choose(TODAY, [], [], company)
        self.assertEqual((found.source, found.record), ('company', 2))
        self.assertIsNone(choose(TODAY, [], [], []))

    def test_tax_is_kept_back(self):
        found = choose(TODAY, [], [paid(TODAY, tax='40')], [])
        self.assertEqual(found.ratios.employee, D('0.26'))
        found = choose(TODAY, [set_(1, TODAY, tax='0.05')], [], [])
        self.assertEqual(found.ratios.employee, D('0.27'))

    def test_last_three_payslips(self):
        slips = [
            paid(dt.date(2024, month, 28), employer=employer)
            for month, employer in [
                (1, '900'), (3, '300'), (4, '310'), (5, '320'), (7, '900')]]
        found = choose(TODAY, [], slips, [])
        self.assertEqual(found.ratios.employer, D('0.3100'))
        self.assertEqual(found.payslips, 3)

    def test_old_payslips_tell_nothing(self):
        company = [set_(2, dt.date(2020, 1, 1))]
        for end, source in [
                (dt.date(2023, 6, 30), 'company'),
                (dt.date(2023, 7, 31), 'payslips')]:
            self.assertEqual(
                choose(TODAY, [], [paid(end)], company).source, source)

    def test_payslips_that_tell_nothing(self):
        company = [set_(2, dt.date(2020, 1, 1))]
        for slip in [
                paid(TODAY, gross='0', employer='0', employee='0'),
                # Given back by the social bodies
                paid(TODAY, employer='-50'),
                paid(TODAY, employee='1000')]:
            self.assertEqual(
                choose(TODAY, [], [slip], company).source, 'company')

    def test_dates_of_what_is_set(self):
        person = [
            set_(1, dt.date(2023, 1, 1), dt.date(2023, 12, 31)),
            set_(2, dt.date(2024, 1, 1), dt.date(2024, 6, 29))]
        for date, record in [
                (dt.date(2022, 12, 31), None), (dt.date(2023, 1, 1), 1),
                (dt.date(2023, 12, 31), 1), (dt.date(2024, 6, 29), 2),
                (TODAY, None)]:
            found = choose(date, person, [], [])
            self.assertEqual(found and found.record, record)

    @given(days, set_ratios, payslips, set_ratios)
    def test_a_source_prevails_over_the_next(
            self, date, person, slips, company):
        found = choose(date, person, slips, company)
        if any(s.holds(date) for s in person):
            self.assertEqual(found.source, 'person')
        elif found is None:
            self.assertFalse(any(s.holds(date) for s in company))
        else:
            # What comes later, or the sources after it, change nothing
            later = [paid(date + dt.timedelta(days=1), employer='999')]
            self.assertEqual(
                choose(date, person, slips + later, company), found)
            if found.source == 'payslips':
                self.assertEqual(choose(date, person, slips, []), found)
