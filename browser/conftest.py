# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A demonstration that is served, and a browser that opens it.

COOP_CAE_DEMO names a folder where there is one already; COOP_CAE_PICTURES a
folder where the pictures of the documentation go.
"""
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

import pytest
from playwright.sync_api import sync_playwright

from browser.client import Client

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    k: v for k, v in os.environ.items()
    if k not in {'TRYTOND_DATABASE_URI', 'DB_NAME', 'DB_CACHE'}}


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    "The folder of a demonstration of the small group"
    folder = tmp_path_factory.mktemp('browser') / 'demo'
    if made := os.environ.get('COOP_CAE_DEMO'):
        shutil.copytree(made, folder)
        configuration = folder / 'trytond.conf'
        configuration.write_text(
            re.sub(
                '^path = .*$', f'path = {folder}',
                configuration.read_text(), flags=re.MULTILINE))
    else:
        subprocess.run([
                sys.executable, ROOT / 'tools' / 'demo.py',
                '--folder', folder, '--data', ROOT / 'data' / 'small'],
            check=True)
    return folder


@pytest.fixture(scope='session')
def people(folder):
    "The logins of one whose activity ended, and of one who has just come"
    return subprocess.run(
        [sys.executable, ROOT / 'browser' / 'prepare.py', folder],
        env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout.split()


@pytest.fixture(scope='session')
def site(folder, people):
    "What is served, with its users"
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([
            sys.executable, ROOT / 'tools' / 'serve.py', '--folder', folder,
            '--port', str(port)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        users = read_users(server)
        url = f'http://localhost:{port}/'
        wait_for(url)
        yield SimpleNamespace(
            url=url, password=(folder / 'password').read_text().strip(),
            users=users, ended=people[0], started=people[1])
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
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture(scope='session')
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which('chromium'),
            args=['--no-sandbox', '--lang=fr'])
        yield browser
        browser.close()


@pytest.fixture
def client(site, chromium):
    "Log in as a user"
    @contextmanager
    def login(user, picture=None):
        context = chromium.new_context(
            viewport={'width': 1400, 'height': 900}, locale='fr-FR')
        # Machines may be slow
        context.set_default_timeout(90_000)
        client = Client(context.new_page(), site)
        try:
            client.log_in(user, picture)
            yield client
            assert not client.errors
        finally:
            context.close()
    return login
