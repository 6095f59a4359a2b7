# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from collections import defaultdict
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proteus import Model
from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.account.tests.tools import create_chart
from trytond.modules.company.tests.tools import create_company
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.modules.coop_ledger.files.fec import LEGAL, read_fec
from trytond.modules.coop_ledger.files.problem import Problem
from trytond.modules.coop_ledger.tests.test_files_fec import (
    NAME, cells, fec, sale)
from trytond.modules.currency.tests.tools import get_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

DATA = Path(__file__).parents[3] / 'data' / 'fec'
REAL = {
    'istea_123456789FEC20201231.txt': 15,
    'quadra_123456789FEC20190731.txt': 2315,
    }
MODELS = [
    'account.account', 'account.fiscalyear', 'account.journal',
    'account.journal.period', 'account.move', 'account.move.line',
    'account.move.reconciliation', 'account.period', 'coop.fec.auxiliary',
    'coop.fec.entry', 'coop.fec.import', 'ir.sequence.strict',
    'party.party']


def setup_fec_company(config=None):
    Party = Model.get('party.party', config=config)
    party = Party(name="Coopérative")
    identifier = party.identifiers.new()
    identifier.type = 'fr_siren'
    identifier.code = '123456782'
    party.save()
    create_company(
        party, currency=get_currency('EUR', config=config), config=config)
    create_chart(chart='account_fr.root', config=config)


def load_french():
    "Load the French of the module alone: all of them take long"
    Translation = Pool().get('ir.translation')
    path = Path(__file__).parents[1] / 'locale' / 'fr.po'
    Translation.translation_import('fr', 'coop_ledger', str(path))


def company():
    company, = Pool().get('company.company').search([])
    return company


def import_(*lines, name=NAME, header=LEGAL, **kwargs):
    return import_data(fec(*lines, header=header), name, **kwargs)


def import_data(data, name=NAME, **kwargs):
    FecImport = Pool().get('coop.fec.import')
    return FecImport.import_file(company(), data, name, **kwargs)


def state():
    "Return what the database holds"
    cursor = Transaction().connection.cursor()
    counts = {}
    for name in MODELS:
        table = Pool().get(name)._table
        cursor.execute(f'SELECT COUNT(*), MAX(id) FROM "{table}"')
        counts[name] = cursor.fetchone()
    return counts


def query(sql):
    cursor = Transaction().connection.cursor()
    cursor.execute(sql)
    return list(map(tuple, cursor.fetchall()))


def cents(amount):
    # SQLite sums floats
    return Decimal(str(amount)).quantize(Decimal('0.01'))


def lines(account=None):
    Line = Pool().get('account.move.line')
    return Line.search(
        [('account.code', '=', account)] if account else [],
        order=[('id', 'ASC')])


def account(code):
    account, = Pool().get('account.account').search([('code', '=', code)])
    return account


def counts(result, *names):
    return tuple(result[n] for n in names)


@contextmanager
def count_queries():
    "Count the queries to the database"
    from trytond import backend
    queries = []
    connection = Transaction().connection
    if backend.name == 'sqlite':
        connection.set_trace_callback(queries.append)
        try:
            yield queries
        finally:
            connection.set_trace_callback(None)
    else:
        cursor_class = connection.cursor_factory
        execute = cursor_class.execute

        def counted(self, query, *args, **kwargs):
            queries.append(query)
            return execute(self, query, *args, **kwargs)
        with patch.object(cursor_class, 'execute', counted):
            yield queries


