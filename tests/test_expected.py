# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""All months of all companies equal the expected figures, to the cent,
whatever way the year went."""
import calendar
import datetime as dt
import random
import unittest
from decimal import Decimal
from functools import partial

import pytest
import reckoning
from expected import (
    NEEDS, Group, lock, set_up_companies, set_up_entries, set_up_people)

from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules


def month_of(line):
    "Return the month of an entry of a FEC"
    return int(line.split('\t')[3][4:6])


def pay_month(line):
    return int(line.split(';')[1][5:7])


def month_end(month):
    return dt.date(2024, month, calendar.monthrange(2024, month)[1])


class _Year(unittest.TestCase):
    group = None
    maxDiff = 2000

    def assertExpected(self):
        for report in ['contributions', 'shares']:
            header, rows = self.group.expected(report)
            found_header, found = self.group.report(report)
            self.assertEqual(found_header, header)
            wrong = sorted(set(found) ^ set(rows))
            self.assertEqual(wrong[:6], [], report)
            self.assertEqual(len(found), len(rows))
        self.assertEqual(self.group.check(), [])

    def assertActivities(self):
        "The accounts of the activities are right at the end of each month"
        for month in range(1, 13):
            expected, unsure = reckoning.activities(self.group, month)
            found = [
                (*row[:2], *map(Decimal, row[2:]))
                for row in self.group.report(
                    'activities', month_end(month))[1]]
            # Those without any figure yet are not told apart
            found, expected = (
                [row for row in rows if any(row[2:])]
                for rows in (found, expected))
            self.assertEqual(len(found), len(expected))
            for row, right in zip(found, expected):
                if row[:2] in unsure:
                    row, right = row[:8] + row[9:], right[:8] + right[9:]
                self.assertEqual(row, right)
            self.assertEqual(
                sum(row[8] for row in found),
                sum(row[8] for row in expected))

    def close_year(self, check=False):
        for month in range(1, 13):
            for company in self.group.companies():
                self.group.close(company, month)
                if check:
                    self.assertEqual(self.group.check(), [])


class _PeopleEntered(_Year):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = cls.group.folder.name
        activate_modules(
            'coop_cae', partial(set_up_companies, name),
            partial(set_up_people, name))


class _YearEntered(_Year):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = cls.group.folder.name
        activate_modules(
            'coop_cae', partial(set_up_companies, name),
            partial(set_up_people, name), partial(set_up_entries, name))


class SmallYearTestCase(_YearEntered):
    group = Group('small')

    @with_transaction()
    def test_in_one_go(self):
        "The year is closed at its end, the books right after every close"
        lock()
        self.close_year(check=True)
        self.assertExpected()
        self.assertActivities()

    @with_transaction()
    def test_closed_undone_closed_again(self):
        lock()
        chance = random.Random(1947)
        for month in range(1, 13):
            for company in self.group.companies():
                close = self.group.close(company, month)
                if chance.random() < 0.5:
                    close.undo()
                    self.assertEqual(self.group.check(), [])
                    self.group.close(company, month)
        self.assertExpected()


class SmallMonthsTestCase(_PeopleEntered):
    group = Group('small')

    @pytest.mark.slow
    @with_transaction()
    def test_month_by_month(self):
        "The entries of a month come in, then it is closed"
        lock()
        for month in range(1, 13):
            for fec in self.group.fecs():
                self.group.import_fec(
                    fec, lambda line: month_of(line) <= month)
            self.group.import_table(
                'payslips.csv', lambda line: pay_month(line) <= month)
            for company in self.group.companies():
                self.group.close(company, month)
            self.assertEqual(self.group.check(), [])
        self.assertExpected()

    @with_transaction()
    def test_late_entries(self):
        """A part of the entries of each month comes in with those of the next
        and is booked by closing the month again"""
        lock()
        chance = random.Random(2024)
        late = set()
        for fec in self.group.fecs():
            lines = self.group.read(fec).decode('utf-8').splitlines()[1:]
            # Without the opening entry no share is right
            late |= {
                (fec, number) for number in sorted({
                        line.split('\t')[2] for line in lines
                        if not line.startswith('AN')})
                if chance.random() < 0.2}
        for month in range(1, 14):
            for fec in self.group.fecs():
                self.group.import_fec(fec, lambda line: (
                        month_of(line) < month
                        or month_of(line) == month
                        and (fec, line.split('\t')[2]) not in late))
            self.group.import_table(
                'payslips.csv', lambda line: pay_month(line) <= month)
            for company in self.group.companies():
                for close in [month - 1, month]:
                    if 1 <= close <= 12:
                        self.group.close(company, close)
            self.assertEqual(self.group.check(), [])
        self.assertExpected()


class SmallOrderTestCase(_Year):
    "The files come in another order"
    group = Group('small')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(
            'coop_cae', partial(set_up_companies, cls.group.folder.name))

    @with_transaction()
    def test_other_order(self):
        lock()
        self.group.import_(lawful_order(random.Random(10)))
        self.close_year()
        self.assertExpected()


def lawful_order(chance):
    "Return the files in an order by chance that what they need allows"
    order = []
    while len(order) < len(NEEDS):
        ready = [
            name for name, needs in NEEDS.items()
            if name not in order and needs <= set(order)]
        order.append(chance.choice(ready))
    return order


# A class for each, as a class runs in one process

@pytest.mark.slow
class GroupYearTestCase(_YearEntered):
    group = Group('group')

    @with_transaction()
    def test_in_one_go(self):
        lock()
        self.close_year(check=True)
        self.assertExpected()
        self.assertActivities()


@pytest.mark.slow
class GroupUndoneTestCase(_YearEntered):
    group = Group('group')

    @with_transaction()
    def test_closed_undone_closed_again(self):
        lock()
        for month in range(1, 13):
            for company in self.group.companies():
                self.group.close(company, month).undo()
                self.group.close(company, month)
        self.assertExpected()


@pytest.mark.slow
class GroupMonthsTestCase(_PeopleEntered):
    group = Group('group')

    @with_transaction()
    def test_month_by_month(self):
        lock()
        for month in range(1, 13):
            for fec in self.group.fecs():
                self.group.import_fec(
                    fec, lambda line: month_of(line) <= month)
            self.group.import_table(
                'payslips.csv', lambda line: pay_month(line) <= month)
            for company in self.group.companies():
                self.group.close(company, month)
        self.assertExpected()


del _Year, _PeopleEntered, _YearEntered
