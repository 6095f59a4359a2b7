# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the law or the statutes ask for and the co-op does not fulfil, or soon
will not, at a date."""
from collections import Counter
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.transaction import Transaction
from trytond.wizard import Button, StateView, Wizard

from . import capital as capital_
from .ledger import money
from .lot import paying_up_years
from .paying_up import is_later
from .rules import governance as rule
from .rules.paying_up import last_call
from .surplus import has_ceiling

# The capital is near its floor with a tenth more
NEAR = Decimal('1.1')


def alerts(company, date):
    "Return the kind and the text of each alert, in some queries"
    return [
        (kind, gettext(f'coop_shares.msg_alert_{kind}', **names))
        for kind, names in [
            *_members(company, date),
            *_colleges(company),
            *_floor(company, date),
            *_unpaid(company, date),
            *_meetings(company, date),
            ]]


def _members(company, date):
    pool = Pool()
    Category = pool.get('coop.member.category')
    Classification = pool.get('coop.member.classification')
    Configuration = pool.get('coop.share.configuration')
    Member = pool.get('coop.member')
    College = pool.get('coop.college')
    Movement = pool.get('coop.share.movement')
    lang = pool.get('ir.lang').get()
    configuration = Configuration(1)
    statute = configuration.get_setting('statute', company)
    known = Classification.at(company, date)
    kinds = {c.id: c.kind for c in Category.search([
                ('company', '=', company.id),
                ('active', 'in', [True, False]),
                ])}
    members = [m.id for m in Member.members_at(company, date)]
    held = Counter()
    for (id_, _), (_, amount) in Movement.holdings(company, date).items():
        held[id_] += amount
    counts, votes, investors = Counter(), Counter(), Counter()
    kind_of = {}
    unsorted = 0
    for id_ in members:
        category, college = known.get(id_, (None, None))
        kind_of[id_] = kinds.get(category)
        # Who holds no share fills no category, and has no vote
        if not held[id_]:
            unsorted += kind_of[id_] is None
            continue
        counts[kind_of[id_]] += 1
        votes[college] += 1
        investors[college] += kind_of[id_] == 'investor'
    problems = set()
    if statute == 'scic':
        problems |= rule.category_problems(counts)
    total, public = sum(held.values(), Decimal(0)), Decimal(0)
    for id_, amount in held.items():
        category, _ = known.get(id_, (None, None))
        if kinds.get(category) == 'public':
            public += amount
    problems |= rule.limit_problems(
        len(members),
        configuration.get_setting('legal_form', company) == 'sarl',
        public / total if total and statute == 'scic' else Decimal(0),
        rule.votes_part(investors, votes, {
                c.id: c.weight for c in College.of(company)}))
    if without := counts[None] + unsorted:
        yield 'unsorted', {'count': without}
    percent = 100 * public / total if total else Decimal(0)
    names = {
        rule.MEMBERS: {'count': len(members), 'most': rule.SARL_MEMBERS},
        rule.INVESTORS: {'most': int(100 * rule.INVESTOR_VOTES)},
        rule.PUBLIC: {'part': lang.format_number(percent, digits=2)},
        }
    for problem in sorted(problems):
        yield problem, names.get(problem, {})
    if statute == 'scop':
        for id_ in sorted(rule.greatest_holders(held)):
            yield 'holder', {
                'member': Member(id_).rec_name,
                'part': lang.format_number(
                    100 * held[id_] / total, digits=2),
                }


def _colleges(company):
    College = Pool().get('coop.college')
    if rule.college_problems(c.weight for c in College.of(company)):
        yield 'colleges', {'least': rule.LEAST_COLLEGES}


def _floor(company, date):
    pool = Pool()
    Exit = pool.get('coop.share.exit')
    lang = pool.get('ir.lang').get()
    by_day = capital_.changes(company)
    total = sum(
        (a for day, a in by_day.items() if day <= date), money(company, 0))
    floor = capital_.floor(company, date, by_day)
    if floor and total < floor * NEAR:
        yield 'floor', {
            'capital': lang.currency(total, company.currency),
            'floor': lang.currency(floor, company.currency),
            }
    suspended = Exit.search([
            ('company', '=', company.id),
            ('state', '=', 'suspended'),
            ], count=True)
    if suspended:
        yield 'suspended', {'count': suspended}


def _unpaid(company, date):
    pool = Pool()
    Movement = pool.get('coop.share.movement')
    lang = pool.get('ir.lang').get()
    lots = Movement.lots(company, date)
    years = paying_up_years(company)
    unpaid = sum((lot.state.unpaid for lot in lots), money(company, 0))
    if unpaid:
        yield 'unpaid', {'amount': lang.currency(unpaid, company.currency)}
    late = [
        lot for lot in lots
        if lot.paid < lot.amount and last_call(lot.since, years) < date]
    if late:
        yield 'last_call', {'count': len(late)}
    Configuration = pool.get('coop.share.configuration')
    if is_later(company) and Configuration(1).get_setting(
            'legal_form', company) == 'sarl':
        yield 'sarl', {}


def _meetings(company, date):
    "What is missing before the meetings to come"
    pool = Pool()
    BondYield = pool.get('coop.bond_yield')
    Meeting = pool.get('coop.meeting')
    lang = pool.get('ir.lang').get()
    for meeting in Meeting.search([
                ('company', '=', company.id),
                ('state', 'in', ['draft', 'convened']),
                ('date', '>=', date),
                ], order=[('date', 'ASC'), ('id', 'ASC')]):
        halves = meeting.kind == 'ordinary' and has_ceiling(company) and (
            BondYield.missing(meeting.date))
        if halves:
            yield 'yields', {
                'date': lang.strftime(meeting.date), 'halves': halves}
        if left := [e for e in meeting.electors if e.has_left]:
            yield 'left', {
                'date': lang.strftime(meeting.date), 'count': len(left),
                'members': ', '.join(e.rec_name for e in left),
                }


class Alerts(Wizard):
    __name__ = 'coop.share.alerts'

    start = StateView(
        'coop.share.alerts.start', 'coop_shares.alerts_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Look", 'result', 'tryton-ok', default=True),
            ])
    result = StateView(
        'coop.share.alerts.result', 'coop_shares.alerts_result_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def default_start(self, fields):
        if getattr(self.start, 'company', None):
            return {
                'company': self.start.company.id,
                'date': self.start.date,
                }
        return {}

    def default_result(self, fields):
        lines = [{
                'text': text,
                } for _, text in alerts(self.start.company, self.start.date)]
        return {
            'company': self.start.company.id,
            'date': self.start.date,
            'right': not lines,
            'lines': lines,
            }


class AlertsStart(ModelView):
    __name__ = 'coop.share.alerts.start'

    company = fields.Many2One('company.company', "Company", required=True)
    date = fields.Date("Date", required=True)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()


class AlertsResult(ModelView):
    __name__ = 'coop.share.alerts.result'

    company = fields.Many2One('company.company', "Company", readonly=True)
    date = fields.Date("Date", readonly=True)
    right = fields.Boolean("All in Order", readonly=True)
    lines = fields.One2Many(
        'coop.share.alerts.line', None, "Alerts", readonly=True)


class AlertsLine(ModelView):
    __name__ = 'coop.share.alerts.line'

    text = fields.Text("Alert", readonly=True)
