# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is left to pay of exits and when, as the ledger says."""
from collections import defaultdict
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Coalesce

from trytond.model import fields
from trytond.pool import Pool

from .ledger import as_date, money, rows
from .rules.refund import set_off

ZERO = Decimal(0)


def to_pay(exits):
    """Return what is left to pay of each exit by id: its lines of the debt
    that are not reconciled, less what its creditor was paid that is not
    reconciled either, which pays the oldest exits first"""
    Exit = Pool().get('coop.share.exit')
    amounts = {e.id: money(e.company, 0) for e in exits}
    accounts = _accounts(exits)
    if not accounts:
        return amounts
    parties = {e.creditor.id for e in exits}
    together = set(exits) | set(Exit.search([
                ('company', 'in', list({e.company.id for e in exits})),
                ('state', '=', 'posted'),
                ['OR',
                    ('payee', 'in', list(parties)),
                    [
                        ('payee', '=', None),
                        ('member.party', 'in', list(parties)),
                        ],
                    ],
                ], order=[]))
    owed, own = defaultdict(lambda: ZERO), set()
    for exit_, line, _, amount in _open_lines(together, accounts):
        owed[exit_] += amount
        own.add(line)
    by_creditor = defaultdict(list)
    for exit_ in sorted(together, key=lambda e: (e.request_date, e.id)):
        by_creditor[exit_.company, exit_.creditor.id].append(exit_)
    paid = _paid(accounts, parties, own)
    for (company, party), group in by_creditor.items():
        left = set_off(
            [owed[e] for e in group], paid.get((company.id, party), ZERO))
        for exit_, amount in zip(group, left):
            if exit_.id in amounts:
                amounts[exit_.id] = money(company, amount)
    return amounts


def next_due_dates(exits):
    "Return the due date of the oldest open line of each exit, by id"
    dates = dict.fromkeys(map(int, exits))
    for exit_, _, date, amount in _open_lines(exits, _accounts(exits)):
        if amount > 0:
            known = dates[exit_.id]
            dates[exit_.id] = min(known, date) if known else date
    return dates


def change_due_dates(former):
    """Give the open lines of the debt of exits that were due on their former
    dates the new ones: instalments with dates of their own keep them"""
    pool = Pool()
    Exit = pool.get('coop.share.exit')
    Line = pool.get('account.move.line')
    exits = Exit.browse([e.id for e in former])
    dates = {e.id: date for e, date in former.items()}
    lines = defaultdict(list)
    for exit_, line, date, amount in _open_lines(
            exits, _accounts(exits), savings=False):
        if amount > 0 and date == dates[exit_.id]:
            lines[exit_.refund_date].append(line)
    for date, ids in lines.items():
        Line.write(Line.browse(ids), {'maturity_date': date})


def _accounts(exits):
    Configuration = Pool().get('coop.share.configuration')
    return {
        account.id for company in {e.company for e in exits}
        if (account := Configuration(1).get_setting(
                'refund_account', company))}


def _open_lines(exits, accounts, savings=True):
    """Return the lines of the debt of exits, and of the savings given back,
    that are not reconciled: exit, id of the line, due date and credit"""
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    origins = {}
    for exit_ in exits:
        for document in [exit_, *(exit_.withholdings if savings else [])]:
            origins[str(document)] = exit_
    if not origins or not accounts:
        return []
    return [
        (origins[origin], id_, as_date(date), money(
                origins[origin].company, amount))
        for origin, id_, date, amount in rows(line
            .join(move, condition=line.move == move.id)
            .select(
                move.origin, line.id,
                Coalesce(line.maturity_date, move.date),
                line.credit - line.debit,
                where=fields.SQL_OPERATORS['in'](move.origin, list(origins))
                & line.account.in_(list(accounts))
                & (move.state == 'posted')
                & (line.reconciliation == Null)))]


def _paid(accounts, parties, own):
    """Return what parties were paid on account, by company and party: the
    lines that are not reconciled and not of exits"""
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    return {
        (company, party): Decimal(str(amount))
        for company, party, amount in rows(line
            .join(move, condition=line.move == move.id)
            .select(
                move.company, line.party, Sum(line.debit - line.credit),
                where=line.account.in_(list(accounts))
                & fields.SQL_OPERATORS['in'](line.party, list(parties))
                & (move.state == 'posted')
                & (line.reconciliation == Null)
                & fields.SQL_OPERATORS['not in'](line.id, list(own) or [-1]),
                group_by=[move.company, line.party]))
        if amount > 0}
