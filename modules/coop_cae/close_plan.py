# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a close is to book, reckoned before anything is written."""
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from trytond.pool import Pool

from . import contribution, payslip
from .fault import Fault

ZERO = Decimal(0)


@dataclass(slots=True)
class ClosePlan:
    """The steps of the close of a company and a period.

    payslips: those to post
    withholdings, conversions, contributions: the plans of each step
    again: the plans of the later months whose contributions change with those
    of this one
    faults: what cannot be booked, with its cure
    blocked: True if a fault holds the whole company
    """
    company: object
    period: object
    payslips: list = field(default_factory=list)
    withholdings: list = field(default_factory=list)
    conversions: list = field(default_factory=list)
    contributions: list = field(default_factory=list)
    again: list = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    blocked: bool = False

    @property
    def is_empty(self):
        return not (
            self.payslips or self.withholdings or self.conversions
            or self.contributions)


def reckon(company, period):
    """Return the plan of a close, in a fixed number of queries."""
    plan = ClosePlan(company, period)
    plan.faults.extend(_company_faults(company, period))
    if plan.faults:
        plan.blocked = True
        return plan
    _plan_pay(plan)
    _plan_shares(plan)
    _plan_contributions(plan)
    _plan_again(plan)
    return plan


def _company_faults(company, period):
    pool = Pool()
    Close = pool.get('cae.close')
    Configuration = pool.get('cae.configuration')
    if not _is_open(period):
        yield Fault.of(period, 'coop_cae.msg_fault_period_closed')
    if earlier := Close.first_open_period(company, before=period):
        yield Fault.of(
            period, 'coop_cae.msg_fault_earlier_open',
            earlier=earlier.rec_name)
    if missing := Configuration(1).missing(
            [*payslip.SETTINGS, *contribution.SETTINGS], company):
        yield Fault.of(
            company, 'coop_cae.msg_fault_settings',
            settings=', '.join(missing))


def _plan_pay(plan):
    Payslip = Pool().get('cae.payslip')
    for slip, fault in Payslip.plan(plan.company, plan.period):
        if fault:
            plan.faults.append(fault)
        else:
            plan.payslips.append(slip)


def _plan_shares(plan):
    pool = Pool()
    Movement = pool.get('coop.share.movement')
    Payslip = pool.get('cae.payslip')
    Withholding = pool.get('coop.share.withholding')
    company, period = plan.company, plan.period
    months = {period.start_date: []}
    periods = {period.id}
    for slip in plan.payslips:
        months.setdefault(slip.period.start_date, [])
        periods.add(slip.period.id)
    # What is kept back is reckoned on the whole pay of the month
    for slip in Payslip.search([
                ('company', '=', company.id),
                ('state', '=', 'posted'),
                ('period', 'in', list(periods)),
                ], order=[]) + plan.payslips:
        months[slip.period.start_date].append(slip)
    for month, slips in sorted(months.items()):
        pays = defaultdict(lambda: (ZERO, ZERO))
        for slip in slips:
            gross, net = pays[slip.entrepreneur.party.id]
            pays[slip.entrepreneur.party.id] = (
                gross + slip.gross, net + slip.net)
        plan.withholdings.extend(
            w for w in Withholding.plan(
                company, month, period.end_date, dict(pays),
                planned=plan.withholdings)
            if w.amount)
    if Movement.is_conversion_date(company, period.end_date):
        added = defaultdict(Decimal)
        for withholding in plan.withholdings:
            added[withholding.party] += withholding.amount
        plan.conversions = [
            c for c in Movement.plan_conversions(
                company, period.end_date, added=dict(added))
            if c.quantity]


def _plan_contributions(plan):
    Contribution = Pool().get('cae.contribution')
    for contribution_ in Contribution.plan(plan.company, plan.period):
        if contribution_.fault:
            plan.faults.append(contribution_.fault)
        elif contribution_.amount:
            plan.contributions.append(contribution_)


def _plan_again(plan):
    """What an entry that came late adds to a month may be booked already by a
    later one: this is closed again, so that the year has what is due"""
    pool = Pool()
    Close = pool.get('cae.close')
    Contribution = pool.get('cae.contribution')
    if not plan.contributions:
        return
    added = defaultdict(Decimal)
    for contribution_ in plan.contributions:
        added[plan.period.fiscalyear, contribution_.activity] = (
            contribution_.amount)
    for period in Close.later_periods(plan.company, plan.period):
        again = ClosePlan(plan.company, period)
        for contribution_ in Contribution.plan(plan.company, period):
            key = period.fiscalyear, contribution_.activity
            contribution_.booked += added[key]
            if fault := contribution_.fault:
                if fault not in plan.faults:
                    plan.faults.append(fault)
            elif contribution_.amount:
                added[key] += contribution_.amount
                again.contributions.append(contribution_)
        if not again.contributions:
            continue
        plan.again.append(again)
        if not _is_open(period):
            plan.blocked = True
            plan.faults.append(Fault.of(
                    plan.period, 'coop_cae.msg_fault_later_closed',
                    later=period.rec_name))


def _is_open(period):
    return period.state == 'open' and period.fiscalyear.state == 'open'
