# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The categories of members that the statutes tell, and who is in which."""
import datetime
from collections import defaultdict

from sql import Null
from sql.aggregate import Max
from sql.conditionals import Coalesce
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import (
    DeactivableMixin, Exclude, Index, ModelSQL, ModelView, Unique, fields)
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .document import CHUNK
from .exceptions import MembershipError
from .ledger import rows


class Category(DeactivableMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.member.category'

    company = fields.Many2One('company.company', "Company", required=True)
    code = fields.Char("Code", required=True)
    name = fields.Char("Name", required=True, translate=True)
    kind = fields.Selection([
            (None, ""),
            ('beneficiary', "Beneficiaries"),
            ('employee', "Employees"),
            ('producer', "Producers"),
            ('volunteer', "Volunteers"),
            ('public', "Public Bodies"),
            ('investor', "Investors"),
            ('other', "Others"),
            ], "Kind", sort=False,
        help="What the law calls these members: it asks a SCIC for "
        "beneficiaries and for employees or producers, and limits public "
        "bodies and investors.")
    kind_string = kind.translated('kind')
    college = fields.Many2One(
        'coop.college', "College", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Where these members vote, unless told otherwise of one.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('code_unique', Unique(table, table.company, table.code),
                'coop_shares.msg_category_code_unique'))
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def _fixed_fields(cls):
        return [
            *super()._fixed_fields(),
            Fixed.of(
                {'code', 'company'}, 'coop_shares.msg_fixed_category',
                Leaning('coop.meeting.elector', 'category')),
            Fixed.of(
                {'company'}, 'coop_shares.msg_fixed_category',
                Leaning(
                    'coop.member.classification', 'category',
                    (('member.number', '!=', None),))),
            ]


class Classification(
        ExclusionMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.member.classification'

    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='CASCADE',
        states={
            'readonly': Bool(Eval('id', -1) >= 0) & Bool(Eval('member')),
            })
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    start_date = fields.Date(
        "From", help="Leave empty for the beginning of the membership.")
    category = fields.Many2One(
        'coop.member.category', "Category", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    college = fields.Many2One(
        'coop.college', "College", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Leave empty for that of the category.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('member')
        cls._sql_constraints += [
            ('start_date_unique', Exclude(table,
                    (table.member, Equal),
                    (Coalesce(table.start_date, datetime.date.min), Equal)),
                'coop_shares.msg_classification_start_date_unique'),
            ]
        cls._sql_indexes.update({
                Index(table,
                    (table.member, Index.Range()),
                    (table.start_date, Index.Range())),
                })
        cls._order = [
            ('member', 'ASC'), ('start_date', 'ASC NULLS FIRST'),
            ('id', 'ASC')]

    @fields.depends('member', '_parent_member.company')
    def on_change_with_company(self, name=None):
        return self.member.company if self.member else None

    @classmethod
    def search_company(cls, name, clause):
        return [('member.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return f'{self.member.rec_name} – {self.category.rec_name}'

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'member'}, 'coop_shares.msg_fixed_of_member', Leaning(
                    'coop.member', {'id': 'member'},
                    (('number', '!=', None),)))]

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]

    @classmethod
    def query(cls, date):
        """Return a query of the id of member, of the category and of the
        college at the end of a date"""
        category = Pool().get('coop.member.category').__table__()
        table, other = cls.__table__(), cls.__table__()
        # What has no date is from the beginning
        start = Coalesce(other.start_date, datetime.date.min)
        last = other.select(
            other.member.as_('member'), Max(start).as_('start'),
            where=start <= date, group_by=[other.member])
        return (table
            .join(last, condition=(table.member == last.member)
                & (Coalesce(table.start_date, datetime.date.min)
                    == last.start))
            .join(category, condition=table.category == category.id)
            .select(
                table.member.as_('member'),
                table.category.as_('category'),
                Coalesce(table.college, category.college).as_('college')))

    @classmethod
    def at(cls, company, date):
        "Return the ids of the category and of the college by id of member"
        member = Pool().get('coop.member').__table__()
        query = cls.query(date)
        return {
            id_: (category, college)
            for id_, category, college in rows(query
                .join(member, condition=query.member == member.id)
                .select(
                    query.member, query.category, query.college,
                    where=member.company == company.id))}


class MemberCategoryMixin:
    "What a member shows of its category, which has a date"
    __slots__ = ()

    classifications = fields.One2Many(
        'coop.member.classification', 'member', "Categories and Colleges",
        order=[('start_date', 'ASC NULLS FIRST')])
    category = fields.Function(fields.Many2One(
            'coop.member.category', "Category",
            domain=[
                ('company', '=', Eval('company', -1)),
                ],
            help="The category of today."),
        'get_category', setter='set_category', searcher='search_category')
    college = fields.Function(fields.Many2One(
            'coop.college', "College", help="The college of today."),
        'get_category')

    @classmethod
    def get_category(cls, members, names):
        Classification = Pool().get('coop.member.classification')
        ids = [m.id for m in members]
        result = {name: dict.fromkeys(ids) for name in names}
        query = Classification.query(_today())
        for sub_ids in grouped_slice(ids, CHUNK):
            for id_, category, college in rows(query.select(
                        query.member, query.category, query.college,
                        where=fields.SQL_OPERATORS['in'](
                            query.member, list(sub_ids)))):
                for name, value in [
                        ('category', category), ('college', college)]:
                    if name in result:
                        result[name][id_] = value
        return result

    @classmethod
    def set_category(cls, members, name, value):
        "The category that is set is that of the beginning, or from today on"
        Classification = Pool().get('coop.member.classification')
        known = defaultdict(list)
        for classification in Classification.search([
                    ('member', 'in', [m.id for m in members]),
                    ]):
            known[classification.member.id].append(classification)
        today = _today()
        to_create, to_write = [], []
        for member in members:
            last = [
                c for c in known[member.id]
                if not c.start_date or c.start_date <= today][-1:]
            current = last[0].category.id if last else None
            if current == value:
                continue
            if value is None:
                raise MembershipError(gettext(
                        'coop_shares.msg_member_without_category',
                        member=member.rec_name))
            if last and last[0].start_date == today:
                to_write.extend([last, {'category': value, 'college': None}])
            else:
                to_create.append({
                        'member': member.id,
                        'category': value,
                        'start_date': today if last else None,
                        })
        if to_create:
            Classification.create(to_create)
        if to_write:
            Classification.write(*to_write)

    @classmethod
    def search_category(cls, name, clause):
        Category = Pool().get('coop.member.category')
        Classification = Pool().get('coop.member.classification')
        _, operator, value = clause[:3]
        query = Classification.query(_today())
        if value is None:
            negative = operator == '='
            return [('id', 'not in' if negative else 'in',
                    query.select(query.member, where=query.category != Null))]
        if '.' in clause[0]:
            domain = [(clause[0].split('.', 1)[1], *clause[1:3])]
        elif isinstance(value, str):
            domain = [('rec_name', operator, value)]
        else:
            domain = [('id', operator, value)]
        categories = [c.id for c in Category.search(domain, order=[])]
        return [('id', 'in', query.select(
                    query.member,
                    where=fields.SQL_OPERATORS['in'](
                        query.category, categories)))]


def _today():
    return Pool().get('ir.date').today()
