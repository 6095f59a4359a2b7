#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Install a wheel in a clean environment and activate its modules there.

It must have the files of the sources as they are, but for the documents.  A
database on SQLite, in French, must get the modules with their translations,
and the tests that the wheel brings must find what they need.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / 'modules'
# In the order of what they depend on
MODULES = ['coop_access', 'coop_ledger', 'coop_shares', 'coop_cae']
CONFIGURATION = """\
[database]
uri = sqlite:///
path = {folder}
"""


class WheelError(Exception):
    pass


def run(*command, **kwargs):
    print('+', *(Path(command[0]).name, *command[1:]), flush=True)
    subprocess.run([str(c) for c in command], check=True, **kwargs)


def check_files(wheel):
    "Check that the wheel has the sources, and nothing else"
    with zipfile.ZipFile(wheel) as file:
        packed = {
            name.removeprefix('trytond/modules/'): file.read(name)
            for name in file.namelist()
            if name.startswith('trytond/modules/')}
    sources = {
        str(path.relative_to(SOURCES)): path.read_bytes()
        for path in SOURCES.rglob('*')
        if path.is_file() and path.parts[len(SOURCES.parts) + 1] != 'doc'
        and '__pycache__' not in path.parts}
    different = sorted(
        name for name in packed.keys() | sources.keys()
        if packed.get(name) != sources.get(name))
    if different:
        raise WheelError(
            "these are not the same in the wheel and in the sources:\n"
            + '\n'.join(different))
    print(f"{len(sources)} files as in the sources")


def check(wheel, folder, modules):
    import environment
    python = environment.make(folder / 'venv')
    bin_ = python.parent
    run(python, '-m', 'pip', 'install', '--quiet',
        '--disable-pip-version-check', f'{wheel.resolve()}[test]')

    configuration = folder / 'trytond.conf'
    configuration.write_text(CONFIGURATION.format(folder=folder))
    (folder / 'check.sqlite').touch()
    password = folder / 'password'
    password.write_text('check the wheel\n')
    environ = {
        name: value for name, value in os.environ.items()
        if not name.startswith(('TRYTON', 'PYTHON', 'DB_'))}
    # Out of the repository: nothing but the wheel can be found
    where = {
        'cwd': folder,
        'env': {**environ, 'TRYTONPASSFILE': str(password)},
        }
    run(bin_ / 'trytond-admin', '-c', configuration, '-d', 'check',
        '-u', modules[-1], 'account_fr', '--activate-dependencies',
        '-l', 'fr', '--email', 'admin@example.com', **where)
    run(python, Path(__file__).resolve(), '--inside', configuration,
        '--upto', modules[-1], **where)
    run(bin_ / 'coop-cae', '--help', stdout=subprocess.DEVNULL, **where)
    run(python, '-m', 'unittest', '-q',
        f'trytond.modules.{modules[-1]}.tests.test_module', **where)


def check_inside(configuration, modules):
    "Check the database from the environment of the wheel"
    import trytond.config as config
    config.update_etc(str(configuration))

    import trytond.modules.coop_cae as coop_cae
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    assert Path(coop_cae.__file__).is_relative_to(sys.prefix), (
        coop_cae.__file__)
    Pool.start()
    Pool('check').init()
    with Transaction().start('check', 0, readonly=True):
        Module = Pool().get('ir.module')
        Translation = Pool().get('ir.translation')
        for name in modules:
            module, = Module.search([('name', '=', name)])
            assert module.state == 'activated', (name, module.state)
            texts = Translation.search([
                    ('module', '=', name),
                    ('lang', '=', 'fr'),
                    ('value', 'not in', [None, '']),
                    ], count=True)
            assert texts, f"no French in {name}"
            print(f"{name} {module.version}: activated, "
                f"{texts} texts in French")


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        '--upto', choices=MODULES, default=MODULES[-1],
        help="the last module to activate, the last of all by default")
    parser.add_argument('wheel', type=Path)
    parser.add_argument(
        '--inside', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args(args)
    modules = MODULES[:MODULES.index(options.upto) + 1]
    if options.inside:
        check_inside(options.wheel, modules)
        return 0
    with tempfile.TemporaryDirectory(prefix='wheel-') as folder:
        try:
            check_files(options.wheel)
            check(options.wheel, Path(folder), modules)
        except (subprocess.CalledProcessError, WheelError) as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
