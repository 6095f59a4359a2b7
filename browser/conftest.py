# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A demonstration that is served, and a browser that opens it.

COOP_CAE_DEMO names a folder where there is one already; COOP_CAE_PICTURES a
folder where the pictures of the documentation go.
"""
import os
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

ROOT = Path(__file__).resolve().parent.parent
DATABASE = 'demo'


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    "The folder of a demonstration of the small group"
    if folder := os.environ.get('COOP_CAE_DEMO'):
        return Path(folder)
    folder = tmp_path_factory.mktemp('demo')
    subprocess.run([
            sys.executable, ROOT / 'tools' / 'demo.py', '--folder', folder,
            '--data', ROOT / 'data' / 'small'], check=True)
    return folder


@pytest.fixture(scope='session')
def site(folder):
    "What is served, with its users"
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([
            sys.executable, ROOT / 'tools' / 'serve.py', '--folder', folder,
            '--port', str(port)],
        env={
            k: v for k, v in os.environ.items()
            if k not in {'TRYTOND_DATABASE_URI', 'DB_NAME', 'DB_CACHE'}},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        told = {}
        while 'password' not in told:
            line = server.stdout.readline()
            assert line or server.poll() is None, "The server stopped"
            name, _, value = line.partition(' ')
            told[name] = value.strip()
        url = f'http://localhost:{port}/'
        wait_for(url)
        yield SimpleNamespace(
            url=url, password=told['password'],
            users=told['users'].split(', '))
    finally:
        server.terminate()
        server.wait(30)


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
    def login(user):
        context = chromium.new_context(
            viewport={'width': 1400, 'height': 900}, locale='fr-FR')
        client = Client(context.new_page(), site)
        try:
            client.log_in(user)
            yield client
            assert not client.errors
        finally:
            context.close()
    return login


class Client:
    "Tryton's web client in the hands of a user"

    def __init__(self, page, site):
        self.page = page
        self.site = site
        self.errors = []
        page.on('pageerror', lambda error: self.errors.append(str(error)))
        page.on('console', self._console)

    def _console(self, message):
        # What the server refuses is shown in a dialog
        if (message.type == 'error'
                and not message.text.startswith('Failed to load resource')):
            self.errors.append(message.text)

    def log_in(self, user):
        page = self.page
        page.goto(f'{self.site.url}#{DATABASE}')
        page.wait_for_selector('.login-dialog #login', state='visible')
        page.fill('#login', user)
        page.click('.login-dialog button[type=submit]')
        field = page.locator('.ask-dialog input[type=password]')
        field.wait_for(state='visible')
        field.fill(self.site.password)
        page.keyboard.press('Enter')
        page.wait_for_selector('#menu tbody tr', state='visible')
        self.idle()

    def idle(self, milliseconds=700):
        "Wait until nothing has been asked from the server for a while"
        quiet = 0
        while quiet < milliseconds:
            self.page.wait_for_timeout(100)
            quiet = quiet + 100 if self.page.evaluate(
                'jQuery.active == 0') else 0

    @property
    def tab(self):
        "The tab that is shown"
        return self.page.locator('#tabcontent > .tab-pane.active')

    @property
    def dialog(self):
        return self.page.locator('.modal.in').last

    @property
    def menus(self):
        return [
            text.strip()
            for text in self.page.locator('#menu tbody tr').all_inner_texts()
            if text.strip()]

    def open(self, *path):
        "Open the last of some nested menus"
        *parents, name = path
        for parent in parents:
            self.page.locator('#menu').get_by_text(
                parent, exact=True).first.click()
            self.idle()
        self.page.locator('#menu').get_by_text(name, exact=True).last.click()
        self.idle()

    def field(self, label, within=None):
        "Return what the field of the label shows"
        return (within or self.tab).get_by_label(
            label, exact=True).first.input_value()

    def no_error(self):
        alert = self.page.locator('.modal.in .alert:visible')
        assert not alert.count(), alert.all_inner_texts()

    def picture(self, name):
        if folder := os.environ.get('COOP_CAE_PICTURES'):
            self.idle()
            self.page.screenshot(path=Path(folder, f'{name}.png'))
