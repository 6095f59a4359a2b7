# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The paths of people: their stage at any date, and all that led there."""
from collections import defaultdict

from sql import Null

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If

from .balance import context_date
from .figures import user_companies
from .path_step import STEPS
from .rows import read_rows, records
from .rules import path as rule

STAGES = [
    *STEPS,
    ('cape', "CAPE"),
    ('cape_1', "CAPE, First Renewal"),
    ('cape_2', "CAPE, Second Renewal"),
    ('cesa', "CESA"),
    ('member', "Member"),
    ('between', "Without a Contract"),
    ('left', "Left"),
    ]
_PLACES = 10


class Entrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.entrepreneur'

    stage = fields.Function(
        fields.Selection(
            [(None, ""), *STAGES], "Stage", sort=False,
            help="Today, or at the date of the list."),
        'get_stage', searcher='search_stage')
    steps = fields.One2Many('cae.path.step', 'entrepreneur', "Steps")
    path = fields.One2Many(
        'cae.path', 'entrepreneur', "Path", readonly=True)

    @classmethod
    def get_stage(cls, entrepreneurs, name):
        date = context_date('path_date')
        table = cls.__table__()
        found = histories(fields.SQL_OPERATORS['in'](
                table.id, [e.id for e in entrepreneurs]), table)
        return {
            e.id: rule.stage(found[e.id], date) if e.id in found else None
            for e in entrepreneurs}

    @classmethod
    def search_stage(cls, name, clause):
        _, operator, value = clause
        values = value if isinstance(value, (list, tuple)) else [value]
        date = context_date('path_date')
        ids = [
            id_ for id_, history in _of_companies().items()
            if rule.stage(history, date) in values]
        if operator.startswith(('!', 'not ')):
            return [('id', 'not in', ids)]
        return [('id', 'in', ids)]


class PathContext(ModelView):
    __name__ = 'cae.path.context'

    path_date = fields.Date("Date", required=True)

    @classmethod
    def default_path_date(cls):
        return Pool().get('ir.date').today()


class Path(ModelSQL, ModelView):
    __name__ = 'cae.path'

    company = fields.Many2One('company.company', "Company")
    entrepreneur = fields.Many2One('cae.entrepreneur', "Entrepreneur")
    run = fields.Integer(
        "Run", help="Who comes back begins another one.")
    date = fields.Date("From")
    kind = fields.Selection([
            *STAGES,
            ('member_left', "No Longer a Member"),
            ], "Stage", sort=False)
    step = fields.Many2One('cae.path.step', "Step")
    contract = fields.Many2One('cae.contract', "Contract")
    place = fields.Integer("Place", help="The order of the path.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('entrepreneur', 'ASC'), ('place', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        return records(cls, [
                'id', 'company', 'entrepreneur', 'run', 'date', 'kind',
                'step', 'contract', 'place'], _lines())

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.entrepreneur.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('kind').in_(['refused', 'gave_up', 'left']),
                    'muted', '')),
            ]


def _lines():
    "Yield the records of the paths"
    companies = dict(_companies())
    for person, history in _of_companies().items():
        for place, event in enumerate(rule.events(history)):
            record = event.record
            step = isinstance(record, rule.Step)
            contract = isinstance(record, rule.Contract)
            source = 1 if step else 2 if contract else 3
            begins = event.date == getattr(
                record, 'start', getattr(record, 'date', None))
            yield (
                record.id * _PLACES + 2 * source + begins, companies[person],
                person, event.run, event.date, event.kind,
                record.id if step else None,
                record.id if contract else None, place)


def _companies():
    "Return the people of the companies of the user, with their company"
    table = Pool().get('cae.entrepreneur').__table__()
    return read_rows(table.select(
            table.id, table.company,
            where=fields.SQL_OPERATORS['in'](
                table.company, user_companies())))


def _of_companies():
    table = Pool().get('cae.entrepreneur').__table__()
    return histories(fields.SQL_OPERATORS['in'](
            table.company, user_companies()), table)


def histories(where, person):
    """Return the history by id of the people of a condition on their table,
    in a fixed number of queries"""
    pool = Pool()
    contract = pool.get('cae.contract').__table__()
    member = pool.get('coop.member').__table__()
    step = pool.get('cae.path.step').__table__()
    found = defaultdict(lambda: ([], [], []))
    for id_, *values in read_rows(step
            .join(person, condition=step.entrepreneur == person.id)
            .select(
                person.id, step.id, step.date, step.kind, where=where)):
        found[id_][0].append(rule.Step(*values))
    for id_, *values, end, exit_, reason in read_rows(contract
            .join(person, condition=contract.entrepreneur == person.id)
            .select(
                person.id, contract.id, contract.type, contract.renewal,
                contract.start_date, contract.end_date, contract.exit_date,
                contract.exit_reason,
                where=where & (contract.signature == 'signed'))):
        found[id_][1].append(rule.Contract(
                *values, min(filter(None, [end, exit_]), default=None),
                reason is not None))
    for id_, *values in read_rows(member
            .join(person, condition=(member.party == person.party)
                & (member.company == person.company))
            .select(
                person.id, member.id, member.admission_date,
                member.exit_date,
                where=where & (member.number != Null))):
        found[id_][2].append(rule.Membership(*values))
    return {
        id_: rule.History(*map(tuple, parts)) for id_, parts in found.items()}
