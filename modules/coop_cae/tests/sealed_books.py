# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Books that are posted, and somebody with all the rights who tries to change
what they say over RPC."""
import datetime as dt
import unittest
from contextlib import contextmanager

from trytond.exceptions import TrytonException
from trytond.model import fields
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

# What the law looks at, and the columns that live on after posting: letters,
# dates of payment, what reverses a record, and what Tryton keeps of its own
BOOKS = {
    'account.move': {'lines'},
    'account.move.line': {
        'reconciliation', 'maturity_date', 'analytic_state'},
    'analytic_account.line': set(),
    'account.move.reconciliation': set(),
    'coop.share.movement': set(),
    'coop.share.withholding': set(),
    'cae.contribution': set(),
    'cae.payslip.activity': set(),
    }
TRACES = {'id', 'create_uid', 'create_date', 'write_uid', 'write_date'}


class BooksTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def setUp(self):
        super().setUp()
        self.cae = None

    def post_books(self):
        "Close two months with pay, shares and letters; lock nothing yet"
        pool = Pool()
        Close = pool.get('cae.close')
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        # Else the test begins again when a button locks them
        for name in [
                'account.fiscalyear', 'account.period', 'account.move',
                'account.journal.period', 'ir.sequence.strict',
                'coop.member']:
            pool.get(name).lock()
        self.cae = cae = Cae()
        with cae.context():
            Close.lock_all(cae.company, Close.periods(cae.company))
            sale = cae.sell(dt.date(2024, 1, 10), '1000.00')
            cae.payslip('E1', 1, '2500.00')
            for month in [1, 2]:
                self.assertFalse(cae.close(month).faults)
            mirror, = Move.reverse_entries([sale.move])
            self.assertTrue(Line(sale.lines[0]).reconciliation)

    @contextmanager
    def anybody(self):
        "Work as a user of all groups, but those who are confined to theirs"
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        confined = ModelData.get_id('coop_cae', 'group_cae_entrepreneur')
        company = self.cae.company
        user = User(
            name="Anybody", login=f'anybody {len(User.search([]))}',
            companies=[company], company=company,
            groups=Group.search([('id', '!=', confined)]))
        user.save()
        with Transaction().set_user(user.id), Transaction().set_context(
                company=company.id, companies=[company.id]):
            yield

    def books(self):
        "Return what the books say, by table and id"
        cursor = Transaction().connection.cursor()
        books = {}
        for name, living in BOOKS.items():
            Model = Pool().get(name)
            table = Model.__table__()
            columns = [
                n for n, f in Model._fields.items()
                if f.sql_type() and not isinstance(f, fields.Function)
                and n not in living | TRACES]
            cursor.execute(*table.select(
                    table.id, *(getattr(table, n) for n in columns)))
            for id_, *values in cursor:
                books[name, id_] = tuple(map(str, values))
        return books

    def assertKept(self, books):
        "What was posted is there still; more may have been posted"
        found = self.books()
        for key, values in books.items():
            self.assertEqual(found.get(key), values, key)

    def attempt(self, books, *args, **context):
        "Try something, test the books, take it back; tell if it was refused"
        with savepoint() as point:
            point.undo = True
            try:
                call(*args, _skip_warnings=True, **context)
            except (TrytonException, NotImplementedError):
                return True
            self.assertKept(books)
            return False

    def records(self, name):
        return Pool().get(name).search([])

    def other(self, record, name):
        "Return another value of a field, in the way of a client"
        field = record._fields[name]
        if isinstance(field, fields.Function):
            field = field._field
        value = getattr(record, name)
        if isinstance(field, fields.Many2One):
            Target = Pool().get(field.model_name)
            others = Target.search([
                    ('id', '!=', value.id if value else -1),
                    *self._like(Target, value)], limit=1)
            return others[0].id if others else None
        elif isinstance(field, fields.Selection):
            selection = field.selection
            if isinstance(selection, str):
                return None
            return next(
                (k for k, _ in selection if k and k != value), None)
        elif isinstance(field, fields.Boolean):
            return not value
        elif isinstance(field, (fields.Timestamp, fields.DateTime)):
            return dt.datetime(2020, 1, 1)
        elif isinstance(field, fields.Date):
            return (value or dt.date(2024, 1, 1)) + dt.timedelta(1)
        elif isinstance(field, fields.Numeric):
            return (value or 0) + 1
        elif isinstance(field, (fields.Integer, fields.Float)):
            return (value or 0) + 1
        elif isinstance(field, (fields.Char, fields.Text)):
            return 'X'
        return None

    def _like(self, Target, value):
        "Return the domain of what could stand in the place of the value"
        domain = []
        if 'company' in Target._fields:
            domain.append(('company', '=', self.cae.company.id))
        if Target.__name__ == 'account.account' and value and value.type:
            domain += [
                ('type.statement', '=', value.type.statement),
                ('party_required', '=', value.party_required),
                ('closed', '!=', True)]
        elif Target.__name__ == 'account.account.type' and value:
            domain.append(('statement', '=', value.statement))
        elif Target.__name__ == 'analytic_account.account' and value:
            domain.append(('type', '=', value.type))
        return domain
