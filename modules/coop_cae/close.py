# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime
from dataclasses import dataclass, field

from sql import Literal
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import (
    Exclude, Index, ModelSQL, ModelView, dualmethod, fields)
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.modules.coop_ledger.lock import (
    begin_writing, lock_company, lock_posting, make_journal_periods)
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .close_plan import reckon
from .exceptions import CloseError, UndoError


def _now():
    "Return the time to the second, which is enough for people"
    return datetime.datetime.now().replace(microsecond=0)


@dataclass(slots=True)
class CloseResult:
    "What was done for a company and a period"
    company: object
    period: object
    close: object = None
    again: list = field(default_factory=list)
    plan: object = None
    faults: list = field(default_factory=list)

    @property
    def text(self):
        period = f'{self.company.party.code} {self.period.rec_name}'
        if close := self.close:
            return '\n'.join(
                done(close, f'{self.company.party.code} ')
                for close in [close, *self.again])
        elif self.faults:
            return gettext(
                'coop_cae.msg_command_left', period=period,
                count=len(self.faults))
        return gettext('coop_cae.msg_close_nothing', period=period)


def done(close, prefix=''):
    "Return a sentence on what a close booked"
    return gettext(
        'coop_cae.msg_close_done', period=prefix + close.period.rec_name,
        payslips=len(close.payslips),
        withholdings=len(close.withholdings),
        movements=len(close.movements),
        contributions=len(close.contributions))


