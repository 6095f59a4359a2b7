# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A demonstration that is served, and a browser that opens it.

COOP_CAE_DEMO names a folder where there is one already; COOP_CAE_PICTURES a
folder where the pictures of the documentation go.
"""
import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

from browser import demonstration
from browser.client import Client


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    "The folder of a demonstration of the small group"
    folder = tmp_path_factory.mktemp('browser') / 'demo'
    if made := os.environ.get('COOP_CAE_DEMO'):
        demonstration.copy(made, folder)
    else:
        demonstration.make(folder)
    return folder


@pytest.fixture(scope='session')
def people(folder):
    "The logins of one whose activity ended, and of one who has just come"
    return demonstration.run('prepare.py', folder).split()


@pytest.fixture(scope='session')
def site(folder, people):
    "What is served, with its users"
    with demonstration.served(folder) as site:
        site.ended, site.started = people
        yield site


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
