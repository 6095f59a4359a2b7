# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Two processes that do the same, or what touches the same, at once: nothing
is doubled or lost, whoever comes first.

COOP_CAE_POINTS tells how many times each pair is tried, with other delays.
"""
import csv
import os
import random
import tempfile
from decimal import Decimal
from functools import partial
from pathlib import Path

from canonical import differences, same
from expected import (
    Group, select_lines, set_up_companies, set_up_entries, set_up_people)
from process_case import ProcessTestCase

from trytond.modules.coop_cae.tests.tools import commit
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool

POINTS = int(os.environ.get('COOP_CAE_POINTS', 1))
GROUP = Group('small')
CLOSE = {'args': [
        'close', '--company', 'COOPILOTE', '--period', '2024-01']}
UNDO = {'args': ['undo', '--company', 'COOPILOTE', '--period', '2024-01']}
# The other one did it first
REFUSED = 1
# The other one was too long
LOCKED = 4


class _TwoAtOnce(ProcessTestCase):

    def alone(self, *jobs, source='template'):
        "Return what the database tells when the jobs come one by one"
        self.databases.copy(source, 'work')
        self.do(*jobs)
        return self.dump()

    def tries(self, *jobs, source='template'):
        "Yield how the jobs ended that are done at once, with other delays"
        chance = random.Random(POINTS)
        for _ in range(POINTS):
            self.databases.copy(source, 'work')
            results = self.workers.run(*(
                    {**job, 'delays': chance.random()} for job in jobs))
            for i, (job, result) in enumerate(zip(jobs, results)):
                self.assertEqual(result['ended'], 0, result['output'])
                if result['code'] == LOCKED:
                    # It was told to run the command again
                    self.assertIn("is locked", result['output'])
                    results[i], = self.workers.run(job)
            yield results

    def table(self, *args):
        "Return the rows of a report"
        return list(csv.DictReader(
                self.do({'args': ['report', *args]}).splitlines(),
                delimiter=';'))


class CloseTestCase(_TwoAtOnce):
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]

    def test_close_twice(self):
        "A month is closed once"
        expected = self.alone(CLOSE)
        for results in self.tries(CLOSE, CLOSE):
            self.assertEqual(
                [r['code'] for r in results], [0, 0],
                [r['output'] for r in results])
            self.assertSame(self.dump(), expected)
            self.assertRight()

    def test_undo_twice(self):
        "A close is undone once"
        expected = self.alone(CLOSE, UNDO)
        self.databases.copy('template', 'work')
        self.do(CLOSE)
        self.databases.copy('work', 'closed')
        for results in self.tries(UNDO, UNDO, source='closed'):
            self.assertIn(0, [r['code'] for r in results])
            for result in results:
                self.assertIn(result['code'], [0, REFUSED], result['output'])
            self.assertSame(self.dump(), expected)
            self.assertRight()

    def test_close_while_invoicing(self):
        """What is sold during a close is in it or in the next one, and the
        contributions are those of the whole"""
        sales = [
            [code, f'2024-01-{day_:02}', amount]
            for day_, code, amount in [
                (10, 'A0014', '1000.00'), (11, 'A0015', '250.00'),
                (12, 'A0014', '33.33')]]
        sell = {'action': ['sell', 'COOPILOTE', sales]}
        report = ['contributions', '--period', '2024-01']
        self.alone(sell, CLOSE)
        expected = self.table(*report)
        self.assertTrue(any(Decimal(row['booked']) for row in expected))
        for results in self.tries(sell, CLOSE):
            self.assertEqual(
                [r['code'] for r in results], [0, 0],
                [r['output'] for r in results])
            self.do(CLOSE)
            self.assertEqual(self.table(*report), expected)
            self.assertRight()
            before = self.dump()
            self.do(CLOSE)
            self.assertSame(self.dump(), before)


class ImportTestCase(_TwoAtOnce):
    set_up = [partial(set_up_companies, 'small')]

    @classmethod
    def prepare(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.first = {'args': ['import']}
        for name in ['sites.csv', 'entrepreneurs.csv', 'activities.csv']:
            path = Path(folder.name, name)
            path.write_bytes(GROUP.read(name))
            cls.first['args'].append(str(path))
        contracts = Path(folder.name, 'contracts.csv')
        contracts.write_bytes(GROUP.read('contracts.csv'))
        fec = Path(folder.name, min(GROUP.fecs()))
        fec.write_bytes(select_lines(
                GROUP.read(fec.name),
                lambda line: line.split('\t')[3] < '20240115'))
        cls.job = {'args': ['import', str(contracts), str(fec)]}

    def test_import_twice(self):
        "A file that comes in twice at once comes in once"
        for first, job in [([], self.first), ([self.first], self.job)]:
            expected = self.alone(*first, job)
            self.databases.copy('template', 'work')
            if first:
                self.do(*first)
            self.databases.copy('work', 'before')
            for results in self.tries(job, job, source='before'):
                self.assertIn(0, [r['code'] for r in results])
                for result in results:
                    self.assertIn(
                        result['code'], [0, REFUSED], result['output'])
                self.assertSame(self.dump(), expected)


class SharesTestCase(_TwoAtOnce):
    modules = ['coop_shares', 'account_fr']
    set_up = [set_up_shares]
    requests = {}

    @classmethod
    def prepare(cls):
        def enter():
            coop = Coop()
            with coop.context():
                coop.movement(4, day(1, 5), 'Ana')
                for name in ['Ana', 'Bob', 'Cleo']:
                    coop.withhold(2, 5000, name)
                    coop.movement(1, day(1, 10), name, post=False)
                # For 100, of which each asks for 60; 7 at most, each for 4
                campaign = enter_campaign(coop)
                class_ = coop.share_class
                class_.most_shares = 7
                class_.save()
                cls.requests = {
                    'ceiling': enter_requests(
                        coop, ['Ana', 'Bob'], 3, campaign),
                    'most': enter_requests(coop, ['Cleo', 'Cleo'], 4),
                    'member': enter_requests(coop, ['Dan', 'Dan'], 1)}
        commit(enter)

    def subscribe(self, kind):
        return [
            {'action': ['subscribe', id_]} for id_ in self.requests[kind]]

    def test_last_shares(self):
        "Of two that ask for the last shares one has them"
        for kind in ['ceiling', 'most']:
            jobs = self.subscribe(kind)
            either = [self.alone(job) for job in jobs]
            for results in self.tries(*jobs):
                self.assertEqual(
                    sorted(r['code'] for r in results), [0, REFUSED],
                    [r['output'] for r in results])
                found = self.dump()
                self.assertTrue(
                    any(same(found, expected) for expected in either),
                    [differences(found, expected) for expected in either])
                self.do({'action': ['check_register']})

    def test_new_member_twice(self):
        "Who asks twice becomes a member once"
        jobs = self.subscribe('member')
        either = [self.alone(*jobs), self.alone(*reversed(jobs))]
        for results in self.tries(*jobs):
            for job, result in zip(jobs, results):
                if result['code']:
                    # Told to try again
                    self.do(job)
            found = self.dump()
            self.assertTrue(
                any(same(found, expected) for expected in either),
                [differences(found, expected) for expected in either])
            self.do({'action': ['check_register']})

    def test_same_twice(self):
        "What is done twice at once is done once"
        for name in ['convert_savings', 'post_drafts', 'reverse_first']:
            job = {'action': ['one_of_register', name]}
            expected = self.alone(job)
            for results in self.tries(job, job):
                self.assertIn(0, [r['code'] for r in results])
                for result in results:
                    self.assertIn(
                        result['code'], [0, REFUSED], result['output'])
                self.assertSame(self.dump(), expected)
                self.do({'action': ['check_register']})


def enter_requests(coop, names, quantity, campaign=None):
    "Return the ids of requests that are admitted"
    Subscription = Pool().get('coop.share.subscription')
    requests = Subscription.create([{
                'company': coop.company.id, 'party': coop.party(name).id,
                'request_date': day(2, 1), 'quantity': quantity,
                'share_class': coop.share_class.id, 'campaign': campaign,
                'admission_date': day(2, 15), 'decision': "Board",
                } for name in names])
    Subscription.request(requests)
    Subscription.admit(requests)
    return [r.id for r in requests]


def enter_campaign(coop):
    Campaign = Pool().get('coop.share.campaign')
    campaign, = Campaign.create([{
                'company': coop.company.id, 'name': "Printemps",
                'share_class': coop.share_class.id, 'ceiling': Decimal(100),
                'start_date': day(1, 1), 'end_date': day(12, 31)}])
    return campaign.id


del _TwoAtOnce
