# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What entries refer to, read in sets."""
import datetime
from collections import defaultdict
from dataclasses import dataclass

from trytond.model import fields
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .money import round_half_up

# No database takes more parameters at once than SQLite: 32766 by default
CHUNK = 30_000


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    code: str | None
    company: int
    type: int | None
    closed: bool
    start_date: datetime.date | None
    end_date: datetime.date | None
    party_required: bool
    second_currency: int | None
    reconcile: bool
    statement: str | None


@dataclass(frozen=True, slots=True)
class AnalyticAccount:
    id: int
    name: str
    type: str
    company: int
    root: int | None


@dataclass(frozen=True, slots=True)
class Period:
    id: int
    company: int
    type: str
    start_date: datetime.date
    end_date: datetime.date
    state: str


@dataclass(frozen=True, slots=True)
class Journal:
    id: int
    code: str | None
    type: str


class EntryData:
    "The records that entries of a company refer to, by id"

    def __init__(self, company, entries):
        self.company = company
        self.digits = company.currency.digits
        self.entries = entries
        lines = [line for entry in entries for line in entry.lines]
        self.accounts = _read_accounts({line.account for line in lines})
        self.journals = _read_journals({entry.journal for entry in entries})
        self.parties = {
            id_ for id_, in read_in('party.party', ['id'], {
                    line.party for line in lines if line.party is not None})}
        self.analytic_accounts = _read_analytic_accounts({
                part.account for line in lines for part in line.parts})
        self.currency_digits = dict(read_in(
                'currency.currency', ['id', 'digits'], {
                    line.second_currency for line in lines
                    if line.second_currency is not None}))
        self.periods = self._find_periods()
        # Set when amounts are written with zeros that are not to be stored
        self.is_padded = False

    def _find_periods(self):
        """Return the period of each entry, None if there is none

        Periods of dates are few: a month has one.
        """
        pool = Pool()
        AccountPeriod = pool.get('account.period')
        dates = {e.date for e in self.entries if e.period is None}
        domain = ['OR', [
                ('id', 'in', list({e.period for e in self.entries} - {None})),
                ]]
        if dates:
            domain.append([
                    ('company', '=', self.company.id),
                    ('type', '=', 'standard'),
                    ('start_date', '<=', max(dates)),
                    ('end_date', '>=', min(dates)),
                    ])
        periods = [
            Period(p.id, p.company.id, p.type, p.start_date, p.end_date,
                p.state)
            for p in AccountPeriod.search(
                domain, order=[('start_date', 'DESC')])]
        by_id = {p.id: p for p in periods}
        by_date = {}
        for date in dates:
            for period in periods:
                if (period.type == 'standard'
                        and period.company == self.company.id
                        and period.start_date <= date <= period.end_date):
                    by_date[date] = period
                    break
        return [
            by_date.get(e.date) if e.period is None else by_id.get(e.period)
            for e in self.entries]

    def journal_periods(self):
        "Return the records of the journals and periods of the entries"
        JournalPeriod = Pool().get('account.journal.period')
        return {
            (j.journal.id, j.period.id): j for j in JournalPeriod.search([
                    ('journal', 'in', list(self.journals)),
                    ('period', 'in', [
                            p.id for p in set(self.periods) if p]),
                    ], order=[])}

    def make_journal_periods(self):
        "Make those that are missing, as posting does"
        JournalPeriod = Pool().get('account.journal.period')
        missing = {
            (entry.journal, period.id)
            for entry, period in zip(self.entries, self.periods)}
        missing -= self.journal_periods().keys()
        if missing:
            JournalPeriod.lock()
            JournalPeriod.create([
                    {'journal': journal, 'period': period}
                    for journal, period in sorted(missing)])

    def money(self, amount, currency=None):
        "Return the amount with no more decimals than its currency"
        if amount is None or not self.is_padded:
            return amount
        digits = self.currency_digits.get(currency, self.digits)
        if -amount.as_tuple().exponent > digits:
            return round_half_up(amount, digits)
        return amount

    def lines(self, ids):
        "Yield each line of the entries with its id, from the ids by entry"
        for entry, line_ids in zip(self.entries, ids, strict=True):
            yield from zip(entry.lines, line_ids, strict=True)

    def analytic_states(self):
        "Yield the analytic state of each line"
        roots = read_roots()[self.company.id]
        for entry, period in zip(self.entries, self.periods):
            # Tryton leaves out the entries that balance the non-deferral
            # accounts of a year
            is_closing = (
                self.journals[entry.journal].type == 'situation'
                and period.type == 'adjustment'
                and (entry.origin or '').startswith('account.fiscalyear,'))
            for line in entry.lines:
                statement = self.accounts[line.account].statement
                amounts = defaultdict(int)
                for part in line.parts:
                    root = self.analytic_accounts[part.account].root
                    amounts[root] += part.debit - part.credit
                yield analytic_state(
                    line.debit - line.credit, amounts,
                    roots if statement == 'income' and not is_closing else ())


def analytic_state(amount, amounts, roots):
    """Return the analytic state of a line from its amount, those by root of
    its analytic lines and the roots that must cover it"""
    if all(root in amounts for root in roots) and all(
            a == amount for a in amounts.values()):
        return 'valid'
    return 'draft'


def read_in(model, names, ids):
    "Return the columns of the records of the ids"
    table = Pool().get(model).__table__()
    cursor = Transaction().connection.cursor()
    rows = []
    for sub_ids in grouped_slice(ids, CHUNK):
        cursor.execute(*table.select(
                *(getattr(table, name) for name in names),
                where=fields.SQL_OPERATORS['in'](table.id, list(sub_ids))))
        rows.extend(cursor)
    return rows


def read_roots():
    "Return the ids of the analytic roots by company"
    AnalyticAccount = Pool().get('analytic_account.account')
    roots = defaultdict(set)
    for root in AnalyticAccount.search([('parent', '=', None)], order=[]):
        roots[root.company.id].add(root.id)
    return roots


def analytic_line():
    "Return the model of analytic lines, None if its module is not active"
    try:
        return Pool().get('analytic_account.line')
    except KeyError:
        return None


def _read_accounts(ids):
    types = 'account.account.type'
    names = Account.__slots__[:-1]
    rows = read_in('account.account', names, ids)
    statements = dict(read_in(
            types, ['id', 'statement'],
            {row[names.index('type')] for row in rows} - {None}))
    return {
        row[0]: Account(*row, statements.get(row[names.index('type')]))
        for row in rows}


def _read_journals(ids):
    return {
        row[0]: Journal(*row)
        for row in read_in('account.journal', Journal.__slots__, ids)}


def _read_analytic_accounts(ids):
    if not ids or not analytic_line():
        return {}
    return {
        row[0]: AnalyticAccount(*row) for row in read_in(
            'analytic_account.account', AnalyticAccount.__slots__, ids)}
