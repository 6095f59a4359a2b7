# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The people of a period by what is known of them."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .figure import FigureMixin, not_told, scopes
from .rows import read_rows
from .rules.people import BANDS, age_band
from .rules.stay import presence, stays
from .stay import each, read_contracts

KINDS = [
    ('gender', "Gender"),
    ('age', "Age"),
    ('prior_status', "Prior Status"),
    ('site', "Site"),
    ('adviser', "Adviser"),
    ('contract', "Contract"),
    ]
_REFERENCES = ['prior_status', 'site', 'adviser']


class PeopleFigure(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.people.figure'

    kind = fields.Selection(KINDS, "By", sort=False)
    value = fields.Char("Value")
    under_contract = fields.Integer(
        "Active", help="With a signed contract on the last day.")
    hosted = fields.Integer(
        "Hosted", help="With a signed contract on some day of the period.")
    entered = fields.Integer(
        "Entered", help="A stay began in the period.")
    left = fields.Integer("Left", help="A stay ended in the period.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        companies = [c for c in names if c]
        people = _people(companies, end)
        # People who are alike are counted together first
        alike = defaultdict(lambda: [0] * 4)
        for company, person, own, numbers in each(
                read_contracts(companies), end, companies,
                lambda own, group: _numbers(own, start, end, group)):
            if any(numbers):
                _add(
                    alike[company, *people[person.id], _type(own, end)],
                    numbers)
        found = defaultdict(lambda: [0] * 4)
        for (company, *values), numbers in alike.items():
            for (kind, _), value in zip(KINDS, values):
                _add(found[company, kind, value], numbers)
        labels = _labels()
        for company, scope in names.items():
            for kind, _ in KINDS:
                rows = {
                    v: numbers for (c, k, v), numbers in found.items()
                    if c == company and k == kind}
                for value in sorted(
                        rows, key=lambda v: _place(kind, v, labels)):
                    under, hosted, entered, left = rows[value]
                    yield {
                        **scope, 'kind': kind,
                        'value': (
                            not_told() if value is None
                            else labels[kind][value]),
                        'under_contract': under, 'hosted': hosted,
                        'entered': entered, 'left': left,
                        }


def _place(kind, value, labels):
    "Those of whom nothing is told come last"
    if value is None:
        return (1, '')
    return (0, value if kind == 'age' else labels[kind][value])


def _add(total, numbers):
    for i, number in enumerate(numbers):
        total[i] += number


def _numbers(contracts, start, end, group):
    entered = left = 0
    for stay in stays(contracts, end, group):
        entered += stay.start >= start
        left += stay.end is not None and stay.end >= start
    return *presence(contracts, start, end), entered, left


def _type(contracts, day):
    "Return the type of the last contract that has begun"
    return max(
        ((c.start, c.type) for c in contracts if c.start <= day),
        default=(None, None))[-1]


def _people(companies, day):
    "Return what is known of each person by id, in the order of KINDS"
    table = Pool().get('cae.entrepreneur').__table__()
    return {
        id_: (gender, age_band(birth, day), *references)
        for id_, gender, birth, *references in read_rows(table.select(
                table.id, table.gender, table.birth_date,
                *(getattr(table, name) for name in _REFERENCES),
                where=fields.SQL_OPERATORS['in'](
                    table.company, list(companies))))}


def _labels():
    "Return what names each value, in the language of the user"
    pool = Pool()
    Contract = pool.get('cae.contract')
    Entrepreneur = pool.get('cae.entrepreneur')
    definitions = Entrepreneur.fields_get(['gender', *_REFERENCES])
    labels = {
        'gender': dict(definitions['gender']['selection']),
        'contract': dict(
            Contract.fields_get(['type'])['type']['selection']),
        'age': {
            0: gettext('coop_cae.msg_age_under', age=BANDS[0]),
            **{
                i: gettext(
                    'coop_cae.msg_age_band', first=first, last=last - 1)
                for i, (first, last) in enumerate(zip(BANDS, BANDS[1:]), 1)},
            len(BANDS): gettext('coop_cae.msg_age_over', age=BANDS[-1]),
            },
        }
    for name in _REFERENCES:
        Reference = pool.get(definitions[name]['relation'])
        labels[name] = {
            r.id: r.rec_name for r in Reference.search(
                [('active', 'in', [True, False])], order=[])}
    return labels
