# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entries that leave something to an activity without its counterpart."""
from collections import defaultdict
from decimal import Decimal

from sql import Literal, Null
from sql.aggregate import Sum
from sql.functions import Round
from sql.operators import Exists

from trytond.model import fields
from trytond.modules.coop_cae.rules.attribution import must_balance
from trytond.modules.coop_ledger.entry_data import CHUNK
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import grouped_slice

from .balance import account_is_of
from .rows import read_rows
from .rules.chart import CASH, OWN_FUNDS

_ENTRY = 'account.move,'


def unbalanced_activities(company, date):
    """Return the number of each entry that has to balance for its activities
    and does not, with the code of the activity and what is left to it

    What transfers or reverses an entry counts with it.
    """
    left = defaultdict(int)
    rows = _read_left(company, date)
    roots = _roots({move for move, *_ in rows})
    for move, activity, amount in rows:
        left[roots[move], activity] += round_half_up(
            Decimal(str(amount)), company.currency.digits)
    left = {key: amount for key, amount in left.items() if amount}
    Move = Pool().get('account.move')
    Activity = Pool().get('cae.activity')
    wrong = {
        move.id for move in Move.browse(sorted({m for m, _ in left}))
        if must_balance([line._to_attribute() for line in move.lines])}
    return [
        (Move(move).number, Activity(activity).code, amount)
        for (move, activity), amount in sorted(left.items())
        if move in wrong]


def _read_left(company, date):
    """Return what the entries without bank or own funds leave to activities,
    those of the income statement only left out"""
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    left = Round(Sum(part.debit - part.credit), company.currency.digits)
    return read_rows(part
        .join(activity, condition=part.account == activity.analytic_account)
        .join(line, condition=part.move_line == line.id)
        .join(move, condition=line.move == move.id)
        .select(
            move.id, activity.id, left.as_('left'),
            where=(move.company == company.id) & (move.state == 'posted')
            & (move.date <= date)
            & ~_has_line(move, lambda account, type_: account_is_of(
                    account, CASH + OWN_FUNDS))
            & _has_line(move, lambda account, type_: (
                    type_.statement == 'balance')),
            group_by=[move.id, activity.id], having=left != 0))


def _has_line(move, condition):
    pool = Pool()
    account = pool.get('account.account').__table__()
    line = pool.get('account.move.line').__table__()
    type_ = pool.get('account.account.type').__table__()
    return Exists(line
        .join(account, condition=line.account == account.id)
        .join(type_, condition=account.type == type_.id)
        .select(
            Literal(1),
            where=(line.move == move.id) & condition(account, type_)))


def _roots(moves):
    "Return the entry that each entry comes from, itself if from none"
    Move = Pool().get('account.move')
    table = Move.__table__()
    origins, new = {}, set(moves)
    while new:
        found = {}
        for ids in grouped_slice(list(new), CHUNK):
            found.update(read_rows(table.select(
                        table.id, Move.origin.sql_id(table.origin, Move),
                        where=fields.SQL_OPERATORS['in'](table.id, list(ids))
                        & (table.origin != Null)
                        & table.origin.like(f'{_ENTRY}%'))))
        origins.update(found)
        new = set(found.values()) - origins.keys()
    roots = {}
    for move in moves:
        roots[move] = move
        while roots[move] in origins:
            roots[move] = origins[roots[move]]
    return roots
