# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The members and the movements of the past, as their register has them.

The past has no entry of its own here: the opening entries of the ledger, or
those that were imported, carry it.
"""
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.modules.coop_ledger.files.problem import Problem, refuse
from trytond.modules.coop_ledger.files.table import Column, money, read_table
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction
from trytond.wizard import Button, StateView

from .ledger import money as as_money

MEMBERS = [
    Column('number', 'code', aliases=['numéro']),
    Column('name', aliases=['nom']),
    Column('party', 'code', required=False, header=False, aliases=['tiers']),
    Column(
        'category', 'code', required=False, header=False,
        aliases=['catégorie']),
    Column('admission_date', 'date', aliases=['admission']),
    Column(
        'exit_date', 'date', required=False, header=False,
        aliases=['sortie']),
    ]
# Savings and interest of the past are not known here: what they paid for was
# subscribed, and what was reversed is subscribed less
TYPES = {
    'subscription': 'subscription', 'souscription': 'subscription',
    'conversion': 'subscription',
    'interest': 'subscription', 'intérêts': 'subscription',
    'transfer': 'transfer', 'cession': 'transfer',
    'class_change': 'class_change', 'changement de catégorie': 'class_change',
    'withdrawal': 'withdrawal', 'retrait': 'withdrawal',
    'exit': 'exit', 'annulation': 'exit',
    'nominal_change': 'nominal_change', 'nominal': 'nominal_change',
    'loss_reduction': 'loss_reduction', 'pertes': 'loss_reduction',
    'reversal': 'reversal', 'contre-passation': 'reversal',
    }
REVALUED = {'nominal_change', 'loss_reduction'}
SIGNS = {'subscription': 1, 'withdrawal': -1, 'exit': -1}
MOVEMENTS = [
    Column('number', 'integer', minimum=1, aliases=['numéro']),
    Column('date', 'date'),
    Column('type', 'choice', choices=TYPES),
    Column('member', 'code', aliases=['associé']),
    Column(
        'share_class', 'code', required=False, header=False,
        aliases=['catégorie de parts']),
    Column('quantity', 'integer', aliases=['quantité', 'parts']),
    money('nominal'),
    money('amount', positive=False, aliases=['montant']),
    ]


@dataclass
class Past:
    "What a file of the past has entered"
    members: int = 0
    movements: int = 0
    shares: int = 0
    amount: Decimal = Decimal(0)
    discrepancies: int = 0


def enter(company, members=None, movements=None, totals=(None, None)):
    """Enter the files, pairs of name and bytes, and return what was entered.

    All that is wrong is told at once, by a FileError; totals are the shares
    and the amount that are expected.
    """
    past = Past()
    if members:
        past.members = _Members(company, *members).enter()
    if movements:
        reader = _Movements(company, *movements)
        past.movements = reader.enter()
    held = Pool().get('coop.share.movement').holdings(company)
    past.shares = sum(quantity for quantity, _ in held.values())
    past.amount = sum(
        (amount for _, amount in held.values()), as_money(company, 0))
    _check_totals(past, movements and movements[0] or '', totals)
    past.discrepancies = len(
        Pool().get('coop.share.movement').discrepancies(company))
    return past


def _check_totals(past, name, totals):
    refuse(
        Problem(f'coop_shares.msg_past_{field}', name, args={
                'found': found, 'wanted': wanted})
        for field, found, wanted in zip(
            ['shares', 'amount'], [past.shares, past.amount], totals)
        if wanted is not None and found != wanted)


class _Members:

    def __init__(self, company, name, data):
        self.company = company
        self.table = read_table(data, name, MEMBERS)
        self.table.check_unique('number')

    def problem(self, row, code, column, **args):
        self.table.problems.append(
            row.problem(f'coop_shares.msg_past_{code}', column, **args))

    def enter(self):
        pool = Pool()
        Category = pool.get('coop.member.category')
        Member = pool.get('coop.member')
        Party = pool.get('party.party')
        categories = {c.code: c for c in Category.search([
                    ('company', '=', self.company.id)])}
        numbers = {m.number for m in Member.search([
                    ('company', '=', self.company.id),
                    ('number', '!=', None)])}
        rows = self.table.rows
        parties = {p.code: p for p in Party.search([
                    ('code', 'in', [r.get('party') for r in rows])])}
        named = defaultdict(list)
        for party in Party.search([
                    ('name', 'in', [r.get('name') for r in rows])]):
            named[party.name].append(party)
        for row in rows:
            if row.get('number') in numbers:
                self.problem(row, 'member_known', 'number')
            if row.get('category') and row['category'] not in categories:
                self.problem(row, 'category', 'category')
            if row.get('party') and row['party'] not in parties:
                self.problem(row, 'party', 'party')
            if not row.get('party') and named[row.get('name')]:
                self.problem(
                    row, 'party_named', 'name',
                    known=named[row['name']][0].code)
            if (row.get('exit_date') and row.get('admission_date')
                    and row['exit_date'] < row['admission_date']):
                self.problem(row, 'exit_date', 'exit_date')
        refuse(self.table.problems)
        new = [r for r in rows if not r.get('party')]
        created = Party.create([{'name': r['name']} for r in new])
        known = dict(zip((r.line for r in new), created))
        members = Member.create([{
                    'company': self.company.id,
                    'party': (
                        parties[r['party']] if r.get('party')
                        else known[r.line]).id,
                    'admission_date': r['admission_date'],
                    'exit_date': r.get('exit_date'),
                    'category': (
                        categories[r['category']].id
                        if r.get('category') else None),
                    } for r in rows])
        assign(Member, 'number', [
                (m.id, r['number']) for m, r in zip(members, rows)])
        _go_on_after(
            'member_sequence', self.company, [r['number'] for r in rows])
        return len(rows)


class _Movements:

    def __init__(self, company, name, data):
        self.company = company
        self.table = read_table(data, name, MOVEMENTS)
        self.table.check_unique('number')

    def problem(self, row, code, column, **args):
        self.table.problems.append(
            row.problem(f'coop_shares.msg_past_{code}', column, **args))

    def enter(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Configuration = pool.get('coop.share.configuration')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        if Movement.search([
                    ('company', '=', self.company.id),
                    ('state', '=', 'posted'),
                    ], limit=1):
            refuse([Problem(
                        'coop_shares.msg_past_register', self.table.file,
                        args={'company': self.company.rec_name})])
        classes = {c.code: c for c in Class.search([
                    ('company', '=', self.company.id)])}
        classes[None] = Configuration(1).get_setting(
            'share_class', self.company)
        members = {m.number: m for m in Member.search([
                    ('company', '=', self.company.id),
                    ('number', '!=', None)])}
        rows = sorted(self.table.rows, key=lambda r: r.get('number') or 0)
        held = defaultdict(int)
        for expected, row in enumerate(rows, 1):
            self._check_row(row, expected, members, classes)
        self._check_held(rows, held)
        refuse(self.table.problems)
        Movement.post_past(self.company, [{
                    'type': (
                        'subscription' if r['type'] == 'reversal'
                        else r['type']),
                    'date': r['date'],
                    'member': members[r['member']].id,
                    'share_class': classes[r.get('share_class')].id,
                    'quantity': r['quantity'],
                    'nominal': r['nominal'],
                    'amount': r['amount'],
                    } for r in rows])
        self._check_nominals(rows, classes)
        return len(rows)

    def _check_row(self, row, expected, members, classes):
        if row.get('number') not in {None, expected}:
            self.problem(row, 'number', 'number', wanted=expected)
        if row.get('share_class') not in classes or not classes[
                row.get('share_class')]:
            self.problem(row, 'class', 'share_class')
        member = members.get(row.get('member'))
        if row.get('member') and not member:
            self.problem(row, 'member', 'member')
        if row.faulty & {'type', 'quantity', 'nominal', 'amount', 'date'}:
            return
        type_, quantity = row['type'], row['quantity']
        if type_ in REVALUED:
            if quantity:
                self.problem(row, 'revalued', 'quantity')
        elif quantity * SIGNS.get(type_, 1) <= 0 and (
                type_ in SIGNS or not quantity):
            self.problem(row, 'sign', 'quantity')
        elif row['amount'] != quantity * row['nominal']:
            self.problem(
                row, 'product', 'amount', wanted=quantity * row['nominal'])
        if (member and type_ == 'subscription'
                and not member.is_member(row['date'])):
            self.problem(row, 'not_member', 'date')

    def _check_held(self, rows, held):
        "Nobody gives what is not held, on any day"
        ordered = sorted(
            (r for r in rows
                if not r.faulty & {'date', 'quantity', 'member'}),
            key=lambda r: (r['date'], -r['quantity'], r.get('number') or 0))
        for row in ordered:
            key = row['member'], row.get('share_class')
            held[key] += row['quantity']
            if held[key] < 0:
                self.problem(row, 'held', 'quantity', held=held[key])

    def _check_nominals(self, rows, classes):
        "What is held comes to the nominal value in force"
        pool = Pool()
        Class = pool.get('coop.share.class')
        Movement = pool.get('coop.share.movement')
        nominals = Class.nominals_at(self.company)
        used = {r.get('share_class') for r in rows}
        by_id = {classes[c].id: classes[c] for c in used}
        sums = defaultdict(lambda: [0, as_money(self.company, 0)])
        for (_, class_), (quantity, amount) in Movement.holdings(
                self.company).items():
            sums[class_][0] += quantity
            sums[class_][1] += amount
        refuse(
            Problem('coop_shares.msg_past_nominal', self.table.file, args={
                    'share_class': by_id[class_].rec_name,
                    'quantity': quantity,
                    'nominal': nominals.get(class_) or Decimal(0),
                    'amount': amount})
            for class_, (quantity, amount) in sums.items()
            if amount != quantity * (nominals.get(class_) or 0))


def _go_on_after(name, company, numbers):
    "Let the sequence go on after the highest number"
    Configuration = Pool().get('coop.share.configuration')
    sequence = Configuration(1).get_required(name, company)
    highest = max((int(n) for n in numbers if n.isdigit()), default=0)
    if sequence.type == 'incremental' and sequence.number_next <= highest:
        sequence.number_next = highest + 1
        sequence.save()


class ImportPast(BookingWizard):
    __name__ = 'coop.share.import_past'

    start = StateView(
        'coop.share.import_past.start',
        'coop_shares.import_past_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'result', 'tryton-ok', default=True),
            ])
    result = StateView(
        'coop.share.import_past.result',
        'coop_shares.import_past_result_view_form', [
            Button("OK", 'end', 'tryton-ok', default=True),
            ])

    def default_result(self, fields):
        start = self.start
        with savepoint() as point:
            past = enter(
                start.company,
                start.members and (start.members_name or '', start.members),
                start.movements and (
                    start.movements_name or '', start.movements),
                (start.shares, start.amount))
            point.undo = start.dry_run
        lang = Pool().get('ir.lang').get()
        texts = [gettext(
                'coop_shares.msg_past_entered', members=past.members,
                movements=past.movements, shares=past.shares,
                amount=lang.currency(past.amount, start.company.currency))]
        if past.discrepancies:
            texts.append(gettext(
                    'coop_shares.msg_past_discrepancies',
                    count=past.discrepancies))
        if start.dry_run:
            texts.append(gettext('coop_shares.msg_past_dry_run'))
        # No need to store them in the session
        start.members = start.movements = None
        return {'text': '\n\n'.join(texts)}


class ImportPastStart(ModelView):
    __name__ = 'coop.share.import_past.start'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    members = fields.Binary(
        "Members", filename='members_name',
        help="CSV: number, name, party, category, admission_date, exit_date.")
    members_name = fields.Char("Name of the File of Members")
    movements = fields.Binary(
        "Movements", filename='movements_name',
        help="CSV: number, date, type, member, share_class, quantity, "
        "nominal, amount.")
    movements_name = fields.Char("Name of the File of Movements")
    shares = fields.Integer(
        "Shares", help="How many must be held in the end, to be checked.")
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        help="What the capital must come to in the end, to be checked.")
    dry_run = fields.Boolean(
        "Dry Run",
        help="Check to see what the import would do without doing it.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_dry_run(cls):
        return True

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None


class ImportPastResult(ModelView):
    __name__ = 'coop.share.import_past.result'

    text = fields.Text("Result", readonly=True)
