# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the server answers, through its own door."""
import base64
import gzip
import json
import os
import re
import tempfile
import tracemalloc
import unittest
import xmlrpc.client
from pathlib import Path
from unittest.mock import patch

from werkzeug.test import Client

import trytond.config as config
from trytond import backend
from trytond.exceptions import (
    ConcurrencyException, LoginException, UserError, UserWarning)
from trytond.modules.coop_access.body import unpack
from trytond.modules.coop_access.middleware import (
    Refusals, SecurityHeaders, inline_scripts)
from trytond.pool import Pool
from trytond.protocols.wrappers import Response, exceptions
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

PASSWORD = 'Pour 3 essais, pas plus'
SECRET = 'column "password_hash" of relation'
# What only Python or a database says
LEAKS = re.compile(
    r'Traceback|Error(\(|:)|object has no|not subscriptable|NoneType|'
    r'positional argument|KeyError|unpack|indices|sqlite|psycopg|SELECT|\.py')


def add_user(config=None):
    with Transaction().start(DB_NAME, 0) as transaction:
        Pool().get('res.user').create([{
                    'name': "Comptable", 'login': 'comptable',
                    'password': PASSWORD}])
        transaction.commit()


class ServerTestCase(unittest.TestCase):

    def setUp(self):
        super().setUp()
        # What the server commits is for one test
        activate_modules('coop_access', add_user)
        from trytond.wsgi import app
        self.app = app
        served = patch.dict(os.environ, {'TRYTOND_DATABASE_NAMES': DB_NAME})
        served.start()
        self.addCleanup(served.stop)
        self.client = Client(SecurityHeaders(Refusals(app)), Response)

    def post(self, path, body=None, **headers):
        return self.client.post(
            f'/{DB_NAME}/{path}', json=body, headers={
                k.replace('_', '-'): v for k, v in headers.items()})

    def call(self, method, *params, context=None, **headers):
        return self.post('rpc/', {
                'id': 0, 'method': method,
                'params': [*params, context or {}]}, **headers)

    def login(self, password=PASSWORD, **parameters):
        return self.post('rpc/', {
                'id': 0, 'method': 'common.db.login', 'params': [
                    'comptable', {'password': password, **parameters}, 'en']})

    def session(self):
        user, session, *_ = self.login().json['result']
        token = base64.b64encode(
            f'comptable:{user}:{session}'.encode()).decode()
        return f'Session {token}'


class PasswordTestCase(ServerTestCase):
    "Who tries passwords locks out nobody whose device is known"

    def setUp(self):
        super().setUp()
        for waiting in ['trytond.res.user.time', 'trytond.security.time']:
            patched = patch(waiting)
            patched.start()
            self.addCleanup(patched.stop)

    def test_known_device(self):
        # As clients do after each login
        cookie = self.call(
            'model.res.user.device.renew', None,
            Authorization=self.session()).json['result']
        answers = [self.login('faux').status_code for _ in range(10)]
        self.assertEqual(answers, [401] * 6 + [429] * 4)
        # The owner from elsewhere waits
        self.assertEqual(self.login().status_code, 429)
        self.assertEqual(
            self.login(device_cookie='of nobody').status_code, 429)
        # At their own device they do not
        self.assertEqual(
            self.login(device_cookie=cookie).status_code, 200)
        # A device that tries passwords is locked as any other
        for _ in range(6):
            self.login('faux', device_cookie=cookie)
        self.assertEqual(
            self.login(device_cookie=cookie).status_code, 429)

    def test_network(self):
        "Who tries one password for many logins is sent away too"
        getint = config.getint
        with patch.object(config, 'getint', side_effect=lambda *a, **k: (
                    5 if a[1] == 'max_attempt_ip_network'
                    else getint(*a, **k))):
            answers = [
                self.post('rpc/', {
                        'id': 0, 'method': 'common.db.login', 'params': [
                            f'user{n}', {'password': 'faux'}, 'en'],
                        }).status_code
                for n in range(8)]
        self.assertEqual(answers, [401] * 6 + [429] * 2)


