# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""General meetings: who may vote, who came, and what was decided."""
import datetime
from collections import Counter

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.tools.domain_inversion import eval_domain
from trytond.transaction import Transaction

from .exceptions import MeetingError
from .rules.governance import has_quorum, most_proxies

_DRAFT = {
    'readonly': Eval('state') != 'draft',
    }
_OPEN = {
    'readonly': ~Eval('state').in_(['draft', 'convened']),
    }


class Meeting(FixedFieldMixin, Workflow, ModelSQL, ModelView):
    __name__ = 'coop.meeting'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_DRAFT)
    kind = fields.Selection([
            ('ordinary', "Ordinary"),
            ('extraordinary', "Extraordinary"),
            ], "Kind", required=True, sort=False, states=_DRAFT)
    kind_string = kind.translated('kind')
    date = fields.Date("Date", required=True, states=_DRAFT)
    time = fields.Time("Time", format='%H:%M', states=_DRAFT)
    place = fields.Text("Place", states=_DRAFT)
    record_date = fields.Date(
        "Record Date", required=True, states=_DRAFT,
        domain=[
            If(Bool(Eval('record_date')) & Bool(Eval('date')),
                ('record_date', '<=', Eval('date', None)),
                ()),
            ],
        help="Who is a member at the end of this day may vote.")
    convocation_date = fields.Date(
        "Convocation Date", states=_DRAFT | {
            'required': Eval('state') != 'draft',
            },
        domain=[
            If(Bool(Eval('convocation_date')) & Bool(Eval('date')),
                ('convocation_date', '<=', Eval('date', None)),
                ()),
            ])
    second_call = fields.Boolean(
        "Second Call", states=_DRAFT,
        help="The first meeting had no quorum: none is needed now.")
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", ondelete='RESTRICT',
        states=_DRAFT,
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="The year whose accounts the meeting approves.")
    quorum = fields.Numeric(
        "Quorum", digits=(None, 4), required=True, states=_OPEN,
        domain=[
            ('quorum', '>=', 0),
            ('quorum', '<=', 1),
            ],
        help="The part of the electors that must attend, in person or by "
        "proxy.")
    most_proxies = fields.Integer(
        "Most Proxies", states=_OPEN,
        domain=['OR',
            ('most_proxies', '=', None),
            ('most_proxies', '>=', 0),
            ],
        help="How many electors one may represent.\n"
        "Leave empty for one under twenty members, then as many as leave a "
        "twentieth of the votes.")
    college_vote = fields.Selection([
            ('proportional', "In Proportion to its Votes"),
            ('whole', "As a Whole"),
            ], "Weight of a College", required=True, sort=False, states=_OPEN,
        help="How a college gives its weight to a resolution.")
    colleges = fields.One2Many(
        'coop.meeting.college', 'meeting', "Colleges", readonly=True)
    electors = fields.One2Many(
        'coop.meeting.elector', 'meeting', "Electors",
        states={
            'readonly': Eval('state') != 'convened',
            })
    resolutions = fields.One2Many(
        'coop.meeting.resolution', 'meeting', "Resolutions",
        order=[('number', 'ASC'), ('id', 'ASC')],
        states={
            'readonly': ~Eval('state').in_(['draft', 'convened', 'held']),
            })
    elector_count = fields.Function(fields.Integer("Electors"), 'get_count')
    attending = fields.Function(fields.Integer(
            "Attending", help="Present or represented."), 'get_count')
    quorum_reached = fields.Function(
        fields.Boolean("Quorum Reached"), 'get_quorum_reached')
    minutes = fields.Text(
        "Minutes",
        states={
            'readonly': Eval('state') == 'closed',
            })
    state = fields.Selection([
            ('draft', "Draft"),
            ('convened', "Convened"),
            ('held', "Held"),
            ('closed', "Closed"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    state_string = state.translated('state')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.add(Index(table,
                (table.company, Index.Range()),
                (table.date, Index.Range())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {
            ('draft', 'convened'),
            ('convened', 'draft'),
            ('convened', 'held'),
            ('held', 'closed'),
            ('draft', 'cancelled'),
            ('convened', 'cancelled'),
            ('held', 'cancelled'),
            ('cancelled', 'draft'),
            }
        cls._buttons.update({
                name: {
                    'invisible': ~Eval('state').in_(states),
                    'depends': ['state'],
                    } for name, states in {
                    'draft': ['convened', 'cancelled'],
                    'convene': ['draft'],
                    'hold': ['convened'],
                    'close': ['held'],
                    'cancel': ['draft', 'convened', 'held'],
                    }.items()})

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_kind(cls):
        return 'ordinary'

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_quorum(cls):
        return 0

    @classmethod
    def default_college_vote(cls):
        return 'proportional'

    @fields.depends('date', 'record_date')
    def on_change_date(self):
        if self.date and not self.record_date:
            self.record_date = self.date

    @classmethod
    def get_count(cls, meetings, names):
        Elector = Pool().get('coop.meeting.elector')
        counts = Counter()
        for elector in Elector.search([
                    ('meeting', 'in', [m.id for m in meetings]),
                    ], order=[]):
            counts['elector_count', elector.meeting.id] += (
                not elector.has_left)
            counts['attending', elector.meeting.id] += elector.attends
        return {
            name: {m.id: counts[name, m.id] for m in meetings}
            for name in names}

    def get_quorum_reached(self, name):
        return self.second_call or has_quorum(
            self.attending, self.elector_count, self.quorum)

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.kind_string} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        # There are some a year, and their names are of the language
        _, operator, value = clause
        return [('id', 'in', [
                    m.id for m in cls.search([], order=[])
                    if eval_domain(
                        [('name', operator, value)], {'name': m.rec_name})])]

    @classmethod
    def copy(cls, meetings, default=None):
        default = default.copy() if default is not None else {}
        for name in ['colleges', 'electors', 'convocation_date', 'minutes']:
            default.setdefault(name)
        default.setdefault('state', cls.default_state())
        return super().copy(meetings, default=default)

    @classmethod
    def check_modification(
            cls, mode, meetings, values=None, external=False):
        super().check_modification(
            mode, meetings, values=values, external=external)
        if mode == 'create':
            if external and any(m.state != 'draft' for m in meetings):
                raise MeetingError(gettext('coop_shares.msg_meeting_state'))
            return
        if external and mode == 'write' and 'state' in values:
            raise MeetingError(gettext('coop_shares.msg_meeting_state'))
        for meeting in meetings:
            if meeting.state == 'closed' or (
                    mode == 'delete'
                    and meeting.state not in {'draft', 'cancelled'}):
                raise MeetingError(gettext(
                        'coop_shares.msg_meeting_modify',
                        meeting=meeting.rec_name))

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {
                    'company', 'kind', 'date', 'record_date',
                    'convocation_date', 'second_call', 'fiscalyear'},
                'coop_shares.msg_fixed_convened',
                Leaning('coop.meeting.elector', 'meeting'), by_hand=True)]

    @property
    def proxies(self):
        "How many electors one may represent"
        return most_proxies(self.elector_count, self.most_proxies)

    @property
    def weights(self):
        "The weights by id of college, none when members vote as one"
        return {c.college.id: c.weight for c in self.colleges}

    # States

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, meetings):
        "Forget who was to vote"
        pool = Pool()
        Elector = pool.get('coop.meeting.elector')
        # Proxies are electors too
        Elector.write(Elector.search([
                    ('meeting', 'in', [m.id for m in meetings]),
                    ('proxy', '!=', None),
                    ]), {'proxy': None, 'attendance': 'absent'})
        for name in ['coop.meeting.elector', 'coop.meeting.college']:
            Model = pool.get(name)
            Model.delete(Model.search([
                        ('meeting', 'in', [m.id for m in meetings]),
                        ]))

    @classmethod
    @ModelView.button
    @Workflow.transition('convened')
    def convene(cls, meetings):
        "Freeze who may vote, and what the colleges weigh"
        pool = Pool()
        College = pool.get('coop.college')
        Elector = pool.get('coop.meeting.elector')
        MeetingCollege = pool.get('coop.meeting.college')
        for meeting in meetings:
            if not meeting.convocation_date:
                meeting.convocation_date = pool.get('ir.date').today()
                meeting.save()
            meeting._check_notice()
            College.check_weights(meeting.company)
            MeetingCollege.create([{
                        'meeting': meeting.id,
                        'college': college.id,
                        'weight': college.weight,
                        } for college in College.of(meeting.company)])
            Elector.freeze(meeting)

    def _check_notice(self):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        lang = pool.get('ir.lang').get()
        days = Configuration(1).get_setting('notice_days', self.company) or 0
        latest = self.date - datetime.timedelta(days=days)
        if self.convocation_date > latest:
            raise MeetingError(gettext(
                    'coop_shares.msg_meeting_notice',
                    meeting=self.rec_name, days=days,
                    latest=lang.strftime(latest),
                    date=lang.strftime(self.convocation_date)))

    @classmethod
    @ModelView.button
    @Workflow.transition('held')
    def hold(cls, meetings):
        for meeting in meetings:
            if not meeting.quorum_reached:
                raise MeetingError(gettext(
                        'coop_shares.msg_meeting_quorum',
                        meeting=meeting.rec_name,
                        attending=meeting.attending,
                        electors=meeting.elector_count))
            for resolution in meeting.resolutions:
                resolution.prepare_votes()

    @classmethod
    @ModelView.button
    @Workflow.transition('closed')
    def close(cls, meetings):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, meetings):
        pass


