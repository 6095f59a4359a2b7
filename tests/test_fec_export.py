# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The file of accounting entries (FEC) of a closed year is as the law asks,
and says what the ledger says."""
import csv
import datetime as dt
import io
import unittest
from collections import Counter, defaultdict
from decimal import Decimal
from functools import partial

import pytest
from expected import (
    YEAR_END, Group, lock, set_up_companies, set_up_entries, set_up_people)

from tools.check_fec import check
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

NOMINAL = Decimal(20)


def amount(text):
    return Decimal(text.replace(',', '.'))


def read(data):
    return list(csv.DictReader(
            io.StringIO(data.decode('utf-8-sig')), delimiter='\t',
            quoting=csv.QUOTE_NONE))


def entries(data, wanted=lambda line: True):
    "Return what the entries of a FEC say, without their numbers"
    found = defaultdict(list)
    for line in read(data):
        if wanted(line):
            found[line['EcritureNum']].append((
                    line['JournalCode'], line['EcritureDate'],
                    # The chart of the co-op may have longer accounts
                    line['CompteNum'][:3], line['CompAuxNum'],
                    line['PieceRef'], line['PieceDate'], line['EcritureLib'],
                    amount(line['Debit']), amount(line['Credit'])))
    return Counter(tuple(sorted(lines)) for lines in found.values())


class _Export(unittest.TestCase):
    group = None
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = cls.group.folder.name
        activate_modules(
            'coop_cae', partial(set_up_companies, name),
            partial(set_up_people, name), partial(set_up_entries, name))

    def close_months(self):
        lock()
        for month in range(1, 13):
            for company in self.group.companies():
                self.group.close(company, month)

    def export(self, company, deferral_period=None):
        "Return the name and the content of the file"
        pool = Pool()
        Fec = pool.get('account.fr.fec', type='wizard')
        with Transaction().set_context(company=company.id):
            fec = Fec(Fec.create()[0])
            fec.start.fiscalyear = self.fiscalyear(company)
            fec.start.deferral_period = deferral_period
            fec.transition_generate()
            data = bytes(fec.result.file)
            return fec.default_result(None)['filename'], data

    def fiscalyear(self, company, year=2024):
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear, = FiscalYear.search([
                ('company', '=', company.id),
                ('start_date', '=', dt.date(year, 1, 1))])
        return fiscalyear

    def assertExport(self, company, name, data):
        report = check(name, data)
        self.assertEqual(report.faults[:5], [])
        self.assertIn(name[:9], self.group.sirens)
        self.assertEqual(
            self.group.sirens[name[:9]], company.party.code)
        return report

    def assertLedger(self, company, report, balance):
        "The totals are those of the trial balance, account by account"
        self.assertEqual(report.balances, {
                code: Decimal(total) for _, code, *_, total in balance})
        self.assertEqual(
            report.debit, sum(Decimal(debit) for _, _, debit, *_ in balance))

    def assertShares(self, company, data):
        "The capital and the savings of each are the expected ones"
        balances = defaultdict(Decimal)
        for line in read(data):
            account = line['CompteNum']
            for name in ['1013', '4564']:
                if account.startswith(name):
                    balances[name, line['CompAuxNum']] += (
                        amount(line['Credit']) - amount(line['Debit']))
        seen = 0
        for code, person, month, *_, savings, held in (
                self.group.expected('shares')[1]):
            if code != company.party.code or month != '12':
                continue
            seen += 1
            self.assertEqual(balances['4564', person], Decimal(savings))
            self.assertEqual(balances['1013', person], int(held) * NOMINAL)
        self.assertTrue(seen)

    def assertImported(self, company, data):
        "What came from a FEC comes out again"
        name, = [
            n for n, c in self.group.fecs().items()
            if c == company.party.code]
        imported = entries(self.group.read(name))
        self.assertEqual(imported - entries(data), Counter())

    def assertCompanies(self):
        self.close_months()
        for company in self.group.companies():
            with self.subTest(company.party.code):
                name, data = self.export(company)
                report = self.assertExport(company, name, data)
                _, balance = self.group.report(
                    'trial-balance', companies=[company])
                self.assertLedger(company, report, balance)
                self.assertShares(company, data)
                self.assertImported(company, data)
                for line in read(data):
                    self.assertNotEqual(line['PieceRef'], '-')
                    self.assertNotEqual(line['EcritureLib'], '-')


class SmallExportTestCase(_Export):
    group = Group('small')

    @with_transaction()
    def test_companies(self):
        self.assertCompanies()

    @with_transaction()
    def test_closed_year(self):
        """The year is balanced, closed and locked: its file stays the same,
        and the next year opens with its balances"""
        self.close_months()
        company = self.group.companies()[0]
        self.add_odd_entries(company)
        _, before = self.export(company)
        period = self.close_books(company)
        name, data = self.export(company, period)
        self.assertEqual(data, before)
        self.assertExport(company, name, data)
        # Who forgets to tell the period gets the same
        self.assertEqual(self.export(company)[1], data)
        fiscalyear = self.fiscalyear(company)
        self.assertEqual(fiscalyear.state, 'locked')
        with Transaction().set_context(company=company.id):
            company.create_fiscalyear(dt.date(2025, 1, 1))
            opening = self.open_year(company)
        self.assertEqual(opening.debit, opening.credit)
        _, balance = self.group.report('trial-balance', companies=[company])
        self.assertEqual(
            {a: b for a, b in opening.balances.items() if b},
            {code: Decimal(total) for _, code, *_, total in balance
                if Decimal(total) and code[0] not in '67'})

    def add_odd_entries(self, company):
        "Post entries with texts that a file could stumble over"
        pool = Pool()
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        Party = pool.get('party.party')
        Period = pool.get('account.period')
        with Transaction().set_context(company=company.id):
            party = Party(name='SARL "Le Chat" \\Botté; | fils')
            party.save()
            nameless = Party()
            nameless.save()
            accounts = {
                code: self.account(company, code) for code in ['411', '512']}
            period = Period.find(company, date=YEAR_END)
            moves = Move.create([{
                        'company': company.id,
                        'period': period.id, 'date': YEAR_END,
                        'journal': Journal.search([], limit=1)[0].id,
                        'description': description,
                        'lines': [('create', [{
                                        'account': accounts['411'].id,
                                        'party': who.id,
                                        'debit': Decimal('1234567.8'),
                                        'credit': 0,
                                        }, {
                                        'account': accounts['512'].id,
                                        'debit': 0,
                                        'credit': Decimal('1234567.8'),
                                        }])],
                        } for who, description in [
                        (party, "Ligne  \u2028coupée\x85"), (nameless, None)]])
            Move.post(moves)

    def account(self, company, code):
        "Return the first account of the number that takes entries"
        Account = Pool().get('account.account')
        return Account.search([
                ('company', '=', company.id), ('code', 'like', f'{code}%'),
                ('type', '!=', None), ('closed', '!=', True),
                ], order=[('code', 'ASC')], limit=1)[0]

    def close_books(self, company):
        "Close and lock the year as accountants do, and return the period"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        Balance = pool.get(
            'account.fiscalyear.balance_non_deferral', type='wizard')
        with Transaction().set_context(company=company.id):
            fiscalyear = self.fiscalyear(company)
            period = Period(
                name="Clôture", type='adjustment', fiscalyear=fiscalyear,
                start_date=YEAR_END, end_date=YEAR_END,
                move_sequence=fiscalyear.move_sequence)
            period.save()
            balance = Balance(Balance.create()[0])
            balance.start.fiscalyear = fiscalyear
            balance.start.journal = Journal.search(
                [('type', '=', 'situation')], limit=1)[0]
            balance.start.period = period
            balance.start.credit_account = self.account(company, '120')
            balance.start.debit_account = self.account(company, '129')
            Move.post([balance.create_move()])
            FiscalYear.close([fiscalyear])
            FiscalYear.lock_([fiscalyear])
        return period

    def open_year(self, company):
        "Return the report on the file of a year with its opening only"
        pool = Pool()
        Fec = pool.get('account.fr.fec', type='wizard')
        fec = Fec(Fec.create()[0])
        fec.start.fiscalyear = self.fiscalyear(company, 2025)
        fec.start.deferral_period = None
        fec.transition_generate()
        data = bytes(fec.result.file)
        name = fec.default_result(None)['filename']
        return self.assertExport(company, name, data)


@pytest.mark.slow
class GroupExportTestCase(_Export):
    group = Group('group')

    @with_transaction()
    def test_companies(self):
        self.assertCompanies()


del _Export
