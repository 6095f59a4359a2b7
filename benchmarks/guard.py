#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Time what the guard of questions adds to a call, for the users of a role.

Each relation that the user may ask by is asked by, guarded and not, by turns;
the demonstration on SQLite (make serve adds its users) is only read:

    benchmarks/guard.py var/demo
"""
import argparse
import os
import statistics
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.demo import DATABASE  # noqa: E402

USERS = ['comptable', 'accompagnateur', '@']
RELATIONS = {'many2one', 'one2many', 'many2many'}


def start(folder):
    configuration = folder / 'trytond.conf'
    os.environ['TRYTOND_CONFIG'] = str(configuration)
    import trytond.config as config
    config.update_etc(str(configuration))
    from trytond.pool import Pool
    Pool.start()
    Pool(DATABASE).init()


@contextmanager
def as_user(login):
    from trytond.pool import Pool
    from trytond.transaction import Transaction, check_access
    with Transaction().start(DATABASE, 0, readonly=True) as transaction:
        User = Pool().get('res.user')
        user = User.search(
            [('login', 'like', f'%{login}%')], order=[('id', 'ASC')], limit=1)
        with transaction.set_user(user[0].id), \
                transaction.set_context(User.get_preferences(True)), \
                check_access():
            yield


def questions():
    "Yield the models with a domain by each relation, and one by none"
    from trytond.model import ModelSQL
    from trytond.pool import Pool
    for name, Model in sorted(Pool().iterobject()):
        if (not issubclass(Model, ModelSQL) or 'search' not in Model.__rpc__
                or callable(getattr(Model, 'table_query', None))):
            continue
        yield Model, []
        for field in Model._fields.values():
            if field._type in RELATIONS and field.searchable(Model):
                yield Model, [(f'{field.name}.id', '>', 0)]


def ask(Model, domain):
    start = time.perf_counter()
    Model.search(domain, limit=1, order=[])
    return time.perf_counter() - start


def measure(rounds):
    "Return the milliseconds that the guard adds to each question"
    from trytond.modules.coop_access import question_access
    added = []
    for Model, domain in questions():
        guarded, plain = [], []
        try:
            for _ in range(rounds + 1):
                guarded.append(ask(Model, domain))
                with patch.object(
                        question_access, 'guarded', lambda Model, d: d):
                    plain.append(ask(Model, domain))
        except Exception:
            # Refused, or no question of Tryton at all, as about a column that
            # a view of the database has not
            continue
        added.append(1000 * (
                statistics.median(guarded[1:]) - statistics.median(plain[1:])))
    return added


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path, help="that of a demonstration")
    parser.add_argument('--rounds', type=int, default=10)
    options = parser.parse_args()
    start(options.folder)
    for login in USERS:
        with as_user(login):
            added = sorted(measure(options.rounds))
        print(
            f"{login}: {len(added)} questions, "
            f"{statistics.median(added):.2f} ms added, "
            f"{added[-len(added) // 20 - 1]:.2f} ms to the slowest of twenty, "
            f"{added[-1]:.2f} ms to the slowest", flush=True)


if __name__ == '__main__':
    main()
