# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be done for 10,000 people with 40,000 contracts.

- reckon: all that is to be done, from the contracts of all;
- list: the first page of the list, as the clients read it;
- raw: one query of the contracts with their people, one of the interviews and
  one of the members (the floor);
- orm: the contracts of some people record by record, taken in proportion (the
  usual way).
"""
import argparse
import datetime as dt
import sys

from common import measure, rest, set_up, transaction, watch, workplace

PEOPLE = 10_000
SAMPLE = 100
DATE = dt.date(2024, 12, 31)
DATABASE = 'bench_todo'
A_DAY = dt.timedelta(1)


def read_reckon(pool, company):
    from trytond.modules.coop_cae.todo import reckon
    assert list(reckon([company.id], DATE))


def read_list(pool, company):
    from trytond.transaction import Transaction
    Todo = pool.get('cae.todo')
    with Transaction().set_context(
            _companies=[company.id], todo_date=DATE):
        ids = [t.id for t in Todo.search([], limit=1000)]
        Todo.read(ids, list(
                Todo.fields_view_get(view_type='tree')['fields']))


def read_raw(pool, company):
    from trytond.transaction import Transaction
    cursor = Transaction().connection.cursor()
    for query in [
            'SELECT c.id, c.type, c.start_date, c.end_date, c.exit_date, '
            'c.exit_reason, c.signed_on, c.trial_end_date, '
            'c.urssaf_told_on, c.france_travail_told_on, c.exit_told_on, '
            'e.id, e.company, e.party, e.adviser '
            'FROM cae_contract c '
            'JOIN cae_entrepreneur e ON c.entrepreneur = e.id '
            f'WHERE e.company = {company.id}',
            'SELECT i.entrepreneur, i.date FROM cae_interview i '
            'WHERE i.signed_on IS NOT NULL',
            'SELECT company, party FROM coop_member '
            f'WHERE company = {company.id}']:
        cursor.execute(query)
        cursor.fetchall()


def read_orm(pool, company):
    Entrepreneur = pool.get('cae.entrepreneur')
    for person in Entrepreneur.search([], limit=SAMPLE):
        for contract in person.contracts:
            (contract.last_day, contract.signed_on,
                contract.membership_deadline)


WAYS = {
    'reckon': read_reckon,
    'list': read_list,
    'raw': read_raw,
    'orm': read_orm,
    }


def add_people(pool, company):
    """Add people with a CAPE renewed twice and a CESA, all signed and told of:
    nine in ten are members and had the interviews of the year, written without
    any check"""
    from trytond.modules.coop_ledger.bulk import insert
    parties = insert(pool.get('party.party'), ['name', 'code'], [
            (f"Person {i}", f'P{i}') for i in range(PEOPLE)])
    people = insert(
        pool.get('cae.entrepreneur'), ['company', 'code', 'party'], [
            (company.id, f'E{i}', party) for i, party in enumerate(parties)])
    adviser, = pool.get('cae.adviser').create([
            {'code': 'ADV', 'name': "Adviser"}])
    contracts, interviews, members = [], [], []
    for i, (party, person) in enumerate(zip(parties, people)):
        start = dt.date(2019, 1, 1) + dt.timedelta(i % 1200)
        for renewal in range(3):
            end = start.replace(day=min(start.day, 28), year=start.year + 1)
            contracts.append((
                    person, 'cape', renewal, start, end - A_DAY, 'signed',
                    start, start, start))
            start = end
        contracts.append((
                person, 'cesa', 0, start, None, 'signed', start, None, None))
        if not i % 10:
            continue
        members.append((company.id, party, f'M{i}', start))
        day = start
        while day <= DATE:
            interviews.append((person, adviser.id, day, day))
            day += dt.timedelta(182)
    insert(
        pool.get('cae.contract'),
        ['entrepreneur', 'type', 'renewal', 'start_date', 'end_date',
            'signature', 'signed_on', 'urssaf_told_on',
            'france_travail_told_on'], contracts)
    insert(
        pool.get('cae.interview'),
        ['entrepreneur', 'adviser', 'date', 'signed_on'], interviews)
    insert(
        pool.get('coop.member'),
        ['company', 'party', 'number', 'admission_date'], members)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=list(WAYS))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        with transaction(options.database) as (pool, current, company):
            if options.way != 'orm':
                # A server has read what it needs of the modules
                WAYS[options.way](pool, company)
            with watch():
                WAYS[options.way](pool, company)
            current.rollback()
        return
    with workplace() as folder:
        set_up(folder, DATABASE)
        with transaction(DATABASE) as (pool, current, company):
            add_people(pool, company)
            current.commit()
        rest(DATABASE)
        show(options.runs)


def show(runs):
    results = {
        way: measure(__file__, way, DATABASE, runs) for way in WAYS}
    seconds = {way: results[way]['seconds'] for way in WAYS}
    seconds['orm'] *= PEOPLE / SAMPLE
    print(f'{PEOPLE} people, {PEOPLE * 4} contracts')
    for way, value in seconds.items():
        print(
            f"{way:10}{value:8.2f}s  {value / seconds['raw']:6.1f}x  "
            f"{results[way]['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    sys.exit(main())
