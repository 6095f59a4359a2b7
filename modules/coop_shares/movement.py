# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from itertools import groupby

from sql import Null
from sql.aggregate import Sum
from sql.functions import CharLength

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.open_day import open_days
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If

from . import check, conversion, lot, movement_check, nominal, paying_up
from .accounts import Accounts
from .document import STATES, DocumentMixin
from .exceptions import NominalError, PostError, ReverseError
from .ledger import by_party, money, reader, rows


class Movement(DocumentMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.movement'
    _rec_name = 'number'

    number = fields.Char(
        "Number", readonly=True,
        help="The place in the register, without gaps for the company.")
    type = fields.Selection([
            ('opening', "Opening"),
            ('subscription', "Subscription"),
            ('conversion', "Conversion of Savings"),
            ('interest', "Interest into Shares"),
            ('call', "Call"),
            ('payment', "Payment"),
            ('transfer', "Transfer"),
            ('class_change', "Change of Class"),
            ('withdrawal', "Partial Withdrawal"),
            ('exit', "Annulment at the Exit"),
            ('nominal_change', "Change of Nominal Value"),
            ('loss_reduction', "Reduction for Losses"),
            ('reversal', "Reversal"),
            ], "Type", required=True, sort=False, states=STATES,
        help="An opening has no entry of its own: the opening entry of the "
        "ledger carries it.")
    type_string = type.translated('type')
    member = fields.Many2One(
        'coop.member', "Member", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            If(Eval('state') == 'draft',
                ('number', '!=', None),
                ()),
            ])
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    quantity = fields.Integer("Quantity", required=True, states=STATES)
    lot = fields.Many2One(
        'coop.share.movement', "Lot", readonly=True, ondelete='RESTRICT',
        help="The movement that gave these shares to the member.")
    since = fields.Date(
        "Since", readonly=True,
        help="The day on which the shares were subscribed, by the member or "
        "by whom they come from.")
    nominal = Monetary(
        "Nominal Value", currency='currency', digits='currency',
        readonly=True,
        states={
            'required': Eval('state') != 'draft',
            })
    amount = Monetary(
        "Amount", currency='currency', digits='currency', readonly=True,
        states={
            'required': Eval('state') != 'draft',
            })
    called = Monetary(
        "Called", currency='currency', digits='currency', states=STATES,
        help="What the member is to pay of the amount.\n"
        "Leave empty to call all of a subscription.")
    paid = Monetary(
        "Paid Up", currency='currency', digits='currency', readonly=True)
    reconciliation = fields.Char(
        "Reconciliation", readonly=True,
        states={
            'invisible': ~Eval('reconciliation'),
            },
        help="What tells that the member has paid.")
    description = fields.Char("Description", states=STATES)
    decision = fields.Text(
        "Decision", states=STATES,
        help="The body that decided it, its date and the resolution.")
    signed_on = fields.Date(
        "Signed On", states=STATES,
        help="The date of the signed subscription form.")
    signed_by = fields.Char("Signed By", states=STATES)
    origin = fields.Reference(
        "Origin", selection='get_origin', readonly=True)
    imported = fields.Boolean(
        "Imported", readonly=True,
        states={
            'invisible': ~Eval('imported', False),
            },
        help="It is of the past: other entries of the ledger carry it.")
    move = fields.Many2One(
        'account.move', "Accounting Entry", readonly=True,
        ondelete='RESTRICT')
    reversal_of = fields.Many2One(
        'coop.share.movement', "Reversal Of", readonly=True,
        ondelete='RESTRICT',
        states={
            'invisible': ~Eval('reversal_of'),
            })
    reversed_by = fields.Function(
        fields.Many2One(
            'coop.share.movement', "Reversed By",
            states={
                'invisible': ~Eval('reversed_by'),
                }),
        'get_reversed_by', searcher='search_reversed_by')

    @classmethod
    def __setup__(cls):
        cls.number.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('number_unique', Unique(table, table.company, table.number),
                'coop_shares.msg_movement_number_unique'),
            ('reversal_of_unique', Unique(table, table.reversal_of),
                'coop_shares.msg_movement_reversal_unique'),
            ]
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.date, Index.Range())),
                Index(table,
                    (table.member, Index.Range()),
                    (table.share_class, Index.Range())),
                Index(table, (table.move, Index.Range()),
                    where=table.move != Null),
                Index(table, (table.lot, Index.Range())),
                Index(table,
                    (table.company, Index.Range()),
                    (table.reconciliation, Index.Equality()),
                    where=table.reconciliation != Null),
                Index(table, (table.company, Index.Range()),
                    where=table.state == 'draft'),
                })
        cls._order = [('number', 'ASC'), ('id', 'ASC')]

    @classmethod
    def order_number(cls, tables):
        table, _ = tables[None]
        return [CharLength(table.number), table.number]

    @classmethod
    def default_type(cls):
        return 'subscription'

    @fields.depends('share_class', 'date', 'company', 'state')
    def on_change_with_nominal(self):
        Class = Pool().get('coop.share.class')
        if self.state != 'draft':
            return self.nominal
        if self.share_class and self.date and self.company:
            return Class.nominals_at(self.company, self.date).get(
                self.share_class.id)

    @fields.depends('quantity', 'amount', 'state',
        methods=['on_change_with_nominal'])
    def on_change_with_amount(self):
        if self.state != 'draft':
            return self.amount
        nominal = self.on_change_with_nominal()
        if self.quantity is not None and nominal is not None:
            return self.quantity * nominal

    def get_rec_name(self, name):
        return self.number or f'({self.id})'

    @property
    def entry_description(self):
        return gettext(
            f'coop_shares.msg_entry_{self.type}', quantity=self.quantity,
            nominal=self.nominal, party=self.member.party.rec_name)

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), *cls._operations()]

    @classmethod
    def _operations(cls):
        "Return the names of the operations that post movements of their own"
        return [
            'coop.share.call', 'coop.share.exit', 'coop.share.nominal',
            'coop.share.transfer', 'coop.share.interest.payment']

    @classmethod
    def _of_operation(cls):
        """Return the types that an operation posts: it is their origin, gives
        their entry, and is reversed as a whole"""
        return {
            'call', 'transfer', 'class_change', 'withdrawal', 'exit',
            'nominal_change', 'loss_reduction', 'interest'}

    @classmethod
    def _sealed_fields(cls):
        return super()._sealed_fields() | {
            'number', 'lot', 'since', 'paid', 'reconciliation', 'imported'}

    # Holdings

    @classmethod
    def states(cls, company, date=None):
        """Return what is called and paid of the shares by id of member and of
        class, at the end of the date, in one query"""
        return lot.states(company, date)

    @classmethod
    def holdings(cls, company, date=None):
        """Return quantity and amount by id of member and of class, at the end
        of the date, in one query"""
        table = cls.__table__()
        where = (table.company == company.id) & (table.state == 'posted')
        if date:
            where &= table.date <= date
        read = reader(company)
        return {
            (member, class_): (int(quantity), read(amount))
            for member, class_, quantity, amount in rows(table.select(
                    table.member, table.share_class,
                    Sum(table.quantity), Sum(table.amount),
                    where=where, group_by=[table.member, table.share_class]))
            if quantity or amount}

    @classmethod
    def lots(cls, company, date=None, member=None, share_class=None):
        """Return the lots that are held at the end of the date, the oldest
        first, in one query"""
        return lot.lots(company, date, member, share_class)

    @classmethod
    def received(cls, company, parties, date=None):
        "Return what parties have paid for subscriptions to come, by id"
        account = movement_check.subscription_account(company)
        balances = by_party(company, account, date)
        return {p: balances[p] for p in parties if p in balances}

    @classmethod
    def discrepancies(cls, company, date=None):
        """Return what differs between the register and the ledger at the end
        of the date: nothing when all is right"""
        return check.discrepancies(company, date)

    # Posting

    @classmethod
    def _posted_by_hand(cls):
        "Return the types that a user enters and posts"
        return {'opening', 'subscription'}

    @classmethod
    @ModelView.button
    @savepoint()
    def post(cls, movements):
        """Number the movements, book their entries and seal them.

        The number of queries does not depend on the number of movements.
        """
        drafts = [m for m in movements if m.state == 'draft']
        for movement in drafts:
            if movement.type not in cls._posted_by_hand():
                raise PostError(gettext(
                        'coop_shares.msg_movement_by_hand',
                        movement=movement.rec_name,
                        type=movement.type_string))

        def key(movement):
            return movement.company.id
        for _, group in groupby(sorted(drafts, key=key), key=key):
            group = sorted(group, key=lambda m: (m.date, m.id))
            cls._post(group[0].company, group)

    @classmethod
    def _post(cls, company, movements):
        "Post movements of a company with their own entries"
        sequence = cls._lock_register(company)
        movements = cls._set_nominal(company, movements)
        movements = cls._set_lot(movements)
        movements = cls._set_paid(company, movements)
        cls._check(company, movements)
        movements = cls._book(company, movements, cls._entries(company))
        return cls._number(sequence, movements)

    @classmethod
    def post_operation(cls, operation, rows):
        "Post the movements of an operation, which values are given of"
        if not rows:
            return []
        return cls._post(operation.company, cls._insert([{
                        'company': operation.company.id,
                        'date': operation.date,
                        'origin': str(operation),
                        'decision': operation.decision,
                        **row,
                        } for row in rows]))

    @classmethod
    def _lock_register(cls, company):
        """Make who posts for the company at the same time start again, on what
        this transaction has written, and return the sequence of numbers"""
        Configuration = Pool().get('coop.share.configuration')
        sequence = Configuration(1).get_required('movement_sequence', company)
        sequence.lock()
        return sequence

    @classmethod
    def _number(cls, sequence, movements):
        """Number the movements in their order and seal them.

        It comes last, so that what is refused takes no number.
        """
        numbers = sequence.get_many(len(movements))
        assign(cls, 'number', [
                (m.id, number) for m, number in zip(movements, numbers)])
        return cls._seal(movements)

    @classmethod
    def _set_nominal(cls, company, movements):
        "Give the movements the nominal value in force, and their amount"
        Class = Pool().get('coop.share.class')
        nominals = Class.nominals_at(company, max(m.date for m in movements))
        changed = []
        for movement in movements:
            if movement.type in {
                    'nominal_change', 'loss_reduction', 'reversal', 'payment'}:
                continue
            nominal = nominals.get(movement.share_class.id)
            if nominal is None:
                raise NominalError(gettext(
                        'coop_shares.msg_movement_without_nominal',
                        share_class=movement.share_class.rec_name))
            amount = movement.quantity * nominal
            if (movement.nominal, movement.amount) != (nominal, amount):
                changed.append((movement.id, nominal, amount))
        if changed:
            assign(cls, 'nominal', [(id_, n) for id_, n, _ in changed])
            assign(cls, 'amount', [(id_, a) for id_, _, a in changed])
        return cls.browse(movements)

    @classmethod
    def _set_lot(cls, movements):
        "Let each movement that gives shares open a lot"
        opened = [m for m in movements if not m.lot]
        assign(cls, 'lot', [(m.id, m.id) for m in opened])
        assign(cls, 'since', [
                (m.id, m.date) for m in opened if not m.since])
        return cls.browse(movements)

    @classmethod
    def _set_paid(cls, company, movements):
        "Let what is not told otherwise be called and paid up at once"
        later = paying_up.is_later(company)
        called, paid = [], []
        for movement in movements:
            if movement.called is None:
                called.append((movement.id, movement.amount))
            if movement.paid is None:
                waits = later and movement.type == 'subscription'
                paid.append((
                        movement.id,
                        money(company, 0) if waits else movement.amount))
        assign(cls, 'called', called)
        assign(cls, 'paid', paid)
        return cls.browse(movements)

    @classmethod
    def _check(cls, company, movements):
        "Check movements before they are posted"
        movement_check.check(company, movements)

    # Entries

    @classmethod
    def _counterparts(cls):
        "Return the setting of the account that each type is booked against"
        return {
            'subscription': 'subscription_account',
            'conversion': 'savings_account',
            }

    @classmethod
    def _entries(cls, company):
        "Return a function that returns the entry of a movement"
        accounts = Accounts(company)
        booked = set()

        def entry(movement):
            if movement.type not in cls._of_operation():
                return movement._get_entry(accounts)
            # One entry for all of an operation
            if movement.origin not in booked:
                booked.add(movement.origin)
                return movement.origin.entry(
                    movement.origin.movements, accounts)
        return entry

    def _get_entry(self, accounts):
        "Return the entry to post, None when the movement has none"
        name = self._counterparts().get(self.type)
        if self.type == 'payment':
            return paying_up.payment_entry(self, accounts)
        if not name or not self.amount:
            return None
        if self.paid != self.amount:
            return paying_up.subscription_entry(self, accounts)
        party = self.member.party.id
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=self.entry_description,
            lines=(
                EntryLine(
                    account=accounts[name], debit=self.amount, party=party),
                EntryLine(
                    account=accounts.capital(self.share_class),
                    credit=self.amount, party=party)))

    @classmethod
    def _book(cls, company, movements, entry):
        movements = super()._book(company, movements, entry)
        moves = {
            m.origin: m.move.id for m in movements
            if m.type in cls._of_operation() and m.move}
        assign(cls, 'move', [
                (m.id, moves[m.origin]) for m in movements
                if not m.move and m.origin in moves])
        return cls.browse(movements)

    # Reversal

    @classmethod
    @savepoint()
    def reverse(cls, movements, date=None, origin=None, description=None):
        """Post a counter-movement of each movement, with the mirror of its
        entry, and return them.

        It has the date of the movement unless another is given, or a day that
        is open when its period is closed.
        """
        Subscription = Pool().get('coop.share.subscription')
        movements = list(movements)
        cls._check_reverse(movements, date=date)
        for movement in movements:
            if movement.type == 'payment':
                raise ReverseError(gettext(
                        'coop_shares.msg_reverse_payment',
                        movement=movement.rec_name,
                        reconciliation=movement.reconciliation))
            if (movement.type in cls._of_operation()
                    and not movement.imported):
                raise ReverseError(gettext(
                        'coop_shares.msg_reverse_operation',
                        movement=movement.rec_name,
                        operation=movement.origin.rec_name,
                        **movement.origin.__names__()))
        reversals = cls._reverse(
            movements, date=date, origin=origin, description=description)
        Subscription.take_back(movements)
        return reversals

    @classmethod
    def _reverse(cls, movements, date=None, origin=None, description=None):
        reversals = []

        def key(movement):
            return movement.company.id
        for _, group in groupby(sorted(movements, key=key), key=key):
            group = list(group)
            dates = cls._reversal_dates(group[0].company, group, date)
            documents = cls._insert([{
                        'company': m.company.id,
                        'date': dates[m.id],
                        'type': 'reversal',
                        'member': m.member.id,
                        'share_class': m.share_class.id,
                        'lot': m.lot.id,
                        'since': m.since,
                        'quantity': -m.quantity,
                        'nominal': m.nominal,
                        'amount': -m.amount,
                        'called': -m.called,
                        'paid': -m.paid,
                        'reversal_of': m.id,
                        'origin': origin and str(origin),
                        'description': description,
                        } for m in group])
            company = group[0].company
            changes = cls._insert(nominal.changes_since(
                    company, group, dates))
            changes = cls._set_paid(company, changes) if changes else []
            sequence = cls._lock_register(company)
            cls._check(company, [*documents, *changes])
            documents = cls._book_reversals(documents)
            reversals.extend(cls._number(sequence, documents))
            if changes:
                changes = cls._book_changes(company, changes)
                cls._number(sequence, changes)
        return cls.browse(reversals)

    @classmethod
    def _book_changes(cls, company, changes):
        "Book what changes of the nominal value have to do with a reversal"
        accounts = Accounts(company)
        result = []

        def key(movement):
            return movement.origin.id, movement.date
        for (_, date), group in groupby(sorted(changes, key=key), key=key):
            group = list(group)
            first = group[0]

            def entry(movement):
                if movement == first:
                    return movement.origin.entry(group, accounts, date)
            result.extend(cls._book(company, group, entry))
        return cls.browse(sorted(result, key=int))

    @classmethod
    def post_payments(cls, company, rows):
        """Post what was paid of lots, which values are given of, on an open
        day for what was paid in a closed period"""
        days = open_days(company, (row['date'] for row in rows))
        return cls._post(company, cls._insert([{
                        'company': company.id,
                        'type': 'payment',
                        'quantity': 0,
                        **row,
                        'date': days[row['date']],
                        } for row in rows]))

    @classmethod
    def take_back_payments(cls, payments):
        """Post the contrary of payments that were none, on their days, or on
        an open day for those of closed periods"""
        cls._reverse(payments)

    @classmethod
    def reverse_operation(cls, operation):
        "Post the counter-movements of those of an operation"
        return cls._reverse(
            [m for m in operation.movements if m.state == 'posted'])

    @classmethod
    def post_past(cls, company, rows):
        """Post movements of the past, in their order, which values are given
        of: they have no entry, and were checked by who read them.

        What a member holds of a class is one lot."""
        sequence = cls._lock_register(company)
        movements = cls._insert([{
                    'company': company.id,
                    'imported': True,
                    'called': row['amount'],
                    'paid': row['amount'],
                    **row,
                    } for row in rows])
        first = {}
        for movement in movements:
            first.setdefault((movement.member, movement.share_class), movement)
        lots = [
            (m.id, first[m.member, m.share_class]) for m in movements]
        assign(cls, 'lot', [(id_, lot.id) for id_, lot in lots])
        assign(cls, 'since', [(id_, lot.date) for id_, lot in lots])
        return cls._number(sequence, cls.browse(movements))

    # Conversion of savings

    @classmethod
    def is_conversion_date(cls, company, date):
        return conversion.is_conversion_date(company, date)

    @classmethod
    def plan_conversions(cls, company, date, added=None):
        """Return a plan for each member that has savings at the date.

        added are the savings about to be booked on that date, by id of party.
        """
        return conversion.plan(company, date, added or {})

    @classmethod
    @savepoint()
    def book_conversions(cls, company, plans, date, origin=None):
        "Post a movement for each plan of whole shares and return them"
        movements = cls._insert([{
                    'company': company.id,
                    'date': date,
                    'type': 'conversion',
                    'member': int(p.member),
                    'share_class': int(p.share_class),
                    'quantity': p.quantity,
                    'nominal': p.nominal,
                    'amount': p.amount,
                    'origin': origin and str(origin),
                    } for p in plans if p.quantity])
        if not movements:
            return []
        conversion.check_savings(company, movements, date)
        return cls._post(company, movements)