class PackedBodyTestCase(ServerTestCase):

    def send(self, data, session=None, path='rpc/', **headers):
        if session:
            headers['Authorization'] = session
        return self.client.post(
            f'/{DB_NAME}/{path}', data=data, headers={
                'Content-Type': 'application/json',
                'Content-Encoding': 'gzip', **headers})

    def body(self, padding=0):
        return json.dumps({
                'id': 0, 'method': 'model.res.user.search',
                'params': [[['login', '=', 'comptable']], {}],
                }).encode() + b' ' * padding

    def test_packed(self):
        "It is read as one that is sent as it is"
        session = self.session()
        plain = self.client.post(
            f'/{DB_NAME}/rpc/', data=self.body(), headers={
                'Content-Type': 'application/json',
                'Authorization': session})
        self.assertEqual(len(plain.json['result']), 1)
        for data in [
                gzip.compress(self.body()),
                # In two files, one after the other
                gzip.compress(self.body()[:9]) + gzip.compress(
                    self.body()[9:])]:
            answer = self.send(data, session)
            self.assertEqual(answer.json, plain.json)

    def test_too_large(self):
        "What unpacks to more than may be sent is refused as that is"
        session = self.session()
        most = config.getint('request', 'max_size_authenticated')
        self.addCleanup(
            config.set, 'request', 'max_size_authenticated', str(most))
        config.set('request', 'max_size_authenticated', '100000')
        data = gzip.compress(self.body(50_000_000))
        self.assertLess(len(data), 100_000)
        tracemalloc.start()
        try:
            answer = self.send(data, session)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertEqual(answer.status_code, 413)
        self.assertLess(peak, 10_000_000)
        # To the byte
        for size, code in [(100_000, 200), (100_001, 413)]:
            padding = size - len(self.body())
            self.assertEqual(
                self.send(gzip.compress(self.body(padding)), session
                    ).status_code, code)

    def test_not_logged_in(self):
        for session in [None, 'Session ' + base64.b64encode(
                    b'comptable:1:x').decode()]:
            answer = self.send(gzip.compress(self.body()), session)
            self.assertEqual(answer.status_code, 415)

    def test_sent(self):
        "What is sent as it is has the same bound"
        body = self.body(config.getint('request', 'max_size'))
        answer = self.client.post(f'/{DB_NAME}/rpc/', data=body, headers={
                'Content-Type': 'application/json'})
        self.assertEqual(answer.status_code, 413)
        answer = self.client.post(f'/{DB_NAME}/rpc/', data=body, headers={
                'Content-Type': 'application/json',
                'Authorization': self.session()})
        self.assertEqual(answer.status_code, 200)

    def test_broken(self):
        session = self.session()
        packed = gzip.compress(self.body())
        for data in [b'', b'no gzip', packed[:-9], packed + b'x', packed[:4]]:
            with self.subTest(data=data):
                self.assertEqual(self.send(data, session).status_code, 400)

    def test_bound(self):
        packed = gzip.compress(b'abc')
        self.assertEqual(unpack(packed, 3), b'abc')
        self.assertEqual(unpack(packed), b'abc')
        self.assertEqual(unpack(packed * 3, 9), b'abc' * 3)
        for data, most in [(packed, 2), (packed, 0), (packed * 3, 8)]:
            with self.assertRaises(exceptions.RequestEntityTooLarge):
                unpack(data, most)


class DatabaseTestCase(ServerTestCase):

    def test_others(self):
        "No other database is looked for, whatever asks for it"
        body = {
            'id': 0, 'method': 'common.db.login',
            'params': ['admin', {'password': 'x'}, 'en']}
        avatar = base64.urlsafe_b64encode(b'other').decode().rstrip('=')
        with patch('trytond.backend.Database', side_effect=AssertionError), \
                patch(
                    'trytond.transaction.Transaction.start',
                    side_effect=AssertionError):
            for session in [None, 'Session ' + base64.b64encode(
                        b'comptable:1:x').decode()]:
                headers = {'Authorization': session}
                for path in [
                        '/other/rpc/', '/other/session/login',
                        '/other/user/application/']:
                    self.assertEqual(self.client.post(
                            path, json=body, headers=headers).status_code,
                        404)
                for path in [
                        '/other/data/res.user', f'/avatar/{avatar}/1',
                        '/other/rest/model/res.user']:
                    self.assertEqual(self.client.get(
                            path, headers=headers).status_code, 404)

    def test_own(self):
        for names in [DB_NAME, f'other,{DB_NAME}', f'"{DB_NAME}","a b"', '']:
            with patch.dict(os.environ, {'TRYTOND_DATABASE_NAMES': names}):
                self.assertEqual(self.login().status_code, 200)


