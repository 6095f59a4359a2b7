# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import csv
import datetime as dt
import io
import os
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from proteus import Model
from proteus import config as pconfig
from trytond import backend
from trytond.cache import MemoryCache
from trytond.modules.coop_cae.report import REPORTS
from trytond.modules.coop_cae.scripts import (
    console, initialization, language, reports)
from trytond.modules.coop_cae.scripts.main import main
from trytond.modules.coop_cae.tests.test_fec_import import NAME, fec
from trytond.modules.coop_cae.tests.test_table_import import (
    ALL, edit, set_up_french)
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

FEC = fec(
    ('411000', 'C1', '1200', 'A1'), ('706000', '', '-1000', 'A1'),
    ('445710', '', '-200', 'A1'),
    # The opening shares of members.csv
    ('101300', 'E1', '-600', ''), ('512000', '', '600', ''))


class _Scripts(unittest.TestCase):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, **changed):
        "Write the files of the co-op into the folder"
        for name, text in ALL.items():
            text = changed.get(name.partition('.')[0], text)
            (self.folder / name).write_text(text, encoding='utf-8')
        (self.folder / NAME).write_bytes(FEC)

    def run_(self, *args, code=0, language='en'):
        "Run the command line and return what it prints"
        out, err = io.StringIO(), io.StringIO()
        # To connect again sets up all the models again
        with redirect_stdout(out), redirect_stderr(err), patch.object(
                pconfig, 'set_trytond',
                lambda *args, **kwargs: pconfig.get_config()):
            try:
                found = main([
                        '-d', DB_NAME, '-q', '--language', language,
                        *map(str, args)])
            except SystemExit as error:
                found = error.code
        self.assertEqual(found, code, out.getvalue() + err.getvalue())
        return out.getvalue(), err.getvalue()

    def report(self, *args, code=0):
        out, _ = self.run_('report', *args, code=code)
        return list(csv.DictReader(out.splitlines(), delimiter=';'))

    def count(self, model):
        return len(Model.get(model).find([]))


class LanguageTestCase(unittest.TestCase):
    "The commands speak the language of who types them"

    def tearDown(self):
        language.speak('en')
        super().tearDown()

    def test_choose(self):
        for args, environment, expected in [
                ([], {}, 'en'),
                ([], {'LANG': 'fr_FR.UTF-8'}, 'fr'),
                ([], {'LANG': 'fr'}, 'fr'),
                ([], {'LANG': 'C.UTF-8'}, 'en'),
                ([], {'LANG': 'de_DE.UTF-8'}, 'en'),
                ([], {'LC_ALL': 'C', 'LANG': 'fr_FR.UTF-8'}, 'en'),
                ([], {'LC_ALL': '', 'LANG': 'fr_BE'}, 'fr'),
                (['--language', 'en'], {'LANG': 'fr_FR'}, 'en'),
                (['-d', 'x', '--language=fr', 'check'], {}, 'fr'),
                (['--language'], {'LANG': 'fr_FR'}, 'fr'),
                ]:
            with self.subTest(args=args, environment=environment):
                self.assertEqual(language.choose(args, environment), expected)

    def told(self, *args, locale=''):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), patch.dict(
                'os.environ', {'LC_ALL': locale, 'COLUMNS': '80'}):
            with self.assertRaises(SystemExit):
                main(args)
        return out.getvalue() + err.getvalue()

    def test_help(self):
        for locale, usage, text in [
                ('C', "usage: ", "leave out what cannot be booked"),
                ('fr_FR.UTF-8', "usage : ", "laisser de côté ce qui ne peut"),
                ]:
            with self.subTest(locale=locale):
                help = self.told('close', '--help', locale=locale)
                self.assertTrue(help.startswith(usage), help)
                self.assertIn(text, help)

    def test_error(self):
        "The words of argparse too, and English again when it is asked for"
        args = ['close', '--company', 'X', '--period', '2024-13']
        self.assertIn(
            "erreur : argument --period : « 2024-13 » n'est pas un mois",
            self.told(*args, locale='fr_FR.UTF-8'))
        self.assertIn(
            "error: argument --period: 2024-13 is not a month",
            self.told('--language', 'en', *args, locale='fr_FR.UTF-8'))


