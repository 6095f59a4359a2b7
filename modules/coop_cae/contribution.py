# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from sql.aggregate import Sum
from sql.conditionals import Case

from trytond import backend
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.contribution import (
    Span, due_to_date, running_time, to_book)
from trytond.modules.coop_cae.rules.rule_in_force import in_force
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.coop_ledger.money import round_half_up
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import PYSONEncoder
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction
from trytond.wizard import StateAction, Wizard

from .exceptions import ContributionModifyError
from .fault import Fault

ZERO = Decimal(0)
SETTINGS = [
    'analytic_root', 'structure_account', 'contribution_account',
    'contribution_journal']


@dataclass(slots=True)
class ContributionPlan:
    "What an activity owes to date, and what is left to book"
    activity: int
    analytic_account: int
    rule: int | None = None
    base: Decimal = ZERO
    due: Decimal = ZERO
    booked: Decimal = ZERO
    spans: list[Span] = field(default_factory=list)
    year_days: int = 365
    fault: Fault | None = None

    @property
    def amount(self):
        if self.fault:
            return ZERO
        return to_book(self.due, self.booked)


class Contribution(ModelSQL, ModelView):
    __name__ = 'cae.contribution'

    close = fields.Many2One(
        'cae.close', "Close", required=True, readonly=True,
        ondelete='RESTRICT')
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, readonly=True,
        ondelete='RESTRICT')
    rule = fields.Many2One(
        'cae.contribution.rule', "Rule", readonly=True, ondelete='RESTRICT',
        help="The rule in force on the last day.")
    base = Monetary(
        "Base to Date", currency='currency', digits='currency', readonly=True,
        help="The base from the first day of the fiscal year, "
        "as it was reckoned.")
    due = Monetary(
        "Due to Date", currency='currency', digits='currency', readonly=True,
        help="The contribution from the first day of the fiscal year, "
        "as it was reckoned.")
    analytic_line = fields.Many2One(
        'analytic_account.line', "Analytic Line", required=True,
        readonly=True, ondelete='RESTRICT')
    amount = fields.Function(Monetary(
            "Booked", currency='currency', digits='currency'), 'get_amount')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'get_company', searcher='search_company')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    period = fields.Function(
        fields.Many2One('account.period', "Period"),
        'get_period', searcher='search_period')
    move = fields.Function(
        fields.Many2One('account.move', "Move"), 'get_move')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('close')
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table, (table.close, Index.Range())),
                Index(table, (table.activity, Index.Range())),
                Index(table, (table.rule, Index.Range())),
                })
        cls._order = [
            ('close', 'DESC'), ('activity.code', 'ASC'), ('id', 'DESC')]
        cls._buttons.update({
                'open_lines': {},
                })

    @classmethod
    def get_amount(cls, contributions, name):
        return {
            c.id: c.analytic_line.debit - c.analytic_line.credit
            for c in contributions}

    def get_company(self, name):
        return self.close.company.id

    @classmethod
    def search_company(cls, name, clause):
        return [('close.' + clause[0], *clause[1:])]

    def get_currency(self, name):
        return self.close.company.currency.id

    def get_period(self, name):
        return self.close.period.id

    @classmethod
    def search_period(cls, name, clause):
        return [('close.' + clause[0], *clause[1:])]

    def get_move(self, name):
        return self.analytic_line.move_line.move.id

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.close.period.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('activity.rec_name', operator, value),
            ('close.period.rec_name', operator, value),
            ]

    @classmethod
    def check_modification(
            cls, mode, contributions, values=None, external=False):
        super().check_modification(
            mode, contributions, values=values, external=external)
        for contribution in contributions:
            raise ContributionModifyError(gettext(
                    'coop_cae.msg_contribution_modify',
                    contribution=contribution.rec_name))

    @classmethod
    @ModelView.button_action('coop_cae.wizard_contribution_lines')
    def open_lines(cls, contributions):
        pass

    @classmethod
    def plan(cls, company, period):
        """Return what each activity owes at the end of the period.

        The number of queries does not depend on the number of activities.
        """
        return cls.plan_to(company, period.fiscalyear, period.end_date)

    @classmethod
    def plan_to(cls, company, year, end, only=None):
        """Return what each activity owes from the first day of the fiscal year
        to a day of it, or only those of some ids."""
        Configuration = Pool().get('cae.configuration')
        contribution_account = Configuration(1).get_required(
            'contribution_account', company)
        start = year.start_date
        year_days = (year.end_date - year.start_date).days + 1
        digits = company.currency.digits

        rules = _Rules(company, start, end)
        activities = cls._activities(company, only)
        forces = {a.id: rules.in_force(a.id) for a in activities}
        # Those with rules of their own are read apart, and so are a few
        common, special = [], []
        for activity in activities:
            shared = forces[activity.id] is rules.common and only is None
            (common if shared else special).append(activity)
        sums = _Sums(
            company, start, end, rules.bases, contribution_account.id,
            common, special, rules.common)
        plans = []
        for activity in activities:
            plan = ContributionPlan(
                activity.id, activity.analytic_account, year_days=year_days)
            plan.booked = sums.booked(activity.analytic_account)
            for force in forces[activity.id]:
                days, months = running_time(
                    force.start, force.end, activity.start, activity.end)
                before, base = sums.base(
                    activity.analytic_account, force, rules.base_of(force))
                if force.rule is None:
                    if days or base:
                        plan.fault = rules.missing(activity.id, force)
                    continue
                plan.rule = force.rule
                plan.base = before + base
                plan.spans.append(Span(
                        None if force.exempted else rules.terms[force.rule],
                        before, base, days, months))
            if not plan.fault:
                plan.due = due_to_date(plan.spans, year_days, digits)
            plans.append(plan)
        return plans

    @classmethod
    def _activities(cls, company, only=None):
        "Return the activities of the company, read without the ORM"
        table = Pool().get('cae.activity').__table__()
        cursor = Transaction().connection.cursor()
        where = table.company == company.id
        if only is not None:
            where &= fields.SQL_OPERATORS['in'](table.id, list(only))
        cursor.execute(*table.select(
                table.id, table.analytic_account,
                table.start_date, table.end_date,
                where=where,
                order_by=[table.code, table.id]))
        return [_Activity(*row) for row in cursor]

    @classmethod
    def book(cls, close, plans):
        """Book the difference of each activity, in one entry.

        The entry debits and credits the same account: what activities give is
        debited with their analytic lines and credited with that of the
        structure, what they are given back the other way round.
        """
        Configuration = Pool().get('cae.configuration')
        Move = Pool().get('account.move')
        company = close.company
        account, structure, journal = (
            Configuration(1).get_required(n, company).id for n in [
                'contribution_account', 'structure_account',
                'contribution_journal'])
        given = [p for p in plans if p.amount > 0]
        returned = [p for p in plans if p.amount < 0]
        lines, booked = [], []
        if given:
            total = sum(p.amount for p in given)
            lines.append(EntryLine(account=account, debit=total, parts=tuple(
                        Part(account=p.analytic_account, debit=p.amount)
                        for p in given)))
            booked.extend(given)
            lines.append(EntryLine(account=account, credit=total, parts=(
                        Part(account=structure, credit=total),)))
        if returned:
            total = -sum(p.amount for p in returned)
            lines.append(EntryLine(account=account, credit=total, parts=tuple(
                        Part(account=p.analytic_account, credit=-p.amount)
                        for p in returned)))
            booked.extend(returned)
            lines.append(EntryLine(account=account, debit=total, parts=(
                        Part(account=structure, debit=total),)))
        if not lines:
            return
        posted, = Move.post_entries(company, [Entry(
                    journal=journal, date=close.period.end_date,
                    origin=str(close), lines=tuple(lines),
                    description=gettext(
                        'coop_cae.msg_contribution_description',
                        period=close.period.rec_name))])
        parts = [p for line in posted.parts[::2] for p in line]
        insert(cls,
            ['close', 'activity', 'rule', 'base', 'due', 'analytic_line'],
            [(close.id, p.activity, p.rule, p.base, p.due, part)
                for p, part in zip(booked, parts, strict=True)])


