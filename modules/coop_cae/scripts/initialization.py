# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The command that makes the database ready for a first close."
import logging
import os
import secrets
from contextlib import contextmanager
from pathlib import Path

from . import console, files, reach
from .language import _

MODULES = ['coop_cae', 'account_fr']
LANGUAGES = ['en', 'fr']
LANGUAGE = 'fr'


def add_parser(commands):
    parser = commands.add_parser(
        'init', help=_("make the database ready for a first close"),
        description=_(
            "Create the database if it is missing, activate the modules with "
            "French, and import the companies of a folder: chart of "
            "accounts, fiscal year, journals and sequences of each. The "
            "password of admin is the first line of the file that the "
            "environment variable TRYTONPASSFILE names, else it is made up "
            "and printed. What is there already is kept."))
    parser.add_argument(
        'folder', metavar=_("DIR"), nargs='?', type=Path,
        help=_("the folder of companies.csv"))
    parser.set_defaults(run=run)


def run(options):
    console.configure(options)
    companies = None
    if options.folder:
        companies = options.folder / 'companies.csv'
        if not companies.is_file():
            raise console.CommandLineError(
                _("{path} is missing").format(path=companies), console.WRONG)
    if options.database != ':memory:':
        create(options.database)
        activate(options, options.database)
        set_password(options.database)
    current = console.connect(options)
    finish_configuration(current)
    if companies:
        return files.import_one_by_one(
            options, current, [(companies.name, companies.read_bytes())])
    return console.DONE


def create(name):
    "Create the database if it is missing"
    from trytond import backend
    if not reach.exists(name):
        system = backend.Database()
        system.connect()
        connection = system.get_connection(autocommit=True)
        try:
            system.create(connection, name)
        finally:
            system.put_connection(connection)
            system.close()
    database = backend.Database(name)
    database.connect()
    if not database.test():
        database.init()
    reach.check_series(name)


def activate(options, name):
    "Activate the modules that are not yet, in English and French"
    from sql import Table

    from trytond.pool import Pool
    from trytond.transaction import Transaction
    module = Table('ir_module')
    with Transaction().start(name, 0, readonly=True) as transaction:
        cursor = transaction.connection.cursor()
        cursor.execute(*module.select(
                module.name, where=module.state == 'activated'))
        active = {n for n, in cursor}
    missing = set(MODULES) - active
    if missing:
        needed = _with_dependencies(['ir', 'res', *MODULES])
        with _activation_progress(options, len(needed)):
            Pool(name).init(
                update=sorted(missing | ({'ir', 'res'} - active)),
                lang=LANGUAGES, activatedeps=True)
    else:
        Pool(name).init()
    with Transaction().start(name, 0):
        Lang = Pool().get('ir.lang')
        languages = Lang.search([
                ('code', 'in', LANGUAGES), ('translatable', '=', False)])
        Lang.write(languages, {'translatable': True})


def _with_dependencies(modules):
    from trytond.modules import get_module_info
    needed = set()
    while modules:
        name = modules.pop()
        if name not in needed:
            needed.add(name)
            modules.extend(get_module_info(name).get('depends', []))
    return needed


@contextmanager
def _activation_progress(options, total):
    "Advance a progress bar with each module that is loaded"
    logger = logging.getLogger('trytond.modules')
    level, propagate = logger.level, logger.propagate
    with console.progress(
            options, total=total, desc=_("init"),
            unit=_("module")) as bar:

        class Handler(logging.Handler):
            def emit(self, record):
                if record.msg == '%s load':
                    bar.set_postfix_str(record.args[0])
                    bar.update()
        handler = Handler()
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = options.verbose > 0
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate


def set_password(name):
    """Set the password of admin if there is none yet.

    It is made up and printed if none is given.
    """
    from trytond import __series__
    from trytond.pool import Pool
    from trytond.transaction import (
        Transaction, TransactionError, inactive_records)
    password = None
    if path := os.environ.get('TRYTONPASSFILE'):
        try:
            password = Path(path).read_text().splitlines()[0]
        except (OSError, IndexError) as error:
            raise console.CommandLineError(
                _("The password cannot be read from {path}: {error}").format(
                    path=path, error=error))
    password_ = password or secrets.token_urlsafe(12)
    extras = {}
    while True:
        with Transaction().start(name, 0, **extras) as transaction:
            try:
                pool = Pool()
                Configuration = pool.get('ir.configuration')
                User = pool.get('res.user')
                with inactive_records():
                    admin, = User.search([('login', '=', 'admin')])
                if _has_password(admin):
                    return
                configuration = Configuration(1)
                configuration.series = __series__
                configuration.language = LANGUAGE
                configuration.save()
                admin.password = password_
                admin.save()
            except TransactionError as error:
                # The configuration is made under a lock of its table
                transaction.rollback()
                error.fix(extras)
                continue
        break
    if not password:
        console.tell(_("admin: {password}").format(password=password_))


def _has_password(user):
    from trytond.transaction import Transaction

    # The ORM does not read it
    table = user.__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*table.select(
            table.password_hash, where=table.id == user.id))
    (password_hash,), = cursor.fetchall()
    return bool(password_hash)


def finish_configuration(current):
    """Let the first login open the menu, in French

    The assistants of the modules ask for what is made here from files.
    """
    from proteus import Model
    Item = Model.get('ir.module.config_wizard.item', config=current)
    Lang = Model.get('ir.lang', config=current)
    User = Model.get('res.user', config=current)
    items = Item.find([('state', '=', 'open')])
    for item in items:
        item.state = 'done'
    Item.save(items)
    user = User(current.user)
    if not user.language:
        languages = Lang.find([
                ('code', '=', LANGUAGE), ('translatable', '=', True)])
        if languages:
            user.language, = languages
            user.save()
