# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Lines that balance reconciled in sets."""
from trytond.pool import Pool
from trytond.tools import grouped_slice

from .bulk import insert
from .hooks import is_extended
from .update import assign

# The ORM is slow on long lists of records
SLICE = 100


def reconcile(company, groups):
    """Reconcile each group of lines and return the ids of reconciliations.

    A group is its date, the highest of its lines, and their ids.
    The caller has checked that the lines of a group are valid, not reconciled,
    of one account that is reconciled, of one party, and that they balance.
    """
    pool = Pool()
    Configuration = pool.get('account.configuration')
    Line = pool.get('account.move.line')
    Move = pool.get('account.move')
    Reconciliation = pool.get('account.move.reconciliation')
    if not groups:
        return []
    if is_extended(Line, Move._entry_modules):
        return list(map(int, Line.reconcile(
                    *(Line.browse(ids) for _, ids in groups))))
    sequence = Configuration(1).get_multivalue(
        'reconciliation_sequence', company=company.id)
    numbers = sequence.get_many(len(groups))
    ids = insert(Reconciliation, ['number', 'company', 'date'], [
            (number, company.id, date)
            for number, (date, _) in zip(numbers, groups)])
    assign(Line, 'reconciliation', (
            (line, id_)
            for id_, (_, lines) in zip(ids, groups) for line in lines))
    if is_extended(Reconciliation, {'account'}):
        # Invoices and the like look whether they are paid now
        for slice_ in grouped_slice(ids, SLICE):
            Reconciliation.on_modification(
                'create', Reconciliation.browse(list(slice_)))
    return ids
