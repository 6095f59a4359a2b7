# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The statements of all activities, read from the ledger with a year of lines.

- statements: the income statement, the treasury and the balance sheet of
  each activity, beside those of the year before;
- list: the list of the activities with their figures and alerts, as the
  clients read it;
- home: the form of one activity, with its months and its open items, as the
  clients read it;
- raw: one GROUP BY of the balances of the same lines, by analytic account and
  account (the floor);
- orm: the balances of some activities record by record, taken in proportion
  (the usual way).
"""
import argparse
import datetime as dt
import sys
from collections import defaultdict

from common import (
    add_lines, is_sqlite, measure, set_up, transaction, watch, workplace)

SAMPLE = 10
DATE = dt.date(2024, 12, 31)
LINES = {300: 100_000, 1000: 3_000_000}
LINES_OF_SALE = 3
MONTHS = 12


def read_statements(pool, current, company):
    Activity = pool.get('cae.activity')
    Statement = pool.get('cae.activity.statement')
    Statement.read_values(company, [
            a['analytic_account'] for a in Activity.search_read(
                [], fields_names=['analytic_account'])])


def read_list(pool, current, company):
    _read_view(pool, 'cae.activity', 'figures_list')


def read_home(pool, current, company):
    Activity = pool.get('cae.activity')
    home, = _read_view(pool, 'cae.activity', 'activity_form', limit=1)
    for name in ['months', 'to_collect', 'to_pay']:
        Target = getattr(Activity, name).get_target()
        names = Target.fields_view_get(view_type='tree')['fields']
        Target.read(home[name], list(names))


def _read_view(pool, name, view_name, limit=None):
    "Read what a view shows, as a client"
    Model = pool.get(name)
    view, = pool.get('ir.ui.view').search([
            ('model', '=', name), ('name', '=', view_name)])
    names = Model.fields_view_get(view_id=view.id)['fields']
    return Model.read(
        [r.id for r in Model.search([], limit=limit)], list(names))


def read_raw(pool, current, company):
    mark = '?' if is_sqlite() else '%s'
    cursor = current.connection.cursor()
    cursor.execute(
        'SELECT p.account, l.account, SUM(p.debit - p.credit) '
        'FROM analytic_account_line p '
        'JOIN account_move_line l ON l.id = p.move_line '
        'JOIN account_move m ON m.id = l.move '
        f'WHERE m.company = {company.id} AND m.state = {mark} '
        f'AND m.date <= {mark} GROUP BY p.account, l.account',
        ('posted', DATE))
    cursor.fetchall()


def read_orm(pool, current, company):
    Activity = pool.get('cae.activity')
    Part = pool.get('analytic_account.line')
    for activity in Activity.search([], limit=SAMPLE):
        balances = defaultdict(int)
        for part in Part.search([
                    ('account', '=', activity.analytic_account.id),
                    ('date', '<=', DATE),
                    ('move_line.move.state', '=', 'posted'),
                    ]):
            balances[part.move_line.account.code] += part.debit - part.credit


WAYS = {
    'statements': read_statements,
    'list': read_list,
    'home': read_home,
    'raw': read_raw,
    'orm': read_orm,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--activities', type=int, nargs='+', choices=list(LINES),
        default=list(LINES))
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=list(WAYS))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        with transaction(options.database) as (pool, current, company):
            with current.set_context(figures_date=DATE):
                if options.way != 'orm':
                    # A server has read what it needs of the modules
                    WAYS[options.way](pool, current, company)
                with watch():
                    WAYS[options.way](pool, current, company)
            current.rollback()
        return
    print('activities    lines  raw SQL  statements  ratio  list  ratio  '
        'home  ORM record by record  ratio  memory', flush=True)
    with workplace() as folder:
        for number in options.activities:
            show(folder, number, options.runs)


def show(folder, number, runs):
    database = f'bench_{number}'
    set_up(folder, database)
    sales = -(-LINES[number] // (number * MONTHS * LINES_OF_SALE))
    add_lines(database, number, sales)
    results = {
        way: measure(__file__, way, database, runs) for way in WAYS}
    seconds = {way: results[way]['seconds'] for way in WAYS}
    raw, statements = seconds['raw'], seconds['statements']
    orm = seconds['orm'] * number / SAMPLE
    lines = number * MONTHS * LINES_OF_SALE * sales
    print(
        f"{number:10}  {lines:7}  {raw:6.2f}s  {statements:9.2f}s  "
        f"{statements / raw:4.1f}x  {seconds['list']:.2f}s  "
        f"{seconds['list'] / raw:4.1f}x  {seconds['home']:.2f}s  "
        f"{orm:19.1f}s  {orm / statements:4.0f}x  "
        f"{results['statements']['memory']:5.0f}M", flush=True)


if __name__ == '__main__':
    sys.exit(main())
