# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A co-op for tests: two companies on the French chart, with members."""
import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

from proteus import config as pconfig
from trytond.modules.account.tests import create_chart, get_fiscalyear
from trytond.modules.company.tests import create_company
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.planner import refresh_statistics
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.transaction import Transaction, TransactionError

D = Decimal
YEARS = [2023, 2024]
NOMINALS = {'Coop': D(20), 'Other': D(15)}
RECEIVED = D(100000)


def day(month, day_, year=2024):
    return dt.date(year, month, day_)


def set_up_shares(config=None):
    """Make the companies, with 3 members each and a person who is none

    Each chart of accounts is kept before what follows: PostgreSQL would go
    through the hundred thousands of rows that making one leaves until then."""
    config = config or pconfig.get_config()
    for name, nominal in NOMINALS.items():
        company = _commit(config, _add_company, name)
        _commit(config, _set_up, company, nominal)


def _commit(config, function, *args):
    "Return what the function returns in a transaction that is kept"
    extras = {}
    while True:
        with Transaction().start(
                config.database_name, config.user, **extras) as transaction:
            try:
                result = function(*args)
            except TransactionError as error:
                # What is to be locked is locked from the start
                transaction.rollback()
                error.fix(extras)
                continue
            transaction.commit()
            return result


def _add_company(name):
    "Return the id of a new company with its chart"
    pool = Pool()
    Account = pool.get('account.account')
    Currency = pool.get('currency.currency')
    found = Currency.search([('code', '=', 'EUR')])
    currency = found[0] if found else create_currency('EUR')
    company = create_company(name=name, currency=currency)
    with _in_company(company):
        create_chart(company, chart='account_fr.root')
    refresh_statistics(Account)
    return company.id


@contextmanager
def _in_company(company):
    with Transaction().set_context(
            company=company.id, companies=[company.id]):
        yield


def _set_up(company_id, nominal):
    company = Pool().get('company.company')(company_id)
    with _in_company(company):
        _fill(company, nominal)


def _fill(company, nominal):
    pool = Pool()
    Class = pool.get('coop.share.class')
    Commitment = pool.get('coop.share.commitment')
    Configuration = pool.get('coop.share.configuration')
    FiscalYear = pool.get('account.fiscalyear')
    Member = pool.get('coop.member')
    Nominal = pool.get('coop.share.nominal')
    Party = pool.get('party.party')
    for year in YEARS:
        fiscalyear = get_fiscalyear(
            company, start_date=day(1, 1, year), end_date=day(12, 31, year))
        fiscalyear.save()
        FiscalYear.create_period([fiscalyear])
    Configuration.set_french_defaults(company)
    class_, = Class.create([{
                'company': company.id, 'code': 'A', 'name': "A shares"}])
    Nominal.post(Nominal.create([{
                    'share_class': class_.id, 'date': day(1, 1, 2023),
                    'nominal': nominal}]))
    Configuration(1).set_multivalue(
        'share_class', class_.id, company=company.id)
    parties = Party.create([
            {'name': f"{company.party.name} {name}"}
            for name in ['Ana', 'Bob', 'Cleo', 'Dan']])
    members = Member.create([{
                'company': company.id, 'party': party.id,
                'admission_date': day(1, 1, 2023),
                } for party in parties[:3]])
    Member.admit(members)
    # What they subscribe for is received long before
    for party in parties:
        book(company, '5121', '4563', RECEIVED, day(1, 1, 2023), party)
    Commitment.create([{
                'company': company.id, 'party': party.id,
                'share_class': class_.id, 'rate': D('0.01'),
                'start_date': day(1, 1, 2023),
                'consent_date': day(1, 1, 2023),
                } for party in parties])


def book(company, debit, credit, amount, date, party=None):
    "Post an entry between two accounts, with the party where one is needed"
    pool = Pool()
    Account = pool.get('account.account')
    Journal = pool.get('account.journal')
    Move = pool.get('account.move')
    journal, = Journal.search([('type', '=', 'general')], limit=1)
    accounts = {
        a.code: a for a in Account.search([
                ('company', '=', company.id),
                ('code', 'in', [debit, credit])])}

    def line(code, **sums):
        account = accounts[code]
        return EntryLine(
            account=account.id, party=(
                party.id if party and account.party_required else None),
            **sums)
    posted, = Move.post_entries(company, [Entry(
                journal=journal.id, date=date, lines=(
                    line(debit, debit=D(amount)),
                    line(credit, credit=D(amount))))])
    return Move(posted.move)


