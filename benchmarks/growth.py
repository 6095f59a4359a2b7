# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A group of co-ops after years of entries, on PostgreSQL: the room that it
takes on disk, what a close, a statement, the screens and the file of entries
(FEC) of one co-op take in it, and the queries that read a large table whole.
"""
import argparse
import datetime as dt
import subprocess
import sys
import time

from common import (
    add_companies, autocommit, fetch, is_sqlite, measure, rest, set_up,
    transaction, watch, workplace)

DATABASE = 'bench_growth'
LAST_YEAR = 2024
LARGE = ['account_move', 'account_move_line', 'analytic_account_line']
SALES = 5  # a month for each activity, of 3 lines


def siren(i):
    "Return a number with a right key"
    for key in range(10):
        text = f'{40000000 + i * 7:08}{key}'
        digits = [
            int(c) * (1 + n % 2) for n, c in enumerate(reversed(text))]
        if not sum(d // 10 + d % 10 for d in digits) % 10:
            return text


def make(companies, people, years):
    "Fill the database, in a process of its own"
    started = time.perf_counter()
    add_companies(DATABASE, [
            f'G{i};Coop {i};SCIC;{siren(i)};{LAST_YEAR}-01-01;20,00;1;'
            'gross_margin;10\n' for i in range(1, companies)])
    with transaction(DATABASE) as (pool, current, company):
        adviser, = pool.get('cae.adviser').create([
                {'code': 'ADV', 'name': "Adviser"}])
        for number, company in enumerate(
                pool.get('company.company').search([])):
            with current.set_context(company=company.id):
                for year in range(LAST_YEAR - years + 1, LAST_YEAR):
                    company.create_fiscalyear(dt.date(year, 1, 1))
                add_people(pool, company, adviser, number, people)
        current.commit()
    indexes = _drop_indexes()
    with transaction(DATABASE) as (pool, current, company):
        cursor = current.connection.cursor()
        # Nobody changes the rows that they refer to
        cursor.execute('SET session_replication_role = replica')
        for company in pool.get('company.company').search([]):
            with current.set_context(company=company.id):
                add_entries(pool, cursor, company, people)
        current.commit()
    for index in indexes:
        autocommit(index, DATABASE)
    rest(DATABASE)
    print(f'filled in {time.perf_counter() - started:.0f}s', flush=True)


def _drop_indexes():
    "Drop the indexes that slow the filling, and return what makes them"
    tables = ', '.join(f"'{t}'" for t in LARGE)
    rows = fetch(
        DATABASE, 'SELECT indexname, indexdef FROM pg_indexes '
        f'WHERE tablename IN ({tables}) AND indexname NOT IN '
        '(SELECT conname FROM pg_constraint)')
    for name, _ in rows:
        autocommit(f'DROP INDEX "{name}"', DATABASE)
    return [definition for _, definition in rows]


def add_people(pool, company, adviser, number, people):
    "Add people with their contracts, an activity each, and their interviews"
    from trytond.modules.coop_ledger.bulk import insert
    configuration = pool.get('cae.configuration')(1)
    root = configuration.get_required('analytic_root', company).id
    parties = insert(pool.get('party.party'), ['name', 'code'], [
            (f"Person {i}", f'P{number}-{i}') for i in range(people)])
    persons = insert(
        pool.get('cae.entrepreneur'), ['company', 'code', 'party', 'adviser'],
        [(company.id, f'E{number}-{i}', party, adviser.id)
            for i, party in enumerate(parties)])
    analytic = insert(
        pool.get('analytic_account.account'),
        ['company', 'type', 'state', 'name', 'code', 'root', 'parent',
            'active'], [
            (company.id, 'normal', 'opened', f'A{i}', f'A{i:05}', root, root,
                True) for i in range(people)])
    activities = insert(
        pool.get('cae.activity'),
        ['company', 'code', 'name', 'start_date', 'analytic_account'],
        [(company.id, f'A{i:05}', f'A{i}', dt.date(2015, 1, 1), account)
            for i, account in enumerate(analytic)])
    insert(
        pool.get('cae.activity.entrepreneur'), ['activity', 'entrepreneur'],
        list(zip(activities, persons)))
    contracts, interviews = [], []
    for i, person in enumerate(persons):
        start = dt.date(2015, 1, 1) + dt.timedelta(i * 13 % 3000)
        end = start + dt.timedelta(364)
        contracts += [
            (person, 'cape', start, end, 'signed', start),
            (person, 'cesa', end + dt.timedelta(1), None, 'signed', start)]
        interviews += [
            (person, adviser.id, day, day) for day in (
                start + dt.timedelta(n * 182) for n in range(20))
            if day.year <= LAST_YEAR]
    insert(
        pool.get('cae.contract'),
        ['entrepreneur', 'type', 'start_date', 'end_date', 'signature',
            'signed_on'], contracts)
    insert(
        pool.get('cae.interview'),
        ['entrepreneur', 'adviser', 'date', 'signed_on'], interviews)
    insert(
        pool.get('coop.member'),
        ['company', 'party', 'number', 'admission_date'],
        [(company.id, party, f'M{i}', dt.date(2016, 1, 1))
            for i, party in enumerate(parties)])


ENTRIES = [
    # All months are closed but the last one
    """INSERT INTO cae_close (company, period, rank, state)
    SELECT {company}, p.id, 1, 'done' FROM account_period p
    JOIN account_fiscalyear f ON f.id = p.fiscalyear
    WHERE f.company = {company} AND p.type = 'standard'
    AND p.end_date < '{last}'""",
    """CREATE TEMPORARY TABLE activity ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS number,
        analytic_account AS account
    FROM cae_activity WHERE company = {company}""",
    """INSERT INTO account_move (
        company, period, journal, date, post_date, state, number, description,
        create_date, create_uid)
    SELECT {company}, p.id, {journal}, p.start_date + s * 5,
        p.start_date + s * 5, 'posted', (((extract(month FROM p.start_date)
            - 1) * {people} + a.number) * {sales} + s)::integer::text,
        'Vente ' || a.number, now(), 0
    FROM account_fiscalyear f, account_period p, activity a,
        generate_series(1, {sales}) s
    WHERE f.company = {company} AND p.fiscalyear = f.id
        AND p.type = 'standard'
    ORDER BY p.start_date, a.number, s""",
    # Customers have paid, but what is of the last months
    """INSERT INTO account_move_reconciliation (
        number, company, date, create_date, create_uid)
    SELECT id::text, {company}, date + 30, now(), 0
    FROM account_move
    WHERE company = {company} AND date < date '{last}' - 90""",
    """INSERT INTO account_move_line (
        move, account, debit, credit, party, state, analytic_state,
        reconciliation, description, maturity_date)
    SELECT m.id, l.account,
        CASE l.side WHEN 1 THEN n.net + n.tax ELSE 0 END,
        CASE l.side WHEN 1 THEN 0 WHEN 2 THEN n.net ELSE n.tax END,
        CASE l.side WHEN 1 THEN {party} END, 'valid', 'valid',
        CASE l.side WHEN 1 THEN r.id END, 'Prestation',
        CASE l.side WHEN 1 THEN m.date + 30 END
    FROM account_move m
    LEFT JOIN account_move_reconciliation r
        ON r.company = {company} AND r.number = m.id::text
    CROSS JOIN LATERAL (
        SELECT (10000 + m.id::bigint * 7919 % 90000) / 100.0 AS net,
            round((10000 + m.id::bigint * 7919 % 90000) / 500.0, 2) AS tax) n
    CROSS JOIN (
        VALUES (1, {receivable}), (2, {income}), (3, {tax})
        ) AS l(side, account)
    WHERE m.company = {company}
    ORDER BY m.id, l.side""",
    """INSERT INTO analytic_account_line (
        account, date, debit, credit, move_line)
    SELECT a.account, m.date, l.debit, l.credit, l.id
    FROM account_move m
    JOIN activity a ON 'Vente ' || a.number = m.description
    JOIN account_move_line l ON l.move = m.id
    WHERE m.company = {company}
    ORDER BY l.id""",
    "DROP TABLE activity",
    ]


def add_entries(pool, cursor, company, people):
    "Add the sales of all months, written without any check"
    Account = pool.get('account.account')
    configuration = pool.get('cae.configuration')(1)
    names = {'receivable': '4111', 'income': '706', 'tax': '44571'}
    values = {
        name: Account.search([
                ('company', '=', company.id), ('code', '=', code)])[0].id
        for name, code in names.items()}
    party = pool.get('party.party').search([], limit=1)[0].id
    journal = configuration.get_required('pay_journal', company).id
    for statement in ENTRIES:
        cursor.execute(statement.format(
                company=company.id, journal=journal, party=party,
                people=people, sales=SALES,
                last=dt.date(LAST_YEAR, 12, 1), **values))


# What people do in it

def view_names(pool, name, view_name=None):
    "Return the names that a view shows, as clients read them"
    Model = pool.get(name)
    view = {'view_type': 'tree'}
    if view_name:
        view = {'view_id': pool.get('ir.ui.view').search([
                    ('model', '=', name), ('name', '=', view_name),
                    ])[0].id}
    return list(Model.fields_view_get(**view)['fields'])


def read_page(pool, name, domain=(), view_name=None):
    Model = pool.get(name)
    Model.read(
        [r.id for r in Model.search(list(domain), limit=1000)],
        view_names(pool, name, view_name))


def close_month(pool, company):
    Period = pool.get('account.period')
    period, = Period.search([
            ('company', '=', company.id),
            ('start_date', '=', dt.date(LAST_YEAR, 12, 1)),
            ('type', '=', 'standard')])
    result = pool.get('cae.close').run(company, period)
    assert result.close and len(result.close.contributions)


def make_statement(pool, company, number=1):
    Activity = pool.get('cae.activity')
    Activity.make_statements(
        Activity.search([('company', '=', company.id)], limit=number),
        dt.date(LAST_YEAR, 12, 31))


def make_statements(pool, company):
    make_statement(pool, company, 20)


def list_activities(pool, company):
    read_page(
        pool, 'cae.activity', [('company', '=', company.id)], 'figures_list')


def open_activity(pool, company):
    Activity = pool.get('cae.activity')
    activity, = Activity.search([('company', '=', company.id)], limit=1)
    home, = Activity.read(
        [activity.id], view_names(pool, 'cae.activity', 'activity_form'))
    for name in ['months', 'to_collect', 'to_pay']:
        Target = getattr(Activity, name).get_target()
        Target.read(home[name], view_names(pool, Target.__name__))


def list_todo(pool, company):
    read_page(pool, 'cae.todo')


def list_flow(pool, company):
    read_page(pool, 'cae.flow')


def list_turnover(pool, company):
    read_page(pool, 'cae.turnover.figure')


def list_moves(pool, company):
    read_page(pool, 'account.move', [('company', '=', company.id)])


def export_fec(pool, company):
    Fec = pool.get('account.fr.fec', type='wizard')
    fec = Fec(Fec.create()[0])
    fec.start.fiscalyear, = pool.get('account.fiscalyear').search([
            ('company', '=', company.id),
            ('start_date', '=', dt.date(LAST_YEAR, 1, 1))])
    fec.start.deferral_period = None
    fec.transition_generate()
    assert len(fec.result.file) > 1000


def check_books(pool, company):
    from trytond.modules.coop_cae.check import discrepancies
    discrepancies(company, dt.date(LAST_YEAR, 12, 31))


WAYS = {
    'close': close_month,
    'statement': make_statement,
    '20 statements': make_statements,
    'activities': list_activities,
    'activity': open_activity,
    'to do': list_todo,
    'flow': list_flow,
    'turnover': list_turnover,
    'moves': list_moves,
    'fec': export_fec,
    'check': check_books,
    }
# A server has read what it needs of the modules; these are long enough
COLD = {'fec', '20 statements', 'check'}


def run_way(way):
    with transaction(DATABASE) as (pool, current, company):
        date = dt.date(LAST_YEAR, 12, 31)
        with current.set_context(
                companies=[company.id], _companies=[company.id],
                figures_date=date, todo_date=date,
                figure_start=dt.date(LAST_YEAR, 1, 1), figure_end=date):
            if way not in COLD:
                WAYS[way](pool, company)
                current.rollback()
            with watch():
                WAYS[way](pool, company)
        current.rollback()


def scans():
    "Return how often the large tables were read whole, up to now"
    tables = ', '.join(f"'{t}'" for t in LARGE)
    return dict(fetch(
            DATABASE, 'SELECT relname, seq_scan FROM pg_stat_user_tables '
            f'WHERE relname IN ({tables})'))


def show_sizes():
    rows = fetch(
        DATABASE, 'SELECT relname, n_live_tup, pg_table_size(relid), '
        'pg_indexes_size(relid) FROM pg_stat_user_tables '
        'ORDER BY pg_total_relation_size(relid) DESC LIMIT 6')
    (size,), = fetch(
        DATABASE, 'SELECT pg_database_size(current_database())')
    print(f'database {size / 2 ** 30:.2f} GB')
    for name, count, table, indexes in rows:
        print(
            f'{name:28} {count:10} rows  {table / 2 ** 20:7.0f} MB  '
            f'indexes {indexes / 2 ** 20:7.0f} MB', flush=True)


def show_ways(runs):
    print('way                seconds  memory  tables read whole')
    for way in WAYS:
        before = scans()
        result = measure(__file__, way, DATABASE, runs)
        # The counts come a moment after
        time.sleep(2)
        after = scans()
        whole = [t for t in LARGE if after[t] != before[t]]
        print(
            f"{way:15} {result['seconds']:9.2f}s  {result['memory']:5.0f}M  "
            f"{', '.join(whole)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--companies', type=int, default=2)
    parser.add_argument('--people', type=int, default=240)
    parser.add_argument('--years', type=int, default=2)
    parser.add_argument('--runs', type=int, default=1)
    parser.add_argument('--make', action='store_true')
    parser.add_argument('--way', choices=list(WAYS))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.make:
        return make(options.companies, options.people, options.years)
    if options.way:
        return run_way(options.way)
    with workplace() as folder:
        if is_sqlite():
            print("For PostgreSQL only: not measured")
            return
        set_up(folder, DATABASE)
        print(
            f'{options.companies} co-ops of {options.people} people, '
            f'{options.years} years', flush=True)
        subprocess.run([
                sys.executable, __file__, '--make',
                '--companies', str(options.companies),
                '--people', str(options.people),
                '--years', str(options.years)], check=True)
        show_sizes()
        show_ways(options.runs)


if __name__ == '__main__':
    sys.exit(main())
