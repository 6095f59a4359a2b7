# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The to-do list of the sample group is what its files tell, reckoned anew."""
import csv
import datetime as dt
import io
import unittest
from collections import Counter, defaultdict
from functools import partial

from dateutil.relativedelta import relativedelta
from expected import Group, set_up_companies, set_up_people

from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

TODAY = dt.date(2024, 12, 31)
A_DAY = dt.timedelta(1)


def read(group, name):
    text = group.read(name).decode('utf-8-sig')
    return list(csv.DictReader(io.StringIO(text), delimiter=';'))


def day(text):
    return dt.date.fromisoformat(text) if text else None


def reckon(group):
    """Return what is to be done as code, kind and day

    Nobody has signed, told anybody or held an interview in the files."""
    todos = Counter()
    admitted = {
        (r['company'], r['entrepreneur']): day(r['admission_date'])
        for r in read(group, 'members.csv')}
    people = {r['code']: r for r in read(group, 'entrepreneurs.csv')}
    contracts = defaultdict(list)
    for row in read(group, 'contracts.csv'):
        ends = [d for d in [day(row['end_date']), day(row['exit_date'])] if d]
        contracts[row['entrepreneur']].append(
            (day(row['start_date']), min(ends, default=None), row))
    for code, own in contracts.items():
        own.sort(key=lambda c: c[:1])
        for i, (start, end, row) in enumerate(own):
            exit_ = day(row['exit_date'])
            if (row['type'] == 'CAPE' and exit_
                    and exit_ < day(row['end_date'])
                    and TODAY - dt.timedelta(366) <= exit_ <= TODAY):
                todos[code, 'early_end', exit_] += 1
            if start > TODAY or end and end < TODAY:
                continue
            todos[code, 'signature', start] += 1
            if row['type'] == 'CAPE':
                todos[code, 'urssaf', start] += 1
                todos[code, 'france_travail', start] += 1
                if (not exit_ and i + 1 == len(own)
                        and (end - TODAY).days <= 60):
                    todos[code, 'cape_end', end] += 1
                continue
            # The contracts of the files follow each other
            before, joined = start, True
            for other, last, _ in reversed(own[:i]):
                joined = joined and last + A_DAY == before
                before = other
            assert joined, code
            since = admitted.get((people[code]['company'], code))
            if not since or since > TODAY:
                deadline = max(before + relativedelta(months=36), start)
                if (deadline - TODAY).days <= 183:
                    todos[code, 'membership', deadline] += 1
            years = relativedelta(TODAY, start).years
            end_of = [
                start + relativedelta(years=n) - A_DAY
                for n in range(years + 2)]
            if (end_of[years + 1] - TODAY).days <= 183:
                todos[code, 'interview', end_of[years + 1]] += 1
            if years:
                todos[code, 'interview_missed', end_of[years]] += 1
        last = max(own, key=lambda c: (c[1] or dt.date.max, c[0]))
        if last[1] and last[1] < TODAY and not last[2]['exit_reason']:
            todos[code, 'contract_ended', last[1]] += 1
    return todos


class TodoTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = Group('group')
        activate_modules(
            'coop_cae', partial(set_up_companies, 'group'),
            partial(set_up_people, 'group'))

    def context(self):
        Company = Pool().get('company.company')
        return Transaction().set_context(
            _companies=[c.id for c in Company.search([])], todo_date=TODAY)

    @with_transaction()
    def test_sample_group(self):
        Todo = Pool().get('cae.todo')
        with self.context():
            found = Todo.search([])
            self.assertEqual(
                Counter(
                    (t.entrepreneur.code, t.kind, t.deadline) for t in found),
                reckon(self.group))
            self.assertGreater(len({t.kind for t in found}), 5)
            self.assertEqual(len({t.id for t in found}), len(found))
            for todo in found:
                self.assertEqual(
                    todo.days_left, (todo.deadline - TODAY).days)
                self.assertEqual(
                    todo.contract.entrepreneur, todo.entrepreneur)
                self.assertEqual(todo.adviser, todo.entrepreneur.adviser)
                self.assertTrue(todo.article)
            self.assertEqual(
                [t.deadline for t in found],
                sorted(t.deadline for t in found))

    @with_transaction()
    def test_queries(self):
        "One reading whatever the number of people"
        Todo = Pool().get('cae.todo')
        Company = Pool().get('company.company')
        counts = []
        for companies in [Company.search([], limit=1), Company.search([])]:
            with Transaction().set_context(
                    _companies=[c.id for c in companies], todo_date=TODAY):
                with count_queries() as queries:
                    Todo.search([], count=True)
                counts.append(len(queries))
        self.assertLessEqual(counts[1], counts[0])
