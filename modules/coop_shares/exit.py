# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Members who leave, or take a part of their shares back."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction, without_check_access

from . import paying_up, refund_due, valuation
from .accounts import Accounts
from .configuration import SETTINGS
from .exceptions import ExitError, FloorError
from .operation import OperationMixin
from .rules import lots as rule
from .rules.refund import LIABLE_YEARS, years_later
from .transfer import between

STATES = {
    'readonly': ~Eval('state').in_(['draft', 'suspended']),
    }
_PARTIAL = {
    'readonly': Eval('state') != 'draft',
    'invisible': Eval('kind') != 'withdrawal',
    'required': Eval('kind') == 'withdrawal',
    }
_DRAFT = {
    'readonly': Eval('state') != 'draft',
    }
# What is decided after the exit
_LATER = {'early_date', 'early_decision'}


class Exit(OperationMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.exit'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_DRAFT)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    kind = fields.Selection([
            ('resignation', "Resignation"),
            ('exclusion', "Exclusion"),
            ('death', "Death"),
            ('end_of_contract', "End of Contract"),
            ('deadline', "Membership Deadline"),
            ('withdrawal', "Partial Withdrawal"),
            ], "Kind", required=True, sort=False, states=_DRAFT)
    kind_string = kind.translated('kind')
    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='RESTRICT',
        states=_DRAFT,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('number', '!=', None),
            ])
    payee = fields.Many2One(
        'party.party', "Paid To", ondelete='RESTRICT', states=_DRAFT,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="Who is refunded instead of the member, such as the heirs of one "
        "who died.")
    request_date = fields.Date(
        "Request Date", required=True, states=_DRAFT,
        domain=[
            If(Bool(Eval('request_date')) & Bool(Eval('date')),
                ('request_date', '<=', Eval('date', None)),
                ()),
            ],
        help="The day of the request, or of what ends the membership: refunds "
        "are made in the order of these days.")
    date = fields.Date(
        "Exit Date", required=True, states=_DRAFT,
        help="The last day of the membership, or the day of the withdrawal.")
    annulment_date = fields.Date(
        "Annulment Date", states=STATES,
        domain=[
            If(Bool(Eval('annulment_date')) & Bool(Eval('date')),
                ('annulment_date', '>=', Eval('date', None)),
                ()),
            ],
        help="The day on which the shares become a debt: the exit date, or a "
        "later one when the refund was suspended.")
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", ondelete='RESTRICT',
        states=_PARTIAL,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    quantity = fields.Integer(
        "Quantity", states=_PARTIAL,
        domain=[
            If(Bool(Eval('quantity')), ('quantity', '>', 0), ()),
            ])
    amount = fields.Function(Monetary(
            "Amount", currency='currency', digits='currency',
            help="What is paid up of the shares."),
        'get_amount')
    loss = Monetary(
        "Loss Borne", currency='currency', digits='currency', readonly=True,
        help="Their part of the losses at the closing of the year.\n"
        "What is more than was paid up is owed by who leaves.")
    revaluation = Monetary(
        "Part of the Reserve", currency='currency', digits='currency',
        readonly=True,
        help="Their part of the reserve of revaluation, for a member of five "
        "full years.")
    valuation_move = fields.Many2One(
        'account.move', "Entry of the Value", readonly=True,
        ondelete='RESTRICT')
    loss_formula = fields.Selection(
        [(None, ""), *SETTINGS['loss_formula'].selection],
        "Losses of the Capital", sort=False, readonly=True,
        help="How the statutes shared losses when it was valued.")
    valued_on = fields.Date(
        "Valued On", readonly=True,
        help="The closing of the year at which the value is fixed.")
    refund = fields.Function(Monetary(
            "Refund", currency='currency', digits='currency',
            states={
                'invisible': ~Eval('valued_on'),
                }),
        'get_refund')
    refund_date = fields.Function(fields.Date(
            "Due Date", help="The day from which the refund is due."),
        'on_change_with_refund_date')
    early_date = fields.Date(
        "Early Due Date", help="When the meeting decides an earlier refund.")
    early_decision = fields.Text(
        "Early Decision",
        states={
            'required': Bool(Eval('early_date')),
            })
    liable_until = fields.Function(fields.Date(
            "Liable Until",
            help="A former member is liable for five years for what the "
            "company owed at the exit."),
        'on_change_with_liable_until')
    withholdings = fields.One2Many(
        'coop.share.withholding', 'origin', "Savings", readonly=True)
    to_pay = fields.Function(Monetary(
            "To Pay", currency='currency', digits='currency',
            help="What is not paid of the shares and the savings, less what "
            "was paid and is not reconciled yet."),
        'get_to_pay')
    next_due_date = fields.Function(fields.Date(
            "Next Due Date",
            help="Due date of the oldest line that is not paid."),
        'get_next_due_date')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.state.selection.insert(1, ('suspended', "Suspended"))
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.date, Index.Range())),
                Index(table, (table.member, Index.Range())),
                })
        cls._order = [('request_date', 'ASC'), ('id', 'ASC')]
        cls._buttons['post'] = {
            'invisible': ~Eval('state').in_(['draft', 'suspended']),
            'depends': ['state'],
            }
        cls._buttons['value'] = {
            'invisible': Eval('state') != 'posted',
            'depends': ['state'],
            }

    @classmethod
    def write(cls, exits, values, *args):
        "What is owed is due from the day that the meeting decides"
        actions = [exits, values, *args]
        changed = {
            exit_: exit_.refund_date
            for records, changes in zip(actions[::2], actions[1::2])
            if 'early_date' in changes
            for exit_ in records if exit_.state == 'posted'}
        super().write(exits, values, *args)
        if changed:
            with without_check_access():
                refund_due.change_due_dates(changed)

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('date', 'annulment_date', 'early_date', 'company')
    def on_change_with_refund_date(self, name=None):
        Configuration = Pool().get('coop.share.configuration')
        if self.early_date:
            return self.early_date
        if self.date and self.company:
            return years_later(
                self.date, Configuration(1).get_setting(
                    'refund_years', self.company) or 0)

    @fields.depends('date', 'kind')
    def on_change_with_liable_until(self, name=None):
        if self.date:
            return years_later(self.date, LIABLE_YEARS)

    @classmethod
    def get_amount(cls, exits, name):
        return {
            e.id: -sum(
                (m.paid for m in e.movements if not m.reversal_of),
                e.currency.round(valuation.ZERO))
            for e in exits}

    def get_refund(self, name):
        if self.valued_on:
            return self.amount - self.loss + self.revaluation

    @classmethod
    def get_to_pay(cls, exits, name):
        return refund_due.to_pay(exits)

    @classmethod
    def get_next_due_date(cls, exits, name):
        return refund_due.next_due_dates(exits)

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return (f'{self.kind_string} – {self.member.rec_name} – '
            f'{lang.strftime(self.date)}')

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('member.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, exits, default=None):
        default = default.copy() if default is not None else {}
        for name in [
                'loss', 'loss_formula', 'revaluation', 'valuation_move',
                'valued_on',
                'annulment_date', 'withholdings', *_LATER]:
            default.setdefault(name)
        return super().copy(exits, default=default)

    @classmethod
    def check_modification(
            cls, mode, exits, values=None, external=False):
        if mode == 'write' and values.keys() <= _LATER:
            return
        if (mode == 'write' and values.keys() <= {*_LATER, 'annulment_date'}
                and all(e.state == 'suspended' for e in exits)):
            return
        super().check_modification(
            mode, exits, values=values, external=external)

    @classmethod
    def _to_post(cls):
        return {'draft', 'suspended'}

    def _post(self):
        """End the membership and turn the shares into a debt.

        When the capital would fall under its floor, the shares wait: who
        leaves holds them without a vote."""
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        self._check()
        if self.state == 'draft' and self.kind != 'withdrawal':
            self._leave()
        taken = self._taken()
        rows = [{
                'type': self.type,
                'date': self._annulled_on,
                'member': self.member.id,
                'share_class': lot.share_class,
                'lot': lot.id,
                'since': lot.since,
                'quantity': -quantity,
                **({} if lot.paid == lot.amount else {
                        'called': -lot.called, 'paid': -lot.paid}),
                } for lot, quantity in taken]
        if self._must_wait():
            return 'suspended'
        try:
            with savepoint():
                movements = Movement.post_operation(self, rows)
                unpaid = [lot.id for lot, _ in taken if lot.state.unpaid]
                if unpaid:
                    paying_up.settle(
                        self.company, movements[0].move, unpaid,
                        Accounts(self.company))
        except FloorError:
            return 'suspended'

    @property
    def type(self):
        "The type of the movements"
        return 'withdrawal' if self.kind == 'withdrawal' else 'exit'

    @property
    def _annulled_on(self):
        return self.annulment_date or self.date

    def _check(self):
        if not self.member.is_member(self.date):
            lang = Pool().get('ir.lang').get()
            raise ExitError(gettext(
                    'coop_shares.msg_exit_not_member',
                    member=self.member.rec_name,
                    date=lang.strftime(self.date)))

    def _leave(self):
        "End the membership and give the savings back"
        Withholding = Pool().get('coop.share.withholding')
        self.member.exit_date = self.date
        self.member.save()
        Withholding.give_back(self.member, self.date, self)

    def _must_wait(self):
        "Return whether somebody who asked before waits already"
        return bool(self.search([
                    ('company', '=', self.company.id),
                    ('state', '=', 'suspended'),
                    ('id', '!=', self.id),
                    ['OR',
                        ('request_date', '<', self.request_date),
                        [
                            ('request_date', '=', self.request_date),
                            ('id', '<', self.id),
                            ],
                        ],
                    ], limit=1))

    def _taken(self):
        "Return the lots that are annulled, with their quantities"
        Movement = Pool().get('coop.share.movement')
        partial = self.kind == 'withdrawal'
        lots = Movement.lots(
            self.company, self._annulled_on, self.member,
            self.share_class if partial else None)
        if not partial:
            return [(lot, lot.quantity) for lot in lots]
        # What is not paid is not taken back
        lots = [lot for lot in lots if lot.paid == lot.amount]
        by_id = {lot.id: lot for lot in lots}
        try:
            taken = rule.take(
                [rule.Lot(o.since, o.id, o.quantity) for o in lots],
                self.quantity)
        except rule.NotEnoughShares:
            raise ExitError(gettext(
                    'coop_shares.msg_exit_quantity',
                    member=self.member.rec_name, quantity=self.quantity,
                    held=sum(lot.quantity for lot in lots),
                    share_class=self.share_class.rec_name))
        return [(by_id[id_], quantity) for id_, quantity in taken]

    @property
    def creditor(self):
        "Who is refunded"
        return self.payee or self.member.party

    def entry(self, movements, accounts):
        party = self.member.party.id
        amounts = {}
        for movement in movements:
            account = accounts.capital(movement.share_class)
            amounts[account] = (
                amounts.get(account, valuation.ZERO) - movement.paid)
        total = sum(amounts.values(), valuation.ZERO)
        lines = [
            *(EntryLine(account=account, party=party, debit=amount)
                for account, amount in amounts.items() if amount),
            *self._unpaid_lines(movements, accounts)]
        if total:
            lines.append(EntryLine(
                    account=accounts['refund_account'],
                    party=self.creditor.id, credit=total,
                    maturity_date=self.refund_date))
        if not lines:
            return None
        return Entry(
            journal=accounts['journal'], date=self._annulled_on,
            origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_exit', exit=self.rec_name),
            lines=tuple(lines))

    def _unpaid_lines(self, movements, accounts):
        "Yield the lines of what is not paid, and not owed any more"
        party = self.member.party.id
        for movement in movements:
            unpaid = movement.paid - movement.called
            uncalled = movement.called - movement.amount
            if unpaid:
                yield EntryLine(
                    account=accounts['called_account'], party=party,
                    debit=unpaid)
                yield EntryLine(
                    account=accounts['receivable_account'], party=party,
                    credit=unpaid, origin=str(movement.lot))
            if uncalled:
                yield from between(
                    (accounts['subscribed_account'], party),
                    (accounts['uncalled_account'], party), uncalled)

    @classmethod
    @ModelView.button
    @savepoint()
    def value(cls, exits):
        """Fix what is refunded, at the closing of the year of the annulment

        Once more books what has changed since."""
        valuation.value([e for e in exits if e.state == 'posted'])

    def _reverse(self):
        Withholding = Pool().get('coop.share.withholding')
        valuation.forget(self)
        if self.movements and (move := self.movements[0].move):
            paying_up.unsettle(move)
        super()._reverse()
        Withholding._reverse([
                w for w in self.withholdings
                if not w.reversal_of and not w.reversed_by])
        if self.kind != 'withdrawal':
            self.member.exit_date = None
            self.member.save()
        assign(self.__class__, 'valued_on', [(self.id, None)])
