# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The sample groups of co-ops and the right answer for each month."""
import csv
import datetime as dt
import pathlib

from proteus import config as pconfig
from trytond.modules.coop_cae.tests.tools import commit
from trytond.pool import Pool
from trytond.transaction import Transaction

DATA = pathlib.Path(__file__).parents[1] / 'data'
TABLES = [
    'companies.csv', 'sites.csv', 'entrepreneurs.csv', 'activities.csv',
    'contracts.csv', 'members.csv', 'payslips.csv']
# What must be known before a file can come in
NEEDS = {
    'sites.csv': set(),
    'entrepreneurs.csv': {'sites.csv'},
    'activities.csv': {'entrepreneurs.csv'},
    'contracts.csv': {'entrepreneurs.csv'},
    'members.csv': {'entrepreneurs.csv'},
    'payslips.csv': {'activities.csv', 'contracts.csv'},
    'fec': {'activities.csv'},
    }
YEAR_END = dt.date(2024, 12, 31)


class Group:
    "A sample group of co-ops"

    def __init__(self, name):
        self.folder = DATA / name
        with open(self.folder / 'companies.csv', encoding='utf-8') as f:
            self.sirens = {
                row['siren']: row['code']
                for row in csv.DictReader(f, delimiter=';')}

    def read(self, name):
        return (self.folder / name).read_bytes()

    def fecs(self):
        "Return the code of the company of each FEC"
        return {
            path.name: self.sirens[path.name[:9]]
            for path in sorted(self.folder.glob('*FEC*.txt'))}

    def expected(self, report):
        with open(
                self.folder / 'expected' / f'{report}.csv',
                encoding='utf-8') as f:
            header, *rows = csv.reader(f, delimiter=';')
        return header, [tuple(row) for row in rows]

    # Below, within a transaction

    def companies(self):
        Company = Pool().get('company.company')
        return Company.search(
            [('party.code', 'in', list(self.sirens.values()))],
            order=[('party.code', 'ASC')])

    def company(self, code):
        company, = [c for c in self.companies() if c.party.code == code]
        return company

    def import_table(self, name, keep=lambda line: True):
        TableImport = Pool().get('cae.table.import')
        return TableImport.import_file(
            name, select_lines(self.read(name), keep))

    def import_fec(self, name, keep=lambda line: True):
        FecImport = Pool().get('coop.fec.import')
        company = self.company(self.sirens[name[:9]])
        with Transaction().set_context(company=company.id):
            return FecImport.import_file(
                company, select_lines(self.read(name), keep), name)

    def import_(self, order):
        "Import files in an order"
        for name in order:
            if name == 'fec':
                for fec in self.fecs():
                    self.import_fec(fec)
            else:
                self.import_table(name)

    def period(self, company, month):
        Period = Pool().get('account.period')
        period, = Period.search([
                ('company', '=', company.id),
                ('type', '=', 'standard'),
                ('start_date', '=', dt.date(2024, month, 1)),
                ])
        return period

    def close(self, company, month):
        Close = Pool().get('cae.close')
        result = Close.run(company, self.period(company, month))
        assert not result.faults, [f.text for f in result.faults]
        return result.close

    def report(self, name, date=YEAR_END, companies=None):
        "Return a report as the command line prints it"
        from trytond.modules.coop_cae.report import table
        header, rows = table(name, companies or self.companies(), date)
        return header, [tuple(map(str, row)) for row in rows]

    def check(self, date=YEAR_END):
        return self.report('check', date)[1]


def lock():
    """Lock first all that is locked later: a test begins again from its
    beginning each time that it locks late"""
    pool = Pool()
    Close = pool.get('cae.close')
    Company = pool.get('company.company')
    pool.get('coop.member').lock()
    for company in Company.search([]):
        Close.lock_all(company, Close.periods(company))


def select_lines(data, keep):
    "Return the header and the lines to keep of a file"
    header, *lines = data.splitlines(keepends=True)
    return b''.join([header, *(
                line for line in lines if keep(line.decode('utf-8')))])


def set_up_companies(name, config=None):
    """Enter the companies of a group

    One by one: PostgreSQL would go through the hundred thousands of rows that
    making a chart of accounts leaves until the end of the transaction."""
    config = config or pconfig.get_config()
    TableImport = config.get_proxy('cae.table.import')
    table, = TABLES[:1]
    header, *companies = Group(name).read(table).splitlines(keepends=True)
    for company in companies:
        TableImport.import_file(
            table, header + company, False, config.context)


def set_up_people(name, config=None):
    """Enter the people of a group whose companies are entered, without their
    payslips and the accounting entries"""
    _enter(name, TABLES[1:-1], config)


def set_up_entries(name, config=None):
    "Enter the accounting entries and the payslips of the year"
    def enter():
        lock()
        Group(name).import_(['fec', 'payslips.csv'])
    commit(enter)


def _enter(name, tables, config):
    config = config or pconfig.get_config()
    TableImport = config.get_proxy('cae.table.import')
    group = Group(name)
    for table in tables:
        TableImport.import_file(
            table, group.read(table), False, config.context)
