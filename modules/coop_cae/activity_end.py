# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What an activity that has ended takes no more."""
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If
from trytond.transaction import without_check_access

from .exceptions import (
    ActivityEndedError, ActivityEndedWarning, PayRequestError)


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def validate_invoice(cls, invoices):
        cls.check_ended(invoices)
        super().validate_invoice(invoices)

    @classmethod
    def post(cls, invoices):
        cls.check_ended(invoices)
        super().post(invoices)

    @classmethod
    def check_ended(cls, invoices):
        """Refuse to invoice customers after the end of an activity, and ask
        for suppliers: they may be late"""
        Date = Pool().get('ir.date')
        Warning = Pool().get('res.user.warning')
        lang = Pool().get('ir.lang').get()
        today = Date.today()
        ended = cls._ended_activities(invoices)
        for invoice in invoices:
            date = invoice.invoice_date or today
            for activity in invoice._activities(ended):
                if activity.end_date >= date:
                    continue
                names = {
                    'activity': activity.rec_name,
                    'date': lang.strftime(activity.end_date),
                    'invoice': invoice.rec_name,
                    }
                if invoice.type == 'out':
                    raise ActivityEndedError(gettext(
                            'coop_cae.msg_activity_ended_invoice', **names))
                key = Warning.format('activity_ended', [invoice, activity])
                if Warning.check(key):
                    raise ActivityEndedWarning(key, gettext(
                            'coop_cae.msg_activity_ended_supplier', **names))

    @classmethod
    @without_check_access
    def _ended_activities(cls, invoices):
        "Return those of the lines that have ended, by analytic account"
        Activity = Pool().get('cae.activity')
        accounts = {
            entry.account.id for invoice in invoices
            for line in invoice.line_lines for entry in line.analytic_accounts
            if entry.account}
        return {
            a.analytic_account.id: a for a in Activity.search([
                    ('analytic_account', 'in', list(accounts)),
                    ('end_date', '!=', None),
                    ], order=[])}

    def _activities(self, ended):
        "Return the ended activities that the invoice is for, credits apart"
        amounts = defaultdict(Decimal)
        for line in self.line_lines:
            for entry in line.analytic_accounts:
                if entry.account and entry.account.id in ended:
                    amounts[ended[entry.account.id]] += line.amount
        return [a for a, amount in amounts.items() if amount > 0]


class PayRequest(metaclass=PoolMeta):
    __name__ = 'cae.pay.request'

    @classmethod
    def validate_fields(cls, requests, field_names):
        super().validate_fields(requests, field_names)
        if field_names and not field_names & {'activity', 'period'}:
            return
        lang = Pool().get('ir.lang').get()
        for request in requests:
            end = request.activity.end_date
            if (request.state == 'draft' and end
                    and end < request.period.start_date):
                raise PayRequestError(gettext(
                        'coop_cae.msg_activity_ended_pay',
                        activity=request.activity.rec_name,
                        date=lang.strftime(end),
                        month=request.period.rec_name))


class TransferStart(metaclass=PoolMeta):
    __name__ = 'cae.transfer.start'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.target.domain.append(
            If(Bool(Eval('date')),
                ['OR',
                    ('end_date', '=', None),
                    ('end_date', '>=', Eval('date', None)),
                    ],
                ()))
