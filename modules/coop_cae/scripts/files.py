# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The command that imports files."
import sys
from pathlib import Path

from . import console
from .language import _

SUFFIXES = {'.csv', '.txt'}


def add_parser(commands):
    parser = commands.add_parser(
        'import', help=_("import the files of co-operatives"),
        description=_(
            "Import tables (companies, sites, entrepreneurs, activities, "
            "contracts, members, payslips) and accounting entries files "
            "(FEC), in the order of what they need. Each file enters whole "
            "or not at all; the same import again changes nothing."))
    parser.add_argument(
        'paths', metavar=_("DIR|FILE"), nargs='+', type=Path,
        help=_("files, or folders whose *.csv and *.txt are imported"))
    parser.add_argument(
        '--company', metavar=_("CODE"),
        help=_("the company of a FEC whose name does not tell it"))
    parser.add_argument(
        '--force-siren', action='store_true',
        help=_("take a FEC whose name has not the SIREN of the company"))
    parser.add_argument(
        '--dry-run', action='store_true',
        help=_("do everything, tell it, and take it back"))
    parser.set_defaults(run=run)


def run(options):
    contents = read(options.paths)
    current = console.connect(options)
    if options.dry_run:
        # What comes first is needed by what follows
        with console.progress(
                options, total=len(contents), desc=_("dry run"),
                unit=_("file")) as bar:
            reports = console.call(
                current, 'cae.table.import', 'import_files',
                contents, True, options.company, options.force_siren)
            bar.update(len(contents))
        return tell(reports)
    return import_one_by_one(
        options, current, contents, options.company, options.force_siren)


def read(paths):
    "Return the names and the bytes of the files"
    contents = {}
    for path in paths:
        found = [path]
        if path.is_dir():
            found = sorted(
                p for p in path.iterdir()
                if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise console.CommandLineError(
                    _("{path} has no .csv nor .txt file").format(path=path),
                    console.WRONG)
        for file in found:
            try:
                contents[file] = _read(file)
            except OSError as error:
                raise console.CommandLineError(
                    f"{file}: {error.strerror}", console.WRONG)
    return [(file.name, data) for file, data in contents.items()]


def _read(file):
    "Return the bytes of a file, if it is one that is read at once"
    from trytond.modules.coop_ledger.files.decode import MAX_SIZE
    if file.exists() and not file.is_file():
        raise console.CommandLineError(
            _("{path} is not a file").format(path=file), console.WRONG)
    if file.stat().st_size > MAX_SIZE:
        raise console.CommandLineError(
            _("{path} has more than {size} MB: cut it into several files"
                ).format(path=file, size=MAX_SIZE // 1024 ** 2),
            console.WRONG)
    return file.read_bytes()


def import_one_by_one(
        options, current, contents, company=None, force_siren=False):
    """Import the files, each in its transaction

    After a table that is refused nothing more comes in, as it may be needed
    by the others.
    """
    from trytond.modules.coop_cae.tables import in_order, is_fec
    code = console.DONE
    with console.progress(
            options, total=sum(len(data) for _, data in contents),
            desc=_("import"), unit=_("B"), unit_scale=True) as bar:
        refused = False
        for name, data in in_order(contents):
            if refused:
                console.tell(console.call(
                        current, 'cae.table.import', 'left', name))
                continue
            bar.set_postfix_str(name)
            done = tell(console.call(
                    current, 'cae.table.import', 'import_files',
                    [(name, data)], False, company, force_siren))
            bar.update(len(data))
            code = max(code, done)
            # What follows may need a table that is refused
            refused = bool(done) and not is_fec(name, data)
    return code


def tell(reports):
    "Print the reports and return the exit code"
    for report in reports:
        refused = 'problems' in report
        console.tell(report['text'], file=None if refused else sys.stdout)
    if any('problems' in report for report in reports):
        return console.REFUSED
    return console.DONE
