# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The invoices of the services between two co-operatives of a group."""
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import ModelView, Workflow, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import PYSONEncoder
from trytond.transaction import Transaction, check_access, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .contribution_figure import booked
from .exceptions import GroupContributionError, GroupContributionModifyError
from .rules.clock import A_DAY
from .rules.group_contribution import are_whole_months, due, to_invoice


class GroupContribution(metaclass=PoolMeta):
    __name__ = 'cae.group.contribution'

    @classmethod
    def make_invoices(cls, contributions, end):
        """Make the draft invoices of both co-operatives for the months that
        are not invoiced yet, to a last day, and return their periods"""
        Period = Pool().get('cae.group.contribution.period')
        cls.lock(contributions)
        periods = list(filter(
                None, (c._make_invoices(end) for c in contributions)))
        if contributions and not periods:
            lang = Pool().get('ir.lang').get()
            contribution = contributions[0]
            raise GroupContributionError(gettext(
                    'coop_cae.msg_group_contribution_nothing',
                    contribution=contribution.rec_name,
                    start=lang.strftime(contribution._next_day())))
        return Period.create(periods)

    def _make_invoices(self, end):
        "Return the values of the period, None if there is nothing to invoice"
        start = self._next_day()
        last = min(filter(None, [end, self.end_date]))
        if not are_whole_months(start, last):
            return
        base = self._booked(last) if self.basis == 'rate' else None
        amount = to_invoice(
            due(self.terms, base, self.start_date, last,
                self.currency.digits),
            [p.amount for p in self.periods if p.invoice.state != 'cancelled'])
        if not amount:
            return
        description = self._description(start, last)
        return {
            'contribution': self.id,
            'start_date': start,
            'end_date': last,
            'base': base,
            'invoice': self._invoice(
                'out', self.company, self.beneficiary, self.account,
                self.taxes, amount, description).id,
            'supplier_invoice': self._invoice(
                'in', self.beneficiary, self.company,
                self.beneficiary_account, self.beneficiary_taxes, amount,
                description).id,
            }

    def _next_day(self):
        return max(
            (p.end_date + A_DAY for p in self.periods),
            default=self.start_date)

    def _booked(self, end):
        "Return the contributions of the beneficiary since the beginning"
        with without_check_access():
            return sum(
                (Decimal(amount) for *_, amount in booked(
                        [self.beneficiary.id], self.start_date, end)),
                Decimal(0))

    def _description(self, start, end):
        language = self.beneficiary.party.lang
        lang = Pool().get('ir.lang').get(language and language.code)
        return (
            f'{self.name} ({lang.strftime(start)} – {lang.strftime(end)})')

    def _invoice(
            self, type_, company, other, account, taxes, amount, description):
        "Return the draft of a company for the other one, of its structure"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Entry = pool.get('analytic.account.entry')
        Invoice = pool.get('account.invoice')
        Line = pool.get('account.invoice.line')
        Party = pool.get('party.party')
        with Transaction().set_context(company=company.id):
            structure = Configuration(1).get_required(
                'structure_account', company)
            invoice = Invoice(
                company=company, type=type_, currency=self.currency,
                party=Party(other.party.id))
            invoice.set_journal()
            invoice.on_change_party()
            if not invoice.invoice_address:
                raise GroupContributionError(gettext(
                        'coop_cae.msg_group_contribution_address',
                        company=other.rec_name))
            invoice.lines = [Line(
                    type='line', company=company, currency=self.currency,
                    description=description, account=account, quantity=1,
                    unit_price=amount, taxes=taxes,
                    analytic_accounts=[
                        Entry(root=structure.root, account=structure)])]
            invoice.save()
            Invoice.update_taxes([invoice])
        return invoice


class GroupContributionInvoice(Wizard):
    __name__ = 'cae.group.contribution.invoice'

    start = StateView(
        'cae.group.contribution.invoice.start',
        'coop_cae.group_contribution_invoice_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Make Invoices", 'open_', 'tryton-ok', default=True),
            ])
    open_ = StateAction('coop_cae.act_group_contribution_period_form')

    def do_open_(self, action):
        Contribution = Pool().get('cae.group.contribution')
        ids = [r.id for r in self.records]
        with check_access():
            # Who works for one of the two only reads none of them
            Contribution.read(ids, ['id'])
        with without_check_access():
            periods = Contribution.make_invoices(
                Contribution.browse(ids), self.start.end_date)
        action['pyson_domain'] = PYSONEncoder().encode(
            [('id', 'in', [p.id for p in periods])])
        return action, {}


class GroupContributionInvoiceStart(ModelView):
    __name__ = 'cae.group.contribution.invoice.start'

    end_date = fields.Date(
        "Up To", required=True,
        help="The last day of the last month to invoice.")

    @classmethod
    def default_end_date(cls):
        today = Pool().get('ir.date').today()
        return today + relativedelta(day=1, days=-1)


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, invoices):
        cls._check_caught_up(invoices)
        super().draft(invoices)

    @classmethod
    @without_check_access
    def _check_caught_up(cls, invoices):
        "Refuse what the invoice of later months has invoiced instead"
        Period = Pool().get('cae.group.contribution.period')
        cancelled = [i.id for i in invoices if i.state == 'cancelled']
        if not cancelled:
            return
        for period in Period.search([('invoice', 'in', cancelled)], order=[]):
            if period != period.contribution.periods[0]:
                raise GroupContributionModifyError(gettext(
                        'coop_cae.msg_group_contribution_caught_up',
                        invoice=period.invoice.rec_name,
                        contribution=period.contribution.rec_name))

    @classmethod
    def _post(cls, invoices):
        super()._post(invoices)
        cls._tell_beneficiaries(invoices)

    @classmethod
    @without_check_access
    def _tell_beneficiaries(cls, invoices):
        "Give the drafts of the beneficiaries the number and the date"
        Period = Pool().get('cae.group.contribution.period')
        numbered = [i.id for i in invoices if i.type == 'out']
        if not numbered:
            return
        changed = []
        for period in Period.search([('invoice', 'in', numbered)], order=[]):
            invoice = period.supplier_invoice
            if invoice.state == 'draft':
                invoice.reference = period.invoice.number
                invoice.invoice_date = period.invoice.invoice_date
                changed.append(invoice)
        cls.save(changed)
