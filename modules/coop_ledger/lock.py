# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond import backend
from trytond.pool import Pool
from trytond.transaction import Transaction


def begin_writing():
    """Let no other process write from now on to the end of the transaction.

    SQLite knows no other lock, and begins by itself at the first write: what
    was read before it might have changed.  Other databases have their locks.
    """
    transaction = Transaction()
    connection = transaction.connection
    if backend.name == 'sqlite' and not connection.in_transaction:
        connection.cursor().execute('BEGIN IMMEDIATE')
        # Records are read again, even those that are in hand
        transaction.counter += 1
        for cache in transaction.cache.values():
            for records in cache.values():
                records.clear()


def lock_posting(company, start, end):
    """Lock what posting entries of the company from start to end locks.

    Tryton begins a transaction again from its beginning when it locks late:
    long works call this first.
    """
    begin_writing()
    pool = Pool()
    JournalPeriod = pool.get('account.journal.period')
    Period = pool.get('account.period')
    JournalPeriod.lock()
    sequences = {}
    for period in Period.search([
                ('company', '=', company.id),
                ('start_date', '<=', end),
                ('end_date', '>=', start),
                ]):
        sequence = period.move_sequence_used
        if sequence:
            sequences.setdefault(sequence.__class__, set()).add(sequence)
    for Sequence, records in sequences.items():
        Sequence.lock(sorted(records, key=int))
