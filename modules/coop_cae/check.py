# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What must hold after every close.

Each comparison is made anew from the ledger, the register and the documents:
nothing that was stored for it is believed.
"""
from dataclasses import dataclass
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Coalesce
from sql.functions import Round

from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction

ZERO = Decimal('0.00')


@dataclass(frozen=True, slots=True)
class Discrepancy:
    "A comparison that does not hold"
    check: str
    subject: str
    expected: Decimal
    found: Decimal


def discrepancies(company, date):
    "Return what does not hold for the company at a date: nothing when right"
    Movement = Pool().get('coop.share.movement')
    result = [
        *_balanced(company, date),
        *_contribution_is_zero(company, date),
        *_analytic_covers(company, date)]
    result.extend(
        Discrepancy(
            d.check, d.party.code if d.party else '', d.expected, d.found)
        for d in Movement.discrepancies(company, date))
    return result


def _rows(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _decimal(company, value):
    return company.currency.round(Decimal(str(value or 0)))


def _ledger(company, date):
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    where = (
        (move.company == company.id) & (move.state == 'posted')
        & (move.date <= date))
    return line, move, line.join(move, condition=line.move == move.id), where


def _balanced(company, date):
    "Debits equal credits, entry by entry"
    line, move, tables, where = _ledger(company, date)
    balance = Round(Sum(line.debit - line.credit), company.currency.digits)
    for number, found in _rows(tables.select(
                move.number, balance, where=where,
                group_by=[move.id, move.number], having=balance != 0)):
        yield Discrepancy(
            'balance', number, ZERO, _decimal(company, found))


def _contribution_is_zero(company, date):
    "What the activities give is what the structure receives"
    Configuration = Pool().get('cae.configuration')
    account = Configuration(1).get_setting('contribution_account', company)
    if not account:
        return
    line, _, tables, where = _ledger(company, date)
    (found,), = _rows(tables.select(
            Sum(line.debit - line.credit),
            where=where & (line.account == account.id)))
    if found := _decimal(company, found):
        yield Discrepancy('contribution', account.code, ZERO, found)


def _analytic_covers(company, date):
    """Each line of the income statement is covered by analytic lines, and a
    line of the balance sheet that has some is covered too"""
    pool = Pool()
    account = pool.get('account.account').__table__()
    root_account = pool.get('analytic_account.account').__table__()
    part = pool.get('analytic_account.line').__table__()
    type_ = pool.get('account.account.type').__table__()
    line, move, tables, where = _ledger(company, date)
    covered = (part
        .join(root_account, condition=part.account == root_account.id)
        .select(
            part.move_line, root_account.root,
            Sum(part.debit - part.credit).as_('amount'),
            group_by=[part.move_line, root_account.root]))
    difference = Round(
        line.debit - line.credit - Coalesce(covered.amount, 0),
        company.currency.digits)
    query = (tables
        .join(account, condition=line.account == account.id)
        .join(type_, condition=account.type == type_.id)
        .join(covered, 'LEFT', condition=covered.move_line == line.id)
        .select(
            move.number, account.code, line.debit - line.credit,
            covered.amount,
            where=where & (difference != 0)
            & ((type_.statement == 'income')
                | (covered.move_line != Null)),
            order_by=[line.id]))
    for number, code, expected, found in _rows(query):
        yield Discrepancy(
            'analytic', f'{number} {code}',
            _decimal(company, expected), _decimal(company, found))


def text(discrepancy):
    "Return a sentence for people"
    return gettext(
        f'coop_cae.msg_check_{discrepancy.check}',
        subject=discrepancy.subject, expected=discrepancy.expected,
        found=discrepancy.found)
