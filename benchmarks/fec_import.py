# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The import of a real FEC: 12,605 lines, 4,716 entries.

Beside it, in the same run: its entries created and posted through the ORM,
move by move, on some of them and taken in proportion.
The import does more: it reads the file, makes the accounts, the parties and
the journals, and reconciles; the usual way finds them made.
"""
import argparse
import pathlib
import sys

from common import measure, set_up, transaction, watch, workplace

FEC = (
    pathlib.Path(__file__).parents[1] / 'data' / 'fec'
    / 'quadra_123456789FEC20190731.txt')
SAMPLE = 300


def run_product(pool, company):
    FecImport = pool.get('coop.fec.import')
    return FecImport.import_file(
        company, FEC.read_bytes(), FEC.name, force=True)


def run_orm(pool, company):
    "Create and post some of the entries, made as they are in the ledger"
    Move = pool.get('account.move')
    samples = Move.search([
            ('company', '=', company.id),
            ('state', '=', 'posted'),
            ], order=[('id', 'ASC')])
    samples = samples[::max(len(samples) // SAMPLE, 1)][:SAMPLE]
    copies = [{
            'company': company.id,
            'period': move.period.id,
            'journal': move.journal.id,
            'date': move.date,
            'description': move.description,
            'lines': [('create', [{
                            'account': line.account.id,
                            'party': line.party.id if line.party else None,
                            'debit': line.debit,
                            'credit': line.credit,
                            'description': line.description,
                            'analytic_lines': [('create', [{
                                            'account': part.account.id,
                                            'debit': part.debit,
                                            'credit': part.credit,
                                            'date': part.date,
                                            } for part in line.analytic_lines
                                        ])],
                            } for line in move.lines])],
            } for move in samples]
    with watch(part=len(copies) / Move.search(
                [('company', '=', company.id)], count=True)):
        for values in copies:
            move, = Move.create([values])
            move.post()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--way', choices=['product', 'orm'])
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.way:
        with transaction(options.database) as (pool, current, company):
            if options.way == 'product':
                with watch():
                    run_product(pool, company)
            else:
                run_orm(pool, company)
            current.rollback()
        return
    with workplace() as folder:
        set_up(folder, 'bench_fec')
        product = measure(__file__, 'product', 'bench_fec', options.runs)
        with transaction('bench_fec') as (pool, current, company):
            run_product(pool, company)
            current.commit()
        orm = measure(__file__, 'orm', 'bench_fec', options.runs)
        whole = orm['seconds'] / orm['part']
        print(
            f"import {product['seconds']:.1f}s, {product['memory']:.0f}M; "
            f"ORM move by move {whole:.1f}s: "
            f"{whole / product['seconds']:.1f}x")


if __name__ == '__main__':
    sys.exit(main())
