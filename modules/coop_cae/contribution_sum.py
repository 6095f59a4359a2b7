# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The sums of the bases of the contribution and of what is booked."""
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sql.aggregate import Sum
from sql.conditionals import Case

from trytond import backend
from trytond.model import fields
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

from .rows import read_rows

ZERO = Decimal(0)
_in = fields.SQL_OPERATORS['in']
INVOICE_LINE, MOVE_LINE = 'account.invoice.line', 'account.move.line'


class _Amount(NamedTuple):
    """Amounts by base that count at a day; in_year: posted in the fiscal
    year"""
    day: object
    in_year: bool
    amounts: dict


class _Credit(NamedTuple):
    "Amounts by ledger account of lines that take back others"
    account: int
    ledger_account: int
    day: object
    origin: str
    amount: Decimal


class Sums:
    """The sums of the bases and of what is booked, by activity and day.

    Activities under the common rules are summed by span, those with rules of
    their own by day.
    What takes back the line of another entry counts at the date of that one,
    if it is since the first fiscal year.
    """

    def __init__(self, company, start, end, since, contribution, bases):
        self._company = company
        self._start, self._end, self._since = start, end, since
        self._contribution = contribution
        self._bases = bases
        self._accounts = {contribution}.union(*bases.values())
        self._rows = defaultdict(list)
        self._booked = defaultdict(lambda: ZERO)
        self._credited = []

    def read(self, special, cuts):
        """Read the fiscal year: by day of the accounts that are special, by
        span from the cuts of all others"""
        self._read(self._start, self._end, cuts, without=special)
        if special:
            self._read(self._start, self._end, None, only=special)
        self._shift(self._start, self._end, True)

    def read_before(self, start, accounts):
        "Read the fiscal years before, of some accounts"
        end = self._start - timedelta(days=1)
        accounts = sorted(accounts)
        self._read(start, end, None, only=accounts, in_year=False)
        self._shift(start, end, False, accounts)

    def credited(self, day):
        "Return the accounts of what takes back entries of before a day"
        return {account for account, of in self._credited if of < day}

    def negative(self):
        "Return the accounts of which a base is negative"
        return {
            account for account in self._rows for base in self._bases
            if self.base(account, base, date.min, date.max) < 0}

    def booked(self, account):
        return self._booked[account]

    def base(self, account, base, start, end, at_start=False):
        """Return the base of an account from a day to another; that of before
        the fiscal year alone at its start"""
        return sum((
                row.amounts.get(base, ZERO)
                for row in self._rows.get(account, ())
                if start <= row.day <= end
                and not (at_start and row.in_year)), ZERO)

    def base_of_year(self, account, base):
        "Return the base of the entries of the fiscal year"
        return sum((
                row.amounts.get(base, ZERO)
                for row in self._rows.get(account, ())
                if row.in_year), ZERO)

    def _tables(self, start, end):
        pool = Pool()
        activity = pool.get('cae.activity').__table__()
        part = pool.get('analytic_account.line').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        tables = (part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .join(line, condition=line.id == part.move_line)
            .join(move, condition=move.id == line.move))
        where = (
            (activity.company == self._company.id)
            & (move.state == 'posted')
            & (move.date >= start) & (move.date <= end))
        return part, line, move, tables, where

    def _read(self, start, end, cuts, only=None, without=None, in_year=True):
        part, line, move, tables, where = self._tables(start, end)
        day = move.date
        if cuts is not None:
            # One row for each span of the common rules
            day = Case(
                *((move.date >= cut, cut) for cut in reversed(cuts)),
                else_=cuts[0]) if len(cuts) > 1 else cuts[0]
        columns = [
            Sum(Case((
                        _in(line.account, sorted(accounts) or [-1]),
                        part.credit - part.debit),
                    else_=0)).as_(f'base_{base}')
            for base, accounts in self._bases.items()]
        columns.append(Sum(Case(
                    (line.account == self._contribution,
                        part.debit - part.credit),
                    else_=0)).as_('booked'))
        where &= _in(line.account, sorted(self._accounts))
        if only:
            where &= _in(part.account, only)
        elif without:
            where &= ~_in(part.account, without)
        group = [part.account]
        dated = cuts is None or len(cuts) > 1
        if dated:
            # By its name: PostgreSQL takes the same expression with other
            # parameters for another one
            span = day.as_('span_date')
            group.append(span)
            columns.insert(0, span)
        query = tables.select(
            part.account.as_('account'), *columns,
            where=where, group_by=group)
        if backend.name == 'sqlite':
            sqlite_apply_types(query, [
                    None, *(['DATE'] if dated else []),
                    *['NUMERIC'] * (len(self._bases) + 1)])
        cursor = Transaction().connection.cursor()
        cursor.execute(*query)
        digits = self._company.currency.digits
        for account, *row in cursor:
            day = row.pop(0) if dated else cuts[0]
            *amounts, booked = [round_half_up(v, digits) for v in row]
            self._rows[account].append(
                _Amount(day, in_year, dict(zip(self._bases, amounts))))
            if in_year:
                self._booked[account] += booked

    def _shift(self, start, end, in_year, accounts=None):
        """Count what takes back the line of another entry at the date of that
        one"""
        credits = [
            *self._credit_notes(start, end, accounts),
            *self._cancellations(start, end, accounts)]
        dates = _dates({c.origin for c in credits})
        for credit in credits:
            day = dates.get(credit.origin)
            if not day or not self._since <= day < credit.day:
                continue
            amounts = {
                base: credit.amount for base, ids in self._bases.items()
                if credit.ledger_account in ids}
            if not amounts:
                continue
            self._rows[credit.account].extend([
                    _Amount(day, in_year, amounts),
                    _Amount(credit.day, in_year, {
                            b: -a for b, a in amounts.items()})])
            self._credited.append((credit.account, day))

    def _credit_notes(self, start, end, accounts):
        "Yield the lines of credit notes, with the line that they credit"
        pool = Pool()
        Line = pool.get('account.move.line')
        invoice_line = pool.get('account.invoice.line').__table__()
        part, line, move, tables, where = self._tables(start, end)
        tables = tables.join(invoice_line, condition=(
                Line.origin.sql_id(line.origin, Line) == invoice_line.id))
        return self._credits(
            part, line, move, tables,
            where & line.origin.like(f'{INVOICE_LINE},%')
            & invoice_line.origin.like(f'{INVOICE_LINE},%'),
            invoice_line.origin, accounts)

    def _cancellations(self, start, end, accounts):
        "Yield the lines that cancel others"
        part, line, move, tables, where = self._tables(start, end)
        return self._credits(
            part, line, move, tables,
            where & line.origin.like(f'{MOVE_LINE},%'), line.origin, accounts)

    def _credits(self, part, line, move, tables, where, origin, accounts):
        where &= _in(line.account, sorted(
                self._accounts - {self._contribution}) or [-1])
        if accounts is not None:
            where &= _in(part.account, accounts)
        query = tables.select(
            part.account, line.account.as_('ledger_account'),
            move.date.as_('day'),
            origin.as_('origin'), Sum(part.credit - part.debit).as_('amount'),
            where=where,
            group_by=[part.account, line.account, move.date, origin])
        if backend.name == 'sqlite':
            sqlite_apply_types(query, [None, None, 'DATE', None, 'NUMERIC'])
        cursor = Transaction().connection.cursor()
        cursor.execute(*query)
        digits = self._company.currency.digits
        return [
            _Credit(*row, round_half_up(amount, digits))
            for *row, amount in cursor.fetchall()]


