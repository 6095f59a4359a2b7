#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Install a wheel in a clean environment and activate its modules there.

A database on SQLite, in French, must get all of them with their translations,
and the tests that the wheel brings must find what they need.
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = ['coop_ledger', 'coop_shares', 'coop_cae']
CONFIGURATION = """\
[database]
uri = sqlite:///
path = {folder}
"""


def run(*command, **kwargs):
    print('+', *(Path(command[0]).name, *command[1:]), flush=True)
    subprocess.run([str(c) for c in command], check=True, **kwargs)


def check(wheel, folder):
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
        '-u', 'coop_cae', 'account_fr', '--activate-dependencies',
        '-l', 'fr', '--email', 'admin@example.com', **where)
    run(python, Path(__file__).resolve(), '--inside', configuration, **where)
    run(bin_ / 'coop-cae', '--help', stdout=subprocess.DEVNULL, **where)
    run(python, '-m', 'unittest', '-q',
        'trytond.modules.coop_cae.tests.test_module', **where)


def check_inside(configuration):
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
        for name in MODULES:
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
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument('wheel', nargs='?', type=Path)
    group.add_argument('--inside', type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(args)
    if options.inside:
        check_inside(options.inside)
        return 0
    with tempfile.TemporaryDirectory(prefix='wheel-') as folder:
        try:
            check(options.wheel, Path(folder))
        except subprocess.CalledProcessError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
