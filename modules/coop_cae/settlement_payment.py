# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""When the balance of a settlement is to be paid, and what is left of it."""
from sql.aggregate import Sum
from sql.conditionals import Case, Coalesce

from trytond import backend
from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.coop_cae.rules.variable_part import due_date
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types
from trytond.transaction import Transaction, without_check_access

from .exceptions import SettlementError


class PaymentMixin:
    __slots__ = ()

    meeting_date = fields.Function(fields.Date(
            "General Meeting",
            help="The day of the general meeting on the accounts: it is the "
            "same for all the settlements of the fiscal year."),
        'on_change_with_meeting_date', setter='set_meeting_date',
        searcher='search_meeting_date')
    due_date = fields.Function(fields.Date(
            "Due Date",
            help="The balance is paid within one month after the general "
            "meeting."),
        'on_change_with_due_date', searcher='search_due_date')
    to_pay = fields.Function(Monetary(
            "Balance to Pay", currency='currency', digits='currency',
            help="What no payslip has paid of the gross balance."),
        'get_to_pay', searcher='search_to_pay')
    late = fields.Function(fields.Boolean("Late"), 'get_late')

    @fields.depends('fiscalyear')
    def on_change_with_meeting_date(self, name=None):
        return self.fiscalyear.general_meeting if self.fiscalyear else None

    @classmethod
    def set_meeting_date(cls, settlements, name, value):
        FiscalYear = Pool().get('account.fiscalyear')
        years = {
            s.fiscalyear for s in settlements
            if s.fiscalyear.general_meeting != value}
        if years:
            # It is no setting of the accounting, but a date of the year
            with without_check_access():
                FiscalYear.write(
                    FiscalYear.browse(years), {'general_meeting': value})

    @classmethod
    def search_meeting_date(cls, name, clause):
        return [('fiscalyear.general_meeting', *clause[1:])]

    @fields.depends('meeting_date')
    def on_change_with_due_date(self, name=None):
        return due_date(self.meeting_date) if self.meeting_date else None

    @classmethod
    def search_due_date(cls, name, clause):
        FiscalYear = Pool().get('account.fiscalyear')
        _, operator, value = clause
        if value is None:
            return [('fiscalyear.general_meeting', operator, None)]
        compare = {
            '=': lambda due: due == value,
            '!=': lambda due: due != value,
            '<': lambda due: due < value,
            '<=': lambda due: due <= value,
            '>': lambda due: due > value,
            '>=': lambda due: due >= value,
            'in': lambda due: due in value,
            'not in': lambda due: due not in value,
            }[operator]
        with without_check_access():
            years = FiscalYear.search([('general_meeting', '!=', None)])
        return [('fiscalyear', 'in', [
                    y.id for y in years
                    if compare(due_date(y.general_meeting))])]

    @classmethod
    def _to_pay(cls):
        """Return the query of the settlements with what is left of the gross
        balance, and its expression"""
        pool = Pool()
        table = cls.__table__()
        line = pool.get('account.move.line').__table__()
        link = pool.get('cae.payslip.settlement').__table__()
        payslip = pool.get('cae.payslip').__table__()
        paid = (link
            .join(payslip, condition=payslip.id == link.payslip)
            .select(
                link.settlement, Sum(link.gross).as_('gross'),
                where=payslip.state == 'posted',
                group_by=[link.settlement]))
        left = Case(
            (table.state == 'posted',
                Coalesce(line.credit - line.debit, 0)
                - Coalesce(paid.gross, 0)),
            else_=0)
        return table, left, (table
            .join(line, 'LEFT', condition=line.id == table.gross_line)
            .join(paid, 'LEFT', condition=paid.settlement == table.id))

    @classmethod
    def get_to_pay(cls, settlements, name):
        table, left, tables = cls._to_pay()
        query = tables.select(
            table.id, left.as_('to_pay'),
            where=fields.SQL_OPERATORS['in'](
                table.id, list(map(int, settlements))))
        if backend.name == 'sqlite':
            sqlite_apply_types(query, [None, 'NUMERIC'])
        cursor = Transaction().connection.cursor()
        cursor.execute(*query)
        found = dict(cursor.fetchall())
        return {
            s.id: s.company.currency.round(found[s.id]) for s in settlements}

    @classmethod
    def search_to_pay(cls, name, clause):
        _, operator, value = clause
        Operator = fields.SQL_OPERATORS[operator]
        table, left, tables = cls._to_pay()
        field = cls.to_pay._field
        query = tables.select(table.id, where=Operator(
                field._domain_column(operator, left),
                field._domain_value(operator, value)))
        return [('id', 'in', query)]

    @classmethod
    def get_late(cls, settlements, name):
        Date = Pool().get('ir.date')
        today = Date.today()
        return {
            s.id: bool(s.to_pay and s.due_date and s.due_date < today)
            for s in settlements}

    @classmethod
    def _check_not_settled(cls, settlements):
        Link = Pool().get('cae.payslip.settlement')
        if links := Link.search([
                    ('settlement', 'in', [s.id for s in settlements]),
                    ], limit=1):
            raise SettlementError(gettext(
                    'coop_cae.msg_settlement_settled',
                    settlement=links[0].settlement.rec_name,
                    payslip=links[0].payslip.rec_name))

    @classmethod
    def accrued_left(cls, settlements):
        """Return the gross pay and the contributions that no posted payslip
        has taken from those accrued by settlements, by id"""
        pool = Pool()
        Link = pool.get('cae.payslip.settlement')
        Line = pool.get('account.move.line')
        left = {s.id: list(s.balance()) for s in settlements}
        payslips = set()
        for link in Link.search([
                    ('settlement', 'in', list(left)),
                    ('payslip.state', '=', 'posted'),
                    ], order=[]):
            payslips.add(link.payslip)
            left[link.settlement.id][0] -= link.gross
            # The lines below have both
            left[link.settlement.id][1] += link.gross
        for line in Line.search([
                    ('move', 'in', [p.move.id for p in payslips if p.move]),
                    ('origin', 'in', [str(s) for s in settlements]),
                    ], order=[]):
            left[line.origin.id][1] -= line.debit - line.credit
        return {id_: tuple(amounts) for id_, amounts in left.items()}
