# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Months of many co-operatives closed by the queue, side by side.

Each month of a company is a task.  The next month of a company goes to the
queue when the one before is done: its order holds whatever the workers.
"""
import datetime as dt
import logging

from dateutil.relativedelta import relativedelta

from trytond import backend
from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, dualmethod, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.fresh_session import BookingWizard, ask_again
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.pyson import Eval, If, PYSONEncoder
from trytond.transaction import (
    Transaction, TransactionError, without_check_access)
from trytond.wizard import Button, StateAction, StateView

from .exceptions import CloseError

logger = logging.getLogger(__name__)
QUEUE = 'closes'
OPEN = ['waiting', 'failed']


def _now():
    return dt.datetime.now().replace(microsecond=0)


class CloseTask(ModelSQL, ModelView):
    __name__ = 'cae.close.task'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    period = fields.Many2One(
        'account.period', "Period", required=True, readonly=True,
        ondelete='CASCADE',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    skip_faults = fields.Boolean(
        "Close All the Others", readonly=True,
        help="Close without what is left out; else nothing is booked.")
    state = fields.Selection([
            ('waiting', "Waiting"),
            ('done', "Done"),
            ('failed', "Failed"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    close = fields.Many2One(
        'cae.close', "Close", readonly=True, ondelete='CASCADE',
        states={
            'invisible': ~Eval('close'),
            })
    message = fields.Text(
        "Result", readonly=True,
        help="What was booked, or why nothing was.")
    queued_at = fields.DateTime("Queued At", readonly=True)
    queued_by = fields.Many2One(
        'res.user', "Queued By", readonly=True, ondelete='RESTRICT')
    finished_at = fields.DateTime("Finished At", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table, (table.close, Index.Range())),
                Index(table,
                    (table.company, Index.Range()),
                    (table.state, Index.Equality(cardinality='low'))),
                })
        cls._order = [
            ('queued_at', 'DESC'), ('company', 'ASC'),
            ('period.start_date', 'ASC'), ('id', 'ASC')]
        cls._buttons.update({
                name: {
                    'invisible': ~Eval('state').in_(OPEN),
                    'depends': ['state'],
                    } for name in ['run', 'cancel']})
        ask_again(cls, 'run')

    @classmethod
    def default_state(cls):
        return 'waiting'

    def get_rec_name(self, name):
        return f'{self.company.rec_name} – {self.period.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('company.rec_name', operator, value),
            ('period.rec_name', operator, value),
            ]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state') == 'failed', 'danger',
                    If(Eval('state') == 'cancelled', 'muted', ''))),
            ]

    @classmethod
    def check_modification(cls, mode, tasks, values=None, external=False):
        super().check_modification(
            mode, tasks, values=values, external=external)
        if external:
            raise CloseError(gettext('coop_cae.msg_close_task_modify'))

    @classmethod
    def add(cls, periods, skip_faults=False):
        """Put the close of the months in the queue and return the tasks.

        A month that waits already, or failed, keeps its task.
        """
        Close = Pool().get('cae.close')
        companies = {}
        for period in periods:
            companies.setdefault(period.company, []).append(period)
        for company, months in companies.items():
            Close.prepare(company, months)
        known = {
            t.period.id: t for t in cls.search([
                    ('period', 'in', [p.id for p in periods]),
                    ('state', 'in', OPEN),
                    ], order=[])}
        tasks = []
        for period in periods:
            task = known.get(period.id) or cls(
                company=period.company, period=period)
            task.skip_faults = skip_faults
            tasks.append(task)
        cls.save(tasks)
        cls.run(tasks)
        return tasks

    @dualmethod
    @ModelView.button
    def run(cls, tasks):
        "Put the tasks in the queue, once more if they failed"
        cls.write(tasks, {
                'state': 'waiting',
                'message': None,
                'queued_at': _now(),
                'queued_by': Transaction().user,
                'finished_at': None,
                })
        for company in dict.fromkeys(t.company for t in tasks):
            cls._push_next(company)

    @dualmethod
    @ModelView.button
    def cancel(cls, tasks):
        cls.write(tasks, {
                'state': 'cancelled',
                'finished_at': _now(),
                })
        # The month after waited for it
        for company in dict.fromkeys(t.company for t in tasks):
            cls._push_next(company)

    @classmethod
    def _next(cls, company):
        """Return the first month of the company that is not done

        One that failed and was closed since, by hand, holds no other."""
        Close = Pool().get('cae.close')
        tasks = cls.search([
                ('company', '=', company.id),
                ['OR',
                    ('state', '=', 'waiting'),
                    [
                        ('state', '=', 'failed'),
                        ('period', 'not in',
                            list(Close.closed_periods(company))),
                        ],
                    ],
                ], order=[('period.start_date', 'ASC'), ('id', 'ASC')],
            limit=1)
        return tasks[0] if tasks else None

    @classmethod
    def stopped(cls, companies):
        "Return those of the companies whose next month failed"
        return {
            c for c in companies
            if (task := cls._next(c)) and task.state == 'failed'}

    @classmethod
    def _push_next(cls, company):
        task = cls._next(company)
        if task and task.state == 'waiting':
            with Transaction().set_context(queue_name=QUEUE):
                cls.__queue__.perform([task])

    @classmethod
    @without_check_access
    def perform(cls, tasks):
        "Close the months that are the next ones, as the queue does"
        # Whoever has the same task starts again, and finds it done
        cls.lock(tasks)
        for task in tasks:
            if task.state == 'waiting' and task == cls._next(task.company):
                task._perform()
                cls._push_next(task.company)

    def _perform(self):
        language = self.queued_by.language
        with Transaction().set_context(
                company=self.company.id,
                language=language.code if language
                else Transaction().language):
            result, fault = self._close()
            if result:
                self.close = result.close
                self.message = '\n'.join([
                        result.text, *(f.text for f in result.faults)])
            else:
                self.message = fault
        done = result and (result.close or not result.faults)
        self.state = 'done' if done else 'failed'
        self.finished_at = _now()
        self.save()

    def _close(self):
        "Return the result of the close, or why there is none"
        Close = Pool().get('cae.close')
        try:
            with savepoint():
                return Close.run(
                    self.company, self.period,
                    skip_faults=self.skip_faults), None
        except (TransactionError, backend.DatabaseOperationalError):
            # To be tried again
            raise
        except UserError as error:
            logger.info("%s was not closed", self, exc_info=True)
            return None, '\n'.join(filter(
                    None, [error.message, error.description]))
        except Exception as error:
            # What nobody thought of is to be seen by the user too
            logger.exception("%s was not closed", self)
            return None, f'{error.__class__.__name__}: {error}'


class QueueCloses(BookingWizard):
    __name__ = 'cae.close.queue'

    start = StateView(
        'cae.close.queue.start', 'coop_cae.close_queue_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Close", 'queue', 'tryton-ok', default=True),
            ])
    queue = StateAction('coop_cae.act_close_task_form')

    def do_queue(self, action):
        CloseTask = Pool().get('cae.close.task')
        periods = self.start.open_periods()
        if not periods:
            raise CloseError(gettext('coop_cae.msg_close_queue_nothing'))
        with without_check_access():
            tasks = CloseTask.add(periods, self.start.skip_faults)
        action['pyson_domain'] = PYSONEncoder().encode(
            [('id', 'in', [t.id for t in tasks])])
        # What is asked for here needs no other tab
        action['domains'] = []
        return action, {}


class QueueClosesStart(ModelView):
    __name__ = 'cae.close.queue.start'

    companies = fields.Many2Many(
        'company.company', None, None, "Companies", required=True,
        domain=[
            ('id', 'in', Eval('context', {}).get('companies', [])),
            ])
    month = fields.Date(
        "Up to the Month Of", required=True,
        help="All the months that are open up to the one of the day are "
        "closed, in their order.")
    skip_faults = fields.Boolean(
        "Close All the Others",
        help="Close without what is left out; else nothing is booked.")

    @classmethod
    def default_companies(cls):
        return list(Pool().get('res.user').get_companies())

    @classmethod
    def default_month(cls):
        "The month before this one"
        today = Pool().get('ir.date').today()
        return today + relativedelta(day=1, days=-1)

    def open_periods(self):
        "Return the months of the companies that are to be closed"
        pool = Pool()
        Close = pool.get('cae.close')
        User = pool.get('res.user')
        allowed = User.get_companies()
        periods = []
        for company in self.companies:
            if company.id not in allowed:
                raise AccessError(gettext(
                        'coop_cae.msg_close_queue_company',
                        company=company.rec_name))
            closed = Close.closed_periods(company)
            periods.extend(
                p for p in Close.periods(company)
                if p.start_date <= self.month and p.state == 'open'
                and p.id not in closed)
        return periods
