# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.modules.coop_cae.tests.test_activity_statement import two_years
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class ActivityAccountTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def accounts(self, cae, **dates):
        Account = Pool().get('cae.activity.account')
        with Transaction().set_context(**dates):
            return {
                a.code: (a.opening, a.debit, a.credit, a.balance)
                for a in Account.search(
                    [('activity', '=', cae.activity('A1').id)])}

    @with_transaction()
    def test_year(self):
        "Charges and income start from nothing, the other accounts do not"
        cae = Cae()
        with cae.context():
            two_years(cae)
            accounts = self.accounts(cae, to_date=dt.date(2024, 12, 31))
        self.assertEqual(accounts.pop('65889'), (0, 100, 20, 80))
        self.assertEqual(accounts, {
                '4011': (0, 0, 300, -300),
                '4111': (300, 1000, 600, 700),
                '44566': (0, 40, 0, 40),
                '6071': (0, 200, 0, 200),
                '626': (0, 60, 0, 60),
                '706': (0, 0, 1000, -1000),
                })

    @with_transaction()
    def test_some_days(self):
        "What the fiscal year had before the days is its opening"
        cae = Cae()
        with cae.context():
            two_years(cae)
            accounts = self.accounts(
                cae, from_date=dt.date(2024, 2, 15),
                to_date=dt.date(2024, 3, 5))
        self.assertEqual(accounts, {
                '4011': (0, 0, 240, -240),
                '4111': (1300, 0, 600, 700),
                '44566': (0, 40, 0, 40),
                '6071': (0, 200, 0, 200),
                '65889': (0, 100, 0, 100),
                '706': (-1000, 0, 0, -1000),
                })

    @with_transaction()
    def test_lead_to_their_entries(self):
        pool = Pool()
        Account = pool.get('cae.activity.account')
        Entry = pool.get('cae.activity.entry')
        cae = Cae()
        with cae.context():
            two_years(cae)
            with Transaction().set_context(
                    from_date=dt.date(2024, 2, 15),
                    to_date=dt.date(2024, 3, 31)):
                for account in Account.search(
                        [('activity', '=', cae.activity('A1').id)]):
                    entries = Entry.search(account.entries_domain())
                    self.assertEqual(
                        sum(e.debit - e.credit for e in entries),
                        account.debit - account.credit)
