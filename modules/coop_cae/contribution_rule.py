# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from sql import Literal
from sql.conditionals import Coalesce
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_cae.rules.contribution import Slice, Terms
from trytond.modules.coop_cae.rules.rule_in_force import Interval, Scope
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning, owners)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.sql.functions import DateRange
from trytond.sql.operators import RangeOverlap
from trytond.transaction import Transaction

from .contract import TYPES
from .entrepreneur import DONE
from .exceptions import RuleModifyError, RuleValidationError

_start_date = fields.Date(
    "Start Date", required=True,
    domain=[
        If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
            ('start_date', '<=', Eval('end_date', None)),
            ()),
        ])
_end_date = fields.Date(
    "End Date",
    domain=[
        If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
            ('end_date', '>=', Eval('start_date', None)),
            ()),
        ])


class Rule(ExclusionMixin, ModelSQL, ModelView):
    __name__ = 'cae.contribution.rule'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    name = fields.Char("Name", required=True)
    start_date = _start_date
    end_date = _end_date
    decision_date = fields.Date(
        "Decision Date", required=True,
        help="The date of the general meeting that decided.")
    decision = fields.Char(
        "Decision", help="The number or the words of the resolution.")
    contract_type = fields.Selection(
        [(None, "")] + TYPES, "Contract Type",
        help="Only for the activities of those who have such a contract.")
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Only for the activities of this person.")
    activity = fields.Many2One(
        'cae.activity', "Activity", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Only for this activity.")
    base = fields.Many2One(
        'cae.contribution.base', "Base", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    rate = fields.Numeric(
        "Rate", digits=(None, 6),
        domain=[
            If(Bool(Eval('rate')),
                [('rate', '>=', 0), ('rate', '<=', 1)],
                ()),
            ],
        states={
            'required': ~Eval('slices'),
            'invisible': Bool(Eval('slices')),
            },
        help="The flat rate on the whole base.")
    slices = fields.One2Many(
        'cae.contribution.rule.slice', 'rule', "Slices",
        help="Rates by slice of the base of the year to date, "
        "in place of the flat rate.")
    minimum = Monetary(
        "Minimum", currency='currency', digits='currency',
        domain=['OR', ('minimum', '=', None), ('minimum', '>=', 0)],
        help="The least per year, in proportion to the time.")
    maximum = Monetary(
        "Maximum", currency='currency', digits='currency',
        domain=['OR',
            ('maximum', '=', None),
            ('maximum', '>=', Eval('minimum', 0)),
            ],
        help="The most per year, in proportion to the time.")
    monthly_fee = Monetary(
        "Monthly Fee", currency='currency', digits='currency',
        domain=['OR', ('monthly_fee', '=', None), ('monthly_fee', '>=', 0)],
        help="A fixed sum added for each month.")
    negative = fields.Selection([
            ('given_back', "Given Back"),
            ('carried', "Carried to the Next Year"),
            ('lost', "Lost"),
            ], "Negative Base", required=True, sort=False,
        help="What becomes of a base that is negative over the whole year, "
        "under the last rule of the year.\n"
        "Given Back: it is set off on the last sales of the years before, as "
        "far as they go.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('scope_overlap', Exclude(table,
                    (table.company, Equal),
                    (Coalesce(table.contract_type, ''), Equal),
                    (Coalesce(table.entrepreneur, -1), Equal),
                    (Coalesce(table.activity, -1), Equal),
                    (DateRange(table.start_date, table.end_date, '[]'),
                        RangeOverlap),
                    where=Literal(True)),
                'coop_cae.msg_rule_overlap'))
        cls._order.insert(0, ('start_date', 'DESC'))
        # What does not change the reckoning of what is booked
        cls._modify_when_used = {'name', 'end_date', 'decision'}

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_negative(cls):
        return 'given_back'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def validate_fields(cls, rules, field_names):
        super().validate_fields(rules, field_names)
        cls.check_slices(rules, field_names)

    @classmethod
    def check_slices(cls, rules, field_names=None):
        if field_names and not (field_names & {'rate', 'slices'}):
            return
        for rule in rules:
            tops = [s.up_to for s in rule.slices]
            if tops and (
                    tops[-1] is not None
                    or None in tops[:-1]
                    or tops[:-1] != sorted(set(tops[:-1]))):
                raise RuleValidationError(gettext(
                        'coop_cae.msg_rule_slices', rule=rule.rec_name))

    @classmethod
    def check_modification(cls, mode, rules, values=None, external=False):
        Contribution = Pool().get('cae.contribution')
        super().check_modification(
            mode, rules, values=values, external=external)
        if mode == 'write' and values.get('end_date'):
            cls._check_end(rules, values['end_date'])
        if (mode == 'write' and values.keys() <= cls._modify_when_used
                or mode == 'create'):
            return
        if used := Contribution.search(
                [('rule', 'in', [r.id for r in rules])], limit=1, order=[]):
            raise RuleModifyError(gettext(
                    'coop_cae.msg_rule_used',
                    rule=used[0].rule.rec_name))

    @classmethod
    def _check_end(cls, rules, end):
        "A rule holds until the last close that stands on it"
        Contribution = Pool().get('cae.contribution')
        if used := Contribution.search([
                    ('rule', 'in', [r.id for r in rules]),
                    *DONE,
                    ('close.period.end_date', '>', end),
                    ], limit=1):
            raise RuleModifyError(gettext(
                    'coop_cae.msg_rule_end',
                    rule=used[0].rule.rec_name,
                    period=used[0].period.rec_name))

    def terms(self):
        "Return the terms of the rule for the reckoning"
        slices = tuple(Slice(s.up_to, s.rate) for s in self.slices)
        return Terms(
            slices=slices or (Slice(None, self.rate),),
            minimum=self.minimum,
            maximum=self.maximum,
            monthly_fee=self.monthly_fee or Decimal(0),
            negative=self.negative)

    def scope(self):
        "Return where and when the rule holds"
        return Scope(
            rule=self.id, start=self.start_date, end=self.end_date,
            contract=self.contract_type or None,
            entrepreneur=self.entrepreneur.id if self.entrepreneur else None,
            activity=self.activity.id if self.activity else None)


