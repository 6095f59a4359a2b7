# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the activities of each co-operative make, and those of their group."""
from collections import defaultdict
from decimal import Decimal

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.statement import income_statement, treasury
from trytond.modules.coop_shares.capital import changes
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If

from .balance import margin_accounts, read_totals
from .figure import FigureMixin, scopes
from .flow import flow
from .stay import read_contracts

AMOUNTS = [
    'turnover', 'gross_margin', 'contribution', 'pay', 'result', 'treasury',
    'capital']


def _amount(label, help=''):
    return Monetary(label, currency='currency', digits='currency', help=help)


class CompanyFigure(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.company.figure'

    currency = fields.Many2One('currency.currency', "Currency")
    people = fields.Integer(
        "People", help="With a signed contract on the last day.")
    activities = fields.Integer(
        "Activities", help="Those that have entries in the period.")
    turnover = _amount("Turnover")
    gross_margin = _amount("Gross Margin")
    contribution = _amount("Contribution")
    pay = _amount("Pay", help="Gross pay and employer contributions.")
    result = _amount("Result")
    treasury = _amount(
        "Treasury", help="Of the activities, on the last day.")
    capital = _amount(
        "Capital", help="Of the register of shares, on the last day.")

    @classmethod
    def _figures(cls, start, end):
        Company = Pool().get('company.company')
        names = scopes()
        companies = Company.browse([c for c in names if c])
        ids = [c.id for c in companies]
        flows = flow(read_contracts(ids), start, end, ids)
        numbers = defaultdict(int)
        amounts = defaultdict(lambda: [Decimal(0)] * len(AMOUNTS))
        for company in companies:
            activities, values = _company(company, start, end)
            for scope in {company.id, None} & names.keys():
                key = scope, company.currency.id
                numbers[key] += activities
                amounts[key] = [a + b for a, b in zip(amounts[key], values)]
        for company, scope in names.items():
            for key in amounts:
                if key[0] == company:
                    yield {
                        **scope, 'currency': key[1],
                        'people': flows[company].under_contract,
                        'activities': numbers[key],
                        **dict(zip(AMOUNTS, map(str, amounts[key]))),
                        }

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('of_group'), 'success', '')),
            ]


def _company(company, start, end):
    "Return the number of activities of a company and their amounts"
    active, period, total = read_totals(company, start, end)
    # The lines of the statements add up, so do those of all activities
    statement = income_statement(period, *margin_accounts(company))
    return active, [
        statement.turnover, statement.gross_margin,
        -statement.contribution, -statement.pay, statement.result,
        treasury(total).reference,
        sum(
            (amount for day, amount in changes(company).items()
                if day <= end), Decimal(0))]
