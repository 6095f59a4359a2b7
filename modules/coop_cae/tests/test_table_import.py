# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from sql.aggregate import Count

from proteus import Model, Wizard
from trytond.exceptions import UserError
from trytond.modules.coop_cae.tests.tools import FILES, Cae, set_up_cae
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
PAYSLIPS = """\
company;period;entrepreneur;activity;gross;employee_contributions;income_tax;\
employer_contributions;net
COOP;2024-01;E1;A1;1000,00;220,00;10,00;400,00;770,00
COOP;2024-01;E1;A1;50,00;11,00;0,00;20,00;39,00
COOP;2024-01;E1;A2;300,00;66,00;0,00;120,00;234,00
COOP;2024-05;E2;A2;500,00;110,00;0,00;200,00;390,00
"""
MEMBERS = """\
company;entrepreneur;category;admission_date;opening_shares
COOP;E1;employee;2023-06-01;30
COOP;E2;employee;2024-06-01;0
"""
ALL = {**FILES, 'members.csv': MEMBERS, 'payslips.csv': PAYSLIPS}


def set_up_french(config=None):
    "Load the French texts"
    Lang = Model.get('ir.lang', config=config)
    french, = Lang.find([('code', '=', 'fr')])
    french.click('load_translations')


def import_(name, text, dry_run=False):
    TableImport = Pool().get('cae.table.import')
    data = text if isinstance(text, bytes) else text.encode()
    return TableImport.import_file(name, data, dry_run)


def edit(name, old, new):
    "Return a file with something else in it"
    assert ALL[name].count(old) == 1, (name, old)
    return ALL[name].replace(old, new)


def counts():
    "Return the number of rows of each table"
    cursor = Transaction().connection.cursor()
    result = {}
    for name, Model_ in Pool().iterobject():
        if (name.split('.')[0] in {
                    'cae', 'coop', 'company', 'party', 'account',
                    'analytic_account'}
                and hasattr(Model_, '__table__')
                and not callable(getattr(Model_, 'table_query', None))):
            table = Model_.__table__()
            cursor.execute(*table.select(Count(table.id)))
            result[name], = cursor.fetchone()
    return result


def find(model, **fields):
    record, = Pool().get(model).search(
        [(name.replace('__', '.'), '=', value)
            for name, value in fields.items()])
    return record


class TableImportTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, set_up_french)

    def assertDone(self, report, created=0, updated=0, unchanged=0):
        self.assertEqual(
            (report['created'], report['updated'], report['unchanged']),
            (created, updated, unchanged))

    def assertRefused(self, name, text, *problems):
        """Test that the file is refused for these problems, by code, line and
        column, in English and in French, and that nothing is written"""
        before = counts()
        with self.assertRaises(FileError) as caught:
            import_(name, text)
        self.assertEqual([
                (p.code.rpartition('msg_table_')[2], p.line, p.column)
                for p in caught.exception.problems], list(problems))
        self.assertEqual(counts(), before)
        texts = {}
        for language in ['en', 'fr']:
            with Transaction().set_context(language=language):
                texts[language] = [
                    p.text() for p in caught.exception.problems]
        for english, french in zip(texts['en'], texts['fr']):
            self.assertIn(name, english)
            self.assertIn(name, french)
            self.assertNotEqual(english, french)

    # Import again

    @with_transaction()
    def test_again_changes_nothing(self):
        for name in ['members.csv', 'payslips.csv']:
            import_(name, ALL[name])
        before = counts()
        for name, text in ALL.items():
            report = import_(name, text)
            self.assertDone(report, unchanged=text.count('\n') - 1)
        self.assertEqual(counts(), before)

    @with_transaction()
    def test_dry_run(self):
        before = counts()
        report = import_('members.csv', MEMBERS, dry_run=True)
        self.assertDone(report, created=1, updated=1)
        self.assertEqual(counts(), before)
        self.assertDone(
            import_('members.csv', MEMBERS), created=1, updated=1)
        self.assertNotEqual(counts(), before)

    @with_transaction()
    def test_spreadsheets(self):
        "The same rows as another spreadsheet writes them"
        text = ALL['contracts.csv']
        for old, new in [
                (';', '\t'), ('2024-05-01', '01/05/2024'),
                ('900,00', '900.00'), ('\n', '\r\n')]:
            text = text.replace(old, new)
        data = '\ufeff'.encode() + text.encode()
        self.assertDone(import_('contracts.csv', data), unchanged=4)

    @with_transaction()
    def test_table_found_by_header(self):
        report = import_('Copie de sites (2).csv', ALL['sites.csv'])
        self.assertEqual(report['table'], 'sites')
        self.assertDone(report, unchanged=1)

    # What a row makes

    @with_transaction()
    def test_company(self):
        company = Cae().company
        self.assertEqual(company.legal_form, 'scic')
        self.assertEqual(company.party.siren.code_compact, '111524492')
        self.assertEqual(company.currency.code, 'EUR')
        rule = find('cae.contribution.rule', company=company.id)
        self.assertEqual(rule.rate, D('0.1'))
        self.assertEqual(rule.base.kind, 'gross_margin')
        periods = Pool().get('account.period').search(
            [('company', '=', company.id)])
        self.assertEqual(len(periods), 12)
        class_ = find('coop.share.class', company=company.id)
        self.assertEqual([n.nominal for n in class_.nominals], [D('20.00')])
        with Transaction().set_context(company=company.id):
            configuration = Pool().get('account.configuration')(1)
            self.assertEqual(
                configuration.default_account_receivable.code, '4111')
            self.assertEqual(
                configuration.default_account_payable.code, '4011')
        admin = Pool().get('res.user')(1)
        self.assertEqual(len(admin.companies), 2)

    @with_transaction()
    def test_next_fiscalyear(self):
        "The same row with another first day brings the next fiscal year"
        name = 'companies.csv'
        report = import_(name, edit(
                name,
                'COOP;La Coop;SCIC;111524492;2024-01-01;20,00;1;'
                'gross_margin;10',
                'COOP;La Coop;SCIC;111524492;2025-01-01;20,00;1;turnover;8'))
        self.assertDone(report, updated=1, unchanged=1)
        rules = Pool().get('cae.contribution.rule').search(
            [('company', '=', Cae().company.id)],
            order=[('start_date', 'ASC')])
        self.assertEqual(
            [(r.start_date, r.end_date, r.base.kind, r.rate) for r in rules],
            [
                (dt.date(2024, 1, 1), dt.date(2024, 12, 31),
                    'gross_margin', D('0.1')),
                (dt.date(2025, 1, 1), None, 'turnover', D('0.08'))])

    @with_transaction()
    def test_entrepreneur(self):
        person = find('cae.entrepreneur', code='E1')
        self.assertEqual(person.party.name, "Ana Durand")
        self.assertEqual(person.party.code, 'E1')
        self.assertEqual(person.party.email, 'e1@example.org')
        self.assertEqual(person.adviser.code, 'ADV1')
        self.assertEqual(person.prior_status.code, 'job_seeker')

    @with_transaction()
    def test_activity_split(self):
        activity = find('cae.activity', code='A2')
        self.assertEqual(
            [e.ratio for e in activity.entrepreneurs], [D('0.5')] * 2)
        account = activity.analytic_account
        self.assertEqual((account.code, account.name), ('A2', "Duo"))

    @with_transaction()
    def test_commitment_comes_with_cesa(self):
        commitments = Pool().get('coop.share.commitment').search(
            [('party.code', '=', 'E2')])
        self.assertEqual(
            [(c.rate, c.base, c.start_date, c.end_date, c.consent_date)
                for c in commitments],
            [(
                    D('0.01'), 'gross', dt.date(2024, 5, 1), None,
                    dt.date(2024, 5, 1))])

    @with_transaction()
    def test_members(self):
        import_('members.csv', MEMBERS)
        first = find('coop.member', party__code='E1')
        second = find('coop.member', party__code='E2')
        self.assertLess(int(first.number), int(second.number))
        movement, = first.movements
        self.assertEqual(
            (movement.type, movement.date, movement.quantity,
                movement.amount, movement.move),
            ('opening', dt.date(2024, 1, 1), 30, D('600.00'), None))
        self.assertFalse(second.movements)

    @with_transaction()
    def test_payslips(self):
        self.assertDone(import_('payslips.csv', PAYSLIPS), created=4)
        payslips = Pool().get('cae.payslip').search(
            [('entrepreneur.code', '=', 'E1')], order=[('id', 'ASC')])
        self.assertEqual(
            [(p.rank, p.gross, p.activities[0].activity.code, p.state)
                for p in payslips],
            [(1, D('1000.00'), 'A1', 'draft'), (2, D('50.00'), 'A1', 'draft'),
                (1, D('300.00'), 'A2', 'draft')])

    # Rows that change

    @with_transaction()
    def test_changed_rows(self):
        import_('members.csv', MEMBERS)
        import_('payslips.csv', PAYSLIPS)
        for name, old, new in [
                ('companies.csv', 'COOP;La Coop', 'COOP;La Grande Coop'),
                ('sites.csv', 'Besançon', 'Besac'),
                ('entrepreneurs.csv', 'e2@example.org', 'luc@example.org'),
                ('entrepreneurs.csv', 'ADV2', 'ADV9'),
                ('activities.csv', 'Atelier Durand', 'Atelier Ana'),
                ('activities.csv', 'E1,E2', 'E2'),
                ('contracts.csv', '900,00', '950,00'),
                ('members.csv', 'employee;2024-06-01', 'user;2024-06-01'),
                ('payslips.csv', '50,00;11,00;0,00;20,00;39,00',
                    '60,00;11,00;0,00;20,00;49,00'),
                ]:
            text = edit(name, old, new)
            rows = text.count('\n') - 1
            self.assertDone(
                import_(name, text), updated=1, unchanged=rows - 1)
            self.assertDone(import_(name, text), unchanged=rows)
            self.assertDone(
                import_(name, ALL[name]), updated=1, unchanged=rows - 1)

    @with_transaction()
    def test_exit_ends_commitment(self):
        name = 'contracts.csv'
        text = edit(
            name, '2023-01-03;;900,00;;',
            '2023-01-03;;900,00;2024-09-30;own_company')
        self.assertDone(import_(name, text), updated=1, unchanged=3)
        commitment = find('coop.share.commitment', party__code='E1')
        self.assertEqual(commitment.end_date, dt.date(2024, 9, 30))
        import_(name, ALL[name])
        self.assertEqual(commitment.end_date, None)

    @with_transaction()
    def test_revoked_commitment_stays(self):
        commitment = find('coop.share.commitment', party__code='E1')
        commitment.end_date = dt.date(2024, 3, 31)
        commitment.save()
        name = 'contracts.csv'
        import_(name, edit(name, '900,00', '950,00'))
        self.assertEqual(commitment.end_date, dt.date(2024, 3, 31))

    @with_transaction()
    def test_changed_split_stays(self):
        "The parts of an agreement are not in the files"
        activity = find('cae.activity', code='A2')
        first, second = activity.entrepreneurs
        activity.entrepreneurs = [
            {'entrepreneur': first.entrepreneur.id, 'ratio': D('0.7')},
            {'entrepreneur': second.entrepreneur.id, 'ratio': D('0.3')}]
        activity.save()
        self.assertDone(
            import_('activities.csv', ALL['activities.csv']), unchanged=3)

    @with_transaction()
    def test_share_rate_holds_for_new_commitments(self):
        name = 'companies.csv'
        report = import_(name, edit(
                name, '20,00;1;gross_margin;10', '20,00;2;gross_margin;10'))
        self.assertDone(report, updated=1, unchanged=1)
        self.assertEqual(len(report['notes']), 1)
        commitment = find('coop.share.commitment', party__code='E1')
        self.assertEqual(commitment.rate, D('0.01'))

    # Changes that are not lawful

    @with_transaction()
    def test_posted_payslip(self):
        import_('payslips.csv', PAYSLIPS)
        cae = Cae()
        with cae.context():
            self.assertFalse(cae.close(1).faults)
        self.assertDone(import_('payslips.csv', PAYSLIPS), unchanged=4)
        self.assertRefused(
            'payslips.csv', edit(
                'payslips.csv', '50,00;11,00;0,00;20,00;39,00',
                '60,00;11,00;0,00;20,00;49,00'),
            ('payslip_posted', 3, None))

    @with_transaction()
    def test_numbered_member(self):
        import_('members.csv', MEMBERS)
        self.assertRefused(
            'members.csv',
            edit('members.csv', '2023-06-01;30', '2023-07-01;31'),
            ('admission_numbered', 2, 'admission_date'),
            ('opening_posted', 2, 'opening_shares'))

    @with_transaction()
    def test_used_company(self):
        cae = Cae()
        with cae.context():
            cae.post(
                dt.date(2024, 1, 10),
                ('4111', '100.00', 'A1'), ('706', '-100.00', 'A1'))
            cae.close(1)
        self.assertRefused(
            'companies.csv', edit(
                'companies.csv',
                '111524492;2024-01-01;20,00;1;gross_margin;10',
                '391417771;2024-01-01;25,00;1;gross_margin;9'),
            ('siren_used', 2, 'siren'),
            ('nominal_changed', 2, 'share_nominal'),
            ('rule_used', 2, 'contribution_rate'))

    @with_transaction()
    def test_unused_company(self):
        text = edit(
            'companies.csv',
            '111524492;2024-01-01;20,00;1;gross_margin;10',
            '391417771;2024-01-01;20,00;1;turnover;9')
        self.assertDone(
            import_('companies.csv', text), updated=1, unchanged=1)
        company = Cae().company
        rule = find('cae.contribution.rule', company=company.id)
        self.assertEqual((rule.base.kind, rule.rate), ('turnover', D('0.09')))
        self.assertEqual(company.party.siren.code_compact, '391417771')

    @with_transaction()
    def test_entrepreneur_moves(self):
        moved = edit(
            'entrepreneurs.csv', 'e2@example.org;COOP', 'e2@example.org;OTHER')
        self.assertRefused(
            'entrepreneurs.csv', moved, ('entrepreneur_moves', 3, 'company'))
        import_('contracts.csv', edit(
                'contracts.csv', '2024-05-01;;500,00;;',
                '2024-05-01;;500,00;2024-08-31;other_coop'))
        self.assertDone(
            import_('entrepreneurs.csv', moved), created=1, unchanged=2)
        old, new = Pool().get('cae.entrepreneur').search(
            [('code', '=', 'E2')], order=[('id', 'ASC')])
        self.assertEqual(old.party, new.party)
        # Their new contract is with the new company
        contracts = ALL['contracts.csv'].replace(
            '2024-05-01;;500,00;;',
            '2024-05-01;;500,00;2024-08-31;other_coop')
        import_(
            'contracts.csv', contracts + 'E2;CESA;0;2024-09-01;;500,00;;\n')
        self.assertEqual(len(old.contracts), 2)
        contract, = new.contracts
        self.assertEqual(contract.start_date, dt.date(2024, 9, 1))

    # Bad input

    def test_bad_input(self):
        for name, text, *problems in BAD_INPUT:
            with self.subTest(file=name, problems=problems):
                self._bad_input(name, text, problems)

    @with_transaction()
    def _bad_input(self, name, text, problems):
        self.assertRefused(name, text, *problems)

    @with_transaction()
    def test_closed_period(self):
        period = Cae().period(1)
        Pool().get('account.period').close([period])
        self.assertRefused(
            'payslips.csv', PAYSLIPS,
            *[('period_closed', line, 'period') for line in [2, 3, 4]])

    @with_transaction()
    def test_access(self):
        User = Pool().get('res.user')
        user = User(name="Nobody", login='nobody')
        user.save()
        before = counts()
        with Transaction().set_user(user.id):
            for name, text in ALL.items():
                with self.assertRaises(UserError):
                    import_(name, text)
        self.assertEqual(counts(), before)

    @with_transaction()
    def test_company_of_others(self):
        "A user imports only for their own companies"
        User = Pool().get('res.user')
        admin = User(1)
        User.write([admin], {'companies': [('remove', [Cae().company.id])],
                'company': Cae('OTHER').company.id})
        self.assertRefused(
            'payslips.csv', PAYSLIPS,
            *[('unknown_code', line, 'company') for line in range(2, 6)])


