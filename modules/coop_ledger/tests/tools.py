# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Helpers for the tests of this module and of those on top of it."""
import datetime as dt
import unittest
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.account.tests import create_chart as add_chart
from trytond.modules.account.tests import get_fiscalyear
from trytond.modules.account.tests.tools import create_chart
from trytond.modules.company.tests import create_company as add_company
from trytond.modules.company.tests import set_company
from trytond.modules.company.tests.tools import create_company
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.coop_ledger.entry_data import analytic_line
from trytond.pool import Pool
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


@contextmanager
def count_queries():
    "Collect the queries made within"
    queries = []
    transaction = Transaction()
    connection = _Connection(transaction.connection, queries)
    with patch.object(transaction, 'connection', connection):
        yield queries


class _Proxy:

    def __init__(self, target, queries):
        self._target, self._queries = target, queries

    def __getattr__(self, name):
        return getattr(self._target, name)


class _Connection(_Proxy):

    def cursor(self, *args, **kwargs):
        return _Cursor(self._target.cursor(*args, **kwargs), self._queries)


class _Cursor(_Proxy):

    def __enter__(self):
        self._target.__enter__()
        return self

    def __exit__(self, *exception):
        return self._target.__exit__(*exception)

    def __iter__(self):
        return iter(self._target)

    def execute(self, query, *args):
        self._queries.append(query)
        return self._target.execute(query, *args)

    def executemany(self, query, *args):
        self._queries.append(query)
        return self._target.executemany(query, *args)

    def copy(self, query, *args):
        self._queries.append(query)
        return self._target.copy(query, *args)


def add_other_company(config=None):
    "Create a second company with its chart"
    with Transaction().start(config.database_name, 1) as transaction:
        company = add_company("Other")
        with set_company(company):
            add_chart(company)
        transaction.commit()


class LedgerTestCase(unittest.TestCase):
    "A test case on a database with two companies and their charts"
    modules = ['coop_ledger', 'analytic_account']

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(
            cls.modules, create_company, create_chart, add_other_company)


class Ledger:
    """A company with its chart, its year and an analytic root, if any

    number is that of the company in the database.
    """

    def __init__(self, number=0):
        pool = Pool()
        Account = pool.get('account.account')
        Company = pool.get('company.company')
        Journal = pool.get('account.journal')
        Party = pool.get('party.party')
        # At once, else the transaction starts again in the middle of a test
        pool.get('account.journal.period').lock()
        self.company = Company.search([], order=[('id', 'ASC')])[number]
        with set_company(self.company):
            self.year = get_fiscalyear(
                self.company, today=dt.date(2024, 6, 15))
            self.year.save()
            self.year.create_period([self.year])
            self.period = self.year.periods[0]
            self.date = self.period.start_date
            self.journal = Journal.search([], limit=1)[0]
            self.party = Party(name="Party")
            self.party.save()

            def account(*domain):
                return Account.search([
                        ('company', '=', self.company.id),
                        ('type', '!=', None), ('closed', '!=', True),
                        *domain], limit=1)[0]
            self.receivable = account(('type.receivable', '=', True))
            self.revenue = account(('type.revenue', '=', True))
            self.cash = account(
                ('type.statement', '=', 'balance'),
                ('party_required', '=', False), ('reconcile', '=', False))
            if analytic_line():
                self.root, self.one, self.two = self.analytic_accounts(
                    "Root", "One", "Two")

    def analytic_accounts(self, root, *names):
        "Return a new root and the accounts below it"
        Account = Pool().get('analytic_account.account')
        root = Account(
            type='root', name=root, company=self.company, state='opened')
        root.save()
        return [root, *Account.create([{
                        'type': 'normal', 'name': name, 'root': root.id,
                        'parent': root.id, 'company': self.company.id,
                        'state': 'opened',
                        } for name in names])]

    def entry(self, *lines, date=None, journal=None, **values):
        return Entry(
            journal=(journal or self.journal).id, date=date or self.date,
            lines=lines, **values)

    def transfer(self, amount='10.00', date=None, **values):
        "Return an entry of two lines, with values on the first one"
        amount = D(amount)
        values.setdefault('account', self.cash.id)
        return self.entry(
            EntryLine(debit=amount, **values),
            EntryLine(self.cash.id, credit=amount), date=date)

    def sale(self, amount='100.00', parts=None):
        amount = D(amount)
        if parts is None and analytic_line():
            parts = (Part(self.one.id, credit=amount),)
        return self.entry(
            EntryLine(
                self.receivable.id, debit=amount, party=self.party.id,
                maturity_date=self.date, description="Line"),
            EntryLine(self.revenue.id, credit=amount, parts=parts or ()),
            description="Sale")

    def post(self, *entries):
        Move = Pool().get('account.move')
        return Move.post_entries(self.company, entries)

    def post_by_orm(self, *entries):
        "Create and post the moves of the entries as a client does"
        pool = Pool()
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        moves = Move.create([{
                    'company': self.company.id,
                    'period': entry.period or Period.find(
                        self.company, date=entry.date),
                    'journal': entry.journal,
                    'date': entry.date,
                    'description': entry.description,
                    'origin': entry.origin,
                    'lines': [('create', [_line_values(line, entry.date)
                                for line in entry.lines])],
                    } for entry in entries])
        Move.post(moves)
        return moves


def _line_values(line, date):
    values = {
        'account': line.account, 'debit': line.debit, 'credit': line.credit,
        'party': line.party, 'description': line.description,
        'maturity_date': line.maturity_date, 'origin': line.origin,
        'second_currency': line.second_currency,
        'amount_second_currency': line.amount_second_currency,
        }
    if line.parts:
        values['analytic_lines'] = [('create', [{
                        'account': part.account, 'debit': part.debit,
                        'credit': part.credit, 'date': date,
                        } for part in line.parts])]
    return values
