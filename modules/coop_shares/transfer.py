# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Shares that go to another member, or to another class."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from . import paying_up
from .accounts import Accounts
from .exceptions import TransferError
from .operation import STATES, OperationMixin
from .rules import lots as rule
from .rules import paying_up as paying_up_rule

_BETWEEN_MEMBERS = {
    'readonly': Eval('state') != 'draft',
    'invisible': Eval('kind') == 'class_change',
    'required': Eval('kind') != 'class_change',
    }
_BETWEEN_CLASSES = {
    'readonly': Eval('state') != 'draft',
    'invisible': Eval('kind') != 'class_change',
    'required': Eval('kind') == 'class_change',
    }


class Transfer(OperationMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.transfer'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=STATES)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    date = fields.Date("Date", required=True, states=STATES)
    kind = fields.Selection([
            ('sale', "Sale"),
            ('gift', "Gift"),
            ('succession', "Succession"),
            ('class_change', "Change of Class"),
            ], "Kind", required=True, sort=False, states=STATES)
    kind_string = kind.translated('kind')
    member = fields.Many2One(
        'coop.member', "From", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('number', '!=', None),
            ])
    to_member = fields.Many2One(
        'coop.member', "To", ondelete='RESTRICT', states=_BETWEEN_MEMBERS,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('number', '!=', None),
            ('id', '!=', Eval('member', -1)),
            ],
        help="A new holder is to be admitted first.")
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    to_class = fields.Many2One(
        'coop.share.class', "To Class", ondelete='RESTRICT',
        states=_BETWEEN_CLASSES,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('id', '!=', Eval('share_class', -1)),
            ])
    lot = fields.Many2One(
        'coop.share.movement', "Lot", ondelete='RESTRICT', states=STATES,
        domain=[
            ('member', '=', Eval('member', -1)),
            ('share_class', '=', Eval('share_class', -1)),
            ('state', '=', 'posted'),
            ('quantity', '>', 0),
            ('reversal_of', '=', None),
            ],
        help="The movement that gave the shares which go.\n"
        "Leave empty to take the oldest ones.")
    quantity = fields.Integer(
        "Quantity", required=True, states=STATES,
        domain=[
            If(Bool(Eval('quantity')), ('quantity', '>', 0), ()),
            ])
    price = Monetary(
        "Price", currency='currency', digits='currency',
        states={
            'readonly': Eval('state') != 'draft',
            'invisible': Eval('kind') != 'sale',
            },
        help="What the buyer pays to the seller, which the co-operative does "
        "not book.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.decision_date.states = {
            'readonly': Eval('state') != 'draft',
            'required': Eval('state') != 'draft',
            }
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.date, Index.Range())),
                Index(table, (table.member, Index.Range())),
                Index(table, (table.to_member, Index.Range())),
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_kind(cls):
        return 'sale'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('kind')
    def on_change_kind(self):
        if self.kind == 'class_change':
            self.to_member = None
        else:
            self.to_class = None
        if self.kind != 'sale':
            self.price = None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return (f'{self.kind_string} – {self.member.rec_name} – '
            f'{lang.strftime(self.date)}')

    @classmethod
    def search_rec_name(cls, name, clause):
        return ['OR',
            ('member.rec_name', *clause[1:]),
            ('to_member.rec_name', *clause[1:]),
            ]

    def _post(self):
        Movement = Pool().get('coop.share.movement')
        self._check_decision()
        rows, unpaid = [], []
        for lot, quantity in self._taken():
            taken, given = {}, {}
            if lot.paid != lot.amount:
                self._check_unpaid(lot)
                unpaid.append(lot.id)
                part = paying_up_rule.part(
                    lot.state, quantity, lot.quantity,
                    self.currency.digits)
                given = {'called': part.called, 'paid': part.paid}
                taken = {name: -value for name, value in given.items()}
            rows.append({
                    'type': self.type,
                    'member': self.member.id,
                    'share_class': self.share_class.id,
                    'lot': lot.id,
                    'since': lot.since,
                    'quantity': -quantity,
                    **taken,
                    })
            rows.append({
                    'type': self.type,
                    'member': (self.to_member or self.member).id,
                    'share_class': (self.to_class or self.share_class).id,
                    'since': lot.since,
                    'quantity': self._received(quantity),
                    **given,
                    })
        movements = Movement.post_operation(self, rows)
        if unpaid:
            paying_up.settle(
                self.company, movements[0].move, unpaid,
                Accounts(self.company))

    def _check_unpaid(self, lot):
        """What is owed of a lot is that of today, and stays in its class"""
        Movement = Pool().get('coop.share.movement')
        name = Movement(lot.id).rec_name
        if self.kind == 'class_change':
            raise TransferError(gettext(
                    'coop_shares.msg_transfer_class_unpaid', lot=name))
        if Movement.search([
                    ('lot', '=', lot.id),
                    ('state', '=', 'posted'),
                    ('date', '>', self.date),
                    ], limit=1, order=[]):
            lang = Pool().get('ir.lang').get()
            raise TransferError(gettext(
                    'coop_shares.msg_transfer_unpaid',
                    lot=name, date=lang.strftime(self.date)))

    def _reverse(self):
        if (move := self.movements[0].move):
            paying_up.unsettle(move)
        super()._reverse()

    @property
    def type(self):
        "The type of the movements"
        return 'class_change' if self.kind == 'class_change' else 'transfer'

    def _check_decision(self):
        "Shares are transferred with an approval (law 47-1775, article 11)"
        if not self.decision_date or self.decision_date > self.date:
            raise TransferError(gettext(
                    'coop_shares.msg_transfer_decision',
                    transfer=self.rec_name))

    def _taken(self):
        "Return the lots that shares are taken from, with their quantities"
        Movement = Pool().get('coop.share.movement')
        lots = {
            lot.id: lot for lot in Movement.lots(
                self.company, self.date, self.member, self.share_class)
            if not self.lot or lot.id == self.lot.id}
        try:
            taken = rule.take(
                [rule.Lot(o.since, o.id, o.quantity) for o in lots.values()],
                self.quantity)
        except rule.NotEnoughShares:
            lang = Pool().get('ir.lang').get()
            raise TransferError(gettext(
                    'coop_shares.msg_transfer_quantity',
                    member=self.member.rec_name, quantity=self.quantity,
                    held=sum(o.quantity for o in lots.values()),
                    share_class=self.share_class.rec_name,
                    date=lang.strftime(self.date)))
        return [(lots[id_], quantity) for id_, quantity in taken]

    def _received(self, quantity):
        "Return how many shares are made of those of a lot"
        Class = Pool().get('coop.share.class')
        if self.kind != 'class_change':
            return quantity
        nominals = Class.nominals_at(self.company, self.date)
        old, new = (
            nominals.get(c.id) for c in [self.share_class, self.to_class])
        try:
            return rule.exchanged(quantity, quantity * old, new or 0)
        except ValueError:
            raise TransferError(gettext(
                    'coop_shares.msg_transfer_class',
                    quantity=quantity, share_class=self.share_class.rec_name,
                    to_class=self.to_class.rec_name))

    def entry(self, movements, accounts):
        given = (
            accounts.capital(self.share_class), self.member.party.id)
        received = (
            accounts.capital(self.to_class or self.share_class),
            (self.to_member or self.member).party.id)
        if given == received:
            return None
        amount = sum(m.paid for m in movements if m.quantity > 0)
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=gettext(
                f'coop_shares.msg_entry_{self.type}',
                quantity=self.quantity, transfer=self.rec_name),
            lines=(
                *between(given, received, amount),
                *self._unpaid_lines(movements, accounts)))

    def _unpaid_lines(self, movements, accounts):
        "Return the lines of what is not paid of the shares, which follows"
        Movement = Pool().get('coop.share.movement')
        source, target = self.member.party.id, self.to_member and (
            self.to_member.party.id)
        received = [m for m in movements if m.quantity > 0]
        unpaid = sum(m.called - m.paid for m in received)
        uncalled = sum(m.amount - m.called for m in received)
        for account, amount, (giver, taker) in [
                ('called_account', unpaid, (source, target)),
                ('subscribed_account', uncalled, (source, target)),
                ('uncalled_account', uncalled, (target, source))]:
            if amount:
                yield from between(
                    (accounts[account], giver), (accounts[account], taker),
                    amount)
        if not unpaid:
            return
        owed = {
            lot.id: lot.state.unpaid for lot in Movement.lots(
                self.company, member=self.member)}
        for given, taken in zip(movements[::2], movements[1::2]):
            if total := owed[given.lot.id]:
                amount = taken.called - taken.paid
                yield from paying_up.moved_lines(
                    accounts, (source, str(given.lot), total),
                    (target, str(taken), amount) if amount else None,
                    total - amount, self.date)


def between(giver, taker, amount):
    "Yield the lines of a sum that goes from an account and party to others"
    if amount:
        account, party = giver
        yield EntryLine(account=account, party=party, debit=amount)
        account, party = taker
        yield EntryLine(account=account, party=party, credit=amount)
