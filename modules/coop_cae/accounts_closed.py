# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is posted no more on an activity whose accounts are closed."""
from sql import Null

from trytond.i18n import gettext
from trytond.model import dualmethod, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction, without_check_access

from .exceptions import AccountsClosedError


class Activity(metaclass=PoolMeta):
    __name__ = 'cae.activity'

    accounts_closed_on = fields.Date(
        "Accounts Closed On", readonly=True,
        states={
            'invisible': ~Eval('accounts_closed_on'),
            },
        help="The accounting exit of who ran it: nothing is posted on the "
        "activity any more.")

    @classmethod
    def copy(cls, activities, default=None):
        default = {'accounts_closed_on': None, **(default or {})}
        return super().copy(activities, default=default)

    @classmethod
    def check_modification(cls, mode, activities, values=None, external=False):
        super().check_modification(
            mode, activities, values=values, external=external)
        if external and mode == 'create':
            closed = [a for a in activities if a.accounts_closed_on]
        elif external and mode == 'write' and values.keys() & {
                'accounts_closed_on', 'end_date'}:
            closed = [
                a for a in activities
                if a.accounts_closed_on or 'accounts_closed_on' in values]
        else:
            closed = []
        for activity in closed:
            raise AccountsClosedError(gettext(
                    'coop_cae.msg_accounts_closed_modify',
                    activity=activity.rec_name))

    @classmethod
    def check_accounts_open(cls, accounts):
        "Refuse the analytic accounts of activities that are closed"
        table = cls.__table__()
        accounts = set(accounts)
        if not accounts:
            return
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.id, table.analytic_account,
                where=table.accounts_closed_on != Null))
        closed = [id_ for id_, account in cursor if account in accounts]
        if closed:
            raise AccountsClosedError(gettext(
                    'coop_cae.msg_accounts_closed',
                    activities=', '.join(
                        a.rec_name for a in cls.browse(closed))))


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def post_entries(cls, company, entries):
        Activity = Pool().get('cae.activity')
        entries = list(entries)
        Activity.check_accounts_open(
            part.account for entry in entries for line in entry.lines
            for part in line.parts)
        return super().post_entries(company, entries)

    @dualmethod
    def post(cls, moves):
        pool = Pool()
        Activity = pool.get('cae.activity')
        AnalyticLine = pool.get('analytic_account.line')
        super().post(moves)
        if moves:
            with without_check_access():
                Activity.check_accounts_open(
                    line.account.id for line in AnalyticLine.search([
                            ('move_line.move', 'in', [m.id for m in moves]),
                            ], order=[]))


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        Activity = Pool().get('cae.activity')
        if external and mode != 'delete':
            Activity.check_accounts_open(
                line.account.id for line in lines if line.account)
