# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A PostgreSQL that is started again, or has no connection left, in the middle
of what a server does: the server goes on by itself, all or nothing is done,
and the same request does it.

COOP_CAE_POINTS tells at how many points, for three of which there is one here.
"""
import datetime as dt
import os
import random
import unittest
from contextlib import ExitStack
from functools import partial

from canonical import differences, same
from cluster_case import ClusterTestCase
from expected import set_up_companies, set_up_entries, set_up_people
from file_database import SQLITE
from server_process import Refused, Worker, paused, wait_for

POINTS = max(1, int(os.environ.get('COOP_CAE_POINTS', 3)) // 3)
COMPANY = 'COOPILOTE'
MONTH = dt.date(2024, 1, 1)
MODES = ['immediate', 'fast']
CONNECTIONS = 20


@unittest.skipIf(SQLITE, "SQLite has no server of its own")
class ServerDatabaseTestCase(ClusterTestCase):
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]
    settings = {
        'max_connections': CONNECTIONS, 'superuser_reserved_connections': 0}

    def close(self, client, points=None):
        return client.call(
            'model.cae.command.close', COMPANY, MONTH, False, self.context,
            points=points)

    def undisturbed(self, server):
        "Return what there is before and after a close, and its statements"
        self.databases.copy('template', 'work')
        states = [self.dump()]
        with server:
            client = self.client(server)
            self.close(client, {})
        states.append(self.dump())
        self.assertFalse(same(*states))
        self.assertRight()
        return states, client.told['statements']

    def insist(self, client):
        "Call until the server can, which is not started again"
        def done():
            try:
                return self.close(client)
            except Refused as error:
                # It tells that there is no database for now
                self.assertEqual(error.status, 503)
        wait_for(done, "the server goes on")

    def assertOne(self, states):
        found = self.dump(alone=False)
        self.assertTrue(
            any(same(found, state) for state in states),
            [differences(found, state) for state in states])

    def test_restart_in_close(self):
        server = self.server()
        states, count = self.undisturbed(server)
        chance = random.Random(POINTS)
        for mode in MODES:
            for statement in chance.sample(range(2, count), POINTS):
                with self.subTest(mode=mode, statement=statement):
                    self.databases.copy('template', 'work')
                    with server:
                        client = self.client(server)
                        with paused(
                                partial(self.close, client), statement,
                                self.databases.folder) as call:
                            self.assertTrue(call.is_alive())
                            self.cluster.restart(mode)
                        if error := call.end():
                            self.assertEqual(error.status, 503, error.error)
                        self.assertOne(states)
                        self.insist(client)
                        self.assertTrue(server.running())
                    self.assertSame(self.dump(), states[-1])
                    self.assertRight()

    def test_restart_in_queue(self):
        queue = {'queue': {'worker': True, 'batch_size': 5}}
        server = self.server(**queue)
        worker = Worker(self.databases, loader=self.loader, **queue)
        self.addCleanup(worker.kill)
        self.databases.copy('template', 'work')
        with server, worker:
            self.ask(self.client(server))
            self.wait_made(worker)
            count = worker.told()['statements']
        expected = self.dump()
        chance = random.Random(POINTS)
        waits, go = (self.databases.folder / name for name in ['w', 'g'])
        for mode in MODES:
            for statement in chance.sample(range(2, count), POINTS):
                with self.subTest(mode=mode, statement=statement):
                    for path in [waits, go]:
                        path.unlink(missing_ok=True)
                    self.databases.copy('template', 'work')
                    worker.points = {
                        'pause': statement, 'waits': str(waits),
                        'go': str(go)}
                    with server, worker:
                        worker.points = {}
                        client = self.client(server)
                        self.ask(client)
                        wait_for(waits.exists, "the task waits")
                        self.cluster.restart(mode)
                        go.touch()
                        # It has lost its connection: the service starts it
                        # again
                        worker.wait_ended()
                        self.assertIn('LostConnectionError', worker.said())
                        worker.start()
                        lost = self.taken()
                        self.ask_again(client)
                        self.wait_made(worker, lost)
                        self.assertTrue(server.running())
                    self.assertSame(self.dump(), expected)
                    self.assertRight()

    def ask(self, client):
        return client.call(
            'model.cae.command.statements', COMPANY, MONTH, 'odt', False,
            self.context)

    def ask_again(self, client):
        def done():
            try:
                return self.ask(client)
            except Refused as error:
                self.assertEqual(error.status, 503)
        wait_for(done, "the server goes on")

    def taken(self):
        return {id_ for id_, in self.databases.fetch(
                'work', 'SELECT id FROM ir_queue '
                'WHERE dequeued_at IS NOT NULL AND finished_at IS NULL')}

    def wait_made(self, worker, lost=frozenset()):
        def made():
            assert worker.running(), worker.said()
            return {id_ for id_, in self.databases.fetch(
                    'work',
                    'SELECT id FROM ir_queue WHERE finished_at IS NULL'
                    )} <= lost
        wait_for(made, "the queue")

    def take_all(self, stack, others=''):
        """Take the connections of the cluster, those of the server too if
        others is not its database"""
        import psycopg
        while True:
            try:
                connection = stack.enter_context(psycopg.connect(
                        **self.databases.connection, dbname='postgres',
                        autocommit=True))
            except psycopg.OperationalError as error:
                self.assertIn("too many clients", str(error))
                return
            connection.execute(
                'SELECT pg_terminate_backend(pid) FROM pg_stat_activity '
                'WHERE datname = %s', (others,))

    def test_no_connection(self):
        "Others have them all: told so, and done when they leave"
        server = self.server()
        states, _ = self.undisturbed(server)
        self.databases.copy('template', 'work')
        with server:
            client = self.client(server)
            with ExitStack() as stack:
                self.take_all(stack, self.databases.name('work'))
                with self.assertRaises(Refused) as refused:
                    self.close(client)
                self.assertEqual(refused.exception.status, 503)
                self.assertIn("does not answer", refused.exception.error)
                with self.assertRaises(Refused) as refused:
                    self.client(server)
                self.assertEqual(refused.exception.status, 404)
            self.assertOne(states[:1])
            self.insist(client)
            self.assertTrue(server.running())
        self.assertSame(self.dump(), states[-1])
        self.assertRight()

    def test_no_connection_in_close(self):
        "What has its connection goes on, and what asks for one is told so"
        server = self.server()
        states, count = self.undisturbed(server)
        for statement in random.Random(POINTS).sample(
                range(2, count), POINTS):
            with self.subTest(statement=statement):
                self.databases.copy('template', 'work')
                with server:
                    client = self.client(server)
                    with ExitStack() as stack:
                        with paused(
                                partial(self.close, client), statement,
                                self.databases.folder) as call:
                            self.take_all(stack)
                        if error := call.end():
                            self.assertEqual(error.status, 503, error.error)
                    self.assertOne(states)
                    self.insist(client)
                self.assertSame(self.dump(), states[-1])
                self.assertRight()


del ClusterTestCase