@dataclass(frozen=True, slots=True)
class _Activity:
    id: int
    analytic_account: int
    start: object
    end: object


class _Rules:
    "The rules, overrides and exemptions of a company over some days"

    def __init__(self, company, start, end):
        pool = Pool()
        Rule = pool.get('cae.contribution.rule')
        Exemption = pool.get('cae.contribution.exemption')
        dated = [
            ('company', '=', company.id),
            ('start_date', '<=', end),
            ['OR', ('end_date', '=', None), ('end_date', '>=', start)],
            ]
        self.start, self.end = start, end
        rules = Rule.search(dated)
        self.terms = {r.id: r.terms() for r in rules}
        self._base = {r.id: r.base.id for r in rules}
        self.bases = {
            b.id: set(b.ledger_accounts()) for b in {r.base for r in rules}}
        scopes = [r.scope() for r in rules]
        self._general = [
            s for s in scopes
            if s.activity is None and s.entrepreneur is None
            and s.contract is None]
        self._scopes = scopes
        self._exemptions = Exemption.search(dated)
        self._contracts, self._people = {}, {}
        if any(s.contract is not None for s in scopes):
            self._contracts = self._read_contracts(company)
        if (any(s.entrepreneur is not None for s in scopes)
                or any(e.entrepreneur for e in self._exemptions)):
            self._people = self._read_people(company)
        self.common = in_force(start, end, -1, self._general)

    @staticmethod
    def _read_people(company):
        pool = Pool()
        Activity = pool.get('cae.activity')
        activity = Activity.__table__()
        link = pool.get('cae.activity.entrepreneur').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*link
            .join(activity, condition=link.activity == activity.id)
            .select(link.activity, link.entrepreneur,
                where=activity.company == company.id))
        people = defaultdict(set)
        for activity_id, entrepreneur in cursor:
            people[activity_id].add(entrepreneur)
        return people

    @staticmethod
    def _read_contracts(company):
        """Return the first day and kind of the contracts by activity.

        Of several contracts begun on the same day, a CESA prevails.
        """
        pool = Pool()
        activity = pool.get('cae.activity').__table__()
        link = pool.get('cae.activity.entrepreneur').__table__()
        contract = pool.get('cae.contract').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*link
            .join(activity, condition=link.activity == activity.id)
            .join(contract,
                condition=contract.entrepreneur == link.entrepreneur)
            .select(link.activity, contract.start_date, contract.type,
                where=(activity.company == company.id)
                & (contract.signature == 'signed'),
                order_by=[contract.start_date, contract.type]))
        contracts = defaultdict(list)
        for activity_id, start, type_ in cursor:
            contracts[activity_id].append((start, type_))
        return contracts

    def in_force(self, activity):
        "Return the rules in force for an activity; common if nothing is its"
        people = self._people.get(activity, set())
        contracts = self._contracts.get(activity, ())
        own = [
            s for s in self._scopes
            if (s.activity == activity
                or s.activity is None and s.entrepreneur in people
                or s.activity is None and s.entrepreneur is None
                and s.contract is not None)]
        exemptions = [
            e.interval() for e in self._exemptions
            if (e.activity and e.activity.id == activity
                or e.entrepreneur and e.entrepreneur.id in people)]
        if not own and not exemptions:
            return self.common
        return in_force(
            self.start, self.end, activity, self._general + own,
            people, contracts, exemptions)

    def base_of(self, force):
        return self._base.get(force.rule)

    def missing(self, activity, force):
        Activity = Pool().get('cae.activity')
        Lang = Pool().get('ir.lang')
        lang = Lang.get()
        return Fault.of(
            Activity(activity), 'coop_cae.msg_fault_no_rule',
            start=lang.strftime(force.start), end=lang.strftime(force.end))


