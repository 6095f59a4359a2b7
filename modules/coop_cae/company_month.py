# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The months of each co-operative: what is left before they are closed, and
what their closes booked."""
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.company_month import Month, state
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If, PYSONEncoder
from trytond.wizard import StateAction, Wizard

from .balance import context_date
from .company_month_reading import Reading, late_entries
from .rows import read_rows, records

CLOSABLE = ['running', 'left', 'ready', 'late']


def _amount(label, help=''):
    return Monetary(
        label, currency='currency', digits='currency', help=help)


class CompanyMonth(ModelSQL, ModelView):
    __name__ = 'cae.company.month'

    company = fields.Many2One('company.company', "Company")
    period = fields.Many2One('account.period', "Month")
    start_date = fields.Date("Start Date")
    state = fields.Selection([
            ('closed', "Closed"),
            ('late', "Came Late"),
            ('ready', "To Close"),
            ('left', "Left to Do"),
            ('running', "Running"),
            ('waiting', "After an Open Month"),
            ('locked', "Accounting Closed"),
            ], "State", sort=False,
        help="Came Late: entries were posted since that no close has taken "
        "into account, or what is due has changed.\n"
        "Left to Do: there are drafts, or something cannot be booked.\n"
        "After an Open Month: months are closed in order.\n"
        "Accounting Closed: the accounting period takes no entry any more.")
    payslips = fields.Integer(
        "Payslips to Book", help="Those of the month; the close books them.")
    moves = fields.Integer(
        "Draft Entries", help="Dated in the month, but those of invoices.")
    invoices = fields.Integer(
        "Draft Invoices", help="Dated in the month.")
    faults = fields.Integer(
        "Faults", help="What a close cannot book until it is mended.")
    late = fields.Integer(
        "Came Late",
        help="Entries of activities, posted since the close of the month.")
    undue = fields.Integer(
        "Not at Due",
        help="Activities of which the contribution booked for the fiscal year "
        "is not what is due to date: close the month again.")
    closes = fields.Integer("Closes")
    closed_at = fields.DateTime("Closed At")
    closed_by = fields.Many2One('res.user', "Closed By")
    currency = fields.Many2One('currency.currency', "Currency")
    contribution = _amount(
        "Contribution", help="Booked by the closes of the month.")
    gross = _amount("Gross Pay", help="Booked by the closes of the month.")
    withheld = _amount(
        "Kept Back for Shares", help="By the closes of the month.")
    shares = fields.Integer(
        "New Shares", help="Subscribed by the closes of the month.")
    left_out = fields.Function(fields.Text(
            "Left Out",
            states={
                'invisible': ~Eval('left_out'),
                },
            help="What is not booked, why, and how to mend it."),
        'get_left_out')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [
            ('start_date', 'ASC'), ('company.party.name', 'ASC'),
            ('id', 'ASC')]
        cls._buttons.update({
                'close': {
                    'invisible': ~Eval('state').in_(CLOSABLE),
                    'depends': ['state'],
                    },
                **{f'open_{name}': {
                        'invisible': ~Eval(name),
                        'depends': [name],
                        }
                    for name in [
                        'payslips', 'moves', 'invoices', 'late', 'closes']},
                'open_entries': {
                    'invisible': ~Eval('closes'),
                    'depends': ['closes'],
                    },
                })

    @classmethod
    def table_query(cls):
        months = _months(context_date('month_date'))
        names = [
            name for name, field in cls._fields.items()
            if not isinstance(field, fields.Function)
            and name not in {
                'create_uid', 'create_date', 'write_uid', 'write_date'}]
        return records(
            cls, names, ([month[name] for name in names] for month in months))

    def get_rec_name(self, name):
        return f'{self.company.rec_name} – {self.period.rec_name}'

    @classmethod
    def get_left_out(cls, months, name):
        "What a close of now would leave out, or what the last one did"
        Close = Pool().get('cae.close')
        texts = {}
        for month in months:
            if month.state in CLOSABLE:
                plan = Close.plan(month.company, month.period)
                texts[month.id] = '\n'.join(f.text for f in plan.faults)
            else:
                texts[month.id] = '\n'.join(
                    c.faults for c in Close.search([
                            ('period', '=', month.period.id),
                            ('state', '=', 'done'),
                            ], limit=1)
                    if c.faults)
        return texts

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state').in_(['closed', 'locked']), 'muted',
                    If(Eval('state').in_(['late', 'left']), 'warning',
                        If(Eval('state') == 'ready', 'success', '')))),
            ('//group[@id="left_out"]', 'states', {
                    'invisible': ~Eval('left_out'),
                    }),
            ('//group[@id="booked"]', 'states', {
                    'invisible': ~Eval('closes'),
                    }),
            ]

    @classmethod
    @ModelView.button_action('coop_cae.wizard_close_month')
    def close(cls, months):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.act_payslip_relate_month')
    def open_payslips(cls, months):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.act_move_relate_month')
    def open_moves(cls, months):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.wizard_month_invoices')
    def open_invoices(cls, months):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.wizard_month_late')
    def open_late(cls, months):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.act_close_relate_month')
    def open_closes(cls, months):
        pool = Pool()
        Close = pool.get('cae.close')
        ModelData = pool.get('ir.model.data')
        closes = Close.search([
                ('period', 'in', [m.period for m in months]),
                ('state', '=', 'done'),
                ])
        if len(closes) == 1:
            form = ModelData.get_id('coop_cae', 'close_view_form')
            return {'views': [(form, 'form')], 'res_id': [closes[0].id]}

    @classmethod
    @ModelView.button_action('coop_cae.wizard_month_entries')
    def open_entries(cls, months):
        pass


class CompanyMonthContext(ModelView):
    __name__ = 'cae.company.month.context'

    month_date = fields.Date(
        "Date", required=True,
        help="The months are those of its fiscal year, and those before that "
        "are not closed.")

    @classmethod
    def default_month_date(cls):
        "Return today, or the last day of the last month that has entries"
        return Pool().get(
            'cae.activity.figures.context').default_figures_date()


def _months(date):
    reading = Reading(date)
    for period in reading.shown():
        found = reading.of(period)
        yield {
            'id': period.id,
            'company': period.company,
            'period': period.id,
            'currency': period.currency,
            'start_date': period.start.isoformat(),
            'state': state(Month(
                    closed=reading.closed(period),
                    is_open=bool(period.is_open),
                    is_over=period.end <= date,
                    is_next=(
                        reading.first_open[period.company] == period.start),
                    left=(
                        found['moves'] + found['invoices'] + found['faults']),
                    unreckoned=found.pop('unreckoned'),
                    undue=found['undue'])),
            **found,
            }


class OpenMonthInvoices(Wizard):
    "Open the draft invoices that are dated in a month"
    __name__ = 'cae.company.month.open_invoices'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('account_invoice.act_invoice_form')

    def do_open_(self, action):
        period = self.record.period
        dates = [
            [(name, '>=', period.start_date), (name, '<=', period.end_date)]
            for name in ['accounting_date', 'invoice_date']]
        return _open(action, self.record, [
                ('company', '=', self.record.company.id),
                ('state', 'in', ['draft', 'validated']),
                ['OR', dates[0], [('accounting_date', '=', None), dates[1]]],
                ])


class OpenMonthLate(Wizard):
    "Open the entries that were posted since the close of a month"
    __name__ = 'cae.company.month.open_late'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('account.act_move_form')

    def do_open_(self, action):
        ids = [id_ for id_, *_ in read_rows(late_entries(
                    [self.record.period.id]))]
        return _open(action, self.record, [('id', 'in', ids)])


class OpenMonthEntries(Wizard):
    "Open the entries that the closes of a month booked"
    __name__ = 'cae.company.month.open_entries'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('account.act_move_form')

    def do_open_(self, action):
        Close = Pool().get('cae.close')
        closes = Close.search([
                ('period', '=', self.record.period.id),
                ('state', '=', 'done'),
                ])
        moves = {m.id for c in closes for m in c.moves}
        for name in ['payslips', 'withholdings', 'movements']:
            moves.update(
                r.move.id for c in closes for r in getattr(c, name) if r.move)
        return _open(action, self.record, [('id', 'in', sorted(moves))])


def _open(action, month, domain):
    action['pyson_domain'] = PYSONEncoder().encode(domain)
    # The list is of these alone
    action['domains'] = []
    action['name'] += f' ({month.rec_name})'
    return action, {}
