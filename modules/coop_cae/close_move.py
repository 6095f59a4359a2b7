# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Which entries closes have taken into account.

No time tells it: an entry may be begun before a close and kept after it, and
clocks are set back.
"""
from sql import Literal, Null
from sql.aggregate import Max
from sql.conditionals import Coalesce
from sql.operators import Exists

from trytond import backend
from trytond.model import Index, ModelSQL, Unique, fields
from trytond.pool import Pool
from trytond.transaction import Transaction


class CloseMove(ModelSQL):
    """The close that took an entry into account: of its month, or else of a
    later one of the fiscal year"""
    __name__ = 'cae.close-account.move'

    close = fields.Many2One(
        'cae.close', "Close", required=True, ondelete='CASCADE')
    move = fields.Many2One(
        'account.move', "Entry", required=True, ondelete='CASCADE')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # Written by closes only
        cls.__rpc__ = {}
        table = cls.__table__()
        cls._sql_constraints.append(
            ('move_unique', Unique(table, table.move),
                'coop_cae.msg_close_rank_unique'))
        cls._sql_indexes.add(Index(table, (table.close, Index.Range())))

    @classmethod
    def __register__(cls, module):
        is_new = not backend.TableHandler.table_exist(cls._table)
        super().__register__(module)
        # Migration from 8.0.0: the times told it
        if is_new:
            cls._read_times()

    @classmethod
    def _read_times(cls):
        pool = Pool()
        Period = pool.get('account.period')
        close = pool.get('cae.close').__table__()
        move = pool.get('account.move').__table__()
        own, closed = Period.__table__(), Period.__table__()
        table, known = cls.__table__(), cls.__table__()
        cursor = Transaction().connection.cursor()
        # Those of the month first
        for is_of_close in [
                closed.id == own.id, closed.start_date > own.start_date]:
            cursor.execute(*table.insert(
                    [table.move, table.close],
                    move.join(own, condition=move.period == own.id)
                    .join(closed,
                        condition=(closed.fiscalyear == own.fiscalyear)
                        & is_of_close)
                    .join(close, condition=(close.period == closed.id)
                        & (close.state == 'done')
                        & (close.create_date
                            >= Coalesce(move.write_date, move.create_date)))
                    .join(known, 'LEFT', condition=known.move == move.id)
                    .select(
                        move.id, Max(close.id),
                        where=(move.state == 'posted')
                        & (known.id == Null),
                        group_by=[move.id])))

    @classmethod
    def keep(cls, close):
        """Keep that the close has taken into account all the entries of its
        fiscal year up to its month that it sees, and its own"""
        pool = Pool()
        Period = pool.get('account.period')
        cursor = Transaction().connection.cursor()
        period = close.period
        periods = [p.id for p in Period.search([
                    ('fiscalyear', '=', period.fiscalyear.id),
                    ('start_date', '<=', period.start_date),
                    ], order=[])]
        table = cls.__table__()
        other = pool.get('cae.close').__table__()
        move = pool.get('account.move').__table__()
        in_month = move.select(move.id, where=move.period == period.id)
        cursor.execute(*table.update(
                [table.close], [close.id],
                where=table.move.in_(in_month)
                & ~table.close.in_(other.select(
                        other.id, where=other.period == period.id))))
        known = table.select(Literal(1), where=table.move == move.id)
        cursor.execute(*table.insert(
                [table.move, table.close],
                move.select(
                    move.id, Literal(close.id),
                    where=fields.SQL_OPERATORS['in'](move.period, periods)
                    & (move.state == 'posted') & ~Exists(known))))

    @classmethod
    def forget(cls, closes):
        "The closes are undone"
        table = cls.__table__()
        Transaction().connection.cursor().execute(*table.delete(
                where=fields.SQL_OPERATORS['in'](
                    table.close, [c.id for c in closes])))
