# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The pay of a fiscal year by person and activity, read from the ledger.

Each entry of pay is the person's of the payslip it comes from, and so is what
reversed it or transferred it since.
"""
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from sql import Literal
from sql.aggregate import Sum
from sql.conditionals import Coalesce

from trytond import backend
from trytond.model import fields
from trytond.modules.coop_cae.rules.chart import GROSS_PAY, PAY, is_of
from trytond.modules.coop_cae.rules.variable_part import fixed_part
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction, without_check_access

ZERO = Decimal('0.00')
_in = fields.SQL_OPERATORS['in']


@dataclass(slots=True)
class PersonPay:
    "What somebody was paid by an activity"
    gross: Decimal = ZERO
    fixed: Decimal = ZERO
    contributions: Decimal = ZERO

    @property
    def advances(self):
        return self.gross - self.fixed


@dataclass(slots=True)
class YearPay:
    """people: by analytic account and entrepreneur
    others: the charges of pay of nobody's payslip, by analytic account; those
    of the settlements are left out"""
    people: dict = field(default_factory=lambda: defaultdict(PersonPay))
    others: dict = field(default_factory=lambda: defaultdict(lambda: ZERO))


@without_check_access
def read_year_pay(company, fiscalyear, accounts):
    """Return the pay of the analytic accounts, in a fixed number of queries

    It is read for whoever sees the reckoning of a year, who may not see the
    payslips.
    """
    result = YearPay()
    digits = company.currency.digits
    rows = _read_sums(company, fiscalyear, accounts)
    documents = _documents({origin for _, origin, _, _ in rows})
    payslips = _read_payslips([
            id_ for name, id_ in documents.values() if name == 'cae.payslip'])
    months = defaultdict(lambda: ZERO)
    for analytic, origin, code, amount in rows:
        amount = round_half_up(amount, digits)
        name, id_ = documents[origin]
        if name == 'cae.payslip' and id_ in payslips:
            entrepreneur, month = payslips[id_]
            pay = result.people[analytic, entrepreneur]
            if is_of(code, GROSS_PAY):
                pay.gross += amount
                months[analytic, entrepreneur, month] += amount
            else:
                pay.contributions += amount
        elif name != 'cae.settlement':
            result.others[analytic] += amount
    totals = _read_totals({(p, m) for _, p, m in months})
    agreed = _FixedParts({p for _, p, _ in months})
    for (analytic, entrepreneur, month), gross in months.items():
        result.people[analytic, entrepreneur].fixed += fixed_part(
            gross, totals.get((entrepreneur, month), gross),
            agreed.of(entrepreneur, month), digits)
    return result


def _rows(query, types):
    if backend.name == 'sqlite':
        sqlite_apply_types(query, types)
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _read_sums(company, fiscalyear, accounts):
    "Return the charges of pay by analytic account, origin and code"
    pool = Pool()
    account = pool.get('account.account').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    pay = Literal(False)
    for prefix in PAY:
        pay |= account.code.like(prefix + '%')
    columns = [part.account, move.origin, account.code]
    return _rows(part
        .join(line, condition=line.id == part.move_line)
        .join(move, condition=move.id == line.move)
        .join(account, condition=account.id == line.account)
        .select(
            *(c.as_(n) for c, n in zip(
                    columns, ['analytic', 'origin', 'code'])),
            Sum(part.debit - part.credit).as_('amount'),
            where=(move.company == company.id) & (move.state == 'posted')
            & (move.date >= fiscalyear.start_date)
            & (move.date <= fiscalyear.end_date)
            & _in(part.account, list(accounts)) & pay,
            group_by=columns),
        [None, None, None, 'NUMERIC'])


def _documents(origins):
    """Return the model and the id of what each origin goes back to, through
    the entries that reverse or transfer others"""
    documents = {o: _split(o) for o in origins}
    while entries := {
            id_ for name, id_ in documents.values()
            if name == 'account.move'}:
        move = Pool().get('account.move').__table__()
        found = dict(_rows(
                move.select(
                    move.id, move.origin, where=_in(move.id, list(entries))),
                [None, None]))
        documents = {
            origin: _split(found.get(id_)) if name == 'account.move'
            else (name, id_)
            for origin, (name, id_) in documents.items()}
    return documents


def _split(origin):
    name, _, id_ = (origin or '').partition(',')
    return (name, int(id_)) if id_ else (None, None)


def _read_payslips(ids):
    "Return the entrepreneur and the first day of the month by payslip"
    pool = Pool()
    payslip = pool.get('cae.payslip').__table__()
    period = pool.get('account.period').__table__()
    return {
        id_: (entrepreneur, month) for id_, entrepreneur, month in _rows(
            payslip
            .join(period, condition=period.id == payslip.period)
            .select(payslip.id, payslip.entrepreneur, period.start_date,
                where=_in(payslip.id, list(ids))),
            [None, None, None])}


def _read_totals(months):
    """Return the gross pay of the month of people from all their activities,
    without the balances of other years"""
    if not months:
        return {}
    days = [m for _, m in months]
    pool = Pool()
    payslip = pool.get('cae.payslip').__table__()
    period = pool.get('account.period').__table__()
    balance = pool.get('cae.payslip.settlement').__table__()
    balances = balance.select(
        balance.payslip, Sum(balance.gross).as_('gross'),
        group_by=[balance.payslip])
    return {
        (entrepreneur, month): gross for entrepreneur, month, gross in _rows(
            payslip
            .join(period, condition=period.id == payslip.period)
            .join(balances, 'LEFT', condition=balances.payslip == payslip.id)
            .select(payslip.entrepreneur, period.start_date,
                Sum(payslip.gross - Coalesce(balances.gross, 0)).as_('gross'),
                where=(payslip.state == 'posted')
                & _in(payslip.entrepreneur, list({p for p, _ in months}))
                & (period.start_date >= min(days))
                & (period.start_date <= max(days)),
                group_by=[payslip.entrepreneur, period.start_date]),
            [None, None, 'NUMERIC'])}


class _FixedParts:
    "The fixed parts of the contracts of people"

    def __init__(self, people):
        Contract = Pool().get('cae.contract')
        self._contracts = defaultdict(list)
        for contract in Contract.search([
                    ('entrepreneur', 'in', list(people)),
                    ('type', '=', 'cesa'),
                    ('signature', '=', 'signed'),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            self._contracts[contract.entrepreneur.id].append(contract)

    def of(self, entrepreneur, month):
        """Return the fixed part of the last contract begun by the end of the
        month, as it is amended then"""
        last = month + relativedelta(months=1, days=-1)
        for contract in reversed(self._contracts[entrepreneur]):
            if contract.covers(month, last):
                return contract.terms_on(last)['fixed_part']
