# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The interest of each member, for a year that a meeting has decided on."""
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce

from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .document import CHUNK
from .ledger import days_until, money, reader, rows
from .rules.surplus import Given, Shares, days_held, existing, interest_by_days

ZERO = Decimal(0)


class Line(NamedTuple):
    "The id of a member, what bears interest (by days, or once) and how much"
    member: int
    base: Decimal
    amount: Decimal


def capital(surplus):
    "Return the paid-up capital at the closing of the year"
    if not surplus.fiscalyear:
        return None
    Movement = Pool().get('coop.share.movement')
    return sum((
            state.paid for state in Movement.states(
                surplus.company, surplus.fiscalyear.end_date).values()),
        money(surplus.company, 0))


def by_member(surplus):
    "Return the interest of each member who has some, in a few queries"
    if not surplus.interest_rate:
        return []
    year = surplus.fiscalyear
    bases = {'days': _days, 'closing': _closing}[surplus.basis](surplus)
    bases = {m: bases[m] for m in sorted(bases) if bases[m] > 0}
    interests = interest_by_days(
        bases, surplus.interest_rate, year.end_date, surplus.currency.digits)
    return [
        Line(member, bases[member], amount)
        for member, amount in interests.items() if amount]


def total(surplus):
    "Return what the interest comes to, as far as it can be known"
    if (surplus.basis == 'closing' and not surplus.date
            or not surplus.fiscalyear):
        return money(surplus.company, 0)
    return sum(
        (line.amount for line in by_member(surplus)),
        money(surplus.company, 0))


def _days(surplus):
    """Return the capital of each day of the year, summed up, by id of member,
    in one query

    What was reversed was never there."""
    year = surplus.fiscalyear
    read = reader(surplus.company)
    table, reversed_ = (
        Pool().get('coop.share.movement').__table__() for _ in range(2))
    day = Coalesce(reversed_.date, table.date)
    first = Case((day < year.start_date, year.start_date), else_=day)
    days = days_until(year.end_date, first)
    # Each sum is of whole cents: reading it is exact
    return {
        member: read(base) for member, base in rows(table
            .join(reversed_, 'LEFT',
                condition=table.reversal_of == reversed_.id)
            .select(
                table.member, Sum(table.paid * days),
                where=(table.company == surplus.company.id)
                & (table.state == 'posted')
                & (day <= year.end_date),
                group_by=[table.member]))}


def _closing(surplus):
    """Return what existed at the closing and still does at the meeting, by id
    of the member who holds it then, counted for each day of the year"""
    Movement = Pool().get('coop.share.movement')
    company, year = surplus.company, surplus.fiscalyear
    days = days_held(year.start_date, year.start_date, year.end_date)
    closing, meeting = (
        {lot.id: lot for lot in Movement.lots(company, date)}
        for date in [year.end_date, surplus.date])
    paid = existing(
        _shares(closing), _given(surplus), _shares(meeting),
        company.currency.digits)
    bases = defaultdict(lambda: ZERO)
    for id_, amount in paid.items():
        bases[meeting[id_].member] += amount * days
    return bases


def _shares(lots):
    return {
        id_: Shares(lot.quantity, lot.paid) for id_, lot in lots.items()}


def _given(surplus):
    """Return the transfers between the closing and the meeting

    An operation writes what is given of a lot, then what is received of it.
    """
    table = Pool().get('coop.share.movement').__table__()
    given, transfers = {}, []
    for origin, lot, quantity in rows(table.select(
                table.origin, table.lot, table.quantity,
                where=(table.company == surplus.company.id)
                & (table.state == 'posted')
                & table.type.in_(['transfer', 'class_change'])
                & (table.date > surplus.fiscalyear.end_date)
                & (table.date <= surplus.date),
                order_by=[table.id])):
        if quantity < 0:
            given[origin] = lot, -quantity
        elif origin in given:
            transfers.append(Given(*given.pop(origin), lot, quantity))
    return transfers


def creditors(members):
    """Return the id of the party that is paid for each member, by id: the one
    that the exit names, such as the heirs, or else the member's own"""
    Exit = Pool().get('coop.share.exit')
    parties = {m.id: m.party.id for m in members}
    for exit_ in Exit.search([
                ('member', 'in', list(parties)),
                ('kind', '!=', 'withdrawal'),
                ('payee', '!=', None),
                ('state', 'in', ['posted', 'suspended']),
                ], order=[('id', 'ASC')]):
        parties[exit_.member.id] = exit_.payee.id
    return parties


class Interest(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.interest'

    surplus = fields.Many2One(
        'coop.surplus', "Surplus", required=True, ondelete='RESTRICT',
        readonly=True)
    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='RESTRICT',
        readonly=True)
    base = Monetary(
        "Base", currency='currency', digits='currency', readonly=True,
        help="The paid-up capital of each day of the year, summed up.")
    mean = fields.Function(Monetary(
            "Mean Capital", currency='currency', digits='currency',
            help="The base by the days of the year."),
        'get_mean')
    amount = Monetary(
        "Interest", currency='currency', digits='currency', readonly=True)
    prepayment = Monetary(
        "Income Tax Withheld", currency='currency', digits='currency',
        readonly=True)
    social = Monetary(
        "Social Levies", currency='currency', digits='currency',
        readonly=True)
    net = fields.Function(Monetary(
            "Net", currency='currency', digits='currency'), 'get_net')
    in_shares = Monetary(
        "Turned into Shares", currency='currency', digits='currency',
        readonly=True)
    to_pay = fields.Function(Monetary(
            "To Pay", currency='currency', digits='currency',
            help="What is not turned into shares."),
        'get_to_pay')
    payment = fields.Many2One(
        'coop.share.interest.payment', "Payment", readonly=True,
        ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('member_unique', Unique(table, table.surplus, table.member),
                'coop_shares.msg_interest_unique'),
            ]
        cls._sql_indexes.update({
                Index(table, (table.company, Index.Range())),
                Index(table, (table.member, Index.Range())),
                Index(table, (table.payment, Index.Range()),
                    where=table.payment != Null),
                })
        cls._order = [
            ('surplus', 'DESC'), ('member.number', 'ASC'), ('id', 'ASC')]

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {
                    'surplus', 'company', 'member', 'base', 'amount',
                    'prepayment', 'social', 'in_shares', 'payment'},
                'coop_shares.msg_fixed_interest',
                Leaning('coop.surplus', {'id': 'surplus'}),
                by_hand=True, kept=True)]

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_mean(self, name):
        year = self.surplus.fiscalyear
        days = (year.end_date - year.start_date).days + 1
        return self.currency.round(self.base / days)

    def get_net(self, name):
        if self.payment:
            return self.amount - self.prepayment - self.social

    def get_to_pay(self, name):
        if self.payment:
            return self.net - self.in_shares

    def get_rec_name(self, name):
        return f'{self.surplus.rec_name} – {self.member.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]

    @classmethod
    def enter(cls, surplus, lines):
        "Enter the interest of members, by SQL as nobody may do it by hand"
        ids = insert(cls, [
                'surplus', 'company', 'member', 'base', 'amount'], [(
                    surplus.id, surplus.company.id, *line)
                for line in lines])
        return cls.browse(ids)

    @classmethod
    def forget(cls, interests):
        "Take away the interest of a decision that is taken back"
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        for ids in grouped_slice([i.id for i in interests], CHUNK):
            cursor.execute(*table.delete(
                    where=fields.SQL_OPERATORS['in'](table.id, list(ids))))
