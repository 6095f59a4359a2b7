# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whether there is a database, and what keeps the commands from it.

What SQLite and PostgreSQL say is seldom enough: a file that may not be written
is "unable to open" for one, a wrong password takes the other half a minute.
"""
import os
import sqlite3
from pathlib import Path

from . import console
from .language import _

TIMEOUT = 10  # seconds
# How a file of SQLite begins, and where it tells its size
_MAGIC = b'SQLite format 3\0'
_DAMAGED = ('malformed', 'not a database')


def exists(name):
    "Tell if the database exists, or raise what keeps from it"
    from trytond import backend
    if backend.name == 'postgresql':
        return _exists_in_cluster(name)
    if name == ':memory:':
        return True
    return _exists_as_file(file(name))


def ready(name):
    "Tell if the database is one of co-operatives"
    from sql import Table
    if not exists(name):
        return False
    check_series(name)
    module = Table('ir_module')
    return bool(_select(name, 'ir_module', module.select(
                module.id,
                where=(module.name == 'coop_cae')
                & (module.state == 'activated'))))


def check_series(name):
    "Raise an error if the database is of another series of Tryton"
    from sql import Table

    from trytond import __series__

    # A database that is not filled yet has no series
    found = {
        row['series'] for row in _select(
            name, 'ir_configuration', Table('ir_configuration').select())
        if row.get('series')}
    if found and __series__ not in found:
        raise _error(
            _('"{name}" is of Tryton {found}, these commands are of {series}: '
                "use those of {found}, or upgrade the database.").format(
                name=name, found=', '.join(found), series=__series__))


def _select(name, table, query):
    "Return the rows of the query, none if there is no such table"
    from trytond import backend
    from trytond.tools import cursor_dict
    from trytond.transaction import Transaction
    with Transaction().start(name, 0, readonly=True) as transaction:
        if not backend.TableHandler.table_exist(table):
            return []
        cursor = transaction.connection.cursor()
        cursor.execute(*query)
        return list(cursor_dict(cursor))


def _error(text):
    return console.CommandLineError(text, console.UNREACHABLE)


# SQLite

def file(name):
    "Return the path of the database"
    import trytond.config as config
    return Path(config.get('database', 'path'), f'{name}.sqlite')


def _exists_as_file(path):
    folder = path.parent
    if not folder.is_dir():
        raise _error(
            _('The folder of the database, "{path}", is missing: make it, or '
                "correct path in the section [database] of the "
                "configuration.").format(path=folder))
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _error(
            _('The folder of the database, "{path}", cannot be written: '
                "SQLite needs files of its own there. Give your user the "
                "right to, or work as another.").format(path=folder))
    if not path.is_file():
        return False
    if not os.access(path, os.R_OK | os.W_OK):
        raise _error(
            _('The file of the database, "{path}", cannot be read and '
                "written. Give your user the right to, or work as "
                "another.").format(path=path))
    if not _is_whole(path):
        raise _error(damaged(path))
    return True


def _is_whole(path):
    "Tell if the file is a database as long as it says itself"
    size = path.stat().st_size
    with path.open('rb') as opened:
        header = opened.read(100)
    # An empty one is that of nobody yet
    if not header:
        return True
    if len(header) < 100 or not header.startswith(_MAGIC):
        return False
    page = int.from_bytes(header[16:18], 'big')
    page = 65536 if page == 1 else page
    pages = int.from_bytes(header[28:32], 'big')
    # What has not come from the file beside it yet makes it longer
    beside = path.with_name(path.name + '-wal')
    if beside.exists() and beside.stat().st_size:
        return True
    # The number of pages holds if it was written with the last change
    return header[24:28] != header[92:96] or size >= page * pages


def damaged(path):
    return _(
        'The file "{path}" is no database of SQLite, or it is damaged: '
        "restore it from a backup.").format(path=path)


def is_damage(error):
    "Tell if what SQLite says is of a file that is damaged"
    return isinstance(error, sqlite3.DatabaseError) and any(
        text in str(error) for text in _DAMAGED)


# PostgreSQL

def _exists_in_cluster(name):
    from trytond.backend.postgresql.database import _default_name
    with _connect(_default_name) as connection:
        found = connection.execute(
            'SELECT 1 FROM pg_database WHERE datname = %s', (name,)
            ).fetchone()
    if found:
        _connect(name).close()
    return bool(found)


def _connect(name):
    "Connect once, as the pool of connections tries again and again"
    from trytond.backend import Database, DatabaseOperationalError
    from trytond.backend.postgresql.database import connect
    try:
        return connect(
            Database._connection_params(name)['conninfo'],
            connect_timeout=TIMEOUT)
    except DatabaseOperationalError as error:
        reason = ' '.join(str(error).split())
        link = error.pgconn
        if link is not None and (link.needs_password or link.used_password):
            raise _error(
                _("PostgreSQL refuses the user or the password of the uri in "
                    "the section [database] of the configuration: "
                    "{reason}").format(reason=reason))
        raise _error(
            _("PostgreSQL cannot be reached: start it, or correct the uri in "
                "the section [database] of the configuration: "
                "{reason}").format(reason=reason))
