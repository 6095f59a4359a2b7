# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"What a test asks of its transaction is asked from within its sub tests too"
import unittest

from trytond.transaction import _TransactionLockError


class LocksTestCase(unittest.TestCase):

    def test_sub_test(self):
        "The demand for a lock ends the test, which begins again with it"
        passed = []
        with self.assertRaises(_TransactionLockError):
            for name in ['first', 'second']:
                with self.subTest(name):
                    passed.append(name)
                    if name == 'first':
                        raise _TransactionLockError('account_move')
        self.assertEqual(passed, ['first'])
