# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the shares of those who left are worth at the closing of the year."""
from collections import defaultdict
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum

from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.update import assign
from trytond.pool import Pool

from .accounts import Accounts
from .exceptions import ExitError
from .ledger import money, rows
from .rules.refund import (
    full_years, loss_borne, loss_on_capital, revaluation_part)

ZERO = Decimal(0)
# What the balance sheet carries of the results, in the French chart: to be
# brought forward, and of the year
RESULTS = ['11', '12']


def value(exits):
    """Fix the value of what was annulled, with the losses of the balance
    sheet of its year"""
    pool = Pool()
    Move = pool.get('account.move')
    Exit = pool.get('coop.share.exit')
    by_year = defaultdict(list)
    for exit_ in exits:
        by_year[exit_.company, _year(exit_)].append(exit_)
    for (company, fiscalyear), group in by_year.items():
        closing = _Closing(company, fiscalyear)
        accounts = Accounts(company)
        valued = [(e, *closing.value(e)) for e in group]
        entries = [
            (e, entry) for e, loss, revaluation in valued
            if (entry := _entry(e, loss, revaluation, closing, accounts))]
        posted = Move.post_entries(company, [entry for _, entry in entries])
        assign(Exit, 'valuation_move', [
                (e.id, p.move) for (e, _), p in zip(entries, posted)])
        assign(Exit, 'loss', [(e.id, loss) for e, loss, _ in valued])
        assign(Exit, 'revaluation', [(e.id, part) for e, _, part in valued])
        assign(Exit, 'valued_on', [
                (e.id, fiscalyear.end_date) for e, *_ in valued])


def forget(exit_):
    "Take the value of an exit back"
    Move = Pool().get('account.move')
    if exit_.valuation_move:
        Move.reverse_entries([exit_.valuation_move])


def _year(exit_):
    FiscalYear = Pool().get('account.fiscalyear')
    day = exit_.movements[0].date if exit_.movements else exit_.date
    fiscalyears = FiscalYear.search([
            ('company', '=', exit_.company.id),
            ('start_date', '<=', day),
            ('end_date', '>=', day),
            ], limit=1)
    if not fiscalyears:
        raise ExitError(gettext(
                'coop_shares.msg_exit_year', exit=exit_.rec_name))
    return fiscalyears[0]


class _Closing:
    "What the balance sheet of a year tells"

    def __init__(self, company, fiscalyear):
        Configuration = Pool().get('coop.share.configuration')
        configuration = Configuration(1)
        self.company = company
        self.date = fiscalyear.end_date
        self.digits = company.currency.digits
        self.capital = self._capital(fiscalyear)
        self.reserve = self._balance(
            configuration.get_setting('revaluation_account', company))
        formula = configuration.get_setting('loss_formula', company)
        loss = max(-self._result(), ZERO)
        self.loss = loss_on_capital(
            formula, loss, self.capital,
            self._balance(configuration.get_setting(
                    'statutory_reserve_account', company)), self.reserve)
        if self.loss:
            # What is short of its capital has nothing to add to it
            self.reserve = ZERO
        elif formula == 'revaluation_first':
            self.reserve = max(self.reserve - loss, ZERO)

    def value(self, exit_):
        "Return the loss that the shares bear, and their part of the reserve"
        member = exit_.member
        loss = loss_borne(
            exit_.amount, self.loss, self.capital, self.digits)
        return loss, revaluation_part(
            exit_.amount, self.reserve, self.capital,
            full_years(member.admission_date, exit_.date), self.digits)

    def _capital(self, fiscalyear):
        "Return the capital with the shares that were annulled in the year"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        table, reversed_ = Movement.__table__(), Movement.__table__()
        capital = sum((
                amount for _, amount in Movement.holdings(
                    self.company, self.date).values()), ZERO)
        (annulled,), = rows(table
            .join(reversed_, 'LEFT',
                condition=reversed_.reversal_of == table.id)
            .select(
                Sum(table.amount),
                where=(table.company == self.company.id)
                & (table.state == 'posted')
                & table.type.in_(['exit', 'withdrawal'])
                & (table.date >= fiscalyear.start_date)
                & (table.date <= self.date)
                & (reversed_.id == Null)))
        return money(self.company, capital) - money(self.company, annulled)

    def _balance(self, account):
        "Return the credit balance of an account, nothing when it is a debit"
        if not account:
            return money(self.company, 0)
        return max(self._sum([('code', 'like', f'{account.code}%')]), ZERO)

    def _result(self):
        "Return the results that the balance sheet carries, of all years"
        return self._sum(['OR',
                ('type.statement', '=', 'income'),
                *(('code', 'like', f'{code}%') for code in RESULTS)])

    def _sum(self, domain):
        pool = Pool()
        Account = pool.get('account.account')
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        ids = [a.id for a in Account.search([
                    ('company', '=', self.company.id), domain], order=[])]
        if not ids:
            return money(self.company, 0)
        (balance,), = rows(line
            .join(move, condition=line.move == move.id)
            .select(
                Sum(line.credit - line.debit),
                where=(move.company == self.company.id)
                & (move.state == 'posted')
                & (move.date <= self.date)
                & fields.SQL_OPERATORS['in'](line.account, ids)))
        return money(self.company, balance)


def _entry(exit_, loss, revaluation, closing, accounts):
    "Return the entry of what is refunded less or more than the capital"
    if not loss and not revaluation:
        return None
    party = exit_.creditor.id
    if loss:
        lines = (
            EntryLine(
                account=accounts['refund_account'], party=party, debit=loss),
            EntryLine(account=accounts['loss_account'], credit=loss))
    else:
        lines = (
            EntryLine(
                account=accounts['revaluation_account'], debit=revaluation),
            EntryLine(
                account=accounts['refund_account'], party=party,
                credit=revaluation, maturity_date=exit_.refund_date))
    return Entry(
        journal=accounts['journal'], date=closing.date, origin=str(exit_),
        description=gettext(
            'coop_shares.msg_entry_value', exit=exit_.rec_name),
        lines=lines)


def to_pay(exits):
    """Return what is left to pay of each exit, in one query: the lines of the
    debt of its entries that are not reconciled"""
    pool = Pool()
    Configuration = pool.get('coop.share.configuration')
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    amounts = {e.id: money(e.company, 0) for e in exits}
    accounts = {
        account.id for company in {e.company for e in exits}
        if (account := Configuration(1).get_setting(
                'refund_account', company))}
    origins = {}
    for exit_ in exits:
        for document in [exit_, *exit_.withholdings]:
            origins[str(document)] = exit_
    if not accounts:
        return amounts
    for origin, amount in rows(line
            .join(move, condition=line.move == move.id)
            .select(
                move.origin, Sum(line.credit - line.debit),
                where=fields.SQL_OPERATORS['in'](move.origin, list(origins))
                & line.account.in_(list(accounts))
                & (move.state == 'posted')
                & (line.reconciliation == Null),
                group_by=[move.origin])):
        exit_ = origins[origin]
        amounts[exit_.id] += money(exit_.company, amount)
    return amounts
