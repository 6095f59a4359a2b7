# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""No question is answered about what its user may not read.

Each role asks by all the relations of all the models that it reads, breadth
first, an entrepreneur to a depth of three, the others to COOP_CAE_DEPTH: about
the models and the fields that are closed to it, in every spelling that clients
have, and about the records that are hidden from it.  The first answer is a
failure.
"""
import datetime as dt
import os
import unittest
from collections import Counter, namedtuple
from contextlib import contextmanager
from functools import partial

import pytest

from tools import access_table
from trytond import backend
from trytond.model import ModelStorage
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.question import is_readable
from trytond.modules.coop_access.secret import is_secret
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

DEPTH = 3
TO_ONE = {'many2one', 'one2one'}
RELATIONS = TO_ONE | {'one2many', 'many2many', 'reference'}
FIGURES = {'figures_date': dt.date(2024, 12, 31)}

# A relation of a model, to the model that it leads to
Hop = namedtuple('Hop', 'model field type target')


def hops(Model):
    "Return the relations of a model, a reference once for each of its models"
    pool = Pool()
    for name, field in sorted(Model._fields.items()):
        if field._type not in RELATIONS:
            continue
        if field._type == 'reference':
            for target in references(Model, field):
                yield Hop(Model.__name__, name, 'reference', target)
        else:
            yield Hop(
                Model.__name__, name, field._type,
                pool.get(field.get_target().__name__).__name__)


def references(Model, field):
    if isinstance(field.selection, (list, tuple)):
        found = field.selection
    else:
        method = getattr(Model, field.selection)
        try:
            found = method()
        except TypeError:
            # Of an instance
            return
    for target, _ in found:
        if target and issubclass(Pool().get(target), ModelStorage):
            yield target


def spellings(path, tail):
    """Yield each way to ask about the field at the end of a path, as a name of
    the way and a domain"""
    dotted = '.'.join(h.field for h in path)
    models = [h.target for h in path if h.type == 'reference']
    leaf = (f'{dotted}.{tail}', '!=', None, *models)
    yield 'dotted', [leaf]
    yield 'not', [(f'{dotted}.{tail}', 'not ilike', 'x%', *models)]
    yield 'list', [list(leaf)]
    yield 'leaf', leaf
    yield 'nested', ['OR', [('id', '=', None)], ['AND', [[leaf]]]]
    last = path[-1]
    if last.type != 'reference' and tail == 'id':
        yield 'name', [(dotted, 'ilike', '%', *models)]
        yield 'tree', [(dotted, 'child_of', [1], *models, 'create_uid')]
        yield 'parents', [(dotted, 'parent_of', ['x'], *models, 'create_uid')]
        if last.type not in TO_ONE:
            yield 'empty', [(dotted, '!=', None, *models)]
            yield 'ids', [(dotted, 'in', [1, 2], *models)]
    if not models:
        for operator in ['where', 'not where']:
            domain = [(tail, '!=', None)]
            for hop in reversed(path):
                domain = [(hop.field, operator, domain)]
            yield operator, domain
        if len(path) > 1:
            first, *rest = path
            rest = '.'.join(h.field for h in rest)
            yield 'mixed', [(
                    first.field, 'where', [(f'{rest}.{tail}', '!=', None)])]


# The other methods that take a domain, tried with the first spelling
METHODS = {
    'search': lambda d: [d, 0, None, None],
    'search_read': lambda d: [d, 0, None, None, ['id']],
    'export_data_domain': lambda d: [d, ['id']],
    'autocomplete': lambda d: ['', d],
    }


class QuestionsTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    def setUp(self):
        super().setUp()
        self.asked = Counter()
        self.turn = 0
        self.depth = DEPTH

    def roles(self):
        roles = {
            name: partial(access_table.role, name)
            for name in access_table.ROLES}
        roles['E1'] = self.entrepreneur
        return roles

    @contextmanager
    def entrepreneur(self):
        User = Pool().get('res.user')
        user = Cae().person('E1').user
        with Transaction().set_user(user.id), \
                Transaction().set_context(User.get_preferences(True)), \
                check_access():
            yield user

    @with_transaction()
    def test_entrepreneur(self):
        self.walk_as('E1')

    def walk_of_staff(self, name):
        # COOP_CAE_DEPTH asks more deeply, minutes for each role
        self.depth = int(os.environ.get('COOP_CAE_DEPTH', 1))
        self.walk_as(name)

    @pytest.mark.slow
    @with_transaction()
    def test_none(self):
        self.walk_of_staff('none')

    @pytest.mark.slow
    @with_transaction()
    def test_adviser(self):
        self.walk_of_staff('adviser')

    @pytest.mark.slow
    @with_transaction()
    def test_accountant(self):
        self.walk_of_staff('accountant')

    @pytest.mark.slow
    @with_transaction()
    def test_manager(self):
        self.walk_of_staff('manager')

    @pytest.mark.slow
    @with_transaction()
    def test_share(self):
        self.walk_of_staff('share')

    @pytest.mark.slow
    @with_transaction()
    def test_funder_facts(self):
        self.walk_of_staff('funder_facts')

    def walk_as(self, name):
        with self.roles()[name]():
            self.walk()
        print(f'{name}: {self.asked.total()} questions')
        self.assertGreater(self.asked['refused'], 1_000)
        self.assertGreater(self.asked['nothing'], 100)

    def walk(self):
        pool = Pool()
        self.readable = {
            name for name, Model in pool.iterobject()
            if issubclass(Model, ModelStorage) and is_readable(Model)}
        self.hidden = {name: hidden(name) for name in self.readable}
        self.own = {}
        edges = {
            name: list(hops(pool.get(name))) for name in self.readable}
        # Each pair of relations at each depth
        seen = set()
        layer = [
            (hop,) for name in sorted(self.readable) for hop in edges[name]]
        for depth in range(self.depth):
            following = []
            for path in layer:
                self.ask(path)
                target = path[-1].target
                if target not in self.readable:
                    continue
                for hop in edges[target]:
                    # By whichever way to the pair comes first
                    key = (depth, path[-1], hop)
                    if key not in seen:
                        seen.add(key)
                        following.append((*path, hop))
            layer = following

    def ask(self, path):
        Target = Pool().get(path[-1].target)
        if Target.__name__ not in self.readable:
            self.ask_closed(path, 'id')
            return
        for name in sorted(Target._fields):
            if is_secret(Target.__name__, name):
                self.ask_closed(path, name)
        if self.hidden[Target.__name__]:
            self.ask_hidden(path, self.hidden[Target.__name__])

    def ask_closed(self, path, tail):
        "Ask about what the user may not read at all"
        name = path[0].model
        dotted = '.'.join(h.field for h in path)
        found = list(spellings(path, tail))
        if len(path) > 1:
            # The dotted one, and the others by turns
            self.turn += 1
            found = [found[0], found[1 + self.turn % (len(found) - 1)]]
        for spelling, domain in found:
            self.refused(name, 'search_count', domain, spelling=spelling)
            if spelling == 'dotted' and len(path) == 1:
                for method, arguments in METHODS.items():
                    self.refused(name, method, *arguments(domain))
        if all(h.type in TO_ONE for h in path):
            self.refused(
                name, 'search', [], 0, None, [(f'{dotted}.{tail}', 'ASC')])
        ids = self.some_own(name)
        # A reference is to another model in each record
        if any(h.type == 'reference' for h in path):
            return
        if ids:
            self.untold(
                name, 'export_data', ids,
                [f"{dotted.replace('.', '/')}/{tail}"])
        if ids and tail == 'id':
            self.untold(name, 'read', ids, [f'{dotted}.{tail}'])

    def ask_hidden(self, path, ids):
        "Ask about records of others of a model that the user reads"
        name = path[0].model
        for spelling, domain in spellings(path, 'id'):
            if spelling not in {'dotted', 'where', 'mixed'}:
                continue
            found = self.answer(
                name, 'search_count', _about(domain, ids))
            if found:
                self.fail(f"{name} {spelling} {path} is answered")
            self.asked['nothing'] += 1

    def some_own(self, name):
        if name not in self.own:
            Model = Pool().get(name)
            try:
                self.own[name] = [
                    r.id for r in Model.search([], limit=2, order=[])]
            except Exception:
                self.own[name] = []
        return self.own[name]

    def refused(self, name, method, *arguments, spelling=None):
        try:
            answer = call(name, method, *arguments, **FIGURES)
        except AccessError:
            self.asked['refused'] += 1
        except (
                NotImplementedError, AssertionError, KeyError, ValueError,
                TypeError, AttributeError, IndexError):
            # No question of Tryton at all
            self.asked['no question'] += 1
        else:
            self.fail(
                f"{name}.{method}{arguments} ({spelling}) answers {answer!r}")

    def answer(self, name, method, *arguments):
        cursor = Transaction().connection.cursor()
        if backend.name != 'sqlite':
            cursor.execute('SAVEPOINT question')
        try:
            return call(name, method, *arguments, **FIGURES)
        except Exception:
            # Refused, or about a column that a view of the database has not
            if backend.name != 'sqlite':
                cursor.execute('ROLLBACK TO SAVEPOINT question')
            return None
        finally:
            if backend.name != 'sqlite':
                cursor.execute('RELEASE SAVEPOINT question')

    def untold(self, name, method, *arguments):
        "Read what may lead to nothing"
        self.asked[method] += 1
        answer = self.answer(name, method, *arguments)
        for row in answer or []:
            values = (
                [v for k, v in row.items() if k.endswith('.')]
                if isinstance(row, dict) else row)
            for value in values:
                if value:
                    self.fail(f"{name}.{method}{arguments} tells {value!r}")


def _about(domain, ids):
    "Return the domain that asks about ids instead of whether there is any"
    if isinstance(domain, tuple) and domain[1:3] == ('!=', None):
        return (domain[0], 'in', ids, *domain[3:])
    if isinstance(domain, (list, tuple)):
        return type(domain)(_about(d, ids) for d in domain)
    return domain


def hidden(name):
    "Return some ids of records that there are and that the user may not read"
    Model = Pool().get(name)
    with Transaction().set_context(active_test=False, **FIGURES):
        try:
            shown = {r.id for r in Model.search([], order=[])}
        except Exception:
            return []
        if callable(getattr(Model, 'table_query', None)):
            # Made for each call
            return []
        with Transaction().set_user(0):
            there = {r.id for r in Model.search([], order=[])}
    return sorted(there - shown)[:20]
