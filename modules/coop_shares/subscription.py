# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who asks for shares: from the request to the movement of the register."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .exceptions import SubscriptionError
from .ledger import money

_REQUEST = {
    'readonly': Eval('state') != 'draft',
    }
_ADMISSION = {
    'readonly': ~Eval('state').in_(['draft', 'requested']),
    'required': Eval('state').in_(['admitted', 'subscribed']),
    }
_SUBSCRIPTION = {
    'readonly': ~Eval('state').in_(['draft', 'requested', 'admitted']),
    }
_COUPLE = {
    'readonly': _SUBSCRIPTION['readonly'],
    'invisible': Eval('matrimonial_regime') != 'community',
    }


class Subscription(Workflow, ModelSQL, ModelView):
    __name__ = 'coop.share.subscription'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_REQUEST)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        states=_REQUEST,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    member = fields.Function(fields.Many2One(
            'coop.member', "Member",
            help="The membership of the party, when there is one."),
        'on_change_with_member')
    request_date = fields.Date(
        "Request Date", required=True, states=_REQUEST,
        help="Requests wait in the order of these days.")
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        states=_REQUEST,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    quantity = fields.Integer(
        "Quantity", required=True, states=_REQUEST,
        domain=[
            ('quantity', '>', 0),
            ])
    amount = fields.Function(Monetary(
            "Amount", currency='currency', digits='currency'),
        'on_change_with_amount')
    received = fields.Function(Monetary(
            "Received", currency='currency', digits='currency',
            help="What the person has paid for subscriptions to come."),
        'on_change_with_received')
    campaign = fields.Many2One(
        'coop.share.campaign', "Campaign", ondelete='RESTRICT',
        states=_REQUEST,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('share_class', '=', Eval('share_class', -1)),
            ])
    category = fields.Many2One(
        'coop.member.category', "Category", ondelete='RESTRICT',
        states=_ADMISSION | {'required': False},
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Where a new member is sorted.")
    representative = fields.Many2One(
        'party.party', "Representative", ondelete='RESTRICT',
        states=_ADMISSION | {'required': False},
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who speaks for a new member that is no natural person.")
    matrimonial_regime = fields.Selection([
            (None, ""),
            ('none', "No Common Property"),
            ('community', "Common Property"),
            ], "Matrimonial Regime", sort=False, states=_REQUEST,
        help="Shares are not paid with common property unless the spouse was "
        "told (civil code, article 1832-2).")
    spouse = fields.Many2One(
        'party.party', "Spouse", ondelete='RESTRICT', states=_COUPLE,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    spouse_told_on = fields.Date("Spouse Told On", states=_COUPLE)
    spouse_answer = fields.Selection([
            (None, ""),
            ('waived', "Gives the Membership up"),
            ('claimed', "Claims the Membership for Half"),
            ], "Answer of the Spouse", sort=False, states=_COUPLE)
    admission_date = fields.Date(
        "Admission Date", states=_ADMISSION,
        domain=[
            If(Bool(Eval('admission_date')) & Bool(Eval('request_date')),
                ('admission_date', '>=', Eval('request_date', None)),
                ()),
            ],
        help="The day on which the body that the statutes name admits it.")
    decision = fields.Text(
        "Decision", states=_ADMISSION,
        help="The body that decided it, and the reference of its minutes.")
    resolution = fields.Many2One(
        'coop.meeting.resolution', "Resolution", ondelete='RESTRICT',
        states=_ADMISSION | {'required': False},
        domain=[
            ('meeting.company', '=', Eval('company', -1)),
            ('adopted', '=', True),
            ],
        help="When the general meeting decided it.")
    date = fields.Date(
        "Subscription Date",
        domain=[
            If(Bool(Eval('date')) & Bool(Eval('admission_date')),
                ('date', '>=', Eval('admission_date', None)),
                ()),
            ],
        states=_SUBSCRIPTION | {
            'required': Eval('state') == 'subscribed',
            })
    called = Monetary(
        "Called", currency='currency', digits='currency',
        states=_SUBSCRIPTION,
        help="What is to be paid at the subscription.\n"
        "Leave empty for all of it.")
    signed_on = fields.Date(
        "Signed On", states=_SUBSCRIPTION,
        help="The date of the signed subscription form.")
    signed_by = fields.Char("Signed By", states=_SUBSCRIPTION)
    movement = fields.Many2One(
        'coop.share.movement', "Movement", readonly=True, ondelete='RESTRICT')
    state = fields.Selection([
            ('draft', "Draft"),
            ('requested', "Requested"),
            ('admitted', "Admitted"),
            ('subscribed', "Subscribed"),
            ('refused', "Refused"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    state_string = state.translated('state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.request_date, Index.Range())),
                Index(table, (table.party, Index.Range())),
                Index(table, (table.campaign, Index.Range())),
                Index(table, (table.movement, Index.Range())),
                })
        cls._order = [('request_date', 'ASC'), ('id', 'ASC')]
        cls._transitions |= {
            ('draft', 'requested'),
            ('requested', 'admitted'),
            ('admitted', 'subscribed'),
            ('subscribed', 'admitted'),
            ('requested', 'refused'),
            ('draft', 'cancelled'),
            ('requested', 'cancelled'),
            ('admitted', 'cancelled'),
            ('refused', 'draft'),
            ('cancelled', 'draft'),
            }
        cls._buttons.update({
                name: {
                    'invisible': ~Eval('state').in_(states),
                    'depends': ['state'],
                    } for name, states in {
                    'draft': ['refused', 'cancelled'],
                    'request': ['draft'],
                    'admit': ['requested'],
                    'refuse': ['requested'],
                    'cancel': ['draft', 'requested', 'admitted'],
                    'subscribe': ['admitted'],
                    }.items()})
        ask_again(cls, 'subscribe')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_request_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_share_class(cls):
        Configuration = Pool().get('coop.share.configuration')
        if Transaction().context.get('company'):
            class_ = Configuration(1).get_multivalue('share_class')
            return class_.id if class_ else None

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('company', 'party', 'date', 'request_date')
    def on_change_with_member(self, name=None):
        Member = Pool().get('coop.member')
        if not self.company or not self.party:
            return None
        members = Member.search([
                ('company', '=', self.company.id),
                ('party', '=', self.party.id),
                ['OR',
                    ('exit_date', '=', None),
                    ('exit_date', '>=', self.date or self.request_date),
                    ],
                ], order=[('admission_date', 'DESC NULLS FIRST')], limit=1)
        return members[0] if members else None

    @fields.depends('company', 'share_class', 'quantity', 'date',
        'request_date', 'movement')
    def on_change_with_amount(self, name=None):
        Class = Pool().get('coop.share.class')
        if self.movement:
            return self.movement.amount
        if self.company and self.share_class and self.quantity:
            nominal = Class.nominals_at(
                self.company, self.date or self.request_date).get(
                self.share_class.id)
            if nominal is not None:
                return self.quantity * nominal

    @fields.depends('company', 'party')
    def on_change_with_received(self, name=None):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Movement = pool.get('coop.share.movement')
        if self.company and self.party and Configuration(1).get_setting(
                'subscription_account', self.company):
            return Movement.received(self.company, [self.party.id]).get(
                self.party.id, money(self.company, 0))

    def get_rec_name(self, name):
        return f'{self.party.rec_name} – {self.quantity}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, subscriptions, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'admission_date', 'decision', 'resolution', 'date',
                'signed_on', 'signed_by', 'movement']:
            default.setdefault(name)
        default.setdefault('state', cls.default_state())
        return super().copy(subscriptions, default=default)

    @classmethod
    def check_modification(
            cls, mode, subscriptions, values=None, external=False):
        super().check_modification(
            mode, subscriptions, values=values, external=external)
        if external and mode in {'create', 'write'}:
            if mode == 'create':
                forbidden = any(
                    s.state != 'draft' or s.movement for s in subscriptions)
            else:
                forbidden = values.keys() & {'state', 'movement'}
            if forbidden:
                raise SubscriptionError(gettext(
                        'coop_shares.msg_subscription_state'))
        for subscription in subscriptions:
            if (subscription.state == 'subscribed'
                    and mode in {'write', 'delete'}
                    and not (values or {}).keys() <= {'state', 'movement'}
                    or subscription.state == 'subscribed'
                    and mode == 'delete'):
                raise SubscriptionError(gettext(
                        'coop_shares.msg_subscription_modify',
                        subscription=subscription.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, subscriptions):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('requested')
    def request(cls, subscriptions):
        for subscription in subscriptions:
            subscription._check_spouse()
            subscription._check_campaign()

    @classmethod
    @ModelView.button
    @Workflow.transition('admitted')
    def admit(cls, subscriptions):
        for subscription in subscriptions:
            if not subscription.admission_date or not subscription.decision:
                raise SubscriptionError(gettext(
                        'coop_shares.msg_subscription_admission',
                        subscription=subscription.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('refused')
    def refuse(cls, subscriptions):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, subscriptions):
        pass

    @classmethod
    @ModelView.button
    @savepoint()
    @Workflow.transition('subscribed')
    def subscribe(cls, subscriptions):
        "Post the movements, with a membership for who has none"
        pool = Pool()
        Campaign = pool.get('coop.share.campaign')
        Movement = pool.get('coop.share.movement')
        Campaign.check_ceiling(
            {s.campaign for s in subscriptions if s.campaign}, subscriptions)
        for subscription in subscriptions:
            if not subscription.date:
                subscription.date = subscription.admission_date
            subscription._check_spouse()
        cls.save(subscriptions)
        cls._enter_members(subscriptions)
        movements = Movement.create([{
                    'company': s.company.id,
                    'type': 'subscription',
                    'date': s.date,
                    'member': s.member.id,
                    'share_class': s.share_class.id,
                    'quantity': s.quantity,
                    'called': s.called,
                    'decision': s.decision,
                    'signed_on': s.signed_on,
                    'signed_by': s.signed_by,
                    } for s in subscriptions])
        Movement.post(movements)
        for subscription, movement in zip(subscriptions, movements):
            subscription.movement = movement
        cls.save(subscriptions)

    @classmethod
    def _enter_members(cls, subscriptions):
        "Admit those who are no members yet"
        pool = Pool()
        Member = pool.get('coop.member')
        Representative = pool.get('coop.member.representative')
        members = {}
        for subscription in subscriptions:
            member = subscription.member
            if member and (member.number or member in members):
                continue
            if not member:
                member, = Member.create([{
                            'company': subscription.company.id,
                            'party': subscription.party.id,
                            }])
                if subscription.representative:
                    Representative.create([{
                                'member': member.id,
                                'party': subscription.representative.id,
                                'start_date': subscription.admission_date,
                                }])
            member.admission_date = (
                member.admission_date or subscription.admission_date)
            member.admission_decision = (
                member.admission_decision or subscription.decision)
            if subscription.category and not member.category:
                member.category = subscription.category
            member.save()
            members[member] = None
        Member.admit(list(members))

    @classmethod
    def take_back(cls, movements):
        "Let the requests of movements that were reversed wait again"
        subscriptions = cls.search([
                ('movement', 'in', [m.id for m in movements]),
                ], order=[])
        if subscriptions:
            cls._back_to_admitted(subscriptions)

    @classmethod
    @Workflow.transition('admitted')
    def _back_to_admitted(cls, subscriptions):
        for subscription in subscriptions:
            subscription.movement = None
        cls.save(subscriptions)

    def _check_spouse(self):
        if (self.matrimonial_regime == 'community'
                and (not self.spouse or not self.spouse_told_on)):
            raise SubscriptionError(gettext(
                    'coop_shares.msg_subscription_spouse',
                    subscription=self.rec_name))

    def _check_campaign(self):
        campaign = self.campaign
        if campaign and not campaign.is_open(self.request_date):
            lang = Pool().get('ir.lang').get()
            raise SubscriptionError(gettext(
                    'coop_shares.msg_subscription_campaign_dates',
                    subscription=self.rec_name, campaign=campaign.rec_name,
                    date=lang.strftime(self.request_date)))
