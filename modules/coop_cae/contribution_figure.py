# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What each rule of contribution gave in a period."""
from collections import defaultdict
from decimal import Decimal

from sql.aggregate import Count, Sum

from trytond import backend
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.money import round_half_up
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types

from .figure import FigureMixin, scopes
from .rows import read_rows


class ContributionFigure(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.contribution.figure'

    rule = fields.Many2One('cae.contribution.rule', "Rule")
    rule_name = fields.Function(
        fields.Char("Rule in Force"), 'get_rule_name')
    activities = fields.Integer("Activities")
    currency = fields.Many2One('currency.currency', "Currency")
    amount = Monetary(
        "Booked", currency='currency', digits='currency',
        help="In the period, whatever the month that it is of.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        numbers, amounts = defaultdict(int), defaultdict(Decimal)
        for company, currency, digits, rule, number, amount in booked(
                [c for c in names if c], start, end):
            for scope in {company, None} & names.keys():
                numbers[scope, currency, rule] += number
                amounts[scope, currency, rule] += round_half_up(
                    amount, digits)
        order = {company: i for i, company in enumerate(names)}
        for key in sorted(
                amounts, key=lambda k: (order[k[0]], k[2] or 0)):
            scope, currency, rule = key
            yield {
                **names[scope], 'rule': rule, 'currency': currency,
                'activities': numbers[key], 'amount': str(amounts[key]),
                }

    @classmethod
    def get_rule_name(cls, rows, name):
        return {r.id: r.rule.rec_name if r.rule else None for r in rows}


def booked(companies, start, end):
    "Return what is booked by company and rule, but for closes undone"
    pool = Pool()
    close = pool.get('cae.close').__table__()
    company = pool.get('company.company').__table__()
    contribution = pool.get('cae.contribution').__table__()
    currency = pool.get('currency.currency').__table__()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    part = pool.get('analytic_account.line').__table__()
    query = (contribution
        .join(close, condition=contribution.close == close.id)
        .join(company, condition=close.company == company.id)
        .join(currency, condition=company.currency == currency.id)
        .join(part, condition=contribution.analytic_line == part.id)
        .join(line, condition=part.move_line == line.id)
        .join(move, condition=line.move == move.id)
        .select(
            company.id, currency.id, currency.digits, contribution.rule,
            Count(contribution.activity, distinct=True),
            Sum(part.debit - part.credit).as_('amount'),
            where=fields.SQL_OPERATORS['in'](
                    company.id, list(companies)) & (close.state == 'done')
            & (move.date >= start) & (move.date <= end),
            group_by=[
                company.id, currency.id, currency.digits,
                contribution.rule]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, None, None, None, 'NUMERIC'])
    return read_rows(query)
