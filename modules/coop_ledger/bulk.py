# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Many records inserted at once.

The caller has made in sets the checks that the model would have made one by
one; here remain those of the database (references, uniqueness, constraints)
and those of the rights of the user.
"""
import datetime
from decimal import Decimal
from itertools import repeat

from sql import Column, Literal, Select, Table
from sql.functions import CurrentTimestamp

from trytond import backend
from trytond.i18n import gettext
from trytond.model.exceptions import RequiredValidationError
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import (
    Transaction, record_cache_size, without_check_access)

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
_TECHNICAL = {'id', 'create_uid', 'create_date', 'write_uid', 'write_date'}


def insert(Model, names, rows):
    """Insert a record for each row of values, in the order of the names.

    Return the ids in the order of the rows.
    Fields that are not named take the default value of the model; a text that
    can be translated is that of all languages.
    """
    rows = list(rows)
    if not rows:
        return []
    fields = [_stored(Model, name) for name in names]
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    _check_access(Model, names)
    defaults = _defaults(Model, names)
    _check_required(Model, columns, defaults)
    transaction = Transaction()
    ids = _next_ids(Model._table, len(rows))
    values = [
        ids, repeat(transaction.user),
        *map(_sql_values, fields, columns.values()),
        *map(repeat, defaults.values())]
    try:
        _write(
            Model._table, ['id', 'create_uid', *names, *defaults], values)
    except (
            backend.DatabaseIntegrityError,
            backend.DatabaseDataError) as exception:
        _raise(Model, exception, columns)
    _remember(Model, ids)
    Model._ModelSQL__check_domain_rule(ids, 'create')
    _queue_triggers(Model, ids)
    return ids


def _stored(Model, name):
    "Return the field if it is but a column of the table"
    if Model._mptt_fields or Model._path_fields:
        raise ValueError(f"{Model.__name__} is a tree")
    field = Model._fields[name]
    if name in _TECHNICAL or hasattr(field, 'set'):
        raise ValueError(f"{Model.__name__}.{name} cannot be inserted")
    return field


def _check_access(Model, names):
    pool = Pool()
    ModelAccess = pool.get('ir.model.access')
    ModelFieldAccess = pool.get('ir.model.field.access')
    ModelAccess.check(Model.__name__, 'create')
    ModelFieldAccess.check(Model.__name__, names, 'write')


@without_check_access
def _defaults(Model, names):
    "Return the values of the columns that are not named"
    missing = [
        name for name, field in Model._fields.items()
        if not hasattr(field, 'set')
        and name not in _TECHNICAL and name not in names]
    values = Model._clean_defaults(
        Model.default_get(missing, with_rec_name=False))
    return {
        name: Model._fields[name].sql_format(value)
        for name, value in values.items() if value is not None}


def _check_required(Model, columns, defaults):
    "Not every database refuses a column without value"
    for name, field in Model._fields.items():
        if (field.required and not hasattr(field, 'set')
                and name not in _TECHNICAL and name not in defaults
                and None in columns.get(name, [None])):
            raise RequiredValidationError(gettext(
                    'ir.msg_required_validation', **Model.__names__(name)))


def _sql_values(field, values):
    "Return the values of a column as the database takes them"
    if set(map(type, values)) <= {_PLAIN.get(field._type), type(None)}:
        if not getattr(field, 'strip', False):
            return values
        if field.strip is True:
            return [value and value.strip() for value in values]
    return [
        None if value is None else field.sql_format(value)
        for value in values]


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
            [sequence.seq], [sequence.seq + Literal(number)],
            where=sequence.name == table))
    if not cursor.rowcount:
        cursor.execute(*sequence.insert(
                [sequence.name, sequence.seq], [[table, number]]))
    cursor.execute(*sequence.select(
            sequence.seq, where=sequence.name == table))
    last, = cursor.fetchone()
    return list(range(last - number + 1, last + 1))


def _write(table, names, values):
    cursor = Transaction().connection.cursor()
    cursor.execute(*Select([CurrentTimestamp()]))
    now, = cursor.fetchone()
    names = ['create_date', *names]
    values = zip(repeat(now), *values)
    if backend.name == 'sqlite':
        table = Table(table)
        values = list(values)
        query, _ = table.insert([Column(table, n) for n in names], values[:1])
        cursor.executemany(query, values)
    else:
        columns = ', '.join(f'"{name}"' for name in names)
        with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in values:
                copy.write_row(row)


def _raise(Model, exception, columns):
    "Raise the error of the constraint as the model would have done"
    transaction = Transaction()
    with transaction.new_transaction():
        if isinstance(exception, backend.DatabaseIntegrityError):
            for values in _suspects(Model, columns):
                Model._ModelSQL__raise_integrity_error(
                    exception, values, list(values), transaction=transaction)
        else:
            Model._ModelSQL__raise_data_error(
                exception, {
                    name: max(values, key=lambda v: len(str(v)))
                    for name, values in columns.items()},
                transaction=transaction)
        # Within it: on SQLite, where both are one, its end would commit
        raise exception


def _suspects(Model, columns):
    """Yield the values that may have made the insertion fail

    First none, for the constraints; then each reference once, as the model
    searches for it.
    """
    yield {}
    for name, values in columns.items():
        if Model._fields[name]._type == 'many2one':
            for value in dict.fromkeys(values):
                if value is not None:
                    yield {name: int(value)}


def _remember(Model, ids):
    "Do what the model does with new records"
    transaction = Transaction()
    transaction.create_records[Model.__name__].extend(ids)
    transaction.counter += 1
    for cache in transaction.cache.values():
        if Model.__name__ in cache:
            cache[Model.__name__].clear()
    Model._count_cache.set(Model.__name__, None)
    Model._insert_history(ids)


@without_check_access
def _queue_triggers(Model, ids):
    Trigger = Pool().get('ir.trigger')
    triggers = Trigger.get_triggers(Model.__name__, 'create')
    if not triggers:
        return
    for sub_ids in grouped_slice(ids, record_cache_size(Transaction())):
        records = Model.browse(list(sub_ids))
        for trigger in triggers:
            trigger.queue_trigger_action(records)
