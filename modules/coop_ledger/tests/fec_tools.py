# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A company with the French chart, and its files"""
import unittest
from decimal import Decimal
from pathlib import Path

from proteus import Model
from trytond.modules.account.tests.tools import create_chart
from trytond.modules.company.tests.tools import create_company
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.modules.coop_ledger.files.fec import LEGAL
from trytond.modules.coop_ledger.tests.test_files_fec import NAME, fec
from trytond.modules.currency.tests.tools import get_currency
from trytond.pool import Pool
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

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


class FecTestCase(unittest.TestCase):
    "A company with the French chart, that imports files"

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
