# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Databases of the tests made in layers.

Tryton keeps one database per list of modules and setup functions, each made
from nothing: with a dozen of them, a first run takes a quarter of an hour.
Here each is made on the one below it, which is kept too: the modules of
others, which change only with their versions; ours; then setup function by
setup function.
"""
import fcntl
import hashlib
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from proteus import Model, Wizard
from proteus import config as pconfig
from trytond import backend
from trytond.modules import get_module_info
from trytond.pool import Pool
from trytond.tests import test_tryton, tools
from trytond.transaction import Transaction

from . import dbcache

_folders = {}
_classes = {}
_pool_init = Pool.init
_activate_modules = tools.activate_modules
_activate_module = test_tryton.activate_module


def install(folder=None):
    """Make Tryton's own functions work in layers.

    All databases go into the folder, or into folders that are found by the
    fingerprint of what the databases are made from.  On the PostgreSQL of one
    run, which is told by an URI instead of a folder, they are templates."""
    for kind in ['stock', 'module', 'setup']:
        _folders[kind] = folder or dbcache.use(
            kind, getattr(dbcache, f'{kind}_fingerprint')())
    tools.activate_modules = activate_modules
    test_tryton.activate_module = activate_module


def stock_modules(modules):
    "Return the modules of others among the modules and what they depend on"
    found, todo = set(), set(modules)
    while todo:
        module = todo.pop()
        found.add(module)
        todo.update(
            set(get_module_info(module).get('depends', [])) - found)
    return sorted(found - our_modules() - {'ir', 'res'})


def our_modules():
    return {p.parent.name for p in dbcache.ROOT.glob('modules/*/tryton.cfg')}


def layer_below(modules):
    """Return the modules of the database that one with the modules is made
    on: the modules of others that they need or, for these, the most of them
    that one of ours needs."""
    stock = stock_modules(modules)
    if our_modules() & set(modules):
        return stock
    return max(
        (below for module in sorted(our_modules())
            if set(below := stock_modules([module])) < set(stock)),
        key=len, default=[])


def add_modules(modules):
    "Activate the modules on the current database"
    with Transaction().start(test_tryton.DB_NAME, 0) as transaction:
        # The list may come from a database made before a module was there
        Pool().get('ir.module').update_list()
        transaction.commit()
    Module = Model.get('ir.module')
    records = Module.find([('name', 'in', modules)])
    missing = set(modules) - {r.name for r in records}
    assert not missing, f"Not found: {', '.join(sorted(missing))}"
    Module.click(
        [r for r in records if r.state == 'not activated'], 'activate')
    Wizard('ir.module.activate_upgrade').execute('upgrade')


def activate_modules(modules, *setup):
    "Do as trytond.tests.tools.activate_modules, in layers"
    modules = [modules] if isinstance(modules, str) else list(modules)
    name = '-'.join(sorted(modules))
    if setup:
        name += '--' + '|'.join(tools._func_name(f) for f in setup)
    if setup:
        kind = 'setup'
    else:
        kind = 'module' if our_modules() & set(modules) else 'stock'
    # A database that is still there would be taken for the one to restore
    test_tryton.drop_db()
    with _cached(_folders[kind], name):
        with patch.object(Pool, 'init', _init_once('-'.join(sorted(modules)))):
            if test_tryton.restore_db_cache(name):
                return tools._get_config()
        if setup:
            config = activate_modules(modules, *setup[:-1])
            setup[-1](config=config)
        elif below := layer_below(modules):
            activate_modules(below)
            config = pconfig.set_trytond()
            add_modules(modules)
        else:
            return _activate_modules(modules)
        if setup and backend.name == 'postgresql':
            compact()
        test_tryton.backup_db_cache(name)
        return config


def _init_once(modules):
    """Return the initialisation of a pool that takes the classes which the
    same modules had the last time: they are made from the code alone, in a
    second or two, and each class of tests would make them twice"""
    def init(pool):
        if modules not in _classes:
            _pool_init(pool)
            _classes[modules] = pool._pool, pool._modules
        with pool._lock:
            pool._pool, pool._modules = _classes[modules]
            pool._pools[pool.database_name] = pool._pool
            pool._pool_modules[pool.database_name] = pool._modules
            pool._pool_instances.clear()
            pool._pool_instances.add(pool)
            pool.ready = True
    return init


def compact():
    """Rewrite the tables as they are: making a chart of accounts updates each
    account a thousand times, and a template is copied with what is left of
    that

    Tables must be filled: those that are known as empty are planned so.
    They are named, as the catalogs are shared with the databases of the other
    processes, which they would wait for."""
    with Transaction().start(
            test_tryton.DB_NAME, 0, close=True,
            autocommit=True) as transaction:
        cursor = transaction.connection.cursor()
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables "
            "WHERE schemaname = 'public'")
        tables = ', '.join(name for name, in cursor)
        cursor.execute(f'VACUUM (FULL, ANALYZE) {tables}')


def activate_module(modules, lang='en'):
    "Do as trytond.tests.test_tryton.activate_module, in layers"
    if lang != 'en' or test_tryton.db_exist():
        with patch.object(
                test_tryton, 'DB_CACHE', str(_folders['module'])):
            return _activate_module(modules, lang=lang)
    activate_modules(modules)


@contextmanager
def _cached(folder, name):
    """Keep the databases in the folder, and others from making that of the
    name at the same time, as a half-written one would be restored."""
    key = hashlib.sha256(name.encode()).hexdigest()[:16]
    locks = dbcache.CACHE if '://' in str(folder) else Path(folder)
    locks.mkdir(parents=True, exist_ok=True)
    with patch.object(test_tryton, 'DB_CACHE', str(folder)), \
            open(locks / f'{key}.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another process may have made the database meanwhile
        backend.Database.clear_cache()
        yield
