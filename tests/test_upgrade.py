# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The database of each release opens with the code of today, tells the same
and goes on."""
import gzip
import json
import subprocess
import sys
import unittest
from pathlib import Path

from file_database import SQLITE, FileDatabases
from worker import Workers

from tools import release_database

RELEASES = sorted(p.name for p in release_database.RELEASES.iterdir())


class UpgradeTestCase(unittest.TestCase):

    def test_releases(self):
        self.assertIn('8.0.0', RELEASES)
        for release in RELEASES:
            with self.subTest(release=release):
                self.upgrade(release)

    def upgrade(self, release):
        dump, told = release_database.files(release, not SQLITE)
        before, after = json.loads(gzip.decompress(told.read_bytes()))
        databases = FileDatabases()
        try:
            databases.create('release')
            if SQLITE:
                release_database.restore(
                    dump, sqlite=databases.path('release'))
            else:
                release_database.restore(
                    dump, database=databases.name('release'))
            update(databases, 'release')
            workers = Workers(databases, 'release', 'work')
            try:
                self.go_on(workers, before, after)
            finally:
                workers.close()
        finally:
            databases.close()

    def go_on(self, workers, before, after):
        self.assertTold(workers, release_database.CLOSED, before)
        names = self.do(workers, {'action': ['read_lists']}).splitlines()
        # The translations are not in the dump
        self.assertNotEqual(*names)
        self.do(workers, {'args': ['report', 'check']})
        self.do(workers, {'args': [
                    'close', '--company', 'all', '--period',
                    f'{release_database.NEXT:%Y-%m}']})
        self.assertTold(workers, release_database.NEXT, after)
        self.do(workers, {'args': ['report', 'check']})

    def do(self, workers, job):
        result, = workers.run(job)
        self.assertEqual(result.get('code'), 0, result['output'])
        return result['output']

    def assertTold(self, workers, date, expected):
        "What was told then is told now; there may be more columns and models"
        found = json.loads(self.do(
                workers, {'action': ['tell_figures', date.isoformat()]}))
        for name, (header, *rows) in expected['reports'].items():
            now, *found_rows = found['reports'][name]
            places = [now.index(column) for column in header]
            self.assertEqual(
                [[row[i] for i in places] for row in found_rows], rows, name)
            self.assertTrue(rows or name == 'check', name)
        for name, count in expected['records'].items():
            self.assertGreaterEqual(found['records'].get(name, 0), count, name)


def update(databases, name):
    "Update all the modules as the documentation tells"
    subprocess.run(
        [Path(sys.executable).with_name('trytond-admin'),
            '-d', databases.name(name), '--all', '--activate-dependencies'],
        env=databases.environ, stdin=subprocess.DEVNULL, check=True)
