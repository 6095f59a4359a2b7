# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Rows read as tuples, and rows as the records of a model without a table."""
import datetime
import json

from sql import Cast, Column, Literal
from sql.functions import Function

from trytond import backend
from trytond.transaction import Transaction


def read_rows(query):
    "Return the rows of a query: one by one, PostgreSQL gives them slowly"
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


class _JsonEach(Function):
    __slots__ = ()
    _function = 'JSON_EACH'


class _JsonExtract(Function):
    __slots__ = ()
    _function = 'JSON_EXTRACT'


class _JsonRecords(Function):
    __slots__ = ()
    _function = 'JSONB_TO_RECORDSET'


def records(Model, names, values):
    """Return a query of records, each given by its values in the order of the
    names

    They are one parameter: databases take some ten thousands only.
    """
    types = {name: Model._fields[name].sql_type().base for name in names}
    if backend.name == 'sqlite':
        table = _JsonEach(_dumps(list(values)))
        value = Column(table, 'value')
        return table.select(*(
                _JsonExtract(value, f'$[{i}]').as_(name)
                for i, name in enumerate(names)))
    data = _dumps([dict(zip(names, row)) for row in values])
    table = _JsonRecords(
        Cast(Literal(data), 'JSONB'),
        columns_definitions=list(types.items()))
    return table.select(*(Column(table, name).as_(name) for name in names))


def _dumps(values):
    return json.dumps(
        values, default=datetime.date.isoformat, separators=(',', ':'))
