# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime

from sql import Literal
from sql.aggregate import Min, Sum
from sql.conditionals import Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction


class Holding(ModelSQL, ModelView):
    __name__ = 'coop.share.holding'

    company = fields.Many2One('company.company', "Company")
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    member = fields.Many2One('coop.member', "Member")
    category = fields.Function(fields.Many2One(
            'coop.member.category', "Category"),
        'on_change_with_category', searcher='search_category')
    share_class = fields.Many2One('coop.share.class', "Share Class")
    quantity = fields.Integer("Quantity")
    amount = Monetary("Amount", currency='currency', digits='currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('member.number', 'ASC'), ('share_class', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        Movement = Pool().get('coop.share.movement')
        context = Transaction().context
        movement = Movement.__table__()
        where = (
            (movement.company == (context.get('company') or -1))
            & (movement.state == 'posted')
            & (movement.date <= Coalesce(
                    context.get('date'), datetime.date.max)))
        return movement.select(
            Min(movement.id).as_('id'),
            movement.company.as_('company'),
            movement.member.as_('member'),
            movement.share_class.as_('share_class'),
            Sum(movement.quantity).as_('quantity'),
            cls.amount.sql_cast(Sum(movement.amount)).as_('amount'),
            where=where,
            group_by=[
                movement.company, movement.member, movement.share_class],
            having=Sum(movement.quantity) != Literal(0))

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('member')
    def on_change_with_category(self, name=None):
        return self.member.category if self.member else None

    @classmethod
    def search_category(cls, name, clause):
        return [('member.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return f'{self.member.rec_name} – {self.share_class.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]


class HoldingContext(ModelView):
    __name__ = 'coop.share.holding.context'

    company = fields.Many2One('company.company', "Company", required=True)
    date = fields.Date(
        "Date", required=True, help="What was held at the end of the day.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()
