# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The tables that the command line prints, read from the ledger.

Each report is a function of a company and a date; it returns rows of plain
values, in the order of its columns.
"""
import datetime
from collections import defaultdict
from decimal import Decimal

from sql.aggregate import Sum

from trytond import backend
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction

from .check import discrepancies
from .figures import figures

ZERO = Decimal('0.00')


def _sums(query, company, keys):
    """Execute a query whose first columns are keys and the others sums, which
    are rounded to the currency"""
    width = len(query.columns)
    if backend.name == 'sqlite':
        sqlite_apply_types(
            query, [None] * keys + ['NUMERIC'] * (width - keys))
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    round_ = company.currency.round
    for row in cursor:
        yield (*row[:keys], *(round_(v or ZERO) for v in row[keys:]))


def _periods(company, date):
    "Return the months of the fiscal year of a date, up to it"
    pool = Pool()
    FiscalYear = pool.get('account.fiscalyear')
    Period = pool.get('account.period')
    fiscalyear = FiscalYear.find(company, date=date, test_state=False)
    return Period.search([
            ('fiscalyear', '=', fiscalyear.id),
            ('type', '=', 'standard'),
            ('start_date', '<=', date),
            ], order=[('start_date', 'ASC')])


def _code(company):
    return company.party.code


def contributions(company, date):
    pool = Pool()
    Activity = pool.get('cae.activity')
    Contribution = pool.get('cae.contribution')
    codes = {
        a.id: a.code for a in Activity.search([('company', '=', company.id)])}
    rows, before = [], defaultdict(lambda: ZERO)
    for month, period in enumerate(_periods(company, date), 1):
        for plan in Contribution.plan(company, period):
            rows.append((
                    _code(company), codes[plan.activity], month,
                    plan.base, plan.due,
                    plan.booked - before[plan.activity]))
            before[plan.activity] = plan.booked
    return sorted(rows, key=lambda r: (r[1], r[2]))


def shares(company, date):
    "Those who are members or save for shares, month by month"
    pool = Pool()
    Entrepreneur = pool.get('cae.entrepreneur')
    Movement = pool.get('coop.share.movement')
    Withholding = pool.get('coop.share.withholding')
    members = _member_parties(company)
    concerned = set(members.values())
    months = []
    for period in _periods(company, date):
        dated = [
            ('company', '=', company.id),
            ('state', '=', 'posted'),
            ('type', '!=', 'opening'),
            ('date', '>=', period.start_date),
            ('date', '<=', period.end_date),
            ]
        withheld = defaultdict(lambda: ZERO)
        subscribed, held = defaultdict(int), defaultdict(int)
        for withholding in Withholding.search(dated, order=[]):
            withheld[withholding.party.id] += withholding.amount
        for movement in Movement.search(dated, order=[]):
            subscribed[members[movement.member.id]] += movement.quantity
        for (member, _), (quantity, _) in Movement.holdings(
                company, period.end_date).items():
            held[members[member]] += quantity
        savings = Withholding.savings(company, period.end_date)
        concerned.update(withheld, savings)
        months.append((withheld, subscribed, savings, held))
    return [
        (_code(company), person.code, month, withheld[party],
            subscribed[party], savings.get(party, ZERO), held[party])
        for person in Entrepreneur.search(
            [('company', '=', company.id)], order=[('code', 'ASC')])
        if (party := person.party.id) in concerned
        for month, (withheld, subscribed, savings, held) in enumerate(
            months, 1)]


def _member_parties(company):
    Member = Pool().get('coop.member')
    return {
        m.id: m.party.id
        for m in Member.search([('company', '=', company.id)])}


def register(company, date):
    Movement = Pool().get('coop.share.movement')
    movements = Movement.search([
            ('company', '=', company.id),
            ('state', '=', 'posted'),
            ('date', '<=', date),
            ])
    return [(
            _code(company), m.number, m.date, m.type, m.member.party.code,
            m.share_class.code, m.quantity, m.nominal,
            m.reversal_of.number if m.reversal_of else '',
            m.origin.rec_name if m.origin else '')
        for m in sorted(
            movements, key=lambda m: (len(m.number), m.number))]


def holdings(company, date):
    pool = Pool()
    Class = pool.get('coop.share.class')
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    held = Movement.holdings(company, date)
    codes = {
        m.id: m.party.code for m in Member.browse([m for m, _ in held])}
    classes = {c.id: c.code for c in Class.browse([c for _, c in held])}
    return sorted(
        # Only shares that are paid in full can be created
        (_code(company), codes[member], classes[class_],
            quantity, amount, amount)
        for (member, class_), (quantity, amount) in held.items() if quantity)


def trial_balance(company, date):
    pool = Pool()
    account = pool.get('account.account').__table__()
    type_ = pool.get('account.account.type').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    start = _periods(company, date)[0].start_date
    query = (line
        .join(move, condition=line.move == move.id)
        .join(account, condition=line.account == account.id)
        .join(type_, condition=account.type == type_.id)
        .select(
            account.code.as_('account'),
            Sum(line.debit).as_('debit'), Sum(line.credit).as_('credit'),
            where=(move.company == company.id) & (move.state == 'posted')
            & (move.date <= date)
            & ((type_.statement != 'income') | (move.date >= start)),
            group_by=[account.code], order_by=[account.code]))
    return [
        (_code(company), code, debit, credit, debit - credit)
        for code, debit, credit in _sums(query, company, 1)]


def activities(company, date):
    Activity = Pool().get('cae.activity')
    read = figures(company, date)
    rows = []
    for activity in Activity.search(
            [('company', '=', company.id)], order=[('code', 'ASC')]):
        account = activity.analytic_account
        if found := read.get(account.id if account else None):
            rows.append((
                    _code(company), activity.code, *map(found.value, [
                            'turnover', 'gross_margin', 'contribution']),
                    -found.year.other, *map(found.value, [
                            'pay', 'result', 'cash', 'receivable',
                            'payable'])))
    return rows


def check(company, date):
    return [
        (_code(company), d.check, d.subject, d.expected, d.found)
        for d in discrepancies(company, date)]


REPORTS = {
    'contributions': (contributions, [
            'company', 'activity', 'month', 'base_ytd', 'due_ytd', 'booked']),
    'shares': (shares, [
            'company', 'entrepreneur', 'month', 'withheld', 'subscribed',
            'savings', 'held']),
    'register': (register, [
            'company', 'number', 'date', 'type', 'member', 'class',
            'quantity', 'nominal', 'from_or_to', 'origin']),
    'holdings': (holdings, [
            'company', 'member', 'class', 'quantity', 'amount', 'paid']),
    'trial-balance': (trial_balance, [
            'company', 'account', 'debit', 'credit', 'balance']),
    'activities': (activities, [
            'company', 'activity', 'revenue', 'gross_margin', 'contribution',
            'other_costs', 'pay', 'result', 'treasury', 'receivable',
            'payable']),
    'check': (check, [
            'company', 'check', 'subject', 'expected', 'found']),
    }


def table(name, companies, date):
    "Return the columns and the rows of a report over companies at a date"
    if isinstance(date, datetime.datetime):
        date = date.date()
    report, columns = REPORTS[name]
    rows = []
    for company in companies:
        digits = company.currency.digits
        with Transaction().set_context(company=company.id):
            rows.extend(
                tuple(
                    round_half_up(value, digits)
                    if isinstance(value, Decimal) else value
                    for value in row)
                for row in report(company, date))
    return columns, rows
