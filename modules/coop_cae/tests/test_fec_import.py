# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
NAME = '111524492FEC20241231.txt'
HEADER = [
    'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
    'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate',
    'EcritureLib', 'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate',
    'Montantdevise', 'Idevise', 'Activite']


def fec(*lines):
    "Return a FEC of lines (account, auxiliary, balance, activity)"
    rows = ['\t'.join(HEADER)]
    for account, auxiliary, balance, activity in lines:
        balance = D(balance)
        debit, credit = max(balance, 0), max(-balance, 0)
        rows.append('\t'.join([
                    'VE', "Ventes", '1', '20240115', account, "Compte",
                    auxiliary, auxiliary and "Tiers", 'F1', '20240115',
                    "Facture", f'{debit:.2f}', f'{credit:.2f}', '', '',
                    '20240115', '', '', activity]))
    return ('\r\n'.join(rows) + '\r\n').encode()


class FecImportTestCase(unittest.TestCase):
    "What the activities add to the import of accounting entries files"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def import_(self, *lines):
        FecImport = Pool().get('coop.fec.import')
        cae = Cae()
        FecImport.import_file(cae.company, fec(*lines), NAME)
        return cae

    def parts(self, cae):
        "Return the analytic amounts of the lines by account and activity"
        Line = Pool().get('account.move.line')
        return {
            (line.account.code, part.account.code): part.debit - part.credit
            for line in Line.search([('move.company', '=', cae.company.id)])
            for part in line.analytic_lines}

    @with_transaction()
    def test_activity_on_income_only(self):
        "The other lines follow, cent by cent, but the bank"
        cae = self.import_(
            ('411000', 'C1', '120.01', ''),
            ('706000', '', '-66.68', 'A1'), ('706100', '', '-33.33', 'A2'),
            ('445710', '', '-20', ''))
        self.assertEqual(self.parts(cae), {
                ('706000', 'A1'): D('-66.68'),
                ('706100', 'A2'): D('-33.33'),
                ('411000', 'A1'): D('80.01'),
                ('411000', 'A2'): D('40.00'),
                ('445710', 'A1'): D('-13.33'),
                ('445710', 'A2'): D('-6.67'),
                })

    @with_transaction()
    def test_parts(self):
        cae = self.import_(
            ('411000', 'C1', '120', 'A1'), ('706000', '', '-100', 'A1'),
            ('445710', '', '-20', 'A1'), ('626000', '', '5', ''),
            ('512000', '', '-5', ''))
        structure = cae.setting('structure_account')
        self.assertEqual(self.parts(cae), {
                ('411000', 'A1'): D(120),
                ('706000', 'A1'): D(-100),
                ('445710', 'A1'): D(-20),
                ('626000', structure.code): D(5),
                })
        Line = Pool().get('account.move.line')
        self.assertEqual(
            {line.analytic_state for line in Line.search([])}, {'valid'})

    @with_transaction()
    def test_party_of_entrepreneur(self):
        cae = self.import_(
            ('421000', 'E1', '-50', 'A1'), ('512000', '', '50', ''))
        line, = Pool().get('account.move.line').search(
            [('account.code', '=', '421000')])
        self.assertEqual(line.party, cae.person('E1').party)

    @with_transaction()
    def test_unknown_activity(self):
        with self.assertRaises(FileError) as caught:
            self.import_(
                ('411000', 'C1', '100', 'A9'), ('706000', '', '-100', 'A3'))
        self.assertEqual(
            [(p.code, p.line, p.column, p.value)
                for p in caught.exception.problems],
            [('coop_cae.msg_table_unknown_code', 2, 'Activite', 'A9'),
                ('coop_cae.msg_table_unknown_code', 3, 'Activite', 'A3')])
        self.assertFalse(
            Pool().get('account.move').search([], count=True))

    @with_transaction()
    def test_fiscalyear_has_invoice_sequences(self):
        company = Cae().company
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear, = FiscalYear.search([('company', '=', company.id)])
        sequences, = fiscalyear.invoice_sequences
        self.assertEqual(len({
                    sequences.out_invoice_sequence,
                    sequences.out_credit_note_sequence,
                    sequences.in_invoice_sequence,
                    sequences.in_credit_note_sequence}), 4)
