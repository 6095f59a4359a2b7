# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Shares that are paid up after their subscription.

What is called is a debt of the member, a line of the ledger that names its
lot.  Reconciling it is what tells that it is paid; the capital follows.
"""
from collections import defaultdict
from decimal import Decimal

from sql import Null

from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.reconcile import reconcile
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .exceptions import PaidError
from .ledger import money, rows

ZERO = Decimal(0)


def is_later(company):
    "Return whether shares may be paid up after their subscription"
    Configuration = Pool().get('coop.share.configuration')
    return Configuration(1).get_setting('paying_up', company) == 'later'


# Entries

def subscription_entry(movement, accounts):
    "Return the entry of a subscription that is to be paid"
    party, lot = movement.member.party.id, str(movement)
    return Entry(
        journal=accounts['journal'], date=movement.date, origin=str(movement),
        description=movement.entry_description,
        lines=(
            *_uncalled(
                accounts, party, movement.amount - movement.called),
            *_called(
                accounts, party, movement.called, lot, movement.date)))


def _uncalled(accounts, party, amount):
    if not amount:
        return ()
    return (
        EntryLine(
            account=accounts['uncalled_account'], party=party, debit=amount),
        EntryLine(
            account=accounts['subscribed_account'], party=party,
            credit=amount))


def _called(accounts, party, amount, lot, due_date):
    if not amount:
        return ()
    return (
        EntryLine(
            account=accounts['receivable_account'], party=party, debit=amount,
            maturity_date=due_date, origin=lot),
        EntryLine(
            account=accounts['called_account'], party=party, credit=amount))


def call_lines(accounts, party, amount, lot, due_date):
    "Return the lines of what is called of a lot"
    return (
        *_called(accounts, party, amount, lot, due_date),
        EntryLine(
            account=accounts['subscribed_account'], party=party,
            debit=amount),
        EntryLine(
            account=accounts['uncalled_account'], party=party,
            credit=amount))


def payment_entry(movement, accounts):
    "Return the entry of the capital that is paid up"
    party = movement.member.party.id
    return Entry(
        journal=accounts['journal'], date=movement.date, origin=str(movement),
        description=movement.entry_description,
        lines=(
            EntryLine(
                account=accounts['called_account'], party=party,
                debit=movement.paid),
            EntryLine(
                account=accounts.capital(movement.share_class), party=party,
                credit=movement.paid)))


# Payments

class Line(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def _get_origin(cls):
        return [
            *super()._get_origin(), 'coop.share.movement',
            'coop.share.interest']


class RescheduleLines(metaclass=PoolMeta):
    __name__ = 'account.move.line.reschedule'

    @classmethod
    def _line_values(cls, lines):
        "What a lot owes is its debt at other dates too: so it is paid in part"
        values = super()._line_values(lines)
        lots = {line.origin for line in lines if _is_lot(line.origin)}
        if lots:
            if len(lots) > 1 or len({line.origin for line in lines}) > 1:
                raise PaidError(gettext('coop_shares.msg_reschedule_lots'))
            values['origin'], = lots
        return values


def _is_lot(origin):
    return getattr(origin, '__name__', None) == 'coop.share.movement'


class Reconciliation(metaclass=PoolMeta):
    __name__ = 'account.move.reconciliation'

    @classmethod
    def on_modification(cls, mode, reconciliations, field_names=None):
        super().on_modification(mode, reconciliations, field_names=field_names)
        if mode == 'create':
            with without_check_access():
                _pay(cls.browse(reconciliations))

    @classmethod
    def on_delete(cls, reconciliations):
        callback = super().on_delete(reconciliations)
        numbers = defaultdict(list)
        for reconciliation in reconciliations:
            numbers[reconciliation.company.id].append(reconciliation.number)
        with without_check_access():
            _unpay(numbers)
        return callback


def _pay(reconciliations):
    "Post what the reconciliations pay of each lot"
    pool = Pool()
    Movement = pool.get('coop.share.movement')
    line = pool.get('account.move.line').__table__()
    by_id = {r.id: r for r in reconciliations}
    prefix = f'{Movement.__name__},'
    mirror = 'account.move.line,'
    paid = defaultdict(lambda: ZERO)
    found = rows(line.select(
            line.reconciliation, line.id, line.origin, line.debit,
            line.credit,
            where=fields.SQL_OPERATORS['in'](
                line.reconciliation, list(by_id))))
    # A line that comes from another one, as the mirror that takes it back or
    # what is delegated, is of its lot
    known = {
        id_: origin for _, id_, origin, *_ in found
        if origin and origin.startswith(prefix)}
    others = {
        int(origin[len(mirror):]) for *_, origin, _, _ in found
        if origin and origin.startswith(mirror)} - known.keys()
    if others:
        known.update(rows(line.select(
                    line.id, line.origin,
                    where=fields.SQL_OPERATORS['in'](line.id, list(others))
                    & line.origin.like(prefix + '%'))))
    if not known:
        return
    for id_, _, origin, debit, credit in found:
        if origin and origin.startswith(mirror):
            origin = known.get(int(origin[len(mirror):]))
        if origin and origin.startswith(prefix):
            paid[id_, int(origin[len(prefix):])] += (
                Decimal(str(debit)) - Decimal(str(credit)))
    by_company = defaultdict(list)
    for (id_, lot), amount in paid.items():
        reconciliation = by_id[id_]
        company = reconciliation.company
        if amount := money(company, amount):
            by_company[company].append((reconciliation, lot, amount))
    for company, payments in by_company.items():
        lots = {
            lot.id: lot for lot in Movement.browse(
                list({lot for _, lot, _ in payments}))}
        Movement.post_payments(company, [{
                    'date': reconciliation.date,
                    'member': lots[lot].member.id,
                    'share_class': lots[lot].share_class.id,
                    'lot': lot,
                    'since': lots[lot].since,
                    'nominal': lots[lot].nominal,
                    'amount': money(company, 0),
                    'called': money(company, 0),
                    'paid': amount,
                    'reconciliation': reconciliation.number,
                    } for reconciliation, lot, amount in payments])


def _unpay(numbers):
    "Take back what was paid by reconciliations that go, by company"
    Movement = Pool().get('coop.share.movement')
    for company, sub_numbers in numbers.items():
        payments = Movement.search([
                ('company', '=', company),
                ('type', '=', 'payment'),
                ('state', '=', 'posted'),
                ('reconciliation', 'in', sub_numbers),
                ('reversed_by', '=', None),
                ], order=[('id', 'ASC')])
        if payments:
            Movement.take_back_payments(payments)


# What is open

def open_lines(lots, accounts):
    """Return the lines that the lots owe and that are not reconciled, by id
    of lot"""
    Movement = Pool().get('coop.share.movement')
    line = Pool().get('account.move.line').__table__()
    prefix = f'{Movement.__name__},'
    found = defaultdict(list)
    if not lots:
        return found
    for id_, origin, move in rows(line.select(
                line.id, line.origin, line.move,
                where=fields.SQL_OPERATORS['in'](
                    line.origin, [f'{prefix}{lot}' for lot in lots])
                & (line.account == accounts['receivable_account'])
                & (line.reconciliation == Null))):
        found[int(origin[len(prefix):])].append((id_, move))
    return found


def moved_lines(accounts, old, new, left, due_date):
    """Return the lines by which what a lot owes goes to another one

    old and new are the id of the party, the lot and the sum of each; left is
    what the old lot owes still.
    """
    account = accounts['receivable_account']
    party, lot, total = old
    lines = [EntryLine(
            account=account, party=party, credit=total, origin=lot)]
    if left:
        lines.append(EntryLine(
                account=account, party=party, debit=left, origin=lot,
                maturity_date=due_date))
    if new:
        party, lot, amount = new
        lines.append(EntryLine(
                account=account, party=party, debit=amount, origin=lot,
                maturity_date=due_date))
    return lines


def settle(company, move, lots, accounts):
    "Reconcile what the lots owed with the lines of a move that take it back"
    pool = Pool()
    Line = pool.get('account.move.line')
    groups = []
    for lot, lines in open_lines(lots, accounts).items():
        own = [
            Line(id_) for id_, move_id in lines if move_id == move.id]
        ids = [id_ for id_, move_id in lines if move_id != move.id]
        ids.extend(line.id for line in own if line.credit)
        if len(ids) > 1:
            groups.append((move.date, ids))
    reconcile(company, groups)


def unsettle(move):
    "Undo the reconciliations that settled what a move took back"
    pool = Pool()
    Reconciliation = pool.get('account.move.reconciliation')
    prefix = f'{pool.get("coop.share.movement").__name__},'
    if reconciliations := list({
                line.reconciliation for line in move.lines
                if line.reconciliation and line.credit
                and str(line.origin or '').startswith(prefix)}):
        Reconciliation.delete(reconciliations)
