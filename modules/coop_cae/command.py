# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
from itertools import chain

from trytond.i18n import gettext
from trytond.model import ModelView
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_access.arguments import takes
from trytond.pool import Pool
from trytond.rpc import RPC
from trytond.transaction import Transaction, check_access, without_check_access

from .close_month import preview_lines
from .exceptions import CommandError
from .report import REPORTS, table


class Command(ModelView):
    """What the command line asks of the server, in plain values.

    Companies are named by their code and months by their first day.
    """
    __name__ = 'cae.command'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({
                'companies': RPC(),
                'months': RPC(),
                'preview': RPC(),
                'close': RPC(readonly=False),
                'queue_closes': RPC(readonly=False),
                'queued_closes': RPC(),
                'undo': RPC(readonly=False),
                'report': RPC(),
                'statements': RPC(readonly=False),
                })

    @classmethod
    @takes(codes='texts')
    def companies(cls, codes=None):
        "Return the codes of the companies of the user, or test those given"
        return [c.party.code for c in cls._companies(codes)]

    @classmethod
    @takes(company='text', start='date', end='date', open_only='flag')
    def months(cls, company, start=None, end=None, open_only=False):
        """Return the months of the company from start to end.

        open_only leaves out those that are closed.
        """
        Close = Pool().get('cae.close')
        cls._check('cae.close', 'read')
        company, = cls._companies([company])
        with without_check_access():
            closed = Close.closed_periods(company) if open_only else set()
            return [
                p.start_date for p in Close.periods(company)
                if (not start or p.start_date >= start)
                and (not end or p.start_date <= end)
                and p.id not in closed]

    @classmethod
    @takes(company='text', month='date')
    def preview(cls, company, month):
        "Return the columns and rows of what a close would book, and faults"
        Close = Pool().get('cae.close')
        cls._check('cae.close', 'read')
        company, period = cls._period(company, month)
        with without_check_access(), \
                Transaction().set_context(company=company.id):
            plan = Close.plan(company, period)
            columns = [
                'step', 'subject', 'base', 'due', 'booked', 'quantity',
                'amount']
            return {
                'columns': ['company', 'month', *columns],
                'rows': [
                    [company.party.code, month.strftime('%Y-%m'),
                        *(line.get(c) for c in columns)]
                    for line in preview_lines(plan)],
                'faults': [f.text for f in plan.faults],
                'blocked': plan.blocked,
                }

    @classmethod
    @takes(company='text', month='date', skip_faults='flag')
    def close(cls, company, month, skip_faults=False):
        "Close a month of a company and return what was done"
        Close = Pool().get('cae.close')
        cls._check_closer()
        company, period = cls._period(company, month)
        with without_check_access():
            result = Close.run(company, period, skip_faults=skip_faults)
            return {
                'closed': bool(result.close) or not result.faults,
                'faults': [f.text for f in result.faults],
                'text': result.text,
                }

    @classmethod
    @takes(months='months', skip_faults='flag')
    def queue_closes(cls, months, skip_faults=False):
        """Let the queue close months, from pairs of a company and a month, and
        return the ids of what is to be done"""
        CloseTask = Pool().get('cae.close.task')
        cls._check_closer()
        periods = [cls._period(*month)[1] for month in months]
        with without_check_access():
            return [t.id for t in CloseTask.add(periods, skip_faults)]

    @classmethod
    @takes(ids='ids')
    def queued_closes(cls, ids):
        """Return what became of the closes that the queue was to do

        One waits no more when a month before it failed, of these or not.
        """
        CloseTask = Pool().get('cae.close.task')
        with check_access():
            tasks = CloseTask.browse(ids)
            stopped = CloseTask.stopped({
                    t.company for t in tasks if t.state == 'waiting'})
            return [{
                    'id': t.id,
                    'name': f'{t.company.party.code} {t.period.rec_name}',
                    'state': t.state,
                    'waiting': (
                        t.state == 'waiting' and t.company not in stopped),
                    'message': t.message or '',
                    } for t in tasks]

    @classmethod
    @takes(company='text', month='date')
    def undo(cls, company, month):
        "Undo all the closes of a month of a company"
        Close = Pool().get('cae.close')
        cls._check_closer()
        company, period = cls._period(company, month)
        with without_check_access():
            closes = Close.search([
                    ('period', '=', period.id),
                    ('state', '=', 'done'),
                    ])
            if not closes:
                raise CommandError(gettext(
                        'coop_cae.msg_command_not_closed',
                        company=company.party.code, period=period.rec_name))
            Close.undo(closes)
            return gettext(
                'coop_cae.msg_command_undone',
                company=company.party.code, period=period.rec_name)

    @classmethod
    @takes(name='text', companies='texts', date='date')
    def report(cls, name, companies=None, date=None):
        "Return the columns and the rows of a report at a date"
        if name not in REPORTS:
            raise CommandError(gettext(
                    'coop_cae.msg_command_report',
                    name=name, names=', '.join(REPORTS)))
        for model in [
                'account.move.line', 'cae.activity', 'coop.share.movement']:
            cls._check(model, 'read')
        companies = cls._companies(companies)
        with without_check_access():
            return table(name, companies, date or cls._last_date(companies))

    @classmethod
    def _last_date(cls, companies):
        "Return today, or the end of the last fiscal year if it is past"
        pool = Pool()
        Date = pool.get('ir.date')
        FiscalYear = pool.get('account.fiscalyear')
        fiscalyears = FiscalYear.search([
                ('company', 'in', [c.id for c in companies]),
                ], order=[('end_date', 'DESC')], limit=1)
        return min(chain([Date.today()], (f.end_date for f in fiscalyears)))

    @classmethod
    @takes(company='text', month='date', extension='text', send='flag')
    def statements(cls, company, month, extension='odt', send=False):
        """Let the queue make the monthly statements of the activities of a
        company, and return what is told of it"""
        Activity = Pool().get('cae.activity')
        cls._check('cae.activity', 'write')
        company, period = cls._period(company, month)
        with without_check_access():
            activities = Activity.running(
                company, period.start_date, period.end_date)
            without = Activity.queue_statements(
                activities, period.end_date, extension, send)
        return {
            'text': gettext(
                'coop_cae.msg_command_statements',
                period=f'{company.party.code} {period.rec_name}',
                count=len(activities)),
            'faults': [
                gettext(
                    'coop_cae.msg_command_statements_no_email', entrepreneur=e)
                for e in sorted({e.rec_name for e in without})],
            }

    @classmethod
    def _check(cls, model, mode):
        ModelAccess = Pool().get('ir.model.access')
        with check_access():
            ModelAccess.check(model, mode)

    @classmethod
    def _check_closer(cls):
        """Test if the user is of a group that may undo a close.

        The same ones make it: nobody creates a close as a record.
        """
        pool = Pool()
        Button = pool.get('ir.model.button')
        Close = pool.get('cae.close')
        User = pool.get('res.user')
        groups = Button.get_groups(Close.__name__, 'undo')
        if Transaction().user and not groups & set(User.get_groups()):
            raise AccessButtonError(gettext(
                    'ir.msg_access_button_error', button='undo',
                    **Close.__names__()))

    @classmethod
    def _companies(cls, codes=None):
        "Return the companies of the user that have the codes, all by default"
        pool = Pool()
        Company = pool.get('company.company')
        User = pool.get('res.user')
        user = Transaction().user
        with without_check_access():
            companies = {
                c.party.code: c for c in (
                    User(user).companies if user else Company.search([]))}
        if unknown := [c for c in codes or [] if c not in companies]:
            raise CommandError(gettext(
                    'coop_cae.msg_command_company',
                    code=', '.join(unknown),
                    codes=', '.join(sorted(companies))))
        return [companies[c] for c in codes or sorted(companies)]

    @classmethod
    def _period(cls, code, month):
        "Return the company and its period of the month"
        Period = Pool().get('account.period')
        company, = cls._companies([code])
        if isinstance(month, dt.datetime):
            month = month.date()
        with without_check_access():
            periods = Period.search([
                    ('company', '=', company.id),
                    ('type', '=', 'standard'),
                    ('start_date', '<=', month),
                    ('end_date', '>=', month),
                    ])
        if not periods:
            raise CommandError(gettext(
                    'coop_cae.msg_command_period',
                    company=code, period=month.strftime('%Y-%m')))
        return company, periods[0]
