# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Two sessions of a server that do at once what touches the same: whoever
comes first, nothing is doubled or lost, and what is told is so.

COOP_CAE_POINTS tells how many times each pair is tried.
"""
import datetime as dt
import os
import random
import time
from functools import partial

from canonical import differences, same
from expected import set_up_companies, set_up_entries, set_up_people
from server_case import LOGINS, ServerTestCase, enter_invoices, read_month
from server_process import Call, Refused, paused
from test_concurrency import enter_campaign, enter_requests

from trytond.modules.coop_cae.tests.tools import commit
from trytond.modules.coop_shares.tests.tools import Coop, set_up_shares

POINTS = int(os.environ.get('COOP_CAE_POINTS', 1))
COMPANY = 'COOPILOTE'
MONTH = dt.date(2024, 1, 1)


def insist(client, *args, points=None):
    "Call again what the server could not do because of others, as people do"
    while True:
        try:
            return client.call(*args, points=points)
        except Refused as error:
            if error.status != 503:
                raise
            time.sleep(0.1)


class LastSharesTestCase(ServerTestCase):
    modules = ['coop_shares', 'account_fr']
    set_up = [set_up_shares]

    @classmethod
    def prepare(cls):
        super().prepare()

        def enter():
            coop = Coop()
            with coop.context():
                # For 100, of which each asks for 60; 7 at most, each for 4
                campaign = enter_campaign(coop)
                class_ = coop.share_class
                class_.most_shares = 7
                class_.save()
                cls.requests = {
                    'ceiling': enter_requests(
                        coop, ['Ana', 'Bob'], 3, campaign),
                    'most': enter_requests(coop, ['Cleo', 'Cleo'], 4)}
        commit(enter)

    def subscribe(self, client, id_, points=None):
        return insist(
            client, 'model.coop.share.subscription.subscribe', [id_],
            self.context, points=points)

    def test_last_shares(self):
        "Of two sessions that ask for the last shares one has them"
        server = self.server()
        chance = random.Random(POINTS)
        for kind, requests in self.requests.items():
            either = []
            for login, id_ in zip(LOGINS, requests):
                self.databases.copy('template', 'work')
                with server:
                    self.subscribe(self.client(server, login), id_)
                either.append(self.dump())
            for _ in range(POINTS):
                self.databases.copy('template', 'work')
                with server:
                    clients = [self.client(server, login) for login in LOGINS]
                    calls = [
                        Call(self.subscribe, client, id_, {
                                'delays': chance.random()})
                        for client, id_ in zip(clients, requests)]
                    errors = [call.end() for call in calls]
                refused, = filter(None, errors)
                self.assertEqual(refused.error[0], 'UserError', errors)
                found = self.dump()
                self.assertTrue(
                    any(same(found, expected) for expected in either),
                    [differences(found, expected) for expected in either])
                self.do({'action': ['check_register']})


class CloseTestCase(ServerTestCase):
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.of_company(COMPANY)
        cls.invoices = enter_invoices(COMPANY)

    def post(self, client, points=None):
        return insist(
            client, 'model.account.invoice.post', self.invoices,
            self.context, points=points)

    def close(self, client, points=None):
        return insist(
            client, 'model.cae.command.close', COMPANY, MONTH, False,
            self.context, points=points)

    def read(self, client):
        return read_month(client, COMPANY, self.company, self.context)

    def test_close_while_posting(self):
        """An invoice that is posted during the close of its month is in it, or
        is told to have come late until it is closed again"""
        server = self.server()
        chance = random.Random(POINTS)
        self.databases.copy('template', 'work')
        told = {}
        with server:
            client = self.client(server)
            for name in ['post', 'close']:
                getattr(self, name)(client, points={})
                told[name] = client.told['statements']
            expected = self.read(client)
        self.assertEqual(expected[1:], ('closed', 0))
        self.databases.copy('template', 'work')
        with server:
            client = self.client(server)
            self.close(client)
            without = self.read(client)
            self.post(client)
            self.assertEqual(self.read(client)[1:], ('late', 2))
        self.assertNotEqual(without[0], expected[0])
        both = [self.post, self.close]
        tries = [
            partial(self.at_once, *[
                    partial(one, points={'delays': chance.random()})
                    for one in both])
            for _ in range(POINTS)]
        for first, second in [both, reversed(both)]:
            tries.extend(
                partial(self.meanwhile, first, statement, second)
                for statement in chance.sample(
                    range(2, told[first.__name__]), POINTS))
        for attempt in tries:
            with self.subTest(attempt=attempt):
                self.databases.copy('template', 'work')
                with server:
                    clients = [
                        self.client(server, login) for login in LOGINS]
                    attempt(clients)
                    client = clients[0]
                    rows, state, late = self.read(client)
                    left = any(row['due_ytd'] != row['booked'] for row in rows)
                    self.assertEqual(
                        (state, late),
                        ('late', 2) if left else ('closed', 0))
                    self.assertEqual(
                        [row['due_ytd'] for row in rows],
                        [row['due_ytd'] for row in expected[0]])
                    self.close(client)
                    self.assertEqual(self.read(client), expected)
                self.assertRight()

    def at_once(self, one, other, clients):
        calls = [
            Call(function, client)
            for function, client in zip([one, other], clients)]
        self.assertEqual([call.end() for call in calls], [None, None])

    def meanwhile(self, first, statement, second, clients):
        "Do the second while the first waits before a statement"
        with paused(
                partial(first, clients[0]), statement,
                self.databases.folder) as call:
            # It may have to wait for the first, which goes on then
            other = Call(second, clients[1])
            other.join(2)
        self.assertEqual([call.end(), other.end()], [None, None])


del ServerTestCase