class ScriptsMonthTestCase(_Scripts):
    "Commands that write"

    def setUp(self):
        super().setUp()
        activate_modules('coop_cae', set_up_cae, set_up_french)

    def test_month(self):
        "From the files to a closed month, undone and closed again"
        self.write()
        self.run_('import', self.folder)
        out, _ = self.run_(
            'close', '--company', 'COOP', '--period', '2024-01', '--preview')
        steps = [
            row['step'] for row in csv.DictReader(
                out.splitlines(), delimiter=';')]
        self.assertEqual(
            {s: steps.count(s) for s in steps},
            {'pay': 3, 'withholding': 1, 'contribution': 1})
        self.assertEqual(self.count('cae.close'), 0)
        close = ['close', '--company', 'COOP', '--period', '2024-01']
        self.run_(*close)
        contributions = self.report(
            'contributions', '--company', 'COOP', '--period', '2024-01')
        self.assertEqual(contributions[0], {
                'company': 'COOP', 'activity': 'A1', 'month': '1',
                'base_ytd': '1000.00', 'due_ytd': '100.00',
                'booked': '100.00'})
        self.assertEqual(self.report('check', '--date', '2024-12-31'), [])
        # Again books nothing
        self.run_(*close)
        self.assertEqual(self.count('cae.close'), 1)
        self.run_('undo', '--company', 'COOP', '--period', '2024-01')
        self.assertEqual(self.report('check', '--date', '2024-12-31'), [])
        self.run_(
            'undo', '--company', 'COOP', '--period', '2024-01',
            code=console.REFUSED)
        self.run_('close', '--company', 'all', '--through', '2024-03')
        self.assertEqual(self.report(
                'contributions', '--company', 'COOP', '--period', '2024-01'),
            contributions)
        closes = Model.get('cae.close').find([('state', '=', 'done')])
        self.assertEqual(
            sorted((c.company.party.code, c.period.name) for c in closes),
            [(company, f'2024-0{month}') for company in ['COOP', 'OTHER']
                for month in range(1, 4)])
        self.check_import_again()
        self.check_reports()

    def check_import_again(self):
        moves = self.count('account.move')
        out, err = self.run_('import', self.folder)
        self.assertEqual(self.count('account.move'), moves)
        self.assertIn('payslips.csv: 0 created, 0 changed, 4 unchanged', out)
        self.assertFalse(err)

    def check_reports(self):
        self.assertEqual(reports.NAMES, list(REPORTS))
        for name, (_, columns) in REPORTS.items():
            path = self.folder / f'{name}.csv'
            self.run_('report', name, '--date', '2024-12-31', '-o', path)
            with open(path, encoding='utf-8', newline='') as file:
                header, *rows = csv.reader(file, delimiter=';')
            self.assertEqual(header, columns)
            self.assertTrue(rows or name == 'check')

    def test_faults(self):
        "A payslip whose contract is gone is left out, or nothing is closed"
        self.write()
        self.run_('import', self.folder)
        contract, = Model.get('cae.contract').find(
            [('entrepreneur.code', '=', 'E1')])
        contract.delete()
        close = ['close', '--company', 'COOP', '--period', '2024-01']
        self.run_(*close, '--preview', code=console.LEFT)
        out, err = self.run_(*close, code=console.LEFT)
        self.assertIn('3', out)
        self.assertEqual(err.count('Ana Durand'), 3)
        self.assertEqual(self.count('cae.close'), 0)
        self.run_(*close, '--skip-faults', code=console.LEFT)
        self.assertEqual(self.count('cae.close'), 1)

    def test_queue(self):
        "The queue closes months too, and tells what it cannot close"
        self.write()
        self.run_('import', self.folder)
        close = ['close', '--company', 'all', '--queue']
        out, err = self.run_(*close, '--through', '2024-02')
        self.assertFalse(err)
        self.assertEqual(len(out.splitlines()), 4, out)
        closes = Model.get('cae.close').find([('state', '=', 'done')])
        self.assertEqual(
            sorted((c.company.party.code, c.period.name) for c in closes),
            [(company, f'2024-0{month}') for company in ['COOP', 'OTHER']
                for month in [1, 2]])
        self.assertEqual(self.report('check', '--date', '2024-12-31'), [])
        # Nothing is left up to that month
        self.assertEqual(
            self.run_(*close, '--through', '2024-02'), ('', ''))
        contract, = Model.get('cae.contract').find([
                ('entrepreneur.code', '=', 'E2'), ('type', '=', 'cesa')])
        contract.delete()
        out, err = self.run_(
            *close, '--through', '2024-05', code=console.LEFT)
        self.assertEqual(len(out.splitlines()), 5, out)
        self.assertIn('Luc Morel', err)
        left, = Model.get('cae.close.task').find([('state', '=', 'failed')])
        self.assertEqual(
            (left.company.party.code, left.period.name), ('COOP', '2024-05'))


