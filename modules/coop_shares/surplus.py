# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The profit of a year that a meeting shares: losses, reserves, interest."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, Workflow, fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.open_day import other_day
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from . import interest
from .accounts import Accounts
from .exceptions import PostedError, SurplusError
from .ledger import balance, money
from .rules.surplus import (
    LEAST_EMPLOYEE_RATE, LEAST_STATUTORY_RATE, TooMuchInterest, allocate)

ZERO = Decimal(0)
_DRAFT = {
    'readonly': Eval('state') != 'draft',
    }
# The accounts of the French chart that a result waits on
_PROFIT, _LOSS = 'profit_account', 'deficit_account'


def _sum(label, help=""):
    return fields.Function(Monetary(
            label, currency='currency', digits='currency', help=help),
        'get_sums')


class Surplus(Workflow, ModelSQL, ModelView):
    __name__ = 'coop.surplus'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_DRAFT)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        ondelete='RESTRICT', states=_DRAFT,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    meeting = fields.Many2One(
        'coop.meeting', "Meeting", ondelete='RESTRICT',
        states=_DRAFT | {
            'required': Eval('state') == 'posted',
            },
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    resolution = fields.Many2One(
        'coop.meeting.resolution', "Resolution", ondelete='RESTRICT',
        states=_DRAFT | {
            'required': Eval('state') == 'posted',
            },
        domain=[
            ('meeting', '=', Eval('meeting', -1)),
            ],
        help="What the meeting decided on the surplus.")
    date = fields.Function(
        fields.Date("Date", help="That of the meeting."),
        'on_change_with_date')
    profit = _sum(
        "Profit", "The result of the year in the ledger, after the tax.")
    losses = _sum("Losses Brought Forward")
    capital = _sum("Paid-Up Capital", "That of the closing.")
    reserves = _sum("Reserves", "All of them, before the meeting.")
    statutory_rate = fields.Numeric(
        "Rate of the Statutory Reserve", digits=(None, 4), required=True,
        states=_DRAFT,
        domain=[
            ('statutory_rate', '>=', 0),
            ('statutory_rate', '<=', 1),
            ],
        help="The part of what is left after the legal reserve. All that "
        "remains goes there too.")
    employee_rate = fields.Numeric(
        "Part of the Employees", digits=(None, 4), required=True,
        states=_DRAFT,
        domain=[
            ('employee_rate', '>=', 0),
            ('employee_rate', '<=', 1),
            ],
        help="In a SCOP, a quarter of the surplus at least.")
    subsidies = Monetary(
        "Public Subsidies", currency='currency', digits='currency',
        required=True, states=_DRAFT,
        domain=[
            ('subsidies', '>=', 0),
            ],
        help="The aid of public bodies and associations in the year, which "
        "bears no interest.")
    interest_rate = fields.Numeric(
        "Interest Rate", digits=(None, 6), required=True, states=_DRAFT,
        domain=[
            ('interest_rate', '>=', 0),
            ('interest_rate', '<=', 1),
            ],
        help="For twelve months: a year of another length bears it in "
        "proportion to its days.")
    ceiling_rate = fields.Function(fields.Numeric(
            "Highest Rate", digits=(None, 6),
            help="The mean yield of private bonds in the three years before "
            "the meeting, two points added."),
        'on_change_with_ceiling_rate')
    missing_yields = fields.Function(fields.Char(
            "Missing Yields",
            states={
                'invisible': ~Eval('missing_yields'),
                },
            help="The half-years whose yield of private bonds (TMO) is to be "
            "entered before the highest rate is known."),
        'on_change_with_missing_yields')
    basis = fields.Selection([
            ('days', "Each Day of the Year"),
            ('closing', "Held at the Closing and at the Meeting"),
            ], "Shares That Bear Interest", required=True, sort=False,
        states=_DRAFT,
        help="Shares that exist at the closing and at the meeting bear it for "
        "who holds them at the meeting.")
    legal = _sum("Legal Reserve")
    statutory = _sum("Statutory Reserve")
    employees = _sum("For the Employees")
    interest = _sum("Interest on Shares")
    interests = fields.One2Many(
        'coop.share.interest', 'surplus', "Interest by Member", readonly=True)
    move = fields.Many2One(
        'account.move', "Accounting Entry", readonly=True,
        ondelete='RESTRICT')
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('fiscalyear_unique', Unique(table, table.fiscalyear),
                'coop_shares.msg_surplus_unique'),
            ]
        cls._sql_indexes.add(Index(table, (table.company, Index.Range())))
        cls._order = [('fiscalyear.start_date', 'DESC'), ('id', 'DESC')]
        cls._transitions |= {('draft', 'posted'), ('posted', 'draft')}
        cls._buttons.update({
                'enter_yields': {
                    'invisible': ~Eval('missing_yields'),
                    'depends': ['missing_yields'],
                    },
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'take_back': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'post', 'take_back')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_statutory_rate(cls):
        return LEAST_STATUTORY_RATE

    @classmethod
    def default_employee_rate(cls):
        return LEAST_EMPLOYEE_RATE if _statute() == 'scop' else ZERO

    @classmethod
    def default_subsidies(cls):
        return ZERO

    @classmethod
    def default_interest_rate(cls):
        return ZERO

    @classmethod
    def default_basis(cls):
        return 'days'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('meeting')
    def on_change_with_date(self, name=None):
        return self.meeting.date if self.meeting else None

    @fields.depends('meeting', 'company')
    def on_change_with_ceiling_rate(self, name=None):
        BondYield = Pool().get('coop.bond_yield')
        if not self.meeting or not self.company or not has_ceiling(
                self.company):
            return None
        try:
            ceiling = BondYield.ceiling(self.meeting.date)
        except SurplusError:
            return None
        return (Decimal(ceiling.numerator) / ceiling.denominator).quantize(
            Decimal('0.000001'))

    @fields.depends('meeting', 'company')
    def on_change_with_missing_yields(self, name=None):
        BondYield = Pool().get('coop.bond_yield')
        if self.meeting and self.company and has_ceiling(self.company):
            return BondYield.missing(self.meeting.date)
        return ''

    def get_rec_name(self, name):
        return self.fiscalyear.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('fiscalyear.rec_name', *clause[1:])]

    @classmethod
    def get_sums(cls, surpluses, names):
        "What the ledger says, or what the entry that was posted says"
        result = {name: {} for name in names}
        for surplus in surpluses:
            sums = surplus._sums()
            for name in names:
                result[name][surplus.id] = sums.get(name)
        return result

    def _sums(self):
        sums = self._balances()
        if self.state == 'posted':
            booked = self._booked()
            return sums | booked
        paid = interest.total(self)
        try:
            allocation = self._allocate(sums, paid)
        except TooMuchInterest:
            return sums | {'interest': paid}
        except ValueError:
            return sums
        return sums | allocation._asdict() | {'losses': sums['losses']}

    def _balances(self):
        "Return what the decision starts from, before its entry"
        Configuration = Pool().get('coop.share.configuration')
        configuration = Configuration(1)

        def of(name):
            account = configuration.get_setting(name, self.company)
            return balance(self.company, account, self.date, without=self.move)
        return {
            'profit': of(_PROFIT) + of(_LOSS),
            'losses': max(-of('loss_account'), money(self.company, 0)),
            'reserves': (
                of('legal_reserve_account')
                + of('statutory_reserve_account')
                + of('revaluation_account')),
            'capital': interest.capital(self),
            }

    def _allocate(self, sums, paid):
        return allocate(
            sums['profit'], sums['losses'], sums['capital'],
            max(sums['reserves'], ZERO), paid, self.subsidies or ZERO,
            self.statutory_rate or ZERO, self.employee_rate or ZERO,
            self.currency.digits)

    def _booked(self):
        "Return the sums of the entry by name of account"
        Configuration = Pool().get('coop.share.configuration')
        names = {
            'legal_reserve_account': 'legal',
            'statutory_reserve_account': 'statutory',
            'employees_account': 'employees',
            'interest_account': 'interest',
            }
        booked = dict.fromkeys(names.values(), money(self.company, 0))
        by_account = {
            account: name for setting, name in names.items()
            if (account := Configuration(1).get_setting(
                    setting, self.company))}
        if self.move:
            for line in self.move.lines:
                if name := by_account.get(line.account):
                    booked[name] += line.credit - line.debit
        return booked

    @classmethod
    def copy(cls, surpluses, default=None):
        default = default.copy() if default is not None else {}
        for name in ['interests', 'move', 'resolution']:
            default.setdefault(name)
        default.setdefault('state', cls.default_state())
        return super().copy(surpluses, default=default)

    @classmethod
    def check_modification(
            cls, mode, surpluses, values=None, external=False):
        super().check_modification(
            mode, surpluses, values=values, external=external)
        for surplus in surpluses:
            if mode == 'create':
                sealed = surplus.state != 'draft' or surplus.move
            else:
                sealed = surplus.state != 'draft' or (
                    external and values and values.keys() & {'state', 'move'})
            if sealed and (
                    external or mode == 'delete'
                    or not (values or {}).keys() <= {'state', 'move'}):
                raise PostedError(gettext(
                        'coop_shares.msg_operation_modify',
                        operation=surplus.rec_name, **cls.__names__()))

    @classmethod
    @ModelView.button_action('coop_shares.act_bond_yield_form')
    def enter_yields(cls, surpluses):
        pass

    @classmethod
    @ModelView.button
    @savepoint()
    @Workflow.transition('posted')
    def post(cls, surpluses):
        "Book what the meeting decided, with the interest of each member"
        Move = Pool().get('account.move')
        Interest = Pool().get('coop.share.interest')
        for surplus in surpluses:
            cls.lock([surplus])
            surplus._check()
            lines = interest.by_member(surplus)
            sums = surplus._balances()
            try:
                allocation = surplus._allocate(
                    sums, sum((i.amount for i in lines), ZERO))
            except TooMuchInterest as error:
                lang = Pool().get('ir.lang').get()
                raise SurplusError(gettext(
                        'coop_shares.msg_surplus_interest',
                        surplus=surplus.rec_name,
                        interest=lang.currency(
                            sum(i.amount for i in lines), surplus.currency),
                        most=lang.currency(error.most, surplus.currency)))
            interests = Interest.enter(surplus, lines)
            posted, = Move.post_entries(surplus.company, [
                    surplus._entry(sums, allocation, interests)])
            assign(cls, 'move', [(surplus.id, posted.move)])

    def _check(self):
        BondYield = Pool().get('coop.bond_yield')
        lang = Pool().get('ir.lang').get()
        if not self.resolution or not self.resolution.adopted:
            raise SurplusError(gettext(
                    'coop_shares.msg_surplus_resolution',
                    surplus=self.rec_name))
        if self.fiscalyear.state == 'open' and not self._balances()['profit']:
            raise SurplusError(gettext(
                    'coop_shares.msg_surplus_no_result',
                    surplus=self.rec_name))
        if self.date <= self.fiscalyear.end_date:
            raise SurplusError(gettext(
                    'coop_shares.msg_surplus_date', surplus=self.rec_name,
                    date=lang.strftime(self.date)))
        if (_statute(self.company) == 'scic'
                and self.statutory_rate < LEAST_STATUTORY_RATE):
            raise SurplusError(gettext(
                    'coop_shares.msg_surplus_statutory',
                    surplus=self.rec_name))
        if self.interest_rate and has_ceiling(self.company):
            ceiling = BondYield.ceiling(self.date)
            if self.interest_rate > ceiling:
                raise SurplusError(gettext(
                        'coop_shares.msg_surplus_rate',
                        surplus=self.rec_name,
                        rate=lang.format_number(
                            self.interest_rate * 100, digits=4),
                        ceiling=lang.format_number(
                            Decimal(ceiling.numerator * 100)
                            / ceiling.denominator, digits=4)))

    def _entry(self, sums, allocation, interests):
        accounts = Accounts(self.company)
        lines = []

        def add(name, amount):
            "Credit an account, or debit it"
            if amount > 0:
                lines.append(EntryLine(account=accounts[name], credit=amount))
            elif amount < 0:
                lines.append(EntryLine(account=accounts[name], debit=-amount))
        profit = sums['profit']
        add(_PROFIT if profit > 0 else _LOSS, -profit)
        add('loss_account', allocation.losses)
        add('legal_reserve_account', allocation.legal)
        add('statutory_reserve_account', allocation.statutory)
        add('employees_account', allocation.employees)
        parties = interest.creditors({i.member for i in interests})
        lines.extend(EntryLine(
                account=accounts['interest_account'], credit=i.amount,
                party=parties[i.member.id], origin=str(i),
                maturity_date=self.date)
            for i in interests if i.amount)
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_surplus',
                fiscalyear=self.fiscalyear.rec_name,
                meeting=self.meeting.rec_name),
            lines=tuple(lines))

    @classmethod
    @ModelView.button
    @savepoint()
    @Workflow.transition('draft')
    def take_back(cls, surpluses):
        "Reverse the entry, and forget the interest that was not paid"
        Interest = Pool().get('coop.share.interest')
        Move = Pool().get('account.move')
        for surplus in surpluses:
            if any(i.payment for i in surplus.interests):
                raise SurplusError(gettext(
                        'coop_shares.msg_surplus_paid',
                        surplus=surplus.rec_name))
            Interest.forget(surplus.interests)
            with Transaction().set_context(_coop_shares_register=True):
                Move.reverse_entries([surplus.move], date=other_day(
                        surplus.company, surplus.move.date))
            assign(cls, 'move', [(surplus.id, None)])


def _statute(company=None):
    Configuration = Pool().get('coop.share.configuration')
    if company:
        return Configuration(1).get_setting('statute', company)
    if Transaction().context.get('company'):
        return Configuration(1).get_multivalue('statute')


def has_ceiling(company):
    "Article 14 does not hold for a SCOP"
    return _statute(company) != 'scop'
