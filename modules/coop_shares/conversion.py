# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import calendar
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.modules.coop_ledger.lock import begin_writing
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView

from .exceptions import PostError, SavingsError
from .ledger import by_party, changes_by_party
from .rules.conversion import available, whole_shares
from .rules.withholding import covers

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ConversionPlan:
    """What the savings of a member become.

    member, party and share_class are ids; carry is what is left of savings.
    """
    member: int
    party: int
    share_class: int
    savings: Decimal
    nominal: Decimal
    quantity: int
    carry: Decimal

    @property
    def amount(self):
        return self.quantity * self.nominal


def is_conversion_date(company, date):
    "Return True if the company turns savings into shares on that day"
    pool = Pool()
    Configuration = pool.get('coop.share.configuration')
    FiscalYear = pool.get('account.fiscalyear')
    if Configuration(1).get_setting('conversion', company) == 'year':
        return bool(FiscalYear.search([
                    ('company', '=', company.id),
                    ('end_date', '=', date),
                    ], limit=1, order=[]))
    return date.day == calendar.monthrange(date.year, date.month)[1]


def plan(company, date, added):
    """Return the plan of each member of that day who has savings.

    Savings that a later conversion used already are not used twice; they wait
    when the nominal value of their class changed since.
    """
    pool = Pool()
    Class = pool.get('coop.share.class')
    Member = pool.get('coop.member')
    savings = usable_savings(company, date, added)
    if not savings:
        return []
    nominals = Class.nominals_at(company, date)
    last = Class.last_nominal_dates(company)
    classes = _classes(company, date)
    plans = []
    for member in Member.members_at(company, date):
        party = member.party.id
        class_ = classes(party)
        if (not savings.get(party) or class_ not in nominals
                or last[class_] > date):
            continue
        quantity, carry = whole_shares(savings[party], nominals[class_])
        plans.append(ConversionPlan(
                member=member.id, party=party, share_class=class_,
                savings=savings[party], nominal=nominals[class_],
                quantity=quantity, carry=carry))
    return plans


def usable_savings(company, date, added=None):
    """Return by id of party the savings that can be used at the date, with
    those that are about to be added"""
    Configuration = Pool().get('coop.share.configuration')
    account = Configuration(1).get_setting('savings_account', company)
    balances = by_party(company, account, date)
    later = changes_by_party(company, account, date)
    added = added or {}
    result = {}
    for party in balances.keys() | added.keys():
        balance = balances.get(party, ZERO) + added.get(party, ZERO)
        if usable := available(balance, later.get(party, [])):
            result[party] = usable
    return result


