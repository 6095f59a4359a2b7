# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What movements must comply with to be posted, checked in sets."""
from collections import defaultdict

from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool
from trytond.tools import grouped_slice

from . import capital, paying_up
from .document import CHUNK
from .exceptions import (
    FloorError, HoldingError, NominalError, PaidError, PostError)
from .ledger import as_date, by_party, changes_by_party, money, rows
from .rules.conversion import lowest
from .rules.paying_up import State, least_called

# The types that give shares to somebody who is a member that day
_SUBSCRIBED = {'subscription', 'conversion', 'interest'}
_RECEIVED = {'transfer', 'class_change'}
_REFUNDED = {'exit', 'withdrawal'}
# Savings become shares one by one, and a class that is left is left
_LIMITED = {'subscription', 'transfer', 'withdrawal'}


def check(company, movements):
    check_nominal_dates(company, movements)
    for movement in movements:
        check_member(movement)
        check_quantity(movement)
    check_holdings(company, movements)
    check_floor(company, movements)
    check_paid(company, movements)
    check_received(company, movements)
    check_limits(company, movements)


def check_nominal_dates(company, movements):
    """Nothing moves before the last change of the nominal value

    What is reversed takes the changes since with it.
    """
    pool = Pool()
    Class = pool.get('coop.share.class')
    lang = pool.get('ir.lang').get()
    last = Class.last_nominal_dates(company)
    for movement in movements:
        if movement.reversal_of or movement.type in {
                'call', 'payment', 'nominal_change', 'loss_reduction'}:
            continue
        nominal_date = last.get(movement.share_class.id)
        date = movement.date
        if nominal_date is None or date < nominal_date:
            raise NominalError(gettext(
                    'coop_shares.msg_movement_before_nominal',
                    member=movement.member.rec_name,
                    share_class=movement.share_class.rec_name,
                    date=lang.strftime(date),
                    nominal_date=(
                        lang.strftime(nominal_date) if nominal_date
                        else '–')))


def check_member(movement):
    member = movement.member
    if not member.number:
        raise PostError(gettext(
                'coop_shares.msg_movement_member_number',
                member=member.rec_name))
    receives = movement.type in _SUBSCRIBED or (
        movement.type in _RECEIVED and movement.quantity > 0)
    if receives and not member.is_member(movement.date):
        lang = Pool().get('ir.lang').get()
        raise PostError(gettext(
                'coop_shares.msg_movement_not_member',
                member=member.rec_name, date=lang.strftime(movement.date)))


def check_quantity(movement):
    if (movement.type in _SUBSCRIBED | {'opening'}
            and movement.quantity <= 0):
        raise PostError(gettext(
                'coop_shares.msg_movement_quantity',
                member=movement.member.rec_name))


def check_floor(company, movements):
    """What is given back leaves the capital at its floor or above, at any date

    A reduction for losses gives nothing back.
    """
    lowered = [m for m in movements if (
            m.type in _REFUNDED or m.reversal_of) and m.amount < 0]
    if not lowered:
        return
    by_day = capital.changes(company)
    for movement in movements:
        by_day[_effective_date(movement)] += movement.amount
    start = min(map(_effective_date, lowered))
    total = sum(a for day, a in by_day.items() if day < start)
    for day in sorted(day for day in by_day if day >= start):
        total += by_day[day]
        floor = capital.floor(company, day, by_day)
        if total < floor:
            lang = Pool().get('ir.lang').get()
            raise FloorError(gettext(
                    'coop_shares.msg_movement_floor',
                    member=lowered[0].member.rec_name,
                    date=lang.strftime(day),
                    capital=lang.currency(total, company.currency),
                    floor=lang.currency(floor, company.currency)))


def check_paid(company, movements):
    "What is paid is called, and what is called was subscribed"
    pool = Pool()
    Movement = pool.get('coop.share.movement')
    for movement in movements:
        check_called(company, movement)
    if all(m.amount == m.called == m.paid for m in movements):
        return
    changes = defaultdict(lambda: [0, 0, 0])
    for movement in movements:
        for i, name in enumerate(State._fields):
            changes[movement.lot.id][i] += getattr(movement, name)
    table = Movement.__table__()
    for lots in grouped_slice(list(changes), CHUNK):
        for lot, *sums in rows(table.select(
                    table.lot, Sum(table.amount), Sum(table.called),
                    Sum(table.paid),
                    where=(table.company == company.id)
                    & (table.state == 'posted')
                    & fields.SQL_OPERATORS['in'](table.lot, list(lots)),
                    group_by=[table.lot])):
            for i, value in enumerate(sums):
                changes[lot][i] += money(company, value)
    for movement in movements:
        state = State(*changes[movement.lot.id])
        if not 0 <= state.paid <= state.called <= state.amount:
            raise PaidError(gettext(
                    'coop_shares.msg_movement_paid',
                    member=movement.member.rec_name,
                    lot=movement.lot.rec_name))


