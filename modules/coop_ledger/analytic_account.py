# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Analytic states reckoned in sets, and analytic lines on the balance sheet."""
from collections import defaultdict

from sql import Null
from sql.aggregate import Sum

from trytond import backend
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    @classmethod
    def query_get(cls, table):
        """Balances of analytic accounts are those of the income statement:
        analytic lines of the balance sheet would cancel them"""
        pool = Pool()
        line = pool.get('account.move.line').__table__()
        account = pool.get('account.account').__table__()
        type_ = pool.get('account.account.type').__table__()
        income = (line
            .join(account, condition=line.account == account.id)
            .join(type_, condition=account.type == type_.id)
            .select(line.id, where=type_.statement == 'income'))
        # An analytic account without any line keeps its row
        return super().query_get(table) & (
            (table.move_line == Null) | table.move_line.in_(income))


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def set_analytic_state(cls, lines):
        """Set the state from the sums of the analytic lines by root.

        A line of the income statement is valid when every root of its company
        covers it in full; a line of the balance sheet when each root that it
        has covers it in full, and so without any.
        """
        AnalyticAccount = Pool().get('analytic_account.account')
        roots = defaultdict(set)
        for root in AnalyticAccount.search(
                [('parent', '=', None)], order=[]):
            roots[root.company].add(root.id)
        amounts = cls._analytic_amounts(lines)
        for line in lines:
            state = 'valid'
            by_root = amounts[line.id]
            if (line.must_have_analytic
                    and not roots[line.move.company] <= by_root.keys()):
                state = 'draft'
            amount = line.debit - line.credit
            if any(a != amount for a in by_root.values()):
                state = 'draft'
            if line.analytic_state != state:
                line.analytic_state = state

    @classmethod
    def _analytic_amounts(cls, lines):
        """Return the sums of the analytic lines by line and root.

        Lines that are not saved yet are summed from their values.
        """
        pool = Pool()
        part = pool.get('analytic_account.line').__table__()
        account = pool.get('analytic_account.account').__table__()
        cursor = Transaction().connection.cursor()
        amounts = defaultdict(dict)
        saved, changed = [], []
        for line in lines:
            if 'analytic_lines' in (line._values or {}):
                changed.append(line)
            else:
                saved.append(line)
        if saved:
            query = (part
                .join(account, condition=part.account == account.id)
                .select(
                    part.move_line, account.root,
                    Sum(part.debit - part.credit).as_('amount'),
                    where=fields.SQL_OPERATORS['in'](
                        part.move_line, [line.id for line in saved]),
                    group_by=[part.move_line, account.root]))
            if backend.name == 'sqlite':
                sqlite_apply_types(query, [None, None, 'NUMERIC'])
            cursor.execute(*query)
            currencies = {
                line.id: line.account.company.currency for line in saved}
            for line_id, root, amount in cursor:
                amounts[line_id][root] = currencies[line_id].round(amount)
        for line in changed:
            by_root = amounts[line.id]
            for analytic_line in line.analytic_lines:
                root = analytic_line.account.root.id
                by_root[root] = by_root.get(root, 0) + (
                    analytic_line.debit - analytic_line.credit)
        return amounts