class RefusalTestCase(ServerTestCase):

    def test_foreign_origin(self):
        "Who comes from another site is refused, and no trace is logged"
        for origin in ['https://evil.example', 'null', 'http://localhost:1']:
            for path in [f'/{DB_NAME}/rpc/', '/rpc/', '/', '/none/at/all']:
                for method in ['get', 'post', 'options']:
                    with self.subTest(origin=origin, path=path), \
                            self.assertNoLogs(level='ERROR'):
                        answer = getattr(self.client, method)(
                            path, json={}, headers={'Origin': origin})
                    self.assertIn(answer.status_code, {403, 404, 405})
                    if origin != 'null':
                        self.assertEqual(answer.status_code, 403)
                    self.assertNotIn('Traceback', answer.text)
                    self.assertNotIn(
                        'Access-Control-Allow-Origin', answer.headers)

    def test_own_origin(self):
        answer = self.client.post(
            '/rpc/', json={
                'id': 0, 'method': 'common.server.version', 'params': []},
            headers={'Origin': 'http://localhost'})
        self.assertEqual(answer.status_code, 200)

    def test_fault_around(self):
        "A fault outside of what answers faults has a reference too"
        def fails(environ, start_response):
            raise KeyError(SECRET)
        with self.assertLogs('trytond', 'ERROR') as logs:
            answer = Client(Refusals(fails), Response).get('/x')
        self.assertEqual(answer.status_code, 500)
        self.assertNotIn('password_hash', answer.text)
        reference = logs.records[0].args[0]
        self.assertIn(reference, answer.text)
        self.assertIn('password_hash', logs.output[0])


class HeaderTestCase(ServerTestCase):

    def test_headers(self):
        "All that is answered tells browsers what they may do with it"
        session = self.session()
        for answer in [
                self.client.get('/'), self.client.get('/none'),
                self.client.options('/'), self.login(), self.login('faux'),
                self.call('model.res.user.search', [], Authorization=session),
                self.client.get('/', headers={'Origin': 'https://x.example'}),
                ]:
            headers = answer.headers
            self.assertEqual(headers['X-Content-Type-Options'], 'nosniff')
            self.assertEqual(headers['X-Frame-Options'], 'SAMEORIGIN')
            self.assertEqual(headers['Referrer-Policy'], 'same-origin')
            self.assertIn('camera=(self)', headers['Permissions-Policy'])
            self.assertEqual(
                len(headers.getlist('Content-Security-Policy')), 1)

    def test_policy(self):
        policy = self.policy(SecurityHeaders(self.app))
        self.assertEqual(policy['default-src'], "'self'")
        self.assertEqual(policy['frame-ancestors'], "'self'")
        self.assertNotIn('unsafe-inline', policy['script-src'])
        for name, sources in policy.items():
            self.assertNotRegex(sources, r'\*|https?:', name)
        policy = self.policy(SecurityHeaders(
                self.app, {'connect-src': "'self' https://bus.example"}))
        self.assertEqual(
            policy['connect-src'], "'self' https://bus.example")

    def policy(self, app):
        value = Client(app, Response).get('/').headers[
            'Content-Security-Policy']
        return dict(d.split(' ', 1) for d in value.split('; '))

    def test_script_of_page(self):
        "Only the script that is in the page of the client runs inline"
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, 'index.html')
            page.write_text(
                '<script type="x" src="a.js"></script>\n'
                '<script type="x">\nalert(1)\n</script>')
            # printf '\nalert(1)\n' | openssl dgst -sha256 -binary | base64
            hash_ = "'sha256-J8+4/wmqNoqVGih0Xof49bzVEIwR8aHhR5HvZK1wlzY='"
            self.assertEqual(inline_scripts(folder), [hash_])
            root = config.get('web', 'root')
            self.addCleanup(config.set, 'web', 'root', root)
            config.set('web', 'root', folder)
            self.assertEqual(
                self.policy(SecurityHeaders(self.app))['script-src'],
                f"'self' 'unsafe-eval' {hash_}")
            # printf 'javascript:void(0)' | openssl dgst ... as above
            page.write_text('<a class="x" href="javascript:void(0)"></a>' * 2)
            self.assertEqual(inline_scripts(folder), [
                    "'unsafe-hashes'",
                    "'sha256-rRMdkshZyJlCmDX27XnL7g3zXaxv7ei6Sg+yt4R3svU='"])
        self.assertEqual(inline_scripts(None), [])
        self.assertEqual(inline_scripts('/none'), [])

    def test_kept(self):
        "What an answer says of itself is kept"
        def app(environ, start_response):
            start_response('200 OK', [('Referrer-Policy', 'no-referrer')])
            return []
        headers = Client(SecurityHeaders(app), Response).get('/').headers
        self.assertEqual(
            headers.getlist('Referrer-Policy'), ['no-referrer'])


