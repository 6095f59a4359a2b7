# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Inserting many records at once."""
import datetime as dt
import unittest
from contextlib import nullcontext
from decimal import Decimal
from unittest.mock import patch

from trytond import backend
from trytond.model.exceptions import (
    AccessError, ForeignKeyError, RequiredValidationError, SQLConstraintError)
from trytond.modules.company.tests import set_company
from trytond.modules.coop_ledger import bulk
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.hooks import is_extended
from trytond.modules.coop_ledger.tests.tools import (
    Ledger, LedgerTestCase, count_queries)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction, check_access

D = Decimal
NAMES = ['account', 'move_line', 'debit', 'credit', 'date']


class InsertTestCase(LedgerTestCase):

    def line(self, ledger):
        with set_company(ledger.company):
            posted, = ledger.post(ledger.transfer())
        return posted.lines[0]

    @with_transaction()
    def test_rows(self):
        "Ids are those of the rows, and follow those of the ORM"
        Part = Pool().get('analytic_account.line')
        ledger = Ledger()
        line, date = self.line(ledger), ledger.date
        for number in [1, 3, 1000]:
            rows = [
                (ledger.one.id, line, D(i) / 100, D(0), date)
                for i in range(number)]
            ids = insert(Part, NAMES, iter(rows))
            self.assertEqual(len(set(ids)), number)
            for i, part in enumerate(Part.browse(ids)):
                self.assertEqual(part.debit, D(i) / 100)
                self.assertEqual(part.account, ledger.one)
                self.assertEqual(part.date, date)
                self.assertEqual(part.create_uid.id, Transaction().user)
                self.assertLess(
                    abs(part.create_date - dt.datetime.now()),
                    dt.timedelta(hours=24))
            created, = Part.create([{
                        'account': ledger.one.id, 'move_line': line}])
            self.assertGreater(created.id, max(ids))

    @with_transaction()
    def test_nothing(self):
        Part = Pool().get('analytic_account.line')
        with count_queries() as queries:
            self.assertEqual(insert(Part, NAMES, []), [])
        self.assertEqual(queries, [])

    @with_transaction()
    def test_values(self):
        "Records, texts and defaults are stored as by the model"
        Analytic = Pool().get('analytic_account.account')
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            names = ['period', 'journal', 'date', 'description', 'origin']
            id_, = insert(Move, names, [
                    (ledger.period, ledger.journal, str(ledger.date), "  A ",
                        ledger.year)])
        move = Move(id_)
        self.assertEqual(move.period, ledger.period)
        self.assertEqual(move.date, ledger.date)
        self.assertEqual(move.description, "A")
        self.assertEqual(move.origin, ledger.year)
        self.assertEqual(move.company, ledger.company)
        self.assertEqual(move.state, 'draft')
        id_, = insert(
            Analytic, ['name', 'company', 'type', 'parent', 'root'], [
                ("One", ledger.company, 'normal', ledger.root, ledger.root)])
        account = Analytic(id_)
        self.assertEqual(account.name, "One")
        self.assertEqual(account.state, 'draft')
        self.assertTrue(account.active)
        self.assertIsNone(account.code)

    @with_transaction()
    def test_caches(self):
        "Records that were read before are read again"
        Part = Pool().get('analytic_account.line')
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        line = Line(self.line(ledger))
        self.assertEqual(line.analytic_lines, ())
        counter = Transaction().counter
        ids = insert(Part, NAMES, [
                (ledger.one.id, line.id, D(1), D(0), ledger.date)])
        self.assertGreater(Transaction().counter, counter)
        self.assertEqual(
            [part.id for part in Line(line.id).analytic_lines], ids)

    @with_transaction()
    def test_columns(self):
        "Only what is a column of the table can be inserted"
        pool = Pool()
        Move = pool.get('account.move')
        with self.assertRaises(KeyError):
            insert(Move, ['unknown'], [(1,)])
        for name in ['id', 'create_date', 'lines', 'description_used']:
            with self.assertRaises(ValueError):
                insert(Move, [name], [(1,)])
        with self.assertRaises(ValueError):
            insert(pool.get('account.account'), ['name'], [("A",)])
        for rows in [[(None,)], [(None, None), (None,)]]:
            with self.assertRaises(ValueError):
                insert(Move, ['date', 'number'], rows)

    @with_transaction()
    def test_required(self):
        Part = Pool().get('analytic_account.line')
        ledger = Ledger()
        row = ledger.one.id, self.line(ledger), D(1), D(0), ledger.date
        for i, name in enumerate(NAMES):
            with self.subTest(name=name), \
                    self.assertRaises(RequiredValidationError):
                insert(Part, NAMES, [row, (*row[:i], None, *row[i + 1:]), row])
        with self.assertRaises(RequiredValidationError):
            insert(Part, NAMES[1:], [row[1:]])

    @with_transaction()
    def test_unique(self):
        JournalPeriod = Pool().get('account.journal.period')
        ledger = Ledger()
        row = ledger.journal.id, ledger.period.id
        with self.assertRaises(SQLConstraintError):
            insert(JournalPeriod, ['journal', 'period'], [row, row])

    @with_transaction()
    def test_references(self):
        Part = Pool().get('analytic_account.line')
        ledger = Ledger()
        line = self.line(ledger)
        rows = [
            (id_, line, D(1), D(0), ledger.date)
            for id_ in [ledger.one.id, -1, ledger.two.id]]
        with check_references(), self.assertRaises(ForeignKeyError) as raised:
            insert(Part, NAMES, rows)
        self.assertIn('"-1"', raised.exception.message)
        self.assertIn('"Account"', raised.exception.message)

    @with_transaction()
    def test_access(self):
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        Part = pool.get('analytic_account.line')
        User = pool.get('res.user')
        ledger = Ledger()
        rows = [
            (ledger.one.id, self.line(ledger), D(1), D(0), ledger.date)]
        admin = Group(ModelData.get_id(
                'analytic_account', 'group_analytic_admin'))
        accountant = Group(ModelData.get_id('account', 'group_account'))
        for number, (groups, companies, allowed) in enumerate([
                    ([], [ledger.company], False),
                    ([admin, accountant], [ledger.company], True),
                    ([admin, accountant], [], False)]):
            user = User(
                name="User", login=f"user{number}", groups=groups,
                companies=companies, company=(companies or [None])[0])
            user.save()
            with self.subTest(groups=groups, companies=companies), \
                    Transaction().set_user(user.id), \
                    Transaction().set_context(
                        User.get_preferences(context_only=True)), \
                    check_access():
                if allowed:
                    self.assertTrue(insert(Part, NAMES, rows))
                else:
                    with self.assertRaises(AccessError):
                        insert(Part, NAMES, rows)

    @with_transaction()
    def test_queries(self):
        Part = Pool().get('analytic_account.line')
        ledger = Ledger()
        row = ledger.one.id, self.line(ledger), D(1), D(0), ledger.date
        insert(Part, NAMES, [row])
        counts = []
        for number in [2, 500]:
            with count_queries() as queries:
                insert(Part, NAMES, [row] * number)
            counts.append(len(queries))
        self.assertEqual(*counts)


def check_references():
    "Let an unknown record be refused also where the database does not look"
    if backend.name == 'postgresql':
        return nullcontext()
    return patch.object(
        bulk, '_write', side_effect=backend.DatabaseIntegrityError)


class HooksTestCase(unittest.TestCase):

    def test_extended(self):
        class Base:
            __module__ = 'trytond.model.modelstorage'

            def validate(self):
                pass

        class Core(Base):
            __module__ = 'trytond.modules.account.move'

            def on_modification(self):
                pass

        class Silent(Core):
            __module__ = 'trytond.modules.other.account'

            def get_rec_name(self):
                pass

        class Other(Silent):
            __module__ = 'trytond.modules.other.move'

            def validate_fields(self):
                pass
        for class_, known, extended in [
                (Core, {'account'}, False), (Core, set(), True),
                (Silent, {'account'}, False), (Other, {'account'}, True),
                (Other, {'account', 'other'}, False)]:
            with self.subTest(class_=class_, known=known):
                self.assertEqual(is_extended(class_, known), extended)
