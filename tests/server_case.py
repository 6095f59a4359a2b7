# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tests of what the clients of a server do to a database."""
import datetime as dt
from unittest.mock import patch

from expected import Group
from process_case import ProcessTestCase
from server_process import Loader, Server

from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import commit
from trytond.modules.coop_shares.tests.tools import book
from trytond.pool import Pool
from trytond.transaction import Transaction

LOGINS = ['ana', 'bob']
PASSWORD = 'Deux sessions, un serveur'


class ServerTestCase(ProcessTestCase):
    "The server works on the database work, as users who may do all"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.companies[0]
        cls.loader = Loader(
            cls.databases, 'template', environ=cls.loader_environ())
        cls.addClassCleanup(cls.loader.close)

    @classmethod
    def prepare(cls):
        cls.users = {}
        commit(cls._add_users)

    @classmethod
    def _add_users(cls):
        pool = Pool()
        Company = pool.get('company.company')
        Group = pool.get('res.group')
        User = pool.get('res.user')
        companies = Company.search([], order=[('id', 'ASC')])
        cls.companies = [c.id for c in companies]
        for login in LOGINS:
            user, = User.create([{
                        'name': login, 'login': login, 'password': PASSWORD,
                        'companies': [('add', cls.companies)],
                        'company': cls.companies[0],
                        'company_filter': 'all',
                        'groups': [
                            ('add', [g.id for g in Group.search([])])],
                        }])
            cls.users[login] = user.id

    @classmethod
    def loader_environ(cls):
        return {}

    @classmethod
    def of_company(cls, code):
        "Let the company be the current one"
        found = []
        commit(lambda: found.append(Group('small').company(code).id))
        cls.companies.sort(key=lambda c: c != found[-1])

    def server(self, **options):
        "Return a server that is gone with the test"
        server = Server(
            self.databases, **{'loader': self.loader, **options})
        self.addCleanup(server.kill)
        return server

    def client(self, server, login=LOGINS[0]):
        return server.client(login, PASSWORD)

    @property
    def context(self):
        return {
            'company': self.company, 'companies': self.companies,
            'language': 'en'}


def enter_movements(code):
    "Return the ids of three movements of shares to post, which are paid"
    found = []

    def enter():
        pool = Pool()
        Class = pool.get('coop.share.class')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        company = Group('small').company(code)
        with Transaction().set_context(
                company=company.id, companies=[company.id]):
            class_, = Class.search([('company', '=', company.id)])
            members = Member.search([
                    ('company', '=', company.id), ('exit_date', '=', None),
                    ], limit=3)
            for member in members:
                book(
                    company, '5121', '4563', 1000, dt.date(2024, 2, 1),
                    member.party)
            found[:] = [m.id for m in Movement.create([{
                            'company': company.id, 'type': 'subscription',
                            'date': dt.date(2024, 2, 10 + i),
                            'member': member.id, 'share_class': class_.id,
                            'quantity': 1 + i,
                            } for i, member in enumerate(members)])]
    commit(enter)
    return found


def enter_invoices(code):
    "Return the ids of two draft invoices of January"
    found = []

    def enter():
        invoicing = Invoicing(code)
        with invoicing.context(), \
                patch.object(Pool().get('account.invoice'), 'post'):
            found[:] = [
                invoicing.invoice(
                    ('706', amount, activity), activity=activity,
                    date=dt.date(2024, 1, day)).id
                for day, activity, amount in [
                    (10, 'A0014', '1000.00'), (11, 'A0015', '250.00')]]
    commit(enter)
    return found


def read_month(client, code, company, context):
    """Return what is due and booked at the end of January, where the month
    stands and how many entries came late"""
    end = dt.date(2024, 1, 31)
    columns, rows = client.call(
        'model.cae.command.report', 'contributions', [code], end, context)
    month, = client.call(
        'model.cae.company.month.search_read', [
            ('company', '=', company), ('start_date', '=', end.replace(day=1)),
            ], 0, None, None, ['state', 'late'],
        {**context, 'month_date': end})
    return (
        [dict(zip(columns, row)) for row in rows], month['state'],
        month['late'])
