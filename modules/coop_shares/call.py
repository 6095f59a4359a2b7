# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What members are asked to pay of the shares that they subscribed."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.entry import Entry
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from . import paying_up
from .exceptions import CallError
from .ledger import money
from .operation import STATES, OperationMixin
from .rules.paying_up import call


class Call(OperationMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.call'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=STATES)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    date = fields.Date("Date", required=True, states=STATES)
    due_date = fields.Date(
        "Due Date", required=True, states=STATES,
        domain=[
            If(Bool(Eval('date')) & Bool(Eval('due_date')),
                ('due_date', '>=', Eval('date', None)),
                ()),
            ])
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    amount = Monetary(
        "Amount per Share", currency='currency', digits='currency',
        states=STATES,
        domain=['OR',
            ('amount', '=', None),
            ('amount', '>', 0),
            ],
        help="Leave empty to call all that is left.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.add(Index(table,
                (table.company, Index.Range()),
                (table.date, Index.Range())))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.share_class.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('share_class.rec_name', *clause[1:])]

    def _post(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Movement = pool.get('coop.share.movement')
        zero = money(self.company, 0)
        nominal = Class.nominals_at(self.company, self.date).get(
            self.share_class.id)
        rows = [{
                'type': 'call',
                'member': lot.member,
                'share_class': lot.share_class,
                'lot': lot.id,
                'since': lot.since,
                'quantity': 0,
                'nominal': nominal,
                'amount': zero,
                'called': call(lot.state, lot.quantity, self.amount),
                'paid': zero,
                } for lot in Movement.lots(
                self.company, self.date, share_class=self.share_class)
            if lot.state.uncalled]
        if not rows:
            raise CallError(gettext(
                    'coop_shares.msg_call_nothing', call=self.rec_name))
        Movement.post_operation(self, rows)

    def entry(self, movements, accounts):
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_call', call=self.rec_name),
            lines=tuple(
                line for m in movements
                for line in paying_up.call_lines(
                    accounts, m.member.party.id, m.called, str(m.lot),
                    self.due_date)))
