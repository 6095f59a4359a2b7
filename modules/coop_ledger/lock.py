# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"What posting locks, locked at once."
from trytond.pool import Pool


def lock_posting(company, start, end):
    """Lock what posting entries of the company from start to end locks.

    Tryton begins a transaction again from its beginning when it locks late:
    long works call this first.
    """
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
