# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Helpers for the tests of this module and of those on top of it."""
from contextlib import contextmanager
from unittest.mock import patch

from trytond.transaction import Transaction


@contextmanager
def count_queries():
    "Collect the queries made within"
    queries = []
    transaction = Transaction()
    connection = _Connection(transaction.connection, queries)
    with patch.object(transaction, 'connection', connection):
        yield queries


class _Proxy:

    def __init__(self, target, queries):
        self._target, self._queries = target, queries

    def __getattr__(self, name):
        return getattr(self._target, name)


class _Connection(_Proxy):

    def cursor(self, *args, **kwargs):
        return _Cursor(self._target.cursor(*args, **kwargs), self._queries)


class _Cursor(_Proxy):

    def __enter__(self):
        self._target.__enter__()
        return self

    def __exit__(self, *exception):
        return self._target.__exit__(*exception)

    def __iter__(self):
        return iter(self._target)

    def execute(self, query, *args):
        self._queries.append(query)
        return self._target.execute(query, *args)

    def executemany(self, query, *args):
        self._queries.append(query)
        return self._target.executemany(query, *args)

    def copy(self, query, *args):
        self._queries.append(query)
        return self._target.copy(query, *args)
