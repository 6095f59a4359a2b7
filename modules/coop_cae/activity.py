# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pool import Pool
from trytond.pyson import Bool, Date, Eval, If, PYSONEncoder
from trytond.transaction import Transaction
from trytond.wizard import StateAction, Wizard

from .entrepreneur import DONE
from .exceptions import ActivityValidationError
from .figures import FiguresMixin


class Activity(FixedFieldMixin, FiguresMixin, ModelSQL, ModelView):
    __name__ = 'cae.activity'

    company = fields.Many2One(
        'company.company', "Company", required=True,
        states={
            'readonly': Eval('id', -1) > 0,
            })
    code = fields.Char("Code", required=True)
    name = fields.Char("Name", required=True)
    naf = fields.Char(
        "NAF", help="The code of the sector in the French nomenclature.")
    site = fields.Many2One('cae.site', "Site", ondelete='RESTRICT')
    start_date = fields.Date(
        "Start Date", required=True,
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('start_date', '<=', Eval('end_date', None)),
                ()),
            ])
    end_date = fields.Date(
        "End Date",
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ])
    entrepreneurs = fields.One2Many(
        'cae.activity.entrepreneur', 'activity', "Entrepreneurs",
        help="Who runs the activity, "
        "with the split of the pay of their agreement.")
    entrepreneur_names = fields.Function(
        fields.Char("Run By"), 'get_entrepreneur_names')
    advisers = fields.Function(
        fields.Char("Advisers", help="Those of its entrepreneurs."),
        'get_advisers', searcher='search_advisers')
    analytic_account = fields.Many2One(
        'analytic_account.account', "Analytic Account", readonly=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'normal'),
            ],
        help="Created and kept with the activity.")

    @classmethod
    def __setup__(cls):
        cls.code.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('code_unique', Unique(table, table.company, table.code),
                'coop_cae.msg_code_unique'),
            ('analytic_account_unique',
                Unique(table, table.analytic_account),
                'coop_cae.msg_activity_analytic_account_unique'),
            ]
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    def get_rec_name(self, name):
        return f'{self.name} ({self.code})'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op, ('code', operator, value), ('name', operator, value)]

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'code', 'analytic_account'},
                'coop_cae.msg_fixed_activity',
                Leaning(
                    'analytic_account.line', {'account': 'analytic_account'},
                    (('move_line.move.state', '=', 'posted'),)),
                Leaning(
                    'cae.payslip', 'activities.activity',
                    (('state', '=', 'posted'),)),
                Leaning('cae.contribution', 'activity', DONE))]

    def get_entrepreneur_names(self, name):
        return ", ".join(
            e.entrepreneur.party.rec_name for e in self.entrepreneurs)

    def get_advisers(self, name):
        advisers = {
            e.entrepreneur.adviser for e in self.entrepreneurs
            if e.entrepreneur.adviser}
        return ", ".join(sorted(a.rec_name for a in advisers))

    @classmethod
    def search_advisers(cls, name, clause):
        field = 'entrepreneurs.entrepreneur.adviser'
        if clause[2] is not None:
            field += '.rec_name'
        return [(field, *clause[1:])]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Bool(Eval('end_date'))
                    & (Eval('end_date', Date()) < Date()), 'muted', '')),
            ('//page[@id="accounts"]', 'states', {
                    'invisible': Eval('id', -1) < 0,
                    }),
            ]

    @classmethod
    def copy(cls, activities, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('analytic_account')
        default.setdefault('code', lambda data: data['code'] + '-2')
        for read in ['months', 'to_collect', 'to_pay']:
            default.setdefault(read)
        return super().copy(activities, default=default)

    @classmethod
    def validate_fields(cls, activities, field_names):
        super().validate_fields(activities, field_names)
        cls.check_split(activities, field_names)

    @classmethod
    def check_split(cls, activities, field_names=None):
        if field_names and 'entrepreneurs' not in field_names:
            return
        for activity in activities:
            ratios = [e.ratio for e in activity.entrepreneurs]
            if ratios and sum(ratios) != 1:
                raise ActivityValidationError(gettext(
                        'coop_cae.msg_activity_split',
                        activity=activity.rec_name,
                        percentage=f'{(sum(ratios) * 100).normalize():f}'))

    @classmethod
    def on_modification(cls, mode, activities, field_names=None):
        super().on_modification(mode, activities, field_names=field_names)
        if mode == 'create':
            cls._create_analytic_accounts(activities)
        elif (mode == 'write'
                and (field_names & {'code', 'name', 'end_date'})):
            cls._update_analytic_accounts(activities)

    @classmethod
    def _create_analytic_accounts(cls, activities):
        pool = Pool()
        AnalyticAccount = pool.get('analytic_account.account')
        Configuration = pool.get('cae.configuration')
        missing = [a for a in activities if not a.analytic_account]
        accounts = []
        for activity in missing:
            root = Configuration(1).get_required(
                'analytic_root', activity.company)
            accounts.append(AnalyticAccount(
                    type='normal', root=root, parent=root,
                    company=activity.company, **activity._analytic_values()))
        AnalyticAccount.save(accounts)
        for activity, account in zip(missing, accounts):
            activity.analytic_account = account
        cls.save(missing)

    @classmethod
    def _update_analytic_accounts(cls, activities):
        AnalyticAccount = Pool().get('analytic_account.account')
        to_save = []
        for activity in activities:
            account = activity.analytic_account
            for name, value in activity._analytic_values().items():
                if getattr(account, name) != value:
                    setattr(account, name, value)
            to_save.append(account)
        AnalyticAccount.save(to_save)

    def _analytic_values(self):
        return {
            'code': self.code,
            'name': self.name,
            'state': 'closed' if self.end_date else 'opened',
            }


class ActivityEntrepreneur(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'cae.activity.entrepreneur'

    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    ratio = fields.Numeric(
        "Share of Pay", digits=(None, 6), required=True,
        domain=[
            ('ratio', '>=', 0),
            ('ratio', '<=', 1),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('activity')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('entrepreneur_unique',
                Unique(table, table.activity, table.entrepreneur),
                'coop_cae.msg_activity_entrepreneur_unique'))

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'activity', 'entrepreneur'}, 'coop_cae.msg_fixed_link',
                Leaning('cae.payslip', {
                        'entrepreneur': 'entrepreneur',
                        'activities.activity': 'activity'},
                    (('state', '=', 'posted'),)))]

    @classmethod
    def default_ratio(cls):
        return Decimal(1)

    @fields.depends('activity', '_parent_activity.company')
    def on_change_with_company(self, name=None):
        return self.activity.company if self.activity else None

    @classmethod
    def search_company(cls, name, clause):
        return [('activity.' + clause[0], *clause[1:])]

    def get_rec_name(self, name):
        return self.entrepreneur.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]


class _OpenLines:
    # A state of a wizard is that of its first class, whatever the others say
    __slots__ = ()
    start_state = 'open_'
    _readonly = True

    def do_open_(self, action):
        action['pyson_domain'] = PYSONEncoder().encode([
                (self._account, 'in', [
                        a.analytic_account.id for a in self.records]),
                ])
        action['name'] += ' (%s)' % ', '.join(a.code for a in self.records)
        return action, {}


class OpenAnalyticLines(_OpenLines, Wizard):
    __name__ = 'cae.activity.open_analytic_lines'
    open_ = StateAction('analytic_account.act_line_form')
    _account = 'account'


class OpenMoveLines(_OpenLines, Wizard):
    __name__ = 'cae.activity.open_move_lines'
    open_ = StateAction('account.act_move_line_form')
    _account = 'analytic_lines.account'
