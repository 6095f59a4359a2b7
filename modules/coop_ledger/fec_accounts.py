# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accounts that the lines of a FEC are booked on"""
import datetime
from collections import defaultdict
from typing import NamedTuple

from sql import Null
from sql.conditionals import Coalesce

from trytond.pool import Pool
from trytond.transaction import Transaction

from .files.chart import Chart, ChartAccount, Types


class _Row(NamedTuple):
    id: int
    code: str
    parent: int | None
    type: int | None
    debit_type: int | None
    credit_type: int | None
    closed: bool
    reconcile: bool
    party_required: bool
    start_date: datetime.date | None
    end_date: datetime.date | None
    template: int | None
    template_override: bool
    # payable or receivable
    due: bool


class _Use:
    "How the lines use an account"

    def __init__(self, code):
        self.code = code
        self.name = code
        self.lines = []
        self.with_auxiliary = False
        self.with_letter = False

    def add(self, line):
        if not self.lines:
            self.name = line.account_name
        self.lines.append(line.number)
        self.with_auxiliary |= bool(line.auxiliary)
        self.with_letter |= bool(line.letter)


class Accounts:
    """The accounts of a company by the codes of a FEC

    What the chart lacks is created under the account whose code starts like
    it, with its type.
    An account whose lines name third parties asks for a party from then on;
    lines posted before on it stay as they are.
    """

    def __init__(self, company, fec, lines):
        self.company = company
        self.fec = fec
        self.uses = {}
        for line in lines:
            if line.account not in self.uses:
                self.uses[line.account] = _Use(line.account)
            self.uses[line.account].add(line)
        dates = [line.date for line in lines]
        self.first, self.last = min(dates), max(dates)
        self.created = 0
        self.guessed = []

    def make(self):
        "Return the rows of the accounts by code"
        found = self._find()
        missing = [c for c in sorted(self.uses) if c not in found]
        if missing:
            self._create(missing)
        if self._adapt(found) or missing:
            found = self._find()
        if self.guessed:
            self.fec.note('fec_type_guessed', accounts=self.guessed)
        return found

    def _read(self):
        pool = Pool()
        Account = pool.get('account.account')
        Type = pool.get('account.account.type')
        table, type_ = Account.__table__(), Type.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table
            .join(type_, 'LEFT', condition=table.type == type_.id)
            .select(
                table.id, table.code, table.parent, table.type,
                table.debit_type, table.credit_type, table.closed,
                table.reconcile, table.party_required, table.start_date,
                table.end_date, table.template, table.template_override,
                Coalesce(type_.receivable, False)
                | Coalesce(type_.payable, False),
                where=(table.company == self.company.id)
                & (table.code != Null),
                order_by=[table.id]))
        return [_Row(*row[:-1], bool(row[-1])) for row in cursor]

    def _find(self):
        "Return the best row of each code that the chart knows"
        self.rows = self._read()
        by_code = defaultdict(list)
        for row in self.rows:
            if row.code in self.uses:
                by_code[row.code].append(row)
        return {
            code: max(rows, key=lambda r: (
                    not r.closed, self._is_current(r), r.type is not None))
            for code, rows in by_code.items()}

    def _is_current(self, row):
        return (
            (row.start_date is None or row.start_date <= self.first)
            and (row.end_date is None or row.end_date >= self.last))

    def _problem(self, code, use, **args):
        self.fec.problem(
            code, line=use.lines[0], column='CompteNum', value=use.code,
            lines=use.lines, **args)

    def _chart(self):
        return Chart(
            ChartAccount(
                r.id, r.code, r.parent,
                Types(r.type, r.debit_type, r.credit_type))
            for r in self.rows)

    def _types(self, chart, use, account):
        typed = chart.find_typed(use.code, account)
        if not typed:
            self._problem('fec_no_type', use, parent=account.code)
            return None
        if not account.code.startswith(typed.code):
            self.guessed.append(f'{use.code} ({typed.code})')
        return typed.types

    def _create(self, codes):
        Account = Pool().get('account.account')
        chart = self._chart()
        values = []
        for code in codes:
            use = self.uses[code]
            parent = chart.find_parent(code)
            if not parent:
                self._problem('fec_no_parent', use)
                continue
            types = self._types(chart, use, parent)
            if not types:
                continue
            values.append({
                    'company': self.company.id,
                    'code': code,
                    'name': use.name,
                    'parent': parent.id,
                    'party_required': use.with_auxiliary,
                    'reconcile': use.with_letter,
                    **types._asdict(),
                    })
        Account.create(values)
        self.created = len(values)

    def _adapt(self, found):
        "Let the accounts that the chart has take the lines"
        Account = Pool().get('account.account')
        to_write = []
        parties, opened = [], []
        for code, row in sorted(found.items()):
            use = self.uses[code]
            values = {}
            if row.closed:
                if not row.template or row.template_override:
                    self._problem('fec_account_closed', use)
                    continue
                # The chart closes what it divides, not the co-op
                values['closed'] = False
                opened.append(code)
            if not self._is_current(row):
                self._problem(
                    'fec_account_dates', use,
                    start=row.start_date or '…', end=row.end_date or '…')
                continue
            if row.type is None:
                chart = self._chart()
                types = self._types(chart, use, chart.accounts[row.id])
                if not types:
                    continue
                values.update(types._asdict())
            if use.with_auxiliary and not row.party_required:
                values['party_required'] = True
                parties.append(code)
            if values:
                # Else the next update of the chart would take it back
                to_write.extend((
                        [Account(row.id)],
                        {**values, 'template_override': True}))
        if to_write:
            Account.write(*to_write)
        if parties:
            self.fec.note('fec_account_party', accounts=parties)
        if opened:
            self.fec.note('fec_account_opened', accounts=opened)
        return bool(to_write)
