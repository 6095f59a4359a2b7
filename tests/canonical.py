# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a database tells, whatever the ids and the times of its records.

A record is told by its values and by what the records that it points to tell:
two databases with the same canonical dump say the same.
"""
import io
import zipfile
from collections import Counter
from decimal import Decimal
from itertools import repeat

from trytond.model import ModelSQL, fields

# What Tryton keeps for itself, but for what people enter or count with
_OURS = {
    'ir.attachment', 'ir.note', 'ir.sequence', 'ir.sequence.strict',
    'res.user', 'res.user-company.company', 'res.user-res.group'}
# Drawn from a sequence that leaves a gap, on PostgreSQL, where a transaction
# was taken back
_DRAWN = {
    'party.party': {'code', 'code_alnum', 'code_digit'},
    # The name of a file, by chance
    'ir.attachment': {'file_id'}}
# A way from an analytic line to the party of its company has six steps
_ROUNDS = 6


def models(pool):
    "Return the models whose tables are told, by name"
    return {
        name: Model for name, Model in sorted(pool.iterobject())
        if issubclass(Model, ModelSQL) and not callable(Model.table_query)
        and (name in _OURS or not name.startswith(('ir.', 'res.')))}


def dump(connection, pool):
    """Return the rows of each table, as a counter of what they tell, with the
    values of each

    connection is one of the database interface of Python, pool has the models
    of the database."""
    tables = {
        name: _read(connection, Model)
        for name, Model in models(pool).items()}
    told = {
        name: {id_: hash(scalars) for id_, (scalars, _) in rows.items()}
        for name, rows in tables.items()}
    for _ in range(_ROUNDS):
        told = {
            name: {
                id_: hash((scalars, tuple(
                            told[model].get(target) if target is not None
                            and model in told else target
                            for model, target in links)))
                for id_, (scalars, links) in rows.items()}
            for name, rows in tables.items()}
    return {
        name: (Counter(told[name].values()), {
                told[name][id_]: row for id_, row in rows.items()})
        for name, rows in tables.items()}


def _read(connection, Model):
    "Return by id the values of each row, and the model and id of its links"
    cursor = connection.cursor()
    try:
        cursor.execute(f'SELECT * FROM "{Model._table}"')
        columns = [column[0] for column in cursor.description]
        key = columns.index('id')
        readers = [
            (i, name, _kind(Model, name)) for i, name in enumerate(columns)]
        result = {}
        for row in cursor.fetchall():
            scalars, links = [], []
            for i, name, (kind, target) in readers:
                value = row[i]
                if kind == 'scalar':
                    scalars.append((name, _plain(value)))
                elif kind == 'link':
                    links.append((target, value))
                elif kind == 'reference':
                    links.append(_reference(value))
            result[row[key]] = tuple(scalars), tuple(links)
        return result
    finally:
        cursor.close()


def _kind(Model, name):
    "Return how a column is read, and the model that it points to"
    field = Model._fields.get(name)
    if (name == 'id' or field is None or name in _of_trees(Model)
            or name in _DRAWN.get(Model.__name__, ())
            or isinstance(field, (fields.Timestamp, fields.DateTime))
            or name in {'create_uid', 'write_uid'}):
        return 'skipped', None
    elif isinstance(field, fields.Reference):
        return 'reference', None
    elif isinstance(field, fields.Many2One):
        return 'link', field.model_name
    return 'scalar', None


def _of_trees(Model):
    "Return the columns that tell the place in a tree by numbers"
    result = set(Model._path_fields)
    for field in Model._fields.values():
        if isinstance(field, fields.Many2One) and field.left:
            result |= {field.left, field.right}
    return result


def _reference(value):
    model, _, id_ = (value or '').partition(',')
    return model, int(id_) if id_.lstrip('-').isdigit() else None


def _plain(value):
    if isinstance(value, (int, float, Decimal)) and not isinstance(
            value, bool):
        # SQLite gives 0.1 as a float, or 1.0 as 1
        return Decimal(str(value)).normalize()
    elif isinstance(value, (bytes, memoryview)):
        return _document(bytes(value))
    elif isinstance(value, (dict, list)):
        return repr(value)
    return value


def _document(data):
    "Return what an archive, such as a document, has but for its times"
    if not data.startswith(b'PK\x03\x04'):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return tuple(
            (f.filename, f.CRC) for f in archive.infolist()
            if f.filename != 'meta.xml')


def differences(found, expected, most=3):
    "Return sentences on what differs between two dumps, none when they agree"
    result = []
    for name in sorted(found.keys() | expected.keys()):
        (left, left_rows), (right, right_rows) = (
            d.get(name, (Counter(), {})) for d in [found, expected])
        more, less = (
            [rows[told] for told in counts]
            for counts, rows in [
                (left - right, left_rows), (right - left, right_rows)])
        if more or less:
            result.append(f'{name}: {len(more)} more, {len(less)} less')
            result.extend(map(_nearest, more[:most], repeat(less)))
            result.extend(map(_nearest, less[:most], repeat(more)))
    return result


def _nearest(row, others):
    "Return the cells that no other row has, of the row that is most alike"
    if not others:
        return row
    cells = [(i, cell) for part in row for i, cell in enumerate(part)]
    return min((
            [c for c in cells if c not in other] for other in (
                [(i, cell) for part in row for i, cell in enumerate(part)]
                for row in others)),
        key=len)


def same(found, expected):
    return all(
        found[name][0] == expected[name][0]
        for name in found.keys() | expected.keys())