def check_received(company, movements):
    "What is to be paid at once was received before"
    needed = [m for m in movements if m.type == 'subscription']
    if not needed or paying_up.is_later(company):
        return
    start = min(m.date for m in needed)
    account = subscription_account(company)
    balances = by_party(company, account, start)
    changes = changes_by_party(company, account, start)
    asked = defaultdict(lambda: money(company, 0))
    at_start = defaultdict(lambda: money(company, 0))
    for movement in needed:
        party = movement.member.party
        asked[party] += movement.amount
        if movement.date == start:
            at_start[party] += movement.amount
        else:
            changes[party.id].append((movement.date, -movement.amount))
    lang = Pool().get('ir.lang').get()
    for party, amount in asked.items():
        missing = -lowest(
            balances.get(party.id, 0) - at_start[party], changes[party.id])
        if missing > 0:
            raise PaidError(gettext(
                    'coop_shares.msg_movement_received',
                    party=party.rec_name, account=account.rec_name,
                    amount=lang.currency(amount, company.currency),
                    missing=lang.currency(missing, company.currency)))


def subscription_account(company):
    Configuration = Pool().get('coop.share.configuration')
    return Configuration(1).get_required('subscription_account', company)


def check_limits(company, movements):
    "Who subscribes or gives away holds what the class allows, or nothing"
    concerned = {
        (m.member, m.share_class) for m in movements
        if m.type in _LIMITED
        and (m.share_class.least_shares or m.share_class.most_shares)}
    if not concerned:
        return
    held = Pool().get('coop.share.movement').holdings(company)
    added = defaultdict(int)
    for movement in movements:
        added[movement.member, movement.share_class] += movement.quantity
    for member, class_ in concerned:
        quantity, _ = held.get((member.id, class_.id), (0, 0))
        quantity += added[member, class_]
        least, most = class_.least_shares, class_.most_shares
        if quantity and (
                (least and quantity < least) or (most and quantity > most)):
            raise HoldingError(gettext(
                    'coop_shares.msg_movement_limits',
                    member=member.rec_name, share_class=class_.rec_name,
                    quantity=quantity, least=least or 0, most=most or '–'))


def check_called(company, movement):
    "A quarter is called at least, all where it must be paid at once"
    if movement.type != 'subscription' or movement.called == movement.amount:
        return
    least = (
        least_called(movement.amount, company.currency.digits)
        if paying_up.is_later(company) else movement.amount)
    if not least <= movement.called <= movement.amount:
        lang = Pool().get('ir.lang').get()
        raise PaidError(gettext(
                'coop_shares.msg_movement_called',
                member=movement.member.rec_name,
                least=lang.currency(least, company.currency),
                amount=lang.currency(movement.amount, company.currency)))


def _effective_date(movement):
    if movement.reversal_of:
        return movement.reversal_of.date
    return movement.date


def check_holdings(company, movements):
    "No lot has less than nothing at any date"
    if all(m.quantity >= 0 for m in movements):
        return
    table = Pool().get('coop.share.movement').__table__()
    changes = defaultdict(list)
    for movement in movements:
        changes[movement.lot.id].append((movement.date, movement.quantity))
    for lots in grouped_slice(list(changes), CHUNK):
        for lot, date, quantity in rows(table.select(
                    table.lot, table.date, Sum(table.quantity),
                    where=(table.company == company.id)
                    & (table.state == 'posted')
                    & fields.SQL_OPERATORS['in'](table.lot, list(lots)),
                    group_by=[table.lot, table.date])):
            changes[lot].append((as_date(date), int(quantity)))
    for movement in movements:
        if lowest(0, changes[movement.lot.id]) < 0:
            raise HoldingError(gettext(
                    'coop_shares.msg_movement_holding',
                    member=movement.member.rec_name,
                    share_class=movement.share_class.rec_name))
