# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The month of several co-ops done by 1 and 2 workers, and the screens of
their people served by 1 and 2 servers, on PostgreSQL.

- closes: the queue closes three months of each co-op;
- statements: the queue makes the monthly statements of their activities;
- requests: clients read the list of the activities of a co-op with their
  figures, from servers on this machine.

All begins with the same database.
"""
import argparse
import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from common import (
    add_companies, add_company_lines, autocommit, fetch, is_sqlite, rest,
    set_up, transaction, workplace)

BASE = 'bench_workers'
# SIREN with a right key
SIRENS = [
    '111524492', '490926680', '108063603', '174391508', '391417771',
    '731706693']
MONTHS = 3
CLIENTS = 4
LONGEST = 900  # seconds
WORKER = 'from trytond.cli.worker import main; main()'
SERVER = 'from trytond.cli import main; main()'


def make_group(activities):
    "Add companies with their year, in a process of its own"
    add_companies(BASE, [
            f'B{i};Coop {i};SCIC;{siren};2024-01-01;20,00;1;gross_margin;10\n'
            for i, siren in enumerate(SIRENS[1:], 1)])
    with transaction(BASE) as (pool, current, company):
        for company in pool.get('company.company').search([]):
            with current.set_context(company=company.id):
                add_company_lines(pool, company, activities)
        current.commit()
    rest(BASE)


@contextmanager
def copy(name):
    "Give a copy of the database of the group"
    autocommit(f'CREATE DATABASE "{name}" TEMPLATE "{BASE}"')
    try:
        yield name
    finally:
        autocommit(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def processes(code, count, *options):
    "Run processes and stop them"
    with ExitStack() as stack:
        for i in range(count):
            process = subprocess.Popen(
                [sys.executable, '-c', code, *(
                        str(o(i) if callable(o) else o) for o in options)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                # A worker has children: they go together
                start_new_session=True)
            stack.callback(process.wait)
            stack.callback(os.killpg, process.pid, signal.SIGTERM)
        yield


def write_configuration(folder, port=None):
    path = folder / f"{'worker' if port is None else port}.conf"
    path.write_text(
        f"[database]\nuri = {os.environ['TRYTOND_DATABASE_URI']}\n"
        f"path = {folder}\n[queue]\nworker = True\n[cache]\n"
        f"clean_timeout = 0\n[web]\nlisten = 127.0.0.1:{port or 0}\n")
    return path


# Workers

def queue(database, way):
    "Put the work in the queue, in a process of its own"
    import trytond.config as config
    config.update_etc(os.environ['TRYTOND_CONFIG'])
    config.set('queue', 'worker', 'True')
    with transaction(database) as (pool, current, company):
        Company = pool.get('company.company')
        Period = pool.get('account.period')
        for company in Company.search([]):
            periods = Period.search([
                    ('company', '=', company.id),
                    ('type', '=', 'standard'),
                    ], order=[('start_date', 'ASC')])
            with current.set_context(company=company.id):
                if way == 'closes':
                    pool.get('cae.close.task').add(periods[:MONTHS])
                else:
                    Activity = pool.get('cae.activity')
                    Activity.queue_statements(
                        Activity.search([('company', '=', company.id)]),
                        periods[2].end_date, 'odt')
        current.commit()


def is_done(database, way):
    if way == 'closes':
        states = dict(fetch(
                database,
                'SELECT state, COUNT(*) FROM cae_close_task GROUP BY state'))
        if states.get('failed'):
            raise RuntimeError(f"closes failed: {states}")
        return not states.get('waiting')
    (activities, attached), = fetch(
        database,
        'SELECT (SELECT COUNT(*) FROM cae_activity), '
        '(SELECT COUNT(DISTINCT resource) FROM ir_attachment)')
    return activities == attached


def wait_for_workers(database, count):
    "They have loaded the modules when they listen"
    deadline = time.monotonic() + LONGEST
    while fetch(
            database,
            "SELECT COUNT(*) FROM pg_stat_activity "
            "WHERE datname = current_database() "
            "AND query LIKE 'LISTEN%'") != [(count,)]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} workers do not start")
        time.sleep(0.5)


def time_workers(folder, way, count):
    path = write_configuration(folder)
    with copy(f'{BASE}_{way}_{count}') as database:
        with processes(
                WORKER, count, '-c', path, '-d', database, '-n', 1,
                '-t', 1):
            wait_for_workers(database, count)
            subprocess.run(
                [sys.executable, __file__, '--queue', way, '--database',
                    database], check=True)
            start = time.perf_counter()
            while not is_done(database, way):
                if time.perf_counter() - start > LONGEST:
                    raise TimeoutError(f"{way} by {count} workers")
                time.sleep(0.2)
            return time.perf_counter() - start


# Servers

def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Client:
    "A client of a server, over JSON-RPC"

    def __init__(self, port, database):
        self.connection = http.client.HTTPConnection(
            '127.0.0.1', port, timeout=120)
        self.path = f'/{database}/rpc/'
        self.headers = {'Content-Type': 'application/json'}
        user, session, *_ = self.call(
            'common.db.login', 'admin', {'password': 'benchmark'}, 'en')
        self.headers['Authorization'] = 'Session ' + base64.b64encode(
            f'admin:{user}:{session}'.encode()).decode()

    def call(self, method, *params):
        self.connection.request(
            'POST', self.path, json.dumps({
                    'id': 0, 'method': method, 'params': params}),
            self.headers)
        answer = json.loads(self.connection.getresponse().read())
        if answer.get('error'):
            raise RuntimeError(answer['error'])
        return answer['result']


def wait_for(port, database):
    for _ in range(120):
        try:
            return Client(port, database)
        except (OSError, RuntimeError, ValueError):
            time.sleep(0.5)
    raise TimeoutError(f"no server on port {port}")


def time_servers(folder, count, requests):
    "Return the requests by second"
    with copy(f'{BASE}_servers_{count}') as database:
        ports = [free_port() for _ in range(count)]
        paths = [write_configuration(folder, port) for port in ports]
        with processes(
                SERVER, count, '-c', lambda i: paths[i], '-d', database):
            clients = [
                wait_for(ports[i % count], database) for i in range(CLIENTS)]
            with transaction(database) as (pool, current, company):
                names = list(_names(pool))
                ids = [
                    a.id for a in pool.get('cae.activity').search(
                        [('company', '=', company.id)])]
                context = {
                    'company': company.id, 'companies': [company.id],
                    'figures_date': {
                        '__class__': 'date', 'year': 2024, 'month': 12,
                        'day': 31}}

            def work(client):
                for _ in range(requests):
                    client.call('model.cae.activity.read', ids, names, context)
            for client in clients:
                client.call('model.cae.activity.read', ids, names, context)
            start = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as executor:
                list(executor.map(work, clients))
            return CLIENTS * requests / (time.perf_counter() - start)


def _names(pool):
    Activity = pool.get('cae.activity')
    view, = pool.get('ir.ui.view').search([
            ('model', '=', 'cae.activity'), ('name', '=', 'figures_list')])
    return Activity.fields_view_get(view_id=view.id)['fields']


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--activities', type=int, default=200)
    parser.add_argument('--requests', type=int, default=15)
    parser.add_argument('--make', action='store_true')
    parser.add_argument('--queue', choices=['closes', 'statements'])
    parser.add_argument('--database')
    options = parser.parse_args()
    if options.make:
        return make_group(options.activities)
    if options.queue:
        return queue(options.database, options.queue)
    with workplace() as folder:
        if is_sqlite():
            print("SQLite lets one process write at a time: not measured")
            return
        set_up(folder, BASE)
        # A database that nobody is connected to can be copied
        subprocess.run(
            [sys.executable, __file__, '--make', '--activities',
                str(options.activities)], check=True)
        print('              one      two  ratio', flush=True)
        for way in ['closes', 'statements']:
            one, two = (time_workers(folder, way, n) for n in [1, 2])
            print(
                f'{way:10}  {one:5.1f}s  {two:6.1f}s  {one / two:4.1f}x',
                flush=True)
        one, two = (
            time_servers(folder, n, options.requests) for n in [1, 2])
        print(
            f"{'requests':10}  {one:4.1f}/s  {two:5.1f}/s  "
            f'{two / one:4.1f}x', flush=True)


if __name__ == '__main__':
    sys.exit(main())
