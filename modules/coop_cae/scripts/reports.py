# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The command that prints a table as CSV."
import csv
import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

from dateutil.relativedelta import relativedelta

from . import console
from .language import _

NAMES = [
    'contributions', 'shares', 'register', 'holdings', 'trial-balance',
    'activities', 'check']


def add_parser(commands, month, date):
    parser = commands.add_parser(
        'report', help=_("print a table as CSV"),
        description=_(
            "Print a table as CSV: ';' between fields, decimal point, header "
            "line. check prints what does not hold, and exits with 1 if "
            "there is something."))
    parser.add_argument(
        'name', metavar=_("NAME"), choices=NAMES,
        help=_("one of {names}").format(names=', '.join(NAMES)))
    parser.add_argument(
        '--company', metavar=_("CODE"), action='append',
        help=_("the company, may be given several times (all)"))
    at = parser.add_mutually_exclusive_group()
    at.add_argument(
        '--period', metavar=_("YYYY-MM"), type=month,
        help=_("up to the last day of the month"))
    at.add_argument(
        '--date', metavar=_("YYYY-MM-DD"), type=date,
        help=_("up to the day (today, or the end of the last fiscal year)"))
    parser.add_argument(
        '-o', '--output', metavar=_("FILE"), type=Path,
        help=_("write to the file instead of the standard output"))
    parser.set_defaults(run=run)


def run(options):
    current = console.connect(options)
    date = options.date
    if options.period:
        date = options.period + relativedelta(months=1, days=-1)
    header, rows = console.call(
        current, 'cae.command', 'report', options.name, options.company, date)
    if options.output:
        with open(
                options.output, 'w', encoding='utf-8', newline='') as output:
            write_csv(output, [header, *rows])
    else:
        write_csv(sys.stdout, [header, *rows])
    if options.name == 'check' and rows:
        return console.REFUSED
    return console.DONE


def write_csv(output, rows):
    writer = csv.writer(output, delimiter=';', lineterminator='\n')
    writer.writerows([_cell(v) for v in row] for row in rows)


def _cell(value):
    if value is None:
        return ''
    elif isinstance(value, dt.date):
        return value.isoformat()
    elif isinstance(value, Decimal):
        return format(value, 'f')
    elif isinstance(value, str):
        # With it comes the server, after the configuration
        from trytond.modules.coop_access.cell import safe_text

        # A reader takes any end of line for that of the row
        return safe_text(' '.join(value.splitlines()))
    return value
