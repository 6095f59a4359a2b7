# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The command line tells what keeps it from the database.

A process of its own, as people start it.
"""
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import trytond
from trytond import __series__, backend
from trytond.modules.coop_cae.scripts import console, language, reach

NAME = 'coops'
# Those who may all are told as others what they may not
AS_OTHERS = [
    'setpriv', '--bounding-set=-dac_override,-dac_read_search'
    ] if os.getuid() == 0 else []


def may_be_other():
    try:
        return not AS_OTHERS or not subprocess.run(
            [*AS_OTHERS, 'true'], capture_output=True).returncode
    except OSError:
        return False


class ReachTestCase(unittest.TestCase):

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / f'{NAME}.sqlite'

    def run_(self, *command, uri='sqlite:///', path=None):
        "Run the command and return what it tells, on one line or two"
        configuration = self.folder / 'trytond.conf'
        configuration.write_text(
            f"[database]\nuri = {uri}\npath = {path or self.folder}\n")
        result = subprocess.run([
                *(AS_OTHERS if may_be_other() else []), sys.executable, '-m',
                'trytond.modules.coop_cae.scripts.main', '--language', 'en',
                '-c', str(configuration), '-d', NAME, '-q',
                *(command or ['report', 'check'])],
            env={
                k: v for k, v in os.environ.items()
                if not k.startswith('TRYTOND_')},
            capture_output=True, text=True, timeout=120)
        self.assertEqual(
            result.returncode, console.UNREACHABLE, result.stderr)
        self.assertNotIn('Traceback', result.stderr)
        self.assertEqual(result.stdout, '')
        return result.stderr


@unittest.skipUnless(backend.name == 'sqlite', "Files are of SQLite")
class FileTestCase(ReachTestCase):

    def make(self, series=None):
        "Make what the commands look at first"
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript("""
                PRAGMA page_size = 1024;
                CREATE TABLE ir_configuration (id INTEGER, series VARCHAR);
                CREATE TABLE ir_module (
                    id INTEGER, name VARCHAR, state VARCHAR);
                CREATE TABLE ir_cache (name VARCHAR, timestamp DATETIME);
                """)
            connection.execute(
                'INSERT INTO ir_configuration VALUES (1, ?)', (series,))
            connection.executemany(
                'INSERT INTO ir_module VALUES (?, ?, ?)',
                [(n, 'x' * 200, 'activated') for n in range(200)])
            connection.commit()

    def test_missing(self):
        self.assertIn(f'"{NAME}" is no database', self.run_())
        # One of nobody yet
        self.path.touch()
        self.assertIn(f'"{NAME}" is no database', self.run_())

    def test_of_others(self):
        self.make(__series__)
        self.assertIn(f'"{NAME}" is no database of co-op', self.run_())

    def test_begun(self):
        "A database that was made and not filled yet"
        script = Path(trytond.__file__).parent / 'backend/sqlite/init.sql'
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(script.read_text())
            connection.commit()
        self.assertIn(f'"{NAME}" is no database of co-op', self.run_())

    def test_missing_folder(self):
        folder = self.folder / 'none'
        for command in [[], ['init']]:
            error = self.run_(*command, path=folder)
            self.assertIn(f'"{folder}", is missing', error)

    @unittest.skipUnless(may_be_other(), "Who may all may write all")
    def test_read_only(self):
        self.make(__series__)
        for command in [[], ['init']]:
            self.path.chmod(0o400)
            self.assertIn(
                f'"{self.path}", cannot be read and written',
                self.run_(*command))
            self.path.chmod(0o600)
            self.folder.chmod(0o500)
            try:
                self.assertIn(
                    f'"{self.folder}", cannot be written',
                    self.run_(*command))
            finally:
                self.folder.chmod(0o700)

    def test_no_database(self):
        for content in [b'%PDF-1.4', b'x' * 5000, b'SQLite format 3\0']:
            with self.subTest(content=content[:9]):
                self.path.write_bytes(content)
                for command in [[], ['init']]:
                    self.assertIn('damaged: restore', self.run_(*command))

    def test_truncated(self):
        self.make(__series__)
        whole = self.path.read_bytes()
        self.assertTrue(reach._is_whole(self.path))
        for length in [50, 1500, len(whole) // 2, len(whole) - 1]:
            with self.subTest(length=length):
                self.path.write_bytes(whole[:length])
                self.assertIn('damaged: restore', self.run_())

    def test_damaged_within(self):
        "What the first look does not find is told when it is met"
        self.make(__series__)
        whole = bytearray(self.path.read_bytes())
        whole[1024:] = b'\xff' * len(whole[1024:])
        self.path.write_bytes(whole)
        self.assertIn('damaged: restore', self.run_())

    def test_not_told_yet(self):
        "A database whose changes are beside it is whole"
        self.make(__series__)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute('PRAGMA journal_mode = WAL')
            connection.execute('PRAGMA wal_autocheckpoint = 0')
            connection.execute(
                "UPDATE ir_module SET name = 'y', state = ? || state",
                ('z' * 900,))
            connection.commit()
            self.assertTrue(reach._is_whole(self.path))

    def test_locked(self):
        self.make(__series__)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute('PRAGMA locking_mode = EXCLUSIVE')
            connection.execute('BEGIN EXCLUSIVE')
            for command in [[], ['init']]:
                self.assertIn('The database is locked', self.run_(*command))

    def test_other_series(self):
        self.make('6.0')
        for command in [[], ['init']]:
            self.assertIn(
                f'"{NAME}" is of Tryton 6.0, these commands are of '
                f'{__series__}', self.run_(*command))


class ClusterTestCase(ReachTestCase):

    @unittest.skipUnless(
        backend.name == 'postgresql', "It needs a cluster")
    def test_missing(self):
        error = self.run_(uri=os.environ['TRYTOND_DATABASE_URI'])
        self.assertIn(f'"{NAME}" is no database', error)

    @unittest.skipUnless(
        backend.name == 'postgresql', "The driver may be missing")
    def test_verified_cluster(self):
        "What the uri asks of TLS is asked of the cluster"
        with patch(
                'trytond.config.get',
                return_value='postgresql://u:p@h:1/?sslmode=verify-full'):
            self.assertEqual(
                backend.Database._connection_params('cae')['conninfo'],
                'postgresql://u:p@h:1/cae?sslmode=verify-full')

    def test_nobody_answers(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
            # Bound, it listens to nobody
            for command in [[], ['init']]:
                start = time.monotonic()
                error = self.run_(
                    *command, uri=f'postgresql://u:p@127.0.0.1:{port}/')
                self.assertLess(time.monotonic() - start, 60)
                self.assertIn("PostgreSQL cannot be reached", error)
                self.assertIn("refused", error)

    def test_wrong_password(self):
        with refuser() as port:
            error = self.run_(uri=f'postgresql://u:p@127.0.0.1:{port}/')
        self.assertIn("PostgreSQL refuses the user or the password", error)
        self.assertIn("no, said the cluster", error)
        self.assertNotIn(":p@", error)


@contextmanager
def refuser():
    "A server that asks for a password as PostgreSQL does, and says no"
    def message(kind, content):
        return kind + (len(content) + 4).to_bytes(4, 'big') + content

    def answer():
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link:
                # Without TLS or other wrapping
                while link.recv(8192)[4:8] in {
                        b'\x04\xd2\x16\x2f', b'\x04\xd2\x16\x30'}:
                    link.sendall(b'N')
                link.sendall(message(b'R', b'\x00\x00\x00\x03'))
                link.recv(8192)
                link.sendall(message(
                        b'E', b'SFATAL\0VFATAL\0C28P01\0'
                        b'Mno, said the cluster\0\0'))

    with socket.create_server(('127.0.0.1', 0)) as server:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]


class TextTestCase(unittest.TestCase):

    def test_french(self):
        language.speak('fr')
        self.addCleanup(language.speak, 'en')
        text = reach.damaged(Path('/srv/coops.sqlite'))
        self.assertIn("/srv/coops.sqlite", text)
        self.assertIn("sauvegarde", text)


del ReachTestCase
