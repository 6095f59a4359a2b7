# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Posted moves reversed in sets."""
import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .entry import Entry, EntryLine, Part
from .entry_check import SHOWN
from .entry_data import CHUNK, analytic_line, read_in
from .exceptions import EntryError
from .reconcile import reconcile

_MOVE = [
    'id', 'company', 'journal', 'period', 'date', 'description', 'state']


@dataclass(slots=True)
class _Line:
    id: int
    account: int
    reconcile: bool
    debit: Decimal
    credit: Decimal
    party: int | None
    description: str | None
    maturity_date: datetime.date | None
    second_currency: int | None
    amount_second_currency: Decimal | None
    reconciliation: int | None
    parts: list[Part] = field(default_factory=list)

    @property
    def has_amount(self):
        return self.debit or self.credit or self.amount_second_currency

    def mirror(self):
        amount = self.amount_second_currency
        return EntryLine(
            account=self.account,
            debit=self.credit,
            credit=self.debit,
            party=self.party,
            description=self.description,
            maturity_date=self.maturity_date,
            origin=f'account.move.line,{self.id}',
            second_currency=self.second_currency,
            amount_second_currency=-amount if amount else amount,
            parts=tuple(self.parts))


class Reversal:
    "The moves of the ids, as they are in the ledger"

    def __init__(self, ids):
        self.moves = {
            row[0]: dict(zip(_MOVE, row))
            for row in read_in('account.move', _MOVE, ids)}
        self.lines = _read_lines(ids)

    def companies(self):
        "Return the ids of the moves by company"
        companies = defaultdict(list)
        for id_, move in self.moves.items():
            companies[move['company']].append(id_)
        return companies

    def check(self):
        "Raise an error that names all the moves that cannot be reversed"
        Move = Pool().get('account.move')
        faults = {}
        for id_, move in self.moves.items():
            if move['state'] != 'posted':
                faults[id_] = 'coop_ledger.msg_reverse_not_posted', {}
        for id_, mirror in _read_mirrors(self.lines):
            faults.setdefault(id_, (
                    'coop_ledger.msg_reverse_twice',
                    {'mirror': Move(mirror).rec_name}))
        for id_ in _read_taxed(self.moves):
            faults.setdefault(id_, ('coop_ledger.msg_reverse_tax', {}))
        for id_, lines in self.lines.items():
            for line in lines:
                # Posting reconciles what has no amount
                if line.reconciliation and line.has_amount:
                    faults.setdefault(id_, _reconciled(line))
        if faults:
            texts = [
                gettext(message, move=Move(id_).rec_name, **values)
                for id_, (message, values) in list(faults.items())[:SHOWN]]
            if len(faults) > SHOWN:
                texts.append(gettext(
                        'coop_ledger.msg_entry_more', n=len(faults) - SHOWN))
            raise EntryError('\n'.join(texts))

    def mirror(self, id_, date, origin, description):
        "Return the entry that reverses the move"
        move = self.moves[id_]
        if isinstance(origin, dict):
            origin = origin.get(id_)
        return Entry(
            journal=move['journal'],
            date=date or move['date'],
            period=None if date else move['period'],
            origin=origin or f'account.move,{id_}',
            description=description or move['description'],
            lines=tuple(line.mirror() for line in self.lines[id_]))

    def reconcile(self, company, mirrors):
        "Reconcile the lines of moves with those of their mirrors, by id"
        Company, Move = map(
            Pool().get, ['company.company', 'account.move'])
        dates = dict(read_in(
                'account.move', ['id', 'date'],
                [m.move for m in mirrors.values()]))
        groups = []
        for id_, mirror in mirrors.items():
            date = max(self.moves[id_]['date'], dates[mirror.move])
            lines = defaultdict(list)
            for line, mirror_line in zip(self.lines[id_], mirror.lines):
                if line.reconcile and line.has_amount:
                    lines[line.account, line.party].extend(
                        [line.id, mirror_line])
            groups.extend((date, ids) for ids in lines.values())
        reconcile(Company(company), groups)


def _reconciled(line):
    Line = Pool().get('account.move.line')
    line = Line(line.id)
    return 'coop_ledger.msg_reverse_reconciled', {
        'line': line.rec_name,
        'reconciliation': line.reconciliation.rec_name,
        }


def _rows(query, column, ids):
    cursor = Transaction().connection.cursor()
    rows = []
    for sub_ids in grouped_slice(ids, CHUNK):
        query.where = fields.SQL_OPERATORS['in'](column, list(sub_ids))
        cursor.execute(*query)
        rows.extend(cursor)
    return rows


def _read_lines(ids):
    "Return the lines of the moves with their analytic lines, by move"
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    account = pool.get('account.account').__table__()
    query = line.join(
        account, condition=line.account == account.id).select(
        line.move, line.id, line.account, account.reconcile,
        line.debit, line.credit, line.party, line.description,
        line.maturity_date, line.second_currency,
        line.amount_second_currency, line.reconciliation,
        order_by=[line.id])
    lines, by_id = defaultdict(list), {}
    for move, *values in _rows(query, line.move, ids):
        record = by_id[values[0]] = _Line(*values)
        lines[move].append(record)
    if analytic := analytic_line():
        part = analytic.__table__()
        query = part.join(line, condition=part.move_line == line.id).select(
            line.id, part.account, part.debit, part.credit,
            order_by=[part.id])
        for id_, account, debit, credit in _rows(query, line.move, ids):
            by_id[id_].parts.append(
                Part(account, debit=credit, credit=debit))
    return lines


def _read_mirrors(lines):
    """Return the moves that are reversed already with their mirror

    A mirror line comes from a line and takes its amount back, as it does also
    when the client cancels a move.
    """
    mirror = Pool().get('account.move.line').__table__()
    origins = {
        f'account.move.line,{line.id}': (move, line)
        for move, move_lines in lines.items() for line in move_lines}
    query = mirror.select(
        mirror.origin, mirror.move, mirror.account, mirror.debit,
        mirror.credit, order_by=[mirror.id])
    mirrors = []
    for origin, id_, account, debit, credit in _rows(
            query, mirror.origin, origins):
        move, line = origins[origin]
        if account == line.account and (debit, credit) in {
                (line.credit, line.debit), (-line.debit, -line.credit)}:
            mirrors.append((move, id_))
    return mirrors


def _read_taxed(ids):
    "Return the moves with tax lines, which a mirror would leave in the return"
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    tax = pool.get('account.tax.line').__table__()
    query = tax.join(line, condition=tax.move_line == line.id).select(
        line.move, distinct=True)
    return [id_ for id_, in _rows(query, line.move, ids)]
