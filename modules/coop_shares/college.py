# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The colleges in which members vote, with their weights."""
from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.transaction import Transaction

from .exceptions import CollegeError
from .rules.governance import (
    GREATEST_WEIGHT, LEAST_COLLEGES, LEAST_WEIGHT, college_problems)


class College(DeactivableMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.college'

    company = fields.Many2One('company.company', "Company", required=True)
    code = fields.Char("Code", required=True)
    name = fields.Char("Name", required=True, translate=True)
    weight = fields.Numeric(
        "Weight", digits=(None, 4), required=True,
        domain=[
            ('weight', '>=', LEAST_WEIGHT),
            ('weight', '<=', GREATEST_WEIGHT),
            ],
        help="The part of all votes that is this college's: from 10 to 50 %.")
    categories = fields.One2Many(
        'coop.member.category', 'college', "Categories", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('code_unique', Unique(table, table.company, table.code),
                'coop_shares.msg_college_code_unique'))
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'code', 'company'}, 'coop_shares.msg_fixed_category',
                Leaning('coop.meeting.elector', 'college'),
                Leaning('coop.meeting.college', 'college'))]

    @classmethod
    def of(cls, company):
        "Return the colleges of a company, when it has some"
        return cls.search([('company', '=', company.id)])

    @classmethod
    def check_weights(cls, company):
        """Check that the colleges are as many, and weigh as much, as the law
        asks, before they vote"""
        problems = college_problems(c.weight for c in cls.of(company))
        if problems:
            raise CollegeError(gettext(
                    'coop_shares.msg_college_weights',
                    company=company.rec_name, least=LEAST_COLLEGES))
