# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import PYSONEncoder
from trytond.wizard import StateAction, Wizard

from .contribution_reading import Reading
from .exceptions import ContributionModifyError

SETTINGS = [
    'analytic_root', 'structure_account', 'contribution_account',
    'contribution_journal']


class Contribution(ModelSQL, ModelView):
    __name__ = 'cae.contribution'

    close = fields.Many2One(
        'cae.close', "Close", required=True, readonly=True,
        ondelete='RESTRICT')
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, readonly=True,
        ondelete='RESTRICT')
    rule = fields.Many2One(
        'cae.contribution.rule', "Rule", readonly=True, ondelete='RESTRICT',
        help="The rule in force on the last day.")
    base = Monetary(
        "Base to Date", currency='currency', digits='currency', readonly=True,
        help="The base from the first day of the fiscal year, "
        "as it was reckoned.")
    due = Monetary(
        "Due to Date", currency='currency', digits='currency', readonly=True,
        help="The contribution from the first day of the fiscal year, "
        "as it was reckoned.")
    analytic_line = fields.Many2One(
        'analytic_account.line', "Analytic Line", required=True,
        readonly=True, ondelete='RESTRICT')
    amount = fields.Function(Monetary(
            "Booked", currency='currency', digits='currency'), 'get_amount')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'get_company', searcher='search_company')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    period = fields.Function(
        fields.Many2One('account.period', "Period"),
        'get_period', searcher='search_period')
    move = fields.Function(
        fields.Many2One('account.move', "Move"), 'get_move')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('close')
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table, (table.close, Index.Range())),
                Index(table, (table.activity, Index.Range())),
                Index(table, (table.rule, Index.Range())),
                })
        cls._order = [
            ('close', 'DESC'), ('activity.code', 'ASC'), ('id', 'DESC')]
        cls._buttons.update({
                'open_lines': {},
                })

    @classmethod
    def get_amount(cls, contributions, name):
        return {
            c.id: c.analytic_line.debit - c.analytic_line.credit
            for c in contributions}

    def get_company(self, name):
        return self.close.company.id

    @classmethod
    def search_company(cls, name, clause):
        return [('close.' + clause[0], *clause[1:])]

    def get_currency(self, name):
        return self.close.company.currency.id

    def get_period(self, name):
        return self.close.period.id

    @classmethod
    def search_period(cls, name, clause):
        return [('close.' + clause[0], *clause[1:])]

    def get_move(self, name):
        return self.analytic_line.move_line.move.id

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.close.period.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('activity.rec_name', operator, value),
            ('close.period.rec_name', operator, value),
            ]

    @classmethod
    def check_modification(
            cls, mode, contributions, values=None, external=False):
        super().check_modification(
            mode, contributions, values=values, external=external)
        for contribution in contributions:
            raise ContributionModifyError(gettext(
                    'coop_cae.msg_contribution_modify',
                    contribution=contribution.rec_name))

    @classmethod
    @ModelView.button_action('coop_cae.wizard_contribution_lines')
    def open_lines(cls, contributions):
        pass

    @classmethod
    def plan(cls, company, period):
        """Return what each activity owes at the end of the period.

        The number of queries does not depend on the number of activities.
        """
        return cls.plan_to(company, period.fiscalyear, period.end_date)

    @classmethod
    def plan_to(cls, company, year, end, only=None):
        """Return what each activity owes from the first day of the fiscal year
        to a day of it, or only those of some ids."""
        return Reading(company, year, end, only).plans()

    @classmethod
    def book(cls, close, plans):
        """Book the difference of each activity, in one entry.

        The entry debits and credits the same account: what activities give is
        debited with their analytic lines and credited with that of the
        structure, what they are given back the other way round.
        """
        Configuration = Pool().get('cae.configuration')
        Move = Pool().get('account.move')
        company = close.company
        account, structure, journal = (
            Configuration(1).get_required(n, company).id for n in [
                'contribution_account', 'structure_account',
                'contribution_journal'])
        given = [p for p in plans if p.amount > 0]
        returned = [p for p in plans if p.amount < 0]
        lines, booked = [], []
        if given:
            total = sum(p.amount for p in given)
            lines.append(EntryLine(account=account, debit=total, parts=tuple(
                        Part(account=p.analytic_account, debit=p.amount)
                        for p in given)))
            booked.extend(given)
            lines.append(EntryLine(account=account, credit=total, parts=(
                        Part(account=structure, credit=total),)))
        if returned:
            total = -sum(p.amount for p in returned)
            lines.append(EntryLine(account=account, credit=total, parts=tuple(
                        Part(account=p.analytic_account, credit=-p.amount)
                        for p in returned)))
            booked.extend(returned)
            lines.append(EntryLine(account=account, debit=total, parts=(
                        Part(account=structure, debit=total),)))
        if not lines:
            return
        posted, = Move.post_entries(company, [Entry(
                    journal=journal, date=close.period.end_date,
                    origin=str(close), lines=tuple(lines),
                    description=gettext(
                        'coop_cae.msg_contribution_description',
                        period=close.period.rec_name))])
        parts = [p for line in posted.parts[::2] for p in line]
        insert(cls,
            ['close', 'activity', 'rule', 'base', 'due', 'analytic_line'],
            [(close.id, p.activity, p.rule, p.base, p.due, part)
                for p, part in zip(booked, parts, strict=True)])


class OpenLines(Wizard):
    __name__ = 'cae.contribution.open_lines'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('analytic_account.act_line_form')

    def do_open_(self, action):
        contribution = self.record
        period = contribution.close.period
        accounts = contribution.rule.base.ledger_accounts()
        action['pyson_domain'] = PYSONEncoder().encode([
                ('account', '=', contribution.activity.analytic_account.id),
                ('date', '>=', period.fiscalyear.start_date),
                ('date', '<=', period.end_date),
                ('move_line.account', 'in', accounts),
                ('move_line.move.state', '=', 'posted'),
                ])
        action['name'] += f' ({contribution.rec_name})'
        return action, {}
