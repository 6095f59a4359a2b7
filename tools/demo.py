#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Set up the sample group of co-ops on SQLite, close its year, show it.

It does by the command line what a person would do; each command is printed.
"""
import argparse
import csv
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = """\
[database]
uri = sqlite:///
path = {folder}

[cache]
clean_timeout = 1000000000
"""
DATABASE = 'demo'
# In the folder of a demonstration that was made to its end
DONE = 'done'
YEAR = 2024


class Demo:

    def __init__(self, folder, data):
        self.folder = folder
        self.data = data
        self.configuration = folder / 'trytond.conf'
        self.password = folder / 'password'

    def prepare(self):
        "Make the folder of the demonstration, without the last one"
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self.configuration.write_text(
            CONFIGURATION.format(folder=self.folder.resolve()))
        # Kept beside the database, readable by its owner only
        self.password.touch(mode=0o600)
        self.password.write_text(secrets.token_urlsafe(9) + '\n')

    def run(self, *arguments, **kwargs):
        command = [
            'coop-cae', '-c', shown(self.configuration), '-d', DATABASE,
            *map(str, arguments)]
        print(f'\n$ {shlex.join(command)}', flush=True)
        return subprocess.run([
                sys.executable, '-m', 'trytond.modules.coop_cae.scripts.main',
                *command[1:]],
            check=True, cwd=ROOT,
            env={**os.environ, 'TRYTONPASSFILE': str(self.password)},
            **kwargs)

    def table(self, *arguments):
        "Return the rows of a report"
        result = self.run(
            'report', *arguments, stdout=subprocess.PIPE, text=True)
        return list(csv.DictReader(
                result.stdout.splitlines(), delimiter=';'))

    def show(self):
        date = f'{YEAR}-12-31'
        print_sums(self.table('activities', '--date', date), [
                'revenue', 'gross_margin', 'contribution', 'pay', 'result'],
            f"Activities in {YEAR}")
        print_sums(
            self.table('holdings', '--date', date), ['quantity', 'amount'],
            f"Holdings of shares on {date}")
        self.run('report', 'check')
        print("Nothing to tell: the ledger, the register of shares and the "
            "contributions agree.")

    def tell(self, seconds):
        (self.folder / DONE).touch()
        print(f"""
Done in {seconds:.0f} s. To open it in a browser:

    make serve

With the desktop client of Tryton 8.0 (pip install 'tryton~=8.0.0' with GTK on
the machine), start the server

    .venv/bin/trytond -c {shown(self.configuration)} -d {DATABASE}

and connect to localhost:8000, database {DATABASE}, user admin, password
{self.password.read_text().strip()}
Reports as CSV:

    .venv/bin/coop-cae -c {shown(self.configuration)} -d {DATABASE} \\
        report --help
""")


def shown(path):
    "Return the path as a person in the repository would write it"
    path = path.resolve()
    return str(
        path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def print_sums(rows, columns, title):
    "Print the sums of the columns, by company"
    sums = {}
    for row in rows:
        total = sums.setdefault(row['company'], [0] * (len(columns) + 1))
        total[0] += 1
        for i, column in enumerate(columns, 1):
            total[i] += Decimal(row[column])
    print(f"\n{title}")
    print(f"  {'company':<12}{'count':>7}", *(f'{c:>16}' for c in columns))
    for company, (count, *total) in sorted(sums.items()):
        print(
            f'  {company:<12}{count:>7}', *(f'{t:>16,}' for t in total))


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--folder', type=Path, default=ROOT / 'var' / 'demo',
        help="where the database goes; what is there is removed")
    parser.add_argument(
        '--data', type=Path, default=ROOT / 'data' / 'group',
        help="the files of the group")
    options = parser.parse_args(args)
    if (options.folder.exists() and any(options.folder.iterdir())
            and not (options.folder / 'trytond.conf').exists()):
        parser.error(f"{options.folder} is no folder of a demonstration")
    start = time.monotonic()
    demo = Demo(options.folder, options.data)
    try:
        demo.prepare()
        demo.run('init', shown(demo.data))
        demo.run('import', shown(demo.data))
        demo.run(
            'close', '--company', 'all',
            '--period', f'{YEAR}-01..{YEAR}-12')
        demo.show()
    except subprocess.CalledProcessError as error:
        return error.returncode
    demo.tell(time.monotonic() - start)
    return 0


if __name__ == '__main__':
    sys.exit(main())
