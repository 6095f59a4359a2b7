# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Analytic states in sets, and analytic lines on the balance sheet."""
from collections import defaultdict
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum
from sql.operators import Exists

from trytond import backend
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice, sqlite_apply_types
from trytond.transaction import Transaction

from .entry_data import CHUNK, analytic_state, read_roots
from .fixed_field import Fixed, FixedFieldMixin, Leaning
from .money import round_half_up


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    @staticmethod
    def query_get(table):
        """Balances of analytic accounts are those of the income statement:
        analytic lines of the balance sheet would cancel them"""
        pool = Pool()
        line = pool.get('account.move.line').__table__()
        account = pool.get('account.account').__table__()
        type_ = pool.get('account.account.type').__table__()
        income = (line
            .join(account, condition=line.account == account.id)
            .join(type_, condition=account.type == type_.id)
            .select(line.id, where=(line.id == table.move_line)
                & (type_.statement == 'income')))
        clause = super(
            AnalyticLine, pool.get('analytic_account.line')).query_get(table)
        # An analytic account without any line keeps its row
        return clause & ((table.move_line == Null) | Exists(income))


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def set_analytic_state(cls, lines):
        """Set the state from the sums of the analytic lines by root.

        A line of the income statement is valid when every root of its company
        covers it in full; a line of the balance sheet when each root that it
        has covers it in full, and so without any.
        """
        if not lines:
            return
        company_roots = read_roots()
        for line, amounts in zip(lines, _read_amounts(lines)):
            roots = ()
            if line.must_have_analytic:
                roots = company_roots.get(line.move.company.id, ())
            state = analytic_state(line.debit - line.credit, amounts, roots)
            # To save only what changes
            if line.analytic_state != state:
                line.analytic_state = state


class AnalyticAccount(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'analytic_account.account'

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'code', 'company', 'type', 'root', 'parent'},
                'coop_ledger.msg_fixed_analytic', Leaning(
                    'analytic_account.line', 'account',
                    (('move_line.move.state', '=', 'posted'),)))]


def _read_amounts(lines):
    """Return for each line the sums of its analytic lines by root

    Analytic lines that are not saved yet are summed from their values.
    """
    ids = [
        line.id for line in lines
        if line.id is not None and not _has_new_parts(line)]
    saved = _sum_amounts(ids)
    for line in lines:
        if not _has_new_parts(line):
            yield saved[line.id]
            continue
        amounts = defaultdict(Decimal)
        for part in line.analytic_lines:
            amounts[part.account.root.id] += part.debit - part.credit
        yield amounts


def _has_new_parts(line):
    return 'analytic_lines' in (line._values or {})


def _sum_amounts(ids):
    "Return the sums of the analytic lines by line and root"
    pool = Pool()
    part = pool.get('analytic_account.line').__table__()
    account = pool.get('analytic_account.account').__table__()
    company = pool.get('company.company').__table__()
    currency = pool.get('currency.currency').__table__()
    cursor = Transaction().connection.cursor()
    amounts = defaultdict(dict)
    query = (part
        .join(account, condition=part.account == account.id)
        .join(company, condition=account.company == company.id)
        .join(currency, condition=company.currency == currency.id)
        .select(
            part.move_line, account.root, currency.digits,
            Sum(part.debit - part.credit).as_('amount'),
            group_by=[part.move_line, account.root, currency.digits]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, None, 'NUMERIC'])
    for sub_ids in grouped_slice(ids, CHUNK):
        query.where = fields.SQL_OPERATORS['in'](
            part.move_line, list(sub_ids))
        cursor.execute(*query)
        for id_, root, digits, amount in cursor:
            # SQLite sums floats
            amounts[id_][root] = round_half_up(amount, digits)
    return amounts
