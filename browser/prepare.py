#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Add to a demonstration what is out of the way: a closed period, and two
entrepreneurs, one whose activity ended in the middle of the year, one who has
just come.

Print their logins.
"""
import datetime as dt
import os
import sys
from pathlib import Path
from unittest.mock import patch

DATABASE = 'demo'
CLOSED = dt.date(2024, 1, 1)
ENDED = dt.date(2024, 6, 30)
STARTED = dt.date(2024, 12, 2)


def main(folder):
    configuration = Path(folder) / 'trytond.conf'
    password = (Path(folder) / 'password').read_text().strip()
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    import trytond.config as config
    config.update_etc(str(configuration))
    from trytond.pool import Pool
    from trytond.transaction import Transaction, TransactionError
    Pool.start()
    Pool(DATABASE).init()
    extras = {}
    while True:
        with Transaction().start(
                DATABASE, 1, context={'language': 'fr'}, **extras
                ) as transaction:
            try:
                logins = prepare(Pool(), password)
            except TransactionError as error:
                # Tryton starts again to lock earlier
                transaction.rollback()
                error.fix(extras)
                continue
            transaction.commit()
            break
    print(*logins, sep='\n')


def prepare(pool, password):
    "Return the logins of the entrepreneurs"
    from trytond.transaction import Transaction
    Company = pool.get('company.company')
    Entrepreneur = pool.get('cae.entrepreneur')
    User = pool.get('res.user')
    company, = Company.search([], order=[('id', 'ASC')], limit=1)
    with Transaction().set_context(company=company.id):
        close(pool, company)
        people = [ended(pool, company), started(pool, company)]
        with patch('trytond.res.user._send_email'):
            Entrepreneur.create_user(people)
    users = [p.user for p in Entrepreneur.browse(people)]
    User.write(users, {'password': password})
    return [u.login for u in users]


def close(pool, company):
    "Close the period of the first month"
    Period = pool.get('account.period')
    Period.close(Period.search([
                ('company', '=', company.id),
                ('start_date', '=', CLOSED),
                ]))


def ended(pool, company):
    "End the activity with the most entries of those who have an e-mail"
    Activity = pool.get('cae.activity')
    activity = max(
        (a for a in Activity.search([
                    ('company', '=', company.id),
                    ('start_date', '<', ENDED),
                    ])
            if len(a.entrepreneurs) == 1
            and a.entrepreneurs[0].entrepreneur.party.email
            and not a.entrepreneurs[0].entrepreneur.user),
        key=lambda a: a.turnover)
    activity.end_date = ENDED
    activity.save()
    return activity.entrepreneurs[0].entrepreneur


def started(pool, company):
    "Add an entrepreneur whose activity has no entry"
    Activity = pool.get('cae.activity')
    Entrepreneur = pool.get('cae.entrepreneur')
    Party = pool.get('party.party')
    party, = Party.create([{
                'name': "Nouvelle Venue",
                'contact_mechanisms': [('create', [{
                                'type': 'email',
                                'value': 'nouvelle@example.org',
                                }])],
                }])
    person, = Entrepreneur.create([{
                'company': company.id, 'code': 'NOUVELLE', 'party': party.id,
                'entry_date': STARTED,
                }])
    Activity.create([{
                'company': company.id, 'code': 'ANOUVELLE',
                'name': "Atelier neuf", 'start_date': STARTED,
                'entrepreneurs': [('create', [{
                                'entrepreneur': person.id,
                                }])],
                }])
    return person


if __name__ == '__main__':
    main(sys.argv[1])
