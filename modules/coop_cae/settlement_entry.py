# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a settlement books, and how it is reversed."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelView, Workflow
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.pool import Pool

from .exceptions import SettlementError
from .settlement_reckoning import ZERO, reckon

SETTINGS = [
    'gross_account', 'employer_account', 'accrued_pay_account',
    'accrued_contributions_account', 'leave_account',
    'leave_provision_account', 'leave_contributions_account', 'pay_journal']


class EntryMixin:
    __slots__ = ()

    @classmethod
    @ModelView.button
    @Workflow.transition('posted')
    def post(cls, settlements):
        """Book the balances and the change of the provision for leave on the
        last day of the fiscal year"""
        Move = Pool().get('account.move')
        companies = defaultdict(list)
        for settlement in settlements:
            companies[settlement.company].append(settlement)
        for company, settlements in companies.items():
            cls._check_years(company, settlements)
            settings = cls._settings(company)
            reckonings = reckon(settlements)
            entries = {}
            for settlement in settlements:
                entry = settlement._entry(
                    settings, reckonings[settlement.id])
                if entry.lines:
                    entries[settlement] = entry
            for settlement, posted in zip(
                    entries, Move.post_entries(company, entries.values())):
                settlement._set_booked(posted, reckonings[settlement.id].pay)
        cls.save([s for c in companies.values() for s in c])

    @classmethod
    def _settings(cls, company):
        Configuration = Pool().get('cae.configuration')
        return {
            name: Configuration(1).get_required(name, company)
            for name in SETTINGS}

    @classmethod
    def _check_years(cls, company, settlements):
        "The contribution and the pay of the year are booked by its closes"
        pool = Pool()
        Close = pool.get('cae.close')
        Payslip = pool.get('cae.payslip')
        years = {s.fiscalyear for s in settlements}
        closed = Close.closed_periods(company)
        for period in Close.periods(company):
            if period.fiscalyear in years and period.id not in closed:
                raise SettlementError(gettext(
                        'coop_cae.msg_settlement_month_open',
                        fiscalyear=period.fiscalyear.rec_name,
                        period=period.rec_name))
        if drafts := Payslip.search([
                    ('company', '=', company.id),
                    ('state', '=', 'draft'),
                    ('period.fiscalyear', 'in', [y.id for y in years]),
                    ('activities.activity', 'in', [
                            s.activity.id for s in settlements]),
                    ], limit=1):
            raise SettlementError(gettext(
                    'coop_cae.msg_settlement_payslip_draft',
                    payslip=drafts[0].rec_name))

    def _entry(self, settings, reckoning):
        pay = reckoning.pay
        if pay is None:
            if reckoning.year.left > 0:
                raise SettlementError(gettext(
                        'coop_cae.msg_settlement_ratio_missing',
                        settlement=self.rec_name))
            gross = contributions = ZERO
        else:
            gross, contributions = pay.gross, pay.employer
        leave = self.leave_closing - self.leave_opening
        return Entry(
            journal=settings['pay_journal'].id,
            date=self.fiscalyear.end_date, origin=str(self),
            description=gettext(
                'coop_cae.msg_settlement_description',
                settlement=self.rec_name),
            lines=tuple(
                line for charge, debt, amount in [
                    ('gross_account', 'accrued_pay_account', gross),
                    ('employer_account', 'accrued_contributions_account',
                        contributions),
                    ('leave_account', 'leave_provision_account', leave),
                    ('employer_account', 'leave_contributions_account',
                        self.leave_rise - leave),
                    ]
                for line in self._pair(
                    settings[charge], settings[debt], amount)))

    def _pair(self, charge, debt, amount):
        "Yield the lines that charge an amount and owe it, none without any"
        if not amount:
            return
        analytic = self.activity.analytic_account.id
        for account, balance in [(charge, amount), (debt, -amount)]:
            part = Part.of(analytic, balance)
            yield EntryLine(
                account=account.id, debit=part.debit, credit=part.credit,
                party=(self.entrepreneur.party.id
                    if account.party_required else None),
                parts=(part,))

    def _set_booked(self, posted, pay):
        self.move = posted.move
        if pay and pay.gross:
            self.gross_line = posted.lines[1]
            if pay.employer:
                self.contributions_line = posted.lines[3]

    @classmethod
    @ModelView.button
    @Workflow.transition('reversed')
    def reverse(cls, settlements):
        "Reverse the entries, as long as no payslip pays the balance"
        Move = Pool().get('account.move')
        cls._check_not_settled(settlements)
        Move.reverse_entries([s.move for s in settlements if s.move])
