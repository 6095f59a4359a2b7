# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of 10,000 people with 40,000 contracts, and of as many
activities with a sale a month.

Each figure is timed beside its floor, in one process: a query written by hand
that reads the same rows and columns, and reckons nothing; where one GROUP BY
gives the figure itself, that GROUP BY.

- flow, exits, survival, people, full_time, members: from the contracts;
- interviews: those of a period by adviser;
- turnover: by sector, site and person, from the ledger;
- companies: the totals of each co-operative, from contracts and the ledger;
- list: the flow as a client reads it: it asks for the ids, then for the rows,
  two requests with nothing between them; so does its floor;
- orm: the contracts of some people record by record, taken in proportion,
  beside the floor of the flow (the usual way).

The contributions by rule are not here: they are one GROUP BY of what the
closes booked.
"""
import argparse
import datetime as dt
import sys

from common import (
    add_lines, measure, rest, set_up, timed, transaction, watch, workplace)

PEOPLE = 10_000
SAMPLE = 100
START, DATE = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
DATABASE = 'bench_people'
A_DAY = dt.timedelta(1)

CONTRACTS = """
SELECT e.id, e.party, e.company, c.start_date, c.end_date, c.exit_date,
    c.exit_reason, c.type
FROM cae_contract c JOIN cae_entrepreneur e ON c.entrepreneur = e.id
WHERE c.signature = 'signed' AND e.company = {company}
"""
PERSONS = """
SELECT id, gender, birth_date, site, adviser, prior_status
FROM cae_entrepreneur WHERE company = {company}
"""
MEMBERS = """
SELECT company, party, admission_date
FROM coop_member WHERE company = {company} AND number IS NOT NULL
"""
EMPLOYED = """
SELECT e.party, c.id, c.start_date, c.end_date, c.exit_date, c.working_time
FROM cae_contract c JOIN cae_entrepreneur e ON c.entrepreneur = e.id
WHERE c.signature = 'signed' AND c.type = 'cesa' AND e.company = {company}
    AND c.start_date <= '{end}'
    AND (c.end_date IS NULL OR c.end_date >= '{start}')
    AND (c.exit_date IS NULL OR c.exit_date >= '{start}')
"""
INTERVIEWS = """
SELECT i.adviser, COUNT(*), COUNT(i.signed_on), COUNT(DISTINCT e.party)
FROM cae_interview i JOIN cae_entrepreneur e ON i.entrepreneur = e.id
WHERE e.company = {company} AND i.date >= '{start}' AND i.date <= '{end}'
GROUP BY i.adviser
"""
LINES = """
SELECT p.account, a.code, SUM(p.debit - p.credit)
FROM analytic_account_line p
    JOIN account_move_line l ON l.id = p.move_line
    JOIN account_account a ON a.id = l.account
    JOIN account_move m ON m.id = l.move
WHERE m.company = {company} AND m.state = 'posted'
    AND m.date >= '{start}' AND m.date <= '{end}'
GROUP BY p.account, a.code
"""
ACTIVITIES = """
SELECT v.analytic_account, v.naf, v.site, p.name, e.code, l.ratio
FROM cae_activity v
    JOIN cae_activity_entrepreneur l ON l.activity = v.id
    JOIN cae_entrepreneur e ON e.id = l.entrepreneur
    JOIN party_party p ON p.id = e.party
