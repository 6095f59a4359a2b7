# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Every screen of the modules opens, in French and in English.

COOP_CAE_EVERYTHING=all opens the wizards, the reports and what is within other
screens in English too.
"""
import base64
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path

import polib
import pytest

from browser.records import USERS

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = Path(__file__).with_name('everything.js')
ENVIRONMENT = {
    k: v for k, v in os.environ.items()
    if k not in {'TRYTOND_DATABASE_URI', 'DB_NAME', 'DB_CACHE'}}
KINDS = {
    'fr': ['windows', 'wizards', 'reports', 'views'],
    'en': ['windows'],
    }
if os.environ.get('COOP_CAE_EVERYTHING') == 'all':
    KINDS['en'] = KINDS['fr']
LIMIT = 1200
# English words that French has not, in what no catalogue knows
ENGLISH = re.compile(
    r"\b(the|of|and|with|for|from|this|that|your|by|not)\b", re.IGNORECASE)
# Tryton's own French says so too
SAME = {"Description"}


@pytest.fixture(scope='session')
def whole(folder, people, tmp_path_factory):
    "A copy of the demonstration that has a record of each kind, and its url"
    copy = tmp_path_factory.mktemp('everything') / 'demo'
    shutil.copytree(folder, copy)
    configuration = copy / 'trytond.conf'
    configuration.write_text(
        re.sub(
            '^path = .*$', f'path = {copy}', configuration.read_text(),
            flags=re.MULTILINE))
    told = subprocess.run(
        [sys.executable, ROOT / 'browser' / 'everything.py', copy],
        env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True)
    return copy, json.loads(told.stdout)


@pytest.fixture(scope='session')
def results(whole, chromium):
    "What each screen has told, by language: both are opened at once"
    folder, screens = whole
    wanted = {
        language: [(kind, s) for kind in kinds for s in screens[kind]]
        for language, kinds in KINDS.items()}
    wanted |= {
        login: [
            ('windows' if s['views'] else 'wizards', s) for s in own]
        for login, own in screens['own'].items()}
    with served(folder) as (url, password):
        pages = {
            name: log_in(
                chromium.new_context(
                    viewport={'width': 1400, 'height': 900},
                    locale='en-GB' if name == 'en' else 'fr-FR').new_page(),
                url, USERS.get(name, name), password)
            for name in wanted}
        for name, page in pages.items():
            page.add_script_tag(path=SCRIPT)
            page.evaluate(
                'screens => { everything.start(screens); }', wanted[name])
        end = time.monotonic() + LIMIT
        for name, page in pages.items():
            while page.evaluate('everything.results.length') < len(
                    wanted[name]):
                assert time.monotonic() < end, "It takes too long"
                page.wait_for_timeout(500)
        yield {
            name: page.evaluate('everything.results')
            for name, page in pages.items()}


def log_in(page, url, user, password):
    page.goto(f'{url}#demo')
    page.wait_for_selector('.login-dialog #login', state='visible')
    page.fill('#login', user)
    page.click('.login-dialog button[type=submit]')
    field = page.locator('.ask-dialog input[type=password]')
    field.wait_for(state='visible')
    field.fill(password)
    page.keyboard.press('Enter')
    page.wait_for_selector('#menu tbody tr', state='visible')
    page.wait_for_function('jQuery.active == 0')
    return page


@contextmanager
def served(folder):
    "Serve the demonstration, and tell where and with which password"
    with socket.socket() as probe:
        probe.bind(('localhost', 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([
            sys.executable, ROOT / 'tools' / 'serve.py', '--folder', folder,
            '--port', str(port)],
        env=ENVIRONMENT, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        url = f'http://localhost:{port}/'
        wait_for(url)
        yield url, (folder / 'password').read_text().strip()
    finally:
        server.terminate()
        server.wait(30)


def wait_for(url):
    end = time.monotonic() + LIMIT
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def wrong(results):
    "Return what went wrong, but a PDF that no LibreOffice makes"
    return {
        f"{r['kind']} {r['name']}": r['wrong'] for r in results
        if r['wrong'] and not (
            r['name'].endswith('_pdf') and not shutil.which('soffice')
            and all('LibreOffice' in text for text in r['wrong']))}


def test_nothing_lacks(whole):
    "There is a record of each model that a screen shows: see records.py"
    assert whole[1]['lacking'] == []


@pytest.mark.parametrize('language', list(KINDS))
def test_opens(results, language):
    assert wrong(results[language]) == {}


def test_entrepreneurs_open_their_own(whole, results):
    "Whatever their activity: it runs, it has ended, it has just begun"
    own = whole[1]['own']
    assert len(own) > 1
    for login, screens in own.items():
        assert len(screens) > 5
        assert wrong(results[login]) == {}


def test_reports(whole, results):
    "They are documents, and not empty"
    files = {
        r['name']: r['file'] for r in results['fr']
        if r['kind'] == 'reports' and not r['wrong']}
    assert len(files) > len(whole[1]['reports']) / 2
    for name, file in files.items():
        content = base64.b64decode(file['content'])
        extension = file['name'].rpartition('.')[2]
        if extension == 'pdf':
            assert content.startswith(b'%PDF'), name
        elif extension == 'csv':
            assert content.count(b'\n') > 1, name
        elif extension == 'zip':
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert archive.namelist() and all(
                    entry.file_size for entry in archive.infolist()), name
        else:
            assert extension in {'odt', 'ods'}, name
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                text = archive.read('content.xml').decode()
            assert '<text:p' in text, name
            assert len(re.sub('<[^>]+>', '', text)) > 50, name


def test_all_is_french(results):
    "No text of the modules is shown in English to who speaks French"
    french, english = set(), set()
    for path in ROOT.glob('modules/*/locale/fr.po'):
        for entry in polib.pofile(str(path)):
            french.add(entry.msgstr)
            english.add(entry.msgid)
    shown = {}
    for name, told in results.items():
        if name != 'en':
            for result in told:
                for text in result['texts']:
                    shown.setdefault(
                        text.rstrip(' \xa0:'), result['name'])
    assert {
        text: name for text, name in shown.items()
        if text in english - french - SAME
        or ENGLISH.search(text)
        } == {}
