# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The example of nginx does what the documents of the installation say.

Where nginx is installed it runs, in front of a server that tells what reaches
it and has one thread: who holds it is noticed.
"""
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from contextlib import ExitStack
from http.client import HTTPSConnection
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / 'doc' / 'install' / 'nginx.conf'
NGINX = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')
HOST = 'cae.example.org'
MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
SESSION = {'Cookie': 'tryton_session=comptable:1:x'}


def directives(text):
    "Return the directives as (place, words), the place those around them"
    text = re.sub(r'(?m)^\s*#.*$', '', text)
    result, place = [], []
    for words, end in re.findall(r'\s*((?:"[^"]*"|[^;{}"])*)([;{}])', text):
        words = tuple(re.findall(r'"[^"]*"|\S+', words))
        if end == '{':
            place.append(' '.join(words))
        elif end == '}':
            place.pop()
        else:
            result.append(('/'.join(place), words))
    assert not place
    return result


class ExampleTestCase(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.directives = directives(EXAMPLE.read_text())

    def values(self, name, place=None):
        return [
            ' '.join(words[1:]) for where, words in self.directives
            if words[0] == name and (place is None or place in where)]

    def test_promises(self):
        for name, value in [
                ('ssl_protocols', 'TLSv1.2 TLSv1.3'),
                ('server_tokens', 'off'),
                ('ssl_reject_handshake', 'on'),
                ('client_header_timeout', '15s'),
                ('client_body_timeout', '15s'),
                ('send_timeout', '30s'),
                ('proxy_request_buffering', 'on'),
                ('proxy_buffering', 'on'),
                ('proxy_read_timeout', '300s'),
                ('limit_req_status', '429'),
                ('limit_conn_status', '429')]:
            with self.subTest(name=name):
                self.assertEqual(set(self.values(name)), {value})
        self.assertIn('443 ssl http2', self.values('listen'))
        self.assertIn(
            'Strict-Transport-Security "max-age=31536000" always',
            self.values('add_header'))

    def test_time_of_headers(self):
        "nginx takes it from the first server of each port"
        self.assertEqual(len(self.values('client_header_timeout')), 3)

    def test_sizes(self):
        self.assertEqual(
            self.values('client_max_body_size'), ['2m', '64k', '64k', '200m'])
        self.assertEqual(
            self.values('client_max_body_size', '/rpc/$'), ['200m'])

    def test_logins_are_counted(self):
        self.assertEqual(
            self.values('limit_req', 'location'),
            ['zone=cae_login burst=30 nodelay'] * 2)
        # A location that sets one has none of those around it
        for where, words in self.directives:
            if 'location' in where:
                self.assertNotIn(
                    words[0], {'proxy_set_header', 'add_header'})

    def test_headers_that_the_server_trusts(self):
        "None of those that num_proxies lets it trust is the client's"
        told = dict(
            v.split(' ', 1) for v in self.values('proxy_set_header'))
        for name in ['For', 'Host', 'Proto', 'Port', 'Prefix']:
            self.assertIn(f'X-Forwarded-{name}', told)

    def test_server_is_not_before_the_world(self):
        self.assertEqual(
            {v.rstrip('/') for v in self.values('proxy_pass')},
            {'http://127.0.0.1:8000'})

    def test_documents(self):
        "The pages show the file itself, and the server bounds the same"
        web = (EXAMPLE.parent / 'web.rst').read_text()
        self.assertIn('.. literalinclude:: nginx.conf', web)
        self.assertIn(
            f'max_size_authenticated = {200 * 1024 ** 2}',
            (EXAMPLE.parent / 'server.rst').read_text())


@unittest.skipUnless(
    NGINX and shutil.which('openssl'), "nginx or openssl is not installed")
class RunTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with ExitStack() as stack:
            cls.folder = Path(stack.enter_context(
                    tempfile.TemporaryDirectory(prefix='coop-cae-nginx-')))
            cls.folder.chmod(0o755)
            cls.server = stack.enter_context(make_server(
                    '127.0.0.1', 0, echo, handler_class=Quiet))
            cls.port, cls.plain_port = free_port(), free_port()
            cls.write()
            threading.Thread(
                target=cls.server.serve_forever, daemon=True).start()
            stack.callback(cls.server.shutdown)
            cls.nginx = subprocess.Popen(
                [*cls.command, '-g', ''], stderr=subprocess.DEVNULL)
            stack.callback(cls.nginx.wait, 20)
            stack.callback(cls.nginx.terminate)
            cls.wait()
            cls.stack = stack.pop_all()

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()
        super().tearDownClass()

    @classmethod
    def write(cls):
        subprocess.run([
                'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                '-days', '2', '-subj', f'/CN={HOST}',
                '-addext', f'subjectAltName=DNS:{HOST}',
                '-keyout', cls.folder / 'cae.key',
                '-out', cls.folder / 'cae.pem'],
            check=True, capture_output=True)
        site = EXAMPLE.read_text()
        for old, new in [
                ('/etc/ssl/certs/cae.pem', f'{cls.folder}/cae.pem'),
                ('/etc/ssl/private/cae.key', f'{cls.folder}/cae.key'),
                ('listen 443 ', f'listen 127.0.0.1:{cls.port} '),
                ('listen 80;', f'listen 127.0.0.1:{cls.plain_port};'),
                ('127.0.0.1:8000', '127.0.0.1:%s' % cls.server.server_port),
                # So that nobody waits
                ('client_body_timeout 15s', 'client_body_timeout 1s'),
                ('client_header_timeout 15s', 'client_header_timeout 1s')]:
            assert old in site, old
            site = site.replace(old, new)
        (cls.folder / 'site.conf').write_text(site)
        (cls.folder / 'nginx.conf').write_text(MAIN.format(
                folder=cls.folder,
                user='user root;' if os.getuid() == 0 else ''))
        cls.command = [
            NGINX, '-p', str(cls.folder), '-c',
            str(cls.folder / 'nginx.conf')]

    @classmethod
    def wait(cls):
        end = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(
                    ('127.0.0.1', cls.port), 1).close()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def connect(self, host=HOST):
        context = ssl.create_default_context(cafile=self.folder / 'cae.pem')
        raw = socket.create_connection(('127.0.0.1', self.port), 20)
        return context.wrap_socket(raw, server_hostname=host)

    def ask(self, path, body=None, method=None, **headers):
        connection = HTTPSConnection(HOST)
        connection.sock = self.connect()
        try:
            connection.request(
                method or ('GET' if body is None else 'POST'), path, body,
                {'Host': HOST, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def told(self, *args, **kwargs):
        "Return what has reached the server"
        status, _, body = self.ask(*args, **kwargs)
        self.assertEqual(status, 200)
        return json.loads(body)

    def test_syntax(self):
        subprocess.run([*self.command, '-t', '-q'], check=True)

    def test_headers(self):
        for path in ['/', '/cae/rpc/', '/none']:
            _, headers, _ = self.ask(path)
            self.assertEqual(
                headers['Strict-Transport-Security'], 'max-age=31536000')
            self.assertEqual(headers['Server'], 'nginx')
        # What the server sends is passed on
        self.assertEqual(headers['X-Of-Server'], 'yes')

    def test_what_is_trusted(self):
        "Nothing that a client tells of itself reaches the server"
        for path in ['/', '/cae/session/login', '/cae/rpc/']:
            told = self.told(path, **{
                    'X-Forwarded-For': '6.6.6.6',
                    'X-Forwarded-Host': 'evil.example',
                    'X-Forwarded-Proto': 'gopher',
                    'X-Forwarded-Port': '6666',
                    'X-Forwarded-Prefix': '/evil',
                    'Forwarded': 'for=6.6.6.6'})
            self.assertEqual(told['HTTP_X_FORWARDED_FOR'], '127.0.0.1')
            self.assertEqual(told['HTTP_X_FORWARDED_HOST'], HOST)
            self.assertEqual(told['HTTP_X_FORWARDED_PROTO'], 'https')
            self.assertEqual(told['PATH_INFO'], path)
            for name in [
                    'HTTP_X_FORWARDED_PORT', 'HTTP_X_FORWARDED_PREFIX',
                    'HTTP_FORWARDED']:
                self.assertNotIn(name, told)

    def test_plain(self):
        with socket.create_connection(
                ('127.0.0.1', self.plain_port), 10) as plain:
            plain.sendall(
                b'GET /x HTTP/1.1\r\nHost: cae.example.org\r\n'
                b'Connection: close\r\n\r\n')
            answer = plain.makefile('rb').read()
        self.assertTrue(answer.startswith(b'HTTP/1.1 301 '), answer)
        self.assertIn(b'Location: https://cae.example.org/x', answer)

    def test_other_name(self):
        with self.assertRaises(ssl.SSLError):
            self.connect('evil.example')

    def test_http2(self):
        context = ssl.create_default_context(cafile=self.folder / 'cae.pem')
        context.set_alpn_protocols(['h2'])
        with context.wrap_socket(
                socket.create_connection(('127.0.0.1', self.port), 10),
                server_hostname=HOST) as link:
            self.assertEqual(link.selected_alpn_protocol(), 'h2')

    def test_sizes(self):
        for path, size, headers, status in [
                ('/cae/session/login', 60_000, {}, 200),
                ('/cae/session/login', 70_000, {}, 413),
                ('/cae/session/login', 70_000, SESSION, 413),
                # A login or a new password; a file of who is logged in
                ('/cae/rpc/', 60_000, {}, 200),
                ('/cae/rpc/', 70_000, {}, 413),
                ('/cae/rpc/', 3_000_000, SESSION, 200),
                ('/cae/rpc/', 3_000_000, {'Authorization': 'Session x'}, 200),
                ('/rpc/', 3_000_000, SESSION, 413),
                ('/cae/data/party.party', 3_000_000, SESSION, 413)]:
            with self.subTest(path=path, size=size, headers=headers):
                self.assertEqual(
                    self.ask(path, b'x' * size, **headers)[0], status)
        with self.subTest("200 m"):
            with self.connect() as link:
                link.sendall(
                    b'POST /cae/rpc/ HTTP/1.1\r\nHost: cae.example.org\r\n'
                    b'Cookie: tryton_session=x\r\n'
                    b'Content-Length: 209715201\r\n\r\n')
                self.assertIn(b' 413 ', link.recv(100))

    def test_hidden_place(self):
        "Nobody comes by the place of those without a session"
        self.assertEqual(self.ask('/-stranger/cae/rpc/', **SESSION)[0], 404)

    def test_z_many_logins(self):
        "The last, as it spends what one address may ask"
        for path, method in [
                ('/cae/session/login', None), ('/cae/rpc/', None)]:
            statuses = [self.ask(path, b'{}', method)[0] for _ in range(45)]
            self.assertEqual(statuses[-1], 429)
            # Who is logged in goes on
            self.assertEqual(self.ask('/cae/rpc/', b'{}', **SESSION)[0], 200)
            self.assertEqual(self.ask('/')[0], 200)

    def test_slow_bodies(self):
        "Those who send slowly hold no thread of the server, and are cut"
        links = []
        try:
            for _ in range(30):
                link = self.connect()
                links.append(link)
                link.sendall(
                    b'POST /cae/rpc/ HTTP/1.1\r\nHost: cae.example.org\r\n'
                    b'Cookie: tryton_session=x\r\n'
                    b'Content-Length: 1000\r\n\r\nx')
            start = time.monotonic()
            self.assertEqual(self.ask('/')[0], 200)
            self.assertLess(time.monotonic() - start, 1)
            for link in links:
                link.settimeout(10)
                # Nothing, or 408, then the end
                while link.recv(1000):
                    pass
        finally:
            for link in links:
                link.close()

    def test_slow_headers(self):
        with self.connect() as link:
            link.sendall(b'GET / HTTP/1.1\r\nHo')
            link.settimeout(10)
            while link.recv(1000):
                pass


class Quiet(WSGIRequestHandler):

    def log_message(self, *args):
        pass


def echo(environ, start_response):
    "Answer what was asked, once all of it is read"
    environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    start_response('200 OK', [
            ('Content-Type', 'application/json'), ('X-Of-Server', 'yes')])
    return [json.dumps({
                k: v for k, v in environ.items() if isinstance(v, str)}
            ).encode()]


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
