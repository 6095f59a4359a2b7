# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who speaks for a member that is no natural person, and since when."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

from .exceptions import MembershipError


class Representative(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.member.representative'

    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='CASCADE')
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    party = fields.Many2One(
        'party.party', "Person", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    start_date = fields.Date(
        "From", required=True,
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
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('member')
        cls._sql_indexes.add(Index(table,
                (table.member, Index.Range()),
                (table.start_date, Index.Range())))
        cls._order = [('start_date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'member', 'party'}, 'coop_shares.msg_fixed_of_member',
                Leaning('coop.meeting.elector', {
                        'member': 'member', 'representative': 'party'}))]

    @fields.depends('member', '_parent_member.company')
    def on_change_with_company(self, name=None):
        return self.member.company if self.member else None

    @classmethod
    def search_company(cls, name, clause):
        return [('member.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return self.party.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @classmethod
    def at(cls, members, date):
        "Return the party that speaks for each member on that day, by id"
        return {
            r.member.id: r.party for r in cls.search([
                    ('member', 'in', [m.id for m in members]),
                    ('start_date', '<=', date),
                    ['OR',
                        ('end_date', '=', None),
                        ('end_date', '>=', date),
                        ],
                    ])}

    @classmethod
    def validate_fields(cls, representatives, field_names):
        super().validate_fields(representatives, field_names)
        cls.check_overlap(representatives)

    @classmethod
    def check_overlap(cls, representatives):
        "One person at a time speaks for a member"
        members = {r.member.id for r in representatives}
        last = {}
        lang = Pool().get('ir.lang').get()
        for representative in cls.search([('member', 'in', list(members))]):
            before = last.get(representative.member)
            if before and (
                    not before.end_date
                    or before.end_date >= representative.start_date):
                raise MembershipError(gettext(
                        'coop_shares.msg_representative_overlap',
                        member=representative.member.rec_name,
                        date=lang.strftime(representative.start_date)))
            last[representative.member] = representative
