#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The command line of co-operatives: coop-cae"""
import argparse
import csv
import datetime as dt
import io
import logging
import os
import re
import sys

from . import (
    closing, console, files, initialization, language, reports, statements)
from .language import _


def epilog():
    return _("""\
exit codes:
  0  done
  1  something was refused; it is told why, and nothing of it was written
  2  the command is wrong
  3  a month was left open, or closed without what has a fault
  4  the database is locked by another program, or cannot be used
""")


def month(text):
    "Return the first day of a month YYYY-MM"
    if not re.fullmatch(r'\d{4}-\d{2}', text):
        raise argparse.ArgumentTypeError(
            _("{text} is not a month such as 2024-01").format(text=text))
    try:
        return dt.date.fromisoformat(f'{text}-01')
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is not a month").format(text=text))


def months(text):
    "Return the first and the last months of YYYY-MM or YYYY-MM..YYYY-MM"
    start, _dots, end = text.partition('..')
    start = month(start)
    end = month(end) if end else start
    if end < start:
        raise argparse.ArgumentTypeError(
            _("{text} ends before it starts").format(text=text))
    return start, end


def date(text):
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is not a date such as 2024-12-31").format(text=text))


def get_parser():
    names = os.environ.get('TRYTOND_DATABASE_NAMES')
    database = next(csv.reader(io.StringIO(names)))[0] if names else None
    parser = argparse.ArgumentParser(
        prog='coop-cae', epilog=epilog(),
        description=_("The command line of co-operatives: coop-cae"),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '-c', '--config', dest='configfile', metavar=_("FILE"),
        action='append', help=_(
            "specify a configuration file, may be given several times"))
    parser.add_argument(
        '-d', '--database', dest='database', metavar=_("DATABASE"),
        default=database, help=_("specify the database name"))
    parser.add_argument(
        '-u', '--user', metavar=_("USER"), default='admin',
        help=_("work as this user (admin)"))
    parser.add_argument(
        '--language', metavar=_("CODE"),
        help=_("speak this language, fr or en (that of the locale)"))
    parser.add_argument(
        '-q', '--quiet', action='store_true',
        help=_("show no progress"))
    parser.add_argument(
        '-v', '--verbose', action='count', default=0,
        help=_("increase verbosity"))
    commands = parser.add_subparsers(
        dest='command', required=True, metavar=_("COMMAND"))
    initialization.add_parser(commands)
    files.add_parser(commands)
    closing.add_parsers(commands, month, months)
    reports.add_parser(commands, month, date)
    statements.add_parser(commands, month)
    return parser


def run(args=None):
    "Run the command line and exit"
    sys.exit(main(args))


def main(args=None):
    "Run the command line and return the exit code"
    # Figures and names are in UTF-8, whatever the terminal says
    for stream in [sys.stdout, sys.stderr]:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding='utf-8', errors='replace')
    language.speak(
        language.choose(sys.argv[1:] if args is None else args))
    parser = get_parser()
    options = parser.parse_args(args)
    if not options.configfile:
        options.configfile = [os.environ.get('TRYTOND_CONFIG')]
    if not options.database:
        parser.error(_("give the name of the database with -d"))
    logging.basicConfig(
        level=[logging.ERROR, logging.INFO, logging.DEBUG][
            min(options.verbose, 2)],
        stream=sys.stderr)
    # Before anything that is of the database, as that is told there
    console.configure(options)
    with console.plain_errors(options) as outcome:
        outcome.code = options.run(options)
    return outcome.code


if __name__ == '__main__':
    run()
