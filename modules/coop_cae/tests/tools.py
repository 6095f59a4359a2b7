# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A co-op for tests, entered as a co-op enters: through its files."""
import datetime as dt
from decimal import Decimal

from proteus import config as pconfig
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction, TransactionError

D = Decimal

FILES = {
    'companies.csv': """\
code;name;legal_form;siren;fiscal_year_start;share_nominal;share_rate;\
contribution_base;contribution_rate
COOP;La Coop;SCIC;111524492;2024-01-01;20,00;1;gross_margin;10
OTHER;L'Autre;SCIC;490926680;2024-01-01;15,00;1;gross_margin;10
""",
    'sites.csv': """\
code;name
BES;Besançon
""",
    'entrepreneurs.csv': """\
code;last_name;first_name;gender;birth_date;email;company;site;adviser;\
prior_status;entry_date
E1;Durand;Ana;F;1980-01-02;e1@example.org;COOP;BES;ADV1;job_seeker;2022-01-03
E2;Morel;Luc;M;1985-03-04;e2@example.org;COOP;BES;ADV1;employee;2023-05-01
E3;Petit;Zoé;F;1990-05-06;e3@example.org;OTHER;BES;ADV2;student;2023-06-01
""",
    'activities.csv': """\
code;name;company;naf;site;entrepreneurs;start_date;end_date
A1;Atelier Durand;COOP;74.10Z;BES;E1;2022-01-03;
A2;Duo;COOP;62.01Z;BES;E1,E2;2023-05-01;
A3;Ailleurs;OTHER;62.01Z;BES;E3;2023-06-01;
""",
    'contracts.csv': """\
entrepreneur;type;renewal;start_date;end_date;fixed_part;exit_date;exit_reason
E1;CESA;0;2023-01-03;;900,00;;
E2;CAPE;0;2023-05-01;2024-04-30;;;
E2;CESA;0;2024-05-01;;500,00;;
E3;CESA;0;2023-06-01;;500,00;;
""",
    'members.csv': """\
company;entrepreneur;category;admission_date;opening_shares
COOP;E1;employee;2023-06-01;0
""",
    }


def set_up_cae(config=None):
    "Enter the files of the co-op for tests"
    config = config or pconfig.get_config()
    TableImport = config.get_proxy('cae.table.import')
    for name, text in FILES.items():
        TableImport.import_file(name, text.encode(), False, config.context)


def commit(function):
    "Run the function in a transaction that is kept"
    extras = {}
    while True:
        with Transaction().start(DB_NAME, 1, **extras) as transaction:
            try:
                function()
            except TransactionError as error:
                transaction.rollback()
                error.fix(extras)
                continue
            return transaction.commit()


class Cae:
    "Shortcuts to a company of the co-op for tests"

    def __init__(self, code='COOP'):
        Company = Pool().get('company.company')
        self.company, = Company.search([('party.code', '=', code)])

    def context(self):
        return Transaction().set_context(
            company=self.company.id, companies=[self.company.id])

    def next_year(self, year=2025):
        "Make another fiscal year"
        FiscalYear = Pool().get('account.fiscalyear')
        fiscalyear = self.company.get_fiscalyear(
            dt.date(year, 1, 1), dt.date(year, 12, 31))
        fiscalyear.save()
        FiscalYear.create_period([fiscalyear])
        return fiscalyear

    def period(self, month, year=2024):
        Period = Pool().get('account.period')
        period, = Period.search([
                ('company', '=', self.company.id),
                ('type', '=', 'standard'),
                ('start_date', '=', dt.date(year, month, 1)),
                ])
        return period

    def account(self, code):
        Account = Pool().get('account.account')
        account, = Account.search([
                ('company', '=', self.company.id), ('code', '=', code)])
        return account

    def activity(self, code):
        Activity = Pool().get('cae.activity')
        activity, = Activity.search([
                ('company', '=', self.company.id), ('code', '=', code)])
        return activity

    def person(self, code):
        Entrepreneur = Pool().get('cae.entrepreneur')
        person, = Entrepreneur.search([
                ('company', '=', self.company.id), ('code', '=', code)])
        return person

    def party(self):
        Party = Pool().get('party.party')
        party = Party(name="Client")
        party.save()
        return party

    def setting(self, name):
        Configuration = Pool().get('cae.configuration')
        return Configuration(1).get_setting(name, self.company)

    def post(self, date, *lines, journal='pay_journal'):
        """Post an entry of lines (account code, balance, split), where split
        is None, an activity's code, or amounts by activity's code"""
        Move = Pool().get('account.move')
        entry_lines = []
        for code, balance, split in lines:
            balance = D(balance)
            account = self.account(code)
            if isinstance(split, str):
                split = {split: balance}
            parts = tuple(
                Part(account=self.analytic(a).id, **_side(D(amount)))
                for a, amount in (split or {}).items())
            entry_lines.append(EntryLine(
                    account=account.id, parts=parts,
                    party=self.party().id if account.party_required else None,
                    **_side(balance)))
        return Move.post_entries(self.company, [Entry(
                    journal=self.setting(journal).id, date=date,
                    description="Test", lines=tuple(entry_lines))])[0]

    def analytic(self, code):
        if code == 'structure':
            return self.setting('structure_account')
        return self.activity(code).analytic_account

    def sell(self, date, amount, activity='A1'):
        "Post a sale without tax"
        return self.post(
            date, ('4111', amount, activity), ('706', -D(amount), activity))

    def payslip(
            self, person, month, gross, employee='0', tax='0', employer='0',
            activities=('A1',)):
        Payslip = Pool().get('cae.payslip')
        gross, employee, tax = D(gross), D(employee), D(tax)
        payslip = Payslip(
            company=self.company, period=self.period(month),
            entrepreneur=self.person(person), gross=gross,
            employee_contributions=employee, income_tax=tax,
            employer_contributions=D(employer), net=gross - employee - tax,
            activities=[{
                    'activity': self.activity(code).id,
                    'ratio': D(1) / len(activities),
                    } for code in activities])
        payslip.save()
        return payslip

    def close(self, month, year=2024, **options):
        Close = Pool().get('cae.close')
        return Close.run(self.company, self.period(month, year), **options)

    def balance(self, code, party=None, date=None):
        Line = Pool().get('account.move.line')
        domain = [
            ('account', '=', self.account(code).id),
            ('move.state', '=', 'posted'),
            ]
        if party:
            domain.append(('party', '=', party.id))
        if date:
            domain.append(('date', '<=', date))
        return sum(
            (line.debit - line.credit
                for line in Line.search(domain, order=[])), D(0))

    def contributions(self, month, year=2024):
        "Return the base, what is due and what is booked by activity"
        Contribution = Pool().get('cae.contribution')
        Activity = Pool().get('cae.activity')
        return {
            Activity(p.activity).code: (p.base, p.due, p.booked)
            for p in Contribution.plan(
                self.company, self.period(month, year))}

    def discrepancies(self, date=dt.date(2024, 12, 31)):
        from trytond.modules.coop_cae.check import discrepancies
        return discrepancies(self.company, date)


def _side(balance):
    return {'debit': balance} if balance > 0 else {'credit': -balance}
