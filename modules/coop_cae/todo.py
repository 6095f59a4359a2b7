# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be done, for whom and by when: one list for each adviser."""
import datetime
import json
from collections import defaultdict
from typing import NamedTuple

from sql import Cast, Column, Literal, Null
from sql.aggregate import Count, Max, Min
from sql.functions import Function

from trytond import backend
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_shares.ledger import as_date
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .balance import context_date
from .figures import user_companies
from .rules import todo as rule

# The place of a kind in the ids of its records, which stay the same: kinds
# that are gone keep theirs
KINDS = [
    'cape_end', 'contract_ended', 'urssaf', 'france_travail', 'early_end',
    'signature', 'trial_end', 'membership', 'interview', 'interview_missed',
    'settlement', 'agreement']
_PLACES = 100


class Todo(ModelSQL, ModelView):
    __name__ = 'cae.todo'

    company = fields.Many2One('company.company', "Company")
    entrepreneur = fields.Many2One('cae.entrepreneur', "Entrepreneur")
    adviser = fields.Many2One('cae.adviser', "Adviser")
    mine = fields.Boolean("Mine", help="Of the adviser that the user is.")
    kind = fields.Selection([
            ('cape_end', "Renew the CAPE, sign a CESA or record the exit"),
            ('contract_ended', "Record the exit, or a new contract"),
            ('urssaf', "Tell URSSAF of the CAPE"),
            ('france_travail', "Tell France Travail of the CAPE"),
            ('early_end', "Tell both of the early end of the CAPE"),
            ('signature', "Sign the contract"),
            ('trial_end', "Decide at the end of the trial"),
            ('membership', "Become a member"),
            ('interview', "Hold an interview"),
            ('interview_missed', "Make up for a missed interview"),
            ('settlement', "Pay the balance of the variable part"),
            ('agreement', "Sign a joint-activity agreement"),
            ], "To Do")
    deadline = fields.Date("By")
    days_left = fields.Integer("Days Left")
    article = fields.Char("Article")
    contract = fields.Many2One('cae.contract', "Contract")
    settlement = fields.Many2One('cae.settlement', "Settlement")
    activity = fields.Many2One('cae.activity', "Activity")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('deadline', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        date = context_date('todo_date')
        return _records(cls, Row._fields, [
                row._asdict() | {'deadline': row.deadline.isoformat()}
                for row in reckon(user_companies(), date)])

    def get_rec_name(self, name):
        return f'{self.entrepreneur.rec_name} – {self.article}'

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('days_left', 0) < 0, 'danger', If(
                        Eval('days_left', 0) <= 30, 'warning', ''))),
            ]


class TodoContext(ModelView):
    __name__ = 'cae.todo.context'

    todo_date = fields.Date("Date", required=True)

    @classmethod
    def default_todo_date(cls):
        return Pool().get('ir.date').today()


def reckon(companies, date):
    """Yield what is to be done in companies, by id, on a day, in a fixed
    number of queries"""
    if not companies:
        return
    companies = list(companies)
    people = _people(companies)
    contracts = _contracts(companies)
    members = _members(companies, date)
    interviews = _interviews(companies)
    for id_, own in contracts.items():
        person = people[id_]
        for kind, contract, deadline in rule.todos(
                own, date, (person.company, person.party) in members,
                interviews.get(id_, ())):
            yield _row(person, kind, deadline, date, contract=contract)
    for settlement, person, deadline in _settlements(companies):
        yield _row(
            people[person], 'settlement', deadline, date,
            settlement=settlement)
    for activity, person, start, ended in _agreements(companies, date):
        yield _row(
            people[person], 'agreement', as_date(ended) or start, date,
            activity=activity)


class Row(NamedTuple):
    "A record of the list: ids, and plain values"
    id: int
    company: int
    entrepreneur: int
    adviser: int | None
    mine: bool
    kind: str
    deadline: datetime.date
    days_left: int
    article: str
    contract: int | None
    settlement: int | None
    activity: int | None


class _Person(NamedTuple):
    "Ids, and whether the user is the adviser"
    id: int
    company: int
    party: int
    adviser: int | None
    mine: bool


def _row(
        person, kind, deadline, date, contract=None, settlement=None,
        activity=None):
    return Row(
        (contract or settlement or activity) * _PLACES + KINDS.index(kind),
        person.company, person.id, person.adviser, person.mine, kind,
        deadline, (deadline - date).days, rule.ARTICLES[kind], contract,
        settlement, activity)


