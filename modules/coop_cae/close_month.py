# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView

from .close import done
from .exceptions import CloseError


class CloseMonth(BookingWizard):
    __name__ = 'cae.close_month'

    start_state = 'begin'
    begin = StateTransition()
    start = StateView(
        'cae.close_month.start', 'coop_cae.close_month_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'cae.close_month.preview', 'coop_cae.close_month_preview_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Back", 'start', 'tryton-back'),
            Button("Close", 'close', 'tryton-ok', default=True),
            ])
    close = StateTransition()
    result = StateView(
        'cae.close_month.result', 'coop_cae.close_month_result_view_form', [
            Button("OK", 'end', 'tryton-ok', default=True),
            ])

    def transition_begin(self):
        "From a month of a company, its preview comes first"
        CompanyMonth = Pool().get('cae.company.month')
        if self.model is not CompanyMonth:
            return 'start'
        self.start.company = self.record.company
        self.start.period = self.record.period
        return 'preview'

    def default_start(self, fields):
        if getattr(self.start, 'company', None):
            return {
                'company': self.start.company.id,
                'period': self.start.period and self.start.period.id,
                }
        return {}

    def default_preview(self, fields):
        Close = Pool().get('cae.close')
        company, period = self.start.company, self.start.period
        plan = Close.plan(company, period)
        return {
            'company': company.id,
            'period': period.id,
            'currency': company.currency.id,
            'lines': list(preview_lines(plan)),
            'gross': sum((p.gross for p in plan.payslips), Decimal(0)),
            'withheld': sum(
                (w.amount for w in plan.withholdings), Decimal(0)),
            'shares': sum(c.quantity for c in plan.conversions),
            'contribution': sum(
                (c.amount for p in [plan, *plan.again]
                    for c in p.contributions), Decimal(0)),
            'faults': '\n'.join(f.text for f in plan.faults),
            'blocked': plan.blocked,
            'skip_faults': False,
            }

    def transition_close(self):
        Close = Pool().get('cae.close')
        result = Close.run(
            self.start.company, self.start.period,
            skip_faults=self.preview.skip_faults)
        if result.faults and not result.close:
            raise CloseError(gettext(
                    'coop_cae.msg_close_faults',
                    period=self.start.period.rec_name,
                    faults='\n'.join(f.text for f in result.faults)))
        self.result.close = result.close
        self.result.text = '\n'.join(
            done(c) for c in [result.close, *result.again] if c)
        return 'result'

    def default_result(self, fields):
        close = self.result.close
        return {
            'close': close.id if close else None,
            'text': self.result.text or gettext(
                'coop_cae.msg_close_nothing',
                period=self.start.period.rec_name),
            }


def preview_lines(plan):
    pool = Pool()
    Activity = pool.get('cae.activity')
    Party = pool.get('party.party')

    def names(Model, ids):
        return {r.id: r.rec_name for r in Model.browse(list(dict.fromkeys(
                            int(i) for i in ids)))}

    parties = names(Party, [
            *(w.party for w in plan.withholdings),
            *(c.party for c in plan.conversions)])
    activities = names(Activity, [
            c.activity for p in [plan, *plan.again] for c in p.contributions])
    for slip in plan.payslips:
        yield {
            'step': 'pay', 'subject': slip.rec_name,
            'base': slip.gross, 'amount': slip.net}
    for withholding in plan.withholdings:
        yield {
            'step': 'withholding',
            'subject': parties[int(withholding.party)],
            'base': withholding.base, 'amount': withholding.amount}
    for conversion in plan.conversions:
        yield {
            'step': 'conversion',
            'subject': parties[int(conversion.party)],
            'base': conversion.savings,
            'quantity': conversion.quantity,
            'amount': conversion.quantity * conversion.nominal}
    for month in [plan, *plan.again]:
        # The months that are closed again name themselves
        of = '' if month is plan else f' – {month.period.rec_name}'
        for contribution in month.contributions:
            yield {
                'step': 'contribution',
                'subject': activities[contribution.activity] + of,
                'base': contribution.base, 'due': contribution.due,
                'booked': contribution.booked, 'amount': contribution.amount}


class Start(ModelView):
    __name__ = 'cae.close_month.start'

    company = fields.Many2One('company.company', "Company", required=True)
    period = fields.Many2One(
        'account.period', "Period", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ('state', '=', 'open'),
            ])

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company', 'period')
    def on_change_company(self):
        if self.period and self.period.company != self.company:
            self.period = None
        if self.company and not self.period:
            self.period = self._first_open()

    @classmethod
    def default_period(cls):
        pool = Pool()
        Company = pool.get('company.company')
        company = cls.default_company()
        if company:
            start = cls(company=Company(company))
            if period := start._first_open():
                return period.id

    def _first_open(self):
        "Return the first month that is not closed"
        Close = Pool().get('cae.close')
        closed = Close.closed_periods(self.company)
        for period in Close.periods(self.company):
            if period.id not in closed and period.state == 'open':
                return period


class Preview(ModelView):
    __name__ = 'cae.close_month.preview'

    company = fields.Many2One(
        'company.company', "Company", readonly=True)
    period = fields.Many2One('account.period', "Period", readonly=True)
    currency = fields.Many2One(
        'currency.currency', "Currency", readonly=True)
    lines = fields.One2Many(
        'cae.close_month.preview.line', None, "To Book", readonly=True)
    gross = Monetary(
        "Gross Pay", currency='currency', digits='currency', readonly=True)
    withheld = Monetary(
        "Kept Back for Shares", currency='currency', digits='currency',
        readonly=True)
    shares = fields.Integer("New Shares", readonly=True)
    contribution = Monetary(
        "Contributions", currency='currency', digits='currency',
        readonly=True)
    faults = fields.Text(
        "Left Out", readonly=True,
        states={
            'invisible': ~Eval('faults'),
            },
        help="What cannot be booked, why, and how to mend it.")
    blocked = fields.Boolean("Blocked", readonly=True)
    skip_faults = fields.Boolean(
        "Close All the Others",
        states={
            'invisible': ~Eval('faults') | Bool(Eval('blocked')),
            },
        help="Close without what is left out; else nothing is booked.")

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('//group[@id="faults"]', 'states', {
                    'invisible': ~Eval('faults'),
                    }),
            ]


class PreviewLine(ModelView):
    __name__ = 'cae.close_month.preview.line'

    step = fields.Selection([
            ('pay', "Pay"),
            ('withholding', "Kept Back for Shares"),
            ('conversion', "New Shares"),
            ('contribution', "Contribution"),
            ], "Step", readonly=True)
    subject = fields.Char("Activity or Person", readonly=True)
    base = fields.Numeric("Base", digits=(None, 2), readonly=True)
    due = fields.Numeric("Due to Date", digits=(None, 2), readonly=True)
    booked = fields.Numeric(
        "Booked to Date", digits=(None, 2), readonly=True)
    quantity = fields.Integer("Shares", readonly=True)
    amount = fields.Numeric("To Book", digits=(None, 2), readonly=True)


class Result(ModelView):
    __name__ = 'cae.close_month.result'

    close = fields.Many2One('cae.close', "Close", readonly=True)
    text = fields.Text("Result", readonly=True)
