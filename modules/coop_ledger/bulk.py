# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Many records inserted at once.

The caller has made in sets the checks that the model would have made one by
one; here remain those of the database: references, uniqueness, constraints.
"""
import datetime
from decimal import Decimal

from sql import Column, Select, Table
from sql.functions import CurrentTimestamp

from trytond import backend
from trytond.pool import Pool
from trytond.transaction import Transaction

# Values that the database takes as they are, by type of field
_PLAIN = {
    'boolean': bool,
    'char': str,
    'date': datetime.date,
    'integer': int,
    'many2one': int,
    'numeric': Decimal,
    'reference': str,
    'selection': str,
    'text': str,
    }


def insert(Model, names, rows):
    """Insert a record for each row of values, in the order of the names.

    Return the ids in the order of the rows.
    """
    rows = list(rows)
    if not rows:
        return []
    columns = [Model._fields[name] for name in names]
    transaction = Transaction()
    ids = _next_ids(Model._table, len(rows))
    converters = [(_PLAIN.get(f._type), f) for f in columns]
    values = [
        (id_, transaction.user, *(
                value if value is None or type(value) is plain
                else field.sql_format(value)
                for value, (plain, field) in zip(row, converters)))
        for id_, row in zip(ids, rows, strict=True)]
    try:
        _write(Model._table, ['id', 'create_uid', *names], values)
    except backend.DatabaseIntegrityError as exception:
        _raise(Model, exception, names, rows)
    _forget(Model, columns, rows)
    _run_triggers(Model, ids)
    return ids


def _next_ids(table, number):
    transaction = Transaction()
    if backend.name != 'sqlite':
        ids = transaction.database.nextid(
            transaction.connection, table, count=number)
        return ids if number > 1 else [ids]
    # The sequence is taken by a write, so that no other writer can come
    # between it and the insertion
    sequence = Table('sqlite_sequence')
    cursor = transaction.connection.cursor()
    cursor.execute(*sequence.update(
            [sequence.seq], [sequence.seq + number],
            where=sequence.name == table))
    if not cursor.rowcount:
        cursor.execute(*sequence.insert(
                [sequence.name, sequence.seq], [[table, number]]))
    cursor.execute(*sequence.select(
            sequence.seq, where=sequence.name == table))
    last, = cursor.fetchone()
    return list(range(last - number + 1, last + 1))


def _write(table, names, values):
    connection = Transaction().connection
    cursor = connection.cursor()
    if backend.name == 'sqlite':
        table = Table(table)
        query, _ = table.insert(
            [Column(table, n) for n in [*names, 'create_date']],
            [[*values[0], CurrentTimestamp()]])
        cursor.executemany(query, values)
    else:
        cursor.execute(*Select([CurrentTimestamp()]))
        now, = cursor.fetchone()
        columns = ', '.join(f'"{n}"' for n in ['create_date', *names])
        with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in values:
                copy.write_row((now, *row))


def _raise(Model, exception, names, rows):
    "Raise the error of the constraint as the model would have done"
    transaction = Transaction()
    with transaction.new_transaction():
        for row in rows:
            Model._ModelSQL__raise_integrity_error(
                exception, dict(zip(names, row)), transaction=transaction)
    raise exception


def _forget(Model, columns, rows):
    "Drop what the ORM remembers of the model and of those it points to"
    transaction = Transaction()
    transaction.counter += 1
    stale = {Model.__name__}
    for i, field in enumerate(columns):
        if field._type == 'many2one':
            stale.add(field.model_name)
        elif field._type == 'reference':
            stale.update(
                row[i].partition(',')[0] for row in rows if row[i])
    for cache in transaction.cache.values():
        for name in stale & cache.keys():
            cache[name].clear()


def _run_triggers(Model, ids):
    Trigger = Pool().get('ir.trigger')
    if Trigger.get_triggers(Model.__name__, 'create'):
        Model.trigger_create(Model.browse(ids))
