# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Databases that other processes open: files of SQLite, or those of the
PostgreSQL of the run.

They are named; a template is copied for each try.
"""
import os
import shutil
import sqlite3
import tempfile
import time
from configparser import ConfigParser
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

from trytond import backend
from trytond.tests.test_tryton import DB_NAME

SQLITE = backend.name == 'sqlite'


class FileDatabases:
    "The databases of a test case, gone with it"
    sqlite = SQLITE
    # What psycopg does not find in the environment
    connection = {}

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix='coop-cae-'))
        self.names = set()
        self.configuration = self.folder / 'trytond.conf'
        self.configuration.write_text(self.configured())

    def configured(self, sections={}):
        "Return a configuration with options by section"
        configuration = ConfigParser(interpolation=None)
        configuration.read_dict({
                'database': {
                    'uri': 'sqlite:///' if SQLITE else os.environ[
                        'TRYTOND_DATABASE_URI'],
                    'path': str(self.folder),
                    },
                })
        configuration.read_dict(sections)
        text = StringIO()
        configuration.write(text)
        return text.getvalue()

    @property
    def environ(self):
        "Return the environment of a process that opens them"
        result = {
            k: v for k, v in os.environ.items()
            if k not in {'DB_NAME', 'DB_CACHE', 'TRYTOND_DATABASE_URI'}
            and not k.startswith(('PYTEST_', 'TRYTOND_CACHE'))}
        result['TRYTOND_CONFIG'] = str(self.configuration)
        return result

    def name(self, name):
        "Return the true name: those of a cluster are of all its processes"
        return name if SQLITE else f'{DB_NAME}_{name}'

    def path(self, name):
        return self.folder / f'{self.name(name)}.sqlite'

    def close(self):
        for name in list(self.names):
            self.drop(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def save(self, name):
        "Make a database of the current one of the tests"
        self.names.add(name)
        if SQLITE:
            database = backend.Database(DB_NAME).connect()
            connection = database.get_connection()
            try:
                with closing(sqlite3.connect(self.path(name))) as copy:
                    connection.backup(copy)
                    copy.execute('PRAGMA journal_mode = WAL')
            finally:
                database.put_connection(connection)
        else:
            backend.Database(DB_NAME).close()
            self._create(name, DB_NAME)

    def copy(self, source, name):
        "Make a database of another one, in place of the one of the name"
        self.drop(name)
        self.names.add(name)
        if SQLITE:
            # What a process that was killed has written is beside the file
            with closing(sqlite3.connect(self.path(source))) as connection:
                connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            shutil.copyfile(self.path(source), self.path(name))
        else:
            self._create(name, self.name(source))

    def drop(self, name):
        self.names.discard(name)
        if SQLITE:
            for suffix in ['', '-wal', '-shm']:
                Path(f'{self.path(name)}{suffix}').unlink(missing_ok=True)
        else:
            with self._system() as cursor:
                cursor.execute(
                    f'DROP DATABASE IF EXISTS "{self.name(name)}" '
                    'WITH (FORCE)')

    def create(self, name):
        "Make an empty database"
        self.drop(name)
        self.names.add(name)
        if SQLITE:
            self.path(name).touch()
        else:
            self._create(name, 'template0')

    def _create(self, name, template):
        with self._system() as cursor:
            cursor.execute(
                f'CREATE DATABASE "{self.name(name)}" TEMPLATE "{template}"')

    @contextmanager
    def _system(self):
        import psycopg
        with psycopg.connect(
                **self.connection, autocommit=True) as connection, \
                connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def connect(self, name, alone=True):
        """Give a connection to a database once nobody else is connected to it

        A server goes on for a moment after its client was killed."""
        if SQLITE:
            with closing(sqlite3.connect(self.path(name))) as connection:
                yield connection
        else:
            import psycopg
            if alone:
                self._wait(self.name(name))
            with psycopg.connect(
                    **self.connection, dbname=self.name(name)) as connection:
                connection.read_only = True
                yield connection

    def fetch(self, name, query):
        "Return the rows of a query, whoever else is connected"
        if SQLITE:
            with closing(sqlite3.connect(self.path(name))) as connection:
                return connection.execute(query).fetchall()
        import psycopg
        with psycopg.connect(
                **self.connection, dbname=self.name(name)) as connection:
            return connection.execute(query).fetchall()

    def file(self, name, id_):
        "Return the path of an attached file"
        return self.folder / self.name(name) / id_[:2] / id_[2:4] / id_

    def _wait(self, name, seconds=60):
        end = time.monotonic() + seconds
        with self._system() as cursor:
            while True:
                cursor.execute(
                    'SELECT count(*) FROM pg_stat_activity '
                    'WHERE datname = %s', (name,))
                (count,), = cursor.fetchall()
                if not count:
                    return
                assert time.monotonic() < end, f"{name} is still in use"
                time.sleep(0.02)