WHERE v.company = {company}
"""
# The model, and what its floor reads
FIGURES = {
    'flow': ('cae.flow', [CONTRACTS]),
    'exits': ('cae.exit.count', [CONTRACTS]),
    'survival': ('cae.survival', [CONTRACTS]),
    'people': ('cae.people.figure', [CONTRACTS, PERSONS]),
    'full_time': ('cae.full_time', [EMPLOYED]),
    'members': ('cae.member.delay', [CONTRACTS, MEMBERS]),
    'interviews': ('cae.interview.count', [INTERVIEWS]),
    'turnover': ('cae.turnover.figure', [LINES, ACTIVITIES]),
    'companies': ('cae.company.figure', [CONTRACTS, LINES, ACTIVITIES]),
    'list': (None, [CONTRACTS, CONTRACTS]),
    'orm': (None, [CONTRACTS]),
    }


def read_figure(name, pool, company):
    from trytond.transaction import Transaction
    with Transaction().set_context(_companies=[company.id]):
        assert list(pool.get(name)._figures(START, DATE))


def read_list(pool, company):
    from trytond.transaction import Transaction
    Flow = pool.get('cae.flow')
    with Transaction().set_context(
            _companies=[company.id], figure_start=START, figure_end=DATE):
        ids = [r.id for r in Flow.search([], limit=1000)]
        Flow.read(ids, list(
                Flow.fields_view_get(view_type='tree')['fields']))


def read_orm(pool, company):
    Entrepreneur = pool.get('cae.entrepreneur')
    for person in Entrepreneur.search([], limit=SAMPLE):
        for contract in person.contracts:
            (contract.last_day, contract.type, contract.exit_reason,
                person.gender, person.birth_date)


def read_raw(queries, company):
    from trytond.transaction import Transaction
    cursor = Transaction().connection.cursor()
    for query in queries:
        cursor.execute(
            query.format(company=company.id, start=START, end=DATE))
        cursor.fetchall()


def run(way, pool, company):
    name, _ = FIGURES[way]
    if name:
        read_figure(name, pool, company)
    else:
        {'list': read_list, 'orm': read_orm}[way](pool, company)


def add_people(pool, company):
    """Add people with a CAPE renewed twice and a CESA, which some have left,
    and two interviews a year, written without any check"""
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
    rows, interviews, members = [], [], []
    for i, (party, person) in enumerate(zip(parties, people)):
        start = dt.date(2019, 1, 1) + dt.timedelta(i % 1200)
        members.append((company.id, party, f'M{i}', start))
        interviews.extend(
            (person, adviser.id, dt.date(2024, month, 1 + i % 28), DATE)
            for month in [2, 8])
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
    insert(
        pool.get('cae.interview'),
        ['entrepreneur', 'adviser', 'date', 'signed_on'], interviews)
    insert(
        pool.get('coop.member'),
        ['company', 'party', 'number', 'admission_date'], members)


def link_activities(pool, company):
    "Let each of the people run one of the activities"
    from trytond.modules.coop_ledger.bulk import insert
    activities = pool.get('cae.activity').search([], order=[('id', 'ASC')])
    people = pool.get('cae.entrepreneur').search([], order=[('id', 'ASC')])
    insert(
        pool.get('cae.activity.entrepreneur'),
        ['activity', 'entrepreneur', 'ratio'],
        [(a.id, p.id, 1) for a, p in zip(activities, people)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=list(FIGURES))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        with transaction(options.database) as (pool, current, company):
            _, queries = FIGURES[options.way]
            if options.way != 'orm':
                # A server has read what it needs of the modules
                run(options.way, pool, company)
            read_raw(queries, company)
            raw = timed(read_raw, queries, company)
            with watch(raw=raw):
                run(options.way, pool, company)
            current.rollback()
        return
    with workplace() as folder:
        set_up(folder, DATABASE)
        with transaction(DATABASE) as (pool, current, company):
            add_people(pool, company)
            current.commit()
        add_lines(DATABASE, PEOPLE, moves_per_month=1)
        with transaction(DATABASE) as (pool, current, company):
            link_activities(pool, company)
            current.commit()
        rest(DATABASE)
        show(options.runs)


def show(runs):
    print(f'{PEOPLE} people, {PEOPLE * 4} contracts')
    for way in FIGURES:
        result = measure(__file__, way, DATABASE, runs)
        if way == 'orm':
            result['seconds'] *= PEOPLE / SAMPLE
        print(
            f"{way:10}{result['seconds']:8.2f}s  raw{result['raw']:6.2f}s  "
            f"{result['seconds'] / result['raw']:6.1f}x  "
            f"{result['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    sys.exit(main())
