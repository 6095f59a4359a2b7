#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Keep a small database of this release, for later ones to open.

It is made by the command line from data/small, closed up to October, with
records of most kinds; what the reports tell then, and after November is
closed, goes beside it.  Run it on the tag of a release, once for each back
end:

    .venv/bin/python tools/release_database.py
    .venv/bin/python tools/postgresql.py .venv/bin/python \\
        tools/release_database.py
"""
import argparse
import configparser
import datetime as dt
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / 'data' / 'releases'
CLOSED, NEXT = dt.date(2024, 10, 31), dt.date(2024, 11, 30)
NAME = 'release'
# What an update makes again, or nobody misses
_LEFT_OUT = {
    'ir_translation': 'module IS NOT NULL',
    'ir_cache': None,
    'ir_session': None,
    'ir_session_wizard': None,
    'ir_queue': None,
    }


def files(release, postgresql):
    "Return the paths of the dump of a release and of its figures"
    name = 'postgresql' if postgresql else 'sqlite'
    folder = RELEASES / release
    return folder / f'{name}.sql.gz', folder / f'{name}.json.gz'


def restore(dump, sqlite=None, database=None):
    "Fill the file of SQLite, or the empty database of PostgreSQL"
    text = gzip.decompress(dump.read_bytes()).decode()
    if sqlite:
        with closing(sqlite3.connect(sqlite)) as connection:
            connection.executescript(text)
    else:
        subprocess.run(
            ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database],
            input=text, text=True, check=True, stdout=subprocess.DEVNULL)


def command(configuration, *args):
    subprocess.run(
        [sys.executable, '-m', 'trytond.modules.coop_cae.scripts.main',
            '-c', str(configuration), '-d', NAME, '-q', *map(str, args)],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def make(configuration):
    data = ROOT / 'data' / 'small'
    command(configuration, 'init', data)
    command(configuration, 'import', data)
    close = ['close', '--company', 'all']
    command(configuration, *close, '--through', f'{CLOSED:%Y-%m}')
    undone = ['--company', 'COOPILOTE', '--period', f'{CLOSED:%Y-%m}']
    command(configuration, 'undo', *undone)
    command(configuration, *close, '--period', f'{CLOSED:%Y-%m}')


def figures(date):
    "Return what the reports tell at a date, and the length of each list"
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    pool = Pool()
    Company = pool.get('company.company')
    Command = pool.get('cae.command')
    from trytond.modules.coop_cae.report import REPORTS
    companies = Company.search([])
    with Transaction().set_context(companies=[c.id for c in companies]):
        return {
            'reports': {
                name: [
                    [None if v is None else str(v) for v in row]
                    for row in [header, *rows]]
                for name in REPORTS
                for header, rows in [Command.report(name, None, date)]},
            'records': {
                name: Model.search([], count=True)
                for name, Model in stored_models(pool)},
            }


def stored_models(pool):
    "Return the models of ours that have a table"
    from trytond.model import ModelSQL
    for name, Model in sorted(pool.iterobject()):
        if (name.startswith(('cae.', 'coop.')) and issubclass(Model, ModelSQL)
                and not callable(Model.table_query)):
            yield name, Model


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same data make the same file
    path.write_bytes(gzip.compress(data.encode(), 9, mtime=0))


def dump_sqlite(path):
    with closing(sqlite3.connect(path)) as connection:
        for table, where in _LEFT_OUT.items():
            connection.execute(
                f'DELETE FROM "{table}"' + (f' WHERE {where}' * bool(where)))
        connection.commit()
        return '\n'.join(connection.iterdump())


def dump_postgresql():
    import psycopg
    with psycopg.connect(dbname=NAME) as connection:
        for table, where in _LEFT_OUT.items():
            connection.execute(
                f'DELETE FROM "{table}"' + (f' WHERE {where}' * bool(where)))
    text = subprocess.run(
        ['pg_dump', '--no-owner', '--no-privileges', '-d', NAME],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    # What the newest psql alone understands
    return re.sub(r'^\\(un)?restrict .*\n', '', text, flags=re.MULTILINE)


def version():
    parser = configparser.ConfigParser()
    parser.read(ROOT / 'setup.cfg', encoding='utf-8')
    return parser['metadata']['version']


def keep(folder, release, database=None):
    """Make the database in the folder and keep it; database is a file of
    SQLite that was made already"""
    uri = os.environ.pop('TRYTOND_DATABASE_URI', 'sqlite:///')
    postgresql = uri.startswith('postgresql')
    configuration = folder / 'trytond.conf'
    configuration.write_text(
        f"[database]\nuri = {uri}\npath = {folder}\n\n"
        f"[cache]\nclean_timeout = {0 if postgresql else 10 ** 9}\n")
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    if database:
        (folder / f'{NAME}.sqlite').write_bytes(database.read_bytes())
    else:
        make(configuration)
    import trytond.config as config
    config.update_etc(str(configuration))
    from tools import release_records
    from tools.transaction import transact
    from trytond import backend
    from trytond.pool import Pool
    Pool.start()
    Pool(NAME).init()
    release_records.enter(NAME)
    dump, told = files(release, postgresql)
    before = transact(NAME, figures, CLOSED)
    backend.Database(NAME).close()
    if postgresql:
        write(dump, dump_postgresql())
    else:
        write(dump, dump_sqlite(folder / f'{NAME}.sqlite'))
    command(configuration, 'close', '--company', 'all',
        '--period', f'{NEXT:%Y-%m}')
    backend.Database.clear_cache()
    after = transact(NAME, figures, NEXT)
    write(told, json.dumps([before, after], indent=1, sort_keys=True))
    for path in [dump, told]:
        print(f'{path.relative_to(ROOT)}: {path.stat().st_size} bytes')


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--database', type=Path, metavar='FILE',
        help="a database of SQLite, closed up to October, to keep instead of "
        "one that is made")
    options = parser.parse_args(args)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        keep(Path(folder), version(), options.database)


if __name__ == '__main__':
    main()
