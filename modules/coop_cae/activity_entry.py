# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The entries of an activity: what each posted line is for it."""
from sql import Literal
from sql.conditionals import Case, Coalesce
from sql.operators import Concat, Exists

from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import PYSONEncoder
from trytond.transaction import Transaction
from trytond.wizard import StateAction, Wizard

from .balance import account_is_of
from .confinement import confinement, is_entrepreneur, list_is_entrepreneur
from .rules.chart import PAY

# The accounts whose lines may tell the pay of somebody
TELLING = (*PAY, '42', '43')


class ActivityEntry(ModelSQL, ModelView):
    __name__ = 'cae.activity.entry'

    activity = fields.Many2One('cae.activity', "Activity", required=True)
    date = fields.Date("Date", required=True)
    account = fields.Many2One('account.account', "Account", required=True)
    account_name = fields.Char(
        "Account", states={'invisible': ~is_entrepreneur},
        help="For those who do not see the chart of accounts.")
    move_line = fields.Many2One(
        'account.move.line', "Move Line", required=True)
    description = fields.Char("Description")
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    debit = Monetary("Debit", currency='currency', digits='currency')
    credit = Monetary("Credit", currency='currency', digits='currency')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        cls._order = [('date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        pool = Pool()
        account = pool.get('account.account').__table__()
        activity = pool.get('cae.activity').__table__()
        line = pool.get('account.move.line').__table__()
        move = pool.get('account.move').__table__()
        part = pool.get('analytic_account.line').__table__()
        where = move.state == 'posted'
        activities = Transaction().context.get('activities')
        if activities is not None:
            where &= fields.SQL_OPERATORS['in'](activity.id, activities)
        return (part
            .join(activity,
                condition=activity.analytic_account == part.account)
            .join(line, condition=line.id == part.move_line)
            .join(move, condition=move.id == line.move)
            .join(account, condition=account.id == line.account)
            .select(
                part.id, activity.id.as_('activity'), move.date,
                line.account,
                Concat(
                    Coalesce(Concat(account.code, ' - '), ''),
                    account.name).as_('account_name'),
                line.id.as_('move_line'),
                cls._description(activity, account, line, move).as_(
                    'description'),
                part.debit, part.credit,
                where=where))

    @classmethod
    def _description(cls, activity, account, line, move):
        """Return what is told of a line: of the pay, it may name who shares
        the activity with an entrepreneur"""
        Entrepreneur = Pool().get('cae.activity.entrepreneur')
        description = Coalesce(line.description, move.description)
        if not (confined := confinement()):
            return description
        table = Entrepreneur.__table__()
        others = table.activity == activity.id
        if confined.entrepreneurs:
            others &= ~table.entrepreneur.in_(confined.entrepreneurs)
        return Case(
            (Exists(table.select(table.id, where=others))
                & account_is_of(account, TELLING),
                Literal('')),
            else_=description)

    def get_rec_name(self, name):
        return f'{self.activity.rec_name} – {self.account_name}'

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree//field[@name="account_name"]', 'tree_invisible',
                ~list_is_entrepreneur),
            ]

    def get_currency(self, name):
        return self.activity.company.currency.id


class OpenEntries(Wizard):
    """Open the entries that a line of a statement, a month or an account is
    made of"""
    __name__ = 'cae.activity.open_entries'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('coop_cae.act_activity_entry')

    def do_open_(self, action):
        action['pyson_domain'] = PYSONEncoder().encode(
            self.record.entries_domain())
        action['pyson_context'] = PYSONEncoder().encode({
                'activities': [self.record.activity.id],
                })
        action['name'] += f' ({self.record.rec_name})'
        return action, {}
