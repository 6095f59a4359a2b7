# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The interviews held in a period, by adviser."""
from sql import Literal
from sql.aggregate import Count, Sum
from sql.conditionals import Case

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .figure import FigureMixin, scopes
from .rows import read_rows


class InterviewCount(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.interview.count'

    adviser = fields.Many2One('cae.adviser', "Adviser")
    held = fields.Integer("Held")
    signed = fields.Integer(
        "Signed", help="Of those, which count (code du travail, R7331-3).")
    people = fields.Integer("People", help="Whom they were held with.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        companies = [c for c in names if c]
        counts = list(_counts(companies, start, end))
        if None in names:
            counts.extend(_counts(companies, start, end, of_group=True))
        for scope, values in names.items():
            for company, adviser, held, signed, people in counts:
                if company == scope:
                    yield {
                        **values, 'adviser': adviser, 'held': held,
                        'signed': signed, 'people': people,
                        }


def _counts(companies, start, end, of_group=False):
    """Return by adviser how many were held, are signed, and with how many
    people; of the group the company is None"""
    pool = Pool()
    table = pool.get('cae.interview').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    company = Literal(None) if of_group else person.company
    signed = Case((table.signed_on <= end, 1), else_=0)
    return read_rows(table
        .join(person, condition=table.entrepreneur == person.id)
        .select(
            company, table.adviser, Count(table.id), Sum(signed),
            Count(person.party, distinct=True),
            where=fields.SQL_OPERATORS['in'](
                    person.company, list(companies))
            & (table.date >= start) & (table.date <= end),
            group_by=[table.adviser] + (
                [] if of_group else [person.company]),
            order_by=[table.adviser]))
