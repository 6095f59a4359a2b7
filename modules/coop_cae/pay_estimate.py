# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What an activity can pay somebody, and what a pay needs: an estimate."""
from dataclasses import dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_cae.rules.pay_estimate import (
    Ratios, from_cost, of_wanted)
from trytond.modules.coop_cae.rules.pay_margin import margin_for
from trytond.modules.coop_cae.rules.pay_reserve import (
    amount_for, available, reserve, share_of)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, Id
from trytond.transaction import Transaction, check_access, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .confinement import confinement
from .exceptions import PayRequestError
from .figures import Figures, figures
from .pay_request import WANTED

ZERO = Decimal(0)


@dataclass(slots=True)
class Situation:
    """What the estimate of somebody's pay is made from, read on a date.

    due: the contribution of the year that is not booked yet
    faults: what is not known, and how to mend it
    """
    treasury: object
    month_cost: Decimal
    plan: object
    ratios: object
    faults: list

    @property
    def due(self):
        return self.plan.amount if self.plan else ZERO

    @classmethod
    def read(cls, activity, person, date):
        "Read all, once the user may see the activity and the person"
        pool = Pool()
        Payslip = pool.get('cae.payslip')
        company = activity.company
        faults = []
        with Transaction().set_context(company=company.id):
            found = figures(company, date, [activity.analytic_account.id])
            treasury = found.get(
                activity.analytic_account.id, Figures()).treasury
            return cls(
                treasury, Payslip.month_cost(activity, date),
                contribution_plan(activity, date, faults),
                person and ratios_of(person, date, faults), faults)


def contribution_plan(activity, date, faults=()):
    """Return what the activity owes for the year to the date, or None and add
    the fault"""
    pool = Pool()
    Contribution = pool.get('cae.contribution')
    FiscalYear = pool.get('account.fiscalyear')
    lang = pool.get('ir.lang').get()
    years = FiscalYear.search([
            ('company', '=', activity.company.id),
            ('start_date', '<=', date),
            ('end_date', '>=', date),
            ], limit=1)
    if not years:
        faults.append(gettext(
                'coop_cae.msg_pay_estimate_no_year',
                date=lang.strftime(date)))
        return None
    plan, = Contribution.plan_to(
        activity.company, years[0], date, [activity.id])
    if plan.fault:
        faults.append(plan.fault.text)
        return None
    return plan


def ratios_of(person, date, faults):
    Ratio = Pool().get('cae.pay.ratio')
    lang = Pool().get('ir.lang').get()
    found = Ratio.of(person.company, [(person.id, date)])
    if not found:
        faults.append(gettext(
                'coop_cae.msg_pay_ratio_missing',
                entrepreneur=person.rec_name, date=lang.strftime(date)))
    return found.get((person.id, date))


class PayEstimate(Wizard):
    __name__ = 'cae.pay.estimate'

    start = StateView(
        'cae.pay.estimate.start', 'coop_cae.pay_estimate_start_view_form', [
            Button("Close", 'end', 'tryton-close', default=True),
            Button(
                "Make a Pay Request", 'request', 'tryton-forward',
                states={
                    'invisible': ~Id('coop_cae', 'group_cae_adviser').in_(
                        Eval('context', {}).get('groups', [])),
                    }),
            ])
    request = StateAction('coop_cae.act_pay_request_form')

    def default_start(self, fields):
        activity = self._activity()
        if not activity:
            return {}
        people = _people(activity)
        return {
            'company': activity.company.id,
            'activity': activity.id,
            'entrepreneur': people[0].id if len(people) == 1 else None,
            }

    def _activity(self):
        "Return the activity that the wizard is for from the beginning"
        Activity = Pool().get('cae.activity')
        if self.model and self.model.__name__ == 'cae.activity':
            return self.record
        if confinement() is None:
            return None
        with check_access():
            activities = Activity.search([])
        return activities[0] if len(activities) == 1 else None

    def do_request(self, action):
        Request = Pool().get('cae.pay.request')
        with check_access():
            request, = Request.create([self.start.request_values()])
        action['views'].reverse()
        return action, {'res_id': [request.id]}


def _people(activity):
    "Return who runs the activity, as far as the user is told"
    people = [p.entrepreneur for p in activity.entrepreneurs]
    if (confined := confinement()) is None:
        return people
    return [p for p in people if p.id in confined.entrepreneurs]


def _shown(label, help=''):
    return Monetary(
        label, currency='currency', digits='currency', readonly=True,
        help=help)


