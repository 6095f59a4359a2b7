# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"What posting locks, locked at once."
from trytond import backend
from trytond.pool import Pool
from trytond.transaction import Transaction

from .cache import check_rollback


def begin_writing():
    """Let no other process write from now on to the end of the transaction.

    SQLite knows no other lock, and begins by itself at the first write: what
    was read before it might have changed.  Other databases have their locks.
    """
    transaction = Transaction()
    connection = transaction.connection
    check_rollback(connection)
    if backend.name == 'sqlite' and not connection.in_transaction:
        connection.cursor().execute('BEGIN IMMEDIATE')
        # Records are read again, even those that are in hand
        transaction.counter += 1
        for cache in transaction.cache.values():
            for records in cache.values():
                records.clear()


def take_turns():
    """Let one work of all the companies go at a time, such as an import, that
    finds what the one before it has written.

    Each writes the same rows: of two that began at once PostgreSQL lets the
    later one begin again, where a lock alone would let it go on with what it
    saw before.
    """
    begin_writing()
    company = Pool().get('company.company').__table__()
    Transaction().connection.cursor().execute(
        *company.update([company.write_date], [company.write_date]))


def lock_company(company):
    """Let one long work of the company go at a time.

    Those of other companies go on beside it.
    """
    FiscalYear = Pool().get('account.fiscalyear')
    FiscalYear.lock(FiscalYear.search([
                ('company', '=', company.id),
                ], order=[('id', 'ASC')]))


def lock_posting(company, start, end, journals=()):
    """Lock what posting entries of the company from start to end locks.

    Tryton begins a transaction again from its beginning when it locks late:
    long works call this first.
    journals are those of the entries, if they are known: the periods of the
    journals, which all companies share a lock of, are left alone when those
    are there already.
    """
    begin_writing()
    pool = Pool()
    JournalPeriod = pool.get('account.journal.period')
    Period = pool.get('account.period')
    periods = Period.search([
                ('company', '=', company.id),
                ('start_date', '<=', end),
                ('end_date', '>=', start),
                ])
    if not journals or _missing_journal_periods(journals, periods):
        JournalPeriod.lock()
    sequences = {}
    for period in periods:
        sequence = period.move_sequence_used
        if sequence:
            sequences.setdefault(sequence.__class__, set()).add(sequence)
    for Sequence, records in sequences.items():
        Sequence.lock(sorted(records, key=int))


def make_journal_periods(journals, periods):
    "Make those that are missing, so that no later work has to lock them"
    JournalPeriod = Pool().get('account.journal.period')
    if not _missing_journal_periods(journals, periods):
        return
    JournalPeriod.lock()
    JournalPeriod.create([
            {'journal': journal, 'period': period}
            for journal, period in sorted(
                _missing_journal_periods(journals, periods))])


def _missing_journal_periods(journals, periods):
    JournalPeriod = Pool().get('account.journal.period')
    journals = list(map(int, journals))
    periods = [p.id for p in periods if p.state == 'open']
    return {
        (journal, period) for journal in journals for period in periods} - {
        (j.journal.id, j.period.id) for j in JournalPeriod.search([
                ('journal', 'in', journals),
                ('period', 'in', periods),
                ], order=[])}
