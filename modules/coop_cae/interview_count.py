# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The interviews held in a period, by adviser."""
from collections import defaultdict

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .figure import FigureMixin, scopes
from .todo import _rows


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
        found = defaultdict(lambda: defaultdict(list))
        for company, adviser, party, signed in _interviews(
                [c for c in names if c], start, end):
            for scope in {company, None} & names.keys():
                found[scope][adviser].append((party, signed))
        for company, values in names.items():
            for adviser, held in sorted(found[company].items()):
                yield {
                    **values, 'adviser': adviser, 'held': len(held),
                    'signed': sum(
                        signed is not None and signed <= end
                        for _, signed in held),
                    'people': len({party for party, _ in held}),
                    }


def _interviews(companies, start, end):
    pool = Pool()
    table = pool.get('cae.interview').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    return _rows(table
        .join(person, condition=table.entrepreneur == person.id)
        .select(
            person.company, table.adviser, person.party, table.signed_on,
            where=fields.SQL_OPERATORS['in'](
                    person.company, list(companies))
            & (table.date >= start) & (table.date <= end)))