class MeetingCollege(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.meeting.college'

    meeting = fields.Many2One(
        'coop.meeting', "Meeting", required=True, ondelete='CASCADE',
        readonly=True)
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    college = fields.Many2One(
        'coop.college', "College", required=True, ondelete='RESTRICT',
        readonly=True)
    weight = fields.Numeric("Weight", digits=(None, 4), readonly=True)
    elector_count = fields.Function(fields.Integer("Electors"), 'get_count')
    attending = fields.Function(fields.Integer("Attending"), 'get_count')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('meeting')
        table = cls.__table__()
        cls._sql_indexes.add(Index(table, (table.meeting, Index.Range())))

    @fields.depends('meeting', '_parent_meeting.company')
    def on_change_with_company(self, name=None):
        return self.meeting.company if self.meeting else None

    @classmethod
    def search_company(cls, name, clause):
        return [('meeting.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return self.college.rec_name

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'meeting', 'college', 'weight'},
                'coop_shares.msg_fixed_meeting',
                Leaning('coop.meeting', {'id': 'meeting'}),
                by_hand=True, kept=True)]

    @classmethod
    def get_count(cls, colleges, names):
        Elector = Pool().get('coop.meeting.elector')
        counts = Counter()
        for elector in Elector.search([
                    ('meeting', 'in', [c.meeting.id for c in colleges]),
                    ], order=[]):
            key = elector.meeting.id, elector.college and elector.college.id
            counts['elector_count', *key] += not elector.has_left
            counts['attending', *key] += elector.attends
        return {
            name: {
                c.id: counts[name, c.meeting.id, c.college.id]
                for c in colleges}
            for name in names}
