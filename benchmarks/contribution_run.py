# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contribution run: reckon and book a month, with a year of lines.

Beside it, in the same run: raw SQL that makes the same sums and the same
inserts and checks nothing (the floor), and one move per activity through the
ORM (the usual way), on some activities and taken in proportion.
"""
import argparse
import datetime as dt
import sys
from decimal import ROUND_HALF_UP, Decimal

from common import (
    add_lines, is_sqlite, measure, period, set_up, transaction, watch,
    workplace)

SAMPLE = 100
CENT = Decimal('0.01')


def run_product(pool, current, company):
    "What the close of a month does"
    Close = pool.get('cae.close')
    Contribution = pool.get('cae.contribution')
    close = _close(pool, company)
    Contribution.book(close, Contribution.plan(company, close.period))
    return Close, close


def _close(pool, company):
    Close = pool.get('cae.close')
    close = Close(
        company=company, period=period(pool, company, 12), rank=1,
        state='done')
    close.save()
    return close


def run_raw(pool, current, company):
    "The same sums and inserts, without the product nor the ORM"
    close = _close(pool, company)
    accounts = _base(pool, company)
    account, structure, journal = _settings(pool, company)
    cursor = current.connection.cursor()
    mark = '?' if is_sqlite() else '%s'

    def insert(table, columns, rows):
        rows = list(rows)
        if is_sqlite():
            cursor.execute(f'SELECT COALESCE(MAX(id), 0) FROM {table}')
            first = cursor.fetchone()[0] + 1
            ids = range(first, first + len(rows))
        else:
            cursor.execute(
                f"SELECT nextval('{table}_id_seq') "
                f"FROM generate_series(1, {len(rows)})")
            ids = [i for i, in cursor.fetchall()]
        cursor.executemany(
            f'INSERT INTO {table} (id, {columns}) VALUES ({mark}, '
            + ', '.join([mark] * len(columns.split(','))) + ')',
            [(i, *row) for i, row in zip(ids, rows)])
        return ids

    cursor.execute(
        'SELECT a.id, p.account, SUM(p.credit - p.debit) '
        'FROM analytic_account_line p '
        'JOIN cae_activity a ON a.analytic_account = p.account '
        'JOIN account_move_line l ON l.id = p.move_line '
        'JOIN account_move m ON m.id = l.move '
        f'WHERE m.company = {company.id} AND m.state = {mark} '
        f'AND m.date >= {mark} AND m.date <= {mark} '
        f"AND l.account IN ({', '.join(map(str, accounts))}) "
        'GROUP BY a.id, p.account',
        ('posted', dt.date(2024, 1, 1), dt.date(2024, 12, 31)))
    due = [
        (activity, analytic, base, (
                Decimal(str(base)) * Decimal('0.1')
                ).quantize(CENT, ROUND_HALF_UP))
        for activity, analytic, base in cursor.fetchall()]
    total = sum(amount for *_, amount in due)
    day, zero = dt.date(2024, 12, 31), Decimal(0)
    move, = insert('account_move',
        'company, period, journal, date, state, number', [
            (company.id, close.period.id, journal, day, 'posted', 'X')])
    debit, credit = insert('account_move_line',
        'move, account, debit, credit, state, analytic_state', [
            (move, account, total, zero, 'valid', 'valid'),
            (move, account, zero, total, 'valid', 'valid')])
    parts = insert('analytic_account_line',
        'move_line, account, debit, credit, date', [
            *((debit, analytic, amount, zero, day)
                for _, analytic, _, amount in due),
            (credit, structure, zero, total, day)])
    insert('cae_contribution',
        'close, activity, base, due, analytic_line', [
            (close.id, activity, Decimal(str(base)), amount, part)
            for (activity, _, base, amount), part in zip(due, parts)])


def run_orm(pool, current, company):
    "One move per activity, created and posted through the ORM"
    Activity = pool.get('cae.activity')
    Move = pool.get('account.move')
    Part = pool.get('analytic_account.line')
    close = _close(pool, company)
    accounts = _base(pool, company)
    account, structure, journal = _settings(pool, company)
    for activity in Activity.search(
            [('company', '=', company.id)], limit=SAMPLE):
        base = sum(
            p.credit - p.debit for p in Part.search([
                    ('account', '=', activity.analytic_account.id),
                    ('date', '>=', dt.date(2024, 1, 1)),
                    ('date', '<=', dt.date(2024, 12, 31)),
                    ('move_line.account', 'in', accounts),
                    ('move_line.move.state', '=', 'posted'),
                    ]))
        amount = (base * Decimal('0.1')).quantize(CENT, ROUND_HALF_UP)
        move, = Move.create([{
                    'company': company.id,
                    'period': close.period.id,
                    'journal': journal,
                    'date': dt.date(2024, 12, 31),
                    'origin': str(close),
                    'lines': [('create', [
                                _line(account, activity.analytic_account.id,
                                    'debit', amount),
                                _line(account, structure, 'credit', amount),
                                ])],
                    }])
        move.post()


def _line(account, analytic, side, amount):
    return {
        'account': account, side: amount,
        'analytic_lines': [('create', [{
                        'account': analytic, side: amount,
                        'date': dt.date(2024, 12, 31),
                        }])],
        }


def _base(pool, company):
    Base = pool.get('cae.contribution.base')
    base, = Base.search([
            ('company', '=', company.id), ('kind', '=', 'gross_margin')])
    return base.ledger_accounts()


def _settings(pool, company):
    configuration = pool.get('cae.configuration')(1)
    return [
        configuration.get_required(name, company).id for name in [
            'contribution_account', 'structure_account',
            'contribution_journal']]


WAYS = {'product': run_product, 'raw': run_raw, 'orm': run_orm}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--activities', type=int, nargs='+', default=[230, 1000, 10000])
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=list(WAYS))
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        with transaction(options.database) as (pool, current, company):
            with watch():
                WAYS[options.way](pool, current, company)
            current.rollback()
        return
    print('activities  product  raw SQL  ratio  ORM move by move  ratio  '
        'memory', flush=True)
    with workplace() as folder:
        for number in options.activities:
            database = f'bench_{number}'
            set_up(folder, database)
            add_lines(database, number)
            results = {
                way: measure(__file__, way, database, options.runs)
                for way in WAYS}
            product = results['product']['seconds']
            raw = results['raw']['seconds']
            orm = results['orm']['seconds'] * number / min(number, SAMPLE)
            print(
                f"{number:10}  {product:6.2f}s  {raw:6.3f}s  "
                f"{product / raw:4.1f}x  {orm:15.1f}s  {orm / product:4.0f}x  "
                f"{results['product']['memory']:4.0f}M", flush=True)


if __name__ == '__main__':
    sys.exit(main())
