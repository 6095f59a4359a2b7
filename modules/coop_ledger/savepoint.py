# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"What is taken back when it fails."
from contextlib import contextmanager
from copy import copy

from trytond.cache import Cache
from trytond.transaction import Transaction

from .lock import begin_writing

_NAME = 'coop_ledger'
_SETS = ['create_records', 'delete_records', 'trigger_records']
_LISTS = ['log_records', 'user_notifications', 'tasks']


class Savepoint:
    "undo is to be set to take back what is written although nothing failed"
    undo = False


@contextmanager
def savepoint():
    """Take back what is written in the block if it fails or is undone

    What the caller wrote before in the same transaction stays.
    """
    transaction = Transaction()
    cursor = transaction.connection.cursor()
    sets = {
        n: {k: copy(v) for k, v in getattr(transaction, n).items()}
        for n in _SETS}
    lengths = {n: len(getattr(transaction, n)) for n in _LISTS}
    # The release of a savepoint outside of a transaction would commit
    begin_writing()
    cursor.execute(f'SAVEPOINT {_NAME}')
    point = Savepoint()
    failed = True
    try:
        yield point
        failed = False
    finally:
        if failed or point.undo:
            cursor.execute(f'ROLLBACK TO SAVEPOINT {_NAME}')
            _forget(transaction, sets, lengths)
        cursor.execute(f'RELEASE SAVEPOINT {_NAME}')


def _forget(transaction, sets, lengths):
    "Drop what was read or recorded since the savepoint"
    for name, values in sets.items():
        records = getattr(transaction, name)
        records.clear()
        records.update(values)
    for name, length in lengths.items():
        del getattr(transaction, name)[length:]
    transaction.counter += 1
    for cache in transaction.cache.values():
        cache.clear()
    # No one knows which caches were filled from what is taken back
    Cache.clear_all()
