# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tests of what the clients of a server do to a database."""
from process_case import ProcessTestCase
from server_process import Loader, Server

from trytond.modules.coop_cae.tests.tools import commit
from trytond.pool import Pool

LOGINS = ['ana', 'bob']
PASSWORD = 'Deux sessions, un serveur'


class ServerTestCase(ProcessTestCase):
    "The server works on the database work, as users who may do all"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.companies[0]
        cls.loader = Loader(cls.databases, 'template')
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
