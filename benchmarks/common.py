# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the benchmarks share: a database, a company, lines and a watch.

The back end is that of TRYTOND_DATABASE_URI, SQLite in a temporary folder if
it is not set.
Each way of doing a work is timed in a process of its own, in a transaction
that is rolled back, so that every run finds the same database.
"""
import argparse
import datetime as dt
import functools
import gc
import json
import os
import pathlib
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from tools.transaction import transact  # noqa: E402

COMPANY = """\
code;name;legal_form;siren;fiscal_year_start;share_nominal;share_rate;\
contribution_base;contribution_rate
BENCH;Bench;SCIC;111524492;2024-01-01;20,00;1;gross_margin;10
"""


def is_sqlite():
    return os.environ['TRYTOND_DATABASE_URI'].startswith('sqlite')


def _folder():
    return tempfile.TemporaryDirectory(prefix='coop-cae-bench-')


@contextmanager
def workplace():
    "Give a temporary folder and point Tryton to it"
    with _folder() as folder:
        os.environ.setdefault('TRYTOND_DATABASE_URI', 'sqlite://')
        configuration = pathlib.Path(folder, 'trytond.conf')
        configuration.write_text(
            f"[database]\nuri = {os.environ['TRYTOND_DATABASE_URI']}\n"
            f"path = {folder}\n")
        os.environ['TRYTOND_CONFIG'] = str(configuration)
        yield pathlib.Path(folder)


# What the works lock, which a transaction of its own would lock late
LOCKED = [
    'account_fiscalyear', 'account_journal_period', 'account_period',
    'cae_activity', 'cae_contribution_rule',
    'cae_close', 'coop_fec_import', 'ir_sequence_strict']
BASE = 'bench_base'
A_DAY = dt.timedelta(1)


def set_up(folder, database):
    "Make a database with one company ready for its first close"
    if not (folder / 'files').exists():
        _make_base(folder)
    if is_sqlite():
        shutil.copy(folder / f'{BASE}.sqlite', folder / f'{database}.sqlite')
        return
    autocommit(f'CREATE DATABASE "{database}" TEMPLATE "{BASE}"')


def autocommit(statement, *database):
    with _connection(*database) as connection:
        connection.cursor().execute(statement)


def fetch(database, query):
    "Return the rows of a query, out of any transaction of Tryton"
    with _connection(database) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor.fetchall()


@contextmanager
def _connection(*database):
    import trytond.config as config
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    from trytond import backend
    database = backend.Database(*database).connect()
    connection = database.get_connection(autocommit=True)
    try:
        yield connection
    finally:
        database.put_connection(connection)


def _make_base(folder):
    files = folder / 'files'
    files.mkdir(exist_ok=True)
    (files / 'companies.csv').write_text(COMPANY)
    password = folder / 'password'
    password.write_text('benchmark')
    subprocess.run(
        [sys.executable, '-m', 'trytond.modules.coop_cae.scripts.main',
            '-c', os.environ['TRYTOND_CONFIG'], '-d', BASE, '-q',
            'init', str(files)],
        check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, 'TRYTONPASSFILE': str(password)})


@contextmanager
def transaction(database):
    "Start a transaction as the administrator, with the company"
    import trytond.config as config
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    pool = Pool(database)
    pool.init()
    with Transaction().start(database, 1, _lock_tables=LOCKED):
        Company = pool.get('company.company')
        company, = Company.search([('party.code', '=', 'BENCH')])
        with Transaction().set_context(company=company.id):
            yield pool, Transaction(), company


def add_companies(database, rows):
    """Import companies beside the first one, each with its chart and year, for
    the administrator too"""
    import trytond.config as config
    from trytond.pool import Pool
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    pool = Pool(database)
    pool.init()
    transact(database, _add_companies, pool, rows)


def _add_companies(pool, rows):
    Company = pool.get('company.company')
    User = pool.get('res.user')
    header = COMPANY.splitlines(keepends=True)[0]
    pool.get('cae.table.import').import_file(
        'companies.csv', (header + ''.join(rows)).encode())
    User.write([User(1)], {
            'companies': [('add', [c.id for c in Company.search([])])],
            'company_filter': 'all'})


def period(pool, company, month):
    Period = pool.get('account.period')
    return Period.search([
            ('company', '=', company.id),
            ('type', '=', 'standard'),
            ('start_date', '=', dt.date(2024, month, 1)),
            ])[0]


def add_persons(pool, company, number):
    """Add people and who advises them, written without any check

    Return the ids of the parties and of the people, and the adviser."""
    from trytond.modules.coop_ledger.bulk import insert
    parties = insert(pool.get('party.party'), ['name', 'code'], [
            (f"Person {i}", f'P{i}') for i in range(number)])
    people = insert(
        pool.get('cae.entrepreneur'), ['company', 'code', 'party'], [
            (company.id, f'E{i}', party) for i, party in enumerate(parties)])
    adviser, = pool.get('cae.adviser').create([
            {'code': 'ADV', 'name': "Adviser"}])
    return parties, people, adviser


def cape_years(i):
    """Return the rank, the first and the last day of the CAPE of a person and
    of its two renewals"""
    start = dt.date(2019, 1, 1) + dt.timedelta(i % 1200)
    years = []
    for renewal in range(3):
        following = start.replace(
            day=min(start.day, 28), year=start.year + 1)
        years.append((renewal, start, following - A_DAY))
        start = following
    return years


def add_lines(database, number, moves_per_month=5):
    """Add activities with a year of posted sales, of 3 lines each, written
    without any check: they are only there to be summed."""
    with transaction(database) as (pool, current, company):
        # So that no way has to make it
        pool.get('account.journal.period').create([{
                    'journal': pool.get('cae.configuration')(1).get_required(
                        'contribution_journal', company).id,
                    'period': period(pool, company, 12).id,
                    }])
        add_company_lines(pool, company, number, moves_per_month)
        current.commit()
    rest(database)


def add_company_lines(pool, company, number, moves_per_month=5):
    configuration = pool.get('cae.configuration')(1)
    analytic = _add_activities(pool, company, configuration, number)
    journal = configuration.get_required('pay_journal', company)
    for month in range(1, 13):
        _add_sales(
            pool, company, journal, period(pool, company, month), analytic,
            moves_per_month)


def _add_activities(pool, company, configuration, number):
    "Return the ids of the analytic accounts"
    from trytond.modules.coop_ledger.bulk import insert
    root = configuration.get_required('analytic_root', company).id
    names = [
        'company', 'type', 'state', 'name', 'code', 'root', 'parent',
        'active']
    analytic = insert(pool.get('analytic_account.account'), names, [
            (company.id, 'normal', 'opened', f'B{i}', f'B{i:05}', root, root,
                True)
            for i in range(number)])
    names = ['company', 'code', 'name', 'start_date', 'analytic_account']
    insert(pool.get('cae.activity'), names, [
            (company.id, f'B{i:05}', f'B{i}', dt.date(2024, 1, 1), account)
            for i, account in enumerate(analytic)])
    return analytic


def _add_sales(pool, company, journal, period_, analytic, moves_per_month):
    from trytond.modules.coop_ledger.bulk import insert
    Account = pool.get('account.account')
    accounts = [
        Account.search([
                ('company', '=', company.id), ('code', '=', code)])[0].id
        for code in ['4111', '706', '44571']]
    party = pool.get('party.party').search([], limit=1)[0].id
    start = period_.start_date
    sales = [
        (account, start + dt.timedelta(n))
        for account in analytic for n in range(moves_per_month)]
    names = ['company', 'period', 'journal', 'date', 'state', 'number']
    moves = insert(pool.get('account.move'), names, [
            (company.id, period_.id, journal.id, date, 'posted',
                f'{start.month}-{i}')
            for i, (_, date) in enumerate(sales)])
    amounts = [_sides(i) for i in range(len(sales))]
    names = [
        'move', 'account', 'debit', 'credit', 'party', 'state',
        'analytic_state']
    lines = iter(insert(pool.get('account.move.line'), names, [
                (move, account, *sides, party if i == 0 else None,
                    'valid', 'valid')
                for move, amount in zip(moves, amounts)
                for i, (account, sides) in enumerate(zip(accounts, amount))]))
    names = ['account', 'date', 'debit', 'credit', 'move_line']
    insert(pool.get('analytic_account.line'), names, [
            (account, date, *sides, next(lines))
            for (account, date), amount in zip(sales, amounts)
            for sides in amount])


def _sides(i):
    "Return the debit and the credit of the lines of a sale"
    zero = Decimal(0)
    net = Decimal(10000 + i * 7919 % 90000) / 100
    tax = (net * Decimal('0.2')).quantize(Decimal('0.01'))
    return [(net + tax, zero), (zero, net), (zero, tax)]


def rest(database):
    "Let the database come to rest, as it would be before a close"
    if is_sqlite():
        folder = pathlib.Path(os.environ['TRYTOND_CONFIG']).parent
        with closing(sqlite3.connect(folder / f'{database}.sqlite')) as rest:
            rest.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    else:
        # Else the first that reads does what the server does in the night
        autocommit('VACUUM ANALYZE', database)


def measure(script, way, database, runs, *arguments):
    """Time a way of doing the work, in a process of its own.

    Return the median of the seconds and the memory in megabytes that the work
    took at most."""
    results = []
    for _ in range(runs):
        process = subprocess.run(
            [sys.executable, script, '--way', way, '--database', database,
                *map(str, arguments)],
            check=True, stdout=subprocess.PIPE, text=True)
        results.append(json.loads(process.stdout.splitlines()[-1]))
    return {
        key: statistics.median(r[key] for r in results)
        for key in results[0]}


def run(script, description, database, ways, fill, show, compare=None):
    """Run a script whose ways of reading take the pool and the company

    fill gives the database its records, show prints what is measured.
    compare gives the work that is timed beside a way, in the same process.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=list(ways))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        _run_way(
            options.database, options.way, ways[options.way],
            compare(options.way) if compare else None)
        return
    with workplace() as folder:
        set_up(folder, database)
        fill(database)
        rest(database)
        show(functools.partial(measure, script, database=database,
                runs=options.runs))


def _run_way(database, name, read, beside):
    with transaction(database) as (pool, current, company):
        if name != 'orm':
            # A server has read what it needs of the modules
            read(pool, company)
        more = {}
        if beside:
            beside(pool, company)
            more['raw'] = timed(beside, pool, company)
        with watch(**more):
            read(pool, company)
        current.rollback()


@contextmanager
def watch(**more):
    "Print the seconds and the memory of the work within"
    _settle()
    start = time.perf_counter()
    yield more
    seconds = time.perf_counter() - start
    print(json.dumps({'seconds': seconds, 'memory': _peak(), **more}))


def timed(function, *args):
    "Return the seconds of a work"
    _settle()
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def _settle():
    "Else the collector would look through all of Tryton during some works"
    gc.collect()
    gc.freeze()


def _peak():
    "Return the most memory of this process in megabytes"
    try:
        status = pathlib.Path('/proc/self/status').read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # That of getrusage counts the process that started this one
    peak, = (
        line for line in status.splitlines() if line.startswith('VmHWM'))
    return int(peak.split()[1]) / 1024
