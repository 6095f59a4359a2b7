# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The activity follows the money: from the income and charges of an entry to
its other lines when it is posted, and from there to what settles them."""
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from sql import Literal
from sql.aggregate import Max, Sum
from sql.conditionals import Case

from trytond import backend
from trytond.i18n import gettext
from trytond.model import fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae.rules.attribution import (
    Kind, Line, attribute, share_out)
from trytond.modules.coop_cae.rules.chart import CASH, is_of
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.entry import Part
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool, PoolMeta
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction, without_check_access


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def apply_rule(cls, lines):
        super().apply_rule(lines)
        structures = {}
        for move, lines in groupby(
                sorted(lines, key=lambda l: l.move.id), key=lambda l: l.move):
            lines = list(lines)
            if move.company not in structures:
                structures[move.company] = _structure(move.company)
            if structures[move.company]:
                cls._attribute(move, lines, structures[move.company])

    @classmethod
    def _attribute(cls, move, lines, structure):
        "Add analytic lines to the lines of a move that have none"
        chosen = {line.id: line for line in lines}
        lines = [chosen.get(line.id, line) for line in move.lines]
        parts = attribute(
            [line._to_attribute() for line in lines], structure,
            move.company.currency.digits)
        for line, part in zip(lines, parts):
            if part and not line.analytic_lines and line.id in chosen:
                line.analytic_lines = [
                    _analytic_line(account, amount, line)
                    for account, amount in part.items()]

    def _to_attribute(self):
        kind = Kind.BALANCE
        if self.must_have_analytic:
            kind = Kind.INCOME
        elif is_of(self.account.code, CASH):
            kind = Kind.CASH
        parts = defaultdict(Decimal)
        for part in self.analytic_lines:
            parts[part.account.id] += part.debit - part.credit
        taxes = defaultdict(list)
        for tax_line in self.tax_lines:
            taxes[tax_line.type].append(tax_line.tax.id)
        return Line(
            self.debit - self.credit, kind, parts or None,
            tax=taxes['tax'][0] if taxes['tax'] else None,
            bases=taxes['base'])


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if not external:
            return
        # Whoever completes a line does so before it is valid
        for line in lines:
            if (line.move_line.move.state == 'posted'
                    and (line.move_line.analytic_state == 'valid'
                        or mode != 'create')):
                raise AccessError(gettext(
                        'coop_cae.msg_analytic_line_posted',
                        line=line.move_line.rec_name,
                        move=line.move_line.move.rec_name))


class Reconciliation(metaclass=PoolMeta):
    __name__ = 'account.move.reconciliation'

    @classmethod
    def on_modification(cls, mode, reconciliations, field_names=None):
        super().on_modification(mode, reconciliations, field_names=field_names)
        if mode == 'create':
            line = Pool().get('account.move.line').__table__()
            attribute_payments(line.select(
                    line.reconciliation.as_('group'), line.id.as_('line'),
                    where=fields.SQL_OPERATORS['in'](
                        line.reconciliation, list(map(int, reconciliations)))))


class InvoicePayment(metaclass=PoolMeta):
    __name__ = 'account.invoice-account.move.line'

    @classmethod
    def on_modification(cls, mode, payments, field_names=None):
        "What is paid in part is not reconciled yet"
        super().on_modification(mode, payments, field_names=field_names)
        if mode == 'create':
            pool = Pool()
            invoice = pool.get('account.invoice').__table__()
            line = pool.get('account.move.line').__table__()
            payment = cls.__table__()
            invoices = list({int(p.invoice) for p in payments})
            owed = (invoice
                .join(line, condition=(line.move == invoice.move)
                    & (line.account == invoice.account))
                .select(
                    invoice.id.as_('group'), line.id.as_('line'),
                    where=fields.SQL_OPERATORS['in'](invoice.id, invoices)))
            paid = payment.select(
                payment.invoice.as_('group'), payment.line.as_('line'),
                where=fields.SQL_OPERATORS['in'](payment.invoice, invoices))
            attribute_payments(owed | paid)


def attribute_payments(groups):
    """Add analytic lines to the lines that settle others of their group, as
    those have

    groups is a query of lines by group."""
    with without_check_access():
        lines = defaultdict(list)
        for group, *line in _read_lines(groups):
            lines[group].append(_Settling(*line))
        parts = _read_parts(groups)
        rows = []
        for group in lines.values():
            rows.extend(_shares(group, parts))
        insert(Pool().get('analytic_account.line'),
            ['move_line', 'account', 'debit', 'credit', 'date'], rows)


@dataclass(frozen=True, slots=True)
class _Settling:
    "A line with what its move is made of"
    id: int
    company: int
    date: datetime.date
    amount: Decimal
    has_cash: bool
    has_income: bool


def _shares(lines, parts):
    "Yield the analytic lines to insert for lines that settle each other"
    Company = Pool().get('company.company')
    open_ = sorted((
            line for line in lines
            if line.id not in parts
            and line.has_cash and not line.has_income),
        key=lambda line: line.id)
    known = [line for line in lines if line not in open_]
    if not open_ or not any(line.id in parts for line in known):
        return
    company = Company(lines[0].company)
    structure = _structure(company)
    if structure is None:
        return
    digits = company.currency.digits
    owed = defaultdict(Decimal)
    for line in known:
        # What has no activity is the structure's
        amounts = parts.get(line.id, {structure: line.amount})
        for account, amount in amounts.items():
            owed[account] -= round_half_up(amount, digits)
    shares = share_out(
        [round_half_up(line.amount, digits) for line in open_], owed,
        structure, digits)
    for line, share in zip(open_, shares):
        for account, amount in share.items():
            part = Part.of(account, amount)
            yield line.id, account, part.debit, part.credit, line.date


def _read_lines(groups):
    pool = Pool()
    account = pool.get('account.account').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    other = pool.get('account.move.line').__table__()
    type_ = pool.get('account.account.type').__table__()

    def has(condition):
        return Max(Case((condition, 1), else_=0))

    cash = Literal(False)
    for prefix in CASH:
        cash |= account.code.like(prefix + '%')
    columns = [
        groups.group, line.id, move.company, move.date,
        line.debit - line.credit]
    names = ['group', 'line', 'company', 'date', 'amount']
    query = (groups
        .join(line, condition=line.id == groups.line)
        .join(move, condition=move.id == line.move)
        .join(other, condition=other.move == move.id)
        .join(account, condition=account.id == other.account)
        .join(type_, condition=type_.id == account.type)
        .select(
            *(c.as_(n) for c, n in zip(columns, names)),
            has(cash).as_('has_cash'),
            has(type_.statement == 'income').as_('has_income'),
            group_by=columns))
    if backend.name == 'sqlite':
        sqlite_apply_types(
            query, [None, None, None, 'DATE', 'NUMERIC', None, None])
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _read_parts(groups):
    "Return the amounts by analytic account of the lines that have some"
    part = Pool().get('analytic_account.line').__table__()
    query = (groups
        .join(part, condition=part.move_line == groups.line)
        .select(
            part.move_line, part.account,
            Sum(part.debit - part.credit).as_('amount'),
            group_by=[part.move_line, part.account]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, 'NUMERIC'])
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    parts = defaultdict(dict)
    for line, account, amount in cursor:
        parts[line][account] = amount
    return parts


def _structure(company):
    "Return the id of the analytic account of the structure, None without"
    Configuration = Pool().get('cae.configuration')
    structure = Configuration(1).get_setting('structure_account', company)
    return structure.id if structure else None


def _analytic_line(account, amount, line):
    AnalyticLine = Pool().get('analytic_account.line')
    part = Part.of(account, amount)
    return AnalyticLine(
        account=account, debit=part.debit, credit=part.credit, date=line.date)
