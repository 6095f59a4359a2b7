# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The balances of the accounts of each activity, read from the ledger."""
import datetime
from collections import defaultdict
from decimal import Decimal

from sql import Literal, Null, Union, With
from sql.aggregate import Count, Sum
from sql.conditionals import Case
from sql.functions import Round

from trytond import backend
from trytond.model import fields
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

from .rows import read_rows

A_DAY = datetime.timedelta(days=1)


def read_balances(company, spans, accounts=None):
    """Return, by analytic account, the balances by code of account of each
    span of time, in one query over the posted lines

    A span is its first and its last day, the first may be None.
    accounts are the ids of the analytic accounts to read, all by default.
    """
    days = _last_days(spans)
    first = None if any(start is None for start, _ in spans) else days[0]
    sums = _read_sums(company, days, accounts, first)
    codes = account_codes({account for _, account, *_ in sums})
    balances = defaultdict(lambda: [defaultdict(int) for _ in spans])
    parts = [_parts(span, days) for span in spans]
    for analytic, account, day, amount in sums:
        found = balances[analytic]
        amount = round_half_up(amount, company.currency.digits)
        for balance, part in zip(found, parts):
            if amount and day in part:
                balance[codes[account]] += amount
    return balances


def read_totals(company, start, end):
    """Return how many activities have balances in a period, and the balances
    by code of account of all of them, in the period and up to its end

    The database adds them up, each activity rounded before: one row an account
    """
    activity = Pool().get('cae.activity').__table__()
    sums = With()
    sums.query = _sums_query(
        company, [start - A_DAY, end], activity.select(
            activity.analytic_account,
            where=(activity.company == company.id)
            & (activity.analytic_account != Null)))
    amount = Round(sums.amount, company.currency.digits)
    rows = read_rows(Union(
            sums.select(
                sums.account, sums.day, Sum(amount).as_('amount'),
                group_by=[sums.account, sums.day]),
            sums.select(
                Literal(None), Literal(None),
                Count(sums.analytic, distinct=True),
                where=(sums.day == 1) & (amount != 0)),
            all_=True, with_=[sums]))
    codes = account_codes({account for account, *_ in rows if account})
    active, period, total = 0, defaultdict(Decimal), defaultdict(Decimal)
    for account, in_period, amount in rows:
        if account is None:
            active = int(amount)
            continue
        # SQLite adds up to a float
        amount = round_half_up(
            Decimal(str(amount)), company.currency.digits)
        total[codes[account]] += amount
        if in_period:
            period[codes[account]] += amount
    return active, period, total


def _last_days(spans):
    """Return the last days of the parts in which the spans cut the time

    So that the ledger adds a line once, however many spans it is in.
    """
    return sorted(
        {end for _, end in spans}
        | {start - A_DAY for start, _ in spans if start})


def _parts(span, days):
    "Return the numbers of the parts of a span"
    start, end = span
    first = days.index(start - A_DAY) + 1 if start else 0
    return range(first, days.index(end) + 1)


def _read_sums(company, days, accounts, first):
    query = _sums_query(
        company, days, list(accounts) if accounts is not None else None, first)
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, None, 'NUMERIC'])
    return read_rows(query)


def _sums_query(company, days, accounts=None, first=None):
    "Return the query of the sums by activity, account and part of the time"
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    *before, last = days
    # Named, as PostgreSQL does not know that equal parameters are
    day = (
        Case(*((move.date <= d, i) for i, d in enumerate(before)),
            else_=len(before))
        if before else Literal(0)).as_('day')
    where = (
        (move.company == company.id) & (move.state == 'posted')
        & (move.date <= last))
    if first:
        where &= move.date > first
    if accounts is not None:
        where &= fields.SQL_OPERATORS['in'](part.account, accounts)
    return (part
        .join(line, condition=line.id == part.move_line)
        .join(move, condition=move.id == line.move)
        .select(
            part.account.as_('analytic'), line.account.as_('account'), day,
            Sum(part.debit - part.credit).as_('amount'),
            where=where, group_by=[part.account, line.account, day]))


def account_codes(accounts):
    "Return the codes of accounts by id"
    account = Pool().get('account.account').__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*account.select(
            account.id, account.code,
            where=fields.SQL_OPERATORS['in'](account.id, list(accounts))))
    return {id_: code or '' for id_, code in cursor}


def margin_accounts(company):
    """Return what tells the accounts whose purchases lower the gross margin,
    and the account of the contribution, by their codes"""
    pool = Pool()
    Base = pool.get('cae.contribution.base')
    Configuration = pool.get('cae.configuration')
    contribution = Configuration(1).get_setting(
        'contribution_account', company)
    margin = account_codes({
            a for b in Base.search([
                    ('company', '=', company.id),
                    ('kind', '=', 'gross_margin'),
                    ], limit=1)
            for a in b.ledger_accounts()})
    return (
        set(margin.values()).__contains__,
        contribution.code if contribution else None)


def year_start(company, date):
    """Return the first day of the fiscal year of the date, of the civil year
    if there is none"""
    FiscalYear = Pool().get('account.fiscalyear')
    fiscalyears = FiscalYear.search([
            ('company', '=', company.id),
            ('start_date', '<=', date),
            ('end_date', '>=', date),
            ], limit=1)
    if fiscalyears:
        return fiscalyears[0].start_date
    return date.replace(month=1, day=1)


def context_date(name):
    "Return a date of the context, today by default"
    date = Transaction().context.get(name) or Pool().get('ir.date').today()
    return date.date() if isinstance(date, datetime.datetime) else date


def account_is_of(account, prefixes):
    "Return the condition that the account of a query is one of these"
    condition = Literal(False)
    for prefix in prefixes:
        condition |= account.code.like(prefix + '%')
    return condition
