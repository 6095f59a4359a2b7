# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The commands that close and undo months."
import sys
import time

from . import console
from .language import _
from .reports import write_csv

ALL = 'all'
POLL = 1  # seconds


def add_parsers(commands, month, months):
    close = commands.add_parser(
        'close', help=_("close months of companies"),
        description=_(
            "Close months: post the payslips, keep back and convert what is "
            "for shares, book the contributions. Closing again books the "
            "difference only."))
    _add_company(close)
    period = close.add_mutually_exclusive_group(required=True)
    period.add_argument(
        '--period', metavar=_("YYYY-MM[..YYYY-MM]"), type=months,
        help=_("the month, or the first and the last ones"))
    period.add_argument(
        '--through', metavar=_("YYYY-MM"), type=month,
        help=_("all the months that are open up to this one"))
    close.add_argument(
        '--preview', action='store_true',
        help=_("print what would be booked as CSV, and book nothing"))
    close.add_argument(
        '--skip-faults', action='store_true',
        help=_("leave out what cannot be booked and close the rest"))
    close.add_argument(
        '--queue', action='store_true',
        help=_("let the workers of the server close companies side by side, "
            "and wait for them"))
    close.add_argument(
        '--wait', metavar=_("SECONDS"), type=float, default=float('inf'),
        help=_("with --queue, wait no longer than this; the queue goes on"))
    close.set_defaults(run=run_close)

    undo = commands.add_parser(
        'undo', help=_("undo the close of a month by reversal"))
    _add_company(undo)
    undo.add_argument(
        '--period', metavar=_("YYYY-MM[..YYYY-MM]"), type=months,
        required=True, help=_("the month, or the first and the last ones"))
    undo.set_defaults(run=run_undo)


def _add_company(parser):
    parser.add_argument(
        '--company', metavar=_("CODE"), required=True,
        help=_("the company, or {all}").format(all=ALL))


def _plan(options, current):
    "Return the months to do by company"
    codes = None if options.company == ALL else [options.company]
    start, end = getattr(options, 'period', None) or (None, options.through)
    plan = {}
    for company in console.call(current, 'cae.command', 'companies', codes):
        found = console.call(
            current, 'cae.command', 'months', company, start, end,
            start is None)
        if not found and start is not None:
            # Asking for it says what is wrong
            found = [start]
        plan[company] = found
    return plan


def run_close(options):
    current = console.connect(options)
    plan = _plan(options, current)
    if options.preview:
        return preview(current, plan)
    if options.queue:
        return queue(options, current, plan)
    code = console.DONE
    with console.progress(
            options, total=sum(map(len, plan.values())), desc=_("close"),
            unit=_("month")) as bar:
        for company, months in plan.items():
            for month in months:
                bar.set_postfix_str(f'{company} {month:%Y-%m}')
                result = console.call(
                    current, 'cae.command', 'close', company, month,
                    options.skip_faults)
                bar.update()
                console.tell(result['text'], file=sys.stdout)
                for fault in result['faults']:
                    console.tell(f'  {fault}')
                    code = console.LEFT
                if not result['closed']:
                    # The later months wait for this one
                    break
    return code


def queue(options, current, plan):
    "Let the queue close the months, and tell what becomes of them"
    deadline = time.monotonic() + options.wait
    # Without workers all is done when this returns
    ids = console.call(
        current, 'cae.command', 'queue_closes', [
            [company, month] for company, months in plan.items()
            for month in months], options.skip_faults)
    code, told = console.DONE, set()
    with console.progress(
            options, total=len(ids), desc=_("close"),
            unit=_("month")) as bar:
        while True:
            tasks = console.call(
                current, 'cae.command', 'queued_closes', ids)
            for task in tasks:
                if task['state'] != 'waiting' and task['id'] not in told:
                    told.add(task['id'])
                    bar.update()
                    code = max(code, _tell_task(task))
            waiting = [t for t in tasks if t['waiting']]
            if not waiting or time.monotonic() >= deadline:
                break
            time.sleep(min(POLL, max(0, deadline - time.monotonic())))
    for task in tasks:
        if task['state'] == 'waiting':
            console.tell(f"{task['name']}: {_('waiting')}")
            code = console.LEFT
    return code


def _tell_task(task):
    states = {
        'done': _("done"), 'failed': _("failed"),
        'cancelled': _("cancelled")}
    text, *faults = task['message'].splitlines() or [
        states.get(task['state'], task['state'])]
    if task['state'] == 'done':
        console.tell(text, file=sys.stdout)
    else:
        console.tell(f"{task['name']}: {text}")
    for fault in faults:
        console.tell(f'  {fault}')
    if task['state'] == 'done' and not faults:
        return console.DONE
    return console.LEFT


def preview(current, plan):
    code, header = console.DONE, None
    for company, months in plan.items():
        for month in months:
            result = console.call(
                current, 'cae.command', 'preview', company, month)
            if header is None:
                header = result['columns']
                write_csv(sys.stdout, [header])
            write_csv(sys.stdout, result['rows'])
            for fault in result['faults']:
                console.tell(f'{company} {month:%Y-%m}: {fault}')
                code = console.LEFT
    return code


def run_undo(options):
    current = console.connect(options)
    for company, months in _plan(options, current).items():
        for month in reversed(months):
            console.tell(console.call(
                    current, 'cae.command', 'undo', company, month),
                file=sys.stdout)
    return console.DONE
