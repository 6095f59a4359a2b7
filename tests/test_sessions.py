# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Sessions, through the server's own door."""
import base64
import datetime as dt
import os
import tempfile
import unittest
from unittest.mock import patch

from werkzeug.test import Client

from tools import access_table
from trytond.exceptions import UserError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.scripts import initialization
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.protocols.wrappers import Response
from trytond.tests.test_tryton import DB_NAME, with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

PASSWORD = 'Pour 3 essais, pas plus'
# The buttons that book, or take back what is booked
BOOKING = {
    'give_back', 'post', 'reverse', 'subscribe', 'take_back', 'undo'}
BOOKS_NOTHING = {
    # It takes back a signature
    'cae.interview:take_back',
    }


def add_accountant(config=None):
    "Add a user who closes months"
    commit(_add_accountant)


def _add_accountant():
    pool = Pool()
    ModelData = pool.get('ir.model.data')
    company = Cae().company
    pool.get('res.user').create([{
                'name': "Comptable", 'login': 'comptable',
                'password': PASSWORD, 'companies': [('add', [company.id])],
                'company': company.id,
                'groups': [('add', [ModelData.get_id(
                                'coop_cae', 'group_cae_accountant')])]}])


class SessionTestCase(unittest.TestCase):

    def setUp(self):
        super().setUp()
        # What the server commits is for one test
        activate_modules('coop_cae', set_up_cae, add_accountant)
        from trytond.wsgi import app
        self.environ = {}
        self.client = Client(app, Response)

    def rpc(self, method, *params, authorization=None):
        response = self.client.post(
            f'/{DB_NAME}/rpc/',
            json={'id': 0, 'method': method, 'params': [*params, {}]},
            headers={'Authorization': authorization},
            environ_base=self.environ)
        if response.status_code != 200:
            return response.status_code
        return response.json

    def login(self, password=PASSWORD, login='comptable'):
        response = self.client.post(
            f'/{DB_NAME}/rpc/', json={
                'id': 0, 'method': 'common.db.login',
                'params': [login, {'password': password}, 'en']})
        if response.status_code != 200:
            return response.status_code
        user, session, *_ = response.json['result']
        token = base64.b64encode(
            f'{login}:{user}:{session}'.encode()).decode()
        return f'Session {token}'

    def read(self, session):
        found = self.rpc(
            'model.cae.payslip.search', [], 0, None, None,
            authorization=session)
        return found if isinstance(found, int) else (
            found.get('error') or found['result'])

    def write(self, values):
        def _write():
            User = Pool().get('res.user')
            user, = User.search([('login', '=', 'comptable')])
            User.write([user], values)
        commit(_write)

    def test_refused(self):
        "A session is of no use once the user may not work any more"
        for values in [
                {'password': PASSWORD + '!'}, {'active': False}]:
            with self.subTest(values=[*values]):
                self.setUp()
                session = self.login()
                self.assertEqual(self.read(session), [])
                self.write(values)
                self.assertEqual(self.read(session), 401)

    def test_group_taken(self):
        "What a group gave is gone with it, in the session that there is"
        session = self.login()
        self.assertEqual(self.read(session), [])
        groups = []

        def _groups():
            User = Pool().get('res.user')
            user, = User.search([('login', '=', 'comptable')])
            groups.extend(g.id for g in user.groups)
        commit(_groups)
        self.write({'groups': [('remove', groups)]})
        error = self.read(session)
        self.assertEqual(error[0], 'UserError')

    def test_wrong_password(self):
        "Those who try passwords wait longer and longer, and are sent away"
        # Those of this module only, as other threads sleep too
        with patch('trytond.res.user.time') as time, \
                patch('trytond.res.user.random') as random:
            # The longest of the waits that it draws from
            random.randint.side_effect = lambda least, most: most
            answers = [self.login('faux') for _ in range(12)]
        waits = [sleep.args[0] for sleep in time.sleep.call_args_list]
        self.assertEqual(answers, [401] * 6 + [429] * 6)
        # Who is sent away does not wait
        self.assertEqual(waits, [0, 1, 3, 7, 15, 31])

    def test_passwords(self):
        "They are kept as argon2 makes them, and are not too short"
        def password_hash():
            table = Pool().get('res.user').__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*table.select(
                    table.password_hash, where=table.login == 'comptable'))
            return cursor.fetchone()[0]
        hashes = []
        commit(lambda: hashes.append(password_hash()))
        self.assertTrue(hashes[0].startswith('$argon2'), hashes)
        with self.assertRaises(UserError):
            self.write({'password': 'x7k-e2q'})
        self.write({'password': 'x7k-e2qm'})

    def test_first_password(self):
        "That of a new database may be of any length"
        with tempfile.NamedTemporaryFile('w') as file, patch.dict(
                os.environ, {'TRYTONPASSFILE': file.name}):
            file.write('court\n')
            file.flush()
            # What the tests give it
            self.clear_password()
            initialization.set_password(DB_NAME)
        self.assertEqual(self.login('court', 'admin').count(' '), 1)

    def clear_password(self):
        def clear():
            table = Pool().get('res.user').__table__()
            cursor = Transaction().connection.cursor()
            cursor.execute(*table.update(
                    [table.password_hash], [None],
                    where=table.login == 'admin'))
        commit(clear)

    def test_max_age(self):
        "A session ends some time after the login, however it is used"
        session = self.login()
        self.assertEqual(self.read(session), [])
        for days, answer in [(29, []), (31, 401)]:
            def age():
                table = Pool().get('ir.session').__table__()
                cursor = Transaction().connection.cursor()
                cursor.execute(*table.update(
                        [table.create_date],
                        [dt.datetime.now() - dt.timedelta(days=days)]))
            commit(age)
            self.assertEqual(self.read(session), answer)

    def test_other_address(self):
        "A session is of the address that it began at"
        session = self.login()
        self.environ = {'REMOTE_ADDR': '192.0.2.1'}
        self.assertEqual(self.read(session), 401)
        self.environ = {}
        self.assertEqual(self.read(session), [])

    def test_basic(self):
        "Each call by basic authentication verifies the password"
        token = base64.b64encode(f'comptable:{PASSWORD}'.encode()).decode()
        User = Pool(DB_NAME).get('res.user')
        with patch.object(
                User, 'check_password', side_effect=User.check_password
                ) as check:
            for _ in range(3):
                self.assertEqual(self.read(f'Basic {token}'), [])
        self.assertEqual(check.call_count, 3)

    def test_fresh(self):
        "What was left alone logs in again before it books"
        session = self.login()
        self.assertEqual(self.read(session), [])

        def age():
            table = Pool().get('ir.session').__table__()
            cursor = Transaction().connection.cursor()
            old = dt.datetime.now() - dt.timedelta(hours=1)
            cursor.execute(*table.update(
                    [table.create_date, table.write_date], [old, old]))
        commit(age)
        # It looks at what there is as before
        self.assertEqual(self.read(session), [])
        commit(age)
        for method in [
                'model.cae.close.undo', 'wizard.cae.close_month.execute',
                'model.coop.share.exit.post']:
            with self.subTest(method=method):
                self.assertEqual(
                    self.rpc(method, [], authorization=session), 401)

    def test_no_session(self):
        for authorization in [
                None, 'Session !', 'Session ' + base64.b64encode(
                    b'comptable:1:x').decode()]:
            with self.subTest(authorization=authorization):
                self.assertEqual(self.read(authorization), 401)


class FreshTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @with_transaction()
    def test_fresh(self):
        booking = {
            name for kind, name in access_table.read()
            if kind == 'button' and name.partition(':')[2] in BOOKING}
        self.assertLess(BOOKS_NOTHING, booking)
        for name in booking - BOOKS_NOTHING:
            model, _, button = name.partition(':')
            with self.subTest(button=name):
                self.assertTrue(
                    Pool().get(model).__rpc__[button].fresh_session)

    @with_transaction()
    def test_fresh_wizards(self):
        for name in [
                'cae.close_month', 'cae.close.queue', 'cae.transfer',
                'coop.fec.import_file', 'coop.share.convert_savings',
                'coop.share.import_past', 'coop.share.reverse']:
            with self.subTest(wizard=name):
                Wizard = Pool().get(name, type='wizard')
                self.assertTrue(Wizard.__rpc__['execute'].fresh_session)

    @with_transaction()
    def test_own_rights(self):
        "An entrepreneur changes nothing of what they may"
        pool = Pool()
        User = pool.get('res.user')
        person = Cae().person('E1')
        with patch('trytond.res.user._send_email'):
            type(person).create_user([person])
        user = type(person)(person.id).user
        other = Cae('OTHER').company.id
        before = (user.groups, user.companies, user.company, user.employee)
        with Transaction().set_user(user.id), Transaction().set_context(
                User.get_preferences(True)), check_access():
            for values in [
                    {'groups': [('add', [1])]},
                    {'companies': [('add', [other])]},
                    {'employees': [('add', [1])]},
                    {'login': 'admin'}, {'active': False}]:
                with self.subTest(values=values):
                    call('res.user', 'set_preferences', values)
            for values in [
                    {'company': other}, {'employee': 1}]:
                with self.subTest(values=values):
                    # As the server does with what it refuses
                    with self.assertRaises(UserError), savepoint():
                        call('res.user', 'set_preferences', values)
        user = User(user.id)
        self.assertEqual(
            (user.groups, user.companies, user.company, user.employee),
            before)
        self.assertEqual(user.login, 'e1@example.org')
