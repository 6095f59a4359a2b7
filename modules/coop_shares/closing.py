# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the balance sheets of the years tell of the losses of the capital.

All years are read at once, in a fixed number of queries.
"""
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from sql import Cast
from sql.aggregate import Sum
from sql.conditionals import Coalesce
from sql.operators import Concat

from trytond.model import fields
from trytond.pool import Pool

from .ledger import as_date, reader, rows
from .rules.refund import loss_on_capital

ZERO = Decimal(0)
# What the balance sheet carries of the results, in the French chart: to be
# brought forward, and of the year
RESULTS = ['11', '12']
_ANNULLED = ['exit', 'withdrawal']
_PREFIX = 'coop.share.exit,'


class Closing(NamedTuple):
    """The capital of a year with the shares annulled in it, before reductions
    for losses; the part of the losses that it bears; the reserve left"""
    capital: Decimal
    loss: Fraction
    reserve: Decimal


class Booked(NamedTuple):
    "What the entries of the value of an exit say"
    loss: Decimal = ZERO
    revaluation: Decimal = ZERO


class Ledger:
    "The results, the reserves and the capital of a company, by year"

    def __init__(self, company):
        Configuration = Pool().get('coop.share.configuration')
        configuration = Configuration(1)
        self.company = company
        self._read = reader(company)
        self.formula = configuration.get_setting('loss_formula', company)

        def account(name):
            return configuration.get_setting(name, company)
        self._results = self._ids(['OR',
                ('type.statement', '=', 'income'),
                *(('code', 'like', f'{code}%') for code in RESULTS)])
        self._statutory = self._below(account('statutory_reserve_account'))
        self._reserve = self._below(account('revaluation_account'))
        loss = account('loss_account')
        self._losses = self._results | ({loss.id} if loss else set())
        ends = {
            f.id: f.end_date for f in Pool().get('account.fiscalyear').search(
                [('company', '=', company.id)], order=[])}
        self._by_year = [
            (ends[year], account_, amount)
            for year, account_, amount in self._read_years()]
        self._by_exit = self._read_exits()
        self._changes = self._read_changes()
        self._reductions = self._read_reductions()

    def _ids(self, domain):
        Account = Pool().get('account.account')
        return {a.id for a in Account.search(
                [('company', '=', self.company.id), domain], order=[])}

    def _below(self, account):
        if not account:
            return set()
        return self._ids([('code', 'like', f'{account.code}%')])

    # What is read

    def _of_exits(self):
        """Return the query of the ids of the moves of exits with the exit they
        come from, their mirrors among them"""
        Move = Pool().get('account.move')
        move, source, mirror = (Move.__table__() for _ in range(3))
        of_exit = move.origin.like(_PREFIX + '%')
        return (move
            .select(
                move.id, move.origin,
                where=(move.company == self.company.id) & of_exit)
            | source
            .join(mirror, condition=mirror.origin == Concat(
                    'account.move,', Cast(source.id, 'VARCHAR')))
            .select(
                mirror.id, source.origin,
                where=(source.company == self.company.id)
                & source.origin.like(_PREFIX + '%')))

    def _lines(self):
        pool = Pool()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        where = ((move.company == self.company.id)
            & (move.state == 'posted')
            & fields.SQL_OPERATORS['in'](line.account, list(
                    self._losses | self._statutory | self._reserve)))
        return line, move, where

    def _read_years(self):
        "Return the balances by year and account, without what exits booked"
        line, move, where = self._lines()
        period = Pool().get('account.period').__table__()
        exits = self._of_exits()
        return [
            (year, account, self._read(amount))
            for year, account, amount in rows(line
                .join(move, condition=line.move == move.id)
                .join(period, condition=move.period == period.id)
                .select(
                    period.fiscalyear, line.account,
                    Sum(line.credit - line.debit),
                    where=where & ~move.id.in_(exits.select(exits.id)),
                    group_by=[period.fiscalyear, line.account]))]

    def _read_exits(self):
        "Return the balances by exit and account"
        line, move, where = self._lines()
        exits = self._of_exits()
        result = defaultdict(dict)
        for origin, account, amount in rows(line
                .join(move, condition=line.move == move.id)
                .join(exits, condition=exits.id == move.id)
                .select(
                    exits.origin, line.account, Sum(line.credit - line.debit),
                    where=where, group_by=[exits.origin, line.account])):
            result[int(origin[len(_PREFIX):])][account] = self._read(amount)
        return result

    def _read_changes(self):
        """Return the changes of the register as tuples of day, class, whether
        shares are annulled, quantity and amount

        What was reversed was never there."""
        Movement = Pool().get('coop.share.movement')
        table, reversed_ = Movement.__table__(), Movement.__table__()
        columns = [
            Coalesce(reversed_.date, table.date).as_('day'),
            table.share_class,
            Coalesce(reversed_.type, table.type).as_('kind')]
        return [
            (as_date(day), class_, kind in _ANNULLED, int(quantity or 0),
                self._read(amount))
            for day, class_, kind, quantity, amount in rows(table
                .join(reversed_, 'LEFT',
                    condition=table.reversal_of == reversed_.id)
                .select(
                    *columns, Sum(table.quantity), Sum(table.amount),
                    where=(table.company == self.company.id)
                    & (table.state == 'posted'),
                    group_by=columns))]

    def _read_reductions(self):
        """Return the class, the day and the sum per share of the reductions of
        the nominal value that were booked against losses"""
        Nominal = Pool().get('coop.share.nominal')
        found, last = [], {}
        for nominal in Nominal.search([
                    ('company', '=', self.company.id),
                    ('state', '=', 'posted'),
                    ], order=[('date', 'ASC'), ('id', 'ASC')]):
            class_ = nominal.share_class.id
            less = last.get(class_, nominal.nominal) - nominal.nominal
            if (less > 0 and nominal.account
                    and nominal.account.id in self._losses):
                found.append((class_, nominal.date, less))
            last[class_] = nominal.nominal
        return found

    # What is told

    def closing(self, fiscalyear, exits, formula=None):
        """Return what the balance sheet of the year tells; exits are all that
        were valued, with the closing of each"""
        end = fiscalyear.end_date
        results, statutory, reserve = (
            self._balance(accounts, end, exits) for accounts in [
                self._results, self._statutory, self._reserve])
        capital, reduced = self._capital(fiscalyear)
        formula = formula or self.formula
        loss = max(reduced - results, ZERO)
        reserve = max(reserve, ZERO)
        on_capital = loss_on_capital(
            formula, loss, capital, max(statutory, ZERO), reserve)
        if on_capital:
            # What is short of its capital has nothing to add to it
            reserve = ZERO
        elif formula == 'revaluation_first':
            reserve = max(reserve - loss, ZERO)
        return Closing(capital, on_capital, reserve)

    def _balance(self, accounts, end, exits):
        """Return the balance at the closing of a year: with the losses that
        those who left in the years before have borne, whenever it was booked,
        and without those of the year, which all bear the same"""
        amounts = [
            amount for year_end, account, amount in self._by_year
            if year_end <= end and account in accounts]
        for id_, valued_on in exits.items():
            if valued_on < end:
                amounts.extend(
                    amount for account, amount in self._by_exit.get(
                        id_, {}).items()
                    if account in accounts)
        return sum(amounts, ZERO)

    def _capital(self, fiscalyear):
        start, end = fiscalyear.start_date, fiscalyear.end_date
        capital = reduced = ZERO
        for day, class_, annulled, quantity, amount in self._changes:
            if day > end:
                continue
            if not annulled or day < start:
                capital += amount
                reduced += quantity * self.reduction(
                    class_, fiscalyear, end)
            else:
                # What it was before is in the rest
                reduced += quantity * (
                    self.reduction(class_, fiscalyear, end)
                    - self.reduction(class_, fiscalyear, day))
        return capital + reduced, reduced

    def reduction(self, class_, fiscalyear, day):
        """Return what the reductions of a year took from a share for losses,
        until the day"""
        return sum((
                less for id_, date, less in self._reductions
                if id_ == class_ and fiscalyear.start_date <= date <= day),
            ZERO)

    def booked(self, exit_):
        amounts = self._by_exit.get(exit_.id, {})
        return Booked(
            sum((a for i, a in amounts.items() if i in self._losses), ZERO),
            -sum((a for i, a in amounts.items() if i in self._reserve), ZERO))
