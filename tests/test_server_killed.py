# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A server, or a worker of its queue, that is killed anywhere in what it does
leaves all or nothing of each transaction, and the same request to the server
that is started again finishes the work.

COOP_CAE_POINTS tells at how many points, two of three of them here.
"""
import datetime as dt
import os
import re
import unittest
import zipfile
from functools import partial

from canonical import differences, same
from expected import set_up_companies, set_up_entries, set_up_people
from file_database import SQLITE
from server_case import ServerTestCase, enter_movements
from server_process import Call, Gone, Worker, wait_for
from test_faults import points

POINTS = max(3, int(os.environ.get('COOP_CAE_POINTS', 3)) * 2 // 3)
COMPANY = 'COOPILOTE'
MONTH = dt.date(2024, 1, 1)
_TIME = re.compile(rb'\d\d:\d\d:\d\d')


class ServerKilledTestCase(ServerTestCase):
    kills = 0
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.of_company(COMPANY)
        cls.movements = enter_movements(COMPANY)

    def tearDown(self):
        super().tearDown()
        print(f"{self.id()}: {self.kills} kills")

    def test_close(self):
        "The close of a month, as the web client asks for it"
        self.databases.copy('template', 'work')
        with self.server() as server:
            client = self.client(server)
            period, = client.call(
                'model.account.period.search', [
                    ('company', '=', self.company),
                    ('start_date', '=', MONTH),
                    ], 0, None, None, self.context)
            session, _, _ = client.call(
                'wizard.cae.close_month.create', self.context)
        self.databases.copy('work', 'begun')
        self.kill_all('begun', lambda client, points: client.call(
                'wizard.cae.close_month.execute', session, {
                    'start': {'company': self.company, 'period': period},
                    'preview': {'skip_faults': False},
                    }, 'close', self.context, points=points))

    def test_post_shares(self):
        "The posting of some movements of the register"
        self.assertEqual(len(self.movements), 3)
        self.kill_all('template', lambda client, points: client.call(
                'model.coop.share.movement.post', self.movements,
                self.context, points=points))

    @unittest.skipUnless(SQLITE, "On PostgreSQL workers make them")
    def test_statements(self):
        "The statements that the server makes itself after its answer is known"
        self.kill_all('template', self.ask_for_statements)
        self.assertEqual(self.read_statements(), self.statements)

    def ask_for_statements(self, client, points=None):
        return client.call(
            'model.cae.command.statements', COMPANY, MONTH, 'odt', False,
            self.context, points=points)

    def read_statements(self):
        "Return what is attached to the activities, each a whole document"
        found = {}
        for resource, name, id_ in self.databases.fetch(
                'work', 'SELECT resource, name, file_id FROM ir_attachment'):
            with zipfile.ZipFile(self.databases.file('work', id_)) as odt:
                self.assertIsNone(odt.testzip())
                self.assertNotIn((resource, name), found)
                # But for the moment at which it was made
                found[resource, name] = hash(
                    _TIME.sub(b'', odt.read('content.xml')))
        return found

    def kill_all(self, source, request):
        "Kill the server in a request, which is done again after it"
        server = self.server()
        states = []
        self.databases.copy(source, 'work')
        states.append(self.dump())
        with server:
            client = self.client(server)
            request(client, {})
        states.append(self.dump())
        self.assertFalse(same(*states))
        self.assertRight()
        self.statements = self.read_statements()
        for i, options in enumerate(points(client.told, POINTS)):
            with self.subTest(**options):
                # The command itself, then those that are forked
                server.loader = self.loader if i else None
                self.databases.copy(source, 'work')
                self.kill(server, request, **options)
                left = self.dump()
                self.assertTrue(
                    any(same(left, state) for state in states),
                    [differences(left, state) for state in states])
                with server:
                    request(self.client(server), None)
                self.assertSame(self.dump(), states[-1])
                self.assertRight()

    def kill(self, server, request, after=None, **options):
        with server:
            call = Call(request, self.client(server), options)
            if after is not None:
                call.join(after)
                server.kill()
            error = call.end()
            if error is None:
                # It was done before the time
                self.assertIsNotNone(after)
            else:
                self.kills += 1
                self.assertIsInstance(error, Gone, server.said())
                server.wait_ended()

    @unittest.skipIf(SQLITE, "SQLite has no queue for workers")
    def test_statements_by_worker(self):
        queue = {'queue': {'worker': True, 'batch_size': 5}}
        server = self.server(**queue)
        worker = Worker(self.databases, loader=self.loader, **queue)
        self.addCleanup(worker.kill)
        # Undisturbed
        self.databases.copy('template', 'work')
        with server, worker:
            self.ask_for_statements(self.client(server))
            self.wait_made(worker)
        told = worker.told()
        expected, statements = self.dump(), self.read_statements()
        self.assertEqual(len(statements), 13)
        self.assertRight()
        for options in points(told, POINTS):
            with self.subTest(**options):
                self.databases.copy('template', 'work')
                self.kill_worker(server, worker, **options)
                # A few activities at a time, all of them or none
                left = self.read_statements()
                self.assertLessEqual(left.items(), statements.items())
                self.assertIn(len(left), [0, 3, 5, 8, 10, 13])
                lost = self.taken()
                with server, worker:
                    self.ask_for_statements(self.client(server))
                    self.wait_made(worker, lost)
                self.assertSame(self.dump(), expected)
                self.assertEqual(self.read_statements(), statements)
                self.assertRight()

    def kill_worker(self, server, worker, kill=None, after=None):
        worker.points = {'kill': kill}
        with server, worker:
            worker.points = {}
            self.ask_for_statements(self.client(server))
            if kill is not None:
                # What had the task is gone, and so the worker ends; but when
                # there were fewer statements than before
                wait_for(
                    lambda: not worker.running() or not self.unfinished(),
                    "the worker")
                wait_for(
                    lambda: not worker.running() or worker.told(), "its end")
                self.kills += not worker.running()
                worker.kill()
            else:
                # From the first task on, and the server with it
                wait_for(self.tasks_taken, "a task")
                Call(self.wait_made, worker).join(after)
                worker.kill()
                server.kill()
                self.kills += 1

    def taken(self):
        "Return the tasks that were taken and are not finished"
        return {id_ for id_, in self.databases.fetch(
                'work', 'SELECT id FROM ir_queue '
                'WHERE dequeued_at IS NOT NULL AND finished_at IS NULL')}

    def unfinished(self):
        return {id_ for id_, in self.databases.fetch(
                'work', 'SELECT id FROM ir_queue WHERE finished_at IS NULL')}

    def tasks_taken(self):
        return self.databases.fetch(
            'work',
            'SELECT id FROM ir_queue WHERE dequeued_at IS NOT NULL')

    def wait_made(self, worker, lost=frozenset()):
        "Wait until all tasks are finished but those that are lost"
        def made():
            assert worker.running(), worker.said()
            return self.unfinished() <= lost
        wait_for(made, "the queue")


del ServerTestCase
