# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The register beside the ledger, person by person."""
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sql.aggregate import Sum
from sql.conditionals import Coalesce

from trytond.model import Model, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateView, Wizard

from . import interest
from .ledger import by_party, money, rows
from .valuation import Values

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A comparison that does not hold.

    check: 'capital', 'unpaid' and 'uncalled' (register and accounts of the
    capital that is paid up, called, and not called), 'nominal' (amount and
    shares held at their nominal value), 'savings' (documents and account of
    savings), 'value' (the losses that those who left bear, less what they
    get of the reserve) or 'interest' (what shares bear, and what the surplus
    gave)
    party: None for what the ledger has without a party
    """
    check: str
    party: Model | None
    expected: Decimal
    found: Decimal


def discrepancies(company, date=None):
    Configuration = Pool().get('coop.share.configuration')
    configuration = Configuration(1)
    registered, at_nominal = _registered(company, date)
    savings = by_party(
        company, configuration.get_setting('savings_account', company), date)
    found = [
        *_compare_states(company, configuration, date),
        *_compare(
            'nominal', _by_party(at_nominal.items()),
            _by_party(registered.items())),
        *_compare('savings', _saved(company, date), savings),
        *_compare_values(company, date),
        *_compare_interest(company, date)]
    return _with_parties(found)


def _compare_states(company, configuration, date):
    "Compare the capital with its accounts by state of payment"
    pool = Pool()
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    parties = Member.parties(company)
    states = {name: defaultdict(Decimal) for name in [
            'paid', 'unpaid', 'uncalled']}
    for (member, class_), state in Movement.states(company, date).items():
        for name, amounts in states.items():
            amounts[parties[member], class_] += getattr(state, name)
    yield from _compare_capital(company, states['paid'], date)
    for name, setting in [
            ('unpaid', 'called_account'), ('uncalled', 'subscribed_account')]:
        yield from _compare(
            name, _by_party(states[name].items()),
            by_party(
                company, configuration.get_setting(setting, company), date))


def _compare_capital(company, registered, date):
    """Compare what is paid up with each account of capital, which has its
    sub-accounts"""
    pool = Pool()
    Account = pool.get('account.account')
    Class = pool.get('coop.share.class')
    Configuration = pool.get('coop.share.configuration')
    accounts = Class.capital_accounts(company)
    default = Configuration(1).get_setting('capital_account', company)
    known = Account.browse(list(dict.fromkeys(
                [*accounts.values(), *([default.id] if default else [])])))
    within = {
        account: {
            a.id for a in known
            if account.left <= a.left and a.right <= account.right}
        for account in known}
    for account, ids in within.items():
        yield from _compare(
            'capital', _by_party(
                (key, amount) for key, amount in registered.items()
                if accounts.get(key[1]) in ids),
            by_party(company, account, date))


def _compare_values(company, date):
    "Compare what exits bear with the balance sheet of their year"
    Exit = Pool().get('coop.share.exit')
    if not Exit.search([
                ('company', '=', company.id),
                ('state', '=', 'posted'),
                ('valued_on', '!=', None),
                ], limit=1, order=[]):
        return
    for exit_, *values in Values(company).differences(date):
        expected, found = (v.loss - v.revaluation for v in values)
        yield 'value', exit_.creditor.id, expected, found


def _compare_interest(company, date):
    """Compare the interest of members that is not paid yet with what the
    shares bear"""
    pool = Pool()
    Member = pool.get('coop.member')
    Surplus = pool.get('coop.surplus')
    for surplus in Surplus.search([
                ('company', '=', company.id),
                ('state', '=', 'posted'),
                ('interests', '!=', None),
                ]):
        if date and surplus.date > date or any(
                i.payment for i in surplus.interests):
            continue
        parties = Member.parties(company)
        yield from _compare(
            'interest',
            _by_party(
                ((parties[line.member], None), line.amount)
                for line in interest.by_member(surplus)),
            _by_party(
                ((i.member.party.id, None), i.amount)
                for i in surplus.interests))


def _by_party(amounts):
    "Return the sums by party of amounts by party and class"
    sums = defaultdict(Decimal)
    for (party, _), amount in amounts:
        sums[party] += amount
    return sums


def _compare(check, expected, found):
    for party in sorted(
            expected.keys() | found.keys(), key=lambda p: (p is None, p)):
        values = expected.get(party, ZERO), found.get(party, ZERO)
        if values[0] != values[1]:
            yield check, party, *values


def _with_parties(found):
    Party = Pool().get('party.party')
    ids = [party for _, party, _, _ in found if party is not None]
    parties = {p.id: p for p in Party.browse(list(dict.fromkeys(ids)))}
    return [
        Discrepancy(check, parties.get(party), expected, value)
        for check, party, expected, value in found]


def _registered(company, date):
    """Return the amount of the shares, and their nominal value, by party and
    class"""
    pool = Pool()
    Class = pool.get('coop.share.class')
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    holdings = Movement.holdings(company, date)
    nominals = Class.nominals_at(company, date)
    parties = Member.parties(company)
    amounts, at_nominal = defaultdict(Decimal), defaultdict(Decimal)
    for (member, class_), (quantity, amount) in holdings.items():
        amounts[parties[member], class_] += amount
        at_nominal[parties[member], class_] += (
            quantity * nominals.get(class_, ZERO))
    return amounts, at_nominal


def _saved(company, date):
    "Return what was kept back and not turned into shares, by party"
    pool = Pool()
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    Withholding = pool.get('coop.share.withholding')
    saved = defaultdict(Decimal)
    table = Withholding.__table__()
    for party, amount in rows(table.select(
                table.party, Sum(table.amount),
                where=_posted(table, company, date),
                group_by=[table.party])):
        saved[party] += money(company, amount)
    table, reversed_ = Movement.__table__(), Movement.__table__()
    member = Member.__table__()
    for party, amount in rows(table
            .join(member, condition=table.member == member.id)
            .join(reversed_, 'LEFT',
                condition=table.reversal_of == reversed_.id)
            .select(
                member.party, Sum(table.amount),
                where=_posted(table, company, date)
                & (Coalesce(reversed_.type, table.type) == 'conversion'),
                group_by=[member.party])):
        saved[party] -= money(company, amount)
    return saved


def _posted(table, company, date):
    where = (table.company == company.id) & (table.state == 'posted')
    if date:
        where &= table.date <= date
    return where


class Check(Wizard):
    __name__ = 'coop.share.check'

    start = StateView(
        'coop.share.check.start', 'coop_shares.check_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Check", 'result', 'tryton-ok', default=True),
            ])
    result = StateView(
        'coop.share.check.result', 'coop_shares.check_result_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def default_start(self, fields):
        if getattr(self.start, 'company', None):
            return {
                'company': self.start.company.id,
                'date': self.start.date,
                }
        return {}

    def default_result(self, fields):
        Movement = Pool().get('coop.share.movement')
        company, date = self.start.company, self.start.date
        lines = [{
                'check': d.check,
                'party': d.party and d.party.id,
                'currency': company.currency.id,
                'expected': d.expected,
                'found': d.found,
                'difference': d.found - d.expected,
                } for d in Movement.discrepancies(company, date)]
        return {
            'company': company.id,
            'date': date,
            'right': not lines,
            'lines': lines,
            }


class CheckStart(ModelView):
    __name__ = 'coop.share.check.start'

    company = fields.Many2One('company.company', "Company", required=True)
    date = fields.Date("Date", required=True)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()


class CheckResult(ModelView):
    __name__ = 'coop.share.check.result'

    company = fields.Many2One('company.company', "Company", readonly=True)
    date = fields.Date("Date", readonly=True)
    right = fields.Boolean("Register and Ledger Agree", readonly=True)
    lines = fields.One2Many(
        'coop.share.check.line', None, "Differences", readonly=True,
        states={
            'invisible': Eval('right', False),
            })


class CheckLine(ModelView):
    __name__ = 'coop.share.check.line'

    check = fields.Selection([
            ('capital', "Register and Capital Account"),
            ('unpaid', "Register and Account of Unpaid Capital"),
            ('uncalled', "Register and Account of Uncalled Capital"),
            ('nominal', "Shares at Nominal Value and Register"),
            ('savings', "Savings and Savings Account"),
            ('value', "Losses of the Year and Value of Exits"),
            ('interest', "Shares of the Year and Interest"),
            ], "Check", readonly=True)
    party = fields.Many2One('party.party', "Party", readonly=True)
    currency = fields.Many2One(
        'currency.currency', "Currency", readonly=True)
    expected = Monetary(
        "Expected", currency='currency', digits='currency', readonly=True)
    found = Monetary(
        "Found", currency='currency', digits='currency', readonly=True)
    difference = Monetary(
        "Difference", currency='currency', digits='currency', readonly=True)
