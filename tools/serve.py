#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Serve the demonstration in the web client, with a user for each role."""
import argparse
import datetime as dt
import os
import sys
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import sao  # noqa: E402
from tools.demo import DATABASE, YEAR  # noqa: E402

STAFF = {
    'comptable': ['cae_accountant', 'account.account', 'coop_shares.share'],
    'accompagnateur': ['cae_adviser'],
    'gerant': ['cae_manager'],
    }


def main(args=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--folder', type=Path, default=ROOT / 'var' / 'demo',
        help="where the demonstration is")
    parser.add_argument('--port', type=int, default=8000)
    parser.add_argument(
        '--today', type=dt.date.fromisoformat, default=dt.date(YEAR, 12, 31),
        help="the day that the server believes it is")
    options = parser.parse_args(args)
    configuration = options.folder / 'trytond.conf'
    if not configuration.exists():
        parser.error("there is no demonstration: make demo")
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    os.environ['TRYTOND_DATABASE_NAMES'] = DATABASE
    import trytond.config as config
    config.update_etc(str(configuration))
    config.set('web', 'root', str(sao.fetch()))
    password = (options.folder / 'password').read_text().strip()
    logins = add_users(password)
    tell(options.port, logins, password)
    serve(options.port, options.today)


def add_users(password):
    "Add those of the roles that are missing and return their logins"
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    Pool.start()
    Pool(DATABASE).init()
    with Transaction().start(DATABASE, 1, context={'language': 'fr'}):
        pool = Pool()
        Adviser = pool.get('cae.adviser')
        Company = pool.get('company.company')
        Entrepreneur = pool.get('cae.entrepreneur')
        Lang = pool.get('ir.lang')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        companies = Company.search([], order=[('id', 'ASC')])
        french, = Lang.search([('code', '=', 'fr')])

        def group(name):
            module, _, name = name.rpartition('.')
            return ModelData.get_id(module or 'coop_cae', f'group_{name}')

        for login, groups in STAFF.items():
            if not User.search([('login', '=', login)]):
                User.create([{
                            'name': login.capitalize(),
                            'login': login,
                            'password': password,
                            'language': french.id,
                            'companies': [('add', companies)],
                            'company': companies[0].id,
                            'groups': [('add', [group(g) for g in groups])],
                            }])
        # The list of what is to be done is the adviser's
        advisers = Adviser.search([('user', '=', None)], limit=1)
        if advisers and not Adviser.search([('user', '!=', None)]):
            adviser, = User.search([('login', '=', 'accompagnateur')])
            Adviser.write(advisers, {'user': adviser.id})
        people = Entrepreneur.search([
                ('company', '=', companies[0].id),
                ('activities', '!=', None),
                ('party.contact_mechanisms.type', '=', 'email'),
                ], order=[('code', 'ASC')], limit=1)
        with patch('trytond.res.user._send_email'):
            Entrepreneur.create_user(people)
        person, = Entrepreneur.browse(people)
        User.write([person.user], {
                'password': password, 'language': french.id})
        Transaction().commit()
        return [*STAFF, person.user.login]


def tell(port, logins, password):
    print(f"""
http://localhost:{port}/#{DATABASE}

users     {', '.join(logins)}, admin
password  {password}
""", flush=True)


def serve(port, today):
    from werkzeug.serving import run_simple

    from trytond.application import app
    from trytond.ir.date import Date
    with patch.object(
            Date, 'today', classmethod(lambda cls, timezone=None: today)):
        run_simple('localhost', port, app, threaded=True)


if __name__ == '__main__':
    main()
