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

from trytond.modules.coop_cae.scripts import language
from trytond.modules.coop_cae.scripts.language import _

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = """\
[database]
uri = sqlite:///
path = {folder}

[wsgi middleware]
refusals = trytond.modules.coop_access.middleware.Refusals
headers = trytond.modules.coop_access.middleware.SecurityHeaders
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
            '--language', 'fr', *map(str, arguments)]
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
            _("Activities in {year}").format(year=YEAR))
        print_sums(
            self.table('holdings', '--date', date), ['quantity', 'amount'],
            _("Holdings of shares on {date}").format(date=date))
        self.run('report', 'check')
        print(_("Nothing to tell: the ledger, the register of shares and the "
                "contributions agree."))

    def tell(self, seconds):
        (self.folder / DONE).touch()
        print(_("""
Done in {seconds:.0f} s. To open it in a browser:

    make serve

With the desktop client of Tryton 8.0 (pip install 'tryton~=8.0.0' with GTK on
the machine), start the server

    .venv/bin/trytond -c {configuration} -d {database}

and connect to localhost:8000, database {database}, user admin, password
{password}
Reports as CSV:

    .venv/bin/coop-cae -c {configuration} -d {database} \\
        report --help
""").format(
                seconds=seconds, configuration=shown(self.configuration),
                database=DATABASE,
                password=self.password.read_text().strip()))


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
    names = headings()
    print(
        f"  {names['company']:<12}{names['count']:>7}",
        *(f'{names[c]:>16}' for c in columns))
    for company, (count, *total) in sorted(sums.items()):
        print(
            f'  {company:<12}{count:>7}', *(f'{number(t):>16}' for t in total))


def headings():
    return {
        'company': _("company"),
        'count': _("count"),
        'revenue': _("revenue"),
        'gross_margin': _("gross margin"),
        'contribution': _("contribution"),
        'pay': _("pay"),
        'result': _("result"),
        'quantity': _("shares"),
        'amount': _("amount"),
        }


def number(value):
    "Write the number as the language does"
    sample = _("1,234.5")
    return f'{value:,}'.translate({ord(','): sample[1], ord('.'): sample[-2]})


def main(args=None):
    language.speak(language.choose(sys.argv[1:] if args is None else args))
    parser = argparse.ArgumentParser(
        description=_(
            "Set up the sample group of co-ops on SQLite, close its year, "
            "show it. Each command is printed."))
    parser.add_argument(
        '--folder', metavar=_("DIR"), type=Path,
        default=ROOT / 'var' / 'demo',
        help=_("where the database goes; what is there is removed"))
    parser.add_argument(
        '--data', metavar=_("DIR"), type=Path,
        default=ROOT / 'data' / 'group', help=_("the files of the group"))
    options = parser.parse_args(args)
    if (options.folder.exists() and any(options.folder.iterdir())
            and not (options.folder / 'trytond.conf').exists()):
        parser.error(_("{folder} is no folder of a demonstration").format(
                folder=options.folder))
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
