#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Throw broken files and broken calls at the modules, and tell what breaks.

Each case is a file that was mutated, or a call of a client as some role with
mutated arguments.  It must do what it is asked or say why not: an exception
that is not for the user, something half written, an entry that does not
balance, or a record of others that is shown, is a finding.

A case is made from the seed and its number: --case makes one again.
Run by tools/postgresql.py it works on PostgreSQL.
"""
import argparse
import contextlib
import datetime as dt
import os
import random
import sys
import time
import traceback
from collections import Counter
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parent.parent
CELLS = [
    '', ' ', '0', '-1', '1', '3', '99999999999999999999', '0,001', '1e3',
    'NaN', 'Infinity', '1.000,00', '1 000,00', '2024-02-30', '31/12/2024',
    '1899-12-31', '2024-01', '9999-12', '0001-01-01', 'COOP', 'OTHER', 'E1',
    'E3', 'E1,E1', 'E1|E2', 'A1', 'A3', 'CAPE', 'CESA', 'BES', "'", '"', '%s',
    '%(file)s', '\\', '\x00', '\u202f', '\u2028', '\x85', 'é' * 300,
    '\U0001f600', '=1+1', '<b>', '${1/0}', "'; DROP TABLE party_party; --",
    'x' * 5000, '20240230', '20241301', '101300', '707']
SCALARS = [
    None, True, False, 0, 1, -1, 2 ** 31, 2 ** 63, 2 ** 70, 1.5,
    float('inf'), '', 'id', 'x', '\x00', "'", '%', 'é' * 300, Decimal('NaN'),
    Decimal('0.001'), Decimal('1e30'), dt.date(1, 1, 1), dt.date(9999, 12, 31),
    dt.datetime(2024, 1, 1), b'', b'\xff\x00', [], {}, [[]], [None], ['id'],
    {'id': 1}, ['AND'], ['OR', []]]
NAMES = [
    'id', 'rec_name', 'company', 'create_uid', 'number', 'party.name',
    'x', '', '__class__', 'company.party.rec_name', 'entrepreneur.user.login',
    'party.contact_mechanisms.value']
RELATIONS = [
    'create_uid', 'write_uid', 'company', 'party', 'entrepreneur', 'activity',
    'lines', 'move', 'payslips', 'member', 'groups', 'employees', 'user',
    'origin', 'x']
OPERATORS = [
    '=', '!=', 'in', 'not in', 'like', 'ilike', '<', '>=', 'where',
    'child_of', 'x', '']
# Of Tryton, those that our users call and that show something of others
STANDARD = [
    'account.move', 'account.move.line', 'ir.attachment', 'ir.note',
    'party.party', 'res.user']
# Where calls of clients pass in any case
_GUARDS = {
    'confinement.py', 'context_access.py', 'export_text.py', 'question.py',
    'question_access.py', 'record_access.py', 'wizard_session.py'}


class Finding(Exception):
    pass


def setup():
    "Make the database of the modules, in which some people live"
    sys.path[:0] = [str(ROOT), str(ROOT / 'tests')]
    from tools import activation
    activation.install(os.environ.get('DB_CACHE'))
    from trytond.modules.coop_cae.tests.test_confinement import live
    from trytond.modules.coop_cae.tests.tools import set_up_cae
    activation.activate_modules('coop_cae', set_up_cae, live)


class Fuzzer:

    def __init__(self, seed):
        self.seed = seed
        self.outcomes = Counter()
        self.findings = []
        self.files = _files()
        self.begin()

    def begin(self):
        "Enter what all the cases find"
        _lock()
        self.roles = _roles()
        for role in self.roles.values():
            # Its user is there for all the cases
            with role():
                pass

    def run(self, numbers, until=None):
        "Make the cases, and return how many were made in time"
        done = 0
        for number in numbers:
            if until and time.monotonic() > until:
                break
            self.case(number)
            done += 1
        return done

    def case(self, number):
        from trytond import backend
        from trytond.modules.coop_ledger.savepoint import savepoint
        choose = random.Random(f'{self.seed} {number}')
        # A call takes a tenth of the time of a file
        kind = 'file' if choose.random() < 0.3 else 'call'
        told = []
        try:
            # The sizes of an avatar are kept by a transaction of their own,
            # which commits this one too on SQLite in memory
            with patch('trytond.ir.avatar.PIL', None), savepoint() as point:
                point.undo = True
                getattr(self, kind)(choose, told)
        except Finding as finding:
            self.findings.append((number, ' '.join(told), str(finding)))
        except backend.DatabaseOperationalError:
            if backend.name != 'sqlite':
                raise
            # Tryton tells what is not unique in a transaction of its own, and
            # takes this one back with it: it is the same for SQLite
            self.outcomes['taken back as a whole'] += 1
            self.begin()

    # Files

    def file(self, choose, told):
        from trytond.exceptions import UserError
        from trytond.modules.coop_cae.tests.test_table_import import counts
        from trytond.transaction import TransactionError
        name, data = mutated(choose, self.files)
        told.append(f'file {name}')
        before = counts()
        try:
            self.enter(choose, name, data)
        except UserError as error:
            self.outcomes['file refused'] += 1
            if counts() != before:
                raise Finding("something stayed of a file that is refused")
            self.check_problems(name, error)
        except TransactionError:
            # The server begins again with the lock
            self.outcomes['file to begin again'] += 1
        except Exception as error:
            raise Finding(_describe(error))
        else:
            self.outcomes['file entered'] += 1
            self.check_balance()

    def enter(self, choose, name, data):
        from trytond.modules.coop_ledger.files.problem import LIMIT
        from trytond.pool import Pool
        pool = Pool()
        if name.startswith('past_'):
            from trytond.modules.coop_shares.import_past import enter
            company, = pool.get('company.company').search([
                    ('party.code', '=', 'COOP')])
            with _in_company(company):
                files = {name[len('past_'):-len('.csv')]: (name, data)}
                return enter(company, **files)
        Import = pool.get('cae.table.import')
        if name.endswith('.txt'):
            reports = Import.import_files([(name, data)], company='COOP')
        elif choose.random() < 0.2:
            reports = Import.import_files([(name, data)])
        else:
            return Import.import_file(name, data, choose.random() < 0.2)
        for report in reports:
            # After them comes how many others there are
            for problem in report.get('problems', [])[:LIMIT]:
                if name not in problem:
                    raise Finding(f"{problem!r} does not name the file")

    def check_problems(self, name, error):
        problems = getattr(error, 'problems', None)
        if not problems:
            raise Finding(f"no place is told: {error}")
        for problem in problems:
            text = problem.text()
            if name not in text or (
                    problem.line is not None
                    and str(problem.line) not in text):
                raise Finding(f"{text!r} does not tell the place")
            if problem.column and problem.line is None:
                raise Finding(f"{text!r} has a column and no line")

    def check_balance(self):
        from sql.aggregate import Sum

        from trytond.pool import Pool
        from trytond.transaction import Transaction
        line = Pool().get('account.move.line').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*line.select(
                line.move, Sum(line.debit - line.credit),
                group_by=line.move))
        for move, balance in cursor:
            if abs(balance) > Decimal('0.001'):
                raise Finding(f"entry {move} is off by {balance}")

    # Calls

    def call(self, choose, told):
        from trytond.exceptions import TrytonException, UserError
        from trytond.model.exceptions import AccessError
        from trytond.modules.coop_access.tests.tools import call
        from trytond.pool import Pool
        from trytond.transaction import TransactionError
        role = choose.choice(sorted(self.roles))
        kind, name, method = self.method(choose)
        obj = Pool().get(name, type=kind)
        with self.roles[role]() as user:
            arguments = _arguments(choose, obj, kind, method)
            told.append(
                f'{role}: {kind} {name}.{method}'
                f'({", ".join(map(_short, arguments))})')
            try:
                result = call(name, method, *arguments, kind=kind)
            except AccessError:
                self.outcomes['call without right'] += 1
                return
            except (UserError, TrytonException):
                self.outcomes['call refused'] += 1
                return
            except TransactionError:
                # The server begins again with the lock
                self.outcomes['call to begin again'] += 1
                return
            except NotImplementedError:
                self.outcomes['call of nothing'] += 1
                return
            except Exception as error:
                # No database has a number as large, whoever asks for it
                large = type(error).__name__ in {
                    'OverflowError', 'NumericValueOutOfRange'}
                if _is_ours(error) and not large:
                    raise Finding(_describe(error))
                # As of any model of Tryton, on arguments of another type
                self.outcomes[f'{type(error).__name__} of Tryton'] += 1
                return
            self.outcomes['call answered'] += 1
            if method in {'search', 'read', 'search_read'}:
                try:
                    self.check_own(role, user, obj, result)
                except AccessError as error:
                    raise Finding(f"it is shown and not there: {error}")
        self.check_balance()

    def method(self, choose):
        from trytond.pool import Pool
        pool = Pool()
        kind = choose.choices(['model', 'wizard', 'report'], [8, 1, 1])[0]
        names = sorted(
            name for name, cls in pool.iterobject(type=kind)
            if cls.__rpc__ and (
                name.startswith(('cae.', 'coop.')) or name in STANDARD))
        name = choose.choice(names)
        return kind, name, choose.choice(
            sorted(pool.get(name, type=kind).__rpc__))

    def check_own(self, role, user, Model, result):
        "Find the records of others among those that are shown"
        from trytond.transaction import Transaction, without_check_access
        ids = {r['id'] if isinstance(r, dict) else r for r in result or []}
        if not ids or not all(isinstance(i, int) for i in ids):
            return
        allowed = {c.id for c in user.companies}
        with Transaction().set_user(0), without_check_access():
            for record in Model.browse(sorted(ids)):
                company = getattr(record, 'company', None)
                if 'company' in Model._fields and company is not None:
                    if company.id not in allowed:
                        raise Finding(f"{record} is of another company")
                if role == 'E1' and not _is_of(record, 'E1'):
                    raise Finding(f"{record} is of somebody else")


def _is_of(record, code):
    from trytond.modules.coop_cae.tests import test_confinement as confinement
    path = confinement.OF.get(record.__name__)
    if not path:
        return True
    from trytond.modules.coop_cae.tests.tools import Cae
    cae = Cae()
    value = record
    for field in path.split('.'):
        value = value.id if field == 'id' else getattr(value, field)
    if record.__name__ in confinement.ENTREPRENEUR:
        own = {cae.person(code).id}
    elif record.__name__ in confinement.PARTY:
        own = {cae.person(code).party.id}
    else:
        own = {
            cae.activity(a).id for a in confinement.ACTIVITIES[code]}
    return int(value) in own


def _lock():
    "Lock what files and calls lock, before anything is written"
    from trytond.pool import Pool
    for name in [
            'account.journal.period', 'coop.member', 'cae.close',
            'cae.todo.alert']:
        Pool().get(name).lock()


def _files():
    "Return the files that are mutated, by name"
    from trytond.modules.coop_cae.tests.test_table_import import ALL
    files = {name: text.encode() for name, text in ALL.items()}
    # A new company takes seconds, for its chart of accounts
    del files['companies.csv']
    fec = ROOT / 'data' / 'small' / '111524492FEC20241231.txt'
    lines = fec.read_bytes().split(b'\n')
    files[fec.name] = b'\n'.join(lines[:40]) + b'\n'
    files['past_members.csv'] = """\
