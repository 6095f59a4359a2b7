# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The full-time equivalents of a period."""
from collections import defaultdict

from sql import Null

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .figure import FigureMixin, scopes
from .rows import read_rows
from .rules import full_time as rule


class FullTime(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.full_time'

    people = fields.Integer(
        "Employed", help="With a signed CESA on some day of the period.")
    full_time = fields.Numeric(
        "Full-Time Equivalents", digits=(None, 2),
        help="The days of each CESA in those of the period, for the working "
        "time in 151.67 hours, or for a full time when it is not told.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        found = employments([c for c in names if c], start, end)
        for company, values in names.items():
            own = [
                (party, e) for (c, party), employed in found.items()
                if company in {c, None} for e in employed]
            yield {
                **values,
                'people': len({party for party, _ in own}),
                'full_time': str(rule.full_time(
                        [e for _, e in own], start, end)),
                }


def employments(companies, start, end):
    """Return the CESA of a period by company and party, in two queries"""
    pool = Pool()
    contract = pool.get('cae.contract').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    amendment = pool.get('cae.contract.amendment').__table__()
    changes = defaultdict(list)
    for id_, *change in read_rows(amendment.select(
                amendment.contract, amendment.start_date,
                amendment.working_time,
                where=(amendment.signature == 'signed')
                & (amendment.working_time != Null))):
        changes[id_].append(tuple(change))
    found = defaultdict(list)
    for company, party, id_, first, last, exit_, hours in read_rows(contract
            .join(person, condition=contract.entrepreneur == person.id)
            .select(
                person.company, person.party, contract.id,
                contract.start_date, contract.end_date, contract.exit_date,
                contract.working_time,
                where=(contract.signature == 'signed')
                & (contract.type == 'cesa')
                & (contract.start_date <= end)
                & ((contract.end_date == Null) | (contract.end_date >= start))
                & ((contract.exit_date == Null)
                    | (contract.exit_date >= start))
                & fields.SQL_OPERATORS['in'](
                    person.company, list(companies)))):
        if exit_ and (not last or exit_ < last):
            last = exit_
        found[company, party].append(rule.Employment(
                first, last, hours, changes.get(id_, ())))
    return found
