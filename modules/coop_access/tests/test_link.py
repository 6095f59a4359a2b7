# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""No client is given a link that is not an address of the web."""
from xml.etree import ElementTree

from trytond.modules.coop_access.exceptions import LinkError
from trytond.modules.coop_access.link import is_site, is_web
from trytond.modules.coop_access.tests.tools import call
from trytond.pool import Pool
from trytond.tests.test_tryton import (
    TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

WEB = ['https://example.org/', 'http://example.org:8000/x?a=b#c', 'HTTPS://x']
SITES = ['www.example.org', 'example.org/a:b', '//example.org']
OTHERS = [
    'javascript:alert(1)', 'JavaScript:alert(1)', ' javascript:alert(1)',
    '\x01javascript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:x',
    'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc',
    'blob:https://example.org/1', 'tryton://host/db/model/res.user',
    'ms-word:ofe|u|https://example.org/x.docx', 'mailto:a@example.org']


class LinkTestCase(TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('coop_access')

    def party(self):
        party, = Pool().get('party.party').create([{'name': "Durand"}])
        return party

    def attachment(self, link=None):
        attachment, = Pool().get('ir.attachment').create([{
                    'name': "Statuts", 'type': 'link', 'link': link,
                    'resource': str(self.party())}])
        return attachment

    def store(self, record, name, value):
        "Write what a database may have from before"
        table = record.__table__()
        Transaction().connection.cursor().execute(*table.update(
                [getattr(table, name)], [value], where=table.id == record.id))
        Transaction().cache.clear()

    def test_kinds(self):
        for link in WEB:
            self.assertTrue(is_web(link) and is_site(link), link)
        for link in SITES:
            self.assertTrue(is_site(link) and not is_web(link), link)
        for link in OTHERS:
            self.assertFalse(is_web(link) or is_site(link), link)

    @with_transaction()
    def test_attachment(self):
        Attachment = Pool().get('ir.attachment')
        for link in WEB:
            self.assertEqual(self.attachment(link).link, link)
        attachment = self.attachment()
        for link in [*OTHERS, *SITES]:
            with self.subTest(link=link):
                with self.assertRaises(LinkError):
                    self.attachment(link)
                with self.assertRaises(LinkError):
                    Attachment.write([attachment], {'link': link})

    @with_transaction()
    def test_attachment_from_before(self):
        Attachment = Pool().get('ir.attachment')
        attachment = self.attachment()
        self.store(attachment, 'link', OTHERS[0])
        row, = call('ir.attachment', 'read', [attachment.id], ['link', 'name'])
        self.assertEqual(row['link'], '')
        self.assertEqual(Attachment(attachment.id).link, '')
        # What else it tells is changed as before
        Attachment.write([attachment], {'name': "Anciens statuts"})
        self.assertEqual(Attachment(attachment.id).name, "Anciens statuts")

    @with_transaction()
    def test_action(self):
        Action = Pool().get('ir.action.url')
        action, = Action.create([{'name': "Aide", 'url': WEB[0]}])
        for link in OTHERS:
            with self.subTest(link=link), self.assertRaises(LinkError):
                Action.write([action], {'url': link})
        self.store(action, 'url', OTHERS[0])
        self.assertEqual(
            Pool().get('ir.action').get_action_values(
                'ir.action.url', [action.id])[0]['url'], '')

    @with_transaction()
    def test_website(self):
        Mechanism = Pool().get('party.contact_mechanism')
        party = self.party()

        def create(value, type='website'):
            mechanism, = Mechanism.create([{
                        'party': party.id, 'type': type, 'value': value}])
            return mechanism
        for link in [*WEB, *SITES]:
            mechanism = create(link)
            self.assertEqual(mechanism.url, link)
            self.assertEqual(mechanism.website, link)
        for link in OTHERS:
            with self.subTest(link=link), self.assertRaises(LinkError):
                create(link)
        # What is no website is opened by its own kind of program
        other = create('javascript:alert(1)', 'phone')
        self.assertEqual(other.url, 'tel:javascript:alert(1)')
        with self.assertRaises(LinkError):
            Mechanism.write([other], {'type': 'website'})

    @with_transaction()
    def test_website_from_before(self):
        Mechanism = Pool().get('party.contact_mechanism')
        mechanism, = Mechanism.create([{
                    'party': self.party().id, 'type': 'website',
                    'value': WEB[0]}])
        self.store(mechanism, 'value', OTHERS[0])
        row, = call(
            'party.contact_mechanism', 'read', [mechanism.id],
            ['url', 'website'])
        self.assertEqual((row['url'], row['website']), (None, None))
        mechanism = Mechanism(type='website', value=OTHERS[0])
        self.assertIsNone(mechanism.on_change_with_url())

    @with_transaction()
    def test_all_fields(self):
        "Every field that a view shows as a link is one of those"
        View = Pool().get('ir.ui.view')
        shown = set()
        for view in View.search([('model', '!=', None)]):
            if not view.arch:
                continue
            for element in ElementTree.fromstring(
                    view.arch.encode()).iter():
                if (element.get('widget') == 'url'
                        or element.get('type') == 'url'):
                    shown.add((view.model, element.get('name')))
        self.assertEqual(shown, {
                ('ir.attachment', 'link'),
                ('party.contact_mechanism', 'url'),
                ('party.contact_mechanism', 'website'),
                })