class Coop:
    "Shortcuts to a company of the co-op for tests"

    def __init__(self, name='Coop'):
        Company = Pool().get('company.company')
        self.name = name
        self.company, = Company.search([('party.name', '=', name)])

    def context(self):
        # Lock first: a test starts again each time that a lock is missing
        for name in [
                'account.journal.period', 'coop.member',
                'coop.share.withholding', 'ir.sequence.strict']:
            Pool().get(name).lock()
        return _in_company(self.company)

    @property
    def share_class(self):
        Class = Pool().get('coop.share.class')
        class_, = Class.search([
                ('company', '=', self.company.id), ('code', '=', 'A')])
        return class_

    def party(self, name='Ana'):
        Party = Pool().get('party.party')
        party, = Party.search([('name', '=', f"{self.name} {name}")])
        return party

    def member(self, name='Ana'):
        Member = Pool().get('coop.member')
        member, = Member.search([
                ('company', '=', self.company.id),
                ('party', '=', self.party(name).id)])
        return member

    def account(self, code):
        Account = Pool().get('account.account')
        account, = Account.search([
                ('company', '=', self.company.id), ('code', '=', code)])
        return account

    def movement(
            self, quantity, date, name='Ana', type='subscription', post=True):
        Movement = Pool().get('coop.share.movement')
        movement, = Movement.create([{
                    'company': self.company.id, 'type': type, 'date': date,
                    'member': self.member(name).id, 'quantity': quantity,
                    'share_class': self.share_class.id}])
        if post:
            Movement.post([movement])
        return Movement(movement.id)

    def withhold(self, month, gross, name='Ana', net=None, date=None):
        "Book what is kept back of the pay of a month of 2024"
        Withholding = Pool().get('coop.share.withholding')
        gross = D(gross)
        date = date or month_end(month)
        plans = Withholding.plan(
            self.company, day(month, 1), date,
            {self.party(name).id: (gross, gross if net is None else D(net))})
        Withholding.book(self.company, plans, date)
        return plans

    def convert(self, month):
        Movement = Pool().get('coop.share.movement')
        date = month_end(month)
        plans = Movement.plan_conversions(self.company, date)
        return Movement.book_conversions(self.company, plans, date)

    def nominal(self, value, date, account='119', post=True):
        Nominal = Pool().get('coop.share.nominal')
        nominal, = Nominal.create([{
                    'share_class': self.share_class.id, 'date': date,
                    'nominal': D(value),
                    'account': self.account(account).id}])
        if post:
            Nominal.post([nominal])
        return Nominal(nominal.id)

    def close_periods(self, year=2024):
        "Close the periods of a year, with one to come that is open"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Period = pool.get('account.period')
        if not FiscalYear.search([
                    ('company', '=', self.company.id),
                    ('start_date', '=', day(1, 1, year + 1)),
                    ]):
            next_ = get_fiscalyear(
                self.company, start_date=day(1, 1, year + 1),
                end_date=day(12, 31, year + 1))
            next_.save()
            FiscalYear.create_period([next_])
        Period.close(Period.search([
                    ('company', '=', self.company.id),
                    ('fiscalyear.end_date', '<=', day(12, 31, year)),
                    ('state', '=', 'open')]))

    def reopen_periods(self, year=2024):
        "Open the periods of a year again, with their journals"
        pool = Pool()
        for name, field in [
                ('account.period', 'fiscalyear'),
                ('account.journal.period', 'period.fiscalyear')]:
            Model = pool.get(name)
            Model.reopen(Model.search([
                        (f'{field}.company', '=', self.company.id),
                        (f'{field}.end_date', '=', day(12, 31, year)),
                        ('state', '=', 'closed')]))

    def balance(self, code, name=None, date=None):
        "Return the credit balance of the account"
        Line = Pool().get('account.move.line')
        domain = [
            ('account', '=', self.account(code).id),
            ('move.state', '=', 'posted'),
            ]
        if name:
            domain.append(('party', '=', self.party(name).id))
        if date:
            domain.append(('date', '<=', date))
        return sum(
            (line.credit - line.debit
                for line in Line.search(domain, order=[])), D(0))

    def savings(self, name='Ana', date=None):
        Withholding = Pool().get('coop.share.withholding')
        return Withholding.savings(self.company, date).get(
            self.party(name).id, D(0))

    def held(self, name='Ana', date=None):
        Movement = Pool().get('coop.share.movement')
        return Movement.holdings(self.company, date).get(
            (self.member(name).id, self.share_class.id), (0, D(0)))

    def discrepancies(self, date=None):
        Movement = Pool().get('coop.share.movement')
        return Movement.discrepancies(self.company, date)

    def user(self, login, *groups):
        "Return a user of the company with the groups"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        user, = User.create([{
                    'name': login, 'login': login,
                    'companies': [('add', [self.company.id])],
                    'company': self.company.id,
                    'groups': [('add', [
                                ModelData.get_id(*g.split('.'))
                                for g in groups])],
                    }])
        return user


def entry_lines(move):
    "Return account, party, debit and credit of the lines of the entry"
    return [
        (line.account.code, line.party and line.party.name,
            line.debit, line.credit)
        for line in sorted(move.lines, key=lambda line: line.id)]


def rpc(user, name, method, *args, context=None):
    "Call the method of the model as the server does for a user"
    pool = Pool()
    Model = pool.get(name)
    User = pool.get('res.user')
    transaction = Transaction()
    with transaction.set_user(user.id):
        preferences = User.get_preferences(context_only=True)
        procedure = Model.__rpc__[method]
        args, kwargs, context, _ = procedure.convert(
            Model, *args, preferences | (context or {}))
        with transaction.set_context(context):
            return procedure.result(
                procedure.decorate(getattr(Model, method))(*args, **kwargs))


def month_end(month, year=2024):
    return (day(month, 28, year) + dt.timedelta(days=4)).replace(
        day=1) - dt.timedelta(days=1)
