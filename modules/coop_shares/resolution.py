# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a meeting votes on, and the votes by college."""
from decimal import Decimal
from fractions import Fraction

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import owners
from trytond.pool import Pool
from trytond.pyson import Eval

from .exceptions import MeetingError
from .rules.governance import Votes, approval, is_adopted

_FRACTION = Decimal('0.0001')
_OPEN = {'draft', 'convened', 'held'}


class Resolution(ModelSQL, ModelView):
    __name__ = 'coop.meeting.resolution'

    meeting = fields.Many2One(
        'coop.meeting', "Meeting", required=True, ondelete='CASCADE')
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    number = fields.Integer("Number", required=True)
    title = fields.Char("Title", required=True)
    text = fields.Text("Text")
    majority = fields.Selection([
            ('0.5', "More than Half"),
            ('0.6667', "Two Thirds"),
            ('0.75', "Three Quarters"),
            ('1', "All"),
            ], "Majority", required=True, sort=False,
        help="Of the votes cast: abstentions are none.")
    votes = fields.One2Many(
        'coop.meeting.vote', 'resolution', "Votes",
        states={
            'readonly': Eval('meeting_state') != 'held',
            })
    meeting_state = fields.Function(
        fields.Char("State of the Meeting"), 'on_change_with_meeting_state')
    approval = fields.Function(fields.Numeric(
            "Approval", digits=(None, 4),
            help="The part of the votes cast, weighed by college."),
        'get_approval')
    adopted = fields.Function(
        fields.Boolean("Adopted"), 'get_adopted', searcher='search_adopted')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('meeting')
        cls._sql_constraints += [
            ('number_unique', Unique(table, table.meeting, table.number),
                'coop_shares.msg_resolution_number_unique'),
            ]
        cls._sql_indexes.add(Index(table, (table.meeting, Index.Range())))
        cls._order = [
            ('meeting.date', 'DESC'), ('number', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_majority(cls):
        return '0.5'

    @fields.depends('meeting', '_parent_meeting.company')
    def on_change_with_company(self, name=None):
        return self.meeting.company if self.meeting else None

    @classmethod
    def search_company(cls, name, clause):
        return [('meeting.' + clause[0], *clause[1:])]

    @fields.depends('meeting', '_parent_meeting.state')
    def on_change_with_meeting_state(self, name=None):
        return self.meeting.state if self.meeting else None

    def get_rec_name(self, name):
        return f'{self.meeting.rec_name} – {self.number}. {self.title}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('title', *clause[1:])]

    @property
    def _approval(self):
        return approval({
                v.college and v.college.id: Votes(
                    v.for_, v.against, v.abstained)
                for v in self.votes},
            self.meeting.weights, self.meeting.college_vote == 'whole')

    def get_approval(self, name):
        part = self._approval
        if part is not None:
            return (Decimal(part.numerator) / part.denominator).quantize(
                _FRACTION)

    def get_adopted(self, name):
        "Only a meeting that is closed has decided"
        return (self.meeting.state == 'closed'
            and is_adopted(self._approval, _majority(self.majority)))

    @classmethod
    def search_adopted(cls, name, clause):
        _, operator, value = clause
        adopted = [
            r.id for r in cls.search([
                    ('meeting.state', '=', 'closed'),
                    ]) if r.adopted]
        wanted = bool(value) == (operator == '=')
        return [('id', 'in' if wanted else 'not in', adopted)]

    def prepare_votes(self):
        "Make a line for each college, or for all"
        Vote = Pool().get('coop.meeting.vote')
        known = {v.college for v in self.votes}
        colleges = [c.college for c in self.meeting.colleges] or [None]
        Vote.create([{
                    'resolution': self.id,
                    'college': college and college.id,
                    } for college in colleges if college not in known])

    @classmethod
    def copy(cls, resolutions, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('votes')
        return super().copy(resolutions, default=default)

    @classmethod
    def on_modification(cls, mode, resolutions, field_names=None):
        super().on_modification(mode, resolutions, field_names=field_names)
        if mode == 'create':
            for resolution in resolutions:
                if resolution.meeting.state == 'held':
                    resolution.prepare_votes()

    @classmethod
    def check_modification(
            cls, mode, resolutions, values=None, external=False):
        super().check_modification(
            mode, resolutions, values=values, external=external)
        _check_open(owners(resolutions, 'meeting', values))


class Vote(ModelSQL, ModelView):
    __name__ = 'coop.meeting.vote'

    resolution = fields.Many2One(
        'coop.meeting.resolution', "Resolution", required=True,
        ondelete='CASCADE', readonly=True)
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    college = fields.Many2One(
        'coop.college', "College", ondelete='RESTRICT', readonly=True)
    for_ = fields.Integer(
        "For", required=True, domain=[('for_', '>=', 0)])
    against = fields.Integer(
        "Against", required=True, domain=[('against', '>=', 0)])
    abstained = fields.Integer(
        "Abstained", required=True, domain=[('abstained', '>=', 0)])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('resolution')
        cls._sql_indexes.add(Index(table, (table.resolution, Index.Range())))
        cls._order = [('resolution', 'ASC'), ('college', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_for_(cls):
        return 0

    @classmethod
    def default_against(cls):
        return 0

    @classmethod
    def default_abstained(cls):
        return 0

    @fields.depends('resolution', '_parent_resolution.company')
    def on_change_with_company(self, name=None):
        return self.resolution.company if self.resolution else None

    @classmethod
    def search_company(cls, name, clause):
        return [('resolution.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        college = self.college.rec_name if self.college else '–'
        return f'{self.resolution.rec_name} – {college}'

    @classmethod
    def check_modification(cls, mode, votes, values=None, external=False):
        super().check_modification(
            mode, votes, values=values, external=external)
        _check_open([
                r.meeting for r in owners(votes, 'resolution', values)])

    @classmethod
    def validate_fields(cls, votes, field_names):
        super().validate_fields(votes, field_names)
        cls.check_attending(votes)

    @classmethod
    def check_attending(cls, votes):
        "No more votes than electors who attend, college by college"
        for vote in votes:
            meeting = vote.resolution.meeting
            attending = {
                c.college: c.attending for c in meeting.colleges} or {
                None: meeting.attending}
            most = attending.get(vote.college, 0)
            count = vote.for_ + vote.against + vote.abstained
            if count > most:
                raise MeetingError(gettext(
                        'coop_shares.msg_vote_attending',
                        resolution=vote.resolution.rec_name,
                        college=(
                            vote.college.rec_name if vote.college else '–'),
                        count=count, attending=most))


def _majority(value):
    # Two thirds have no end
    if value == '0.6667':
        return Fraction(2, 3)
    return Decimal(value)


def _check_open(meetings):
    for meeting in meetings:
        if meeting.state not in _OPEN:
            raise MeetingError(gettext(
                    'coop_shares.msg_meeting_modify',
                    meeting=meeting.rec_name))
