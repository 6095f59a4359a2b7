# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A process that is killed anywhere leaves all or nothing of each transaction,
and the same command finishes the work.

COOP_CAE_POINTS tells at how many points each one is killed.
"""
import os
import random
import tempfile
from functools import partial
from itertools import product
from pathlib import Path

from canonical import differences, same
from expected import (
    DATA, TABLES, Group, select_lines, set_up_companies, set_up_entries,
    set_up_people)
from process_case import ProcessTestCase
from worker import KILLED

from trytond.modules.coop_cae.tests.tools import commit
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares

POINTS = int(os.environ.get('COOP_CAE_POINTS', 3))
GROUP = Group('small')


class _Faults(ProcessTestCase):
    """The job is to do at once what the steps do one by one, each in one
    transaction"""
    job = None
    steps = []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.databases.copy('template', 'work')
        cls.states = [cls.dump()]
        for step in cls.steps:
            result, = cls.workers.run(step)
            assert result.get('code') == 0, result
            state = cls.dump()
            if not same(state, cls.states[-1]):
                cls.states.append(state)

    def run_(self, **options):
        result, = self.workers.run({**self.job, **options})
        return result

    def test_killed(self):
        self.databases.copy('template', 'work')
        undisturbed = self.run_()
        self.assertEqual(undisturbed.get('code'), 0, undisturbed['output'])
        self.assertSame(self.dump(), self.states[-1])
        self.assertRight()
        self.assertGreater(len(self.states), 1)
        for options in points(undisturbed):
            with self.subTest(**options):
                self.kill(options)

    def kill(self, options):
        self.databases.copy('template', 'work')
        result = self.run_(**options)
        if result['ended'] != KILLED:
            # It was done before the time
            self.assertIn('after', options)
            self.assertEqual(result.get('code'), 0, result['output'])
        left = self.dump()
        self.assertTrue(
            any(same(left, state) for state in self.states),
            [differences(left, state) for state in self.states])
        again = self.run_()
        self.assertEqual(again.get('code'), 0, again['output'])
        # Which is right, as was checked
        self.assertSame(self.dump(), self.states[-1])


def points(undisturbed, number=POINTS):
    """Return where to kill: at the commits, which are few, and at statements
    and moments by chance"""
    chance = random.Random(number)
    commits = [
        commit + after for commit in undisturbed['commits']
        for after in [0, 1]]
    third = max(1, number // 3)
    return [
        *({'kill': n} for n in chance.sample(
                commits, min(third, len(commits)))),
        *({'kill': n} for n in chance.sample(
                range(1, undisturbed['statements']),
                max(1, number - 2 * third))),
        *({'after': chance.random() * undisturbed['seconds']}
            for _ in range(third))]


class ImportTestCase(_Faults):
    "Each file is a transaction"
    set_up = [partial(set_up_companies, 'small')]

    @classmethod
    def prepare(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        names = [*TABLES[1:], *GROUP.fecs()]
        paths = [Path(folder.name, name) for name in names]
        for path in paths:
            path.write_bytes(cls.content(path.name))
        cls.job = {'args': ['import', folder.name]}
        cls.steps = [{'args': ['import', str(path)]} for path in paths]

    @staticmethod
    def content(name):
        "The entries of a month and a half are enough for a few points"
        data = (DATA / 'small' / name).read_bytes()
        if 'FEC' in name and POINTS < 10:
            return select_lines(
                data, lambda line: line.split('\t')[3] < '20240115')
        return data


class CloseTestCase(_Faults):
    """Each month of each company is a transaction

    One month is enough for a few points."""
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]
    months = ['2024-01', '2024-02'][:1 if POINTS < 10 else 2]
    job = {'args': ['close', '--company', 'all', '--through', months[-1]]}
    steps = [
        {'args': ['close', '--company', company, '--period', month]}
        for company, month in product(['BATICOOP', 'COOPILOTE'], months)]


class RegisterTestCase(_Faults):
    "Each posting is a transaction"
    modules = ['coop_shares', 'account_fr']
    set_up = [set_up_shares]
    job = {'action': ['register']}
    steps = [
        {'action': ['one_of_register', name]}
        for name in ['post_drafts', 'convert_savings', 'reverse_first']]

    @classmethod
    def prepare(cls):
        def enter():
            coop = Coop()
            with coop.context():
                for i, name in enumerate(['Ana', 'Bob', 'Cleo']):
                    coop.movement(3 + i, day(1, 10 + i), name, post=False)
                    coop.withhold(2, 5000 + 3000 * i, name)
        commit(enter)

    def assertRight(self):
        self.do({'action': ['check_register']})


del _Faults
