# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"A table of a file, as people's spreadsheets write it."
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .decode import decode, split_lines
from .problem import Problem
from .values import (
    BadValue, fold, parse_date, parse_integer, parse_month, parse_number,
    strip)

SEPARATORS = ';,\t|'
KINDS = {
    'text', 'code', 'codes', 'choice', 'integer', 'number', 'money', 'date',
    'month'}


@dataclass(frozen=True)
class Column:
    """A column that a table of a file may have

    kind is one of KINDS; required asks for a value on each row, header for
    the column itself.
    choices are the values of a choice, or map what may be written to them.
    minimum and maximum bound numbers, money and dates.
    places is the most decimals of a number; money has two.
    """
    name: str
    kind: str = 'text'
    required: bool = True
    header: bool = True
    aliases: Sequence[str] = ()
    choices: Sequence[str] | Mapping[str, Any] = ()
    minimum: Any = None
    maximum: Any = None
    places: int | None = None

    def __post_init__(self):
        assert self.kind in KINDS, self.kind

    def parse(self, text: str):
        "Return the value of the cell, None when it is empty"
        text = strip(text)
        # Ends of lines and the like, of which a text keeps nothing
        if not text.strip():
            if self.required:
                raise BadValue('required')
            return () if self.kind == 'codes' else None
        value = getattr(self, f'_parse_{self.kind}')(text)
        if self.kind in {'integer', 'number', 'money', 'date', 'month'}:
            if self.minimum is not None and value < self.minimum:
                raise BadValue('minimum', minimum=self.minimum)
            if self.maximum is not None and value > self.maximum:
                raise BadValue('maximum', maximum=self.maximum)
        return value

    def _parse_text(self, text):
        return ' '.join(text.split())

    def _parse_code(self, text):
        if re.search(r'\s', text):
            raise BadValue('code')
        return text

    def _parse_codes(self, text):
        codes = [strip(c) for c in re.split('[,|]', text)]
        if not all(codes) or any(re.search(r'\s', c) for c in codes):
            raise BadValue('codes')
        if len(set(codes)) != len(codes):
            raise BadValue('codes_doubled')
        return tuple(codes)

    def _parse_choice(self, text):
        choices = self.choices
        if not isinstance(choices, Mapping):
            choices = {c: c for c in choices}
        known = {fold(k): v for k, v in choices.items()}
        try:
            return known[fold(text)]
        except KeyError:
            raise BadValue('choice', choices=list(choices))

    def _parse_integer(self, text):
        return parse_integer(text)

    def _parse_number(self, text):
        return parse_number(text, places=self.places)

    def _parse_money(self, text):
        return parse_number(text, places=2, code='money')

    def _parse_date(self, text):
        return parse_date(text)

    def _parse_month(self, text):
        return parse_month(text)


def money(name, positive=True, **kwargs) -> Column:
    "Return a column of money, not negative unless positive is false"
    kwargs.setdefault('minimum', Decimal(0) if positive else None)
    return Column(name, 'money', **kwargs)


@dataclass
class Row:
    "A row of a table: its values by column name and where it comes from"
    file: str
    line: int
    values: dict[str, Any]
    cells: dict[str, str]
    faulty: set[str] = field(default_factory=set)

    def __getitem__(self, name):
        return self.values[name]

    def get(self, name, default=None):
        return self.values.get(name, default)

    def problem(self, code: str, column: str | None = None, **args) -> Problem:
        "Return a problem at this row"
        value = self.cells.get(column) if column else None
        return Problem(code, self.file, self.line, column, value, args)


@dataclass
class Table:
    """The rows of a file and what is wrong with it

    A row with a faulty cell stays in rows, with None as value and the name
    of the column in faulty, so that one reading tells everything.
    Nothing may be written from a table with problems.
    Notes tell what was left out.
    """
    file: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    encoding: str | None = None
    separator: str | None = None

    def check_unique(self, *names: str) -> None:
        "Add a problem for each row whose key an earlier row has"
        first = {}
        for row in self.rows:
            if row.faulty & set(names):
                continue
            key = tuple(row.get(n) for n in names)
            line = first.setdefault(key, row.line)
            if line != row.line:
                self.problems.append(
                    row.problem('duplicate', names[-1], line_=line))


