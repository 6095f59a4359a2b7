# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"How the rows of a table enter, whole or not at all."
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from trytond.model import Model
from trytond.modules.coop_ledger.files.problem import Problem, refuse
from trytond.modules.coop_ledger.files.table import Row, read_table
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

# The ORM looks for overlaps by one condition for each record of a list, of
# which SQLite parses no more than a hundred
SLICE = 50


@dataclass
class Report:
    """What the import of a file did, counted in rows.

    notes are problems that did not keep the file out.
    """
    file: str
    table: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    notes: list[Problem] = field(default_factory=list)


@dataclass
class Change:
    """A row, the record that it is about and what is to be written to it.

    record is None when it is to be created.
    """
    row: Row
    record: Model | None
    values: dict


@dataclass(frozen=True)
class New:
    "A record that is to be created from its code alone"
    model: str
    code: str


class Table:
    """A table of a co-op's files.

    The rows are read, checked against each other and against the records,
    then written in sets: a file enters whole or not at all.
    """
    name = None
    columns = []
    key = []
    # The models that the user must be allowed to write
    access = []
    # The models whose tables are locked when records are created
    locks = []

    def __init__(self, table, report):
        self.rows = table.rows
        self.problems = table.problems
        self.report = report
        self.changes = []
        self._created = set()
        self._updated = set()

    @classmethod
    def enter(cls, data: bytes, filename: str) -> Report:
        """Enter a file and return what was done.

        All the problems of the file are raised at once.
        """
        table = read_table(data, filename, cls.columns)
        if cls.key:
            table.check_unique(*cls.key)
        report = Report(filename, cls.name, notes=table.notes)
        entry = cls(table, report)
        if table.rows:
            entry.prepare()
            refuse(entry.problems)
            entry.lock()
            entry.write()
            report.created = len(entry._created)
            report.updated = len(entry._updated - entry._created)
            report.unchanged = (
                len(table.rows) - report.created - report.updated)
        refuse(entry.problems)
        return report

    def prepare(self) -> None:
        "Make the changes of the rows and add the problems found"
        raise NotImplementedError

    def lock(self) -> None:
        """Lock the tables that the writing will lock.

        A transaction that meets a lock late starts again from its beginning.
        """
        if any(change.record is None for change in self.changes):
            for model in self.locks:
                Pool().get(model).lock()

    def write(self) -> None:
        "Write the changes"
        raise NotImplementedError

    def problem(self, row, code, column=None, **args):
        "Add a problem of the row, unless its cell has one already"
        if column not in row.faulty:
            self.problems.append(
                row.problem(f'coop_cae.msg_table_{code}', column, **args))

    def note(self, row, code, column=None, **args):
        self.report.notes.append(
            row.problem(f'coop_cae.msg_table_{code}', column, **args))

    def codes(self, column: str) -> list[str]:
        "Return the codes that the rows have in a column"
        codes = {}
        for row in self.rows:
            value = row[column]
            codes.update(dict.fromkeys(
                    [value] if isinstance(value, str) else value or []))
        return list(codes)

    def find(self, model: str, codes: Iterable[str], name='code') -> dict:
        "Return the records by code"
        Model_ = Pool().get(model)
        with Transaction().set_context(active_test=False):
            records = Model_.search([(name, 'in', list(codes))], order=[])
        return {_attribute(r, name): r for r in Model_.browse(records)}

    def find_in_companies(self, model: str, column: str) -> dict:
        "Return the records of a column by company, then by code"
        Model_ = Pool().get(model)
        records = defaultdict(dict)
        for record in Model_.search([
                    ('company', 'in', self._user_companies()),
                    ('code', 'in', self.codes(column)),
                    ], order=[('id', 'ASC')]):
            records[record.company][record.code] = record
        return records

    def find_or_new(self, model: str, column: str) -> dict:
        "Return the records of a column by code, to be created if missing"
        codes = self.codes(column)
        return {
            **{c: New(model, c) for c in codes}, **self.find(model, codes)}

    def companies(self, column='company') -> dict:
        "Return the companies by code, among those of the user"
        companies = self.find(
            'company.company', self.codes(column), 'party.code')
        allowed = self._user_companies()
        return {
            code: c for code, c in companies.items() if c.id in allowed}

    def _user_companies(self):
        pool = Pool()
        Company = pool.get('company.company')
        User = pool.get('res.user')
        user = Transaction().user
        companies = User(user).companies if user else Company.search([])
        return [c.id for c in companies]

    def get(self, found: dict, row: Row, column: str, table: str):
        "Return the record of the code of a cell, add a problem if unknown"
        if not (code := row[column]):
            return None
        if code not in found:
            self.problem(row, 'unknown_code', column, table=table)
        return found.get(code)

    def save(self, model: str, changes: list[Change]) -> list[Change]:
        "Write the changes to their records, and return those that changed"
        Model_ = Pool().get(model)
        self._create_new(changes)
        to_create = [c for c in changes if c.record is None]
        changed, to_write = list(to_create), []
        for change in changes:
            if change.record is not None:
                if values := differences(change.record, change.values):
                    changed.append(change)
                    to_write.extend(([change.record], _written(values)))
        if to_create:
            records = [
                record for slice_ in grouped_slice(to_create, SLICE)
                for record in Model_.create(
                    [_written(c.values) for c in slice_])]
            for change, record in zip(to_create, records, strict=True):
                change.record = record
                self._created.add(change.row.line)
        if to_write:
            Model_.write(*to_write)
        self._updated |= {c.row.line for c in changed}
        return changed

    def _create_new(self, changes):
        new = {}
        for change in changes:
            for value in change.values.values():
                if isinstance(value, New):
                    new.setdefault(value.model, {})[value.code] = None
        for model, codes in new.items():
            records = Pool().get(model).create(
                [{'code': c, 'name': c} for c in codes])
            codes.update((r.code, r.id) for r in records)
        for change in changes:
            for name, value in change.values.items():
                if isinstance(value, New):
                    change.values[name] = new[value.model][value.code]


def _attribute(record, path):
    for name in path.split('.'):
        record = getattr(record, name)
    return record


def _plain(value):
    if isinstance(value, Model):
        return value.id
    elif value == '':
        return None
    return value


def _written(values):
    return {name: _plain(value) for name, value in values.items()}


def differences(record: Model, values: dict) -> dict:
    """Return the values that the record does not have yet.

    A list holds what is to be done to the records of a relation.
    """
    return {
        name: value for name, value in values.items()
        if (value if isinstance(value, list)
            else _plain(getattr(record, name)) != _plain(value))}