def _dates(origins):
    """Return by reference of an invoice line or a line of an entry the date of
    the first entry of its chain"""
    known, missing = {}, set(origins)
    while missing:
        found = {}
        for model, read in [
                (INVOICE_LINE, _invoice_lines), (MOVE_LINE, _move_lines)]:
            ids = [
                int(o.partition(',')[2]) for o in missing
                if o.startswith(f'{model},')]
            if ids:
                for id_, day, origin in read(ids):
                    found[f'{model},{id_}'] = day, origin
        known |= dict.fromkeys(missing, (None, None)) | found
        missing = {
            origin for _, origin in found.values()
            if _is_line(origin) and origin not in known}
    return {o: _first(o, known) for o in origins}


def _first(origin, known):
    day, seen = None, set()
    while origin in known and origin not in seen:
        seen.add(origin)
        found, origin = known[origin]
        day = found or day
    return day


def _is_line(origin):
    return bool(origin) and origin.startswith(
        (f'{INVOICE_LINE},', f'{MOVE_LINE},'))


def _invoice_lines(ids):
    pool = Pool()
    invoice = pool.get('account.invoice').__table__()
    move = pool.get('account.move').__table__()
    table = pool.get('account.invoice.line').__table__()
    return read_rows(table
        .join(invoice, condition=table.invoice == invoice.id)
        .join(move, condition=invoice.move == move.id)
        .select(
            table.id, move.date, table.origin,
            where=_in(table.id, ids) & (move.state == 'posted')))


def _move_lines(ids):
    """Read lines of entries, with the line that theirs of an invoice credits
    as their origin"""
    pool = Pool()
    Line = pool.get('account.move.line')
    invoice_line = pool.get('account.invoice.line').__table__()
    move = pool.get('account.move').__table__()
    table = Line.__table__()
    is_invoice = table.origin.like(f'{INVOICE_LINE},%')
    return read_rows(table
        .join(move, condition=table.move == move.id)
        .join(invoice_line, 'LEFT', condition=is_invoice
            & (Line.origin.sql_id(table.origin, Line) == invoice_line.id))
        .select(
            table.id, move.date,
            Case((is_invoice, invoice_line.origin), else_=table.origin),
            where=_in(table.id, ids) & (move.state == 'posted')))