class ImportTablesTestCase(unittest.TestCase):
    "Files are imported in the clients too"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, set_up_french)

    def test_dry_run(self):
        wizard = Wizard('cae.import_tables')
        wizard.form.dry_run = True
        for name, text in [
                ('payslips.csv', PAYSLIPS),
                ('sites.csv', ALL['sites.csv'] + 'LON;Lons\n'),
                ('members.csv', MEMBERS.replace('2024-06-01', '2024-06-31'))]:
            wizard.form.files.new(name=name, data=text.encode())
        wizard.execute('result')
        lines = wizard.form.text.splitlines()
        self.assertEqual(lines[:3], [
                "sites.csv: 1 created, 0 changed, 1 unchanged.",
                "",
                "members.csv was refused:"])
        self.assertIn('2024-06-31', lines[3])
        self.assertIn('payslips.csv', lines[-1])
        self.assertEqual(len(Model.get('cae.site').find([])), 1)


HEADERS = {name: text.partition('\n')[0] + '\n' for name, text in ALL.items()}

# File, text, then code, line and column of each problem
BAD_INPUT = [
    # Any file
    ('sites.csv', b'', ('empty', None, None)),
    ('sites.csv', b'code;name\nBES;Besan\x00on\n',
        ('control_character', 2, None)),
    ('sites.csv', 'code;label\nBES;Besançon\n', ('column_missing', 1, None)),
    ('sites.csv', 'code;name;name\nBES;Besançon;Besac\n',
        ('column_doubled', 1, None)),
    ('sites.csv', 'code;name\nBES;Besançon\nBES;Besac\n',
        ('duplicate', 3, 'code')),
    ('sites.csv', 'code;name\nLON;Lons-le-Saunier\nMTB;Montbé;\nX',
        ('cut', 4, None)),
    ('sites.csv', 'code;name\nLON;\nM TB;Montbé\n',
        ('required', 2, 'name'), ('code', 3, 'code')),
    ('Feuille 1.csv', 'a;b\n1;2\n', ('unknown_file', None, None)),
    # Companies
    ('companies.csv', edit(
            'companies.csv',
            "OTHER;L'Autre;SCIC;490926680;2024-01-01;15,00;1;gross_margin;10",
            "OTHER;L'Autre;SA;490926681;2024-01-15;0,00;11;margin;110"),
        ('choice', 3, 'legal_form'), ('minimum', 3, 'share_nominal'),
        ('maximum', 3, 'share_rate'), ('choice', 3, 'contribution_base'),
        ('maximum', 3, 'contribution_rate'), ('siren', 3, 'siren'),
        ('month_start', 3, 'fiscal_year_start'),
        ('fiscalyear_overlap', 3, 'fiscal_year_start')),
    ('companies.csv', HEADERS['companies.csv']
        + "E1;E;SCIC;490926680;2024-01-01;15,00;1;gross_margin;10\n",
        ('code_taken', 2, 'code')),
    ('companies.csv', edit(
            'companies.csv', '490926680;2024-01-01', '490926680;2024-07-01'),
        ('fiscalyear_overlap', 3, 'fiscal_year_start')),
    # People
    ('entrepreneurs.csv', edit(
            'entrepreneurs.csv',
            'E2;Morel;Luc;M;1985-03-04;e2@example.org;COOP;BES;ADV1;'
            'employee;2023-05-01',
            'E2;Morel;Luc;X;04/13/1985;e2;NONE;LON;ADV1;employee;2023-05-32'),
        ('choice', 3, 'gender'), ('date', 3, 'birth_date'),
        ('date', 3, 'entry_date'), ('unknown_code', 3, 'company'),
        ('email', 3, 'email'), ('unknown_code', 3, 'site')),
    ('entrepreneurs.csv', edit(
            'entrepreneurs.csv', '1985-03-04', '2024-03-04'),
        ('date_after', 3, 'entry_date')),
    # Activities
    ('activities.csv', edit(
            'activities.csv', 'BES;E1,E2;2023-05-01;',
            'LON;E1,E3,E9;2023-05-01;2023-04-01'),
        ('unknown_person', 3, 'entrepreneurs'),
        ('unknown_person', 3, 'entrepreneurs'),
        ('date_before', 3, 'end_date'), ('unknown_code', 3, 'site')),
    ('activities.csv', edit('activities.csv', 'E1,E2', 'E1|E1'),
        ('codes_doubled', 3, 'entrepreneurs')),
    # Contracts
    ('contracts.csv', HEADERS['contracts.csv'] + """\
E9;CESA;0;2024-01-01;;500,00;;
E1;CDI;0;2024-01-01;;500,00;;
E1;CAPE;0;2022-01-01;;;;
E1;CAPE;3;2021-01-01;2020-12-31;;;
E3;CESA;1;2022-01-01;2022-12-31;-5,00;;left
E3;CESA;0;2024-01-01;;500,00;;
E3;CAPE;0;2020-01-15;2021-01-15;;;
E3;CAPE;1;2021-01-17;2022-01-16;;;
""",
        ('choice', 3, 'type'), ('maximum', 5, 'renewal'),
        ('minimum', 6, 'fixed_part'), ('unknown_code', 2, 'entrepreneur'),
        ('cape_end', 4, 'end_date'), ('date_before', 5, 'end_date'),
        ('cesa_renewal', 6, 'renewal'), ('exit_date', 6, 'exit_date'),
        ('cape_limit', 8, 'end_date'), ('contract_overlap', 7, 'start_date'),
        ('cape_renewal', 9, 'start_date')),
    # Members
    ('members.csv', HEADERS['members.csv'] + """\
COOP;E3;employee;2023-01-01;0
NONE;E1;employee;2023-01-01;0
COOP;E1;employee;2024-02-01;10
COOP;E2;employee;;1,5
""",
        ('required', 5, 'admission_date'), ('decimals', 5, 'opening_shares'),
        ('unknown_code', 2, 'entrepreneur'), ('unknown_code', 3, 'company'),
        ('admission_numbered', 4, 'admission_date'),
        ('opening_admission', 4, 'opening_shares')),
    # Payslips
    ('payslips.csv', HEADERS['payslips.csv'] + """\
COOP;2024-01;E1;A1;-1,00;0,00;0,00;0,00;-1,00
COOP;2024-01;E1;A1;1000,00;220,00;10,00;400,00;770,01
COOP;2024-01;E1;A3;1000,00;220,00;10,00;400,00;770,00
COOP;2024-05;E2;A1;1000,00;220,00;10,00;400,00;770,00
COOP;2024-04;E2;A2;1000,00;220,00;10,00;400,00;770,00
COOP;2025-01;E1;A1;1000,00;220,00;10,00;400,00;770,00
COOP;2024-13;E9;A1;1000,00;220,00;1O,00;400,00;770,00
OTHER;2024-01;E1;A1;1000,00;220,00;10,00;400,00;770,00
""",
        ('minimum', 2, 'gross'), ('month', 8, 'period'),
        ('money', 8, 'income_tax'), ('net', 3, 'net'),
        ('unknown_code', 4, 'activity'), ('foreign_activity', 5, 'activity'),
        ('no_contract', 6, 'entrepreneur'), ('no_period', 7, 'period'),
        ('unknown_code', 8, 'entrepreneur'),
        ('unknown_code', 9, 'entrepreneur'), ('unknown_code', 9, 'activity')),
    ]
