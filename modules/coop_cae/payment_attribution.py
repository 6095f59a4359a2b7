# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The activity follows the money: from invoices to what settles them.

The analytic lines of a payment say what it settles now: they come and go with
its reconciliation and its link to an invoice, as letters do.
"""
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sql import Literal, Null, Union
from sql.aggregate import Max, Sum
from sql.conditionals import Case, Coalesce
from sql.operators import Exists

from trytond import backend
from trytond.model import fields
from trytond.modules.coop_cae.rules.chart import CASH
from trytond.modules.coop_cae.rules.payment_attribution import (
    Settled, difference, settle)
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.entry import Part
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool, PoolMeta
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction, without_check_access

from .attribution import analytic_line, structure_account


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    from_settlement = fields.Boolean(
        "From Settlement", readonly=True,
        help="Follows what the line settles.")

    @classmethod
    def default_from_settlement(cls):
        return False

    @classmethod
    def copy(cls, lines, default=None):
        # The copy of a payment settles nothing yet
        return super().copy(
            [line for line in lines if not line.from_settlement],
            default=default)


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def reconcile(cls, *lines_list, **options):
        def may_differ(lines):
            return options.get('writeoff') or any(
                line.second_currency for line in lines)

        if not any(map(may_differ, lines_list)):
            return super().reconcile(*lines_list, **options)
        # What is written off is to know from which lines
        reconciliations = []
        for lines in lines_list:
            lines = list(lines)
            with Transaction().set_context(
                    _reconciled_lines=[line.id for line in lines]):
                reconciliations.extend(super().reconcile(lines, **options))
        return reconciliations

    @classmethod
    def _get_writeoff_move(cls, *args, **options):
        move = super()._get_writeoff_move(*args, **options)
        cls._attribute_difference(move)
        return move

    @classmethod
    def _get_exchange_move(cls, *args, **options):
        move = super()._get_exchange_move(*args, **options)
        cls._attribute_difference(move)
        return move

    @classmethod
    def _attribute_difference(cls, move):
        "Give what is written off to the activities of the reconciled lines"
        structure = structure_account(move.company)
        ids = Transaction().context.get('_reconciled_lines')
        if not ids or structure is None:
            return
        digits = move.company.currency.digits
        table = cls.__table__()
        with without_check_access():
            lines = _read(table.select(
                    Literal('').as_('kind'), table.move.as_('group'),
                    table.id.as_('line'),
                    where=fields.SQL_OPERATORS['in'](table.id, ids)))
        line, other = move.lines
        parts = difference(
            other.debit - other.credit,
            [x.settled(digits) for group in lines.values() for x in group],
            structure, digits)
        if parts:
            other.analytic_lines = [
                analytic_line(a, amount, move.date)
                for a, amount in parts.items()]
            line.analytic_lines = [
                analytic_line(a, -amount, move.date)
                for a, amount in parts.items()]
        move.lines = [line, other]


class Reconciliation(metaclass=PoolMeta):
    __name__ = 'account.move.reconciliation'

    @classmethod
    def on_modification(cls, mode, reconciliations, field_names=None):
        super().on_modification(mode, reconciliations, field_names=field_names)
        if mode == 'create':
            attribute_payments(cls._line_ids(reconciliations))

    @classmethod
    def on_delete(cls, reconciliations):
        callback = super().on_delete(reconciliations)
        ids = cls._line_ids(reconciliations)
        callback.append(lambda: attribute_payments(ids))
        return callback

    @classmethod
    def _line_ids(cls, reconciliations):
        line = Pool().get('account.move.line').__table__()
        return _ids(line.select(
                line.id,
                where=fields.SQL_OPERATORS['in'](
                    line.reconciliation, list(map(int, reconciliations)))))


class InvoicePayment(metaclass=PoolMeta):
    __name__ = 'account.invoice-account.move.line'

    @classmethod
    def on_modification(cls, mode, payments, field_names=None):
        super().on_modification(mode, payments, field_names=field_names)
        if mode == 'create':
            attribute_payments([int(p.line) for p in payments])

    @classmethod
    def on_delete(cls, payments):
        callback = super().on_delete(payments)
        ids = [int(p.line) for p in payments]
        # The other payments of the invoices take up what these leave
        invoices = {int(p.invoice) for p in payments}
        others = cls.search([('invoice', 'in', list(invoices))])
        ids.extend(int(p.line) for p in others)
        callback.append(lambda: attribute_payments(ids))
        return callback


def attribute_payments(ids):
    """Give to each payment among the lines of the ids, and among those that
    settle the same, the activities of what it settles

    What it settles are the lines that it is reconciled with, or else those of
    the invoice that it pays in part.
    """
    if not ids:
        return
    new, stale, structures = [], [], {}
    with without_check_access():
        for lines in _read(_groups(ids)).values():
            company = lines[0].company
            if company not in structures:
                structures[company] = structure_account(company)
            structure = structures[company]
            if structure is None:
                continue
            digits = company.currency.digits
            shares = settle(
                [line.settled(digits) for line in lines], structure, digits)
            for line, share in zip(
                    (line for line in lines if line.follows), shares):
                if share != line.parts(digits):
                    stale.append(line)
                    new.extend(line.analytic_rows(share))
        AnalyticLine = Pool().get('analytic_account.line')
        if any(line.settling for line in stale):
            AnalyticLine.delete(AnalyticLine.search([
                        ('move_line', 'in', [line.id for line in stale]),
                        ('from_settlement', '=', True),
                        ]))
        insert(AnalyticLine, [
                'move_line', 'account', 'debit', 'credit', 'date',
                'from_settlement'], new)


@dataclass(slots=True)
class _Line:
    "A line with what its entry is made of"
    id: int
    company: object
    date: datetime.date
    amount: Decimal
    is_balance: bool
    has_cash: bool
    own: dict
    settling: dict

    @property
    def follows(self):
        return bool(self.is_balance and self.has_cash and not self.own)

    def parts(self, digits):
        "Return the amounts by analytic account"
        return {
            account: round_half_up(amount, digits)
            for account, amount in (self.own or self.settling).items()}

    def settled(self, digits):
        return Settled(
            round_half_up(self.amount, digits), self.follows,
            self.parts(digits))

    def analytic_rows(self, share):
        for account, amount in share.items():
            part = Part.of(account, amount)
            yield self.id, account, part.debit, part.credit, self.date, True


def _groups(ids):
    "Return the query of the lines by group that settle each other"
    pool = Pool()
    Line = pool.get('account.move.line')
    invoice = pool.get('account.invoice').__table__()
    line = Line.__table__()
    payment = pool.get('account.invoice-account.move.line').__table__()
    in_ = fields.SQL_OPERATORS['in']

    def columns(kind, group, line):
        return [
            Literal(kind).as_('kind'), group.as_('group'), line.as_('line')]

    chosen = Line.__table__()
    reconciled = line.select(
        *columns('reconciliation', line.reconciliation, line.id),
        where=line.reconciliation.in_(chosen.select(
                chosen.reconciliation,
                where=in_(chosen.id, ids)
                & (chosen.reconciliation != Null))))
    line = Line.__table__()
    additional = pool.get(
        'account.invoice-additional-account.move').__table__()
    chosen = payment.select(
        payment.invoice, where=in_(payment.line, ids))
    rescheduled = additional.select(
        additional.move, where=additional.invoice == invoice.id)
    owed = (invoice
        .join(line, condition=(line.account == invoice.account)
            & ((line.move == invoice.move) | line.move.in_(rescheduled)))
        .select(
            *columns('invoice', invoice.id, line.id),
            where=invoice.id.in_(chosen) & (line.reconciliation == Null)))
    line = Line.__table__()
    paying = pool.get('account.invoice-account.move.line').__table__()
    paid = (paying
        .join(line, condition=line.id == paying.line)
        .select(
            *columns('invoice', paying.invoice, line.id),
            where=paying.invoice.in_(chosen)
            & (line.reconciliation == Null)))
    line = Line.__table__()
    link = pool.get('account.invoice-account.move.line').__table__()
    alone = line.select(
        *columns('line', line.id, line.id),
        where=in_(line.id, ids) & (line.reconciliation == Null)
        & ~Exists(link.select(link.id, where=link.line == line.id)))
    return Union(reconciled, owed, paid, alone, all_=True)


def _read(groups):
    "Return the lines of the query by group, in order"
    Company = Pool().get('company.company')
    own, settling = _read_parts(groups)
    lines = defaultdict(list)
    for kind, group, id_, company, *values in _read_lines(groups):
        lines[kind, group].append(_Line(
                id_, Company(company), *values, own[id_], settling[id_]))
    for group in lines.values():
        group.sort(key=lambda line: line.id)
    return lines


def _read_lines(groups):
    pool = Pool()
    Account = pool.get('account.account')
    Type = pool.get('account.account.type')
    account, other_account = Account.__table__(), Account.__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    other = pool.get('account.move.line').__table__()
    type_ = Type.__table__()
    columns = [
        groups.kind, groups.group, line.id, move.company, move.date,
        line.debit - line.credit]
    names = ['kind', 'group', 'line', 'company', 'date', 'amount']

    def any_(condition):
        return Max(Case((condition, 1), else_=0))

    query = (groups
        .join(line, condition=line.id == groups.line)
        .join(account, condition=account.id == line.account)
        .join(type_, condition=type_.id == account.type)
        .join(move, condition=move.id == line.move)
        .join(other, condition=other.move == move.id)
        .join(other_account, condition=other_account.id == other.account)
        .select(
            *(c.as_(n) for c, n in zip(columns, names)),
            any_((type_.statement == 'balance') & ~_is_cash(account)).as_(
                'is_balance'),
            any_(_is_cash(other_account)).as_('has_cash'),
            group_by=columns))
    if backend.name == 'sqlite':
        sqlite_apply_types(
            query, [None, None, None, None, 'DATE', 'NUMERIC', None, None])
    return _fetch(query)


def _is_cash(account):
    condition = Literal(False)
    for prefix in CASH:
        condition |= Coalesce(account.code, '').like(prefix + '%')
    return condition


def _read_parts(groups):
    """Return the amounts by analytic account of the lines that have some:
    their own, and those of what they settle"""
    part = Pool().get('analytic_account.line').__table__()
    columns = [part.move_line, part.account, part.from_settlement]
    query = (groups
        .join(part, condition=part.move_line == groups.line)
        .select(
            *columns,
            Sum(part.debit - part.credit).as_('amount'),
            group_by=columns))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, None, 'NUMERIC'])
    own, settling = defaultdict(dict), defaultdict(dict)
    for line, account, from_settlement, amount in _fetch(query):
        parts = settling if from_settlement else own
        parts[line][account] = amount
    return own, settling


def _ids(query):
    return [id_ for id_, in _fetch(query)]


def _fetch(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()
