#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Serve the demonstration in the web client, with a user for each role."""
import argparse
import datetime as dt
import logging
import os
import socket
import sys
from collections import Counter
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import sao  # noqa: E402
from tools.demo import DATABASE, DONE, YEAR  # noqa: E402

# The name, what it is for and the groups of each user
STAFF = {
    'comptable': (
        "Comptable",
        "importe, facture, clôture les mois, tient les parts sociales",
        ['cae_accountant', 'account.account', 'coop_shares.share']),
    'accompagnateur': (
        "Accompagnateur",
        "suit les personnes, leurs contrats, leurs échéances",
        ['cae_adviser']),
    'gerant': (
        "Gérant",
        "regarde les chiffres des coopératives et du groupe",
        ['cae_manager']),
    }
ADMIN = "règle tout : utilisateurs, groupes, configuration"
ENTREPRENEUR = "voit son activité, sa paie et ses parts, rien d'autre"

# What stands around the server, as in the documents of its installation
MIDDLEWARE = 'wsgi middleware'
AROUND = {
    'refusals': 'trytond.modules.coop_access.middleware.Refusals',
    'headers': 'trytond.modules.coop_access.middleware.SecurityHeaders',
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
    check(options)
    configuration = options.folder / 'trytond.conf'
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    os.environ['TRYTOND_DATABASE_NAMES'] = DATABASE
    import trytond.config as config
    config.update_etc(str(configuration))
    config.set('web', 'root', str(client()))
    if not config.has_section(MIDDLEWARE):
        config.add_section(MIDDLEWARE)
    for name, middleware in AROUND.items():
        config.set(MIDDLEWARE, name, middleware)
    password = (options.folder / 'password').read_text().strip()
    entrepreneur = add_users(password)
    tell(options, password, entrepreneur)
    serve(options.port, options.today)


def check(options):
    "Stop with what to do if the demonstration cannot be served"
    if not (options.folder / DONE).exists():
        sys.exit(
            f"Il n'y a pas de démonstration dans {options.folder}, ou elle "
            "n'est pas terminée.\nFaites-la d'abord : make demo")
    with socket.socket() as probe:
        # As the server does, after which a port stays busy for a while
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('localhost', options.port))
        except OSError:
            sys.exit(
                f"Le port {options.port} est déjà pris, peut-être par une "
                "autre démonstration.\nArrêtez-la, ou prenez un autre port : "
                f"make serve ARGS='--port {options.port + 1}'")


def client():
    "Return the folder of the web client"
    try:
        return sao.fetch()
    except OSError as error:
        sys.exit(
            "Le client web n'a pas pu être téléchargé : il faut le réseau la "
            f"première fois.\n({error})")


def add_users(password):
    "Add those of the roles that are missing, return the entrepreneur's login"
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

        for login, (name, _, groups) in STAFF.items():
            if not User.search([('login', '=', login)]):
                User.create([{
                            'name': name,
                            'login': login,
                            'password': password,
                            'language': french.id,
                            'companies': [('add', companies)],
                            'company': companies[0].id,
                            # The figures of the manager are the group's
                            'company_filter': (
                                'all' if login == 'gerant' else 'one'),
                            'groups': [('add', [group(g) for g in groups])],
                            }])
        # The list of what is to be done is the adviser's
        if not Adviser.search([('user', '!=', None)]):
            adviser, = User.search([('login', '=', 'accompagnateur')])
            followed = Counter(
                p.adviser for p in Entrepreneur.search([
                        ('company', '=', companies[0].id),
                        ('adviser', '!=', None),
                        ]))
            for followed_by, _ in followed.most_common(1):
                Adviser.write([followed_by], {'user': adviser.id})
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
        return person.user.login


def tell(options, password, entrepreneur):
    users = [
        *((login, purpose) for login, (_, purpose, _) in STAFF.items()),
        (entrepreneur, ENTREPRENEUR), ('admin', ADMIN)]
    width = max(len(login) for login, _ in users)
    lines = '\n'.join(
        f'    {login:<{width}}  {purpose}' for login, purpose in users)
    print(f"""
La démonstration est ouverte dans le client web. Adresse :

    http://localhost:{options.port}/#{DATABASE}

Entrez un de ces noms d'utilisateur, puis le mot de passe : {password}

{lines}

Pour le serveur nous sommes le {options.today:%d/%m/%Y}. Ctrl+C l'arrête.
""", flush=True)


def serve(port, today):
    from werkzeug.serving import run_simple

    from trytond.application import app
    from trytond.ir.date import Date

    # Each request is no news
    logging.getLogger('werkzeug').setLevel(logging.ERROR)
    with patch.object(
            Date, 'today', classmethod(lambda cls, timezone=None: today)):
        run_simple('localhost', port, app, threaded=True)


if __name__ == '__main__':
    main()
