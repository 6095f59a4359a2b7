# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The turnover of a period by sector, by site and by person."""
from collections import defaultdict
from decimal import Decimal

from sql import Null

from trytond import backend
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.statement import income_statement
from trytond.modules.coop_ledger.money import distribute
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types

from .balance import margin_accounts, read_balances
from .figure import FigureMixin, not_told, scopes
from .rows import read_rows

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
    balances = read_balances(company, [(start, end)])
    in_margin, contribution = margin_accounts(company)
    people = _people(company)
    for account, naf, site in _sectors_and_sites(company):
        if account not in balances:
            continue
        (own,) = balances[account]
        statement = income_statement(own, in_margin, contribution)
        figures = [
            statement.turnover, statement.gross_margin,
            -statement.contribution]
        yield 'sector', naf or None, figures
        yield 'site', site, figures
        for person, parts in _shares(
                people[account], figures, company.currency.digits):
            yield 'person', person, parts


def _shares(people, figures, digits):
    "Yield each of those who run an activity with their part of its figures"
    if len(people) == 1:
        (person, ratio), = people
        if ratio:
            yield person, figures
    elif any(ratio for _, ratio in people):
        ratios = [ratio for _, ratio in people]
        parts = [distribute(amount, ratios, digits) for amount in figures]
        for i, (person, _) in enumerate(people):
            yield person, [part[i] for part in parts]


def _sectors_and_sites(company):
    "Return the analytic account, the sector and the site of activities"
    pool = Pool()
    Site = pool.get('cae.site')
    activity = pool.get('cae.activity').__table__()
    sites = {
        s.id: s.rec_name for s in Site.search(
            [('active', 'in', [True, False])], order=[])}
    return [
        (account, naf, sites.get(site))
        for account, naf, site in read_rows(activity.select(
                activity.analytic_account, activity.naf, activity.site,
                where=(activity.company == company.id)
                & (activity.analytic_account != Null),
                order_by=[activity.code, activity.id]))]


def _people(company):
    """Return who runs each activity, by analytic account, with the share of
    each; they are named as their records are, without reading these"""
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    link = pool.get('cae.activity.entrepreneur').__table__()
    party = pool.get('party.party').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    query = (link
        .join(activity, condition=link.activity == activity.id)
        .join(person, condition=link.entrepreneur == person.id)
        .join(party, condition=person.party == party.id)
        .select(
            activity.analytic_account, party.name, party.code, person.code,
            link.ratio.as_('ratio'),
            where=(activity.company == company.id)
            & (activity.analytic_account != Null),
            order_by=[link.id]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None] * 4 + ['NUMERIC'])
    people = defaultdict(list)
    for account, name, number, code, ratio in read_rows(query):
        people[account].append((f'{name or f"[{number}]"} ({code})', ratio))
    return people
