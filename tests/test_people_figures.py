# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of the people of the sample group are what its files tell,
counted anew, day by day."""
import csv
import datetime as dt
import io
import unittest
from collections import Counter, defaultdict
from decimal import Decimal
from functools import partial

from dateutil.relativedelta import relativedelta
from expected import Group, set_up_companies, set_up_people

from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

A_DAY = dt.timedelta(1)
PERIODS = [
    (dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
    (dt.date(2024, 7, 1), dt.date(2024, 9, 27)),
    (dt.date(2022, 3, 15), dt.date(2023, 11, 2)),
    ]
# No contract runs on as long
HORIZON = dt.date(2026, 1, 1)


def read(group, name):
    text = group.read(name).decode('utf-8-sig')
    return list(csv.DictReader(io.StringIO(text), delimiter=';'))


def day(text):
    return dt.date.fromisoformat(text) if text else None


class Files:
    "The days of the contracts of each person, and why they left"

    def __init__(self, group):
        self.company = {
            r['code']: r['company'] for r in read(group, 'entrepreneurs.csv')}
        self.days = defaultdict(set)
        self.reasons = {}
        for row in read(group, 'contracts.csv'):
            code = row['entrepreneur']
            last = min(filter(None, [
                        day(row['end_date']), day(row['exit_date'])]),
                default=HORIZON)
            current = day(row['start_date'])
            while current <= last:
                self.days[code].add(current)
                current += A_DAY
            if row['exit_reason']:
                self.reasons[code] = row['exit_reason']

    def scopes(self, code):
        return [self.company[code], None]

    def flow(self, start, end):
        found = defaultdict(Counter)
        for code, days in self.days.items():
            for scope in self.scopes(code):
                flow = found[scope]
                flow['at_start'] += start in days and start - A_DAY in days
                flow['entered'] += start <= min(days) <= end
                flow['left'] += (
                    start <= max(days) <= end and max(days) < HORIZON)
                flow['at_end'] += end in days and end + A_DAY in days
                flow['under_contract'] += end in days
                flow['hosted'] += any(start <= d <= end for d in days)
        return found

    def exits(self, start, end):
        found = Counter()
        for code, days in self.days.items():
            if start <= max(days) <= end:
                for scope in self.scopes(code):
                    found[scope, self.reasons[code]] += 1
        return found

    def survival(self, today):
        found = defaultdict(list)
        for code, days in self.days.items():
            entry = min(days)
            if entry > today:
                continue
            reached = []
            for years in [1, 2, 3]:
                then = entry + relativedelta(years=years)
                reached.append((then <= today, then <= today and then in days))
            for scope in self.scopes(code):
                found[scope, entry.year].append(reached)
        return {
            key: (len(people), *(
                    (sum(p[i][0] for p in people),
                        sum(p[i][1] for p in people))
                    for i in range(3)))
            for key, people in found.items()}


class PeopleFiguresTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = Group('group')
        cls.files = Files(cls.group)
        activate_modules(
            'coop_cae', partial(set_up_companies, 'group'),
            partial(set_up_people, 'group'))

    def context(self, start, end, limit=None):
        Company = Pool().get('company.company')
        return Transaction().set_context(
            _companies=[c.id for c in Company.search([], limit=limit)],
            figure_start=start, figure_end=end)

    def code(self, row):
        "Return the code of the company of a row, None for the group"
        Company = Pool().get('company.company')
        if row.of_group:
            return None
        company, = Company.search([('party.name', '=', row.cooperative)])
        return company.party.code

    @with_transaction()
    def test_flow(self):
        Flow = Pool().get('cae.flow')
        for period in PERIODS:
            expected = self.files.flow(*period)
            with self.context(*period), self.subTest(period=period):
                rows = Flow.search([])
                self.assertEqual(len(rows), 5)
                for row in rows:
                    self.assertEqual({
                            name: getattr(row, name) for name in [
                                'at_start', 'entered', 'left', 'at_end',
                                'under_contract', 'hosted']},
                        dict(expected[self.code(row)]))
                    self.assertEqual(row.returned, 0)
        self.assertGreater(expected[None]['entered'], 10)

    @with_transaction()
    def test_exits(self):
        ExitCount = Pool().get('cae.exit.count')
        for period in PERIODS:
            with self.context(*period), self.subTest(period=period):
                rows = ExitCount.search([])
                self.assertEqual(
                    Counter({
                            (self.code(r), r.reason.code): r.people
                            for r in rows}),
                    self.files.exits(*period))
                whole = [r.share for r in rows if r.of_group]
                if whole:
                    self.assertEqual(round(sum(whole), 3), 1)
        with self.context(*PERIODS[0]):
            self.assertEqual(
                sum(r.people for r in ExitCount.search([
                            ('of_group', '=', True)])), 5)

    @with_transaction()
    def test_survival(self):
        Survival = Pool().get('cae.survival')
        for _, end in PERIODS:
            with self.context(end, end), self.subTest(end=end):
                rows = Survival.search([])
                self.assertEqual({
                        (self.code(r), r.year): (
                            r.entered, (r.reached_12, r.stayed_12),
                            (r.reached_24, r.stayed_24),
                            (r.reached_36, r.stayed_36))
                        for r in rows}, self.files.survival(end))
                for row in rows:
                    for months in [12, 24, 36]:
                        reached = getattr(row, f'reached_{months}')
                        share = getattr(row, f'share_{months}')
                        if not reached:
                            self.assertIsNone(share)
                            continue
                        self.assertEqual(share, round(
                                Decimal(getattr(row, f'stayed_{months}'))
                                / reached, 4))

    @with_transaction()
    def test_people(self):
        "Each way of sorting people counts them all once"
        PeopleFigure = Pool().get('cae.people.figure')
        for period in PERIODS:
            expected = self.files.flow(*period)
            with self.context(*period), self.subTest(period=period):
                found = defaultdict(Counter)
                for row in PeopleFigure.search([]):
                    total = found[self.code(row), row.kind]
                    for name in [
                            'under_contract', 'hosted', 'entered', 'left']:
                        total[name] += getattr(row, name)
                self.assertEqual(len(found), 5 * 6)
                for (code, _), total in found.items():
                    self.assertEqual(dict(total), {
                            n: expected[code][n] for n in total})

    @with_transaction()
    def test_gender(self):
        PeopleFigure = Pool().get('cae.people.figure')
        start, end = PERIODS[0]
        women = {
            r['code'] for r in read(self.group, 'entrepreneurs.csv')
            if r['gender'] == 'F'}
        with self.context(start, end):
            row, = PeopleFigure.search([
                    ('of_group', '=', True), ('kind', '=', 'gender'),
                    ('value', '=', "Female")])
        self.assertEqual(
            row.under_contract,
            sum(end in self.files.days[code] for code in women))

    @with_transaction()
    def test_full_time(self):
        "No working time is told in the files: each day is a full one"
        FullTime = Pool().get('cae.full_time')
        start, end = PERIODS[0]
        days = Counter()
        for row in read(self.group, 'contracts.csv'):
            if row['type'] != 'CESA':
                continue
            first = max(start, day(row['start_date']))
            last = min(filter(None, [
                        end, day(row['end_date']), day(row['exit_date'])]))
            for scope in [self.files.company[row['entrepreneur']], None]:
                days[scope] += max((last - first).days + 1, 0)
        with self.context(start, end):
            for row in FullTime.search([]):
                self.assertEqual(
                    row.full_time,
                    round(Decimal(days[self.code(row)]) / 366, 2))

    @with_transaction()
    def test_members(self):
        MemberDelay = Pool().get('cae.member.delay')
        start, end = PERIODS[0]
        admitted = {
            r['entrepreneur'] for r in read(self.group, 'members.csv')
            if day(r['admission_date']) <= end}
        with self.context(start, end):
            rows = MemberDelay.search([])
            self.assertGreater(len(rows), 100)
            for row in rows:
                self.assertEqual(
                    row.state == 'member',
                    row.entrepreneur.code in admitted)

    @with_transaction()
    def test_queries(self):
        "A fixed number whatever the number of people"
        pool = Pool()
        for name in [
                'cae.flow', 'cae.exit.count', 'cae.survival',
                'cae.people.figure', 'cae.full_time', 'cae.member.delay',
                'cae.interview.count', 'cae.contribution.figure']:
            Model = pool.get(name)
            counts = []
            # That of the group is one more
            for limit in [2, None, 2, None]:
                with self.context(*PERIODS[0], limit=limit):
                    with count_queries() as queries:
                        Model.search([], count=True)
                    counts.append(len(queries))
            with self.subTest(name=name):
                self.assertLessEqual(counts[3], counts[2])