number;name;category;admission_date;exit_date
M1;Durand Ana;employee;2020-01-02;
M2;Ancien Paul;employee;2019-01-02;2021-06-30
""".encode()
    files['past_movements.csv'] = """\
number;date;type;member;quantity;nominal;amount
1;2020-01-02;subscription;M1;2;20,00;40,00
""".encode()
    return files


def _roles():
    "Return how to work as each role, and as an entrepreneur that there is"
    from functools import partial

    from tools import access_table
    roles = {
        name: partial(access_table.role, name) for name in access_table.ROLES}
    roles['E1'] = _as_entrepreneur
    return roles


@contextlib.contextmanager
def _as_entrepreneur():
    from trytond.modules.coop_cae.tests.tools import Cae
    from trytond.pool import Pool
    from trytond.transaction import Transaction, check_access
    User = Pool().get('res.user')
    user = Cae().person('E1').user
    with Transaction().set_user(user.id), \
            Transaction().set_context(User.get_preferences(True)), \
            check_access():
        yield user


@contextlib.contextmanager
def _in_company(company):
    from trytond.transaction import Transaction
    with Transaction().set_context(
            company=company.id, companies=[company.id]):
        yield


def mutated(choose, files):
    "Return the name and the bytes of a file that something was done to"
    name = choose.choice(sorted(files))
    separator = '\t' if name.endswith('.txt') else ';'
    rows = [
        line.split(separator)
        for line in files[name].decode().rstrip('\n').split('\n')]
    for _ in range(choose.randint(0, 3)):
        choose.choice(_ROWS)(choose, rows)
    if choose.random() < 0.1:
        separator = choose.choice(';,\t|')
    text = choose.choice(['\n', '\n', '\r\n', '\r']).join(
        separator.join(cells) for cells in rows) + '\n'
    encoding = choose.choice(
        ['utf-8'] * 6 + ['utf-8-sig', 'latin-1', 'utf-16', 'cp1252'])
    data = text.encode(encoding, errors='replace')
    for _ in range(choose.choice([0, 0, 0, 1])):
        data = choose.choice(_BYTES)(choose, data)
    return name, data


def _change_cell(choose, rows):
    row = choose.choice(rows)
    if row:
        row[choose.randrange(len(row))] = choose.choice(CELLS)


def _swap_cells(choose, rows):
    one, two = choose.choice(rows), choose.choice(rows)
    if one and two:
        i, j = choose.randrange(len(one)), choose.randrange(len(two))
        one[i], two[j] = two[j], one[i]


def _lose_row(choose, rows):
    if len(rows) > 1:
        del rows[choose.randrange(len(rows))]


def _double_row(choose, rows):
    rows.insert(choose.randrange(len(rows) + 1), list(choose.choice(rows)))


def _lose_column(choose, rows):
    place = choose.randrange(len(rows[0]) or 1)
    for cells in rows:
        del cells[place:place + 1]


def _double_column(choose, rows):
    place = choose.randrange(len(rows[0]) or 1)
    for cells in rows:
        cells[place:place] = cells[place:place + 1]


_ROWS = [
    _change_cell, _change_cell, _change_cell, _swap_cells, _lose_row,
    _double_row, _lose_column, _double_column]
_BYTES = [
    lambda choose, data: data[:choose.randrange(len(data) + 1)],
    lambda choose, data: data[choose.randrange(len(data) + 1):],
    lambda choose, data: _replace(choose, data, choose.randbytes(3)),
    lambda choose, data: data + data,
    lambda choose, data: b'',
    lambda choose, data: b'PK\x03\x04' + data,
    lambda choose, data: b'\xef\xbb\xbf' * 2 + data,
    ]


def _replace(choose, data, part):
    start = choose.randrange(len(data) + 1)
    return data[:start] + part + data[start + choose.randrange(5):]


def _arguments(choose, obj, kind, method):
    "Return arguments that the method could take, then change some"
    from trytond.transaction import Transaction, without_check_access
    if kind == 'wizard':
        arguments = {
            'create': [],
            'delete': [choose.choice([0, 1, -1])],
            'execute': [choose.choice([0, 1]), {}, obj.start_state],
            }[method]
    elif kind == 'report':
        arguments = [[choose.choice([0, 1, 2])], {}]
    else:
        ids = []
        if hasattr(obj, 'search') and 'search' in obj.__rpc__:
            with Transaction().set_user(0), without_check_access():
                found = obj.search([], limit=20, order=[])
            ids = [r.id for r in found]
        some = choose.sample(ids, min(len(ids), 2)) or [1]
        domain = _domain(choose)
        arguments = {
            'read': [some, choose.sample(NAMES, 2)],
            'search': [domain, 0, 10, None],
            'search_count': [domain],
            'search_read': [domain, 0, 10, None, choose.sample(NAMES, 2)],
            'create': [[_values(choose, obj)]],
            'write': [some, _values(choose, obj)],
            'delete': [some], 'copy': [some],
            'export_data': [some, choose.sample(NAMES, 2)],
            'import_data': [['id'], [['1']]],
            'fields_get': [[]], 'default_get': [[]],
            'on_change': [
                _values(choose, obj), list(_values(choose, obj))],
            'on_change_with': [
                _values(choose, obj), list(_values(choose, obj))],
            }.get(method)
        if arguments is None:
            arguments = (
                [some] if obj.__rpc__[method].instantiate is not None
                else choose.choice([[], ['COOP'], ['COOP', '2024-01']]))
    for _ in range(choose.choice([0, 0, 1, 2])):
        if arguments:
            place = choose.randrange(len(arguments))
            arguments[place] = _mutate(choose, arguments[place])
    return arguments


def _mutate(choose, value):
    if choose.random() < 0.5:
        return choose.choice(SCALARS)
    if isinstance(value, list) and value:
        value = list(value)
        place = choose.randrange(len(value))
        value[place] = _mutate(choose, value[place])
        return value
    if isinstance(value, dict) and value:
        return {**value, choose.choice(sorted(value)): choose.choice(SCALARS)}
    return choose.choice(SCALARS)


def _domain(choose, depth=0):
    domain = [
        [choose.choice(NAMES), choose.choice(OPERATORS),
            choose.choice(SCALARS + CELLS)]
        for _ in range(choose.choice([0, 1, 1, 2]))]
    # To other records, and on from there
    if depth < 4 and choose.random() < 0.4:
        domain.append([
                choose.choice(RELATIONS),
                choose.choice(['where', 'where', 'not where']),
                _domain(choose, depth + 1)])
    return domain


def _values(choose, obj):
    names = sorted(obj._fields)
    return {
        name: choose.choice(SCALARS + CELLS)
        for name in choose.sample(names, min(len(names), 3))
        if name not in {'id', 'xml_id'}}


def _is_ours(error):
    codes = [
        frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(
        '/coop_' in code.co_filename
        and 'tests' not in code.co_filename
        and Path(code.co_filename).name not in _GUARDS
        # What hands the call on to the method of Tryton does nothing itself
        and (below is None or below.co_name != code.co_name
            or '/coop_' in below.co_filename)
        for code, below in zip_longest(codes, codes[1:]))


def _describe(error):
    where = [
        f'{Path(f.filename).name}:{f.lineno}'
        for f in traceback.extract_tb(error.__traceback__)][-4:]
    return f"{type(error).__name__}: {_short(str(error))} ({' '.join(where)})"


def _short(value):
    text = repr(value)
    return text if len(text) < 120 else f'{text[:117]}...'


def _run(options):
    "Return the fuzzer and how many cases it made, all taken back"
    from trytond.transaction import Transaction, TransactionError
    extras = {}
    while True:
        with Transaction().start(
                os.environ['DB_NAME'], 1, **extras) as transaction:
            try:
                fuzzer = Fuzzer(options.seed)
            except TransactionError as error:
                # What it locks is locked from the start
                transaction.rollback()
                error.fix(extras)
                continue
            done = fuzzer.run(
                options.case or range(options.cases),
                time.monotonic() + options.minutes * 60)
            transaction.rollback()
            return fuzzer, done


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--cases', type=int, default=10_000)
    parser.add_argument('--seed', default='1')
    parser.add_argument(
        '--minutes', type=float, default=60, help="stop after these")
    parser.add_argument(
        '--case', type=int, action='append', help="make this case again")
    options = parser.parse_args(args)
    # trytond reads its configuration when it is imported
    os.environ.setdefault('TRYTOND_DATABASE_URI', 'sqlite://')
    sqlite = os.environ['TRYTOND_DATABASE_URI'].startswith('sqlite')
    os.environ.setdefault(
        'DB_NAME', ':memory:' if sqlite else f'fuzz_{os.getpid()}')
    os.environ.setdefault('TRYTOND_CACHE__CLEAN_TIMEOUT', str(10 ** 9))
    setup()
    fuzzer, done = _run(options)
    for outcome, count in fuzzer.outcomes.most_common():
        print(f'{count:7} {outcome}')
    for number, told, finding in fuzzer.findings:
        print(f'\n--seed {options.seed} --case {number}: {told}\n   {finding}')
    print(f'\n{done} cases, {len(fuzzer.findings)} findings')
    return bool(fuzzer.findings)


if __name__ == '__main__':
    sys.exit(main())
