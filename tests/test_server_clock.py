# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A clock that is set back while people work: nothing is lost or doubled, and
all is as if it had gone on."""
import datetime as dt
import re
import tempfile
import unittest
from functools import partial
from pathlib import Path

import clock
from cluster_case import ClusterTestCase
from expected import set_up_companies, set_up_entries, set_up_people
from file_database import SQLITE
from server_case import (
    LOGINS, ServerTestCase, enter_invoices, enter_movements, read_month)
from server_process import Refused, Worker, wait_for

COMPANY = 'COOPILOTE'
MONTH = dt.date(2024, 1, 1)


class Session:
    "Somebody who logs in again when asked to"

    def __init__(self, log_in):
        self.log_in = log_in
        self.asked = 0
        self.client = log_in()

    def call(self, *args):
        try:
            return self.client.call(*args)
        except Refused as error:
            if error.status != 401:
                raise
        self.asked += 1
        self.client = self.log_in()
        return self.client.call(*args)


@unittest.skipUnless(clock.LIBRARY, "libfaketime is not installed")
class ServerClockTestCase(ServerTestCase if SQLITE else ClusterTestCase):
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='coop-cae-')
        cls.addClassCleanup(folder.cleanup)
        Path(folder.name).chmod(0o755)
        cls.clock = clock.Clock(folder.name)
        super().setUpClass()

    @classmethod
    def loader_environ(cls):
        return cls.clock.environ

    cluster_environ = loader_environ

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.of_company(COMPANY)
        cls.movements = enter_movements(COMPANY)
        cls.invoices = enter_invoices(COMPANY)

    def test_set_back(self):
        asked, expected = self.work([0, 0, 0, 0])
        self.assertEqual(asked, [0, 0])
        self.assertRight()
        for hours in [[0, -3, -5, 1], [0, -1, 2, -2]]:
            with self.subTest(hours=hours):
                asked, found = self.work(hours)
                # What books asks for the password again, as after a pause
                self.assertGreater(asked[0], 0)
                self.assertSame(found, expected)
                self.assertRight()

    def test_days(self):
        "Numbers go on, with the dates that the clock tells"
        self.databases.copy('template', 'work')
        with self.server() as server:
            session = Session(partial(self.client, server))
            found = []
            for number, days in enumerate([0, -3]):
                self.clock.set(24 * days)
                self.post_invoice(session, number)
                invoice, = session.call(
                    'model.account.invoice.read', [self.invoices[number]],
                    ['number', 'move.number', 'move.post_date'], self.context)
                found.append((
                        int(re.sub(r'\D', '', invoice['number'])),
                        int(re.sub(r'\D', '', invoice['move.']['number'])),
                        invoice['move.']['post_date']))
            self.clock.set()
        (*first, before), (*second, after) = found
        self.assertEqual(second, [n + 1 for n in first])
        self.assertEqual((before - after).days, 3)
        self.assertRight()

    def work(self, hours):
        """Do the same work with the clock set to each of the hours, and return
        how often each had to log in again and what the database tells"""
        queue = {} if SQLITE else {
            'queue': {'worker': True, 'batch_size': 5}}
        hours = iter(hours)
        self.clock.set(next(hours))
        self.databases.copy('template', 'work')
        servers = [
            self.server(**queue) for _ in range(1 if SQLITE else 2)]
        worker = None if SQLITE else Worker(
            self.databases, loader=self.loader, **queue)
        try:
            for server in servers:
                server.start()
            if worker:
                self.addCleanup(worker.kill)
                worker.start()
            ana, bob = (
                Session(partial(self.client, server, login))
                for server, login in zip([servers[0], servers[-1]], LOGINS))
            self.post_movement(ana, 0)
            self.close(ana)
            self.assertEqual(self.month(ana), ('closed', 0))
            self.take_rights(bob, ana)

            self.clock.set(next(hours))
            self.post_movement(ana, 1)
            self.post_invoice(bob, 0)
            # It came after the close, whatever the clock tells
            self.assertEqual(self.month(ana), ('late', 1))
            self.edit_at_once(ana, bob)
            self.take_rights(bob, ana)
            self.make_statements(bob, worker)

            self.clock.set(next(hours))
            self.close(bob)
            self.assertEqual(self.month(ana), ('closed', 0))
            self.post_invoice(ana, 1)
            self.assertEqual(self.month(bob), ('late', 1))
            self.edit_at_once(bob, ana)

            self.clock.set(next(hours))
            self.post_movement(bob, 2)
            self.close(ana)
            self.close(bob)
            self.assertEqual(self.month(bob), ('closed', 0))
            self.make_statements(ana, worker)
            return [ana.asked, bob.asked], self.dump(alone=False)
        finally:
            for process in [*servers, *filter(None, [worker])]:
                process.kill()
            self.clock.set()

    def close(self, session):
        return session.call(
            'model.cae.command.close', COMPANY, MONTH, False, self.context)

    def post_movement(self, session, number):
        session.call(
            'model.coop.share.movement.post', [self.movements[number]],
            self.context)

    def post_invoice(self, session, number):
        session.call(
            'model.account.invoice.post', [self.invoices[number]],
            self.context)

    def month(self, session):
        return read_month(
            session, COMPANY, self.company, self.context)[1:]

    def take_rights(self, one, other):
        "What one gives and takes is so for the other at the next request"
        ana = self.users[LOGINS[0]]

        def may():
            try:
                other.call(
                    'model.cae.payslip.search', [], 0, None, None,
                    self.context)
            except Refused as error:
                self.assertIn('UserError', str(error))
                return False
            return True
        user, = one.call('model.res.user.read', [ana], ['groups'], {})
        self.assertTrue(may())
        for way, expected in [('remove', False), ('add', True)]:
            one.call(
                'model.res.user.write', [ana], {
                    'groups': [(way, user['groups'])]}, {})
            # The caches of another server are told of it
            wait_for(lambda: may() is expected, "the rights")

    def edit_at_once(self, one, other):
        "Of two that edit a party the second is told, however clocks are set"
        ids = one.call(
            'model.party.party.search', [], 0, 1, [('id', 'ASC')],
            self.context)
        read = one.call(
            'model.party.party.read', ids, ['name', '_timestamp'],
            self.context)[0]
        kept = {
            **self.context, '_timestamp': {
                f'party.party,{read["id"]}': read['_timestamp']}}
        other.call(
            'model.party.party.write', ids, {'name': read['name']}, kept)
        with self.assertRaises(Refused) as refused:
            one.call(
                'model.party.party.write', ids, {'name': "Lost"}, kept)
        self.assertIn('ConcurrencyException', str(refused.exception))

    def make_statements(self, session, worker):
        session.call(
            'model.cae.command.statements', COMPANY, MONTH, 'odt', False,
            self.context)

        def made():
            return worker is None or not self.databases.fetch(
                'work', 'SELECT id FROM ir_queue WHERE finished_at IS NULL')
        wait_for(made, "the queue")


del ServerTestCase, ClusterTestCase
