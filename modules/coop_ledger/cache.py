# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What lets a transaction of SQLite be rolled back.

Each process of Tryton looks every ``clean_timeout`` seconds for what others
have changed in the caches.  On SQLite it asks on the connection of the
transaction that has just begun, which commits from then on each statement at
once: a rollback takes nothing back.
"""
from trytond import backend, config
from trytond.i18n import gettext
from trytond.pool import PoolMeta

from .exceptions import TransactionUnsafeError

NEVER = 10 ** 9  # seconds


class Cache(metaclass=PoolMeta):
    __name__ = 'ir.cache'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        keep_rollback()


def keep_rollback():
    "Let no transaction of SQLite look for what others have changed"
    if backend.name == 'sqlite' and (
            config.getint('cache', 'clean_timeout') < NEVER):
        config.set('cache', 'clean_timeout', str(NEVER))


def check_rollback(connection):
    "Refuse to write where SQLite would commit each statement at once"
    if backend.name == 'sqlite' and connection.isolation_level is None:
        raise TransactionUnsafeError(gettext(
                'coop_ledger.msg_transaction_unsafe'))
