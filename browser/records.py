# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Add to a demonstration one record at least of all that a screen shows."""
import datetime as dt
import os
import sys
from decimal import Decimal as D
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.transaction import transact  # noqa: E402

DATABASE = 'demo'
TODAY = dt.date(2024, 12, 31)
MEETING = dt.date(2025, 6, 13)
# Who may see all, by language
USERS = {'fr': 'tout', 'en': 'everything'}


def prepare(folder, then):
    """Add the records and the users, and return what is found then, as one
    who may see all"""
    configuration = Path(folder) / 'trytond.conf'
    password = (Path(folder) / 'password').read_text().strip()
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    import trytond.config as config
    config.update_etc(str(configuration))
    from trytond.ir.date import Date
    from trytond.pool import Pool
    Pool.start()
    pool = Pool(DATABASE)
    pool.init()
    with patch.object(
            Date, 'today', classmethod(lambda cls, timezone=None: TODAY)):
        user = transact(DATABASE, add, pool, password, language='fr')
        return transact(DATABASE, see, pool, user, then, language='fr')


def see(pool, user, then):
    "Return what is found as the user"
    from trytond.transaction import Transaction
    user = pool.get('res.user')(user)
    with Transaction().set_user(user.id), Transaction().set_context(
            user.get_preferences(context_only=True), _check_access=True):
        return then(pool)


def add(pool, password):
    from trytond.transaction import Transaction
    Company = pool.get('company.company')
    company, = Company.search([], order=[('id', 'ASC')], limit=1)
    with Transaction().set_context(
            company=company.id, companies=[company.id]):
        if not pool.get('coop.college').search([]):
            records = Records(pool, company)
            records.people()
            records.contracts()
            records.money()
            records.shares()
    return users(pool, password)


def users(pool, password):
    "Add the users who may see all, and return the id of one"
    Company = pool.get('company.company')
    Group = pool.get('res.group')
    Lang = pool.get('ir.lang')
    ModelData = pool.get('ir.model.data')
    User = pool.get('res.user')
    confined = ModelData.get_id('coop_cae', 'group_cae_entrepreneur')
    groups = Group.search([('id', '!=', confined)])
    companies = Company.search([], order=[('id', 'ASC')])
    for code, login in USERS.items():
        if User.search([('login', '=', login)]):
            continue
        lang, = Lang.search([('code', '=', code)])
        User.create([{
                    'name': login,
                    'login': login,
                    'password': password,
                    'language': lang.id,
                    'companies': [('add', companies)],
                    'company': companies[0].id,
                    'company_filter': 'all',
                    'groups': [('add', groups)],
                    }])
    user, = User.search([('login', '=', USERS['fr'])])
    return user.id


