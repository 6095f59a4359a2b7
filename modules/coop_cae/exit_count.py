# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who left in a period, by reason."""
from collections import Counter

from trytond.model import ModelSQL, ModelView, fields

from .figure import FigureMixin, not_told, scopes, share
from .rules.clock import add_months
from .stay import read_contracts, stays_by_company


class ExitCount(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.exit.count'

    reason = fields.Many2One(
        'cae.exit_reason', "Exit Reason",
        help="Empty when a stay ended without any recorded.")
    reason_name = fields.Function(
        fields.Char("Reason"), 'get_reason_name')
    people = fields.Integer("Left")
    first_year = fields.Integer(
        "In the First Year", help="Before twelve months of their stay.")
    share = fields.Numeric(
        "Share", digits=(None, 4), help="Of those who left in the period.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        companies = [c for c in names if c]
        people, early = Counter(), Counter()
        for company, found in stays_by_company(
                read_contracts(companies), end, companies):
            for stay in found:
                if stay.end and start <= stay.end <= end:
                    people[company, stay.reason] += 1
                    early[company, stay.reason] += (
                        stay.end < add_months(stay.start, 12))
        for company, values in names.items():
            own = {
                reason: number for (c, reason), number in people.items()
                if c == company}
            for reason in sorted(own, key=lambda r: (-own[r], r or 0)):
                yield {
                    **values, 'reason': reason, 'people': own[reason],
                    'first_year': early[company, reason],
                    'share': share(own[reason], sum(own.values())),
                    }

    @classmethod
    def get_reason_name(cls, rows, name):
        return {
            r.id: r.reason.rec_name if r.reason else not_told() for r in rows}
