# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The capital of a company: what it is, was at most and may fall to."""
import datetime
from collections import defaultdict

from sql import Literal
from sql.aggregate import Min, Sum
from sql.conditionals import Case, Coalesce

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .ledger import as_date, money, rows
from .rules import capital as rule

A_DAY = datetime.timedelta(days=1)


def changes(company):
    """Return the changes of the capital by day, from the register

    What was reversed was never there: it counts from the day of what is
    reversed.
    """
    Movement = Pool().get('coop.share.movement')
    table, reversed_ = Movement.__table__(), Movement.__table__()
    day = Coalesce(reversed_.date, table.date)
    sums = defaultdict(lambda: money(company, 0))
    for date, amount in rows(table
            .join(reversed_, 'LEFT',
                condition=table.reversal_of == reversed_.id)
            .select(
                day.as_('day'), Sum(table.amount).as_('amount'),
                where=(table.company == company.id)
                & (table.state == 'posted'),
                group_by=[day])):
        sums[as_date(date)] += money(company, amount)
    return sums


def highest(company, date, by_day=None):
    "Return the highest capital reached until the end of the date"
    Configuration = Pool().get('coop.share.configuration')
    before = Configuration(1).get_setting('highest_before', company)
    return rule.highest(
        (changes(company) if by_day is None else by_day).items(), date,
        before or money(company, 0))


def floor(company, date, by_day=None):
    "Return the sum under which refunds may not bring the capital"
    Configuration = Pool().get('coop.share.configuration')
    configuration = Configuration(1)
    zero = money(company, 0)
    return rule.floor(
        highest(company, date, by_day),
        configuration.get_setting('of_highest', company),
        configuration.get_setting('statutory_capital', company) or zero,
        configuration.get_setting('minimum_capital', company) or zero,
        company.currency.digits)


class Capital(ModelSQL, ModelView):
    __name__ = 'coop.share.capital'

    company = fields.Many2One('company.company', "Company")
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    share_class = fields.Many2One('coop.share.class', "Share Class")
    category = fields.Many2One('coop.member.category', "Category")
    opening = Monetary("Opening", currency='currency', digits='currency')
    subscribed = Monetary(
        "Subscribed", currency='currency', digits='currency',
        help="In cash, with savings or with interest.")
    transferred = Monetary(
        "Transferred", currency='currency', digits='currency',
        help="To or from other classes and categories.")
    refunded = Monetary(
        "Refunded", currency='currency', digits='currency',
        help="What is given back to those who leave or withdraw.")
    revalued = Monetary(
        "Change of Nominal Value", currency='currency', digits='currency')
    closing = Monetary("Closing", currency='currency', digits='currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('share_class', 'ASC'), ('category', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        context = Transaction().context
        movement, reversed_ = Movement.__table__(), Movement.__table__()
        from_date = context.get('from_date') or datetime.date.min
        to_date = context.get('to_date') or datetime.date.max
        type_ = Coalesce(reversed_.type, movement.type)
        before = movement.date < from_date
        # Categories are those of the closing
        classification = pool.get('coop.member.classification').query(to_date)

        def total(name, condition):
            field = getattr(cls, name)
            return field.sql_cast(Sum(Case(
                        (condition, movement.amount), else_=0))).as_(name)

        def of(*types):
            return ~before & type_.in_(types)

        return (movement
            .join(classification, 'LEFT',
                condition=movement.member == classification.member)
            .join(reversed_, 'LEFT',
                condition=movement.reversal_of == reversed_.id)
            .select(
                Min(movement.id).as_('id'),
                movement.company.as_('company'),
                movement.share_class.as_('share_class'),
                classification.category.as_('category'),
                total('opening', before | (type_ == 'opening')),
                total(
                    'subscribed',
                    of('subscription', 'conversion', 'interest')),
                total('transferred', of('transfer', 'class_change')),
                total('refunded', of('withdrawal', 'exit')),
                total('revalued', of('nominal_change', 'loss_reduction')),
                total('closing', Literal(True)),
                where=(movement.company == (context.get('company') or -1))
                & (movement.state == 'posted')
                & (movement.date <= to_date),
                group_by=[
                    movement.company, movement.share_class,
                    classification.category]))

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        names = [self.share_class.rec_name]
        if self.category:
            names.append(self.category.rec_name)
        return ' – '.join(names)


class CapitalContext(ModelView):
    __name__ = 'coop.share.capital.context'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    from_date = fields.Date(
        "From", required=True,
        domain=[
            If(Bool(Eval('from_date')) & Bool(Eval('to_date')),
                ('from_date', '<=', Eval('to_date', None)),
                ()),
            ])
    to_date = fields.Date("To", required=True)
    capital = fields.Function(Monetary(
            "Capital", currency='currency', digits='currency'),
        'on_change_with_capital')
    highest = fields.Function(Monetary(
            "Highest Capital", currency='currency', digits='currency',
            help="The highest that it has ever been."),
        'on_change_with_highest')
    floor = fields.Function(Monetary(
            "Floor", currency='currency', digits='currency',
            help="Refunds may not bring the capital under it."),
        'on_change_with_floor')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_from_date(cls):
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_to_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('company', 'to_date')
    def on_change_with_capital(self, name=None):
        Movement = Pool().get('coop.share.movement')
        if self.company and self.to_date:
            return sum(
                (amount for _, amount in Movement.holdings(
                        self.company, self.to_date).values()),
                money(self.company, 0))

    @fields.depends('company', 'to_date')
    def on_change_with_highest(self, name=None):
        if self.company and self.to_date:
            return highest(self.company, self.to_date)

    @fields.depends('company', 'to_date')
    def on_change_with_floor(self, name=None):
        if self.company and self.to_date:
            return floor(self.company, self.to_date)
