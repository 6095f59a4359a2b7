#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Run a command with a PostgreSQL cluster of its own, gone when it ends.

The command finds the cluster by its environment.  Nothing in it is safe
against a crash of the machine: it is for tests and measures only.
"""
import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORT = 5432  # of the socket, in a directory of its own
USER = 'tryton'
SETTINGS = {
    'listen_addresses': '',
    'port': PORT,
    'fsync': 'off',
    'synchronous_commit': 'off',
    'full_page_writes': 'off',
    'wal_level': 'minimal',
    'max_wal_senders': 0,
    'shared_buffers': '256MB',
    'max_wal_size': '2GB',
    'max_locks_per_transaction': 256,
    }
# PostgreSQL refuses to run as root
SERVANTS = ['postgres', 'nobody']


class PostgreSQLError(Exception):
    pass


def binaries():
    "Return the folder of the newest PostgreSQL of the machine"
    folders = []
    if initdb := shutil.which('initdb'):
        folders.append(Path(initdb).resolve().parent)
    folders.extend(sorted(
            Path('/usr/lib/postgresql').glob('*/bin'), reverse=True,
            key=lambda p: [
                int(n) for n in p.parent.name.split('.') if n.isdigit()]))
    for folder in folders:
        if all((folder / name).exists()
                for name in ['initdb', 'postgres', 'pg_dump', 'pg_restore']):
            return folder
    raise PostgreSQLError(
        "PostgreSQL was not found. Install it (on Debian: apt-get install "
        "postgresql), or put its folder of programs on the PATH.")


def servant():
    "Return the user to run the cluster as, None for the current one"
    if os.geteuid():
        return None
    for name in SERVANTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise PostgreSQLError(
        "PostgreSQL does not run as root, and none of the users "
        f"{', '.join(SERVANTS)} exists.")


class Cluster:
    "A PostgreSQL cluster in a temporary folder"

    def __init__(self, settings={}, environ={}):
        self.settings = {**SETTINGS, **settings}
        # Of the server alone
        self.server_environ = environ
        self.bin = binaries()
        self.owner = servant()
        self.folder = None
        self.server = None

    def __enter__(self):
        # Short, as the path of a socket has about a hundred characters
        self.folder = Path(tempfile.mkdtemp(prefix='pg-', dir='/tmp'))
        try:
            if self.owner:
                os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
                self.folder.chmod(0o755)
            self._create()
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *exc):
        self._remove()

    @property
    def environ(self):
        """Return what Tryton, and the programs of PostgreSQL that it calls,
        read to find the cluster.

        pg_dump would be given the path of a socket in the URI still quoted."""
        return {
            'TRYTOND_DATABASE_URI': 'postgresql://',
            # The tests keep their databases in the cluster, as templates
            'DB_CACHE': 'postgresql://',
            'PGHOST': str(self.folder),
            'PGPORT': str(PORT),
            'PGUSER': USER,
            'PGDATABASE': 'postgres',
            'PATH': f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            }

    def _as_owner(self):
        identity = {}
        if self.owner:
            identity = {
                'user': self.owner.pw_uid,
                'group': self.owner.pw_gid,
                'extra_groups': [],
                }
        return {
            'cwd': self.folder,
            'env': {
                **os.environ, 'HOME': str(self.folder), **self.server_environ},
            **identity,
            }

    def _create(self):
        result = subprocess.run([
                self.bin / 'initdb', '-D', self.folder / 'data',
                '-U', USER, '-A', 'trust', '-E', 'UTF8',
                '--locale=C.UTF-8', '--no-sync'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            **self._as_owner())
        if result.returncode:
            raise PostgreSQLError(f"initdb failed:\n{result.stdout}")

    def _start(self):
        command = [
            self.bin / 'postgres', '-D', self.folder / 'data',
            '-k', self.folder]
        for name, value in self.settings.items():
            command += ['-c', f'{name}={value}']
        log = self.folder / 'log'
        with open(log, 'wb') as output:
            # In a session of its own, so that it outlives an interrupt from
            # the keyboard until it is stopped
            self.server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                **self._as_owner())
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.server.poll() is None:
            if not subprocess.call(
                    [self.bin / 'pg_isready', '-q', '-h', self.folder,
                        '-p', str(PORT)]):
                return
            time.sleep(0.1)
        raise PostgreSQLError(
            f"PostgreSQL does not start:\n{log.read_text(errors='replace')}")

    def restart(self, mode='fast'):
        """Stop the server in a mode of pg_ctl, fast or immediate, and start it
        again"""
        self.server.send_signal(
            {'fast': signal.SIGINT, 'immediate': signal.SIGQUIT}[mode])
        self.server.wait(60)
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._start()
            except PostgreSQLError:
                # Its children go after it
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _remove(self):
        if self.server and self.server.poll() is None:
            # Fast shutdown: connections are closed
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait(30)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def _terminate(signum, frame):
    raise SystemExit(128 + signum)


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('command', nargs=argparse.REMAINDER)
    command = parser.parse_args(args).command
    if command[:1] == ['--']:
        command = command[1:]
    if not command:
        parser.error("a command to run is expected")
    for signum in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(signum, _terminate)
    try:
        with Cluster() as cluster:
            process = subprocess.Popen(
                command, env={**os.environ, **cluster.environ})
            try:
                return process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
    except PostgreSQLError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == '__main__':
    sys.exit(main())