class RuleSlice(ModelSQL, ModelView):
    __name__ = 'cae.contribution.rule.slice'

    rule = fields.Many2One(
        'cae.contribution.rule', "Rule", required=True, ondelete='CASCADE')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    up_to = Monetary(
        "Up To", currency='currency', digits='currency',
        domain=['OR', ('up_to', '=', None), ('up_to', '>', 0)],
        help="The end of the slice; leave it empty for the last one.")
    rate = fields.Numeric(
        "Rate", digits=(None, 6), required=True,
        domain=[
            ('rate', '>=', 0),
            ('rate', '<=', 1),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('rule')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('up_to_unique', Unique(table, table.rule, table.up_to),
                'coop_cae.msg_rule_slice_unique'))
        cls._order.insert(0, ('up_to', 'ASC NULLS LAST'))

    @fields.depends('rule', '_parent_rule.company')
    def on_change_with_currency(self, name=None):
        if self.rule and self.rule.company:
            return self.rule.company.currency

    @classmethod
    def check_modification(cls, mode, slices, values=None, external=False):
        Rule = Pool().get('cae.contribution.rule')
        super().check_modification(
            mode, slices, values=values, external=external)
        Rule.check_modification(
            'write', owners(slices, 'rule', values),
            values={'slices': None}, external=external)


class Exemption(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'cae.contribution.exemption'

    company = fields.Many2One('company.company', "Company", required=True)
    activity = fields.Many2One(
        'cae.activity', "Activity", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states={
            'required': ~Eval('entrepreneur'),
            'invisible': Bool(Eval('entrepreneur')),
            })
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states={
            'required': ~Eval('activity'),
            'invisible': Bool(Eval('activity')),
            },
        help="All the activities of this person are exempted.")
    start_date = _start_date
    end_date = _end_date
    reason = fields.Text("Reason", required=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('start_date', 'DESC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    def get_rec_name(self, name):
        return (self.activity or self.entrepreneur).rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('activity.rec_name', operator, value),
            ('entrepreneur.rec_name', operator, value),
            ]

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'activity', 'entrepreneur', 'start_date'},
                'coop_cae.msg_fixed_exemption', *(
                    Leaning('cae.contribution', link, DONE, where=_exempts)
                    for link in [
                        {'activity': 'activity'}, {
                            'activity.entrepreneurs.entrepreneur':
                            'entrepreneur'}]),
                kept=True)]

    def interval(self):
        return Interval(self.start_date, self.end_date)


def _exempts(exemption, contribution, values):
    end = exemption.end_date
    period = contribution.period
    return period.end_date >= exemption.start_date and (
        not end or period.start_date <= end)