def _classes(company, date):
    """Return a function that gives the class that the savings of a party are
    for: that of the commitment in force, else of the last one, else that of
    the configuration"""
    pool = Pool()
    Commitment = pool.get('coop.share.commitment')
    Configuration = pool.get('coop.share.configuration')
    default = Configuration(1).get_setting('share_class', company)
    default = default.id if default else None
    by_party = {}
    for commitment in Commitment.search([
                ('company', '=', company.id),
                ('start_date', '<=', date),
                ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
        party = commitment.party.id
        known = by_party.get(party)
        if not known or covers(commitment, date) or not covers(known, date):
            by_party[party] = commitment

    def class_of(party):
        commitment = by_party.get(party)
        return commitment.share_class.id if commitment else default
    return class_of


def last_conversion_date(company, today):
    "Return the last day up to today on which savings become shares"
    pool = Pool()
    Configuration = pool.get('coop.share.configuration')
    FiscalYear = pool.get('account.fiscalyear')
    if Configuration(1).get_setting('conversion', company) == 'year':
        fiscalyears = FiscalYear.search([
                ('company', '=', company.id),
                ('end_date', '<=', today),
                ], limit=1, order=[('end_date', 'DESC')])
        return fiscalyears[0].end_date if fiscalyears else None
    tomorrow = today + datetime.timedelta(days=1)
    return tomorrow.replace(day=1) - datetime.timedelta(days=1)


def check_savings(company, movements, date):
    "Check that the savings pay for the movements that use them"
    usable = usable_savings(company, date)
    needed = defaultdict(Decimal)
    for movement in movements:
        needed[movement.member.party] += movement.amount
    for party, amount in needed.items():
        if amount > usable.get(party.id, ZERO):
            raise SavingsError(gettext(
                    'coop_shares.msg_conversion_savings',
                    party=party.rec_name, amount=amount,
                    savings=usable.get(party.id, ZERO)))


class ConvertSavings(BookingWizard):
    __name__ = 'coop.share.convert_savings'

    start = StateView(
        'coop.share.convert_savings.start',
        'coop_shares.convert_savings_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'coop.share.convert_savings.preview',
        'coop_shares.convert_savings_preview_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Back", 'start', 'tryton-back'),
            Button("Convert", 'convert', 'tryton-ok', default=True),
            ])
    convert = StateAction('coop_shares.act_movement_form')

    def default_start(self, fields):
        if getattr(self.start, 'company', None):
            return {
                'company': self.start.company.id,
                'date': self.start.date,
                }
        return {}

    def _plans(self):
        Movement = Pool().get('coop.share.movement')
        company, date = self.start.company, self.start.date
        if not Movement.is_conversion_date(company, date):
            lang = Pool().get('ir.lang').get()
            raise PostError(gettext(
                    'coop_shares.msg_conversion_date',
                    date=lang.strftime(date), company=company.rec_name))
        return Movement.plan_conversions(company, date)

    def default_preview(self, fields):
        plans = self._plans()
        return {
            'company': self.start.company.id,
            'date': self.start.date,
            'shares': sum(p.quantity for p in plans),
            'lines': [{
                    'member': p.member,
                    'share_class': p.share_class,
                    'currency': self.start.company.currency.id,
                    'savings': p.savings,
                    'nominal': p.nominal,
                    'quantity': p.quantity,
                    'amount': p.amount,
                    'carry': p.carry,
                    } for p in plans],
            }

    def do_convert(self, action):
        Movement = Pool().get('coop.share.movement')
        # Who does it at the same time has done it, or waits
        begin_writing()
        movements = Movement.book_conversions(
            self.start.company, self._plans(), self.start.date)
        return action, {'res_id': [m.id for m in movements]}


class ConvertSavingsStart(ModelView):
    __name__ = 'coop.share.convert_savings.start'

    company = fields.Many2One('company.company', "Company", required=True)
    date = fields.Date(
        "Date", required=True,
        help="The last day of a month or of a fiscal year, as the company "
        "chose.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_date(self):
        Date = Pool().get('ir.date')
        if self.company:
            with Transaction().set_context(company=self.company.id):
                return last_conversion_date(self.company, Date.today())


class ConvertSavingsPreview(ModelView):
    __name__ = 'coop.share.convert_savings.preview'

    company = fields.Many2One('company.company', "Company", readonly=True)
    date = fields.Date("Date", readonly=True)
    shares = fields.Integer("New Shares", readonly=True)
    lines = fields.One2Many(
        'coop.share.convert_savings.line', None, "Members", readonly=True)


class ConvertSavingsLine(ModelView):
    __name__ = 'coop.share.convert_savings.line'

    member = fields.Many2One('coop.member', "Member", readonly=True)
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", readonly=True)
    currency = fields.Many2One(
        'currency.currency', "Currency", readonly=True)
    savings = Monetary(
        "Savings", currency='currency', digits='currency', readonly=True)
    nominal = Monetary(
        "Nominal Value", currency='currency', digits='currency',
        readonly=True)
    quantity = fields.Integer("New Shares", readonly=True)
    amount = Monetary(
        "Amount", currency='currency', digits='currency', readonly=True)
    carry = Monetary(
        "Carried Forward", currency='currency', digits='currency',
        readonly=True)
