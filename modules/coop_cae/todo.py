# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be done, for whom and by when: one list for each adviser."""
import datetime
from collections import defaultdict
from typing import NamedTuple

from sql import Null
from sql.aggregate import Count, Max, Min

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_shares.ledger import as_date
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .balance import context_date
from .figures import user_companies
from .rows import read_rows, records
from .rules import todo as rule

# The place of a kind in the ids of its records, which stay the same: kinds
# that are gone keep theirs
KINDS = [
    'cape_end', 'contract_ended', 'urssaf', 'france_travail', 'early_end',
    'signature', 'trial_end', 'membership', 'interview', 'interview_missed',
    'settlement', 'agreement', 'registry']
_PLACES = 100
# What the others are about is a contract
_OTHERS = {'settlement', 'agreement'}


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
            ('registry', "Notify the bodies of the business register"),
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
        return records(cls, Row._fields, reckon(
                user_companies(), context_date('todo_date'),
                Transaction().context.get('todo_ids')))

    @classmethod
    def read(cls, ids, fields_names):
        # A page is of few people: the others are not reckoned anew
        with Transaction().set_context(todo_ids=list(ids)):
            return super().read(ids, fields_names)

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


def reckon(companies, date, ids=None):
    """Yield what is to be done in companies, by id, on a day, in a fixed
    number of queries

    ids are those of the records to find, all by default: those of the same
    people may be found too.
    """
    if not companies:
        return
    scope = _Scope(list(companies), date, _people_of(ids))
    people = _people(scope)
    members = _members(scope)
    interviews = _interviews(scope)
    for id_, own in _contracts(scope).items():
        person = people[id_]
        for kind, contract, deadline in rule.todos(
                own, date, (person.company, person.party) in members,
                interviews.get(id_, ())):
            yield _row(person, kind, deadline, date, contract=contract)
    if scope.people is not None:
        return
    for settlement, person, deadline in _settlements(scope):
        yield _row(
            people[person], 'settlement', deadline, date,
            settlement=settlement)
    for activity, person, start, ended in _agreements(scope):
        yield _row(
            people[person], 'agreement', as_date(ended) or start, date,
            activity=activity)


