# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is held on a person is given to them, and erased as the law lets."""
import datetime as dt
import io
import json
import unittest
import zipfile
from contextlib import contextmanager
from unittest.mock import patch

from tools import access_table
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.personal_data import SECTIONS
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.test_nir import E1 as NIR
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

# What has a person and tells nothing that the sections do not
ELSEWHERE = {
    'cae.activity.open_item', 'cae.member.delay', 'cae.path',
    'cae.payslip.settlement', 'cae.todo', 'coop.fec.auxiliary',
    'coop.share.holding', 'coop.share.lot'}
TODAY = dt.date(2040, 1, 1)


class PersonalDataTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    def enter(self):
        "Enter what is told of E1 only to some, and return the person"
        pool = Pool()
        person = Cae().person('E1')
        with Transaction().set_context(_skip_warnings=True):
            pool.get('cae.nir').create([{
                        'entrepreneur': person.id, 'number': NIR}])
            pool.get('cae.funder_fact').create([{
                        'entrepreneur': person.id,
                        'date': dt.date(2022, 1, 3), 'disability': 'yes'}])
            pool.get('cae.interview').create([{
                        'entrepreneur': person.id,
                        'adviser': person.adviser.id,
                        'date': dt.date(2024, 2, 1),
                        'review': "Travaille de nuit."}])
            pool.get('ir.attachment').create([{
                        'name': "../Pièce d'identité.pdf",
                        'resource': str(person), 'type': 'data',
                        'data': b'%PDF'}])
            pool.get('ir.note').create([{
                        'resource': str(person), 'message': "Rappeler."}])
            pool.get('ir.email').create([{
                        'resource': str(person.party), 'subject': "Bienvenue",
                        'recipients': 'e1@example.org',
                        'addresses': [('create', [
                                    {'address': 'e1@example.org'}])]}])
            pool.get('ir.email').create([{
                        'resource': str(Cae().person('E2').party),
                        'subject': "Réunion",
                        'recipients':
                        'Ana <e1@example.org>, Luc <e2@example.org>',
                        'addresses': [('create', [
                                    {'address': 'e1@example.org'},
                                    {'address': 'e2@example.org'}])]}])
        return person

    def print(self, record):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        name = 'report_personal_data'
        if record.__name__ == 'party.party':
            name += '_party'
        extension, content, _, _ = call(
            'cae.personal_data', 'execute', [record.id],
            {'action_id': ModelData.get_id('coop_cae', name)}, kind='report')
        self.assertEqual(extension, 'zip')
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return {name: file.read(name) for name in file.namelist()}

    @contextmanager
    def user(self, *groups):
        "Work as a user who has the groups of the roles"
        pool = Pool()
        User = pool.get('res.user')
        with access_table.role(groups[0]) as user:
            pass
        for name in groups[1:]:
            with access_table.role(name) as other:
                pass
            User.write([user], {'groups': [
                        ('add', [g.id for g in other.groups])]})
        with access_table.role(groups[0]):
            yield

    @with_transaction()
    def test_all(self):
        "Who may see all gives all of the person, and nothing of others"
        person = self.enter()
        with self.user('accountant', 'funder_facts', 'share'):
            files = self.print(person)
        self.assertEqual(
            [*files][:2], ['donnees.json', 'donnees.html'])
        self.assertEqual(
            [n for n in files if n.startswith('pieces/')],
            ['pieces/001-Piece-didentite.pdf'])
        text = files['donnees.json'].decode()
        for expected in [
                "Durand", 'e1@example.org', '1980-01-02', NIR,
                "Travaille de nuit.", "Rappeler.", "Bienvenue", '500']:
            self.assertIn(expected, text)
            self.assertIn(expected, files['donnees.html'].decode())
        for other in ["Morel", 'e2@example.org', "Petit", 'password']:
            self.assertNotIn(other, text)
        self.assertEqual(
            len(json.loads(text)['sections']['Cae Contract']), 2)

    @with_transaction()
    def test_rights(self):
        "Everybody gives what they may see, and tells what they may not"
        person, other = self.enter(), Cae('OTHER').person('E3')
        for role, hidden in [
                ('adviser', {NIR, 'disability', 'Cae Payslip', '500.00'}),
                ('manager', {NIR, 'disability'})]:
            with self.user(role):
                content = json.loads(self.print(person)['donnees.json'])
            told = json.dumps(content['sections'], ensure_ascii=False)
            self.assertIn("Travaille de nuit.", told)
            for text in hidden:
                self.assertNotIn(text, told)
            self.assertIn('Nir', content['notice'])
        for role in ['none', 'share', 'account', 'entrepreneur']:
            with self.user(role), self.assertRaises(AccessError):
                self.print(person)
        with self.user('adviser'), self.assertRaises(AccessError):
            self.print(other)

    @with_transaction()
    def test_of_other_company(self):
        "The party is seen by all, what the other company knows is not"
        party = Cae('OTHER').person('E3').party
        with self.user('accountant', 'funder_facts', 'share'):
            text = self.print(party)['donnees.json'].decode()
        self.assertIn("Petit", text)
        sections = json.loads(text)['sections']
        self.assertLessEqual(
            {*sections}, {
                'Party', 'Party Address', 'Party Contact Mechanism',
                'Party Identifier'})

    @with_transaction()
    def test_complete(self):
        "Whatever of ours has a person is given, or known to be elsewhere"
        people = {'party.party', 'cae.entrepreneur', 'coop.member'}
        found = {
            name for name, Model in Pool().iterobject()
            if name.startswith(('cae.', 'coop.'))
            and 'read' in getattr(Model, '__rpc__', {})
            and any(
                field._type == 'many2one' and field.model_name in people
                for field in Model._fields.values())}
        self.assertEqual(found - {*SECTIONS}, ELSEWHERE)

    def erase(self, party):
        pool = Pool()
        Erase = pool.get('party.erase', type='wizard')
        Withholding = pool.get('coop.share.withholding')
        party.active = False
        party.save()
        session, _, _ = Erase.create()
        # What was saved is paid back: it is not about that here
        with patch.object(Withholding, 'savings', return_value={}):
            result = Erase.execute(
                session, {'ask': {'party': party.id}}, 'erase')
        Erase.delete(session)
        return result['view']['defaults']['text']

    def leave(self, person):
        "Let the person leave the co-op, without a share"
        pool = Pool()
        cursor = Transaction().connection.cursor()
        reason, = pool.get('cae.exit_reason').create([
                {'code': 'job', 'name': "Job"}])
        contract = pool.get('cae.contract').__table__()
        cursor.execute(*contract.update(
                [contract.exit_date, contract.exit_reason],
                [dt.date(2030, 3, 31), reason.id],
                where=contract.entrepreneur == person.id))
        self.leave_shares(person.party)

    def leave_shares(self, party):
        cursor = Transaction().connection.cursor()
        member = Pool().get('coop.member').__table__()
        cursor.execute(*member.update(
                [member.exit_date], [dt.date(2030, 3, 31)],
                where=member.party == party.id))
        Transaction().counter += 1
        for cache in Transaction().cache.values():
            cache.clear()

    @with_transaction()
    def test_pay_from_shares(self):
        "Who keeps the shares reads the entries of shares, not those of pay"
        Move = Pool().get('account.move')
        all_ = {m.id for m in Move.search([])}
        with access_table.role('share'):
            seen = Move.search([])
            for move in seen:
                self.assertRegex(
                    str(move.origin), '^coop[.](share|surplus)')
        self.assertTrue(seen)
        pay = all_ - {m.id for m in seen}
        booked = {
            m.id for m in Move.search([('origin', 'like', 'cae.payslip,%')])}
        self.assertTrue(booked)
        self.assertLessEqual(booked, pay)
        with access_table.role('share'), self.assertRaises(AccessError):
            call('account.move', 'read', [min(pay)], ['lines'])

    @with_transaction()
    def test_not_erased(self):
        "Of who is a member or employed nothing is erased"
        party = Cae().person('E1').party
        with self.assertRaisesRegex(EraseError, "member"):
            self.erase(party)
        self.leave_shares(party)
        with self.assertRaisesRegex(EraseError, "contract"):
            self.erase(type(party)(party.id))
        self.assertTrue(type(party)(party.id).name)

    @with_transaction()
    def test_erase_as_law_lets(self):
        "The name stays where the law keeps it, and the user is told"
        pool = Pool()
        person = self.enter()
        party = person.party
        name, user = party.name, person.user
        self.leave(person)
        with patch(
                'trytond.ir.date.Date.today', lambda *a, **k: (
                    dt.date(2031, 1, 1))):
            told = self.erase(type(party)(party.id))
        self.assertEqual(len(told.splitlines()), 3)
        person, party = type(person)(person.id), type(party)(party.id)
        self.assertEqual(party.name, name)
        # The register of the staff has it
        self.assertEqual(person.birth_date, dt.date(1980, 1, 2))
        self.check_erased(person, user)
        self.assertTrue(pool.get('coop.member').search([
                    ('party', '=', party.id)]))
        self.assertTrue(pool.get('account.move.line').search([
                    ('party', '=', party.id)]))

    @with_transaction()
    def test_erase_when_time_is_over(self):
        pool = Pool()
        person = self.enter()
        party, user = person.party, person.user
        self.leave(person)
        with patch(
                'trytond.ir.date.Date.today', lambda *a, **k: TODAY):
            told = self.erase(type(party)(party.id))
        # Of a member the register is kept
        self.assertEqual(len(told.splitlines()), 1)
        self.assertIsNone(type(person)(person.id).birth_date)
        self.check_erased(person, user)
        other = Cae().person('E2')
        self.assertTrue(other.party.name)
        self.assertEqual(
            pool.get('res.user')(other.user.id).login, 'e2@example.org')

    def check_erased(self, person, user):
        pool = Pool()
        for name in ['cae.nir', 'cae.funder_fact']:
            self.assertEqual(pool.get(name).search([]), [])
        interview, = pool.get('cae.interview').search([])
        self.assertIsNone(interview.review)
        for name in ['ir.attachment', 'ir.note', 'ir.email']:
            self.assertEqual(
                pool.get(name).search([
                        ('resource', 'in', [str(person), str(person.party)]),
                        ]), [])
        # What others have received too is theirs
        email, = pool.get('ir.email').search([])
        self.assertEqual(
            (email.recipients, [a.address for a in email.addresses]),
            ('Luc <e2@example.org>', ['e2@example.org']))
        user = pool.get('res.user')(user.id)
        self.assertFalse(user.active)
        self.assertIsNone(user.name)
        self.assertEqual(user.login, f'erased-{user.id}')
        self.assertIsNone(user.email)
        # Nowhere in the database, in no column
        for text in [NIR, 'e1@example.org', "Travaille de nuit."]:
            self.assertEqual(self.find(text), [])

    def find(self, text):
        "Return the columns of the database that have the text"
        cursor = Transaction().connection.cursor()
        found = []
        for name, Model in Pool().iterobject():
            if (not hasattr(Model, '__table__')
                    or callable(getattr(Model, 'table_query', None))
                    or not getattr(Model, '_table', None)):
                continue
            table = Model.__table__()
            columns = [
                f for f, field in Model._fields.items()
                if (getattr(field, '_sql_type', None) or '').startswith(
                    ('VARCHAR', 'TEXT'))
                and field._type in {'char', 'text', 'fulltext', 'selection'}]
            for column in columns:
                cursor.execute(*table.select(
                        table.id,
                        where=getattr(table, column).like(f'%{text}%'),
                        limit=1))
                if cursor.fetchone():
                    found.append((name, column))
        return found
