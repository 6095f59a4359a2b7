# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The command that makes and sends the monthly statements."
import sys

from . import console
from .language import _


def add_parser(commands, month):
    parser = commands.add_parser(
        'statements',
        help=_("make the monthly statements of the activities"),
        description=_(
            "Make the statement of each activity that runs in the month and "
            "attach it to the activity, in place of the one that it has for "
            "the month."))
    parser.add_argument(
        '--company', metavar=_("CODE"), action='append',
        help=_("the company, may be given several times (all)"))
    parser.add_argument(
        '--month', metavar=_("YYYY-MM"), type=month, required=True,
        help=_("the month"))
    parser.add_argument(
        '--format', choices=['odt', 'pdf'], default='odt',
        help=_("of the documents (odt); pdf needs LibreOffice"))
    parser.add_argument(
        '--send', action='store_true',
        help=_("send each one to the entrepreneurs of the activity, once"))
    parser.set_defaults(run=run)


def run(options):
    current = console.connect(options)
    for company in console.call(
            current, 'cae.command', 'companies', options.company):
        result = console.call(
            current, 'cae.command', 'statements', company, options.month,
            options.format, options.send)
        console.tell(result['text'], file=sys.stdout)
        for fault in result['faults']:
            console.tell(f'  {fault}')
    return console.DONE
