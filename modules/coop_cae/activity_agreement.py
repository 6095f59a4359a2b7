# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What several people who run an activity agree on with the co-operative."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import owners
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .exceptions import ActivitySplitError
from .rules.clock import A_DAY
from .signed_document import DRAFT, SignedDocumentMixin

# Code du travail, R7331-6
CONTENTS = ['nature', 'trade_name', 'clientele', 'assets']


class ActivityAgreement(SignedDocumentMixin, ModelSQL, ModelView):
    __name__ = 'cae.activity.agreement'
    _after_signature = frozenset({'end_date'})
    _whose = frozenset({'activity'})

    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, ondelete='CASCADE',
        states=DRAFT)
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    start_date = fields.Date(
        "From", required=True, states=DRAFT,
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('start_date', '<=', Eval('end_date', None)),
                ()),
            ])
    end_date = fields.Date(
        "To",
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ],
        help="Leave empty as long as it holds.")
    nature = fields.Text(
        "Nature of the Activity", states=DRAFT)
    trade_name = fields.Char("Trade Name", states=DRAFT)
    clientele = fields.Text(
        "Clientele", states=DRAFT,
        help="How it is shared when the activity ends or one leaves.")
    assets = fields.Text(
        "Assets", states=DRAFT,
        help="What is pooled, and to whom it goes.")
    shares = fields.One2Many(
        'cae.activity.agreement.share', 'agreement', "Split of the Pay",
        filter=[('before', '=', False)],
        states=DRAFT)
    shares_before = fields.One2Many(
        'cae.activity.agreement.share', 'agreement', "Split Until Then",
        filter=[('before', '=', True)], readonly=True,
        states={
            'invisible': ~Eval('shares_before'),
            },
        help="What the activity had until its first agreement: the figures "
        "of the days before are split by it.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]

    @fields.depends('activity', '_parent_activity.company')
    def on_change_with_company(self, name=None):
        return self.activity.company if self.activity else None

    @classmethod
    def search_company(cls, name, clause):
        return [('activity.' + clause[0], *clause[1:])]

    @fields.depends('activity', 'trade_name', 'shares')
    def on_change_activity(self):
        Share = Pool().get('cae.activity.agreement.share')
        if self.activity and not self.shares:
            self.trade_name = self.trade_name or self.activity.name
            self.shares = [
                Share(entrepreneur=p.entrepreneur, ratio=p.ratio)
                for p in self.activity.entrepreneurs]

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.activity.rec_name} – {lang.strftime(self.start_date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('activity.rec_name', *clause[1:])]

    def missing(self):
        "Return what the agreement lacks to be signed (R7331-6)"
        missing = super().missing()
        for name in CONTENTS:
            if not (getattr(self, name) or '').strip():
                missing.append(gettext(f'coop_cae.msg_agreement_{name}'))
        if len(self.shares) < 2:
            missing.append(gettext('coop_cae.msg_agreement_people'))
        total = sum((s.ratio for s in self.shares), Decimal(0))
        if total != 1:
            missing.append(gettext(
                    'coop_cae.msg_agreement_split',
                    percentage=f'{(total * 100).normalize():f}'))
        return missing

    def holds_on(self, day):
        return (
            self.signature == 'signed' and self.start_date <= day
            and (not self.end_date or self.end_date >= day))

    @classmethod
    def _signed(cls, agreements):
        super()._signed(agreements)
        for agreement in agreements:
            cls.write([
                    a for a in cls.search([
                            ('activity', '=', agreement.activity.id),
                            ('signature', '=', 'signed'),
                            ('start_date', '<', agreement.start_date),
                            ['OR',
                                ('end_date', '=', None),
                                ('end_date', '>=', agreement.start_date),
                                ],
                            ])
                    ], {'end_date': agreement.start_date - A_DAY})
        today = Pool().get('ir.date').today()
        cls._apply([
                a for a in agreements
                if a.start_date <= today
                and (not a.end_date or a.end_date >= today)])

    @classmethod
    def apply(cls):
        "Give the activities the split of the agreements that hold (cron)"
        today = Pool().get('ir.date').today()
        cls._apply(cls.search([
                    ('signature', '=', 'signed'),
                    ('start_date', '<=', today),
                    ['OR', ('end_date', '=', None), ('end_date', '>=', today)],
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]))

    @classmethod
    def _apply(cls, agreements):
        "Split the pay of the activities as they agree"
        Activity = Pool().get('cae.activity')
        for agreement in agreements:
            activity = agreement.activity
            links = {p.entrepreneur: p for p in activity.entrepreneurs}
            split = {s.entrepreneur: s.ratio for s in agreement.shares}
            agreement._keep_before({e: p.ratio for e, p in links.items()})
            actions = []
            gone = [p.id for e, p in links.items() if e not in split]
            if gone:
                actions.append(('delete', gone))
            for entrepreneur, ratio in split.items():
                if entrepreneur not in links:
                    actions.append(('create', [{
                                    'entrepreneur': entrepreneur.id,
                                    'ratio': ratio,
                                    }]))
                elif links[entrepreneur].ratio != ratio:
                    actions.append((
                            'write', [links[entrepreneur].id],
                            {'ratio': ratio}))
            if actions:
                Activity.write([activity], {'entrepreneurs': actions})

    def _keep_before(self, split):
        "Keep what the activity had until its first agreement"
        Share = Pool().get('cae.activity.agreement.share')
        if (split == {s.entrepreneur: s.ratio for s in self.shares}
                or self.shares_before
                or self.search([
                        ('activity', '=', self.activity.id),
                        ('signature', '=', 'signed'),
                        ('start_date', '<', self.start_date),
                        ], limit=1)):
            return
        Share.create([{
                    'agreement': self.id,
                    'entrepreneur': entrepreneur.id,
                    'ratio': ratio,
                    'before': True,
                    } for entrepreneur, ratio in split.items()])

    @classmethod
    def copy(cls, agreements, default=None):
        Share = Pool().get('cae.activity.agreement.share')
        copies = super().copy(agreements, default=default)
        if 'shares' not in (default or {}):
            # Tryton copies none of a field that has a filter
            for agreement, copy in zip(agreements, copies):
                Share.copy(
                    agreement.shares, default={'agreement': copy.id})
        return cls.browse(copies)


class ActivityAgreementShare(ModelSQL, ModelView):
    __name__ = 'cae.activity.agreement.share'

    agreement = fields.Many2One(
        'cae.activity.agreement', "Agreement", required=True,
        ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    ratio = fields.Numeric(
        "Share of Pay", digits=(None, 6), required=True,
        domain=[
            ('ratio', '>=', 0),
            ('ratio', '<=', 1),
            ])
    before = fields.Boolean(
        "Until Then", readonly=True,
        help="Of the split that the activity had before.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('agreement')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('entrepreneur_before_unique',
                Unique(
                    table, table.agreement, table.entrepreneur, table.before),
                'coop_cae.msg_activity_entrepreneur_unique'))

    @classmethod
    def __register__(cls, module):
        table_h = cls.__table_handler__(module)
        is_new = not table_h.column_exist('before')
        # Migration from 8.0.0: an agreement kept one split only
        table_h.drop_constraint('entrepreneur_unique')
        super().__register__(module)
        if is_new:
            table = cls.__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*table.update([table.before], [False]))

    @classmethod
    def default_before(cls):
        return False

    @fields.depends('agreement', '_parent_agreement.activity')
    def on_change_with_company(self, name=None):
        if self.agreement and self.agreement.activity:
            return self.agreement.activity.company

    @classmethod
    def search_company(cls, name, clause):
        return [('agreement.activity.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return self.entrepreneur.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]

    @classmethod
    def check_modification(
            cls, mode, shares, values=None, external=False):
        super().check_modification(
            mode, shares, values=values, external=external)
        Agreement = Pool().get('cae.activity.agreement')
        # What was there before is kept when the signed split is applied
        Agreement.check_modification(
            'write', owners(
                [s for s in shares if external or not s.before],
                'agreement', values),
            values={'shares': None}, external=external)


class ActivityEntrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.activity.entrepreneur'

    @classmethod
    def check_modification(cls, mode, links, values=None, external=False):
        super().check_modification(
            mode, links, values=values, external=external)
        Agreement = Pool().get('cae.activity.agreement')
        if not external or mode == 'write' and not (
                values.keys() & {'activity', 'entrepreneur', 'ratio'}):
            return
        today = Pool().get('ir.date').today()
        for agreement in Agreement.search([
                    ('activity', 'in', list({k.activity.id for k in links})),
                    ('signature', '=', 'signed'),
                    ]):
            if agreement.holds_on(today):
                raise ActivitySplitError(gettext(
                        'coop_cae.msg_agreement_holds',
                        agreement=agreement.rec_name))


class Cron(metaclass=PoolMeta):
    __name__ = 'ir.cron'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(
            ('cae.activity.agreement|apply', "Apply Agreements"))
