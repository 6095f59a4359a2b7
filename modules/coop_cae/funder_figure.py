# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The people of a period by what funders ask of them, for who may read it."""
from collections import defaultdict

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool

from .figure import FigureMixin, not_told, scopes
from .rows import read_rows
from .rules.stay import presence, stays
from .stay import each, read_contracts

KINDS = [
    ('status', "Status"),
    ('entry_status', "Status at Entry"),
    ('benefit', "Benefit"),
    ('disability', "Disability"),
    ('training_level', "Training Level"),
    ('urban_area', "Urban Priority Area"),
    ('rural_area', "Rural Priority Area"),
    ('prescriber', "Prescriber"),
    ]
_FACTS = [kind for kind, _ in KINDS if kind != 'entry_status']


class FunderFigure(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.funder.figure'

    kind = fields.Selection(KINDS, "By", sort=False)
    value = fields.Char("Value")
    under_contract = fields.Integer(
        "Active", help="With a signed contract on the last day.")
    hosted = fields.Integer(
        "Hosted", help="With a signed contract on some day of the period.")
    entered = fields.Integer(
        "Entered", help="A stay began in the period.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        companies = [c for c in names if c]
        facts = _facts(companies, end)
        nothing = dict.fromkeys(k for k, _ in KINDS)
        found = defaultdict(lambda: [0] * 3)
        for company, person, _, numbers in each(
                read_contracts(companies), end, companies,
                lambda own, group: _numbers(own, start, end, group)):
            if not any(numbers):
                continue
            known = facts.get(person.id, nothing)
            for kind, _ in KINDS:
                row = found[company, kind, known[kind]]
                for i, number in enumerate(numbers):
                    row[i] += number
        labels = _labels()
        places = {kind: i for i, (kind, _) in enumerate(KINDS)}
        order = {company: i for i, company in enumerate(names)}
        for scope, kind, value in sorted(found, key=lambda k: (
                    order[k[0]], places[k[1]], k[2] is None,
                    labels[k[1]].get(k[2], ''))):
            under_contract, hosted, entered = found[scope, kind, value]
            yield {
                **names[scope], 'kind': kind,
                'value': (
                    not_told() if value is None else labels[kind][value]),
                'under_contract': under_contract, 'hosted': hosted,
                'entered': entered,
                }


def _numbers(contracts, start, end, group):
    return (
        *presence(contracts, start, end),
        sum(s.start >= start for s in stays(contracts, end, group)))


def _facts(companies, day):
    """Return what is known of each person on a day, by id and kind: a benefit
    that has ended is none"""
    pool = Pool()
    fact = pool.get('cae.funder_fact').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    found = {}
    for id_, benefit_end, *values in read_rows(fact
            .join(person, condition=fact.entrepreneur == person.id)
            .select(
                person.id, fact.benefit_end_date,
                *(getattr(fact, name) for name in _FACTS),
                where=fields.SQL_OPERATORS['in'](
                        person.company, list(companies))
                & (fact.date <= day),
                order_by=[fact.date, fact.id])):
        known = dict(zip(_FACTS, values))
        if benefit_end and benefit_end < day:
            known['benefit'] = None
        known['entry_status'] = found.get(id_, {}).get(
            'entry_status', known['status'])
        found[id_] = known
    return found


def _labels():
    "Return what names each value by kind, in the language of the user"
    pool = Pool()
    definitions = pool.get('cae.funder_fact').fields_get(_FACTS)
    labels = {}
    for name, definition in definitions.items():
        if definition['type'] == 'many2one':
            labels[name] = {
                r.id: r.rec_name
                for r in pool.get(definition['relation']).search(
                    [('active', 'in', [True, False])], order=[])}
        else:
            labels[name] = dict(definition['selection'])
    labels['entry_status'] = labels['status']
    return labels
