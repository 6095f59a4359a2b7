# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The turnover of a period by sector, by site and by person."""
from collections import defaultdict
from decimal import Decimal

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.statement import income_statement
from trytond.modules.coop_ledger.money import distribute
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool

from .balance import margin_accounts, read_balances
from .figure import FigureMixin, not_told, scopes

KINDS = [
    ('sector', "Sector"),
    ('site', "Site"),
    ('person', "Entrepreneur"),
    ]
FIGURES = ['turnover', 'gross_margin', 'contribution']


def _amount(label):
    return Monetary(label, currency='currency', digits='currency')


class TurnoverFigure(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.turnover.figure'

    kind = fields.Selection(KINDS, "By", sort=False)
    value = fields.Char("Value")
    activities = fields.Integer(
        "Activities", help="Those that have entries in the period.")
    currency = fields.Many2One('currency.currency', "Currency")
    turnover = _amount("Turnover")
    gross_margin = _amount("Gross Margin")
    contribution = _amount("Contribution")

    @classmethod
    def _figures(cls, start, end):
        Company = Pool().get('company.company')
        names = scopes()
        companies = Company.browse([c for c in names if c])
        rows = defaultdict(lambda: [0, *[Decimal(0)] * len(FIGURES)])
        for company in companies:
            for kind, value, figures in _activities(company, start, end):
                for scope in {company.id, None} & names.keys():
                    row = rows[scope, company.currency.id, kind, value]
                    row[0] += 1
                    for i, amount in enumerate(figures, 1):
                        row[i] += amount
        places = {kind: i for i, (kind, _) in enumerate(KINDS)}
        order = {company: i for i, company in enumerate(names)}
        for key in sorted(
                rows, key=lambda k: (
                    order[k[0]], places[k[2]], k[3] is None, k[3] or '')):
            scope, currency, kind, value = key
            number, *amounts = rows[key]
            yield {
                **names[scope], 'kind': kind,
                'value': not_told() if value is None else value,
                'currency': currency, 'activities': number,
                **dict(zip(FIGURES, map(str, amounts))),
                }


def _activities(company, start, end):
    """Yield the figures of each activity under its sector and its site, and
    under each of those who run it for their share"""
    Activity = Pool().get('cae.activity')
    balances = read_balances(company, [(start, end)])
    in_margin, contribution = margin_accounts(company)
    for activity in Activity.search([
                ('company', '=', company.id),
                ('analytic_account', 'in', list(balances)),
                ], order=[('code', 'ASC'), ('id', 'ASC')]):
        (own,) = balances[activity.analytic_account.id]
        statement = income_statement(own, in_margin, contribution)
        figures = [
            statement.turnover, statement.gross_margin,
            -statement.contribution]
        yield 'sector', activity.naf or None, figures
        yield 'site', activity.site and activity.site.rec_name, figures
        people = activity.entrepreneurs
        parts = [
            distribute(
                amount, [p.ratio for p in people], company.currency.digits)
            for amount in figures] if any(p.ratio for p in people) else []
        for i, person in enumerate(people if parts else ()):
            yield 'person', person.entrepreneur.rec_name, [
                part[i] for part in parts]
