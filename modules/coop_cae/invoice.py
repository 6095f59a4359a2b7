# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import fields
from trytond.modules.coop_cae.rules.chart import (
    CUSTOMER_DEPOSITS, FIXED_ASSETS, SUPPLIER_DEPOSITS)
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval, If


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    activity = fields.Many2One(
        'cae.activity', "Activity", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states={
            'readonly': Eval('state') != 'draft',
            },
        help="Whose the lines are that name no analytic account. "
        "Without it they are the structure's.")

    @fields.depends('activity', 'lines')
    def on_change_activity(self):
        if self.activity:
            for line in self.lines or []:
                line.set_activity(self.activity)
            self.lines = self.lines

    @classmethod
    def on_modification(cls, mode, invoices, field_names=None):
        super().on_modification(mode, invoices, field_names=field_names)
        if mode == 'create' or (
                mode == 'write' and field_names & {'activity', 'lines'}):
            cls._complete_lines(invoices)

    @classmethod
    def _complete_lines(cls, invoices):
        "Give the activity of the invoice to the lines without any"
        Line = Pool().get('account.invoice.line')
        lines = []
        for invoice in invoices:
            if invoice.state != 'draft' or not invoice.activity:
                continue
            for line in invoice.line_lines:
                if not line.has_activity(invoice.activity):
                    line.set_activity(invoice.activity)
                    lines.append(line)
        Line.save(lines)

    def _credit(self, **values):
        credit = super()._credit(**values)
        credit.activity = self.activity
        return credit


class InvoiceLine(metaclass=PoolMeta):
    __name__ = 'account.invoice.line'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # Deposits and what lasts are accounts of the balance sheet
        type_ = If(
            Bool(Eval('_parent_invoice')),
            Eval('_parent_invoice', {}).get('type'), Eval('invoice_type'))
        cls.account.domain = ['OR',
            cls.account.domain,
            [
                ('type.statement', '=', 'balance'),
                ('closed', '!=', True),
                ('company', '=', Eval('company', -1)),
                ('id', '!=', Eval('_parent_invoice', {}).get('account', -1)),
                If(type_ == 'out',
                    _code_domain(CUSTOMER_DEPOSITS),
                    If(type_ == 'in',
                        _code_domain(SUPPLIER_DEPOSITS + FIXED_ASSETS),
                        _code_domain(
                            CUSTOMER_DEPOSITS + SUPPLIER_DEPOSITS
                            + FIXED_ASSETS))),
                ],
            ]

    def has_activity(self, activity):
        "Return if an account is chosen under the root of the activity"
        root = activity.analytic_account.root
        return any(e.account for e in self.analytic_accounts if e.root == root)

    @fields.depends('type', 'analytic_accounts')
    def set_activity(self, activity):
        "Make the line the activity's"
        Entry = Pool().get('analytic.account.entry')
        if self.type != 'line':
            return
        account = activity.analytic_account
        entries = list(self.analytic_accounts or [])
        for entry in entries:
            if entry.root == account.root:
                break
        else:
            entry = Entry(root=account.root)
            entries.append(entry)
        entry.account = account
        self.analytic_accounts = entries


def _code_domain(prefixes):
    return ['OR', *(('code', 'like', f'{prefix}%') for prefix in prefixes)]
