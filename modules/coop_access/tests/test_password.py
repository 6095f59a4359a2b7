# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A password is chosen by a link that works once; nothing that is kept, or
sent, is a password."""
import datetime as dt
import re
import unittest
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from trytond import config
from trytond.modules.coop_access import routes
from trytond.modules.coop_access.exceptions import (
    MailError, PasswordTokenError)
from trytond.modules.coop_access.password_token import (
    expiry, hash_token, is_hash, new_token)
from trytond.pool import Pool
from trytond.res.user import PasswordError
from trytond.tests.test_tryton import activate_module, with_transaction
from trytond.transaction import Transaction, check_access

NOW = dt.datetime(2026, 12, 1, 12)


class TokenTestCase(unittest.TestCase):

    def test_new(self):
        tokens = {new_token() for _ in range(100)}
        self.assertEqual(len(tokens), 100)
        self.assertGreaterEqual(min(map(len, tokens)), 43)

    @given(st.text())
    def test_hash(self, token):
        hashed = hash_token(token)
        self.assertTrue(is_hash(hashed))
        self.assertEqual(hash_token(token), hashed)
        if token:
            self.assertNotIn(token, {hashed, hashed.partition('$')[2]})
        self.assertFalse(is_hash(hashed.partition('$')[2]))

    def test_expiry(self):
        day, minute = dt.timedelta(days=1), dt.timedelta(minutes=1)
        self.assertEqual(expiry(NOW, day, False), NOW + day)
        self.assertEqual(
            expiry(NOW, day, True), NOW + dt.timedelta(hours=1))
        self.assertEqual(expiry(NOW, minute, True), NOW + minute)


@contextmanager
def mail(sender='cae@example.org', hostname='cae.example.org'):
    "Let the server send mail, and yield what it would send"
    sent = []
    found = config.get

    def get(section, option, *args, **kwargs):
        return {
            ('email', 'from'): sender, ('web', 'hostname'): hostname,
            }.get((section, option)) or (
                None if option in {'from', 'hostname'}
                else found(section, option, *args, **kwargs))
    with patch.object(config, 'get', get), patch(
            'trytond.res.user.send_message_transactional', sent.append):
        yield sent


def link(message):
    body = message.get_body(['html', 'plain']).get_content()
    return re.search(r'https?://[^"\s<>]*token=[^"\s<>]*', body).group()


def token_of(message):
    return parse_qs(urlsplit(link(message)).query)['token'][0]


class _Case(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('coop_access')

    def user(self, **values):
        User = Pool().get('res.user')
        user = User(
            name="Ana", login='ana', email='ana@example.org', **values)
        user.save()
        return user

    def stored(self, user):
        table = user.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.password_hash, table.password_reset,
                where=table.id == user.id))
        return cursor.fetchone()

    def asked(self, user):
        "As somebody who is not logged in asks for it"
        with Transaction().set_user(0):
            user.__class__(user.id).reset_password()

    def login(self, password):
        User = Pool().get('res.user')
        with Transaction().set_user(0), patch('time.sleep'):
            return User.get_login('ana', {'password': password})


class PasswordTestCase(_Case):

    @with_transaction()
    def test_link(self):
        user = self.user()
        with mail() as sent:
            self.asked(user)
        message, = sent
        token = token_of(message)
        self.assertTrue(link(message).startswith(
                'https://cae.example.org/'))
        _, kept = self.stored(user)
        self.assertEqual(kept, hash_token(token))
        self.assertNotIn(kept, message.as_string())
        # Neither what is kept nor what is sent lets anybody in
        for value in [kept, kept.partition('$')[2], token]:
            self.assertIsNone(self.login(value))

    @with_transaction()
    def test_chosen_once(self):
        User = Pool().get('res.user')
        user = self.user()
        with mail() as sent:
            self.asked(user)
        token = token_of(sent[0])
        with Transaction().set_user(0):
            with self.assertRaises(PasswordError):
                User.choose_password(token, 'short')
            User.choose_password(token, 'pepper and salt')
            for again in [token, hash_token(token), '', self.stored(user)[0]]:
                with self.assertRaises(PasswordTokenError):
                    User.choose_password(again, 'another password')
        self.assertEqual(self.login('pepper and salt'), user.id)
        self.assertIsNone(self.stored(user)[1])

    @with_transaction()
    def test_expired(self):
        User = Pool().get('res.user')
        user = self.user()
        with mail() as sent:
            self.asked(user)
        user = User(user.id)
        self.assertLessEqual(
            user.password_reset_expire - dt.datetime.now(),
            dt.timedelta(hours=1))
        user.password_reset_expire = dt.datetime.now() - dt.timedelta(
            seconds=1)
        user.save()
        with self.assertRaises(PasswordTokenError):
            User.choose_password(token_of(sent[0]), 'pepper and salt')

    @with_transaction()
    def test_inactive(self):
        User = Pool().get('res.user')
        user = self.user()
        with mail() as sent:
            self.asked(user)
        user.active = False
        user.save()
        with self.assertRaises(PasswordTokenError):
            User.choose_password(token_of(sent[0]), 'pepper and salt')

    @with_transaction()
    def test_wrong_passwords_do_not_keep_out(self):
        LoginAttempt = Pool().get('res.user.login.attempt')
        User = Pool().get('res.user')
        user = self.user()
        for _ in range(7):
            LoginAttempt.add('ana')
        with mail() as sent:
            self.asked(user)
        User.choose_password(token_of(sent[0]), 'pepper and salt')
        self.assertEqual(self.login('pepper and salt'), user.id)

    @with_transaction()
    def test_no_mail(self):
        user = self.user()
        for missing in ['sender', 'hostname']:
            with self.subTest(missing=missing), \
                    mail(**{missing: None}) as sent:
                with self.assertRaises(MailError):
                    user.reset_password()
                # Whoever asks is told nothing
                self.asked(user)
                self.assertEqual(sent, [])
                self.assertEqual(self.stored(user)[1], None)

    @with_transaction()
    def test_never_read(self):
        User = Pool().get('res.user')
        user = self.user()
        with mail():
            self.asked(user)
        with Transaction().set_user(1), check_access():
            values, = User.read(
                [user.id], ['password_reset', 'password_hash', 'login'])
        self.assertEqual(
            (values['password_reset'], values['password_hash']), (None, None))

    @with_transaction()
    def test_kept_before(self):
        "What an older version kept is taken away when it is updated"
        User = Pool().get('res.user')
        user = self.user()
        table = User.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.update(
                [table.password_reset], ['AbCd1234'],
                where=table.id == user.id))
        User.__register__('coop_access')
        self.assertEqual(self.stored(user)[1], None)


class _Request:

    def __init__(self, **form):
        self.args = self.form = form


class PageTestCase(_Case):
    "The page that the link opens"

    def page(self, handler, **form):
        response = handler.__wrapped__.__wrapped__(
            _Request(**form), Pool())
        return response.status_code, response.get_data(as_text=True)

    @with_transaction()
    def test_page(self):
        user = self.user()
        with mail() as sent:
            self.asked(user)
        token = token_of(sent[0])
        with Transaction().set_user(0):
            for _ in range(2):
                status, html = self.page(routes.password_form, token=token)
                self.assertEqual(status, 200)
                self.assertIn('ana', html)
            status, html = self.page(
                routes.password_choose, token=token,
                password='pepper and salt', again='pepper')
            self.assertIn("not the same", html)
            status, html = self.page(
                routes.password_choose, token=token,
                password='pepper and salt', again='pepper and salt')
            self.assertEqual(status, 200)
            self.assertNotIn(token, html)
        self.assertEqual(self.login('pepper and salt'), user.id)

    @with_transaction()
    def test_wrong(self):
        self.user()
        for token in ['', 'x', '<script>']:
            with self.subTest(token=token), Transaction().set_user(0):
                for handler in [routes.password_form, routes.password_choose]:
                    status, html = self.page(
                        handler, token=token, password='pepper and salt',
                        again='pepper and salt')
                    self.assertEqual(status, 410)
                    self.assertNotIn('ana', html)
                    self.assertNotIn('<script', html)
