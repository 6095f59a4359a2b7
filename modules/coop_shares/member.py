# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime
from collections import defaultdict
from itertools import groupby

from sql import Column, Null
from sql.aggregate import Sum
from sql.functions import CharLength

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .category import MemberCategoryMixin
from .document import CHUNK, STANDING
from .exceptions import MemberError, MembershipError
from .ledger import by_party, money, rows

_NUMBERED = {
    'readonly': Bool(Eval('number')),
    }


class Member(
        MemberCategoryMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.member'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_NUMBERED)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        states=_NUMBERED,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    number = fields.Char(
        "Number", readonly=True,
        help="Given at the admission, without gaps for the company.")
    admission_date = fields.Date(
        "Admission Date",
        domain=[
            If(Eval('admission_date') & Eval('exit_date'),
                ('admission_date', '<=', Eval('exit_date', None)),
                ()),
            ],
        states={
            'required': Bool(Eval('number')),
            })
    admission_decision = fields.Text(
        "Admission Decision",
        help="The body that admitted the member, the date of its meeting and "
        "the resolution.")
    exit_date = fields.Date(
        "Exit Date",
        domain=[
            If(Eval('admission_date') & Eval('exit_date'),
                ('exit_date', '>=', Eval('admission_date', None)),
                ()),
            ],
        help="The last day of the membership.")
    shares = fields.Function(fields.Integer(
            "Shares", help="The shares held today."),
        'get_holding')
    amount = fields.Function(Monetary(
            "Amount", currency='currency', digits='currency',
            help="The amount of the shares held today."),
        'get_holding')
    savings = fields.Function(Monetary(
            "Savings", currency='currency', digits='currency',
            help="What was paid in advance for shares, today."),
        'get_savings')
    representatives = fields.One2Many(
        'coop.member.representative', 'member', "Representatives",
        help="Who speaks and votes for a member that is no natural person.")
    interest_in_shares = fields.Boolean(
        "Interest into Shares",
        help="The interest on the shares becomes whole shares, as far as it "
        "goes.")
    levy_exempt = fields.Boolean(
        "Exempt from Levies",
        help="Nothing is withheld from the interest: the member is no natural "
        "person.")
    prepayment_waiver_date = fields.Date(
        "Asked not to Prepay On",
        states={
            'invisible': Bool(Eval('levy_exempt')),
            },
        help="The day on which the member declared not to owe the prepayment "
        "of the income tax on the interest: by 30 November, for what is paid "
        "in the next year only.")
    movements = fields.One2Many(
        'coop.share.movement', 'member', "Movements", readonly=True,
        filter=[
            ('state', '=', 'posted'),
            ])

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('number_unique', Unique(table, table.company, table.number),
                'coop_shares.msg_member_number_unique'),
            ]
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.party, Index.Range())),
                })
        cls._order = [('number', 'ASC'), ('id', 'ASC')]
        cls._buttons.update({
                'admit': {
                    'invisible': Bool(Eval('number')),
                    'depends': ['number'],
                    },
                })

    @classmethod
    def __register__(cls, module):
        table_h = cls.__table_handler__(module)
        waived = (
            table_h.column_exist('prepayment_waived')
            and not table_h.column_exist('prepayment_waiver_date'))
        super().__register__(module)
        if waived:
            # A tick had no year: it holds for the one that runs, and no more
            table = cls.__table__()
            year = Pool().get('ir.date').today().year
            Transaction().connection.cursor().execute(*table.update(
                    [table.prepayment_waiver_date],
                    [datetime.date(year - 1, 11, 30)],
                    where=Column(table, 'prepayment_waived')))
            table_h.drop_column('prepayment_waived')

    @classmethod
    def order_number(cls, tables):
        table, _ = tables[None]
        return [CharLength(table.number), table.number]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_holding(cls, members, names):
        "Return the sum of the movements up to today"
        Movement = Pool().get('coop.share.movement')
        movement = Movement.__table__()
        ids = [m.id for m in members]
        result = {
            'shares': dict.fromkeys(ids, 0),
            'amount': {m.id: money(m.company, 0) for m in members},
            }
        for company, today, group in _by_company(members):
            for id_, quantity, amount in rows(movement.select(
                        movement.member,
                        Sum(movement.quantity), Sum(movement.amount),
                        where=fields.SQL_OPERATORS['in'](
                            movement.member, [m.id for m in group])
                        & (movement.state == 'posted')
                        & (movement.date <= today),
                        group_by=[movement.member])):
                result['shares'][id_] = int(quantity)
                result['amount'][id_] = money(company, amount)
        return {name: result[name] for name in names}

    @classmethod
    def get_savings(cls, members, name):
        Configuration = Pool().get('coop.share.configuration')
        savings = {}
        for company, today, group in _by_company(members):
            account = Configuration(1).get_setting('savings_account', company)
            balances = by_party(company, account, today)
            zero = money(company, 0)
            savings.update(
                (m.id, balances.get(m.party.id, zero)) for m in group)
        return savings

    def get_rec_name(self, name):
        if self.number:
            return f'{self.party.rec_name} [{self.number}]'
        return self.party.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('number', operator, value),
            ('party.rec_name', operator, value),
            ]

    def is_member(self, date):
        "Return True if the membership runs on that day"
        return bool(
            self.number
            and self.admission_date <= date
            and (not self.exit_date or date <= self.exit_date))

    @classmethod
    def members_at(cls, company, date):
        "Return the members of the company on that day, by number"
        return cls.search([
                ('company', '=', company.id),
                ('number', '!=', None),
                ('admission_date', '<=', date),
                ['OR',
                    ('exit_date', '=', None),
                    ('exit_date', '>=', date),
                    ],
                ])

    @classmethod
    def parties(cls, company):
        "Return the ids of the parties by id of member, of all times"
        table = cls.__table__()
        return dict(rows(table.select(
                    table.id, table.party, where=table.company == company.id)))

    @classmethod
    def copy(cls, members, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('number')
        default.setdefault('admission_date')
        default.setdefault('exit_date')
        default.setdefault('movements')
        default.setdefault('representatives')
        return super().copy(members, default=default)

    @classmethod
    def check_modification(
            cls, mode, members, values=None, external=False):
        super().check_modification(
            mode, members, values=values, external=external)
        if mode == 'create':
            if external and any(m.number for m in members):
                raise MemberError(gettext('coop_shares.msg_member_number'))
            return
        if external and mode == 'write' and values.get('number'):
            raise MemberError(gettext('coop_shares.msg_member_number'))
        for member in members:
            if not member.number:
                continue
            if mode == 'delete':
                raise MemberError(gettext(
                        'coop_shares.msg_member_delete',
                        member=member.rec_name))
            for name in values.keys() & {'number', 'party', 'company'}:
                value = getattr(member, name)
                if values[name] != getattr(value, 'id', value):
                    raise MemberError(gettext(
                            'coop_shares.msg_member_modify',
                            member=member.rec_name))

    @classmethod
    def _fixed_fields(cls):
        return [
            *super()._fixed_fields(),
            # The years of a member count from it, and so does what shares are
            # worth at the exit
            Fixed.of(
                {'admission_date'}, 'coop_shares.msg_fixed_admission',
                Leaning('coop.share.movement', 'member', STANDING)),
            Fixed.of(
                {'exit_date'}, 'coop_shares.msg_fixed_exit',
                Leaning('coop.share.exit', 'member', (
                        ('state', 'in', ['suspended', 'posted']),
                        ('kind', '!=', 'withdrawal'))),
                by_hand=True),
            ]

    @classmethod
    def validate_fields(cls, members, field_names):
        super().validate_fields(members, field_names)
        cls.check_overlap(members, field_names)
        cls.check_dates(members, field_names)

    @classmethod
    def check_overlap(cls, members, field_names=None):
        """A party has one membership of a company at a time.

        In one query: an exclusion constraint, where the database has none, is
        checked by a condition for each record, which SQLite refuses to parse
        from some hundred on.
        """
        if field_names and not (field_names & {
                    'company', 'party', 'admission_date', 'exit_date'}):
            return
        # Two members are not created at the same time
        cls.lock()
        table, other = cls.__table__(), cls.__table__()
        for sub_members in grouped_slice(members, CHUNK):
            ids = [m.id for m in sub_members]
            if overlap := rows(table
                    .join(other, condition=(
                            (table.company == other.company)
                            & (table.party == other.party)
                            & (table.id != other.id)))
                    .select(
                        table.id,
                        where=fields.SQL_OPERATORS['in'](table.id, ids)
                        & (table.admission_date != Null)
                        & (other.admission_date != Null)
                        & ((other.exit_date == Null)
                            | (table.admission_date <= other.exit_date))
                        & ((table.exit_date == Null)
                            | (other.admission_date <= table.exit_date)),
                        limit=1)):
                (id_,), = overlap
                raise MembershipError(gettext(
                        'coop_shares.msg_membership_overlap',
                        member=cls(id_).rec_name))

    @classmethod
    def check_dates(cls, members, field_names=None):
        "Shares are subscribed only during the membership"
        Movement = Pool().get('coop.share.movement')
        if field_names and not (field_names & {'admission_date', 'exit_date'}):
            return
        for movement in Movement.search([
                    ('member', 'in', [m.id for m in members]),
                    ('type', 'in', ['subscription', 'conversion', 'interest']),
                    ('state', '=', 'posted'),
                    ('reversed_by', '=', None),
                    ], order=[]):
            if not movement.member.is_member(movement.date):
                raise MembershipError(gettext(
                        'coop_shares.msg_member_dates',
                        member=movement.member.rec_name,
                        movement=movement.rec_name))

    @classmethod
    @ModelView.button
    def admit(cls, members):
        "Give the members their numbers, in the order of their admission"
        Configuration = Pool().get('coop.share.configuration')
        members = [m for m in members if not m.number]
        for member in members:
            if not member.admission_date:
                raise MembershipError(gettext(
                        'coop_shares.msg_member_admission_date',
                        member=member.rec_name))

        def key(member):
            return member.company.id
        for _, group in groupby(sorted(members, key=key), key=key):
            group = sorted(group, key=lambda m: (m.admission_date, m.id))
            sequence = Configuration(1).get_required(
                'member_sequence', group[0].company)
            numbers = sequence.get_many(len(group))
            for member, number in zip(group, numbers):
                member.number = number
        cls.save(members)


def _by_company(members):
    "Yield the companies of the members with their today and their members"
    Date = Pool().get('ir.date')
    by_company = defaultdict(list)
    for member in members:
        by_company[member.company].append(member)
    for company, group in by_company.items():
        with Transaction().set_context(company=company.id):
            yield company, Date.today(), group
