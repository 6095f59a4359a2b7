# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Times in which shares are offered, up to a ceiling."""
from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .exceptions import SubscriptionError
from .ledger import money, rows


class Campaign(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.campaign'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    name = fields.Char("Name", required=True)
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    start_date = fields.Date(
        "From", required=True,
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('start_date', '<=', Eval('end_date', None)),
                ()),
            ])
    end_date = fields.Date("To", required=True)
    ceiling = Monetary(
        "Ceiling", currency='currency', digits='currency',
        domain=['OR',
            ('ceiling', '=', None),
            ('ceiling', '>', 0),
            ],
        help="The most that may be subscribed.")
    subscribed = fields.Function(Monetary(
            "Subscribed", currency='currency', digits='currency'),
        'get_subscribed')
    left = fields.Function(Monetary(
            "Left", currency='currency', digits='currency',
            states={
                'invisible': ~Eval('ceiling'),
                }),
        'get_left')
    waiting = fields.Function(Monetary(
            "Waiting", currency='currency', digits='currency',
            help="What is requested or admitted, and not subscribed yet."),
        'get_waiting')
    subscriptions = fields.One2Many(
        'coop.share.subscription', 'campaign', "Requests", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.add(Index(table, (table.company, Index.Range())))
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'share_class'}, 'coop_shares.msg_fixed_campaign',
                Leaning('coop.share.subscription', 'campaign',
                    (('state', '=', 'subscribed'),)))]

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_subscribed(cls, campaigns, name):
        "Return the sum of the movements of the requests"
        pool = Pool()
        movement = pool.get('coop.share.movement').__table__()
        request = pool.get('coop.share.subscription').__table__()
        sums = dict(rows(request
                .join(movement, condition=request.movement == movement.id)
                .select(
                    request.campaign, Sum(movement.amount),
                    where=fields.SQL_OPERATORS['in'](
                        request.campaign, [c.id for c in campaigns]),
                    group_by=[request.campaign])))
        return {c.id: money(c.company, sums.get(c.id)) for c in campaigns}

    def get_left(self, name):
        if self.ceiling is not None:
            return self.ceiling - self.subscribed

    def get_waiting(self, name):
        return sum(
            (s.amount or 0 for s in self.subscriptions
                if s.state in {'requested', 'admitted'}),
            money(self.company, 0))

    def is_open(self, date):
        return self.start_date <= date <= self.end_date

    @classmethod
    def check_ceiling(cls, campaigns, subscriptions):
        "Check that the requests do not pass the ceilings"
        if not campaigns:
            return
        # Two are not subscribed at the same time
        cls.lock(list(campaigns))
        for campaign in cls.browse([c.id for c in campaigns]):
            if campaign.ceiling is None:
                continue
            asked = sum(
                s.amount or 0 for s in subscriptions if s.campaign == campaign)
            if asked > campaign.left:
                lang = Pool().get('ir.lang').get()
                raise SubscriptionError(gettext(
                        'coop_shares.msg_campaign_ceiling',
                        campaign=campaign.rec_name,
                        asked=lang.currency(asked, campaign.currency),
                        left=lang.currency(campaign.left, campaign.currency)))
