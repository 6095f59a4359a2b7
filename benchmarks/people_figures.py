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
- contributions: what each rule gave;
- list: the flow as a client reads it: it asks for the ids, then for the rows,
  two requests with nothing between them; so does its floor;
- orm: the contracts of some people record by record, taken in proportion,
  beside the floor of the flow (the usual way).
"""
import datetime as dt
from decimal import Decimal
from functools import partial

from common import (
    A_DAY, add_lines, add_persons, cape_years, period, run, transaction)

PEOPLE = 10_000
SAMPLE = 100
START, DATE = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
DATABASE = 'bench_people'

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
# Each account in the period and before, for the treasury; all the activities
# have entries on each account
TOTALS = """
SELECT a.code, m.date >= '{start}', SUM(p.debit - p.credit),
    COUNT(DISTINCT p.account)
FROM analytic_account_line p
    JOIN account_move_line l ON l.id = p.move_line
    JOIN account_account a ON a.id = l.account
    JOIN account_move m ON m.id = l.move
WHERE m.company = {company} AND m.state = 'posted' AND m.date <= '{end}'
GROUP BY a.code, m.date >= '{start}'
"""
CAPITAL = """
SELECT SUM(amount) FROM coop_share_movement
WHERE company = {company} AND state = 'posted' AND date <= '{end}'
"""
BOOKED = """
SELECT c.rule, COUNT(DISTINCT c.activity), SUM(p.debit - p.credit)
FROM cae_contribution c
    JOIN cae_close o ON o.id = c.close
    JOIN analytic_account_line p ON p.id = c.analytic_line
    JOIN account_move_line l ON l.id = p.move_line
    JOIN account_move m ON m.id = l.move
WHERE o.company = {company} AND o.state = 'done'
    AND m.date >= '{start}' AND m.date <= '{end}'
GROUP BY c.rule
"""
VAT = """
SELECT p.id, p.account
FROM analytic_account_line p
    JOIN account_move_line l ON l.id = p.move_line
    JOIN account_account a ON a.id = l.account
    JOIN account_move m ON m.id = l.move
WHERE m.company = {company} AND a.code = '44571'
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
    'companies': ('cae.company.figure', [CONTRACTS, TOTALS, CAPITAL]),
    'contributions': ('cae.contribution.figure', [BOOKED]),
    'list': (None, [CONTRACTS, CONTRACTS]),
    'orm': (None, [CONTRACTS]),
    }


def read_figure(model, pool, company):
    from trytond.transaction import Transaction
    with Transaction().set_context(_companies=[company.id]):
        assert list(pool.get(model)._figures(START, DATE))


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
    "Return the rows of the last query"
    from trytond.transaction import Transaction
    cursor = Transaction().connection.cursor()
    for query in queries:
        cursor.execute(
            query.format(company=company.id, start=START, end=DATE))
        rows = cursor.fetchall()
    return rows


def read_floor(way, pool, company):
    read_raw(FIGURES[way][1], company)


WAYS = {
    **{name: partial(read_figure, model)
        for name, (model, _) in FIGURES.items() if model},
    'list': read_list,
    'orm': read_orm,
    }


def add_people(pool, company):
    """Add people with a CAPE renewed twice and a CESA, which some have left,
    and two interviews a year, written without any check"""
    from trytond.modules.coop_ledger.bulk import insert
    parties, people, adviser = add_persons(pool, company, PEOPLE)
    reason, = pool.get('cae.exit_reason').create([
            {'code': 'JOB', 'name': "Job"}])
    rows, interviews, members = [], [], []
    for i, (party, person) in enumerate(zip(parties, people)):
        capes = cape_years(i)
        members.append((company.id, party, f'M{i}', capes[0][1]))
        interviews.extend(
            (person, adviser.id, dt.date(2024, month, 1 + i % 28), DATE)
            for month in [2, 8])
        rows.extend(
            (person, 'cape', renewal, start, end, 'signed', None, None)
            for renewal, start, end in capes)
        start = capes[-1][2] + A_DAY
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


def add_contributions(pool, company):
    """Let each entry of an activity on the account of VAT be what
    one of two rules gave, written without any check: they are only summed"""
    from trytond.modules.coop_ledger.bulk import insert
    Rule = pool.get('cae.contribution.rule')
    first, *_ = Rule.search([('company', '=', company.id)])
    second, = Rule.copy([first], default={
            'start_date': dt.date(2020, 1, 1),
            'end_date': dt.date(2020, 12, 31)})
    closes = insert(
        pool.get('cae.close'), ['company', 'period', 'rank', 'state'], [
            (company.id, period(pool, company, month).id, 1, 'done')
            for month in range(1, 13)])
    activities = {
        a.analytic_account.id: a.id
        for a in pool.get('cae.activity').search([])}
    lines = read_raw([VAT], company)
    insert(
        pool.get('cae.contribution'),
        ['close', 'activity', 'rule', 'base', 'due', 'analytic_line'], [
            (closes[0], activities[account], (first, second)[account % 2].id,
                0, 0, line)
            for line, account in lines])


def fill(database):
    with transaction(database) as (pool, current, company):
        add_people(pool, company)
        current.commit()
    add_lines(database, PEOPLE, moves_per_month=1)
    with transaction(database) as (pool, current, company):
        link_activities(pool, company)
        add_contributions(pool, company)
        check_companies(pool, company)
        current.commit()


def check_companies(pool, company):
    "The floor of the co-operatives has what the product reckons with"
    from trytond.modules.coop_cae.balance import read_totals
    active, period_, total = read_totals(company, START, DATE)
    rows = read_raw([TOTALS], company)
    assert active == max(r[3] for r in rows if r[1]) == PEOPLE
    assert total == {
        code: sum(amount(r[2]) for r in rows if r[0] == code)
        for code in total}
    assert period_ == {r[0]: amount(r[2]) for r in rows if r[1]}


def amount(value):
    return round(Decimal(str(value)), 2)


def show(measure):
    print(f'{PEOPLE} people, {PEOPLE * 4} contracts')
    for way in FIGURES:
        result = measure(way=way)
        if way == 'orm':
            result['seconds'] *= PEOPLE / SAMPLE
        print(
            f"{way:14}{result['seconds']:8.2f}s  raw{result['raw']:6.2f}s  "
            f"{result['seconds'] / result['raw']:6.1f}x  "
            f"{result['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    run(
        __file__, __doc__, DATABASE, WAYS, fill, show,
        compare=lambda way: partial(read_floor, way))