class Records:

    def __init__(self, pool, company):
        self.pool = pool
        self.company = company

    def create(self, model, **values):
        Model = self.pool.get(model)
        if 'company' in Model._fields and not hasattr(
                Model._fields['company'], 'getter'):
            values.setdefault('company', self.company.id)
        record, = Model.create([values])
        return record

    def find(self, model, *domain, limit=1):
        return self.pool.get(model).search(
            list(domain), order=[('id', 'ASC')], limit=limit)

    def of_company(self, model, *domain, limit=1):
        return self.find(
            model, ('company', '=', self.company.id), *domain, limit=limit)

    @property
    def year(self):
        year, = self.of_company(
            'account.fiscalyear', ('end_date', '=', TODAY))
        return year

    def people(self):
        activity = self.activity()
        person = activity.entrepreneurs[0].entrepreneur
        adviser, = self.find('cae.adviser')
        self.create(
            'cae.interview', entrepreneur=person.id, adviser=adviser.id,
            date=dt.date(2024, 11, 4), signed_on=dt.date(2024, 11, 4),
            review="Un deuxième client régulier.",
            prospects="Une commande au printemps.",
            actions="Revoir les tarifs.", support="Formation aux devis.")
        self.create(
            'cae.path.step', entrepreneur=person.id, kind='informed',
            date=dt.date(2023, 1, 9), adviser=adviser.id)
        prescriber, = self.find('cae.prescriber')
        self.create(
            'cae.funder_fact', entrepreneur=person.id,
            date=dt.date(2024, 1, 1), prescriber=prescriber.id,
            training_level='5', urban_area='no')
        self.create(
            'cae.nir', entrepreneur=person.id, number=nir(person))
        self.create(
            'cae.purge', criterion='before', limit=dt.date(2020, 1, 1),
            people=1, facts=2, user=1, purged_at=dt.datetime(2024, 1, 2))

    def activity(self):
        "The activity of one person that has the most to pay with"
        return max(
            (a for a in self.of_company(
                    'cae.activity', ('end_date', '=', None), limit=None)
                if len(a.entrepreneurs) == 1),
            key=lambda a: a.treasury)

    def contracts(self):
        contract, = self.of_company(
            'cae.contract', ('type', '=', 'cesa'), ('state', '=', 'running'))
        self.create(
            'cae.contract.amendment', contract=contract.id,
            start_date=dt.date(2025, 1, 1), fixed_part=D(900),
            text="La part fixe est augmentée.")
        person, = self.find('cae.entrepreneur', ('code', '=', 'NOUVELLE'))
        self.draft(
            entrepreneur=person.id, type='cape', commitment_cap=D(2000),
            start_date=dt.date(2026, 1, 1), end_date=dt.date(2026, 12, 31))
        self.draft(
            entrepreneur=person.id, type='cesa', fixed_part=D(700),
            start_date=dt.date(2027, 1, 1), objective_amount=D(24000),
            objective_period='year', variable_formula="Le reste.")
        activity = self.activity()
        first, second = self.of_company('cae.entrepreneur', limit=2)
        self.create(
            'cae.activity.agreement', activity=activity.id,
            start_date=dt.date(2025, 1, 1), trade_name="Ensemble",
            nature="Conseil", assets="Un local", clientele="À parts égales",
            shares=[('create', [
                        {'entrepreneur': first.id, 'ratio': D('0.6')},
                        {'entrepreneur': second.id, 'ratio': D('0.4')}])])
        reason, = self.find('cae.exit_reason')
        # One who has left in the year
        left, = self.of_company(
            'cae.contract', ('type', '=', 'cesa'), ('state', '=', 'running'),
            ('entrepreneur', '!=', contract.entrepreneur.id))
        self.pool.get('cae.contract').write([left], {
                'exit_date': dt.date(2024, 12, 30),
                'exit_reason': reason.id})
        self.create(
            'cae.exit', entrepreneur=contract.entrepreneur.id,
            date=dt.date(2024, 12, 31), reason=reason.id)

    def draft(self, **values):
        "A contract that lacks nothing to be signed"
        Content = self.pool.get('cae.contract.content')
        contract = self.create('cae.contract', **values)
        Content.write(
            list(contract.contents), {'text': "Comme il est convenu."})

    def money(self):
        activity = self.activity()
        person = activity.entrepreneurs[0].entrepreneur
        base, = self.of_company('cae.contribution.base')
        self.create(
            'cae.contribution.rule', name="Par tranches", base=base.id,
            start_date=dt.date(2025, 1, 1), activity=activity.id,
            decision_date=dt.date(2024, 6, 14), decision="Résolution 5",
            slices=[('create', [
                        {'up_to': D(50000), 'rate': D('0.11')},
                        {'rate': D('0.08')}])])
        self.create(
            'cae.contribution.exemption', activity=activity.id,
            start_date=dt.date(2025, 1, 1), end_date=dt.date(2025, 3, 31),
            reason="Congé de maternité")
        self.create(
            'cae.pay.ratio', start_date=dt.date(2024, 1, 1),
            employee_ratio=D('0.22'), employer_ratio=D('0.30'))
        period, = self.of_company(
            'account.period', ('start_date', '=', dt.date(2024, 12, 1)),
            ('type', '=', 'standard'))
        # The payroll sheet is made of what is approved
        Request = self.pool.get('cae.pay.request')
        for month in range(2):
            request = self.create(
                'cae.pay.request', activity=activity.id, period=period.id,
                entrepreneur=person.id, amount=D(100), wanted='net')
            Request.request([request])
            if not month:
                Request.approve([request])
        settlement = self.create(
            'cae.settlement', activity=activity.id, entrepreneur=person.id,
            fiscalyear=self.year.id, ratio=D(1), employer_ratio=D('0.3'))
        self.close(period)
        self.pool.get('cae.settlement').post([settlement])
        payslip = self.create(
            'cae.payslip', period=period.id, entrepreneur=person.id,
            gross=D(500), employee_contributions=D(110), income_tax=D(0),
            employer_contributions=D(150), net=D(390), rank=2,
            activities=[('create', [
                        {'activity': activity.id, 'ratio': D(1)}])])
        self.create(
            'cae.payslip.settlement', payslip=payslip.id,
            settlement=settlement.id, gross=D(1))
        ended, = self.of_company('cae.activity', ('end_date', '<', TODAY))
        self.create(
            'cae.loss.waiver', activity=ended.id, amount=D(50),
            date=dt.date(2024, 12, 31), decision="Gérance",
            reason="Activité arrêtée")
        self.invoice(activity)
        self.create(
            'cae.close.task', period=period.id, state='failed',
            message="2024-12 : rien à comptabiliser")
        self.group_contribution()

    def group_contribution(self):
        "What this co-operative invoices to the other"
        from trytond.transaction import Transaction
        Contribution = self.pool.get('cae.group.contribution')
        other, = self.find(
            'company.company', ('id', '!=', self.company.id))
        income, = self.of_company(
            'account.account', ('code', 'like', '706%'),
            ('closed', '=', False))
        expense, = self.find(
            'account.account', ('company', '=', other.id),
            ('code', 'like', '611%'), ('closed', '=', False))
        self.pool.get('party.address').create([
                {'party': c.party.id, 'city': "Besançon"}
                for c in [self.company, other] if not c.party.addresses])
        with Transaction().set_context(
                companies=[self.company.id, other.id]):
            contribution = self.create(
                'cae.group.contribution', name="Appui",
                beneficiary=other.id, basis='monthly', amount=D(100),
                start_date=dt.date(2024, 11, 1), account=income.id,
                beneficiary_account=expense.id)
            Contribution.make_invoices(
                [contribution], dt.date(2024, 11, 30))

    def close(self, period):
        "Close the month, if it is open yet"
        Close = self.pool.get('cae.close')
        if period.id not in Close.closed_periods(self.company):
            Close.run(self.company, period)

    def invoice(self, activity):
        Invoice = self.pool.get('account.invoice')
        account, = self.of_company(
            'account.account', ('code', 'like', '706%'),
            ('closed', '=', False))
        party = self.create(
            'party.party', name="Ville de Besançon",
            addresses=[('create', [{'city': "Besançon"}])])
        invoice = Invoice(
            company=self.company, type='out', party=party,
            currency=self.company.currency)
        invoice.on_change_type()
        invoice.on_change_party()
        invoice.lines = [{
                'type': 'line', 'description': "Conseil", 'quantity': 1,
                'unit_price': D(100), 'account': account.id,
                'invoice_type': 'out', 'company': self.company.id,
                'currency': self.company.currency.id,
                }]
        invoice.save()

    def shares(self):
        Category = self.pool.get('coop.member.category')
        colleges = [
            self.create(
                'coop.college', code=code, name=name, weight=D(weight))
            for code, name, weight in [
                ('SAL', "Salariés", '0.5'), ('BEN', "Bénéficiaires", '0.3'),
                ('SOU', "Soutiens", '0.2')]]
        Category.write(
            self.of_company('coop.member.category', limit=None),
            {'college': colleges[0].id})
        share_class, = self.of_company('coop.share.class')
        members = [
            m for m in self.of_company('coop.member', limit=None)
            if m.shares]
        campaign = self.create(
            'coop.share.campaign', name="Printemps", ceiling=D(2000),
            share_class=share_class.id, start_date=dt.date(2024, 3, 1),
            end_date=dt.date(2025, 3, 31))
        party, = self.find('party.party', ('name', '=', "Nouvelle Venue"))
        self.create(
            'coop.share.subscription', campaign=campaign.id,
            party=party.id, quantity=5, share_class=share_class.id,
            request_date=dt.date(2024, 12, 2))
        self.create(
            'coop.share.call', date=dt.date(2024, 12, 31),
            due_date=dt.date(2025, 1, 31), share_class=share_class.id)
        self.create(
            'coop.share.transfer', date=dt.date(2024, 12, 31),
            member=members[0].id, to_member=members[-1].id, quantity=1,
            share_class=share_class.id)
        self.create(
            'coop.share.exit', member=members[0].id, kind='resignation',
            date=dt.date(2024, 12, 31), request_date=dt.date(2024, 12, 1))
        self.create(
            'coop.member.representative', member=members[0].id,
            party=party.id, start_date=dt.date(2024, 12, 1))
        self.surplus(self.meeting())

    def meeting(self):
        "A meeting that has adopted a resolution"
        Meeting = self.pool.get('coop.meeting')
        Elector = self.pool.get('coop.meeting.elector')
        Vote = self.pool.get('coop.meeting.vote')
        self.company.create_fiscalyear(dt.date(2025, 1, 1))
        meeting = self.create(
            'coop.meeting', date=MEETING, time=dt.time(18, 0),
            place="Besançon", record_date=MEETING,
            convocation_date=dt.date(2025, 5, 19), fiscalyear=self.year.id,
            resolutions=[('create', [{
                            'number': 1, 'title': "Affectation du résultat",
                            'text': "Le résultat est mis en réserve."}])])
        Meeting.convene([meeting])
        electors = Elector.search([('meeting', '=', meeting.id)])
        Elector.write(electors, {'attendance': 'present'})
        Meeting.hold([Meeting(meeting.id)])
        Vote.write(
            Vote.search([
                    ('resolution.meeting', '=', meeting.id),
                    ('college', '=', electors[0].college.id),
                    ]), {'for_': len(electors)})
        Meeting.close([Meeting(meeting.id)])
        return meeting

    def surplus(self, meeting):
        "Post the allocation of a profit, whose interest is to be paid"
        from trytond.modules.coop_ledger.entry import Entry, EntryLine
        Move = self.pool.get('account.move')
        Surplus = self.pool.get('coop.surplus')
        journal, = self.find('account.journal', ('type', '=', 'general'))
        bank, profit = (
            self.of_company('account.account', ('code', '=', code))[0].id
            for code in ['5121', '120'])
        Move.post_entries(self.company, [Entry(
                    journal=journal.id, date=TODAY, lines=(
                        EntryLine(account=bank, debit=D(10000)),
                        EntryLine(account=profit, credit=D(10000))))])
        for half in '12':
            if not self.find(
                    'coop.bond_yield', ('year', '=', 2024),
                    ('half', '=', half)):
                self.create(
                    'coop.bond_yield', year=2024, half=half, rate=D('0.04'))
        surplus = self.create(
            'coop.surplus', fiscalyear=self.year.id, meeting=meeting.id,
            resolution=meeting.resolutions[0].id, interest_rate=D('0.01'))
        Surplus.post([surplus])
        self.create(
            'coop.share.interest.payment', surplus=surplus.id, date=MEETING)


def nir(person):
    "Return a social-security number that suits the person"
    number = '%d%s%02d2505600100' % (
        2 if person.gender == 'F' else 1,
        person.birth_date.strftime('%y'), person.birth_date.month)
    number = number[:13]
    return f'{number}{97 - int(number) % 97:02d}'
