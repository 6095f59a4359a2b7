# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What each activity owes to date, read from the ledger and the rules.

The number of queries does not depend on the number of activities.
"""
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from trytond.model import fields
from trytond.modules.coop_cae.rules.contribution import (
    CARRIED, GIVEN_BACK, Span, Year, due_to_date, running_time, to_book)
from trytond.modules.coop_cae.rules.rule_in_force import in_force
from trytond.pool import Pool
from trytond.transaction import Transaction

from .contribution_sum import Sums
from .fault import Fault

ZERO = Decimal(0)


@dataclass(slots=True)
class ContributionPlan:
    """What an activity owes to date, and what is left to book

    base: that of the entries of the fiscal year, under the last rule
    years: what due_to_date takes, the fiscal year last
    """
    activity: int
    analytic_account: int
    rule: int | None = None
    base: Decimal = ZERO
    due: Decimal = ZERO
    booked: Decimal = ZERO
    years: list[Year] = field(default_factory=list)
    fault: Fault | None = None

    @property
    def amount(self):
        if self.fault:
            return ZERO
        return to_book(self.due, self.booked)


@dataclass(frozen=True, slots=True)
class _Activity:
    id: int
    analytic_account: int
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class _Year:
    start: date
    end: date


class Reading:
    """The plans of the activities of a company from the first day of a fiscal
    year to a day of it, or of those of some ids only.

    A credit note counts at the date of its invoice, so that it gives back
    what its invoice cost; in the year where it is dated: what it takes off
    the years before is due less in this one.
    """

    def __init__(self, company, year, end, only=None):
        Configuration = Pool().get('cae.configuration')
        self._company = company
        self._year = _Year(year.start_date, end)
        self._digits = company.currency.digits
        self._rules = _Rules(company, end)
        self._activities = list(_activities(company, only))
        self._before = _years(company, year.start_date)
        since = [y.start for y in self._before] or [year.start_date]
        self._sums = Sums(
            company, year.start_date, end, since[0],
            Configuration(1).get_required('contribution_account', company).id,
            self._rules.bases)
        self._changed = set()
        self._read(only)

    def _read(self, only):
        start = self._year.start
        cuts = [f.start for f in self._rules.common(self._year)]
        special = [
            a.analytic_account for a in self._activities
            if only is not None or self._rules.has_own(a.id)]
        self._sums.read(special, cuts)
        if self._rules.carries(start):
            self._changed = {a.analytic_account for a in self._activities}
        else:
            self._changed = self._sums.credited(start) | self._sums.negative()
        if self._before and self._changed:
            self._sums.read_before(self._before[0].start, self._changed)

    def plans(self):
        return [self._plan(a) for a in self._activities]

    def _plan(self, activity):
        account = activity.analytic_account
        plan = ContributionPlan(activity.id, account)
        plan.booked = self._sums.booked(account)
        spans = []
        for force, span in self._spans(activity, self._year):
            if force.rule is None:
                if span.time or span.base:
                    plan.fault = self._rules.missing(activity.id, force)
                continue
            plan.rule = force.rule
            spans.append(span)
        if plan.rule:
            plan.base = self._sums.base_of_year(
                account, self._rules.base_of(plan.rule))
        plan.years = [
            *self._before_of(activity), self._as_year(spans, plan.rule)]
        if not plan.fault:
            plan.due = (
                due_to_date(plan.years, self._digits) - due_to_date(
                    self._before_of(activity, at_start=True), self._digits))
        return plan

    def _spans(self, activity, year, at_start=False):
        """Yield the rules in force over a year with their spans; of what was
        posted before the fiscal year alone at its start"""
        for force in self._rules.in_force(activity.id, year):
            time, months = running_time(
                force.start, force.end, activity.start, activity.end,
                year.start)
            base = self._sums.base(
                activity.analytic_account, self._rules.base_of(force.rule),
                force.start, force.end, at_start)
            terms = self._rules.terms.get(force.rule)
            yield force, Span(
                None if force.exempted else terms, base, time, months)

    def _before_of(self, activity, at_start=False):
        """Return the fiscal years before, if the entries of this one may
        change what was due for them"""
        if activity.analytic_account not in self._changed:
            return []
        years = []
        for year in self._before:
            found = list(self._spans(activity, year, at_start))
            rules = [force.rule for force, _ in found if force.rule]
            years.append(self._as_year(
                    [span for _, span in found], rules[-1] if rules else None))
        return years

    def _as_year(self, spans, last_rule):
        terms = self._rules.terms.get(last_rule)
        return Year(tuple(spans), terms.negative if terms else GIVEN_BACK)


def _activities(company, only=None):
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


def _years(company, before):
    "Return the fiscal years of the company before a day, in their order"
    FiscalYear = Pool().get('account.fiscalyear')
    return [
        _Year(y.start_date, y.end_date) for y in FiscalYear.search([
                ('company', '=', company.id),
                ('end_date', '<', before),
                ], order=[('start_date', 'ASC')])]


class _Rules:
    "The rules, overrides and exemptions of a company until a day"

    def __init__(self, company, end):
        pool = Pool()
        Rule = pool.get('cae.contribution.rule')
        Exemption = pool.get('cae.contribution.exemption')
        dated = [
            ('company', '=', company.id),
            ('start_date', '<=', end),
            ]
        rules = Rule.search(dated)
        self.terms = {r.id: r.terms() for r in rules}
        self._base = {r.id: r.base.id for r in rules}
        self.bases = {
            b.id: set(b.ledger_accounts()) for b in {r.base for r in rules}}
        self._scopes = [r.scope() for r in rules]
        self._general = [
            s for s in self._scopes
            if s.activity is None and s.entrepreneur is None
            and s.contract is None]
        self._exemptions = Exemption.search(dated)
        self._contracts, self._people = {}, {}
        if any(s.contract is not None for s in self._scopes):
            self._contracts = self._read_contracts(company)
        if (any(s.entrepreneur is not None for s in self._scopes)
                or any(e.entrepreneur for e in self._exemptions)):
            self._people = self._read_people(company)
        self._common = {}

    def carries(self, day):
        "Return whether rules in force before a day carry a negative base"
        return any(
            s.start < day and self.terms[s.rule].negative == CARRIED
            for s in self._scopes)

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

    def common(self, year):
        "Return the rules in force for those who have none of their own"
        if year not in self._common:
            self._common[year] = in_force(
                year.start, year.end, -1, self._general)
        return self._common[year]

    def _own(self, activity):
        people = self._people.get(activity, set())
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
        return own, exemptions

    def has_own(self, activity):
        return any(self._own(activity))

    def in_force(self, activity, year):
        "Return the rules in force for an activity over a year"
        own, exemptions = self._own(activity)
        if not own and not exemptions:
            return self.common(year)
        return in_force(
            year.start, year.end, activity, self._general + own,
            self._people.get(activity, set()),
            self._contracts.get(activity, ()), exemptions)

    def base_of(self, rule):
        return self._base.get(rule)

    def missing(self, activity, force):
        pool = Pool()
        Activity = pool.get('cae.activity')
        lang = pool.get('ir.lang').get()
        return Fault.of(
            Activity(activity), 'coop_cae.msg_fault_no_rule',
            start=lang.strftime(force.start), end=lang.strftime(force.end))
