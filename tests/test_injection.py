# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What people type is text, wherever it is shown, searched or sent."""
import csv
import datetime as dt
import io
import json
import unittest
import zipfile
from email.message import EmailMessage
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trytond import backend
from trytond.exceptions import UserError
from trytond.modules.coop_access.cell import safe_text
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.rules.cell import one_line
from trytond.modules.coop_cae.rules.personal_data import Words, as_html
from trytond.modules.coop_cae.scripts.reports import write_csv
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.report_text import legal
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

FRAGMENTS = [
    '<', '&', '"', "'", '>', ']]>', '<!--', '</text:p>', '&amp;', '&#0;',
    '${1/0}', '$record', '{{7*7}}', '#{1}', '%(name)s', '%s', '{0}',
    '=1+1', '+33', '-1', '@SUM(A1)', "=cmd|' /C calc'!A0", '../../etc/passwd',
    "'; DROP TABLE party_party; --", '" OR 1=1', '\\', '%', '_', '\x00',
    '\x01', '\x1b[2J', '\x7f', '\x85', '\ufffe', '\u200b', '\u202e', '\ufeff',
    '\u2028', '\U0001f600', 'é', 'x' * 3000, ' ']
# What PostgreSQL has no text for
_NOT_STORED = '\x00' if backend.name == 'postgresql' else ''
hostile = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(
        st.characters(exclude_categories=['Cs']), max_size=5),
    min_size=1, max_size=6).map(''.join)
# As Tryton takes it for a name
names = hostile.map(lambda t: ''.join(
        c for c in t if c not in '\t\n\r\x0b\x0c' + _NOT_STORED).strip())
# In one, as a report takes its time
ALL = ''.join(
    c for c in ''.join(FRAGMENTS) if c not in '\t\n\r\x0b\x0c' + _NOT_STORED
    ).strip()
# Reports and the records that they are on
REPORTS = {
    'coop_cae.report_monthly_statement': 'cae.activity',
    'coop_cae.report_personal_data': 'cae.entrepreneur',
    'coop_shares.report_certificate': 'coop.member',
    'coop_shares.report_account': 'coop.member',
    'coop_shares.report_register': 'coop.member',
    }


class RuleTestCase(unittest.TestCase):

    @given(st.lists(st.lists(hostile, min_size=2, max_size=2), max_size=4))
    def test_tables_of_command_line(self, rows):
        "Come back as they were, and no cell is a formula"
        output = io.StringIO()
        write_csv(output, rows)
        found = list(csv.reader(
                io.StringIO(output.getvalue(), newline=''), delimiter=';'))
        self.assertEqual(found, [
                [safe_text(' '.join(c.splitlines())) for c in r]
                for r in rows])
        for cell in (c for row in found for c in row):
            self.assertFalse(
                cell.strip('\x00\x1f\ufeff\u200b ').startswith(
                    ('=', '+', '-', '@')))

    @given(hostile)
    def test_headers(self, text):
        message = EmailMessage()
        message['Subject'] = one_line(text)
        self.assertEqual(message.keys(), ['Subject'])

    @given(hostile)
    def test_documents(self, text):
        "What is left of a text is in a document as it is"
        element = ElementTree.Element('a')
        element.text = text
        document = ElementTree.tostring(element, 'unicode')
        found = ElementTree.fromstring(legal(document)).text or ''
        self.assertEqual(found, legal(text).replace('\r', '\n'))

    @given(hostile, hostile)
    def test_page(self, label, value):
        "Nothing of a person's data is markup"
        tags = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attributes: tags.append(tag)
        parser.feed(as_html(label, value, {label: [{label: value}]},
                Words('fr', "oui", "non")))
        self.assertEqual(tags, [
                'html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'p',
                'h2', 'table', 'tr', 'th', 'td'])


class InjectionTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    @settings(max_examples=2, suppress_health_check=list(HealthCheck))
    @given(names, names)
    @example(ALL, ALL)
    @with_transaction()
    def test_reports(self, name, text):
        "Every document opens, and shows what was typed"
        pool = Pool()
        cae = Cae()
        person = cae.person('E1')
        with cae.context(), Transaction().set_context(
                _skip_warnings=True, figures_date=dt.date(2024, 5, 31)):
            person.party.name = name or 'x'
            person.party.save()
            activity = cae.activity('A1')
            activity.name = text or 'x'
            activity.save()
            for report, model in REPORTS.items():
                Model = pool.get(model)
                if model == 'cae.activity':
                    record = activity
                elif model == 'cae.entrepreneur':
                    record = person
                else:
                    record, = Model.search([('party', '=', person.party.id)])
                with self.subTest(report=report):
                    self.check(*self.print(report, record), name)

    def print(self, report, record):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        action = pool.get('ir.action.report')(
            ModelData.get_id(*report.split('.')))
        extension, content, _, _ = call(
            action.report_name, 'execute', [record.id],
            {'action_id': action.id, 'model': record.__name__}, kind='report')
        return extension, content

    def check(self, extension, content, name):
        with zipfile.ZipFile(io.BytesIO(content)) as document:
            self.assertIsNone(document.testzip())
            for inner in document.namelist():
                self.assertFalse(inner.startswith('/') or '..' in inner)
                data = document.read(inner)
                if inner.endswith('.xml'):
                    ElementTree.fromstring(data)
                elif inner.endswith('.json'):
                    values = json.loads(data)['sections'].values()
                    self.assertIn(name or 'x', {
                            v for section in values for record in section
                            for v in record.values()})
            if extension in {'odt', 'ods'}:
                shown = ''.join(ElementTree.fromstring(
                        document.read('content.xml')).itertext())
                # All of them show the name of the person
                for typed in ['${1/0}', '{{7*7}}', '%(name)s']:
                    if typed in name:
                        self.assertIn(typed, shown)

    @settings(max_examples=2, suppress_health_check=list(HealthCheck))
    @given(names)
    @example(ALL)
    @with_transaction()
    def test_searches(self, text):
        "A text that is searched is never a part of the query"
        pool = Pool()
        Access = pool.get('ir.model.access')
        Party = pool.get('party.party')
        before = Party.search([], count=True)
        cae = Cae()
        with cae.context(), Transaction().set_context(
                figures_date=dt.date(2024, 5, 31)):
            for name, Model in pool.iterobject():
                if (not name.startswith(('cae.', 'coop.'))
                        or 'search' not in Model.__rpc__
                        or not Access.check(name, raise_exception=False)):
                    continue
                with self.subTest(model=name):
                    for operator in ['ilike', '=']:
                        try:
                            call(name, 'search_count', [
                                    ('rec_name', operator, text)])
                        except UserError:
                            # A value that it cannot be
                            pass
        self.assertEqual(Party.search([], count=True), before)
