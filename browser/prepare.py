#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Add to a demonstration what is out of the way: a closed period, a month that
is left to close, a customer and how they pay, and entrepreneurs: one whose
activity ended in the middle of the year, one who has just come, one whose CAPE
is to be renewed, one who leaves, one who has paid for shares.

Print the logins of the first two.
"""
import datetime as dt
import os
import sys
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.serve import add_users  # noqa: E402
from tools.transaction import transact  # noqa: E402

DATABASE = 'demo'
CLOSED = dt.date(2024, 1, 1)
ENDED = dt.date(2024, 6, 30)
STARTED = dt.date(2024, 12, 2)
SUBSCRIBER = 'E0005'
SHARES = Decimal('100.00')
RENEWED = dt.date(2024, 2, 1)


def main(folder):
    configuration = Path(folder) / 'trytond.conf'
    password = (Path(folder) / 'password').read_text().strip()
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    import trytond.config as config
    config.update_etc(str(configuration))
    from trytond.pool import Pool
    add_users(password)
    logins = transact(
        DATABASE, prepare, Pool(DATABASE), password, language='fr')
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
        reopen(pool, company)
        customer(pool, company)
        subscriber(pool, company)
        renewed(pool, company)
        leaving(pool, company)
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


def reopen(pool, company):
    "Undo the close of the last month"
    Close = pool.get('cae.close')
    last = Close.search([
            ('company', '=', company.id),
            ('state', '=', 'done'),
            ], order=[('period.start_date', 'DESC')], limit=1)
    Close.undo(last)


def customer(pool, company):
    "Add a customer, and a way to pay"
    Account = pool.get('account.account')
    Journal = pool.get('account.journal')
    Method = pool.get('account.invoice.payment.method')
    Party = pool.get('party.party')
    Party.create([{
                'name': "Mairie de Dole",
                'addresses': [('create', [{
                                'street_name': "Place de l'Europe",
                                'postal_code': '39100', 'city': "Dole",
                                }])],
                }])
    bank, = Account.search([
            ('company', '=', company.id),
            ('code', '=', '5121'),
            ])
    journal, = Journal.search([('type', '=', 'cash')], limit=1)
    Method.create([{
                'company': company.id, 'name': "Virement",
                'journal': journal.id, 'debit_account': bank.id,
                'credit_account': bank.id,
                }])


def subscriber(pool, company):
    "Post what an entrepreneur pays for shares"
    from trytond.modules.coop_ledger.entry import Entry, EntryLine
    Account = pool.get('account.account')
    Entrepreneur = pool.get('cae.entrepreneur')
    Journal = pool.get('account.journal')
    Move = pool.get('account.move')
    person, = Entrepreneur.search([('code', '=', SUBSCRIBER)])
    bank, paid = (
        Account.search([
                ('company', '=', company.id), ('code', '=', code)])[0].id
        for code in ['5121', '4563'])
    journal, = Journal.search([('type', '=', 'cash')], limit=1)
    Move.post_entries(company, [Entry(
                journal=journal.id, date=STARTED, description="Parts",
                lines=(
                    EntryLine(account=bank, debit=SHARES),
                    EntryLine(
                        account=paid, credit=SHARES, party=person.party.id)))])


def renewed(pool, company):
    "Add an entrepreneur whose CAPE ends in a month"
    Contract = pool.get('cae.contract')
    person = add_person(pool, company, 'E0901', "Julie Perrin")
    contract, = Contract.create([{
                'entrepreneur': person.id, 'type': 'cape',
                'start_date': RENEWED, 'end_date': dt.date(2025, 1, 31),
                'commitment_cap': 1000,
                'urssaf_told_on': RENEWED, 'france_travail_told_on': RENEWED,
                }])
    for content in contract.contents:
        content.text = f"{content.clause.name} : comme convenu."
        content.save()
    Contract.to_sign([contract])
    Contract.write([contract], {'signed_on': RENEWED - dt.timedelta(7)})
    Contract.sign([contract])


def leaving(pool, company):
    "Add an entrepreneur under a CESA, with an activity"
    Contract = pool.get('cae.contract')
    person = add_person(pool, company, 'E0902', "Marc Vuillet")
    Contract.create([{
                'entrepreneur': person.id, 'type': 'cesa',
                'start_date': RENEWED, 'fixed_part': 500,
                'taken_over': True, 'signature': 'signed',
                'signed_on': RENEWED,
                }])
    add_activity(pool, company, 'A0902', "Atelier Vuillet", person)


def started(pool, company):
    "Add an entrepreneur whose activity has no entry"
    person = add_person(pool, company, 'NOUVELLE', "Nouvelle Venue")
    add_activity(pool, company, 'ANOUVELLE', "Atelier neuf", person)
    return person


def add_person(pool, company, code, name):
    "Add an entrepreneur of the adviser who is a user"
    Adviser = pool.get('cae.adviser')
    Entrepreneur = pool.get('cae.entrepreneur')
    Party = pool.get('party.party')
    party, = Party.create([{
                'name': name,
                'contact_mechanisms': [('create', [{
                                'type': 'email',
                                'value': f'{code.lower()}@example.org',
                                }])],
                }])
    adviser, = Adviser.search([('user', '!=', None)])
    person, = Entrepreneur.create([{
                'company': company.id, 'code': code, 'party': party.id,
                'adviser': adviser.id, 'entry_date': STARTED,
                }])
    return person


def add_activity(pool, company, code, name, person):
    Activity = pool.get('cae.activity')
    Activity.create([{
                'company': company.id, 'code': code, 'name': name,
                'start_date': STARTED,
                'entrepreneurs': [('create', [{
                                'entrepreneur': person.id,
                                }])],
                }])


if __name__ == '__main__':
    main(sys.argv[1])
