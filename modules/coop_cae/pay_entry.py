# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entry of a payslip, and what of it pays the balance of a year."""
from collections import defaultdict
from decimal import Decimal

from trytond.modules.coop_cae.rules.pay_entry import (
    Settled, pay_lines, split_gross)
from trytond.modules.coop_cae.rules.variable_part import settled_contributions
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.coop_ledger.money import distribute
from trytond.pool import Pool, PoolMeta

from .payslip import SETTINGS

ZERO = Decimal(0)
_ROLES = {
    'gross': 'gross_account',
    'employer': 'employer_account',
    'wage': 'wage_account',
    'social': 'social_account',
    'tax': 'tax_account',
    }
# The lines of a settlement that owe what a payslip pays
_ACCRUED = {
    'accrued_gross': 'gross_line',
    'accrued_contributions': 'contributions_line',
    }


class Payslip(metaclass=PoolMeta):
    __name__ = 'cae.payslip'

    @property
    def weights(self):
        """The weight of each analytic account in the pay of the month: none
        for an activity that only pays the balance of a year"""
        weights = {
            line.activity.analytic_account.id: line.ratio
            for line in self.activities}
        for line in self.settlements:
            weights.setdefault(line.analytic_account, ZERO)
        return weights

    def _settled(self, contributions):
        """Return the balances that the payslip pays, with the contributions
        by settlement"""
        ranks = {account: rank for rank, account in enumerate(self.weights)}
        return [
            Settled(
                ranks[line.analytic_account], line.gross,
                contributions.get(line.settlement.id, ZERO))
            for line in self.settlements]

    def gross_by_account(self):
        "Return the gross pay of each activity by its analytic account"
        weights = self.weights
        return zip(weights, split_gross(
                self.gross, list(weights.values()),
                self.company.currency.digits, self._settled({})))

    def cost_of(self, activity):
        """Return what the pay of the month costs one of its activities, as it
        is booked"""
        weights = self.weights
        index = list(weights).index(activity.analytic_account.id)
        digits = self.company.currency.digits
        accrued = sum((
                settled_contributions(
                    line.gross, *line.settlement.balance(), digits)
                for line in self.settlements), ZERO)
        return sum(
            distribute(amount, list(weights.values()), digits)[index]
            for amount in [
                self.gross - self.settled_gross,
                self.employer_contributions - accrued])

    @classmethod
    def month_cost(cls, activity, date):
        """Return what the pay of its last month cost an activity, of the
        months begun on the date; 0 if it has never paid"""
        domain = [
            ('activities.activity', '=', activity.id),
            ('state', '=', 'posted'),
            ]
        last = cls.search(
            [*domain, ('period.start_date', '<=', date)],
            order=[('period.start_date', 'DESC')], limit=1)
        payslips = cls.search(
            [*domain, ('period', 'in', [p.period.id for p in last])],
            order=[])
        return sum((p.cost_of(activity) for p in payslips), ZERO)

    @classmethod
    def book(cls, close, payslips):
        "Post the pay entry of each payslip"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Move = pool.get('account.move')
        company = close.company
        if not payslips:
            return
        configuration = Configuration(1)
        settings = {
            name: configuration.get_required(name, company).id
            for name in SETTINGS}
        accrued = cls._take_accrued(payslips)
        entries = [
            p._entry(close.period.end_date, settings, accrued[p.id])
            for p in payslips]
        Move.post_entries(company, [e for e in entries if e.lines])
        cls.write(payslips, {'state': 'posted', 'close': close.id})

    @classmethod
    def _take_accrued(cls, payslips):
        """Return by payslip, then by settlement, the accrued contributions
        that go with what it pays of the balance"""
        Settlement = Pool().get('cae.settlement')
        result = defaultdict(dict)
        if not any(p.settlements for p in payslips):
            return result
        left = Settlement.accrued_left(Settlement.browse({
                    line.settlement for p in payslips
                    for line in p.settlements}))
        for payslip in payslips:
            for line in payslip.settlements:
                gross, contributions = left[line.settlement.id]
                taken = settled_contributions(
                    line.gross, gross, contributions,
                    payslip.company.currency.digits)
                result[payslip.id][line.settlement.id] = taken
                left[line.settlement.id] = (
                    gross - line.gross, contributions - taken)
        return result

    def _entry(self, date, settings, accrued):
        weights = self.weights
        lines = []
        for line in pay_lines(
                self.pay, list(weights.values()),
                self.company.currency.digits, self._settled(accrued)):
            side = 'debit' if line.debit else 'credit'
            lines.append(EntryLine(
                    debit=line.debit, credit=line.credit,
                    parts=tuple(
                        Part(account=account, **{side: amount})
                        for account, amount in zip(weights, line.split)
                        if amount),
                    **self._line_values(line, settings)))
        return Entry(
            journal=settings['pay_journal'], date=date, origin=str(self),
            description=self.rec_name, lines=tuple(lines))

    def _line_values(self, line, settings):
        "Return the account of a line of the entry and what goes with it"
        if line.settled is not None:
            settlement = self.settlements[line.settled].settlement
            owed = getattr(settlement, _ACCRUED[line.role])
            return {
                'account': owed.account.id,
                'party': owed.party.id if owed.party else None,
                'origin': str(settlement),
                }
        return {
            'account': settings[_ROLES[line.role]],
            'party': (
                self.entrepreneur.party.id if line.role == 'wage' else None),
            }

    @classmethod
    def undo(cls, payslips):
        "Reverse the pay entries: the payslips can be posted again"
        Move = Pool().get('account.move')
        Move.reverse_entries([p.move for p in payslips if p.move])
        cls.write(payslips, {'state': 'draft', 'close': None})
