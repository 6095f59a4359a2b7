# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from decimal import Decimal
from itertools import groupby

from sql import Null

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.lock import lock_company
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval

from . import withholding_plan
from .accounts import Accounts
from .conversion import usable_savings
from .document import STATES, DocumentMixin
from .exceptions import PostError, ReverseError, SavingsError
from .ledger import by_party, changes_by_party
from .rules.conversion import lowest

ZERO = Decimal(0)

_PAY_STATES = {
    'readonly': Eval('state') != 'draft',
    'invisible': Eval('type') != 'withholding',
    }


class Withholding(DocumentMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.withholding'

    type = fields.Selection([
            ('opening', "Opening"),
            ('withholding', "Withholding"),
            ('refund', "Given Back"),
            ], "Type", required=True, sort=False, states=STATES,
        help="An opening has no entry of its own: the opening entry of the "
        "ledger carries it.")
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        states=STATES,
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    commitment = fields.Many2One(
        'coop.share.commitment', "Commitment", ondelete='RESTRICT',
        states={
            'readonly': Eval('state') != 'draft',
            'required': Eval('type') == 'withholding',
            },
        domain=[
            ('company', '=', Eval('company', -1)),
            ('party', '=', Eval('party', -1)),
            ])
    month = fields.Date(
        "Month",
        states={
            'readonly': Eval('state') != 'draft',
            'invisible': Eval('type') != 'withholding',
            'required': Eval('type') == 'withholding',
            },
        help="The first day of the month of the pay.")
    base_amount = Monetary(
        "Base", currency='currency', digits='currency', states=_PAY_STATES,
        help="The pay of the whole month that the rate applies to.")
    rate = fields.Numeric(
        "Rate", digits=(None, 4), states=_PAY_STATES)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', required=True,
        states=STATES,
        help="Negative when it is given back.")
    description = fields.Char("Description", states=STATES)
    origin = fields.Reference(
        "Origin", selection='get_origin', readonly=True)
    move = fields.Many2One(
        'account.move', "Accounting Entry", readonly=True,
        ondelete='RESTRICT')
    reversal_of = fields.Many2One(
        'coop.share.withholding', "Reversal Of", readonly=True,
        ondelete='RESTRICT',
        states={
            'invisible': ~Eval('reversal_of'),
            })
    reversed_by = fields.Function(
        fields.Many2One(
            'coop.share.withholding', "Reversed By",
            states={
                'invisible': ~Eval('reversed_by'),
                }),
        'get_reversed_by', searcher='search_reversed_by')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('reversal_of_unique', Unique(table, table.reversal_of),
                'coop_shares.msg_withholding_reversal_unique'))
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.month, Index.Range())),
                Index(table,
                    (table.company, Index.Range()),
                    (table.date, Index.Range())),
                Index(table, (table.party, Index.Range())),
                Index(table, (table.move, Index.Range()),
                    where=table.move != Null),
                })

    @classmethod
    def default_type(cls):
        return 'withholding'

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        date = lang.strftime(self.month or self.date, '%m/%Y')
        return f'{self.party.rec_name} – {date}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @fields.depends('commitment')
    def on_change_with_rate(self):
        return self.commitment.rate if self.commitment else None

    # Savings

    @classmethod
    def savings(cls, company, date=None, parties=None):
        """Return the savings at the end of the date by id of party, from the
        posted lines of the savings account and its sub-accounts"""
        Configuration = Pool().get('coop.share.configuration')
        account = Configuration(1).get_setting('savings_account', company)
        savings = by_party(company, account, date)
        if parties is not None:
            savings = {
                p: savings[p] for p in map(int, parties) if p in savings}
        return savings

    @classmethod
    @savepoint()
    def give_back(cls, member, date, origin):
        "Turn what a member who leaves has saved into a debt to be paid"
        company, party = member.company, member.party
        savings = usable_savings(company, date).get(party.id, ZERO)
        if not savings:
            return []
        return cls._post(company, cls._insert([{
                        'company': company.id,
                        'type': 'refund',
                        'date': date,
                        'party': party.id,
                        'amount': -savings,
                        'origin': str(origin),
                        }]))

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'coop.share.exit']

    # Plan and booking

    @classmethod
    def plan(cls, company, month, date, pays, planned=()):
        """Return what is to be kept back of the pay of a month.

        month is the first day of the month of the pay, date that of the
        entries; pays gives the gross pay and the net to pay of the whole month
        by id of party; planned are plans that are to be booked before.
        The number of queries does not depend on the number of people.
        """
        return withholding_plan.plan(company, month, date, pays, planned)

    @classmethod
    @savepoint()
    def book(cls, company, plans, date, origin=None):
        "Post what is kept back and return the withholdings"
        withholdings = cls._insert([{
                    'company': company.id,
                    'type': 'withholding',
                    'date': date,
                    'party': int(p.party),
                    'commitment': int(p.commitment),
                    'month': p.month,
                    'base_amount': p.base,
                    'rate': p.rate,
                    'amount': p.amount,
                    'origin': origin and str(origin),
                    } for p in plans if p.amount])
        return cls._post(company, withholdings) if withholdings else []

    @classmethod
    @ModelView.button
    @savepoint()
    def post(cls, withholdings):
        """Book the entries of the withholdings and seal them.

        The number of queries does not depend on the number of withholdings.
        """
        def key(withholding):
            return withholding.company.id
        drafts = sorted(
            (w for w in withholdings if w.state == 'draft'), key=key)
        for _, group in groupby(drafts, key=key):
            group = list(group)
            cls._post(group[0].company, group)

    @classmethod
    def _post(cls, company, withholdings):
        # Who posts for the company at the same time starts again
        lock_company(company)
        cls._check_amounts(withholdings)
        cls._check_savings(company, withholdings)
        return cls._seal(cls._book(company, withholdings, cls._entries(
                    company,
                    [w for w in withholdings if w.type != 'opening'])))

    @classmethod
    def _check_amounts(cls, withholdings):
        for withholding in withholdings:
            if withholding.type == 'refund' and not withholding.origin:
                raise PostError(gettext(
                        'coop_shares.msg_withholding_refund',
                        party=withholding.party.rec_name))
            if withholding.type == 'opening' and withholding.amount <= 0:
                raise PostError(gettext(
                        'coop_shares.msg_withholding_opening',
                        party=withholding.party.rec_name))
            if withholding.month and withholding.month.day != 1:
                raise PostError(gettext(
                        'coop_shares.msg_withholding_month',
                        party=withholding.party.rec_name))

    @classmethod
    def _check_savings(cls, company, withholdings):
        "No savings are negative at any date for what is given back"
        Configuration = Pool().get('coop.share.configuration')
        given_back = defaultdict(list)
        for withholding in withholdings:
            if withholding.type != 'opening':
                given_back[withholding.party].append(
                    (withholding.date, withholding.amount))
        if not any(a < 0 for c in given_back.values() for _, a in c):
            return
        account = Configuration(1).get_required('savings_account', company)
        first = min(w.date for w in withholdings)
        balances = by_party(company, account, first)
        later = changes_by_party(company, account, first)
        for party, changes in given_back.items():
            balance = balances.get(party.id, ZERO)
            lowest_ = lowest(balance, later.get(party.id, []) + changes)
            if lowest_ < min(balance, ZERO):
                raise SavingsError(gettext(
                        'coop_shares.msg_withholding_savings',
                        party=party.rec_name,
                        amount=-sum(a for _, a in changes)))

    @classmethod
    def _entries(cls, company, withholdings):
        "Return a function that returns the entry of a withholding"
        if not withholdings:
            return lambda withholding: None
        accounts = Accounts(company)
        parts = dict(zip(
                [w.id for w in withholdings],
                cls._wage_parts(company, withholdings)))

        def entry(withholding):
            if withholding.id in parts:
                return withholding._get_entry(
                    accounts, parts[withholding.id])
        return entry

    @classmethod
    def _wage_parts(cls, company, withholdings):
        """Return the analytic parts of the line of wages of each withholding:
        none, unless another module has some"""
        return [()] * len(withholdings)

    def _get_entry(self, accounts, wage_parts):
        if not self.amount:
            return None
        party = self.party.id
        counterparty = party
        if self.type == 'refund':
            counterparty = self.origin.creditor.id
        kept, given = max(self.amount, ZERO), max(-self.amount, ZERO)
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_withholding', name=self.rec_name),
            lines=(
                EntryLine(
                    account=accounts[self._counterpart()],
                    party=counterparty,
                    debit=kept, credit=given, parts=wage_parts,
                    maturity_date=(
                        self.date if self.type == 'refund' else None)),
                EntryLine(
                    account=accounts['savings_account'], party=party,
                    debit=given, credit=kept)))

    def _counterpart(self):
        "Return the setting of the account that the savings come from"
        return 'refund_account' if self.type == 'refund' else 'wage_account'

    # Reversal

    @classmethod
    @savepoint()
    def reverse(cls, withholdings, date=None, origin=None, description=None):
        """Post the contrary of each withholding, with the mirror of its entry,
        and return them.

        It has the date of the withholding unless another is given, or a day
        that is open when its period is closed.
        """
        withholdings = list(withholdings)
        cls._check_reverse(withholdings, date=date)
        for withholding in withholdings:
            if withholding.type == 'refund':
                raise ReverseError(gettext(
                        'coop_shares.msg_reverse_operation',
                        movement=withholding.rec_name,
                        operation=withholding.origin.rec_name,
                        **withholding.origin.__names__()))
        return cls._reverse(
            withholdings, date=date, origin=origin, description=description)

    @classmethod
    def _reverse(cls, withholdings, date=None, origin=None, description=None):
        def key(withholding):
            return withholding.company.id
        reversals = []
        for _, group in groupby(sorted(withholdings, key=key), key=key):
            group = list(group)
            company = group[0].company
            dates = cls._reversal_dates(company, group, date)
            documents = cls._insert([{
                        'company': company.id,
                        'type': w.type,
                        'date': dates[w.id],
                        'party': w.party.id,
                        'commitment': w.commitment and w.commitment.id,
                        'month': w.month,
                        'base_amount': w.base_amount,
                        'rate': w.rate,
                        'amount': -w.amount,
                        'reversal_of': w.id,
                        'origin': origin and str(origin),
                        'description': description,
                        } for w in group])
            lock_company(company)
            cls._check_savings(company, documents)
            reversals.extend(
                cls._seal(cls._book_reversals(documents)))
        return cls.browse(reversals)