class FaultTestCase(ServerTestCase):

    def fails(self, error):
        "Let a method that clients call raise the error"
        patched = patch.object(
            Pool(DB_NAME).get('res.user'), 'search', side_effect=error)
        patched.start()
        self.addCleanup(patched.stop)

    def call_xml(self, session, method='model.res.user.search', *params):
        return self.client.post(
            f'/{DB_NAME}/rpc/', data=xmlrpc.client.dumps(
                (*(params or [[]]), {}), method), headers={
                'Content-Type': 'text/xml', 'Authorization': session})

    def check(self, answer, logs, told):
        "The reference is told, and found in the log with the exception"
        record = logs.records[-1]
        self.assertEqual(record.name, 'trytond.modules.coop_access.fault_log')
        self.assertIn(record.args[0], told)
        for text in ['password_hash', 'TypeError', 'Traceback', 'res.user']:
            self.assertNotIn(text, told)
        return record

    def test_json(self):
        session = self.session()
        for error in [
                KeyError(SECRET), TypeError(SECRET), ValueError(SECRET),
                backend.DatabaseIntegrityError(SECRET)]:
            with self.subTest(error=error):
                self.fails(error)
                with self.assertLogs('trytond', 'ERROR') as logs:
                    answer = self.call(
                        'model.res.user.search', [], Authorization=session)
                self.assertEqual(answer.status_code, 200)
                told, trace = answer.json['error']
                self.assertEqual(trace, '')
                record = self.check(answer, logs, told)
                self.assertIs(record.exc_info[1], error)

    def test_xml(self):
        session = self.session()
        self.fails(TypeError(SECRET))
        with self.assertLogs('trytond', 'ERROR') as logs:
            answer = self.call_xml(session)
        self.assertEqual(answer.status_code, 200)
        with self.assertRaises(xmlrpc.client.Fault) as raised:
            xmlrpc.client.loads(answer.data)
        self.assertEqual(raised.exception.faultCode, 255)
        self.check(answer, logs, raised.exception.faultString)

    def test_calls(self):
        "What no method takes tells nothing of Python"
        session = self.session()
        calls = [
            ('model.no.such.read', []), ('nothing', []), ('a.b', []),
            ('model.res.user.read', []),
            ('wizard.no.such.create',), ('report.no.such.execute', [], {}),
            ('model.res.user.search', [['nothing', '=', 1]]),
            ('model.res.user.search', [['login', 'no operator', 1]]),
            ('model.res.user.search', 3),
            ('model.res.user.read', ['x'], ['login']),
            ('model.res.user.read', [1], ['nothing']),
            ('model.res.user.search', [], 0, 10 ** 30),
            ('system.methodHelp', 'model.no.such'),
            ]
        for method, *params in calls:
            with self.subTest(method=method, params=params):
                with self.assertLogs('trytond', 'ERROR') as logs:
                    answer = self.call(method, *params, Authorization=session)
                self.assertEqual(answer.status_code, 200)
                error = answer.json['error']
                if error[0] == 'UserError':
                    continue
                self.check(answer, logs, error[0])

    def test_bodies(self):
        "Nor does what is no call at all"
        session = self.session()
        for path in [
                '/rpc/', f'/{DB_NAME}/rpc/', f'/{DB_NAME}/session/login',
                f'/{DB_NAME}/session/logout',
                f'/{DB_NAME}/user/application/',
                f'/{DB_NAME}/rest/model/none', f'/{DB_NAME}/data/no.such',
                f'/{DB_NAME}/data/res.user?f=none&d=[]',
                f'/{DB_NAME}/data/res.user?f=login&d=[[1]]&c=[]',
                f'/{DB_NAME}/ir/html/no.such/1/none', '/no_database/rpc/']:
            for body in [
                    b'', b'{', b'[]', b'3', b'"x"', b'{}', b'null',
                    b'{"id": 0, "method": 3, "params": 3}',
                    b'{"id": 0, "method": "a", "params": {"x": 1}}',
                    b'{"params": []}', b'\xff\xfe']:
                for kind in ['application/json', 'text/xml', 'text/plain']:
                    for method in ['GET', 'POST', 'PUT']:
                        with self.subTest(
                                path=path, body=body, kind=kind,
                                method=method):
                            answer = self.client.open(
                                path, method=method, data=body, headers={
                                    'Content-Type': kind,
                                    'Authorization': session})
                            self.assertIsNone(LEAKS.search(answer.text))

    def test_route(self):
        session = self.session()
        path = f'/{DB_NAME}/data/res.user?f=login'
        self.fails(TypeError(SECRET))
        with self.assertLogs('trytond', 'ERROR') as logs:
            answer = self.client.get(path, headers={'Authorization': session})
        self.assertEqual(answer.status_code, 500)
        self.check(answer, logs, answer.text)

    def test_route_of_user_error(self):
        "What is for users is told on routes too"
        session = self.session()
        self.fails(UserError("The month is closed."))
        answer = self.client.get(
            f'/{DB_NAME}/data/res.user?f=login',
            headers={'Authorization': session})
        self.assertEqual(answer.status_code, 400)
        self.assertIn("The month is closed.", answer.text)

    def test_database_away(self):
        session = self.session()
        self.fails(backend.DatabaseOperationalError(SECRET))
        with self.assertLogs('trytond', 'ERROR') as logs:
            answer = self.call(
                'model.res.user.search', [], Authorization=session)
        self.assertEqual(answer.status_code, 503)
        self.check(answer, logs, answer.text)

    def test_of_tryton(self):
        "The exceptions that clients know are answered as Tryton does"
        session = self.session()
        for error, told, code in [
                (UserError("Closed.", "Why"),
                    ['UserError', ["Closed.", "Why", None]], 1),
                (UserWarning('name', "Sure?"),
                    ['UserWarning', ['name', "Sure?", '']], 2),
                (LoginException('code', "The code"),
                    ['LoginException', ['code', "The code", 'password']], 3),
                (ConcurrencyException("Changed."),
                    ['ConcurrencyException', "Changed."], 4)]:
            with self.subTest(error=error):
                self.fails(error)
                with self.assertNoLogs('trytond', 'ERROR'):
                    answer = self.call(
                        'model.res.user.search', [], Authorization=session)
                self.assertEqual(answer.json['error'], told)
                with self.assertRaises(xmlrpc.client.Fault) as raised:
                    xmlrpc.client.loads(self.call_xml(session).data)
                self.assertEqual(raised.exception.faultCode, code)
                self.assertEqual(raised.exception.faultString, str(error))

    def test_development(self):
        "Who develops sees the exception"
        session = self.session()
        self.fails(TypeError(SECRET))
        with patch.object(self.app, 'dev', True):
            answer = self.call(
                'model.res.user.search', [], Authorization=session)
        self.assertIn(SECRET, answer.json['error'][0])
