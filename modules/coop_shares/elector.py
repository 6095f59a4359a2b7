# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who may vote at a meeting, as it was on the record date, and who came."""
from collections import Counter

from sql import Null

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval

from .exceptions import MeetingError

_OPEN = {'convened'}
# What tells who came; the rest is frozen
_ATTENDANCE = {'attendance', 'proxy', 'suspended', 'suspension'}


class Elector(ModelSQL, ModelView):
    __name__ = 'coop.meeting.elector'

    meeting = fields.Many2One(
        'coop.meeting', "Meeting", required=True, ondelete='CASCADE',
        readonly=True)
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='RESTRICT',
        readonly=True)
    category = fields.Many2One(
        'coop.member.category', "Category", ondelete='RESTRICT',
        readonly=True)
    college = fields.Many2One(
        'coop.college', "College", ondelete='RESTRICT', readonly=True)
    weight = fields.Function(fields.Numeric(
            "Weight of the College", digits=(None, 4)), 'get_weight')
    shares = fields.Integer("Shares", readonly=True)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', readonly=True)
    representative = fields.Many2One(
        'party.party', "Representative", ondelete='RESTRICT', readonly=True,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who speaks for a member that is no natural person.")
    attendance = fields.Selection([
            ('absent', "Absent"),
            ('present', "Present"),
            ('represented', "Represented"),
            ], "Attendance", required=True, sort=False)
    attendance_string = attendance.translated('attendance')
    proxy = fields.Many2One(
        'coop.meeting.elector', "Proxy", ondelete='RESTRICT',
        domain=[
            ('meeting', '=', Eval('meeting', -1)),
            ('id', '!=', Eval('id', -1)),
            ],
        states={
            'invisible': Eval('attendance') != 'represented',
            'required': Eval('attendance') == 'represented',
            })
    suspended = fields.Boolean(
        "No Vote", help="The right to vote is suspended.")
    suspension = fields.Char(
        "Reason",
        states={
            'invisible': ~Eval('suspended'),
            'required': Eval('suspended', False),
            })

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('meeting')
        cls._sql_constraints += [
            ('member_unique', Unique(table, table.meeting, table.member),
                'coop_shares.msg_elector_unique'),
            ]
        cls._sql_indexes.update({
                Index(table, (table.meeting, Index.Range())),
                Index(table, (table.proxy, Index.Range()),
                    where=table.proxy != Null),
                })
        cls._order = [
            ('college', 'ASC NULLS LAST'), ('member.party.name', 'ASC'),
            ('id', 'ASC')]

    @classmethod
    def default_attendance(cls):
        return 'absent'

    @fields.depends('meeting', '_parent_meeting.company')
    def on_change_with_company(self, name=None):
        return self.meeting.company if self.meeting else None

    @fields.depends('meeting', '_parent_meeting.company')
    def on_change_with_currency(self, name=None):
        return self.meeting.company.currency if self.meeting else None

    @classmethod
    def search_company(cls, name, clause):
        return [('meeting.' + clause[0], *clause[1:])]

    def get_weight(self, name):
        if self.college:
            return self.meeting.weights.get(self.college.id)

    def get_rec_name(self, name):
        return self.member.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]

    @property
    def has_left(self):
        "Whether the membership ends before the meeting"
        return not self.member.is_member(self.meeting.date)

    @property
    def attends(self):
        return (
            self.attendance != 'absent' and not self.suspended
            and not self.has_left)

    @classmethod
    def freeze(cls, meeting):
        "Enter who may vote at the end of the record date, in sets"
        pool = Pool()
        Classification = pool.get('coop.member.classification')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        Representative = pool.get('coop.member.representative')
        company, date = meeting.company, meeting.record_date
        members = Member.members_at(company, date)
        known = Classification.at(company, date)
        held = Counter()
        amounts = Counter()
        for (member, _), (quantity, amount) in Movement.holdings(
                company, date).items():
            held[member] += quantity
            amounts[member] += amount
        representatives = Representative.at(members, date)
        electors = [
            m for m in members
            if held[m.id] and m.is_member(meeting.date)]
        if meeting.colleges:
            homeless = [
                m.rec_name for m in electors
                if not known.get(m.id, (None, None))[1]]
            if homeless:
                raise MeetingError(gettext(
                        'coop_shares.msg_meeting_no_college',
                        meeting=meeting.rec_name,
                        members=', '.join(homeless[:10])))
        if not electors:
            raise MeetingError(gettext(
                    'coop_shares.msg_meeting_no_elector',
                    meeting=meeting.rec_name))
        insert(cls, [
                'meeting', 'member', 'category', 'college', 'shares',
                'amount', 'representative', 'attendance', 'suspended'], [(
                    meeting.id, m.id, *known.get(m.id, (None, None)),
                    held[m.id], amounts[m.id],
                    (p := representatives.get(m.id)) and p.id, 'absent',
                    False)
                for m in electors])

    @classmethod
    def check_modification(
            cls, mode, electors, values=None, external=False):
        super().check_modification(
            mode, electors, values=values, external=external)
        for elector in electors:
            if external and (
                    mode != 'write' or values.keys() - _ATTENDANCE):
                message = 'msg_elector_frozen'
            elif elector.meeting.state not in (
                    _OPEN | ({'cancelled'} if mode == 'delete' else set())):
                message = 'msg_elector_closed'
            else:
                continue
            raise MeetingError(gettext(
                    f'coop_shares.{message}', elector=elector.rec_name,
                    meeting=elector.meeting.rec_name))

    @classmethod
    def validate_fields(cls, electors, field_names):
        super().validate_fields(electors, field_names)
        cls.check_attendance(electors, field_names)
        cls.check_proxies(electors, field_names)

    @classmethod
    def check_attendance(cls, electors, field_names=None):
        "Who has left before the meeting does not come to it"
        if field_names and 'attendance' not in field_names:
            return
        for elector in electors:
            if elector.attendance != 'absent' and elector.has_left:
                raise MeetingError(gettext(
                        'coop_shares.msg_elector_left',
                        elector=elector.rec_name))

    @classmethod
    def check_proxies(cls, electors, field_names=None):
        "Who represents others is present, and represents no more than allowed"
        if field_names and not (
                field_names & {'attendance', 'proxy', 'suspended'}):
            return
        for meeting in {e.meeting for e in electors}:
            represented = Counter()
            for elector in cls.search([
                        ('meeting', '=', meeting.id),
                        ('attendance', '=', 'represented'),
                        ]):
                if (elector.proxy.attendance != 'present'
                        or elector.proxy.suspended
                        or elector.proxy.has_left):
                    raise MeetingError(gettext(
                            'coop_shares.msg_elector_proxy_absent',
                            elector=elector.rec_name,
                            proxy=elector.proxy.rec_name))
                represented[elector.proxy] += 1
            most = meeting.proxies
            for proxy, count in represented.items():
                if count > most:
                    raise MeetingError(gettext(
                            'coop_shares.msg_elector_proxies',
                            proxy=proxy.rec_name, count=count, most=most))
