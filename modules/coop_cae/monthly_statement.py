# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The monthly statement of an activity, as a document of one page."""
import datetime
import shutil
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta

import trytond.config as config
from trytond.i18n import gettext
from trytond.modules.company import CompanyReport
from trytond.modules.coop_cae.rules.graph import Series, month_graph
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access

from .activity_month import month_number
from .activity_statement import INCOME, STATEMENTS, TREASURY
from .balance import context_date
from .exceptions import MonthlyStatementError
from .open_item import AGES

ZERO = Decimal('0.00')
MONTHS = 12
COLORS = {
    'turnover': '#267f82', 'gross_margin': '#c09c34', 'treasury': '#b3261e'}
# In points
GRAPH_WIDTH, GRAPH_HEIGHT = 520, 150


@dataclass(frozen=True, slots=True)
class Row:
    "A line of a statement; ratio is to the turnover of the year"
    label: str
    total: bool
    year: Decimal
    last_year: Decimal
    month: Decimal | None = None
    ratio: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Page:
    "What the statement of an activity shows at the end of some days"
    activity: object
    end: datetime.date
    income: tuple[Row, ...]
    treasury: tuple[Row, ...]
    ages: tuple[tuple[str, Decimal], ...]
    alert: str
    graph: bytes
    mentions: str

    @property
    def company(self):
        return self.activity.company

    @property
    def currency(self):
        return self.company.currency

    @property
    def to_collect(self):
        return sum((amount for _, amount in self.ages), ZERO)

    def amount(self, statement, name):
        "Return the amount of the year of a line by its name"
        rows = {'income': self.income, 'treasury': self.treasury}[statement]
        return rows[list(STATEMENTS[statement]).index(name)].year


class MonthlyStatement(CompanyReport):
    __name__ = 'cae.activity.monthly_statement'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        pool = Pool()
        Activity = pool.get('cae.activity')
        pages = Transaction().context.get('_cae_pages')
        if pages is None:
            pages = cls.pages(
                Activity.browse([int(r) for r in records]),
                context_date('figures_date'))
        context.update(
            pages=[pages[int(r)] for r in records],
            lang=pool.get('ir.lang').get(),
            made_at=datetime.datetime.now().replace(microsecond=0),
            company_lines=_company_lines)
        return context

    @classmethod
    def convert(cls, action, data, timeout=5 * 60, retry=5):
        if (action.extension == 'pdf'
                and not config.get('report', 'convert_command')
                and not shutil.which('soffice')):
            raise MonthlyStatementError(gettext(
                    'coop_cae.msg_monthly_statement_no_converter'))
        return super().convert(action, data, timeout=timeout, retry=retry)

    @classmethod
    def documents(cls, activities, date, action):
        """Yield each activity with the extension and the content of its
        document, all figures being read at once"""
        pages = cls.pages(activities, date)
        for activity in activities:
            with Transaction().set_context(
                    figures_date=date, _cae_pages={
                        activity.id: pages[activity.id]}):
                extension, content, _, _ = cls.execute(
                    [activity.id], {'action_id': action.id})
            yield activity, extension, content

    @classmethod
    @without_check_access
    def pages(cls, activities, date):
        """Return the pages of the activities by id, in a fixed number of
        queries"""
        Activity = Pool().get('cae.activity')
        companies = defaultdict(list)
        for activity in activities:
            companies[activity.company].append(activity)
        pages = {}
        for company, activities in companies.items():
            ids = [a.id for a in activities]
            with Transaction().set_context(
                    company=company.id, figures_date=date, from_date=None,
                    to_date=None, activities=ids):
                pages.update(_pages(company, Activity.browse(ids), date))
        return pages


def _company_lines(company):
    "Return the address of a company and its number"
    party = company.party
    lines = []
    if party.addresses:
        lines.extend(party.addresses[0].full_address.splitlines())
    if party.tax_identifier:
        lines.append(party.tax_identifier.rec_name)
    return lines


def _pages(company, activities, date):
    "Yield the activities of a company with their pages"
    pool = Pool()
    Activity = pool.get('cae.activity')
    Month = pool.get('cae.activity.month')
    Statement = pool.get('cae.activity.statement')
    start = date.replace(day=1)
    accounts = [a.analytic_account.id for a in activities]
    year = Statement.read_values(company, accounts)
    with Transaction().set_context(from_date=start, to_date=date):
        month = Statement.read_values(company, accounts)
    last = month_number(date)
    months = Month.read_months(
        company, range(last - MONTHS + 1, last + 1), accounts)
    labels = _selection(Statement, 'line')
    alerts = _selection(Activity, 'alert')
    ages = _ages(activities)
    mentions = company.legal_mentions
    for activity in activities:
        account = activity.analytic_account.id
        now, before = year[account]
        turnover = now['income', 'turnover']
        rows = {
            statement: tuple(
                Row(labels[line], STATEMENTS[statement][line] != [line],
                    now[statement, line], before[statement, line],
                    month[account][0][statement, line],
                    now[statement, line] / turnover if turnover else None)
                for line in lines)
            for statement, lines in [
                ('income', INCOME), ('treasury', TREASURY)]}
        found = months.get(account, {})
        shown = tuple(
            date + relativedelta(months=-i, day=1)
            for i in range(MONTHS - 1, -1, -1))
        yield activity.id, Page(
            activity, date, rows['income'], rows['treasury'],
            ages[activity.id], alerts[activity.alert],
            _graph(company, shown, found), mentions)


def _selection(Model, name):
    "Return the labels of a selection by value, in the language"
    return dict(Model.fields_get([name])[name]['selection'])


def _ages(activities):
    "Return what customers owe by age, by activity"
    OpenItem = Pool().get('cae.activity.open_item')
    labels = OpenItem.fields_get(AGES)
    owed = {a.id: dict.fromkeys(AGES, ZERO) for a in activities}
    for item in OpenItem.search_read([
                ('kind', '=', 'customer'),
                ('activity', 'in', list(owed)),
                ], fields_names=['activity', *AGES]):
        for age in AGES:
            owed[item['activity']][age] += item[age] or ZERO
    return {
        activity: tuple(
            (labels[age]['string'], amounts[age]) for age in AGES)
        for activity, amounts in owed.items()}


def _graph(company, months, found):
    pool = Pool()
    Lang = pool.get('ir.lang')
    Month = pool.get('cae.activity.month')
    lang = Lang.get()
    names = Month.fields_get(list(COLORS))
    return month_graph(
        [lang.strftime(m, '%b %y') for m in months], [
            Series(
                names[name]['string'], color,
                [found[m][name] if m in found else ZERO for m in months],
                line=name == 'treasury')
            for name, color in COLORS.items()],
        lambda value: lang.format_number(value, digits=0),
        GRAPH_WIDTH, GRAPH_HEIGHT).encode()
