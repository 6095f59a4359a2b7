# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be done for 10,000 people with 40,000 contracts.

- reckon: all that is to be done, from the contracts of all;
- list: the first thousand as the clients read them, which search, then read
  what they found;
- raw: the same answer in one query written by hand (the floor): each kind of
  thing with its contract, person, adviser and deadline.  Nothing in it knows
  of gaps between contracts nor of the ends of months, as the product does; it
  is checked that it finds as many of each kind;
- orm: the contracts of some people record by record, taken in proportion (the
  usual way).
"""
import datetime as dt
from collections import Counter

from common import A_DAY, add_persons, cape_years, is_sqlite, run, transaction

PEOPLE = 10_000
SAMPLE = 100
DATE = dt.date(2024, 12, 31)
DATABASE = 'bench_todo'


def read_reckon(pool, company):
    from trytond.modules.coop_cae.todo import reckon
    return [row.kind for row in reckon([company.id], DATE)]


def read_list(pool, company):
    from trytond.transaction import Transaction
    Todo = pool.get('cae.todo')
    with Transaction().set_context(
            _companies=[company.id], todo_date=DATE):
        ids = [t.id for t in Todo.search([], limit=1000)]
        Todo.read(ids, list(
                Todo.fields_view_get(view_type='tree')['fields']))


# Only what the people of the benchmark can have to do: dates are texts or days
RAW = """
WITH people AS (
    SELECT e.id, e.adviser, EXISTS (
            SELECT 1 FROM coop_member m
            WHERE m.company = e.company AND m.party = e.party
                AND m.number IS NOT NULL AND m.admission_date <= {day}
                AND (m.exit_date IS NULL OR m.exit_date >= {day})) AS member
    FROM cae_entrepreneur e WHERE e.company = {company}),
contract AS (
    SELECT c.*, p.adviser, p.member
    FROM cae_contract c JOIN people p ON p.id = c.entrepreneur),
running AS (
    SELECT * FROM contract
    WHERE start_date <= {day} AND coalesce(end_date, {day}) >= {day}
        AND coalesce(exit_date, {day}) >= {day}),
cape AS (
    SELECT * FROM running WHERE type = 'cape' AND signature = 'signed'),
cesa AS (
    SELECT c.*, {years} AS years
    FROM running c WHERE type = 'cesa' AND signature = 'signed'),
twelve AS (
    SELECT c.*, {first} AS first, {last} AS last, {before} AS before
    FROM cesa c),
held AS (
    SELECT t.id, t.entrepreneur, t.adviser, t.years, t.first, t.last,
        count(CASE WHEN i.date >= t.first THEN 1 END) AS held,
        count(CASE WHEN i.date < t.first THEN 1 END) AS held_before
    FROM twelve t LEFT JOIN cae_interview i
        ON i.entrepreneur = t.entrepreneur AND i.signed_on IS NOT NULL
            AND i.date >= t.before AND i.date <= t.last
    GROUP BY t.id, t.entrepreneur, t.adviser, t.years, t.first, t.last),
chain AS (
    SELECT t.id, t.entrepreneur, t.adviser, t.start_date,
        min(b.start_date) AS start
    FROM twelve t JOIN cae_contract b
        ON b.entrepreneur = t.entrepreneur AND b.signature = 'signed'
            AND b.start_date <= t.start_date
    WHERE NOT t.member
    GROUP BY t.id, t.entrepreneur, t.adviser, t.start_date)
SELECT 'signature' AS kind, id, entrepreneur, adviser, start_date AS deadline
FROM running WHERE signature <> 'signed' OR signed_on IS NULL
UNION ALL SELECT 'urssaf', id, entrepreneur, adviser, signed_on
FROM cape WHERE urssaf_told_on IS NULL
UNION ALL SELECT 'france_travail', id, entrepreneur, adviser, signed_on
FROM cape WHERE france_travail_told_on IS NULL
UNION ALL SELECT 'early_end', id, entrepreneur, adviser, exit_date
FROM contract
WHERE type = 'cape' AND exit_date < end_date AND exit_told_on IS NULL
    AND exit_date >= {day_366_days} AND exit_date <= {day}
