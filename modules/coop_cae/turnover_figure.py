# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The turnover of a period by sector, by site and by person."""
from collections import defaultdict
from decimal import Decimal

from sql import Null

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.statement import income_statement
from trytond.modules.coop_ledger.money import distribute
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool

from .activity_split import read_splits
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
    reckon = _reckon(company)
    splits = read_splits(company, start, end)
    parts = _read_parts(company, splits)
    names = _names(company)
    for activity, account, naf, site in _sectors_and_sites(company):
        if account not in balances:
            continue
        (own,) = balances[account]
        figures = reckon(own)
        yield 'sector', naf or None, figures
        yield 'site', site, figures
        own_splits = splits[activity]
        if len(own_splits) == 1:
            figures_of_parts = [figures]
        else:
            figures_of_parts = [
                reckon(parts[account][first, last])
                if account in parts else [Decimal(0)] * len(FIGURES)
                for first, last, _ in own_splits]
        people = {}
        for (*_, split), figures in zip(own_splits, figures_of_parts):
            for person, amounts in _shares(
                    split, figures, company.currency.digits):
                total = people.setdefault(person, [Decimal(0)] * len(FIGURES))
                for i, amount in enumerate(amounts):
                    total[i] += amount
        for person, amounts in people.items():
            yield 'person', names[person], amounts


def _reckon(company):
    "Return what gives the figures of balances"
    in_margin, contribution = margin_accounts(company)

    def reckon(balances):
        statement = income_statement(balances, in_margin, contribution)
        return [
            statement.turnover, statement.gross_margin,
            -statement.contribution]
    return reckon


def _read_parts(company, splits):
    """Return the balances of the activities whose split changes in the period,
    by analytic account, then by the first and the last day of each split"""
    changed = {a: own for a, own in splits.items() if len(own) > 1}
    if not changed:
        return {}
    spans = sorted({
            (first, last) for own in changed.values()
            for first, last, _ in own})
    activity = Pool().get('cae.activity').__table__()
    accounts = [account for account, in read_rows(activity.select(
                activity.analytic_account,
                where=fields.SQL_OPERATORS['in'](
                    activity.id, list(changed))))]
    return {
        account: dict(zip(spans, found))
        for account, found in read_balances(company, spans, accounts).items()}


def _shares(split, figures, digits):
    "Yield each of those who run an activity with their part of its figures"
    if len(split) == 1:
        (person, ratio), = split
        if ratio:
            yield person, figures
    elif any(ratio for _, ratio in split):
        ratios = [ratio for _, ratio in split]
        parts = [distribute(amount, ratios, digits) for amount in figures]
        for i, (person, _) in enumerate(split):
            yield person, [part[i] for part in parts]


def _sectors_and_sites(company):
    "Return the activities with their analytic account, sector and site"
    pool = Pool()
    Site = pool.get('cae.site')
    activity = pool.get('cae.activity').__table__()
    sites = {
        s.id: s.rec_name for s in Site.search(
            [('active', 'in', [True, False])], order=[])}
    return [
        (id_, account, naf, sites.get(site))
        for id_, account, naf, site in read_rows(activity.select(
                activity.id, activity.analytic_account, activity.naf,
                activity.site,
                where=(activity.company == company.id)
                & (activity.analytic_account != Null),
                order_by=[activity.code, activity.id]))]


def _names(company):
    "Return the names of people as those of their records, not read for that"
    pool = Pool()
    party = pool.get('party.party').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    return {
        id_: f'{name or f"[{number}]"} ({code})'
        for id_, name, number, code in read_rows(person
            .join(party, condition=person.party == party.id)
            .select(
                person.id, party.name, party.code, person.code,
                where=person.company == company.id))}
