# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from trytond.exceptions import UserError
from trytond.modules.coop_ledger.files.fec import read_fec
from trytond.modules.coop_ledger.tests.fec_tools import (
    FecTestCase, account, cents, counts, import_, import_data, lines, query,
    state)
from trytond.modules.coop_ledger.tests.test_files_fec import NAME, cells, sale
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction

DATA = Path(__file__).parents[3] / 'data' / 'fec'
REAL = {
    'istea_123456789FEC20201231.txt': 15,
    'quadra_123456789FEC20190731.txt': 2315,
    }


class FecImportTestCase(FecTestCase):
    "Test the import of accounting entries files"

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