class FecImportTestCase(unittest.TestCase):
    "Test the import of accounting entries files"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_ledger', 'account_fr'], setup_fec_company)

    def assertRefused(self, code, *lines, data=None, **kwargs):
        "Assert that the file is refused and nothing is written"
        before = state()
        if data is None:
            data = fec(*lines, header=kwargs.pop('header', LEGAL))
        with self.assertRaises(FileError) as manager:
            import_data(data, **kwargs)
        self.assertIn(code, {p.code for p in manager.exception.problems})
        self.assertEqual(state(), before)
        return manager.exception.message

    # Real files

    def check_trial_balance(self, data, name):
        sums = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
        for line in read_fec(data, name).lines:
            row = sums[line.account]
            row[0] += 1
            row[1] += line.debit
            row[2] += line.credit
        self.assertEqual({
                code: [count, *(cents(a) for a in amounts)]
                for code, count, *amounts in query("""
                    SELECT a.code, COUNT(*), SUM(l.debit), SUM(l.credit)
                    FROM account_move_line l
                    JOIN account_account a ON a.id = l.account
                    GROUP BY a.code""")},
            sums)

    def check_reconciliations(self):
        "Check what Tryton checks of each reconciliation"
        self.assertEqual(query("""
                SELECT l.reconciliation FROM account_move_line l
                JOIN account_account a ON a.id = l.account
                WHERE l.reconciliation IS NOT NULL
                GROUP BY l.reconciliation
                HAVING ABS(SUM(l.debit - l.credit)) > 0.001
                    OR COUNT(DISTINCT l.account) > 1
                    OR COUNT(DISTINCT COALESCE(l.party, 0)) > 1
                    OR MIN(CASE WHEN a.reconcile THEN 1 ELSE 0 END) = 0
                """), [])

    def check_real_file(self, name):
        data = (DATA / name).read_bytes()
        expected = read_fec(data, name)
        result = import_data(data, name, force=True)
        self.assertEqual(
            counts(result, 'new_entries', 'new_lines', 'reconciliations'),
            (len(expected.entries), len(expected.lines), REAL[name]))
        self.check_trial_balance(data, name)
        self.check_reconciliations()
        self.assertEqual(query("""
                SELECT COUNT(*), COUNT(DISTINCT number) FROM account_move
                WHERE state = 'posted'"""),
            [(len(expected.entries), len(expected.entries))])
        before = state()
        again = import_data(data, name, force=True)
        self.assertEqual(
            counts(
                again, 'entries', 'new_entries', 'new_lines', 'accounts',
                'parties', 'journals', 'fiscalyears', 'reconciliations'),
            (len(expected.entries), 0, 0, 0, 0, 0, 0, 0))
        self.assertEqual(state(), before)

    @with_transaction()
    def test_istea(self):
        self.check_real_file('istea_123456789FEC20201231.txt')

    @with_transaction()
    def test_quadra(self):
        self.check_real_file('quadra_123456789FEC20190731.txt')

    # What is created

    @with_transaction()
    def test_accounts(self):
        result = import_(
            cells(debit='120,00', aux='C1', letter='AA'),
            cells(account='445710', credit='20,00'),
            cells(account='70600001', credit='100,00'))
        self.assertEqual(result['accounts'], 3)
        customer = account('411000')
        self.assertEqual(customer.parent.code, '411')
        self.assertEqual(customer.type, account('411').type)
        self.assertEqual(customer.name, "Compte 411000")
        self.assertTrue(customer.party_required)
        self.assertTrue(customer.reconcile)
        tax = account('445710')
        self.assertEqual(tax.parent.code, '44571')
        self.assertFalse(tax.party_required)
        self.assertFalse(tax.reconcile)
        self.assertEqual(account('70600001').type, account('706').type)
        self.assertLess(account('411').left, customer.left)
        self.assertGreater(account('411').right, customer.right)

    @with_transaction()
    def test_account_of_the_chart(self):
        "An account that is there is taken, with a party if its lines have"
        capital = account('10131')
        self.assertFalse(capital.party_required)
        result = import_(
            cells(account='10131', aux='E1', credit='20,00', letter='A'),
            cells(account='5121', debit='20,00'),
            cells(number='2', account='10131', aux='E1', debit='20,00',
                letter='A'),
            cells(number='2', account='5121', credit='20,00'))
        self.assertEqual(result['accounts'], 0)
        self.assertEqual(result['reconciliations'], 1)
        capital = account('10131')
        self.assertTrue(capital.party_required)
        self.assertTrue(capital.reconcile)
        self.assertTrue(capital.template_override)
        self.assertEqual(len(result['notes']), 2)
        self.assertIn('10131', result['notes'][0])
        self.assertFalse(account('5121').template_override)

    @with_transaction()
    def test_account_that_the_chart_divides(self):
        self.assertTrue(account('512').closed)
        result = import_(
            cells(account='512', debit='20,00'),
            cells(account='471000', credit='20,00'))
        self.assertFalse(account('512').closed)
        self.assertIn('512', result['notes'][0])

    @with_transaction()
    def test_account_without_type(self):
        result = import_(
            cells(account='70850000', credit='20,00'),
            cells(account='512000', debit='20,00'))
        self.assertEqual(
            account('70850000').type.statement, 'income')
        self.assertIn('70850000', result['notes'][0])

    @with_transaction()
    def test_account_unknown(self):
        message = self.assertRefused(
            'fec_no_parent',
            cells(account='999000', credit='20,00'),
            cells(account='512000', debit='20,00'))
        self.assertIn('999000', message)

    @with_transaction()
    def test_account_closed(self):
        Account = Pool().get('account.account')
        Account.write([account('5121')], {
                'closed': True, 'template_override': True})
        self.assertRefused(
            'fec_account_closed',
            cells(account='70600000', credit='20,00'),
            cells(account='5121', debit='20,00'))

    @with_transaction()
    def test_account_dates(self):
        Account = Pool().get('account.account')
        Account.write([account('5121')], {
                'end_date': dt.date(2023, 12, 31),
                'template_override': True})
        self.assertRefused(
            'fec_account_dates',
            cells(account='70600000', credit='20,00'),
            cells(account='5121', debit='20,00'))

    @with_transaction()
    def test_parties(self):
        Party = Pool().get('party.party')
        Party.create([{'name': "Other", 'code': 'C2'}])
        lines_ = [*sale(), *sale(number='2'), *sale(number='3')]
        lines_[2][6], lines_[2][7] = 'C2', "Duval"
        lines_[4][7] = "Dupont"
        result = import_(*lines_)
        self.assertEqual(result['parties'], 2)
        first, second, third = [x.party for x in lines('411000')]
        self.assertEqual((first.code, first.name), ('C1', "Tiers C1"))
        self.assertEqual(first, third)
        self.assertEqual(second.name, "Duval")
        self.assertNotEqual(second.code, 'C2')
        self.assertIn("C1 (Tiers C1, Dupont)", result['notes'][0])

    @with_transaction()
    def test_party_of_the_account(self):
        lines_ = [*sale(), *sale(number='2')]
        lines_[0][6] = lines_[0][7] = ''
        result = import_(*lines_)
        self.assertEqual(result['parties'], 2)
        first, second = [x.party for x in lines('411000')]
        self.assertIn('411000', first.name)
        self.assertEqual(second.code, 'C1')

    @with_transaction()
    def test_party_found_by_another_module(self):
        pool = Pool()
        FecImport = pool.get('coop.fec.import')
        party, = pool.get('party.party').create([{'name': "Known"}])
        with patch.object(
                FecImport, '_find_parties',
                lambda company, fec, names: {
                    c: party.id for c in names if c == 'C1'}):
            result = import_(*sale())
        self.assertEqual(result['parties'], 0)
        self.assertEqual(lines('411000')[0].party, party)
        # It stays known without the module
        import_(*sale(), *sale(number='2'))
        self.assertEqual(lines('411000')[1].party, party)

    @with_transaction()
    def test_party_of_the_auxiliary_changed(self):
        "Posted lines keep their party"
        pool = Pool()
        Auxiliary = pool.get('coop.fec.auxiliary')
        Party = pool.get('party.party')
        import_(*sale())
        party, = Party.create([{'name': "Dupont"}])
        Auxiliary.write(
            Auxiliary.search([('code', '=', 'C1')]), {'party': party.id})
        result = import_(
            *sale(letter='A'),
            cells('BQ', account='512000', debit='120,00'),
            cells('BQ', aux='C1', credit='120,00', letter='A'))
        first, second = lines('411000')
        self.assertNotEqual(first.party, party)
        self.assertEqual(second.party, party)
        self.assertEqual(result['reconciliations'], 0)
        self.assertIn('411000 C1 A', result['notes'][0])

    @with_transaction()
    def test_journals(self):
        Journal = Pool().get('account.journal')
        known, = Journal.create([{
                    'code': 'VE', 'name': "Ventes", 'type': 'revenue'}])
        result = import_(
            *sale(),
            cells('BQ', account='512000', debit='5'),
            cells('BQ', account='471000', credit='5'),
            cells('AC', account='606400', debit='5'),
            cells('AC', account='401000', credit='5', aux='F1'),
            cells('AN', account='512000', debit='5', date='20240101'),
            cells('AN', account='110000', credit='5', date='20240101'),
            cells('OD', account='641000', debit='5'),
            cells('OD', account='421000', credit='5'))
        self.assertEqual(result['journals'], 4)
        self.assertEqual({
                j.code: j.type for j in Journal.search(
                    [('code', 'in', ['VE', 'BQ', 'AC', 'AN', 'OD'])])}, {
                'VE': 'revenue', 'BQ': 'cash', 'AC': 'expense',
                'AN': 'situation', 'OD': 'general'})
        self.assertEqual(lines('411000')[0].move.journal, known)

    @with_transaction()
    def test_moves(self):
        import_(*sale(), *sale(number='2', date='20240102'))
        Move = Pool().get('account.move')
        first, second = Move.search([], order=[('number', 'ASC')])
        self.assertEqual(
            [first.date, second.date],
            [dt.date(2024, 1, 2), dt.date(2024, 1, 31)])
        self.assertEqual(first.state, 'posted')
        self.assertEqual(first.description, "F1 Vente")
        self.assertEqual(first.origin.__name__, 'coop.fec.entry')
        self.assertEqual(first.origin.move, first)
        self.assertEqual(first.origin.key, 'J=VE|N=2|D=20240102')
        self.assertEqual(
            {x.description for x in first.lines}, {"Vente"})
        due, revenue = sorted(first.lines, key=lambda x: x.id)
        self.assertEqual(due.maturity_date, first.date)
        self.assertIsNone(revenue.maturity_date)
        entry = first.origin
        self.assertEqual(entry.import_.new_entries, 2)
        self.assertEqual(entry.import_.file, NAME)
        self.assertEqual(entry.import_.imported_by.id, 1)

    @with_transaction()
    def test_negative_and_zero_amounts(self):
        import_(
            cells(debit='-120,00', aux='C1'),
            cells(account='706000', credit='-120,00'),
            cells(account='445710'))
        self.assertEqual(
            sorted(x.debit - x.credit for x in lines()),
            [Decimal(-120), Decimal(0), Decimal(120)])

    @with_transaction()
    def test_currency(self):
        Currency = Pool().get('currency.currency')
        dollar, = Currency.create([{
                    'name': "Dollar", 'code': 'USD', 'symbol': '$',
                    'rounding': Decimal('0.01'), 'digits': 2}])
        lines_ = sale()
        lines_[0][16:18] = '130,00', 'usd'
        lines_[1][16:18] = '130,00', 'USD'
        lines_ += sale(number='2', amount='9', currency='XXX')
        lines_ += sale(number='3', amount='120', currency='EUR')
        result = import_(*lines_)
        self.assertEqual([
                (x.second_currency, x.amount_second_currency)
                for x in lines()], [
                (dollar, Decimal(130)), (dollar, Decimal(-130)),
                *[(None, None)] * 4])
        self.assertEqual(len(result['notes']), 1)
        self.assertIn('XXX', result['notes'][0])

    # Fiscal years and periods

    @with_transaction()
    def test_fiscalyear(self):
        result = import_(*sale())
        self.assertEqual(result['fiscalyears'], 1)
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear, = FiscalYear.search([])
        self.assertEqual(
            (fiscalyear.start_date, fiscalyear.end_date),
            (dt.date(2024, 1, 1), dt.date(2024, 12, 31)))
        self.assertEqual(len(fiscalyear.periods), 12)
        result = import_(*sale(date='20250131'), name='123456782FEC20251231')
        self.assertEqual(result['fiscalyears'], 1)

    @with_transaction()
    def test_long_fiscalyear(self):
        import_(*sale(date='20231015'))
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear, = FiscalYear.search([])
        self.assertEqual(fiscalyear.start_date, dt.date(2023, 10, 1))
        self.assertEqual(fiscalyear.name, '2023-2024')
        self.assertEqual(len(fiscalyear.periods), 15)

    @with_transaction()
    def test_no_period(self):
        import_(*sale())
        message = self.assertRefused(
            'fec_no_period', *sale(date='20231231'))
        self.assertIn('20231231', message)

    @with_transaction()
    def test_closed_period(self):
        Period = Pool().get('account.period')
        import_(*sale())
        Period.close(Period.search([('name', '=', '2024-02')]))
        new = sale(number='2', date='20240201')
        message = self.assertRefused('fec_closed_period', *sale(), *new)
        self.assertIn('2024-02', message)
        self.assertIn('4-5', message)
        # What is known already is no problem
        Period.close(Period.search([('name', '=', '2024-01')]))
        self.assertEqual(import_(*sale())['new_entries'], 0)

    @with_transaction()
    def test_closed_journal_period(self):
        pool = Pool()
        JournalPeriod = pool.get('account.journal.period')
        import_(*sale())
        JournalPeriod.close(JournalPeriod.search([]))
        before = state()
        with self.assertRaises(UserError):
            import_(*sale(), *sale(number='2'))
        self.assertEqual(state(), before)

    @with_transaction()
    def test_opening_after_a_year(self):
        import_(*sale(date='20231231'), name='123456782FEC20231231.txt')
        result = import_(
            cells('AN', account='512000', debit='5', date='20240101'),
            cells('AN', account='110000', credit='5', date='20240101'))
        self.assertIn('2-3', result['notes'][0])

    # Letters

    @with_transaction()
    def test_letters(self):
        result = import_(
            *sale(letter='AA'),
            cells('BQ', account='512000', debit='120,00'),
            cells('BQ', aux='C1', credit='120,00', letter='AA'),
            # the same letters for another
            cells('BQ', '2', account='512000', debit='7'),
            cells('BQ', '2', aux='C2', credit='7', letter='AA'))
        # The sale's line of revenue has letters too, alone
        self.assertEqual(result['reconciliations'], 1)
        customer = lines('411000')
        self.assertTrue(customer[0].reconciliation)
        self.assertEqual(
            customer[0].reconciliation, customer[1].reconciliation)
        self.assertIsNone(customer[2].reconciliation)
        self.assertEqual(
            customer[0].reconciliation.date, dt.date(2024, 1, 31))
        self.assertIn('411000 C2 AA', result['notes'][0])

    @with_transaction()
    def test_letters_used_again(self):
        "Letters that do not balance over the year may do date by date"
        def entry(number, debit, credit, letter_date):
            first = cells(
                number=number, aux='C1', debit=debit, credit=credit,
                letter='A')
            first[14] = letter_date
            return [first, cells(
                    number=number, account='512000', debit=credit,
                    credit=debit)]
        result = import_(
            *entry('1', '10', '0', '20240201'),
            *entry('2', '0', '10', '20240201'),
            *entry('3', '7', '0', '20240301'))
        self.assertEqual(result['reconciliations'], 1)
        self.assertEqual(
            [bool(x.reconciliation) for x in lines('411000')],
            [True, True, False])

    @with_transaction()
    def test_letters_later(self):
        payment = [
            cells('BQ', account='512000', debit='120,00'),
            cells('BQ', aux='C1', credit='120,00')]
        result = import_(*sale(), *payment)
        self.assertEqual(result['reconciliations'], 0)
        later = sale()
        later[0][13] = payment[1][13] = 'AB'
        before = state()
        result = import_(*later, *payment)
        self.assertEqual(
            counts(result, 'new_entries', 'reconciliations'), (0, 1))
        first, second = lines('411000')
        self.assertTrue(first.reconciliation)
        self.assertEqual(first.reconciliation, second.reconciliation)
        self.assertEqual(state()['account.move'], before['account.move'])
        before = state()
        self.assertEqual(
            import_(*later, *payment)['reconciliations'], 0)
        self.assertEqual(state(), before)

    @with_transaction()
    def test_letters_of_same_lines(self):
        "Lines that are the same but for the letters keep them apart"
        result = import_(
            cells(aux='C1', debit='5', letter='A'),
            cells(aux='C1', debit='5', letter='B'),
            cells(account='706000', credit='10'),
            cells('BQ', aux='C1', credit='5', letter='B'),
            cells('BQ', account='512000', debit='5'))
        self.assertEqual(result['reconciliations'], 1)
        self.assertEqual(
            [bool(x.reconciliation) for x in lines('411000')],
            [False, True, True])

    # Again

    @with_transaction()
    def test_longer_file(self):
        import_(*sale())
        before = state()
        result = import_(*sale(), *sale(number='2', date='20240229'))
        self.assertEqual(
            counts(result, 'entries', 'new_entries', 'new_lines', 'parties'),
            (2, 1, 2, 0))
        self.assertEqual(
            state()['account.move'][0], before['account.move'][0] + 1)

    @with_transaction()
    def test_shorter_file(self):
        import_(*sale(), *sale(number='2'))
        result = import_(*sale())
        self.assertEqual(result['new_entries'], 0)
        self.assertIn('1', result['notes'][0])

    @with_transaction()
    def test_changed_entry(self):
        import_(*sale(), *sale(number='2'))
        changed = [*sale(), *sale('121,00', number='2')]
        message = self.assertRefused('fec_changed', *changed)
        self.assertIn('line 4', message)
        self.assertIn('4-5', message)

    @with_transaction()
    def test_two_companies(self):
        "The entries of a company do not hide those of another"
        pool = Pool()
        Company = pool.get('company.company')
        FecImport = pool.get('coop.fec.import')
        Party = pool.get('party.party')
        import_(*sale())
        party, = Party.create([{'name': "Autre", 'code': '552100554'}])
        other, = Company.create([{
                    'party': party.id, 'currency': company().currency.id}])
        User = pool.get('res.user')
        User.write([User(1)], {'companies': [('add', [other.id])]})
        Type = pool.get('account.account.type')
        type_, = Type.create([{
                    'name': "Bilan", 'statement': 'balance',
                    'company': other.id}])
        pool.get('account.account').create([{
                    'code': code, 'name': code, 'company': other.id,
                    'type': type_.id} for code in ['4', '7']])
        result = FecImport.import_file(
            other, fec(*sale()), '552100554FEC20241231.txt')
        self.assertEqual(
            counts(result, 'new_entries', 'parties', 'journals'), (1, 1, 0))
        self.assertEqual(
            len({x.party for x in lines() if x.party}), 2)

    # Refusals

    @with_transaction()
    def test_bad_files(self):
        # A sub-test would take the restart that a lock asks for as a failure
        Pool().get('account.journal.period').lock()
        good = fec(
            *sale(label="Été"), *sale(number='2', label="Hiver à"))
        for code, data in [
                ('fec_unbalanced', good.replace(b'120,00', b'119,00', 1)),
                ('cut', good[:-40]),
                ('encoding', good.replace('à'.encode(), b'\xc3')),
                ('control_character', good.replace(b'Hiver', b'Hi\x00er')),
                ('column_missing', good.replace(b'CompteNum', b'Compte')),
                ('column_doubled', good.replace(b'CompteLib', b'CompteNum')),
                ('fec_date', good.replace(b'20240131', b'20240132', 1)),
                ('money', good.replace(b'120,00', b'12O,00', 1)),
                ('fec_year', good.replace(b'20240131', b'20260131', 1)),
                ('required', good.replace(b'411000', b'', 1)),
                ('cells', good.replace(b'VE\t', b'VE\t\t\t\t', 1)),
                ('empty', b''),
                ]:
            with self.subTest(code=code):
                message = self.assertRefused(code, data=data)
                self.assertIn(NAME, message)

    @with_transaction()
    def test_messages(self):
        load_french()
        wrong = sale()
        wrong[1][12] = '119,50'
        message = self.assertRefused('fec_unbalanced', *wrong)
        self.assertEqual(
            message,
            '123456782FEC20241231.txt, line 2, column EcritureNum: "1": '
            'the entry of journal VE on 01/31/2024 does not balance: debit '
            '120.00, credit 119.50 (lines 2-3).')
        wrong[0][3] = '20240132'
        with Transaction().set_context(language='fr'):
            message = self.assertRefused('fec_date', *wrong)
        self.assertEqual(
            message.splitlines()[0],
            "123456782FEC20241231.txt, ligne 2, colonne EcritureDate : "
            "« 20240132 » : une date est attendue, comme 20241231.")

    @with_transaction()
    def test_messages_all_codes(self):
        "Each message is told in English and in French"
        load_french()
        Message = Pool().get('ir.message')
        ModelData = Pool().get('ir.model.data')
        args = defaultdict(lambda: "x")
        for data in ModelData.search([
                    ('module', '=', 'coop_ledger'),
                    ('model', '=', 'ir.message'),
                    ('fs_id', 'like', 'msg_file_%'),
                    ]):
            message = Message(data.db_id)
            message.text % args
            code = data.fs_id[len('msg_file_'):]
            if code.startswith('place'):
                continue
            problem = Problem(
                code, 'f.csv', 3, 'c', 'v', {k: [1, 2] for k in args})
            texts = {problem.text(x) for x in ['en', 'fr']}
            with self.subTest(code=code):
                self.assertEqual(len(texts), 2)

    @with_transaction()
    def test_many_problems(self):
        wrong = [sale(str(i))[0] for i in range(150)]
        for line in wrong:
            line[3] = '2024'
        message = self.assertRefused('fec_date', *wrong)
        self.assertEqual(len(message.splitlines()), 101)
        self.assertIn('50', message.splitlines()[-1])

    @with_transaction()
    def test_siren(self):
        message = self.assertRefused(
            'fec_siren', *sale(), name='552100554FEC20241231.txt')
        self.assertIn('123456782', message)
        self.assertRefused('fec_name', *sale(), name='export.txt')
        result = import_(
            *sale(), name='552100554FEC20241231.txt', force=True)
        self.assertEqual(result['new_entries'], 1)

    @with_transaction()
    def test_siren_missing(self):
        Identifier = Pool().get('party.identifier')
        Identifier.delete(Identifier.search([]))
        self.assertRefused('fec_company_siren', *sale())

    @with_transaction()
    def test_name_without_year(self):
        "Without a closing date the fiscal year must be there"
        self.assertRefused(
            'fec_no_period', *sale(), name='export.txt', force=True)
        import_(*sale())
        result = import_(
            *sale(), *sale(number='2'), name='export.txt', force=True)
        self.assertEqual(result['new_entries'], 1)

    # Dry run

    @with_transaction()
    def test_dry_run(self):
        Party = Pool().get('party.party')
        Party.create([{'name': "Before"}])
        before = state()
        result = import_(*sale(), dry_run=True)
        self.assertTrue(result['dry_run'])
        self.assertEqual(
            counts(
                result, 'new_entries', 'accounts', 'parties', 'fiscalyears'),
            (1, 2, 1, 1))
        self.assertEqual(state(), before)
        # What was read meanwhile is forgotten
        self.assertEqual(import_(*sale())['new_entries'], 1)
        self.assertEqual(len(lines()), 2)
        self.assertTrue(Party.search([('name', '=', "Before")]))

    @with_transaction()
    def test_nothing_committed(self):
        "The import leaves the end of the transaction to its caller"
        before = state()
        import_(*sale())
        Transaction().rollback()
        self.assertEqual(state(), before)

    # Rights

    def user(self, *groups, companies=True):
        pool = Pool()
        User = pool.get('res.user')
        ModelData = pool.get('ir.model.data')
        ids = [ModelData.get_id(g) for g in groups]
        values = {'name': "User", 'login': 'user', 'groups': [('add', ids)]}
        if not companies:
            values['companies'] = []
            values['company'] = None
        user, = User.create([values])
        return user

    def import_as(self, user):
        FecImport = Pool().get('coop.fec.import')
        id_ = company().id
        with Transaction().set_user(user.id), Transaction().set_context(
                company=id_, _check_access=True):
            return FecImport.import_file(id_, fec(*sale()), NAME)

    @with_transaction()
    def test_accountant(self):
        result = self.import_as(self.user('account.group_account'))
        self.assertEqual(result['new_entries'], 1)

    @with_transaction()
    def test_not_accountant(self):
        with self.assertRaises(AccessError):
            self.import_as(self.user('party.group_party_admin'))

    @with_transaction()
    def test_accountant_of_another_company(self):
        with self.assertRaises(AccessError):
            self.import_as(
                self.user('account.group_account', companies=False))

    @with_transaction()
    def test_trace_is_kept(self):
        "Nobody makes an import forget what it posted"
        pool = Pool()
        import_(*sale())
        with Transaction().set_context(_check_access=True):
            for name in ['coop.fec.import', 'coop.fec.entry']:
                Model = pool.get(name)
                records = Model.search([])
                self.assertTrue(records)
                with self.assertRaises(AccessError):
                    Model.delete(records)
                with self.assertRaises(AccessError):
                    Model.write(records, {'company': company().id})

    # Wizard

    @with_transaction()
    def test_wizard(self):
        ImportFile = Pool().get('coop.fec.import_file', type='wizard')
        session_id, _, _ = ImportFile.create()
        wizard = ImportFile(session_id)
        wizard.start.company = company()
        wizard.start.file = fec(*sale())
        wizard.start.filename = NAME
        wizard.start.force = False
        before = state()
        for dry_run in [True, False]:
            wizard.start.dry_run = dry_run
            self.assertEqual(wizard.transition_import_(), 'result')
            result = wizard.default_result([])['result']
            self.assertIn('1 of 1', result)
            self.assertEqual(state() == before, dry_run)

    # Volume

    @with_transaction()
    def test_number_of_queries(self):
        "Ten times more entries do not take more queries"
        def entries(number, day):
            return [
                line for i in range(number) for line in [
                    *sale(number=f'{day}{i}', date=f'202401{day}',
                        letter=f'{day}{i}'),
                    cells('BQ', f'{day}{i}', f'202401{day}',
                        account='512000', debit='120,00'),
                    cells('BQ', f'{day}{i}', f'202401{day}',
                        aux='C1', credit='120,00', letter=f'{day}{i}')]]
        import_(*entries(1, 10))
        with count_queries() as few:
            import_(*entries(4, 11))
        with count_queries() as many:
            result = import_(*entries(40, 12))
        self.assertEqual(
            counts(result, 'new_entries', 'reconciliations'), (80, 40))

        def distinct(queries):
            # SQLite tells each row of an insertion as a query
            return [
                q for q in map(str, queries)
                if not q.startswith(('INSERT', 'COPY'))]
        # Some records are read again as caches are full of others
        self.assertLessEqual(len(distinct(many)), len(distinct(few)) + 15)

    @settings(
        deadline=None, max_examples=20,
        suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_mutated(self, data):
        "A mutated file enters whole, or is refused and leaves nothing"
        good = fec(
            *sale(label="Été", letter='A'), *sale(number='2', piece='F2'),
            cells('BQ', account='512000', debit='120,00'),
            cells('BQ', aux='C1', credit='120,00', letter='A'))
        start = data.draw(st.integers(0, len(good) - 1))
        end = data.draw(st.integers(start, min(start + 12, len(good))))
        insert = data.draw(st.sampled_from(
                [b'', b'\t', b'\n', b'9', b'\xe9', b'\x00', b',', b'-']))

        @with_transaction()
        def check():
            before = state()
            mutated = good[:start] + insert + good[end:]
            try:
                result = import_data(mutated)
            except UserError:
                self.assertEqual(state(), before)
                return
            self.assertEqual(result['new_lines'], len(lines()))
            self.assertEqual(
                sum(x.debit - x.credit for x in lines()), Decimal(0))
        check()
