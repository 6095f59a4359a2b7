# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The lots: what is left of each subscription, with its holder."""
import datetime
from dataclasses import dataclass
from decimal import Decimal

from sql import Literal
from sql.aggregate import Sum
from sql.conditionals import Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction

from .ledger import as_date, reader, rows
from .rules.paying_up import State, last_call


def paying_up_years(company):
    "Return the years that the statutes leave to pay shares up, if they say so"
    Configuration = Pool().get('coop.share.configuration')
    return Configuration(1).get_setting('paying_up_years', company)


@dataclass(frozen=True, slots=True)
class HeldLot:
    """A lot that is held at a date.

    id is that of the movement that gave it, member and share_class are ids;
    since is the day on which its shares were subscribed, whoever did.
    """
    id: int
    member: int
    share_class: int
    since: datetime.date
    quantity: int
    amount: Decimal
    called: Decimal
    paid: Decimal

    @property
    def state(self):
        return State(self.amount, self.called, self.paid)


def lots(company, date=None, member=None, share_class=None):
    """Return the lots that are held at the end of the date, the oldest first,
    in one query"""
    pool = Pool()
    table = pool.get('coop.share.movement').__table__()
    where = (table.company == company.id) & (table.state == 'posted')
    if date:
        where &= table.date <= date
    if member:
        where &= table.member == member.id
    if share_class:
        where &= table.share_class == share_class.id
    columns = [table.lot, table.member, table.share_class, table.since]
    read = reader(company)
    return sorted((
            HeldLot(
                id_, member, class_, as_date(since), int(quantity),
                *map(read, sums))
            for id_, member, class_, since, quantity, *sums in rows(
                table.select(
                    *columns, Sum(table.quantity), Sum(table.amount),
                    Sum(table.called), Sum(table.paid),
                    where=where, group_by=columns))
            if quantity), key=lambda lot: (lot.since, lot.id))


def states(company, date=None):
    """Return what is called and paid of the shares by id of member and of
    class, at the end of the date, in one query"""
    table = Pool().get('coop.share.movement').__table__()
    where = (table.company == company.id) & (table.state == 'posted')
    if date:
        where &= table.date <= date
    columns = [table.member, table.share_class]
    read = reader(company)
    return {
        (member, class_): State(*map(read, sums))
        for member, class_, *sums in rows(table.select(
                *columns, Sum(table.amount), Sum(table.called),
                Sum(table.paid),
                where=where, group_by=columns))}


class Lot(ModelSQL, ModelView):
    __name__ = 'coop.share.lot'

    company = fields.Many2One('company.company', "Company")
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    movement = fields.Many2One(
        'coop.share.movement', "Movement",
        help="What gave these shares to the member.")
    member = fields.Many2One('coop.member', "Member")
    share_class = fields.Many2One('coop.share.class', "Share Class")
    since = fields.Date(
        "Since", help="The day on which the shares were subscribed, by the "
        "member or by whom they come from.")
    quantity = fields.Integer("Quantity")
    amount = Monetary("Amount", currency='currency', digits='currency')
    paid = Monetary("Paid Up", currency='currency', digits='currency')
    unpaid = Monetary(
        "Unpaid", currency='currency', digits='currency',
        help="What is called and not paid.")
    uncalled = Monetary(
        "Uncalled", currency='currency', digits='currency')
    last_call = fields.Function(fields.Date(
            "To Be Paid By",
            help="The last day that the statutes leave to pay all of the "
            "subscription."),
        'get_last_call')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('member.number', 'ASC'), ('since', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        Movement = Pool().get('coop.share.movement')
        context = Transaction().context
        movement = Movement.__table__()
        columns = [
            movement.lot, movement.company, movement.member,
            movement.share_class, movement.since]
        return movement.select(
            movement.lot.as_('id'),
            movement.lot.as_('movement'),
            movement.company.as_('company'),
            movement.member.as_('member'),
            movement.share_class.as_('share_class'),
            movement.since.as_('since'),
            Sum(movement.quantity).as_('quantity'),
            cls.amount.sql_cast(Sum(movement.amount)).as_('amount'),
            cls.paid.sql_cast(Sum(movement.paid)).as_('paid'),
            cls.unpaid.sql_cast(
                Sum(movement.called - movement.paid)).as_('unpaid'),
            cls.uncalled.sql_cast(
                Sum(movement.amount - movement.called)).as_('uncalled'),
            where=(movement.company == (context.get('company') or -1))
            & (movement.state == 'posted')
            & (movement.date <= Coalesce(
                    context.get('date'), datetime.date.max)),
            group_by=columns,
            having=Sum(movement.quantity) != Literal(0))

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_last_call(cls, lots, name):
        years = {c: paying_up_years(c) for c in {lot.company for lot in lots}}
        return {
            lot.id: last_call(lot.since, years[lot.company]) for lot in lots}

    def get_rec_name(self, name):
        return f'{self.member.rec_name} – {self.movement.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]
