# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A clock of other processes that is set, by libfaketime."""
import datetime as dt
import os
from pathlib import Path

LIBRARY = next(
    Path('/usr/lib').glob('**/faketime/libfaketime.so.1'), None)


class Clock:
    "The time of the processes that have its environment"

    def __init__(self, folder):
        self.path = Path(folder, 'clock')
        now = dt.datetime.now()
        # Some hours more or less are the same day
        self.noon = int(
            (now.replace(hour=12, minute=0, second=0) - now).total_seconds())
        self.set()

    def set(self, hours=0):
        "Let it be some hours after noon, for all at once"
        new = self.path.with_suffix('.new')
        new.write_text(f'{self.noon + hours * 3600:+d}\n')
        # The PostgreSQL of a run of root is of another user
        new.chmod(0o644)
        new.rename(self.path)

    @property
    def environ(self):
        return {
            'LD_PRELOAD': str(LIBRARY),
            'FAKETIME_TIMESTAMP_FILE': str(self.path),
            'FAKETIME_NO_CACHE': '1',
            # What waits goes on waiting
            'FAKETIME_DONT_FAKE_MONOTONIC': '1',
            'DONT_FAKE_MONOTONIC': '1',
            'TZ': os.environ.get('TZ', ''),
            }
