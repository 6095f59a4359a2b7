# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of 10,000 people with 40,000 contracts.

- flow, exits, survival, people, full_time, members: the rows of each list;
- list: the flow as the clients read it, which search and then read;
- raw: one query of the contracts with their people, and one of the
  people (the floor of all but the last);
- orm: the contracts of some people record by record, taken in proportion (the
  usual way).
"""
import argparse
import datetime as dt
import sys

from common import measure, rest, set_up, transaction, watch, workplace

PEOPLE = 10_000
SAMPLE = 100
START, DATE = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
DATABASE = 'bench_people'
A_DAY = dt.timedelta(1)
LISTS = {
    'flow': 'cae.flow',
    'exits': 'cae.exit.count',
    'survival': 'cae.survival',
    'people': 'cae.people.figure',
    'full_time': 'cae.full_time',
    'members': 'cae.member.delay',
    }


def reckoner(name):
    "Return what reckons the rows of a list"
    def read(pool, company):
        from trytond.transaction import Transaction
        Model = pool.get(name)
        with Transaction().set_context(_companies=[company.id]):
            assert list(Model._figures(START, DATE))
    return read


def read_list(pool, company):
    from trytond.transaction import Transaction
    Flow = pool.get('cae.flow')
    with Transaction().set_context(
            _companies=[company.id], figure_start=START, figure_end=DATE):
        ids = [r.id for r in Flow.search([], limit=1000)]
        Flow.read(ids, list(
                Flow.fields_view_get(view_type='tree')['fields']))


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
            'SELECT id, gender, birth_date, site, adviser, prior_status '
            f'FROM cae_entrepreneur WHERE company = {company.id}']:
        cursor.execute(query)
        cursor.fetchall()


def read_orm(pool, company):
    Entrepreneur = pool.get('cae.entrepreneur')
    for person in Entrepreneur.search([], limit=SAMPLE):
        for contract in person.contracts:
            (contract.last_day, contract.type, contract.exit_reason,
                person.gender, person.birth_date)


WAYS = {
    **{way: reckoner(name) for way, name in LISTS.items()},
    'list': read_list,
    'raw': read_raw,
    'orm': read_orm,
    }


def add_people(pool, company):
    """Add people with a CAPE renewed twice and a CESA, which some have left,
    written without any check"""
    from trytond.modules.coop_ledger.bulk import insert
    parties = insert(pool.get('party.party'), ['name', 'code'], [
            (f"Person {i}", f'P{i}') for i in range(PEOPLE)])
    people = insert(
        pool.get('cae.entrepreneur'), ['company', 'code', 'party'], [
            (company.id, f'E{i}', party) for i, party in enumerate(parties)])
    adviser, = pool.get('cae.adviser').create([
            {'code': 'ADV', 'name': "Adviser"}])
    reason, = pool.get('cae.exit_reason').create([
            {'code': 'JOB', 'name': "Job"}])
    rows = []
    for i, person in enumerate(people):
        start = dt.date(2019, 1, 1) + dt.timedelta(i % 1200)
        for renewal in range(3):
            end = start.replace(day=min(start.day, 28), year=start.year + 1)
            rows.append(
                (person, 'cape', renewal, start, end - A_DAY, 'signed', None,
                    None))
            start = end
        left = start + dt.timedelta(400) if i % 7 == 0 else None
        rows.append((
                person, 'cesa', 0, start, None, 'signed', left,
                reason.id if left else None))
    insert(
        pool.get('cae.contract'),
        ['entrepreneur', 'type', 'renewal', 'start_date', 'end_date',
            'signature', 'exit_date', 'exit_reason'], rows)


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
