# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The lists of figures: rows that are reckoned for a period."""
from collections.abc import Iterable
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access

from .balance import context_date
from .figures import user_companies
from .rows import records

_OWN = {'id', 'create_uid', 'create_date', 'write_uid', 'write_date'}


class FigureContext(ModelView):
    __name__ = 'cae.figure.context'

    figure_start = fields.Date("From", required=True)
    figure_end = fields.Date("To", required=True)

    # A list that leads to another keeps its period

    @classmethod
    def default_figure_start(cls):
        if start := Transaction().context.get('figure_start'):
            return start
        return Pool().get('ir.date').today().replace(month=1, day=1)

    @classmethod
    def default_figure_end(cls):
        if end := Transaction().context.get('figure_end'):
            return end
        return Pool().get('ir.date').today()


def period():
    "Return the first and the last day of the period of the list"
    end = context_date('figure_end')
    if not Transaction().context.get('figure_start'):
        return end.replace(month=1, day=1), end
    return min(context_date('figure_start'), end), end


class FigureMixin:
    """A list of figures of the co-operatives of the user, and of their group

    The rows have no co-operative as a record, as those of the group have none:
    it is the query that keeps to those of the user.
    """
    __slots__ = ()
    _rec_name = 'cooperative'

    cooperative = fields.Char("Co-operative")
    of_group = fields.Boolean(
        "Group", help="Of all the co-operatives of the user.")

    @classmethod
    def table_query(cls):
        names = [
            name for name, field in cls._fields.items()
            if name not in _OWN and not isinstance(field, fields.Function)]
        with without_check_access():
            rows = list(cls._figures(*period()))
        return records(cls, ['id', *names], [
                (id_, *map(row.get, names))
                for id_, row in enumerate(rows, 1)])

    @classmethod
    def _figures(cls, start, end) -> Iterable[dict]:
        "Yield the rows, without ids"
        raise NotImplementedError


def cooperatives():
    "Return the names of the co-operatives of the user by id"
    pool = Pool()
    company = pool.get('company.company').__table__()
    party = pool.get('party.party').__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*company
        .join(party, condition=company.party == party.id)
        .select(
            company.id, party.name,
            where=fields.SQL_OPERATORS['in'](company.id, user_companies()),
            order_by=[party.name, company.id]))
    return dict(cursor.fetchall())


def scopes():
    """Return what names the rows of each co-operative by id, and those of the
    group by None if there are several"""
    found = {
        id_: {'cooperative': name, 'of_group': False}
        for id_, name in cooperatives().items()}
    if len(found) > 1:
        found[None] = {
            'cooperative': gettext('coop_cae.msg_figure_group'),
            'of_group': True}
    return found


def share(part, whole):
    "Return the text of a part of people in all of them, to the hundredth of %"
    if not whole:
        return None
    return str(round_half_up(Decimal(part) / whole, 4))


def not_told():
    return gettext('coop_cae.msg_figure_not_told')