def read_table(
        data: bytes, filename: str, columns: Sequence[Column]) -> Table:
    """Return the table of a CSV file as people's spreadsheets write it

    All the problems of the file are told at once.
    """
    text, encoding, problems = decode(data, filename)
    table = Table(filename, problems=problems, encoding=encoding)
    if text is None:
        return table
    header_line = next((x for x in split_lines(text) if strip(x)), '')
    if not strip(header_line):
        table.problems.append(Problem('empty', filename))
        return table
    table.separator = find_separator(
        header_line, SEPARATORS,
        [n for c in columns for n in [c.name, *c.aliases]])
    records = _records(text, table)
    line, header = records[0] if records else (1, [])
    places = _read_header(header, line, columns, table)
    if places is None:
        return table
    if len(records) < 2:
        table.notes.append(Problem('no_row', filename))
    width = len(header)
    cut = not text.endswith(('\n', '\r'))
    for i, (line, cells) in enumerate(records[1:], 2):
        last = i == len(records)
        if _check_width(cells, width, line, cut and last, table):
            table.rows.append(_read_row(cells, line, places, columns, table))
    return table


def find_separator(
        header: str, separators: str, names: Sequence[str]) -> str:
    "Return the separator that finds the most names in the header line"
    known = {fold(n) for n in names}

    def count(separator):
        cells = [fold(c.strip('"')) for c in header.split(separator)]
        return (len(known & set(cells)), len(cells))
    return max(separators, key=count)


def _records(text, table):
    """Return the line and the cells of each row that is not blank

    A broken quote ends the reading: nothing can be told of what follows.
    """
    records = []
    reader = csv.reader(
        io.StringIO(text, newline=''), delimiter=table.separator, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            table.problems.append(Problem('quote', table.file, line))
            break
        if any(strip(c) for c in cells):
            records.append((line, cells))
        line = reader.line_num + 1
    return records


def _read_header(header, line, columns, table):
    "Return the place of each column, None if the rows cannot be read"
    while header and not strip(header[-1]):
        header.pop()
    names = [fold(c) for c in header]
    known = {fold(n): c for c in columns for n in [c.name, *c.aliases]}
    found = Counter()
    places = {}
    for place, name in enumerate(names):
        if column := known.get(name):
            found[column.name] += 1
            places[column.name] = place
        else:
            table.notes.append(Problem(
                    'column_unknown', table.file, line,
                    value=strip(header[place])))
    doubled = [n for n, count in found.items() if count > 1]
    missing = [
        c.name for c in columns if c.header and c.name not in places]
    for code, faulty in [
            ('column_doubled', doubled), ('column_missing', missing)]:
        for name in faulty:
            table.problems.append(Problem(
                    code, table.file, line, args={'name': name}))
    return None if doubled or missing else places


def _check_width(cells, width, line, cut, table):
    "Test if the row has as many cells as the header, blank ones aside"
    while len(cells) > width and not strip(cells[-1]):
        cells.pop()
    if len(cells) == width:
        return True
    code = 'cut' if cut and len(cells) < width else 'cells'
    table.problems.append(Problem(
            code, table.file, line,
            args={'expected_': width, 'found': len(cells)}))
    return False


def _read_row(cells, line, places, columns, table):
    row = Row(table.file, line, {}, {})
    for column in columns:
        place = places.get(column.name)
        if place is None:
            row.values[column.name] = () if column.kind == 'codes' else None
            continue
        cell = row.cells[column.name] = strip(cells[place])
        try:
            row.values[column.name] = column.parse(cell)
        except BadValue as error:
            row.values[column.name] = None
            row.faulty.add(column.name)
            table.problems.append(
                row.problem(error.code, column.name, **error.args_))
    return row