class _Sums:
    """The sums of the bases and of what is booked, by activity and day.

    Activities under the common rules are summed by span, those with rules of
    their own by day.
    """

    def __init__(
            self, company, start, end, bases, contribution_account,
            common, special, spans):
        self._company = company
        self._start, self._end = start, end
        self._bases = list(bases)
        self._accounts = bases
        self._contribution = contribution_account
        self._sums = defaultdict(list)
        if common:
            cuts = [s.start for s in spans]
            self._read(special and [a.analytic_account for a in special],
                False, cuts)
        if special:
            self._read([a.analytic_account for a in special], True, None)

    def _read(self, accounts, only, cuts):
        pool = Pool()
        activity = pool.get('cae.activity').__table__()
        part = pool.get('analytic_account.line').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        cursor = Transaction().connection.cursor()
        in_ = fields.SQL_OPERATORS['in']

        date = move.date
        if cuts is not None:
            # One row for each span of the common rules
            date = Case(
                *((move.date >= cut, cut) for cut in reversed(cuts)),
                else_=cuts[0]) if len(cuts) > 1 else cuts[0]
        amount = part.credit - part.debit
        columns = [
            Sum(Case((
                        in_(line.account, sorted(self._accounts[b]) or [-1]),
                        amount),
                    else_=0)).as_(f'base_{b}')
            for b in self._bases]
        columns.append(Sum(Case(
                    (line.account == self._contribution, -amount),
                    else_=0)).as_('booked'))
        all_accounts = {self._contribution}.union(*self._accounts.values())
        where = (
            (activity.company == self._company.id)
            & (move.state == 'posted')
            & (move.date >= self._start) & (move.date <= self._end)
            & in_(line.account, sorted(all_accounts)))
        if accounts:
            own = in_(activity.analytic_account, accounts)
            where &= own if only else ~own
        group = [part.account]
        dated = cuts is None or len(cuts) > 1
        if dated:
            # By its name: PostgreSQL takes the same expression with other
            # parameters for another one
            span = date.as_('span_date')
            group.append(span)
            columns.insert(0, span)
        query = (part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .join(line, condition=line.id == part.move_line)
            .join(move, condition=move.id == line.move)
            .select(part.account.as_('account'), *columns,
                where=where, group_by=group))
        if backend.name == 'sqlite':
            sqlite_apply_types(query, [
                    None, *(['DATE'] if dated else []),
                    *['NUMERIC'] * (len(self._bases) + 1)])
        cursor.execute(*query)
        digits = self._company.currency.digits
        for account, *row in cursor:
            day = row.pop(0) if dated else cuts[0]
            self._sums[account].append(
                (day, [round_half_up(v, digits) for v in row]))

    def booked(self, account):
        return sum((row[-1] for _, row in self._sums.get(account, ())), ZERO)

    def base(self, account, force, base):
        "Return the base before and within a span"
        column = self._bases.index(base) if base in self._bases else 0
        before = within = ZERO
        if not self._bases:
            return before, within
        for day, row in self._sums.get(account, ()):
            if day < force.start:
                before += row[column]
            elif day <= force.end:
                within += row[column]
        return before, within


class OpenLines(Wizard):
    __name__ = 'cae.contribution.open_lines'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('analytic_account.act_line_form')

    def do_open_(self, action):
        contribution = self.record
        period = contribution.close.period
        accounts = contribution.rule.base.ledger_accounts()
        action['pyson_domain'] = PYSONEncoder().encode([
                ('account', '=', contribution.activity.analytic_account.id),
                ('date', '>=', period.fiscalyear.start_date),
                ('date', '<=', period.end_date),
                ('move_line.account', 'in', accounts),
                ('move_line.move.state', '=', 'posted'),
                ])
        action['name'] += f' ({contribution.rec_name})'
        return action, {}
