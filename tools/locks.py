# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Let the tests begin with the locks that those of their class have taken.

Tryton locks tables at the beginning of a transaction: a lock asked for later
begins it again with one more table.  A test that posts would so be run four or
five times, and all that comes before each lock with it.
"""
import os
import unittest
from collections import defaultdict
from contextlib import contextmanager

from trytond import transaction as core
from trytond.tests import test_tryton

_known = defaultdict(set)


def install():
    for error in [
            core._TransactionLockError, core._TransactionLockRecordsError]:
        error.fix = _fix
    test_tryton.Transaction = _Transaction
    unittest.TestCase.subTest = _sub_test


def _tables():
    """Return the tables that the tests of the running class have locked

    Another class may have other modules, and other tables."""
    return _known[os.getenv('PYTEST_CURRENT_TEST', '').rpartition('::')[0]]


def _fix(error, extras):
    "Lock the whole table of records: their numbers change with the test"
    tables = _tables()
    tables.add(error._table)
    extras['_lock_tables'] = sorted(tables.union(
            extras.get('_lock_tables', [])))


class _Transaction:
    "The transaction of a test"

    def __init__(self):
        self._transaction = core.Transaction()

    def __getattr__(self, name):
        return getattr(self._transaction, name)

    def start(self, *args, **extras):
        # Only with_transaction gives one, the set-up of a database does not
        if 'context' in extras:
            extras.setdefault('_lock_tables', sorted(_tables()))
        return self._transaction.start(*args, **extras)


_unittest_sub_test = unittest.TestCase.subTest


@contextmanager
def _sub_test(test, *args, **params):
    "Let no sub test take the demand for a lock for a failure of its own"
    demand = None
    with _unittest_sub_test(test, *args, **params):
        try:
            yield
        except core.TransactionError as error:
            demand = error
    if demand:
        raise demand
