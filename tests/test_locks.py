# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"What a test asks of its transaction is asked from within its sub tests too"
import unittest

from trytond.transaction import _TransactionLockError


class LocksTestCase(unittest.TestCase):

    def test_in_sub_test(self):
        "The demand for a lock leaves the sub test: the test begins again"
        with self.assertRaises(_TransactionLockError):
            with self.subTest('lock'):
                raise _TransactionLockError('account_move')

    def test_sub_test(self):
        "What follows a demand is not run"
        passed = []
        with self.assertRaises(_TransactionLockError):
            for name in ['first', 'second']:
                with self.subTest(name):
                    passed.append(name)
                    if name == 'first':
                        raise _TransactionLockError('account_move')
        self.assertEqual(passed, ['first'])
