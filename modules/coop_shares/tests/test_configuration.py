# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_shares.exceptions import ConfigurationError
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class ConfigurationTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_french_defaults(self):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Sequence = pool.get('ir.sequence.strict')
        coop = Coop()
        with coop.context():
            count = Sequence.search([], count=True)
            Configuration.use_french_chart([Configuration(1)])
            self.assertEqual(Sequence.search([], count=True), count)
            self.assertEqual(Configuration(1).missing(coop.company), [])
            for code in ['421', '4564', '1013', '4563']:
                account = coop.account(code)
                self.assertTrue(account.party_required)
                self.assertFalse(account.closed)
                self.assertEqual(account.reconcile, code == '421')
            Configuration(1).set_multivalue(
                'savings_account', None, company=coop.company.id)
            missing, = Configuration(1).missing(coop.company)
            self.assertEqual(missing, "Share Savings")
            with self.assertRaises(ConfigurationError):
                coop.withhold(1, '1500.00')
            Configuration.set_french_defaults(coop.company)
            coop.withhold(1, '1500.00')

    @with_transaction()
    def test_french_defaults_with_lines_without_party(self):
        pool = Pool()
        Account = pool.get('account.account')
        Configuration = pool.get('coop.share.configuration')
        coop = Coop()
        with coop.context():
            configuration = Configuration(1)
            configuration.set_multivalue(
                'capital_account', None, company=coop.company.id)
            capital = coop.account('1013')
            Account.write([capital], {'party_required': False})
            journal = configuration.get_setting('journal', coop.company)
            pool.get('account.move').post_entries(coop.company, [Entry(
                        journal=journal.id, date=day(1, 5), lines=(
                            EntryLine(account=capital.id, credit=D(7)),
                            EntryLine(
                                account=coop.account('5121').id,
                                debit=D(7))))])
            with self.assertRaises(ConfigurationError) as error:
                Configuration.set_french_defaults(coop.company)
            self.assertIn("1013", error.exception.message)

    @with_transaction()
    def test_no_such_account(self):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Account = pool.get('account.account')
        coop = Coop()
        with coop.context():
            Configuration(1).set_multivalue(
                'subscription_account', None, company=coop.company.id)
            Account.write([coop.account('4563')], {'code': '45630'})
            with self.assertRaises(ConfigurationError) as error:
                Configuration.set_french_defaults(coop.company)
            self.assertIn("4563", error.exception.message)
