# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.modules.coop_ledger.tests.fec_tools import (
    FecTestCase, company, counts, import_, import_data, lines, state)
from trytond.modules.coop_ledger.tests.test_files_fec import (
    NAME, cells, fec, sale)
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction


class FecAgainTestCase(FecTestCase):
    "Test the letters and the import of a file again"

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
