# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is posted stays as it is, whoever tries to change it over RPC, with all
the rights that Tryton can give."""
import datetime as dt
from decimal import Decimal

from trytond.exceptions import TrytonException
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.sealed_books import (
    BOOKS, TRACES, BooksTestCase)
from trytond.modules.coop_cae.tests.tools import Cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

D = Decimal
LEDGER = ['account.move', 'account.move.line']
# Tables of what may be written, which must not change the books
GUARDED = [
    *BOOKS, 'cae.close', 'cae.payslip', 'account.period',
    'account.fiscalyear', 'account.account', 'account.journal',
    'ir.sequence.strict']


class SealedBooksTestCase(BooksTestCase):

    @with_transaction()
    def test_write(self):
        "No field of anything changes the books"
        self.post_books()
        books = self.books()
        tried, refused = 0, 0
        with self.anybody():
            for name in GUARDED:
                Model = Pool().get(name)
                # One of each kind is enough
                record = self.records(name)[-1]
                for field_name, field in Model._fields.items():
                    if (field_name in TRACES or isinstance(
                                field, (fields.One2Many, fields.Many2Many))
                            or isinstance(field, fields.Function)
                            and not field.setter):
                        continue
                    with self.subTest(name, field=field_name):
                        values = [self.other(record, field_name)]
                        if not field.required:
                            values.append(None)
                        for value in values:
                            tried += 1
                            refused += self.attempt(
                                books, name, 'write', [record.id],
                                {field_name: value})
        self.assertGreater(tried, 150)
        self.assertGreater(refused, 100)

    @with_transaction()
    def test_delete_and_copy(self):
        self.post_books()
        books = self.books()
        with self.anybody():
            for name in GUARDED:
                # What was a letter may be none any more
                if name == 'account.move.reconciliation':
                    continue
                for record in self.records(name)[:3]:
                    with self.subTest(name, record=record.id):
                        self.attempt(books, name, 'delete', [record.id])
                        # Another one against a constraint ends the
                        # transaction of a database in memory
                        if name in LEDGER:
                            self.attempt(books, name, 'copy', [record.id])

    @with_transaction()
    def test_buttons(self):
        "Each button adds to the books, or does nothing"
        self.post_books()
        books = self.books()
        pressed = 0
        with self.anybody():
            for name in GUARDED:
                Model = Pool().get(name)
                for button in Model._buttons:
                    if button not in Model.__rpc__:
                        continue
                    with self.subTest(name, button=button):
                        pressed += 1
                        self.attempt(
                            books, name, button,
                            [self.records(name)[-1].id])
        self.assertGreater(pressed, 10)

    @with_transaction()
    def test_more_in_posted_moves(self):
        "Nothing is added to a posted move, its lines or a letter"
        self.post_books()
        Line = Pool().get('account.move.line')
        books = self.books()
        line, = Line.search([
                ('reconciliation', '!=', None), ('debit', '>', 0)], limit=1)
        other, = Line.search([
                ('reconciliation', '=', None), ('party', '!=', None)], limit=1)
        part = line.analytic_lines[0]
        new_line = {
            'account': line.account.id, 'party': line.party.id,
            'debit': D(1), 'credit': D(0)}
        new_part = {
            'account': part.account.id, 'debit': D(1), 'credit': D(0),
            'date': part.date}
        with self.anybody():
            for args in [
                    ('account.move', 'write', [line.move.id], {
                            'lines': [('create', [new_line])]}),
                    ('account.move', 'write', [line.move.id], {
                            'lines': [('delete', [line.id])]}),
                    ('account.move', 'write', [line.move.id], {
                            'lines': [('write', [line.id], {
                                        'description': "X"})]}),
                    ('account.move.line', 'create', [
                            {**new_line, 'move': line.move.id}]),
                    ('account.move.line', 'write', [line.id], {
                            'analytic_lines': [('create', [new_part])]}),
                    ('account.move.line', 'write', [line.id], {
                            'analytic_lines': [('delete', [part.id])]}),
                    ('account.move.line', 'write', [line.id], {
                            'reconciliation': None}),
                    ('account.move.line', 'write', [other.id], {
                            'reconciliation': line.reconciliation.id}),
                    ('account.move.reconciliation', 'write',
                        [line.reconciliation.id], {'number': 'X'}),
                    ('analytic_account.line', 'create', [
                            {**new_part, 'move_line': line.id}]),
                    ('coop.fec.entry', 'create', [{
                                'company': self.cae.company.id}]),
                    ]:
                with self.subTest(args[:2], values=args[-1]):
                    self.assertTrue(self.attempt(books, *args))

    @with_transaction()
    def test_posted_by_a_field(self):
        "Nothing is posted, numbered or dated but with the button"
        self.post_books()
        pool = Pool()
        Journal = pool.get('account.journal')
        books = self.books()
        values = {
            'company': self.cae.company.id, 'date': dt.date(2024, 3, 1),
            'period': self.cae.period(3).id,
            'journal': Journal.search([], limit=1)[0].id}
        with self.anybody():
            draft, = call('account.move', 'create', [values])
            for change in [
                    {'state': 'posted'}, {'number': '99'},
                    {'post_date': dt.date(2024, 3, 1)}]:
                with self.subTest(change):
                    self.assertTrue(self.attempt(
                            books, 'account.move', 'write', [draft], change))
                    self.assertTrue(self.attempt(
                            books, 'account.move', 'create',
                            [{**values, **change}]))
            self.assertFalse(self.attempt(
                    books, 'account.move', 'write', [draft],
                    {'description': "X", 'state': 'draft'}))

    @with_transaction()
    def test_numbers(self):
        "Nobody turns the sequence of what is numbered"
        self.post_books()
        pool = Pool()
        Sequence = pool.get('ir.sequence.strict')
        Shares = pool.get('coop.share.configuration')
        cae = self.cae
        used = cae.period(1).move_sequence_used
        movements = Shares(1).get_setting('movement_sequence', cae.company)
        unused = Sequence(
            name="New", company=cae.company, sequence_type=used.sequence_type)
        unused.save()
        with self.anybody():
            for sequence in [used, movements]:
                for values in [
                        {'number_next': 1}, {'number_next': 1000},
                        {'number_next_internal': 1000},
                        {'number_increment': 2}, {'prefix': 'X'},
                        {'suffix': 'X'}, {'padding': 9},
                        {'type': 'decimal timestamp'}]:
                    with self.subTest(sequence.name, values=values):
                        with self.assertRaises(AccessError):
                            call('ir.sequence.strict', 'write',
                                [sequence.id], values)
                with self.assertRaises(AccessError):
                    call('ir.sequence.strict', 'delete', [sequence.id])
                call('ir.sequence.strict', 'write', [sequence.id], {
                        'name': "Renamed"})
            call('ir.sequence.strict', 'write', [unused.id], {
                    'number_next': 5, 'prefix': '2025-'})
            with self.assertRaises(AccessError):
                call('account.period', 'write', [cae.period(1).id], {
                        'move_sequence': unused.id})
            with self.assertRaises(AccessError):
                call('account.fiscalyear', 'write',
                    [cae.period(1).fiscalyear.id], {
                        'move_sequence': unused.id})

    @with_transaction()
    def test_invoice_numbers(self):
        cae = Cae()
        self.cae = cae
        with cae.context():
            sequence = cae.period(1).fiscalyear.invoice_sequences[
                0].out_invoice_sequence
            with self.anybody():
                call('ir.sequence.strict', 'write', [sequence.id], {
                        'number_next': 10})
            invoice = Invoicing().invoice(
                ('706', '100.00', 'A1'), date=dt.date(2024, 1, 15))
            self.assertEqual(invoice.number, '10')
            with self.anybody(), self.assertRaises(AccessError):
                call('ir.sequence.strict', 'write', [sequence.id], {
                        'number_next': 20})

    @with_transaction()
    def test_no_gap(self):
        "What is refused takes no number"
        self.post_books()
        Move = Pool().get('account.move')
        cae = self.cae
        with cae.context():
            for month in [3, 4]:
                with self.assertRaises(TrytonException):
                    # Out of balance
                    cae.post(dt.date(2024, month, 1), (
                            '4111', '10.00', None), ('706', '-9.00', 'A1'))
                cae.sell(dt.date(2024, month, 1), '10.00')
                self.assertFalse(cae.close(month).faults)
            numbers = sorted(
                int(m.number) for m in Move.search([
                        ('company', '=', cae.company.id),
                        ('state', '=', 'posted')]))
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    @with_transaction()
    def test_locked_year(self):
        "A locked period or year is not opened again, whatever the way"
        self.post_books()
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Period = pool.get('account.period')
        cae = self.cae
        with cae.context():
            period = cae.period(1)
            Period.close([period])
            with self.anybody():
                with self.assertRaises(AccessError):
                    call('account.period', 'write', [period.id], {
                            'state': 'open'})
                with self.assertRaises(TrytonException):
                    cae.sell(dt.date(2024, 1, 20), '10.00')
            Period.lock_([period])
            # As when all its accounts of the year were brought to zero
            FiscalYear.write([period.fiscalyear], {'state': 'locked'})
            with self.anybody():
                for name, record in [
                        ('account.period', period),
                        ('account.fiscalyear', period.fiscalyear)]:
                    for state in ['open', 'closed']:
                        with self.subTest(name, state=state):
                            with self.assertRaises(AccessError):
                                call(name, 'write', [record.id], {
                                        'state': state})
                    with self.assertRaises(TrytonException):
                        call(name, 'reopen', [record.id])
                for values in [
                        {'start_date': dt.date(2024, 1, 2)},
                        {'end_date': dt.date(2024, 1, 30)},
                        {'type': 'adjustment'}]:
                    with self.assertRaises(AccessError):
                        call('account.period', 'write', [period.id], values)

    @with_transaction()
    def test_account_code(self):
        "An account with posted lines keeps its number"
        self.post_books()
        cae = self.cae
        with cae.context(), self.anybody():
            with self.assertRaises(AccessError):
                call('account.account', 'write', [cae.account('706').id], {
                        'code': '101'})
            call('account.account', 'write', [cae.account('706').id], {
                    'name': "Prestations"})
            call('account.account', 'write', [cae.account('7085').id], {
                    'code': '70850'})

    @with_transaction()
    def test_replaced_party(self):
        "Nobody takes the posted lines of another"
        self.post_books()
        pool = Pool()
        Replace = pool.get('party.replace', type='wizard')
        cae = self.cae
        books = self.books()
        person, other = cae.person('E1').party, cae.party()
        with cae.context(), self.anybody():
            session = Replace.create()[0]
            replace = Replace(session)
            replace.ask.source = person
            replace.ask.destination = other
            with savepoint() as point, \
                    Transaction().set_context(_skip_warnings=True):
                point.undo = True
                with self.assertRaises(AccessError):
                    replace.transition_replace()
        self.assertKept(books)
