# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Let a worker end that has lost the database, so that it is started again."""
from trytond import backend
from trytond.pool import PoolMeta


class LostConnectionError(Exception):
    "The database was stopped: a new worker connects again"


class Queue(metaclass=PoolMeta):
    __name__ = 'ir.queue'

    @classmethod
    def pull(cls, database, connection, name=None):
        try:
            return super().pull(database, connection, name=name)
        except backend.DatabaseOperationalError as error:
            # A worker has one connection, and would ask it for ever
            if getattr(connection, 'closed', False):
                raise LostConnectionError(str(error)) from error
            raise
