# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The balances of the accounts of each activity, read from the ledger."""
import datetime
from collections import defaultdict

from sql.aggregate import Sum
from sql.conditionals import Case

from trytond import backend
from trytond.model import fields
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction


def read_balances(company, spans, accounts=None):
    """Return, by analytic account, the balances by code of account of each
    span of time, in one query over the posted lines

    A span is its first and its last day, the first may be None.
    accounts are the ids of the analytic accounts to read, all by default.
    """
    sums = _read_sums(company, spans, accounts)
    codes = account_codes({account for _, account, *_ in sums})
    balances = defaultdict(lambda: [defaultdict(int) for _ in spans])
    for analytic, account, *amounts in sums:
        for span, amount in zip(balances[analytic], amounts):
            if amount:
                span[codes[account]] += round_half_up(
                    amount, company.currency.digits)
    return balances


def _read_sums(company, spans, accounts):
    pool = Pool()
    analytic = pool.get('analytic_account.account').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    amount = part.debit - part.credit
    starts = [start for start, _ in spans]

    def total(start, end):
        condition = move.date <= end
        if start:
            condition &= move.date >= start
        return Sum(Case((condition, amount), else_=0))

    where = (
        (analytic.company == company.id) & (move.state == 'posted')
        & (move.date <= max(end for _, end in spans)))
    if None not in starts:
        where &= move.date >= min(starts)
    if accounts is not None:
        where &= fields.SQL_OPERATORS['in'](part.account, list(accounts))
    query = (part
        .join(analytic, condition=analytic.id == part.account)
        .join(line, condition=line.id == part.move_line)
        .join(move, condition=move.id == line.move)
        .select(
            part.account.as_('analytic'), line.account.as_('account'),
            *(total(*span).as_(f'span_{i}') for i, span in enumerate(spans)),
            where=where, group_by=[part.account, line.account]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None] + ['NUMERIC'] * len(spans))
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


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