UNION ALL SELECT 'cape_end', id, entrepreneur, adviser, end_date
FROM cape c
WHERE exit_date IS NULL AND end_date <= {day_60_days}
    AND NOT EXISTS (
        SELECT 1 FROM cae_contract o
        WHERE o.entrepreneur = c.entrepreneur AND o.signature = 'signed'
            AND o.start_date > c.start_date)
UNION ALL SELECT 'trial_end', id, entrepreneur, adviser, trial_end_date
FROM cesa WHERE trial_end_date >= {day} AND trial_end_date <= {day_30_days}
UNION ALL SELECT 'membership', id, entrepreneur, adviser, {member_by}
FROM chain WHERE {member_by} <= {day_183_days}
UNION ALL SELECT 'interview', id, entrepreneur, adviser, last
FROM held
WHERE held = 0 AND last <= {day_183_days}
    OR held = 1 AND last <= {day_91_days}
UNION ALL SELECT 'interview_missed', id, entrepreneur, adviser, {missed}
FROM held WHERE years > 0 AND held_before < 2
UNION ALL SELECT 'contract_ended', min(id), entrepreneur, min(adviser),
    max(coalesce(exit_date, end_date))
FROM contract
WHERE signature = 'signed' AND exit_reason IS NULL
    AND entrepreneur NOT IN (SELECT entrepreneur FROM running)
GROUP BY entrepreneur
ORDER BY 5, 2
"""


def raw_query(company):
    "Return the query in the words of the back end"
    days = {
        f'day_{abs(n)}_days': f"'{DATE + dt.timedelta(n)}'"
        for n in [-366, 30, 60, 91, 183]}
    if is_sqlite():
        words = {
            'day': f"'{DATE}'",
            'years': (
                f"{DATE.year} - CAST(strftime('%Y', start_date) AS INTEGER) "
                f"- ('{DATE:%m-%d}' < strftime('%m-%d', start_date))"),
            'first': "date(start_date, years || ' years')",
            'last': "date(start_date, (years + 1) || ' years', '-1 day')",
            'before': "date(start_date, (years - 1) || ' years')",
            'member_by': "max(date(start, '36 months'), start_date)",
            'missed': "date(first, '-1 day')",
            }
    else:
        days = {name: f'{day}::date' for name, day in days.items()}
        words = {
            'day': f"'{DATE}'::date",
            'years': (
                f"extract(year FROM age('{DATE}'::date, start_date))::int"),
            'first': "(start_date + make_interval(years))::date",
            'last': "(start_date + make_interval(years + 1))::date - 1",
            'before': "(start_date + make_interval(years - 1))::date",
            'member_by': (
                "greatest((start + interval '36 months')::date, start_date)"),
            'missed': "first - 1",
            }
    return RAW.format(company=company.id, **days, **words)


def read_raw(pool, company):
    from trytond.transaction import Transaction
    cursor = Transaction().connection.cursor()
    cursor.execute(raw_query(company))
    return cursor.fetchall()


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
    parties, people, adviser = add_persons(pool, company, PEOPLE)
    contracts, interviews, members = [], [], []
    for i, (party, person) in enumerate(zip(parties, people)):
        for renewal, start, end in cape_years(i):
            contracts.append((
                    person, 'cape', renewal, start, end, 'signed', start,
                    start, start))
        start = end + A_DAY
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


def fill(database):
    with transaction(database) as (pool, current, company):
        add_people(pool, company)
        assert Counter(read_reckon(pool, company)) == Counter(
            kind for kind, *_ in read_raw(pool, company))
        current.commit()


def show(measure):
    results = {way: measure(way=way) for way in WAYS}
    seconds = {way: results[way]['seconds'] for way in WAYS}
    seconds['orm'] *= PEOPLE / SAMPLE
    print(f'{PEOPLE} people, {PEOPLE * 4} contracts')
    for way, value in seconds.items():
        print(
            f"{way:10}{value:8.2f}s  {value / seconds['raw']:6.1f}x  "
            f"{results[way]['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    run(__file__, __doc__, DATABASE, WAYS, fill, show)
