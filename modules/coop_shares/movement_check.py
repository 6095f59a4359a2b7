# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What movements must comply with to be posted, checked in sets."""
from collections import defaultdict

from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.pool import Pool

from .exceptions import HoldingError, NominalError, PostError
from .ledger import as_date, rows
from .rules.conversion import lowest

# The types that give shares to somebody who is a member that day
_SUBSCRIBED = {'subscription', 'conversion'}


def check(company, movements):
    check_nominal_dates(company, movements)
    for movement in movements:
        check_member(movement)
        check_quantity(movement)
    check_holdings(company, movements)


def check_nominal_dates(company, movements):
    "Nothing moves before the last change of the nominal value"
    pool = Pool()
    Class = pool.get('coop.share.class')
    lang = pool.get('ir.lang').get()
    last = Class.last_nominal_dates(company)
    for movement in movements:
        if movement.type == 'nominal_change':
            continue
        nominal_date = last.get(movement.share_class.id)
        date = movement.date
        if movement.reversal_of:
            date = min(date, movement.reversal_of.date)
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
    if movement.type in _SUBSCRIBED and not member.is_member(movement.date):
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


def check_holdings(company, movements):
    "No holding is negative at any date"
    if all(m.quantity >= 0 for m in movements):
        return
    changes = defaultdict(list)
    for movement in movements:
        changes[movement.member.id, movement.share_class.id].append(
            (movement.date, movement.quantity))
    table = Pool().get('coop.share.movement').__table__()
    for member, class_, date, quantity in rows(table.select(
                table.member, table.share_class, table.date,
                Sum(table.quantity),
                where=(table.company == company.id)
                & (table.state == 'posted'),
                group_by=[table.member, table.share_class, table.date])):
        if (member, class_) in changes:
            changes[member, class_].append((as_date(date), int(quantity)))
    for movement in movements:
        key = movement.member.id, movement.share_class.id
        if lowest(0, changes[key]) < 0:
            raise HoldingError(gettext(
                    'coop_shares.msg_movement_holding',
                    member=movement.member.rec_name,
                    share_class=movement.share_class.rec_name))
