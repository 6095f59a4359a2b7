# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The demonstration that the clients open: it is made, copied and served."""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    k: v for k, v in os.environ.items()
    if k not in {'TRYTOND_DATABASE_URI', 'DB_NAME', 'DB_CACHE'}}


def make(folder):
    "Make the one of the small group"
    subprocess.run([
            sys.executable, ROOT / 'tools' / 'demo.py',
            '--folder', folder, '--data', ROOT / 'data' / 'small'],
        check=True)


def copy(source, folder):
    "Copy one, whose configuration names its folder"
    shutil.copytree(source, folder)
    configuration = folder / 'trytond.conf'
    configuration.write_text(
        re.sub(
            '^path = .*$', f'path = {folder}', configuration.read_text(),
            flags=re.MULTILINE))


def run(script, folder):
    "Return what a script of this folder prints of one"
    return subprocess.run(
        [sys.executable, Path(__file__).with_name(script), folder],
        env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout


@contextmanager
def served(folder, root=ROOT, python=sys.executable):
    """Serve one: give its address, its users and their password

    root and python are those of the sources that serve it."""
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([
            python, root / 'tools' / 'serve.py', '--folder', folder,
            '--port', str(port)],
        cwd=root, env=ENVIRONMENT,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        users = read_users(server)
        url = f'http://localhost:{port}/'
        wait_for(url)
        yield SimpleNamespace(
            url=url, users=users,
            password=(folder / 'password').read_text().strip())
    finally:
        server.terminate()
        server.wait(30)


def read_users(server):
    "Return the users that the server tells to people"
    users = []
    while 'admin' not in users:
        line = server.stdout.readline()
        assert line or server.poll() is None, "The server stopped"
        if told := re.match(r' {4}(\S+) {2,}\S', line):
            users.append(told[1])
    return users


def wait_for(url, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
