# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the ledger says of capital and savings: the only source of sums."""
import datetime
from collections import defaultdict
from decimal import Decimal

from sql import Cast, Literal
from sql.aggregate import Sum
from sql.functions import Function

from trytond import backend
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.transaction import Transaction


def rows(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def money(company, value):
    "Return a sum of the database, which SQLite gives as a float"
    return reader(company)(value)


def reader(company):
    "Return a function that does so for many sums"
    digits = company.currency.digits

    def read(value):
        if not isinstance(value, Decimal):
            value = Decimal(str(value or 0))
        return round_half_up(value, digits)
    return read


def by_party(company, account, date=None):
    """Return the credit balance of the account and its sub-accounts by id of
    party, on posted lines up to the date"""
    if not account:
        return {}
    tables, line, move, where = _posted(company, account)
    if date:
        where &= move.date <= date
    return {
        party: amount for party, balance in rows(tables.select(
                line.party, Sum(line.credit - line.debit),
                where=where, group_by=[line.party]))
        if (amount := money(company, balance))}


def balance(company, account, date=None, without=None):
    """Return the credit balance of the account and its sub-accounts, on posted
    lines up to the date, without those of a move"""
    if not account:
        return money(company, 0)
    tables, line, move, where = _posted(company, account)
    if date:
        where &= move.date <= date
    if without:
        where &= move.id != without.id
    (total,), = rows(tables.select(Sum(line.credit - line.debit), where=where))
    return money(company, total)


def changes_by_party(company, account, after):
    """Return the changes of that balance after a date by id of party, as
    pairs of date and amount"""
    changes = defaultdict(list)
    if not account:
        return changes
    tables, line, move, where = _posted(company, account)
    for party, date, balance in rows(tables.select(
                line.party, move.date, Sum(line.credit - line.debit),
                where=where & (move.date > after),
                group_by=[line.party, move.date])):
        changes[party].append((as_date(date), money(company, balance)))
    return changes


def as_date(value):
    "Return a date of the database, which SQLite gives as a text in a group"
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value


def days_until(last, first):
    "Return the SQL of the days from an expression of dates, both included"
    if backend.name == 'sqlite':
        return _JulianDay(Literal(last)) - _JulianDay(first) + 1
    return Cast(Literal(last), 'DATE') - Cast(first, 'DATE') + 1


class _JulianDay(Function):
    __slots__ = ()
    _function = 'JULIANDAY'


def _posted(company, account):
    pool = Pool()
    Account = pool.get('account.account')
    account_table, parent = Account.__table__(), Account.__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    tables = (line
        .join(move, condition=line.move == move.id)
        .join(account_table, condition=line.account == account_table.id)
        # The tree of accounts is read here, as it moves when one is created
        .join(parent, condition=(parent.id == account.id)
            & (account_table.left >= parent.left)
            & (account_table.right <= parent.right)))
    where = (move.company == company.id) & (move.state == 'posted')
    return tables, line, move, where