class ScriptsTestCase(_Scripts):
    "Commands that write nothing, or nothing that another test sees"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, set_up_french)

    def test_dry_run(self):
        self.write(sites=ALL['sites.csv'] + 'LON;Lons\n')
        out, _ = self.run_('import', self.folder, '--dry-run')
        self.assertIn('sites.csv: 1 created, 0 changed, 1 unchanged', out)
        self.assertEqual(self.count('cae.site'), 1)
        self.assertEqual(self.count('cae.payslip'), 0)
        self.assertEqual(self.count('account.move'), 0)

    def test_refused(self):
        """A file that is refused tells all its problems in the language of
        the user, and what may need it is left"""
        self.write(contracts=edit(
                'contracts.csv', 'CAPE;0;2023-05-01',
                'CDI;5;2023-05-41'))
        _, err = self.run_('import', self.folder, code=console.REFUSED)
        for text in [
                'contracts.csv, line 3, column type: "CDI"',
                'contracts.csv, line 3, column renewal: "5"',
                'contracts.csv, line 3, column start_date: "2023-05-41"',
                'members.csv was left', 'payslips.csv was left',
                f'{NAME} was left']:
            self.assertIn(text, err)
        self.assertEqual(self.count('coop.member'), 1)
        _, err = self.run_(
            'import', self.folder, code=console.REFUSED, language='fr')
        self.assertIn('contracts.csv, ligne 3', err)
        self.assertIn('members.csv a été laissé de côté', err)

    def test_month_before_open(self):
        _, err = self.run_(
            'close', '--company', 'COOP', '--period', '2024-03',
            code=console.LEFT)
        self.assertIn('2024-01', err)

    def test_wrong_commands(self):
        for args in [
                [], ['close'], ['close', '--company', 'COOP'],
                ['close', '--company', 'COOP', '--period', '2024-13'],
                ['close', '--company', 'COOP', '--period', '2024-2..2024-1'],
                ['report', 'nothing'],
                ['report', 'check', '--date', '2024-02-30'],
                ['import', self.folder / 'missing.csv'],
                ['import', self.folder],
                ['init', self.folder]]:
            with self.subTest(args=args):
                self.run_(*args, code=console.WRONG)

    def test_unknown(self):
        for args in [
                ['close', '--company', 'NONE', '--period', '2024-01'],
                ['close', '--company', 'COOP', '--period', '1999-01'],
                ['undo', '--company', 'COOP', '--period', '2024-01'],
                ['report', 'shares', '--company', 'NONE']]:
            with self.subTest(args=args):
                _, err = self.run_(*args, code=console.REFUSED)
                self.assertIn(args[args.index('--company') + 1], err)

    def test_connect(self):
        out = io.StringIO()
        with redirect_stdout(out):
            code = main(['-d', DB_NAME, '-q', 'report', 'check'])
        self.assertEqual(code, console.DONE)
        self.assertEqual(
            out.getvalue(), 'company;check;subject;expected;found\n')

    def test_unknown_database(self):
        err = io.StringIO()
        with redirect_stderr(err):
            code = main([
                    '--language', 'fr', '-d', 'no_such_database', 'report',
                    'check'])
        self.assertEqual(code, console.UNREACHABLE)
        self.assertIn(
            "« no_such_database » n'est pas une base de coopératives",
            err.getvalue())

    def test_database_of_the_configuration(self):
        "The back end is that of the file that -c names"
        path = self.folder / 'trytond.conf'
        path.write_text("[database]\nuri = postgresql://localhost:1/\n")
        environment = {
            k: v for k, v in os.environ.items()
            if not k.startswith('TRYTOND_')}
        result = subprocess.run([
                sys.executable, '-c',
                "from types import SimpleNamespace as Options\n"
                "from trytond.modules.coop_cae.scripts import console, main\n"
                "def report(options):\n"
                "    from trytond import backend\n"
                "    print(backend.name)\n"
                "parser = main.get_parser\n"
                "main.get_parser = lambda: Options(parse_args=lambda a:\n"
                "    Options(**{**vars(parser().parse_args(a)),\n"
                "        'run': report}))\n"
                "main.main(['-c', %r, '-d', 'x', 'report', 'check'])"
                % str(path)],
            env=environment, capture_output=True, text=True)
        self.assertEqual(result.stdout.split(), ['postgresql'], result.stderr)

    def test_locked_database(self):
        language.speak('en')
        err = io.StringIO()
        with redirect_stderr(err), \
                console.plain_errors(SimpleNamespace(verbose=0)) as outcome:
            raise backend.DatabaseOperationalError("database is locked")
        self.assertEqual(outcome.code, console.UNREACHABLE)
        self.assertIn("locked", err.getvalue())

    def test_long_commands_roll_back(self):
        "What is refused is not kept, however long the command has run"
        console.configure(SimpleNamespace(configfile=[None]))
        hours_ago = dt.datetime.now() - dt.timedelta(hours=9)
        with patch.object(MemoryCache, '_clean_last', hours_ago):
            with Transaction().start(DB_NAME, 0) as transaction:
                Party = Pool().get('party.party')
                Party.create([{'name': "Refusé"}])
                transaction.rollback()
            with Transaction().start(DB_NAME, 0):
                self.assertFalse(Party.search([('name', '=', "Refusé")]))

    def test_init_again(self):
        "What is there stays; the first login opens the menu, in French"
        self.write()
        User = Model.get('res.user')
        admin, = User.find([('login', '=', 'admin')])
        admin.language = None
        admin.save()
        self.run_('init', self.folder)
        Item = Model.get('ir.module.config_wizard.item')
        self.assertFalse(Item.find([('state', '!=', 'done')]))
        admin.reload()
        self.assertEqual(admin.language.code, 'fr')
        self.assertEqual(self.count('company.company'), 2)

    def test_password(self):
        "The password of a new database is set once"
        with Transaction().start(DB_NAME, 0):
            User = Pool().get('res.user')
            user = User(name="New", login='new')
            user.save()
            self.assertFalse(initialization._has_password(user))
            user.password = 'dapper-mollusc-47'
            user.save()
            self.assertTrue(initialization._has_password(user))

    def test_dependencies(self):
        self.assertLess(
            {'ir', 'res', 'party', 'account', 'coop_shares', 'coop_cae'},
            initialization._with_dependencies(['coop_cae']))
