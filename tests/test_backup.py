# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A backup that is taken while people work tells what was there, and work goes
on with it."""
import sqlite3
import subprocess
import threading
from contextlib import closing
from functools import partial

from canonical import differences, same
from expected import set_up_companies, set_up_entries, set_up_people
from file_database import SQLITE
from process_case import ProcessTestCase

MONTHS = ['2024-01', '2024-02', '2024-03']


def close(month):
    return {'args': ['close', '--company', 'COOPILOTE', '--period', month]}


class BackupTestCase(ProcessTestCase):
    set_up = [
        partial(set_up_companies, 'small'), partial(set_up_people, 'small'),
        partial(set_up_entries, 'small')]

    def back_up(self, name):
        "Back the database up as the documentation tells"
        if SQLITE:
            with closing(sqlite3.connect(self.databases.path('work'))) as one:
                with closing(sqlite3.connect(self.databases.path(name))) as to:
                    # In pieces, so that others write between two of them
                    one.backup(to, pages=200, sleep=0.005)
            self.databases.names.add(name)
        else:
            file = self.databases.folder / f'{name}.dump'
            subprocess.run(
                ['pg_dump', '-F', 'c', '-f', file,
                    self.databases.name('work')],
                check=True)
            self.databases.create(name)
            subprocess.run(
                ['pg_restore', '--no-owner', '-d', self.databases.name(name),
                    file],
                check=True)

    def test_backup_while_closing(self):
        states = [self.dump()]
        for month in MONTHS[:2]:
            self.do(close(month))
            states.append(self.dump())
        self.databases.copy('template', 'work')
        failed = []

        def work():
            try:
                self.do(*map(close, MONTHS[:2]))
            except BaseException as error:
                failed.append(error)
        closing_ = threading.Thread(target=work)
        closing_.start()
        self.back_up('backup')
        closing_.join()
        self.assertEqual(failed, [])
        self.assertSame(self.dump(), states[-1])
        found = self.dump('backup')
        self.assertTrue(
            any(same(found, state) for state in states),
            [differences(found, state) for state in states])
        # What is restored is gone on with
        self.databases.copy('backup', 'work')
        self.do(
            {'args': ['report', 'check']}, *map(close, MONTHS),
            {'args': ['report', 'check']})
        restored = self.dump()
        self.databases.copy('template', 'work')
        self.do(*map(close, MONTHS))
        self.assertSame(restored, self.dump())
