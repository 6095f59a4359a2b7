# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .exceptions import LossWaiverError, LossWaiverModifyError
from .figures import Figures, figures

SETTINGS = ['waiver_account', 'structure_account', 'contribution_journal']
# What only the buttons set
_BOOKED = {'state', 'move'}


class LossWaiver(Workflow, ModelSQL, ModelView):
    __name__ = 'cae.loss.waiver'

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
            If(Eval('state') == 'draft',
                ('end_date', '!=', None),
                ()),
            ],
        states=_states,
        help="An activity that has ended.")
    date = fields.Date("Date", required=True, states=_states)
    loss = fields.Function(Monetary(
            "Loss", currency='currency', digits='currency',
            help="What the activity has lost since it began, at the date, "
            "without the waiver."),
        'on_change_with_loss')
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        domain=[
            ('amount', '>', 0),
            ],
        states=_states,
        help="What the co-operative bears of the loss.")
    reason = fields.Text("Reason", required=True, states=_states)
    decision = fields.Char(
        "Decision", required=True, states=_states,
        help="Who has decided it, and when.")
    better_fortune = fields.Boolean(
        "Return to Better Fortune", states=_states,
        help="The person undertakes to pay it if their fortune is better "
        "again.")
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
            ], "State", required=True, readonly=True, sort=False)
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Eval('move'),
            })

    del _states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.date, Index.Range())),
                Index(table, (table.activity, Index.Range())),
                })
        cls._transitions |= {
            ('draft', 'posted'),
            ('posted', 'reversed'),
            }
        cls._buttons.update({
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'reverse': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'post', 'reverse')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('activity', 'date', methods=['on_change_with_loss'])
    def on_change_activity(self):
        if self.activity and not self.date:
            self.date = self.activity.end_date
        self.loss = self.on_change_with_loss()
        if self.loss:
            self.amount = self.loss

    @fields.depends('company', 'activity', 'date', 'state', 'move')
    def on_change_with_loss(self, name=None):
        if not (self.company and self.activity and self.date):
            return None
        account = self.activity.analytic_account.id
        found = figures(self.company, self.date, [account]).get(
            account, Figures())
        loss = -found.treasury.result
        if self.state == 'posted':
            loss += self.amount
        return max(loss, 0)

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.activity.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('activity.rec_name', *clause[1:])]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state') == 'reversed', 'muted', '')),
            ]

    @classmethod
    def copy(cls, waivers, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        default.setdefault('move')
        return super().copy(waivers, default=default)

    @classmethod
    def check_modification(cls, mode, waivers, values=None, external=False):
        super().check_modification(
            mode, waivers, values=values, external=external)
        if mode == 'create':
            broken = [w for w in waivers if w.state != 'draft' or w.move]
        elif mode == 'write' and values.keys() <= _BOOKED:
            broken = waivers if external else []
        else:
            broken = [w for w in waivers if w.state != 'draft']
            if mode == 'write' and values.keys() & _BOOKED:
                broken = waivers
        for waiver in broken:
            raise LossWaiverModifyError(gettext(
                    'coop_cae.msg_loss_waiver_modify',
                    waiver=waiver.rec_name))

    @classmethod
    @ModelView.button
    @Workflow.transition('posted')
    def post(cls, waivers):
        """Move what is waived from the activity to the structure

        One at a time, as several may be of the same loss.
        """
        Move = Pool().get('account.move')
        for waiver in waivers:
            waiver._check_loss()
            posted, = Move.post_entries(waiver.company, [waiver._entry()])
            cls.write([waiver], {'move': posted.move})

    def _check_loss(self):
        Lang = Pool().get('ir.lang')
        # A later waiver has taken its part of the same loss
        later = self.search([
                ('activity', '=', self.activity.id),
                ('state', '=', 'posted'),
                ('date', '>', self.date),
                ])
        loss = max(
            self.on_change_with_loss() - sum(w.amount for w in later), 0)
        if self.amount > loss:
            lang = Lang.get()
            raise LossWaiverError(gettext(
                    'coop_cae.msg_loss_waiver_exceeds',
                    waiver=self.rec_name,
                    amount=lang.currency(self.amount, self.currency),
                    loss=lang.currency(loss, self.currency)))

    def _entry(self):
        Configuration = Pool().get('cae.configuration')
        account, structure, journal = (
            Configuration(1).get_required(name, self.company).id
            for name in SETTINGS)
        return Entry(
            journal=journal, date=self.date, origin=str(self),
            description=gettext(
                'coop_cae.msg_loss_waiver_description',
                activity=self.activity.rec_name),
            lines=(
                EntryLine(account=account, credit=self.amount, parts=(
                        Part(self.activity.analytic_account.id,
                            credit=self.amount),)),
                EntryLine(account=account, debit=self.amount, parts=(
                        Part(structure, debit=self.amount),)),
                ))

    @classmethod
    @ModelView.button
    @Workflow.transition('reversed')
    def reverse(cls, waivers):
        """Give the loss back to the activity: on the same day, or today when
        the period is closed, as in the case of a better fortune"""
        Date = Pool().get('ir.date')
        Move = Pool().get('account.move')
        for waiver in waivers:
            date = None
            if waiver.move.period.state != 'open':
                with Transaction().set_context(company=waiver.company.id):
                    date = Date.today()
            Move.reverse_entries([waiver.move], date=date)