class Close(ExclusionMixin, ModelSQL, ModelView):
    __name__ = 'cae.close'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    period = fields.Many2One(
        'account.period', "Period", required=True, readonly=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ])
    rank = fields.Integer(
        "Rank", required=True, readonly=True,
        help="1 for the first close of the month, more for the next ones, "
        "which book what came late.")
    state = fields.Selection([
            ('done', "Done"),
            ('undone', "Undone"),
            ], "State", required=True, readonly=True, sort=False)
    closed_at = fields.DateTime("Closed At", readonly=True)
    closed_by = fields.Many2One(
        'res.user', "Closed By", readonly=True, ondelete='RESTRICT')
    undone_at = fields.DateTime(
        "Undone At", readonly=True,
        states={
            'invisible': Eval('state') != 'undone',
            })
    undone_by = fields.Many2One(
        'res.user', "Undone By", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': Eval('state') != 'undone',
            })
    faults = fields.Text(
        "Left Out", readonly=True,
        states={
            'invisible': ~Eval('faults'),
            },
        help="What was not booked, why, and how to mend it.")
    contributions = fields.One2Many(
        'cae.contribution', 'close', "Contributions", readonly=True)
    payslips = fields.One2Many(
        'cae.payslip', 'close', "Payslips", readonly=True)
    withholdings = fields.One2Many(
        'coop.share.withholding', 'origin', "Kept Back for Shares",
        readonly=True)
    movements = fields.One2Many(
        'coop.share.movement', 'origin', "Share Movements", readonly=True)
    moves = fields.One2Many(
        'account.move', 'origin', "Contribution Entry", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('rank_unique', Exclude(table,
                    (table.period, Equal),
                    (table.rank, Equal),
                    where=Literal(True)),
                'coop_cae.msg_close_rank_unique'))
        cls._sql_indexes.add(Index(table,
                (table.company, Index.Range()),
                (table.period, Index.Range())))
        cls._order = [
            ('period.start_date', 'DESC'), ('rank', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'undo': {
                    'invisible': Eval('state') != 'done',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'undo')

    def get_rec_name(self, name):
        name = f'{self.company.rec_name} – {self.period.rec_name}'
        return f'{name} ({self.rank})' if self.rank > 1 else name

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
                If(Eval('state') == 'undone', 'muted', '')),
            ('//page[@name="faults"]', 'states', {
                    'invisible': ~Eval('faults'),
                    }),
            ]

    @classmethod
    def check_modification(cls, mode, closes, values=None, external=False):
        super().check_modification(
            mode, closes, values=values, external=external)
        if mode == 'delete' or external:
            for close in closes:
                raise CloseError(gettext(
                        'coop_cae.msg_close_modify', close=close.rec_name))

    @classmethod
    def periods(cls, company):
        "Return the months of the company, from the first one closed here"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Period = pool.get('account.period')
        domain = [
            ('company', '=', company.id),
            ('type', '=', 'standard'),
            ]
        if start := Configuration(1).get_setting('closes_from', company):
            domain.append(('start_date', '>=', start))
        return Period.search(domain, order=[('start_date', 'ASC')])

    @classmethod
    def closed_periods(cls, company):
        "Return the ids of the months that are closed"
        return {
            c.period.id for c in cls.search([
                    ('company', '=', company.id),
                    ('state', '=', 'done'),
                    ], order=[])}

    @classmethod
    def first_open_period(cls, company, before):
        "Return the first month before a period that is not closed"
        closed = cls.closed_periods(company)
        for period in cls.periods(company):
            if period.start_date >= before.start_date:
                return None
            if period.id not in closed:
                return period

    @classmethod
    def later_periods(cls, company, period):
        """Return the months after a period that are closed, of a later fiscal
        year the last one only"""
        closes = cls.search([
                ('company', '=', company.id),
                ('state', '=', 'done'),
                ('period.start_date', '>', period.start_date),
                ], order=[('period.start_date', 'ASC')])
        year = period.fiscalyear
        found = {
            c.period.fiscalyear if c.period.fiscalyear != year
            else c.period: c.period for c in closes}
        return list(found.values())

    @classmethod
    def last_closed(cls, company, date):
        """Return the last month that is closed of each fiscal year that is
        open, of those that are over at the date"""
        return list({
                c.period.fiscalyear: c.period for c in cls.search([
                        ('company', '=', company.id),
                        ('state', '=', 'done'),
                        ('period.end_date', '<=', date),
                        ('period.fiscalyear.state', '=', 'open'),
                        ], order=[('period.start_date', 'ASC')])}.values())

    @classmethod
    def plan(cls, company, period):
        "Return what the close would book"
        with Transaction().set_context(company=company.id):
            return reckon(company, period)

    @classmethod
    def run(cls, company, period, skip_faults=False):
        """Close the month of a company and return what was done.

        With a fault nothing is booked, unless the faults are to be skipped;
        a fault of the company itself is never skipped.
        Closing again books the difference, or nothing.
        The later months that are closed are closed again when it changes
        their contributions.
        """
        cls.lock_all(company, [period, *cls.later_periods(company, period)])
        plan = cls.plan(company, period)
        result = CloseResult(company, period, plan=plan, faults=plan.faults)
        if plan.blocked or plan.faults and not skip_faults:
            return result
        if plan.is_empty and period.id in cls.closed_periods(company):
            return result
        with Transaction().set_context(company=company.id):
            result.close = cls._book(plan)
            result.again = [cls._book(again) for again in plan.again]
        return result

    @classmethod
    def lock_all(cls, company, periods):
        """One close of the company at a time, so that nothing is booked twice.

        What its steps lock is locked first: to lock it late would begin all
        over again.
        """
        begin_writing()
        Shares = Pool().get('coop.share.configuration')
        lock_company(company)
        if sequence := Shares(1).get_setting('movement_sequence', company):
            sequence.lock()
        if periods:
            lock_posting(
                company, min(p.start_date for p in periods),
                max(p.end_date for p in periods), cls._journals(company))

    @classmethod
    def prepare(cls, company, periods):
        """Make what closes of different companies could not make side by
        side"""
        make_journal_periods(cls._journals(company), periods)

    @classmethod
    def _journals(cls, company):
        "Return the journals that a close posts in"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Shares = pool.get('coop.share.configuration')
        return set(filter(None, [
                    Configuration(1).get_setting(
                        'contribution_journal', company),
                    Configuration(1).get_setting('pay_journal', company),
                    Shares(1).get_setting('journal', company)]))

    @classmethod
    def _book(cls, plan):
        pool = Pool()
        CloseMove = pool.get('cae.close-account.move')
        Contribution = pool.get('cae.contribution')
        Movement = pool.get('coop.share.movement')
        Payslip = pool.get('cae.payslip')
        Withholding = pool.get('coop.share.withholding')
        transaction = Transaction()
        close = cls(
            company=plan.company, period=plan.period, state='done',
            rank=cls.search([('period', '=', plan.period.id)], count=True) + 1,
            closed_at=_now(), closed_by=transaction.user,
            faults='\n'.join(f.text for f in plan.faults) or None)
        close.save()
        date = plan.period.end_date
        Payslip.book(close, plan.payslips)
        Withholding.book(
            plan.company, plan.withholdings, date, origin=str(close))
        Movement.book_conversions(
            plan.company, plan.conversions, date, origin=str(close))
        Contribution.book(close, plan.contributions)
        CloseMove.keep(close)
        return close

    @dualmethod
    @ModelView.button
    def undo(cls, closes):
        """Reverse all that the closes booked.

        All the closes of a month are undone together, the last month first.
        """
        CloseMove = Pool().get('cae.close-account.move')
        transaction = Transaction()
        periods = sorted(
            {c.period for c in closes if c.state == 'done'},
            key=lambda p: (p.company.id, p.start_date), reverse=True)
        for company in {p.company for p in periods}:
            cls.lock_all(company, [p for p in periods if p.company == company])
        for period in periods:
            closes = cls.search([
                    ('period', '=', period.id),
                    ('state', '=', 'done'),
                    ], order=[('rank', 'DESC')])
            if not closes:
                # Somebody else has just undone it
                continue
            cls._check_undo(period)
            with transaction.set_context(company=period.company.id):
                for close in closes:
                    close._reverse()
            cls.write(closes, {
                    'state': 'undone',
                    'undone_at': _now(),
                    'undone_by': transaction.user,
                    })
            CloseMove.forget(closes)

    @classmethod
    def _check_undo(cls, period):
        if later := cls.search([
                    ('company', '=', period.company.id),
                    ('state', '=', 'done'),
                    ('period.start_date', '>', period.start_date),
                    ], order=[('period.start_date', 'DESC')], limit=1):
            raise UndoError(gettext(
                    'coop_cae.msg_undo_later',
                    period=period.rec_name,
                    later=later[0].period.rec_name))
        if period.state != 'open':
            raise UndoError(gettext(
                    'coop_cae.msg_undo_period_closed',
                    period=period.rec_name))

    def _reverse(self):
        pool = Pool()
        Move = pool.get('account.move')
        Movement = pool.get('coop.share.movement')
        Payslip = pool.get('cae.payslip')
        Withholding = pool.get('coop.share.withholding')
        Move.reverse_entries(list(self.moves))
        Movement.reverse([
                m for m in self.movements if not m.reversed_by])
        Withholding.reverse([
                w for w in self.withholdings if not w.reversed_by])
        Payslip.undo(list(self.payslips))
