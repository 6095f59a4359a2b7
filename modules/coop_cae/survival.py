# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Of those who entered in a year, who is still there after one, two and three
years."""
from collections import Counter, defaultdict

from trytond.model import ModelSQL, ModelView, fields

from .figure import FigureMixin, scopes, share
from .rules import stay as rule
from .stay import read_contracts, stays_by_company


def _numbers(months):
    return (
        fields.Integer(
            f"Reached {months} Months",
            help="Of those, who entered that long ago."),
        fields.Integer(
            f"Stayed {months} Months",
            help="Of those who reached it, who was still there."),
        fields.Numeric(
            f"Survival at {months} Months", digits=(None, 4)))


class Survival(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.survival'

    year = fields.Integer("Year of Entry")
    entered = fields.Integer("Entered")
    reached_12, stayed_12, share_12 = _numbers(12)
    reached_24, stayed_24, share_24 = _numbers(24)
    reached_36, stayed_36, share_36 = _numbers(36)

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        found = cohorts(
            read_contracts([c for c in names if c]), end,
            [c for c in names if c])
        for company, values in names.items():
            for year in sorted(y for c, y in found if c == company):
                entered, survivals = found[company, year]
                row = {**values, 'year': year, 'entered': entered}
                for months, numbers in zip(rule.MONTHS, survivals):
                    row[f'reached_{months}'] = numbers.reached
                    row[f'stayed_{months}'] = numbers.stayed
                    row[f'share_{months}'] = share(
                        numbers.stayed, numbers.reached)
                yield row


def cohorts(contracts, day, companies):
    """Return who entered and the survivals, by company and year of entry, as
    of a day; those of the group have None as company"""
    # Who entered and left on the same days is counted together first
    alike = Counter(
        (company, own[0].start, own[0].end)
        for company, own in stays_by_company(contracts, day, companies)
        if own)
    found = defaultdict(lambda: [0, [rule.Survival()] * len(rule.MONTHS)])
    for (company, start, end), number in alike.items():
        cohort = found[company, start.year]
        cohort[0] += number
        cohort[1] = [
            a + rule.Survival(b.reached * number, b.stayed * number)
            for a, b in zip(
                cohort[1], rule.survival(rule.Stay(1, start, end), day))]
    return found
