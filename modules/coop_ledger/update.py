# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"A value of its own set on each record of many."
from itertools import islice

from sql import Values

from trytond import backend
from trytond.transaction import Transaction

# Two parameters each: all databases take so many at once
CHUNK = 10_000


def assign(Model, name, values):
    """Set the field of each record to its own value, from pairs (id, value)

    This does what is left to do on records that the caller just inserted, or
    has checked as the model would have done.
    """
    transaction = Transaction()
    cursor = transaction.connection.cursor()
    values = iter(values)
    while chunk := [list(pair) for pair in islice(values, CHUNK)]:
        table = Model.__table__()
        pairs = Values(chunk)
        value = pairs.column2
        if backend.name != 'sqlite':
            # Nothing but NULL has no type of its own
            value = Model._fields[name].sql_cast(value)
        cursor.execute(*table.update(
                [getattr(table, name)], [value], from_=[pairs],
                where=table.id == pairs.column1))
    transaction.counter += 1
    for cache in transaction.cache.values():
        if Model.__name__ in cache:
            cache[Model.__name__].clear()
