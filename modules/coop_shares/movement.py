# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from itertools import groupby

from sql import Null
from sql.aggregate import Sum
from sql.functions import CharLength

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If

from . import check, conversion, movement_check
from .document import STATES, DocumentMixin
from .exceptions import NominalError, PostError, ReverseError
from .ledger import money, rows


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
            ('nominal_change', "Change of Nominal Value"),
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
        return [*super()._get_origin(), 'coop.share.nominal']

    @classmethod
    def _sealed_fields(cls):
        return super()._sealed_fields() | {'number'}

    # Holdings

    @classmethod
    def holdings(cls, company, date=None):
        """Return quantity and amount by id of member and of class, at the end
        of the date, in one query"""
        table = cls.__table__()
        where = (table.company == company.id) & (table.state == 'posted')
        if date:
            where &= table.date <= date
        return {
            (member, class_): (int(quantity), money(company, amount))
            for member, class_, quantity, amount in rows(table.select(
                    table.member, table.share_class,
                    Sum(table.quantity), Sum(table.amount),
                    where=where, group_by=[table.member, table.share_class]))
            if quantity or amount}

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
        cls._check(company, movements)
        movements = cls._book(company, movements, cls._entries(company))
        return cls._number(sequence, movements)

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
            if movement.type in {'nominal_change', 'reversal'}:
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
        Configuration = Pool().get('coop.share.configuration')
        configuration = Configuration(1)
        settings = {}

        def setting(name):
            if name not in settings:
                settings[name] = configuration.get_required(name, company).id
            return settings[name]

        return lambda movement: movement._get_entry(setting)

    def _get_entry(self, setting):
        "Return the entry to post, None when the movement has none"
        if self.type == 'nominal_change':
            return self.origin.entry(
                self, setting('journal'), setting('capital_account'))
        name = self._counterparts().get(self.type)
        if not name or not self.amount:
            return None
        party = self.member.party.id
        return Entry(
            journal=setting('journal'), date=self.date, origin=str(self),
            description=self.entry_description,
            lines=(
                EntryLine(
                    account=setting(name), debit=self.amount, party=party),
                EntryLine(
                    account=setting('capital_account'), credit=self.amount,
                    party=party)))

    # Reversal

    @classmethod
    @savepoint()
    def reverse(cls, movements, date=None, origin=None, description=None):
        """Post a counter-movement of each movement, with the mirror of its
        entry, and return them.

        It has the date of the movement unless another is given.
        """
        movements = list(movements)
        cls._check_reverse(movements, date=date)
        for movement in movements:
            if movement.type == 'nominal_change':
                raise ReverseError(gettext(
                        'coop_shares.msg_reverse_nominal',
                        movement=movement.rec_name,
                        nominal=movement.origin.rec_name))
        return cls._reverse(
            movements, date=date, origin=origin, description=description)

    @classmethod
    def _reverse(cls, movements, date=None, origin=None, description=None):
        reversals = []

        def key(movement):
            return movement.company.id
        for _, group in groupby(sorted(movements, key=key), key=key):
            group = list(group)
            documents = cls._insert([{
                        'company': m.company.id,
                        'date': date or m.date,
                        'type': 'reversal',
                        'member': m.member.id,
                        'share_class': m.share_class.id,
                        'quantity': -m.quantity,
                        'nominal': m.nominal,
                        'amount': -m.amount,
                        'reversal_of': m.id,
                        'origin': origin and str(origin),
                        'description': description,
                        } for m in group])
            sequence = cls._lock_register(group[0].company)
            cls._check(group[0].company, documents)
            documents = cls._book_reversals(documents, date=date)
            reversals.extend(cls._number(sequence, documents))
        return cls.browse(reversals)

    # Nominal value

    @classmethod
    def change_nominal(cls, nominal):
        "Post the change of the amount of each holding of the class"
        Class = Pool().get('coop.share.class')
        company, class_ = nominal.company, nominal.share_class
        cls._check_none_from(
            nominal, set(), 'coop_shares.msg_nominal_movements')
        old = Class.nominals_at(company, nominal.date)[class_.id]
        movements = cls._insert([{
                    'company': company.id,
                    'date': nominal.date,
                    'type': 'nominal_change',
                    'member': member,
                    'share_class': class_.id,
                    'quantity': 0,
                    'nominal': nominal.nominal,
                    'amount': quantity * (nominal.nominal - old),
                    'origin': str(nominal),
                    'decision': nominal.decision,
                    } for (member, held), (quantity, _) in sorted(
                        cls.holdings(company).items())
                if held == class_.id and quantity])
        return cls._post(company, movements) if movements else []

    @classmethod
    def reverse_nominal(cls, nominal):
        "Post the counter-movements of a change of nominal value"
        movements = [m for m in nominal.movements if m.state == 'posted']
        cls._check_none_from(
            nominal, {m.id for m in movements},
            'coop_shares.msg_nominal_reverse_movements')
        return cls._reverse(movements)

    @classmethod
    def _check_none_from(cls, nominal, own, message):
        """Check that nothing moved since the date of the nominal value.

        What moved and was reversed on the same day does not count: between
        two days it would be held at the nominal value of neither.
        """
        later = cls.search([
                ('share_class', '=', nominal.share_class.id),
                ('state', '=', 'posted'),
                ('date', '>=', nominal.date),
                ('id', 'not in', list(own)),
                ])
        nothing = {
            id_ for m in later
            if m.reversal_of and m.reversal_of.date == m.date
            for id_ in [m.id, m.reversal_of.id]}
        for movement in later:
            if movement.id not in nothing:
                raise NominalError(gettext(
                        message, nominal=nominal.rec_name,
                        movement=movement.rec_name))

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
