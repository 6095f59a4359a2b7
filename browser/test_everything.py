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
import time
import zipfile
from pathlib import Path

import polib
import pytest

from browser import demonstration
from browser.client import Client
from browser.records import USERS

SCRIPT = Path(__file__).with_name('everything.js')
KINDS = {
    'fr': ['windows', 'wizards', 'reports', 'views'],
    'en': ['windows'],
    }
if os.environ.get('COOP_CAE_EVERYTHING') == 'all':
    KINDS['en'] = KINDS['fr']
LIMIT = 1200
# The reports that LibreOffice makes of a document: where it is not installed
# they tell so
PDF = {
    'coop_cae.report_activity_agreement_pdf',
    'coop_cae.report_contract_amendment_pdf',
    'coop_cae.report_contract_cape_pdf',
    'coop_cae.report_contract_cesa_pdf',
    'coop_cae.report_monthly_statement_pdf',
    'coop_shares.report_account_pdf',
    'coop_shares.report_attendance_pdf',
    'coop_shares.report_certificate_pdf',
    'coop_shares.report_convocation_pdf',
    'coop_shares.report_interest_statement_pdf',
    'coop_shares.report_movement_form_pdf',
    'coop_shares.report_request_form_pdf',
    }
REFUSED = set() if shutil.which('soffice') else PDF
# English words that French has not, in what no catalogue knows
ENGLISH = re.compile(
    r"\b(the|of|and|with|for|from|this|that|your|by|not)\b", re.IGNORECASE)
# Tryton's own French says so too
SAME = {"Description"}


@pytest.fixture(scope='session')
def whole(folder, people, tmp_path_factory):
    "A copy of the demonstration that has a record of each kind, its screens"
    copy = tmp_path_factory.mktemp('everything') / 'demo'
    demonstration.copy(folder, copy)
    return copy, json.loads(demonstration.run('everything.py', copy))


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
    with demonstration.served(folder) as site:
        pages = {
            name: chromium.new_context(
                viewport={'width': 1400, 'height': 900},
                locale='en-GB' if name == 'en' else 'fr-FR').new_page()
            for name in wanted}
        for name, page in pages.items():
            Client(page, site).log_in(USERS.get(name, name))
        for name, page in pages.items():
            page.evaluate(SCRIPT.read_text())
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


def wrong(results):
    "Return what went wrong, but a PDF that is refused for its reason"
    return {
        f"{r['kind']} {r['name']}": r['wrong'] for r in results
        if r['wrong'] and not (
            r['kind'] == 'reports' and r['name'] in REFUSED
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
    "They are documents, and not empty, all but those that are refused"
    files = {
        r['name']: r['file'] for r in results['fr']
        if r['kind'] == 'reports' and r['file']}
    reports = {r['name'] for r in whole[1]['reports']}
    assert {name for name in reports if name.endswith('_pdf')} == PDF
    assert set(files) == reports - REFUSED
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
    for path in demonstration.ROOT.glob('modules/*/locale/fr.po'):
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
