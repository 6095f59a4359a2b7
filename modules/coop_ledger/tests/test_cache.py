# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is rolled back on SQLite leaves nothing."""
import datetime as dt
import unittest
from unittest.mock import patch

from trytond import backend, config
from trytond.cache import MemoryCache
from trytond.modules.coop_ledger.cache import keep_rollback
from trytond.modules.coop_ledger.exceptions import TransactionUnsafeError
from trytond.modules.coop_ledger.lock import begin_writing
from trytond.modules.coop_ledger.tests.tools import LedgerTestCase
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction

DEFAULT = 300  # seconds, of Tryton
LONG_AGO = dt.datetime(2000, 1, 1)


@unittest.skipUnless(backend.name == 'sqlite', "Others have no such state")
class CacheTestCase(LedgerTestCase):

    def setUp(self):
        super().setUp()
        patcher = patch.object(
            MemoryCache, '_clean_last', LONG_AGO)
        patcher.start()
        self.addCleanup(patcher.stop)

    def set_timeout(self, seconds):
        timeout = config.get('cache', 'clean_timeout')
        self.addCleanup(config.set, 'cache', 'clean_timeout', timeout)
        config.set('cache', 'clean_timeout', str(seconds))

    def left(self, name):
        "Return how many of a party are left, once its creation is rolled back"
        MemoryCache._clean_last = LONG_AGO
        with Transaction().start(DB_NAME, 1) as transaction:
            Pool().get('party.party').create([{'name': name}])
            transaction.rollback()
        with Transaction().start(DB_NAME, 1):
            return Pool().get('party.party').search(
                [('name', '=', name)], count=True)

    def test_set(self):
        "The modules set what makes a rollback whole"
        self.set_timeout(DEFAULT)
        self.assertEqual(self.left("Kept by the default"), 1)
        keep_rollback()
        self.assertEqual(self.left("Rolled back"), 0)
        MemoryCache._clean_last = LONG_AGO
        with Transaction().start(DB_NAME, 1):
            begin_writing()

    def test_refused(self):
        "Nothing is written in a transaction that cannot be rolled back"
        self.set_timeout(DEFAULT)
        with Transaction().start(DB_NAME, 1):
            with self.assertRaises(TransactionUnsafeError):
                begin_writing()
