# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is read of the months of co-operatives: the same queries for any number
of them."""
import datetime
from collections import Counter, defaultdict
from decimal import Decimal
from typing import NamedTuple

from sql import Cast, Literal, Null
from sql.aggregate import Count, Sum
from sql.conditionals import Case, Coalesce
from sql.functions import Substring

from trytond.model import fields
from trytond.modules.coop_cae.rules.company_month import covered, first_open
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.transaction import without_check_access

from . import contribution, payslip
from .figures import user_companies
from .rows import read_rows

_in = fields.SQL_OPERATORS['in']
COUNTS = [
    'payslips', 'moves', 'invoices', 'faults', 'late', 'unreckoned', 'undue']
AMOUNTS = ['contribution', 'gross', 'withheld']


class _Month(NamedTuple):
    "A month of a company, whose first month closed here is not later"
    id: int
    company: int
    fiscalyear: int
    start: datetime.date
    end: datetime.date
    is_open: bool
    year_start: datetime.date
    year_end: datetime.date
    currency: int
    digits: int


class Reading:
    """The months of the companies of the user and what is known of them

    first_open is the first day of the first month to close, by company.
    """

    def __init__(self, date):
        self._date = date
        self._companies = list(user_companies())
        self.periods = list(self._periods())
        self._closes = self._read_closes()
        months = defaultdict(list)
        for period in self.periods:
            months[period.company].append((period.start, self.closed(period)))
        self.first_open = {c: first_open(m) for c, m in months.items()}
        self._ids = [p.id for p in self.shown()]
        self._found = defaultdict(Counter)
        with without_check_access():
            for name, rows in [
                    ('payslips', self._payslips()),
                    ('moves', self._moves()),
                    ('invoices', self._invoices()),
                    ('faults', self._faults()),
                    ('undue', self._undue()),
                    ('contribution', self._contributions()),
                    ('gross', self._gross()),
                    ('withheld', self._withheld()),
                    ('shares', self._shares())]:
                for period, value in rows:
                    self._found[period][name] += value
            for period, late, unreckoned in self._late():
                self._found[period].update(late=late, unreckoned=unreckoned)

    def shown(self):
        """Yield the months of the fiscal year, and those before that are left
        to close"""
        for period in self.periods:
            if period.start <= self._date and (
                    not self.closed(period)) or (
                    period.year_start <= self._date <= period.year_end):
                yield period

    def closed(self, period):
        return period.id in self._closes

    def of(self, period):
        "Return the values of a month by name"
        found = self._found[period.id]
        closes = self._closes.get(period.id, [])
        last = closes[-1] if closes else None
        return {
            # PostgreSQL sums integers as decimals
            **{name: int(found[name]) for name in [*COUNTS, 'shares']},
            **{name: str(round_half_up(
                        Decimal(str(found[name])), period.digits))
                for name in AMOUNTS},
            'closes': len(closes),
            'closed_at': str(last.at) if last and last.at else None,
            'closed_by': last.by if last else None,
            }

    def _periods(self):
        pool = Pool()
        company = pool.get('company.company').__table__()
        currency = pool.get('currency.currency').__table__()
        period = pool.get('account.period').__table__()
        setting = pool.get('cae.configuration.company').__table__()
        year = pool.get('account.fiscalyear').__table__()
        rows = read_rows(period
            .join(year, condition=period.fiscalyear == year.id)
            .join(company, condition=year.company == company.id)
            .join(currency, condition=company.currency == currency.id)
            .join(setting, 'LEFT', condition=setting.company == company.id)
            .select(
                period.id, year.company, period.fiscalyear,
                period.start_date, period.end_date,
                (period.state == 'open') & (year.state == 'open'),
                year.start_date, year.end_date, currency.id, currency.digits,
                where=_in(year.company, self._companies)
                & (period.type == 'standard')
                & (year.start_date <= self._date)
                & ((setting.closes_from == Null)
                    | (period.start_date >= setting.closes_from)),
                order_by=[year.company, period.start_date]))
        return [_Month(*row) for row in rows]

    def _read_closes(self):
        "Return the closes that are done by month, in their order"
        close = Pool().get('cae.close').__table__()
        closes = defaultdict(list)
        for period, at, by in read_rows(close.select(
                    close.period, close.closed_at, close.closed_by,
                    where=_in(close.company, self._companies)
                    & (close.state == 'done'),
                    order_by=[close.rank])):
            closes[period].append(_Close(at, by))
        return closes

    # What is left

    def _payslips(self):
        slip = Pool().get('cae.payslip').__table__()
        return read_rows(slip.select(
                slip.period, Count(slip.id),
                where=_in(slip.period, self._ids) & (slip.state == 'draft'),
                group_by=[slip.period]))

    def _moves(self):
        move = Pool().get('account.move').__table__()
        return read_rows(move.select(
                move.period, Count(move.id),
                where=_in(move.period, self._ids) & (move.state == 'draft')
                & ((move.origin == Null)
                    | ~move.origin.like('account.invoice,%')),
                group_by=[move.period]))

    def _invoices(self):
        pool = Pool()
        invoice = pool.get('account.invoice').__table__()
        period = pool.get('account.period').__table__()
        year = pool.get('account.fiscalyear').__table__()
        date = Coalesce(invoice.accounting_date, invoice.invoice_date)
        return read_rows(invoice
            .join(year, condition=invoice.company == year.company)
            .join(period, condition=(period.fiscalyear == year.id)
                & (date >= period.start_date) & (date <= period.end_date))
            .select(
                period.id, Count(invoice.id),
                where=_in(period.id, self._ids)
                & invoice.state.in_(['draft', 'validated']),
                group_by=[period.id]))

    def _faults(self):
        """Yield the faults of the months that are left to close

        Only of the next month of a company are those told that are not of a
        payslip: they are the same until they are mended."""
        following = {
            p.company: p for p in self.shown()
            if p.start == self.first_open[p.company]}
        missing = self._missing()
        uncovered = self._uncovered(following.values())
        for company, period in following.items():
            if company in missing:
                yield period.id, missing[company]
            elif company in uncovered:
                yield period.id, self._without_rule(period)
        yield from self._payslip_faults()

    def _missing(self):
        "Return the number of settings that a close misses, by company"
        setting = Pool().get('cae.configuration.company').__table__()
        names = [*payslip.SETTINGS, *contribution.SETTINGS]
        missing = dict.fromkeys(self._companies, len(names))
        for company, *values in read_rows(setting.select(
                    setting.company, *(getattr(setting, n) for n in names),
                    where=_in(setting.company, self._companies))):
            missing[company] = values.count(None)
        return {c: number for c, number in missing.items() if number}

    def _uncovered(self, periods):
        "Return the companies whose rules do not hold for all and always"
        rule = Pool().get('cae.contribution.rule').__table__()
        spans = defaultdict(list)
        for company, *span in read_rows(rule.select(
                    rule.company, rule.start_date, rule.end_date,
                    where=_in(rule.company, self._companies)
                    & (rule.activity == Null) & (rule.entrepreneur == Null)
                    & (rule.contract_type == Null))):
            spans[company].append(span)
        return {
            p.company for p in periods
            if not covered(spans[p.company], p.year_start, p.end)}

    def _without_rule(self, period):
        pool = Pool()
        Contribution = pool.get('cae.contribution')
        Company = pool.get('company.company')
        Period = pool.get('account.period')
        return sum(
            bool(plan.fault) for plan in Contribution.plan(
                Company(period.company), Period(period.id)))

    def _payslip_faults(self):
        Payslip = Pool().get('cae.payslip')
        for slip in Payslip.search([
                    ('period', 'in', self._ids),
                    ('state', '=', 'draft'),
                    ], order=[]):
            if slip.lacks_contract:
                yield slip.period.id, 1

    def _late(self):
        """Return how many entries of activities no close of each month has
        taken into account, and how many no later one of its fiscal year has
        either"""
        late = late_entries(self._ids)
        return read_rows(late.select(
                late.period, Count(Literal(1)), Sum(late.unreckoned),
                group_by=[late.period]))

    def _undue(self):
        """Yield how many activities have not what is due at the end of the
        last month that is closed of each fiscal year: one computation for
        each"""
        pool = Pool()
        Company = pool.get('company.company')
        Contribution = pool.get('cae.contribution')
        Period = pool.get('account.period')
        last = {
            (p.company, p.fiscalyear): p for p in self.shown()
            if self.closed(p) and p.is_open}
        missing = self._missing()
        for (company, _), period in last.items():
            if company not in missing:
                yield period.id, sum(
                    bool(plan.amount) for plan in Contribution.plan(
                        Company(company), Period(period.id)))

    # What was booked

    def _contributions(self):
        pool = Pool()
        booked = pool.get('cae.contribution').__table__()
        close = pool.get('cae.close').__table__()
        part = pool.get('analytic_account.line').__table__()
        return self._of_closes(
            booked.join(part, condition=booked.analytic_line == part.id)
            .join(close, condition=booked.close == close.id),
            close, Sum(part.debit - part.credit))

    def _gross(self):
        pool = Pool()
        close = pool.get('cae.close').__table__()
        slip = pool.get('cae.payslip').__table__()
        return self._of_closes(
            slip.join(close, condition=slip.close == close.id), close,
            Sum(slip.gross))

    def _withheld(self):
        return self._of_origin(
            'coop.share.withholding', lambda table: Sum(table.amount))

    def _shares(self):
        return self._of_origin(
            'coop.share.movement', lambda table: Sum(table.quantity))

    def _of_origin(self, name, value):
        pool = Pool()
        close = pool.get('cae.close').__table__()
        table = pool.get(name).__table__()
        prefix = 'cae.close,'
        origin = Cast(
            Substring(table.origin, len(prefix) + 1),
            pool.get('cae.close').id.sql_type().base)
        found = table.select(
            origin.as_('close'), value(table).as_('value'),
            where=table.origin.like(prefix + '%')
            & _in(table.company, self._companies),
            group_by=[table.origin])
        return self._of_closes(
            found.join(close, condition=found.close == close.id), close,
            Sum(found.value))

    def _of_closes(self, tables, close, value):
        return read_rows(tables.select(
                close.period, value,
                where=_in(close.period, self._ids) & (close.state == 'done'),
                group_by=[close.period]))


class _Close(NamedTuple):
    at: datetime.datetime
    by: int


def late_entries(periods):
    """Return the query of the entries of activities that no close of their
    month has taken into account, and whether no later one of its fiscal year
    has either"""
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    taken = pool.get('cae.close-account.move').__table__()
    close = pool.get('cae.close').__table__()
    other = pool.get('cae.close').__table__()
    closed = close.select(close.period, where=close.state == 'done')
    return (move
        .join(taken, 'LEFT', condition=taken.move == move.id)
        .join(other, 'LEFT', condition=taken.close == other.id)
        .join(line, condition=line.move == move.id)
        .join(part, condition=part.move_line == line.id)
        .join(activity,
            condition=activity.analytic_account == part.account)
        .select(
            move.id, move.period.as_('period'),
            Case((taken.id == Null, 1), else_=0).as_('unreckoned'),
            where=_in(move.period, periods) & (move.state == 'posted')
            & move.period.in_(closed)
            & ((taken.id == Null) | (other.period != move.period)),
            distinct=True))


def late_activities(period, contribution):
    """Return the activities that have entries which no close has taken into
    account, in the fiscal year until a month that is closed, but on the
    account of the contribution"""
    pool = Pool()
    Period = pool.get('account.period')
    activity = pool.get('cae.activity').__table__()
    line = pool.get('account.move.line').__table__()
    part = pool.get('analytic_account.line').__table__()
    late = late_entries([p.id for p in Period.search([
                    ('fiscalyear', '=', period.fiscalyear.id),
                    ('start_date', '<=', period.start_date),
                    ], order=[])])
    return {id_ for id_, in read_rows(late
            .join(line, condition=line.move == late.id)
            .join(part, condition=part.move_line == line.id)
            .join(activity,
                condition=activity.analytic_account == part.account)
            .select(
                activity.id, distinct=True,
                where=(late.unreckoned == 1)
                & (line.account != contribution.id)))}
