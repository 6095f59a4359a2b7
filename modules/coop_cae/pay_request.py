# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.coop_cae.rules.pay_estimate import of_wanted
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .exceptions import (
    PayRatioError, PayRequestError, PayRequestModifyError,
    PayRequestTreasuryWarning)
from .figures import Figures, figures

WANTED = [
    ('gross', "Gross Pay"),
    ('cost', "Full Cost"),
    ('net', "Net"),
    ]
# What only the buttons set
_DECISION = {'state', 'decided_by', 'decided_at', 'refusal'}


def _estimated(label, help=''):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_estimates')


class PayRequest(Workflow, ModelSQL, ModelView):
    __name__ = 'cae.pay.request'

    _states = {
        'readonly': Eval('state') != 'draft',
        }
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_states)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states=_states)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            If(Eval('state') == 'draft',
                ('activities', '=', Eval('activity', -1)),
                ()),
            ],
        states=_states)
    period = fields.Many2One(
        'account.period', "Month", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ],
        states=_states)
    wanted = fields.Selection(
        WANTED, "Wanted", required=True, sort=False, states=_states)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[
            ('amount', '>', 0),
            ],
        states=_states)
    notes = fields.Text(
        "Note", states=_states,
        help="For those who decide and for the payroll office.")
    gross = _estimated("Gross Pay (Estimate)")
    cost = _estimated("Full Cost (Estimate)")
    net = _estimated(
        "Net (Estimate)",
        help="What is paid to the person, the income tax withheld, before "
        "anything is kept back for shares.")
    ratio_source = fields.Function(
        fields.Char("Source of the Ratios"), 'get_estimates')
    state = fields.Selection([
            ('draft', "Draft"),
            ('requested', "Requested"),
            ('approved', "Approved"),
            ('refused', "Refused"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    decided_by = fields.Many2One(
        'res.user', "Decided By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Eval('decided_by'),
            })
    decided_at = fields.DateTime(
        "Decided At", readonly=True,
        states={
            'invisible': ~Eval('decided_at'),
            })
    refusal = fields.Text(
        "Reason of the Refusal", readonly=True,
        states={
            'invisible': ~Eval('refusal'),
            'required': Eval('state') == 'refused',
            })

    del _states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._order = [
            ('period.start_date', 'DESC'), ('activity.code', 'ASC'),
            ('id', 'DESC')]
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.period, Index.Range())),
                Index(table, (table.activity, Index.Range())),
                Index(table, (table.entrepreneur, Index.Range())),
                Index(table, (table.company, Index.Range()),
                    where=table.state.in_(['draft', 'requested'])),
                })
        cls._transitions |= {
            ('draft', 'requested'),
            ('requested', 'approved'),
            ('requested', 'refused'),
            ('requested', 'draft'),
            ('refused', 'draft'),
            ('cancelled', 'draft'),
            ('draft', 'cancelled'),
            ('requested', 'cancelled'),
            ('approved', 'cancelled'),
            }
        cls._buttons.update({
                name: {
                    'invisible': ~Eval('state').in_(states),
                    'icon': icon,
                    'depends': ['state'],
                    } for name, states, icon in [
                    ('cancel', ['draft', 'requested', 'approved'],
                        'tryton-cancel'),
                    ('draft', ['requested', 'refused', 'cancelled'],
                        'tryton-back'),
                    ('request', ['draft'], 'tryton-forward'),
                    ('refuse_wizard', ['requested'], 'tryton-cancel'),
                    ('approve', ['requested'], 'tryton-ok'),
                    ]
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_wanted(cls):
        return 'gross'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('activity', 'entrepreneur')
    def on_change_activity(self):
        people = [
            p.entrepreneur for p in self.activity.entrepreneurs
            ] if self.activity else []
        if self.entrepreneur not in people:
            self.entrepreneur = people[0] if len(people) == 1 else None

    @classmethod
    def get_estimates(cls, requests, names):
        values = {name: dict.fromkeys(map(int, requests)) for name in names}
        for request, (pay, source) in cls.estimates(requests).items():
            for name in names:
                values[name][request.id] = (
                    source if name == 'ratio_source' else getattr(pay, name))
        return values

    @classmethod
    def estimates(cls, requests):
        """Return the estimated pay and the source of the ratios by request,
        as far as ratios are known

        They are those of the first day of the month: the payslip of the month
        itself does not change them.
        """
        Ratio = Pool().get('cae.pay.ratio')
        companies = defaultdict(list)
        for request in requests:
            companies[request.company].append(request)
        result = {}
        for company, requests in companies.items():
            ratios = Ratio.of(company, [r._ratio_key() for r in requests])
            for request in requests:
                if found := ratios.get(request._ratio_key()):
                    pay = of_wanted(
                        request.wanted, request.amount, found.ratios,
                        company.currency.digits)
                    result[request] = pay, found.source
        return result

    def _ratio_key(self):
        return self.entrepreneur.id, self.period.start_date

    def get_rec_name(self, name):
        return (
            f'{self.entrepreneur.rec_name} – {self.activity.code} – '
            f'{self.period.rec_name}')

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('entrepreneur.rec_name', operator, value),
            ('activity.rec_name', operator, value),
            ('period.rec_name', operator, value),
            ]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state').in_(['refused', 'cancelled']), 'muted', '')),
            ]

    @classmethod
    def copy(cls, requests, default=None):
        default = default.copy() if default is not None else {}
        for name in _DECISION - {'state'}:
            default.setdefault(name)
        return super().copy(requests, default=default)

    @classmethod
    def check_modification(cls, mode, requests, values=None, external=False):
        super().check_modification(
            mode, requests, values=values, external=external)
        if mode == 'create':
            broken = [
                r for r in requests
                if r.state != 'draft' or r.decided_by or r.decided_at
                or r.refusal]
        elif mode == 'write' and values.keys() <= _DECISION:
            broken = requests if external else []
        else:
            broken = [r for r in requests if r.state != 'draft']
            if mode == 'write' and values.keys() & _DECISION:
                broken = requests
        for request in broken:
            raise PayRequestModifyError(gettext(
                    'coop_cae.msg_pay_request_modify',
                    request=request.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, requests):
        pass

    @classmethod
    @ModelView.button
    @Workflow.transition('draft')
    def draft(cls, requests):
        # With its state, as a refused request needs its reason
        cls.write(requests, {
                'state': 'draft',
                'decided_by': None,
                'decided_at': None,
                'refusal': None,
                })

    @classmethod
    @ModelView.button
    @Workflow.transition('requested')
    def request(cls, requests):
        pass

    @classmethod
    @ModelView.button_action('coop_cae.wizard_pay_request_refuse')
    def refuse_wizard(cls, requests):
        pass

    @classmethod
    @Workflow.transition('refused')
    def refuse(cls, requests, reason):
        cls._decide(requests, refusal=reason)

    @classmethod
    @ModelView.button
    @Workflow.transition('approved')
    def approve(cls, requests):
        cls._check_treasury(requests)
        cls._decide(requests)

    @classmethod
    def _decide(cls, requests, **values):
        cls.write(requests, {
                'decided_by': Transaction().user or None,
                'decided_at': datetime.datetime.now().replace(microsecond=0),
                **values,
                })

    @classmethod
    def _check_treasury(cls, requests):
        """Warn when the treasury of an activity does not pay what is approved
        for the month, with what was before"""
        pool = Pool()
        Lang = pool.get('ir.lang')
        Warning = pool.get('res.user.warning')
        lang = Lang.get()
        lacking = [
            gettext('coop_cae.msg_pay_request_activity',
                activity=activity.rec_name, month=period.rec_name,
                cost=lang.currency(cost, activity.company.currency),
                treasury=lang.currency(treasury, activity.company.currency))
            for activity, period, cost, treasury in cls._lacking(requests)]
        if not lacking:
            return
        key = Warning.format('pay_request_treasury', requests)
        if Warning.check(key):
            raise PayRequestTreasuryWarning(key, gettext(
                    'coop_cae.msg_pay_request_treasury',
                    activities='\n'.join(lacking)))

    @classmethod
    def _lacking(cls, requests):
        """Yield the activities whose reference treasury is below what the pay
        of a month costs, with the month, the cost and the treasury"""
        approved = cls.search([
                ('state', '=', 'approved'),
                ('activity', 'in', [r.activity.id for r in requests]),
                ('period', 'in', [r.period.id for r in requests]),
                ], order=[])
        estimates = cls.estimates(requests + approved)
        for request in requests:
            if request not in estimates:
                lang = Pool().get('ir.lang').get()
                raise PayRatioError(gettext(
                        'coop_cae.msg_pay_ratio_missing',
                        entrepreneur=request.entrepreneur.rec_name,
                        date=lang.strftime(request.period.start_date)))
        costs = defaultdict(Decimal)
        concerned = {(r.activity, r.period) for r in requests}
        for request, (pay, _) in estimates.items():
            if (request.activity, request.period) in concerned:
                costs[request.activity, request.period] += pay.cost
        treasuries = _treasuries(costs)
        for (activity, period), cost in costs.items():
            if cost > (treasury := treasuries[activity, period]):
                yield activity, period, cost, treasury


def _treasuries(keys):
    """Return the reference treasury by activity and month: that of today, or
    of the last day of a month that is over"""
    Date = Pool().get('ir.date')
    days = defaultdict(list)
    for activity, period in keys:
        with Transaction().set_context(company=activity.company.id):
            day = min(Date.today(), period.end_date)
        days[activity.company, day].append((activity, period))
    treasuries = {}
    for (company, day), pairs in days.items():
        found = figures(
            company, day, [a.analytic_account.id for a, _ in pairs])
        for activity, period in pairs:
            treasuries[activity, period] = found.get(
                activity.analytic_account.id, Figures()).treasury.reference
    return treasuries


class PayRequestRefuse(Wizard):
    __name__ = 'cae.pay.request.refuse'

    start = StateView(
        'cae.pay.request.refuse.start',
        'coop_cae.pay_request_refuse_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Refuse", 'refuse', 'tryton-ok', default=True),
            ])
    refuse = StateTransition()

    def transition_refuse(self):
        reason = (self.start.reason or '').strip()
        if not reason:
            raise PayRequestError(gettext(
                    'coop_cae.msg_pay_request_reason'))
        self.model.refuse(self.records, reason)
        return 'end'


class PayRequestRefuseStart(ModelView):
    __name__ = 'cae.pay.request.refuse.start'

    reason = fields.Text("Reason", required=True)