class PayEstimateStart(ModelView):
    __name__ = 'cae.pay.estimate.start'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    currency = fields.Many2One(
        'currency.currency', "Currency", readonly=True)
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('activities', '=', Eval('activity', -1)),
            ])
    date = fields.Date("Date", required=True)
    source = fields.Selection([
            ('reference', "Treasury"),
            ('future', "Future Treasury"),
            ], "Paid From", required=True, sort=False,
        help="The treasury is the cash less what is to be paid to suppliers, "
        "social bodies and the State; the future one counts what customers "
        "owe too.")
    treasury = _shown("Treasury of the Activity")
    contribution = _shown(
        "Contribution to Book",
        help="What the margin of the year owes to the co-operative and no "
        "close has booked yet.")
    reserve_amount = Monetary(
        "Sum to Keep", currency='currency', digits='currency',
        domain=['OR',
            ('reserve_amount', '=', None),
            ('reserve_amount', '>=', 0),
            ])
    reserve_months = fields.Numeric(
        "Months to Keep", digits=(None, 1),
        domain=['OR',
            ('reserve_months', '=', None),
            [('reserve_months', '>=', 0), ('reserve_months', '<=', 24)],
            ],
        help="In months of what the last pay cost the activity.")
    month_cost = _shown(
        "Cost of a Month",
        help="What the pay of its last month cost the activity.")
    reserve = _shown("Reserve")
    left = _shown("Left for Pay")
    share = fields.Numeric(
        "Share of Pay", digits=(None, 6), readonly=True,
        help="The part of the person in the pay of the activity.")
    person_left = _shown("Left for the Person")
    employer_ratio = fields.Numeric(
        "Employer Contributions", digits=(None, 4), readonly=True)
    kept_ratio = fields.Numeric(
        "Kept Back", digits=(None, 4), readonly=True,
        help="Employee contributions and income tax withheld.")
    ratio_source = fields.Char("Source of the Ratios", readonly=True)
    cost = _shown("Full Cost")
    gross = _shown("Gross Pay")
    net = _shown(
        "Net", help="What is paid to the person, the income tax withheld, "
        "before anything is kept back for shares.")
    wanted = fields.Selection(WANTED, "Wanted", sort=False)
    wanted_amount = Monetary(
        "Amount Wanted", currency='currency', digits='currency',
        domain=['OR',
            ('wanted_amount', '=', None),
            ('wanted_amount', '>=', 0),
            ])
    needed_cost = _shown("Full Cost")
    needed_gross = _shown("Gross Pay")
    needed_net = _shown("Net")
    missing = _shown(
        "Missing", help="What the person's part of the treasury lacks.")
    margin = _shown(
        "Gross Margin Needed",
        help="The margin to make from the date on, for all who share the pay "
        "of the activity, so that this can be paid once the contribution "
        "that it adds to the year is given.")
    faults = fields.Text(
        "Not Known", readonly=True,
        states={
            'invisible': ~Eval('faults'),
            })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        Context = Pool().get('cae.activity.figures.context')
        return Context.default_figures_date()

    @classmethod
    def default_source(cls):
        return 'reference'

    @classmethod
    def default_wanted(cls):
        return 'net'

    @fields.depends('company')
    def on_change_with_currency(self):
        return self.company.currency if self.company else None

    @fields.depends('activity', 'entrepreneur', methods=['_read'])
    def on_change_activity(self):
        people = _people(self.activity) if self.activity else []
        if self.entrepreneur not in people:
            self.entrepreneur = people[0] if len(people) == 1 else None
        self._read()

    @fields.depends(methods=['_read'])
    def on_change_entrepreneur(self):
        self._read()

    @fields.depends(methods=['_read'])
    def on_change_date(self):
        self._read()

    @fields.depends(methods=['_read'])
    def on_change_source(self):
        self._read()

    @fields.depends(methods=['_reckon'])
    def on_change_reserve_amount(self):
        self._reckon()

    @fields.depends(methods=['_reckon'])
    def on_change_reserve_months(self):
        self._reckon()

    @fields.depends(methods=['_reckon_back'])
    def on_change_wanted(self):
        self._reckon_back()

    @fields.depends(methods=['_reckon_back'])
    def on_change_wanted_amount(self):
        self._reckon_back()

    @fields.depends(
        'activity', 'entrepreneur', 'date', 'source', methods=['_reckon'])
    def _read(self):
        for name in [
                'treasury', 'contribution', 'month_cost', 'share',
                'employer_ratio', 'kept_ratio', 'ratio_source', 'faults']:
            setattr(self, name, None)
        if self.activity and self.date:
            situation = self._situation()
            treasury = situation.treasury
            self.treasury = getattr(treasury, self.source or 'reference')
            self.contribution = situation.due
            self.month_cost = situation.month_cost
            if self.entrepreneur:
                self.share = next((
                        p.ratio for p in self.activity.entrepreneurs
                        if p.entrepreneur == self.entrepreneur), None)
            if found := situation.ratios:
                self.employer_ratio = found.ratios.employer
                self.kept_ratio = found.ratios.employee
                self.ratio_source = found.source
            self.faults = '\n'.join(situation.faults) or None
        self._reckon()

    def _situation(self):
        pool = Pool()
        Activity = pool.get('cae.activity')
        Entrepreneur = pool.get('cae.entrepreneur')
        person = None
        # The figures are read without access: only of what the user sees
        Activity.read([self.activity.id], ['id'])
        if self.entrepreneur:
            Entrepreneur.read([self.entrepreneur.id], ['id'])
        with without_check_access():
            if self.entrepreneur:
                person = Entrepreneur(self.entrepreneur.id)
            return Situation.read(
                Activity(self.activity.id), person, self.date)

    @fields.depends(
        'company', 'treasury', 'contribution', 'month_cost', 'share',
        'reserve_amount', 'reserve_months',
        methods=['_ratios', '_reckon_back'])
    def _reckon(self):
        for name in [
                'reserve', 'left', 'person_left', 'cost', 'gross', 'net']:
            setattr(self, name, None)
        if self.treasury is not None:
            digits = self.company.currency.digits
            self.reserve = reserve(
                max(self.reserve_amount or ZERO, ZERO),
                max(self.reserve_months or ZERO, ZERO), self.month_cost,
                digits)
            self.left = available(
                self.treasury, self.contribution or ZERO, self.reserve)
            if self.share is not None:
                self.person_left = share_of(self.left, self.share, digits)
            if self.person_left is not None and (ratios := self._ratios()):
                pay = from_cost(self.person_left, ratios, digits)
                self.cost, self.gross, self.net = pay.cost, pay.gross, pay.net
        self._reckon_back()

    @fields.depends('employer_ratio', 'kept_ratio')
    def _ratios(self):
        if self.employer_ratio is not None and self.kept_ratio is not None:
            return Ratios(self.employer_ratio, self.kept_ratio)

    @fields.depends(
        'company', 'wanted', 'wanted_amount', 'person_left',
        methods=['_ratios', '_margin'])
    def _reckon_back(self):
        for name in [
                'needed_cost', 'needed_gross', 'needed_net', 'missing',
                'margin']:
            setattr(self, name, None)
        ratios = self._ratios()
        if self.wanted_amount is None or not self.wanted or not ratios:
            return
        pay = of_wanted(
            self.wanted, self.wanted_amount, ratios,
            self.company.currency.digits)
        self.needed_cost = pay.cost
        self.needed_gross = pay.gross
        self.needed_net = pay.net
        if self.person_left is not None:
            self.missing = max(pay.cost - self.person_left, ZERO)
        self.margin = self._margin(pay.cost)

    @fields.depends('company', 'activity', 'date', 'share')
    def _margin(self, cost):
        "Return the margin of the activity that pays the cost, None if none"
        if not self.share or not self.activity or not self.date:
            return None
        Activity = Pool().get('cae.activity')
        Activity.read([self.activity.id], ['id'])
        with without_check_access(), \
                Transaction().set_context(company=self.company.id):
            plan = contribution_plan(
                Activity(self.activity.id), self.date, [])
        digits = self.company.currency.digits
        if plan:
            try:
                return margin_for(
                    amount_for(cost, self.share, digits), plan.years, digits)
            except ValueError:
                return None

    def request_values(self):
        "Return the values of a pay request of what is wanted, or can be paid"
        Period = Pool().get('account.period')
        wanted, amount = 'gross', self.gross
        if self.wanted and self.wanted_amount:
            wanted, amount = self.wanted, self.wanted_amount
        if not amount:
            raise PayRequestError(gettext(
                    'coop_cae.msg_pay_estimate_nothing'))
        return {
            'company': self.company.id,
            'activity': self.activity.id,
            'entrepreneur': self.entrepreneur.id,
            'period': Period.find(
                self.company, date=self.date, test_state=False).id,
            'wanted': wanted,
            'amount': amount,
            }