def _people_of(ids):
    """Return the ids of the people whom records are about, None for all of
    them, as when some are about no contract"""
    if ids is None:
        return None
    # Clients may ask for any number
    ids = [i for i in ids if i % _PLACES < len(KINDS)]
    if any(KINDS[i % _PLACES] in _OTHERS for i in ids):
        return None
    table = Pool().get('cae.contract').__table__()
    return {id_ for id_, in read_rows(table.select(
                table.entrepreneur,
                where=fields.SQL_OPERATORS['in'](
                    table.id, [i // _PLACES for i in ids])))}


class _Scope(NamedTuple):
    "Whose things to do are reckoned, by id, and on which day"
    companies: list
    date: datetime.date
    people: set | None

    def of(self, person):
        "Return the condition on the table of the people"
        where = person.company.in_(self.companies)
        if self.people is not None:
            where &= fields.SQL_OPERATORS['in'](
                person.id, list(self.people))
        return where


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


def _people(scope):
    pool = Pool()
    table = pool.get('cae.entrepreneur').__table__()
    adviser = pool.get('cae.adviser').__table__()
    user = Transaction().user
    return {
        id_: _Person(id_, company, party, adviser_, own == user)
        for id_, company, party, adviser_, own in read_rows(table
            .join(adviser, 'LEFT', condition=table.adviser == adviser.id)
            .select(
                table.id, table.company, table.party, table.adviser,
                adviser.user, where=scope.of(table)))}


def _contracts(scope):
    """Return the contracts of each person by id, but for those that tell
    nothing of a member whose contract runs"""
    pool = Pool()
    table = pool.get('cae.contract').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    date = scope.date
    where = scope.of(person) & (
        _goes_on(table, date)
        | (table.exit_told_on == Null) & (table.exit_date
            >= date - datetime.timedelta(rule.EARLY_END_DAYS))
        | (table.registered_on != Null)
        | ~table.entrepreneur.in_(_members_under_contract(date)))
    contracts = defaultdict(list)
    for entrepreneur, *values in read_rows(table
            .join(person, condition=table.entrepreneur == person.id)
            .select(
                table.entrepreneur, table.id, table.type, table.start_date,
                table.end_date, table.exit_date, table.exit_reason,
                table.signed_on, table.trial_end_date,
                table.urssaf_told_on != Null,
                table.france_travail_told_on != Null,
                table.exit_told_on != Null,
                table.signature == 'signed', table.registered_on,
                table.registry_notified_on != Null, where=where)):
        contracts[entrepreneur].append(rule.Contract._make(values))
    return contracts


def _goes_on(contract, date):
    "Return the condition that a contract is not over"
    return (
        ((contract.end_date == Null) | (contract.end_date >= date))
        & ((contract.exit_date == Null) | (contract.exit_date >= date)))


def _is_member(member, date):
    return (
        (member.number != Null) & (member.admission_date <= date)
        & ((member.exit_date == Null) | (member.exit_date >= date)))


def _members_under_contract(date):
    "Return the query of the people who are members and have a contract"
    pool = Pool()
    contract = pool.get('cae.contract').__table__()
    member = pool.get('coop.member').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    return (contract
        .join(person, condition=contract.entrepreneur == person.id)
        .join(member, condition=(member.company == person.company)
            & (member.party == person.party))
        .select(
            person.id,
            where=(contract.signature == 'signed')
            & (contract.start_date <= date) & _goes_on(contract, date)
            & _is_member(member, date)))


def _members(scope):
    "Return who is a member on the day, as ids of company and party"
    table = Pool().get('coop.member').__table__()
    return set(map(tuple, read_rows(table.select(
                table.company, table.party,
                where=table.company.in_(scope.companies)
                & _is_member(table, scope.date)))))


def _interviews(scope):
    "Return the days of the interviews that tell something, by id of person"
    pool = Pool()
    table = pool.get('cae.interview').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    days = defaultdict(list)
    for entrepreneur, date in read_rows(table
            .join(person, condition=table.entrepreneur == person.id)
            .select(
                table.entrepreneur, table.date,
                where=scope.of(person) & (table.signed_on != Null)
                & (table.date >= rule.interviews_since(scope.date)))):
        days[entrepreneur].append(date)
    return days


@without_check_access
def _settlements(scope):
    "Yield what is not paid of the variable parts, and by when it is due"
    Settlement = Pool().get('cae.settlement')
    for settlement in Settlement.search([
                ('company', 'in', scope.companies),
                ('meeting_date', '!=', None),
                ['OR',
                    ('state', '=', 'draft'),
                    [('state', '=', 'posted'), ('to_pay', '!=', 0)],
                    ],
                ], order=[]):
        yield settlement.id, settlement.entrepreneur.id, settlement.due_date


def _agreements(scope):
    """Yield the activities of several people without an agreement that holds:
    the first of them, the start of the activity and the end of the last
    agreement"""
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    agreement = pool.get('cae.activity.agreement').__table__()
    link = pool.get('cae.activity.entrepreneur').__table__()
    date = scope.date
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
    yield from read_rows(link
        .join(activity, condition=link.activity == activity.id)
        .join(ended, 'LEFT', condition=ended.activity == activity.id)
        .select(
            activity.id, Min(link.entrepreneur),
            activity.start_date, ended.end_date,
            where=activity.company.in_(scope.companies)
            & (activity.start_date <= date)
            & ((activity.end_date == Null) | (activity.end_date >= date))
            & ~activity.id.in_(held),
            group_by=[activity.id, activity.start_date, ended.end_date],
            having=Count(link.id) > 1))
