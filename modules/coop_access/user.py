# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Users: what they choose for themselves, and how they choose a password."""
import datetime as dt
import logging
import urllib.parse

from sql import Null

from trytond import config
from trytond.i18n import gettext
from trytond.model import ModelView, dualmethod
from trytond.model.exceptions import AccessError
from trytond.pool import Pool, PoolMeta
from trytond.report import Report, get_email
from trytond.res import user as res_user
from trytond.tools.immutabledict import ImmutableDict
from trytond.transaction import Transaction

from .arguments import takes
from .exceptions import MailError, PasswordTokenError
from .password_token import expiry, hash_token, is_hash, new_token

logger = logging.getLogger(__name__)


def sends_mail():
    """Return whether this server can send the link to choose a password

    It must know its own address: that of a request is what a client says."""
    return bool(config.get('email', 'from') and config.get('web', 'hostname'))


class User(metaclass=PoolMeta):
    __name__ = 'res.user'

    @classmethod
    def __register__(cls, module):
        super().__register__(module)
        # Before they were kept as they are used
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.id, table.password_reset,
                where=table.password_reset != Null))
        plain = [id_ for id_, value in cursor if not is_hash(value)]
        if plain:
            cursor.execute(*table.update(
                    [table.password_reset, table.password_reset_expire],
                    [None, None], where=table.id.in_(plain)))

    @classmethod
    def read(cls, ids, fields_names):
        result = super().read(ids, fields_names)
        if Transaction().check_access:
            for values in result:
                if 'password_reset' in values:
                    values['password_reset'] = None
        return result

    @classmethod
    @takes(values='values')
    def set_preferences(cls, values):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        # A key opens the server to a program without a session
        if values.get('applications') and (
                ModelData.get_id('res', 'group_admin')
                not in cls.get_groups()):
            raise AccessError(gettext('coop_access.msg_application'))
        super().set_preferences(values)
        # Tryton validates them in a context that already tells them: there,
        # who reads a company that is not theirs reads none
        if {'company', 'employee'} & values.keys():
            with Transaction().reset_context():
                cls._validate(
                    cls.browse([Transaction().user]), {'company', 'employee'})

    # Passwords

    @dualmethod
    @ModelView.button
    def reset_password(cls, users, length=8, from_=None):
        "Send each user a link to choose a password"
        asked = not Transaction().user
        if not sends_mail():
            if asked:
                # Whoever asks is not told who there is
                logger.warning("No mail is set up to reset passwords")
                return
            raise MailError(gettext('coop_access.msg_password_no_mail'))
        timeout = dt.timedelta(
            seconds=config.getint('password', 'reset_timeout'))
        links = {}
        for user in users:
            if not user.email:
                continue
            token = new_token()
            links[user.id] = _link(token)
            user.password_reset = hash_token(token)
            user.password_reset_expire = expiry(
                dt.datetime.now(), timeout, asked)
        cls.save(users)
        with Transaction().set_context(_password_links=links):
            res_user._send_email(
                from_, [u for u in users if u.id in links],
                cls.get_email_reset_password)

    def get_email_reset_password(self):
        return get_email('res.user.password_link', self, self.languages)

    @classmethod
    def _get_login(cls, login):
        # What is kept of a link is no password
        id_, password_hash, _ = super()._get_login(login)
        return id_, password_hash, None

    @classmethod
    def of_password_token(cls, token):
        "Return the user who got the token, None when it does not hold"
        users = cls.search([
                ('password_reset', '=', hash_token(token)),
                ('password_reset_expire', '>', dt.datetime.now()),
                ], limit=1)
        return users[0] if users else None

    @classmethod
    def choose_password(cls, token, password):
        "Set the password of who got the token, which holds no more after"
        pool = Pool()
        LoginAttempt = pool.get('res.user.login.attempt')
        cls.lock()
        user = cls.of_password_token(token)
        if not user:
            raise PasswordTokenError(gettext('coop_access.msg_password_token'))
        cls.validate_password(password, [user])
        cls.write([user], {'password': password})
        # Whoever tried wrong passwords does not keep the owner out
        LoginAttempt.remove(user.login)
        return user


def _link(token):
    host = config.get('web', 'hostname')
    local = host.split(':')[0] in {'localhost', '127.0.0.1'}
    return urllib.parse.urlunsplit((
            'http' if local else 'https', host,
            f'/{Transaction().database.name}/user/password',
            urllib.parse.urlencode({'token': token}), ''))


class PasswordLink(Report):
    "The e-mail with the link to choose a password"
    __name__ = 'res.user.password_link'

    @classmethod
    def get_context(cls, records, header, data):
        context = super().get_context(records, header, data)
        user, = records
        links = Transaction().context.get('_password_links', {})
        context['link'] = links.get(user.id, '')
        context['hostname'] = config.get('web', 'hostname')
        # To the minute
        minutes = round((
                user.password_reset_expire
                - dt.datetime.now()).total_seconds() / 60)
        context['delay'] = dt.timedelta(minutes=minutes)
        return context


class UserApplication(metaclass=PoolMeta):
    __name__ = 'res.user.application'

    @classmethod
    def check(cls, key, application):
        # A request of a program may bring what only the server says, as the
        # groups that the user would have
        transaction = Transaction()
        transaction.context = ImmutableDict({
                name: value for name, value in transaction.context.items()
                if not name.startswith('_')
                or name in {'_request', '_datetime'}})
        return super().check(key, application)