def _people(companies):
    pool = Pool()
    table = pool.get('cae.entrepreneur').__table__()
    adviser = pool.get('cae.adviser').__table__()
    user = Transaction().user
    return {
        id_: _Person(id_, company, party, adviser_, own == user)
        for id_, company, party, adviser_, own in _rows(table
            .join(adviser, 'LEFT', condition=table.adviser == adviser.id)
            .select(
                table.id, table.company, table.party, table.adviser,
                adviser.user, where=table.company.in_(companies)))}


def _contracts(companies):
    "Return the contracts of each person by id"
    pool = Pool()
    table = pool.get('cae.contract').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    contracts = defaultdict(list)
    for entrepreneur, *values in _rows(table
            .join(person, condition=table.entrepreneur == person.id)
            .select(
                table.entrepreneur, table.id, table.type, table.start_date,
                table.end_date, table.exit_date, table.exit_reason,
                table.signed_on, table.trial_end_date, table.urssaf_told_on,
                table.france_travail_told_on, table.exit_told_on,
                table.signature == 'signed',
                where=person.company.in_(companies))):
        contracts[entrepreneur].append(rule.Contract(*values))
    return contracts


def _members(companies, date):
    "Return who is a member on the day, as ids of company and party"
    table = Pool().get('coop.member').__table__()
    return set(map(tuple, _rows(table.select(
                table.company, table.party,
                where=table.company.in_(companies)
                & (table.number != Null)
                & (table.admission_date <= date)
                & ((table.exit_date == Null) | (table.exit_date >= date))))))


def _interviews(companies):
    "Return the days of the interviews that are signed, by id of person"
    pool = Pool()
    table = pool.get('cae.interview').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    days = defaultdict(list)
    for entrepreneur, date in _rows(table
            .join(person, condition=table.entrepreneur == person.id)
            .select(
                table.entrepreneur, table.date,
                where=person.company.in_(companies)
                & (table.signed_on != Null))):
        days[entrepreneur].append(date)
    return days


@without_check_access
def _settlements(companies):
    "Yield what is not paid of the variable parts, and by when it is due"
    Settlement = Pool().get('cae.settlement')
    for settlement in Settlement.search([
                ('company', 'in', companies),
                ('state', '=', 'posted'),
                ('to_pay', '!=', 0),
                ], order=[]):
        if settlement.due_date:
            yield (
                settlement.id, settlement.entrepreneur.id,
                settlement.due_date)


def _agreements(companies, date):
    """Yield the activities of several people without an agreement that holds:
    the first of them, the start of the activity and the end of the last
    agreement"""
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    agreement = pool.get('cae.activity.agreement').__table__()
    link = pool.get('cae.activity.entrepreneur').__table__()
    held = agreement.select(
        agreement.activity,
        where=(agreement.signature == 'signed')
        & (agreement.start_date <= date)
        & ((agreement.end_date == Null) | (agreement.end_date >= date)))
    # An agreement that ended leaves the activity without one
    ended = agreement.select(
        agreement.activity, Max(agreement.end_date).as_('end_date'),
        where=(agreement.signature == 'signed')
        & (agreement.end_date < date),
        group_by=agreement.activity)
    yield from _rows(link
        .join(activity, condition=link.activity == activity.id)
        .join(ended, 'LEFT', condition=ended.activity == activity.id)
        .select(
            activity.id, Min(link.entrepreneur),
            activity.start_date, ended.end_date,
            where=activity.company.in_(companies)
            & (activity.start_date <= date)
            & ((activity.end_date == Null) | (activity.end_date >= date))
            & ~activity.id.in_(held),
            group_by=[activity.id, activity.start_date, ended.end_date],
            having=Count(link.id) > 1))


def _rows(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor


# Rows as records

class _JsonEach(Function):
    __slots__ = ()
    _function = 'JSON_EACH'


class _JsonExtract(Function):
    __slots__ = ()
    _function = 'JSON_EXTRACT'


class _JsonRecords(Function):
    __slots__ = ()
    _function = 'JSONB_TO_RECORDSET'


def _records(Model, names, rows):
    """Return a query of the rows, given as one parameter: databases take some
    ten thousands only"""
    data = json.dumps(rows)
    types = {name: Model._fields[name].sql_type().base for name in names}
    if backend.name == 'sqlite':
        table = _JsonEach(data)
        value = Column(table, 'value')
        return table.select(*(
                _JsonExtract(value, f'$.{name}').as_(name) for name in names))
    table = _JsonRecords(
        Cast(Literal(data), 'JSONB'),
        columns_definitions=list(types.items()))
    return table.select(*(Column(table, name).as_(name) for name in names))
