# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSingleton, ModelSQL, ModelView, fields
from trytond.modules.company.model import (
    CompanyMultiValueMixin, CompanyValueMixin)
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning, is_other)
from trytond.pool import Pool
from trytond.pyson import Eval, Id
from trytond.transaction import Transaction

from .entrepreneur import DONE
from .exceptions import ConfigurationError
from .rules.todo import alert_distances

_company = ('company', '=', Eval('context', {}).get('company', -1))


def _account(label, statement, party=None, help=''):
    domain = [
        ('type.statement', '=', statement),
        ('closed', '!=', True),
        _company,
        ]
    if party is not None:
        domain.append(('party_required', '=', party))
    return fields.Many2One(
        'account.account', label, ondelete='RESTRICT', domain=domain,
        help=help)


def _journal(label):
    return fields.Many2One('account.journal', label, ondelete='RESTRICT')


SETTINGS = {
    'alert_days': fields.Char(
        "Alerts",
        help="How many days before a deadline advisers are told by e-mail, "
        "such as 60, 30, 7, 0.\nLeave empty to tell nothing."),
    'entrepreneur_sequence': fields.Many2One(
        'ir.sequence', "Codes of Entrepreneurs", ondelete='RESTRICT',
        domain=[
            ('sequence_type', '=', Id(
                    'coop_cae', 'sequence_type_entrepreneur')),
            ('company', 'in', [
                    Eval('context', {}).get('company', -1), None]),
            ],
        help="Gives new candidates their codes."),
    'closes_from': fields.Date(
        "Closes From",
        help="The first day of the first month closed here: "
        "months are closed in order from it."),
    'analytic_root': fields.Many2One(
        'analytic_account.account', "Activities Root", ondelete='RESTRICT',
        domain=[('type', '=', 'root'), _company],
        help="The root under which each activity has its analytic account."),
    'structure_account': fields.Many2One(
        'analytic_account.account', "Structure", ondelete='RESTRICT',
        domain=[('type', '=', 'normal'), _company],
        help="The analytic account of the shared services."),
    'contribution_account': _account(
        "Contribution Account", 'income', False,
        help="Debited for the activities and credited for the structure: "
        "its balance is always zero."),
    'contribution_journal': _journal("Contribution Journal"),
    'share_rate': fields.Numeric(
        "Share of Pay", digits=(None, 4),
        domain=['OR',
            ('share_rate', '=', None),
            [('share_rate', '>=', 0), ('share_rate', '<=', Decimal('0.1'))],
            ],
        help="The part of the gross pay that new commitments keep back "
        "for shares: a tenth at the most."),
    'pay_journal': _journal("Pay Journal"),
    'gross_account': _account("Gross Pay", 'income', False),
    'employer_account': _account("Employer Contributions", 'income', False),
    'wage_account': _account(
        "Wages Due", 'balance', True,
        help="One balance per person: the account asks for a party."),
    'social_account': _account("Social Contributions", 'balance', False),
    'tax_account': _account("Withheld Income Tax", 'balance', False),
    'accrued_pay_account': _account(
        "Accrued Pay", 'balance',
        help="The balances of the variable parts, until they are paid."),
    'accrued_contributions_account': _account(
        "Accrued Contributions", 'balance',
        help="The employer contributions on the balances."),
    'leave_account': _account("Leave Pay", 'income', False),
    'leave_provision_account': _account("Provision for Leave", 'balance'),
    'leave_contributions_account': _account(
        "Contributions on Leave", 'balance',
        help="The employer contributions on the provision for leave."),
    'waiver_account': _account(
        "Loss Waivers", 'income', False,
        help="Credited for the activity and debited for the structure: "
        "a waiver does not change its balance."),
    }

# The accounts of the French chart, the first that exists is taken
FRENCH_ACCOUNTS = {
    'contribution_account': ['65889'],
    'gross_account': ['6411', '641'],
    'employer_account': ['645', '6451'],
    'wage_account': ['421'],
    'social_account': ['431', '437'],
    'tax_account': ['4421'],
    'accrued_pay_account': ['4286'],
    'accrued_contributions_account': ['4386'],
    'leave_account': ['6412'],
    'leave_provision_account': ['4282'],
    'leave_contributions_account': ['4382'],
    'waiver_account': ['75889', '7588', '758'],
    }


class Configuration(
        ModelSingleton, ModelSQL, ModelView, CompanyMultiValueMixin):
    __name__ = 'cae.configuration'

    @classmethod
    def multivalue_model(cls, field):
        if field in SETTINGS:
            return Pool().get('cae.configuration.company')
        return super().multivalue_model(field)

    def get_setting(self, name, company):
        "Return the value of a setting for the company"
        return self.get_multivalue(name, company=company.id)

    def get_required(self, name, company):
        "Return the value of a setting for the company or raise an error"
        value = self.get_setting(name, company)
        if not value:
            raise ConfigurationError(gettext(
                    'coop_cae.msg_setting_missing',
                    settings=', '.join(self.labels([name])),
                    company=company.rec_name))
        return value

    @classmethod
    def labels(cls, names):
        definitions = cls.fields_get(list(names))
        return [definitions[name]['string'] for name in names]

    def missing(self, names, company):
        "Return the labels of the settings that the company has not made"
        return self.labels(
            [n for n in names if not self.get_setting(n, company)])

    @classmethod
    def set_up(cls, company, closes_from=None):
        """Make what a company on the French chart needs for its first close.

        What was chosen already is kept, so that it can be done again.
        """
        pool = Pool()
        Shares = pool.get('coop.share.configuration')
        Shares.set_french_defaults(company)
        with Transaction().set_context(company=company.id):
            # Without its record a form shows no setting
            for Configuration in [cls, Shares]:
                if not Configuration.get_singleton():
                    Configuration.create([{}])
            configuration = cls(1)
            makers = {
                **dict.fromkeys(FRENCH_ACCOUNTS, cls._french_account),
                'entrepreneur_sequence': cls._make_sequence,
                'analytic_root': cls._make_root,
                'structure_account': cls._make_structure,
                'contribution_journal': cls._make_journal,
                'pay_journal': cls._make_journal,
                }
            for name, make in makers.items():
                if not configuration.get_setting(name, company):
                    if value := make(name, company):
                        configuration.set_multivalue(
                            name, value.id, company=company.id)
            if (closes_from
                    and not configuration.get_setting('closes_from', company)):
                configuration.set_multivalue(
                    'closes_from', closes_from, company=company.id)

    @classmethod
    def _french_account(cls, name, company):
        Account = Pool().get('account.account')
        accounts = Account.search([
                ('company', '=', company.id),
                ('code', 'in', FRENCH_ACCOUNTS[name]),
                ('type', '!=', None),
                ('closed', '!=', True),
                ], order=[('code', 'ASC')], limit=1)
        return accounts[0] if accounts else None

    @classmethod
    def _make_sequence(cls, name, company):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence')
        sequence = Sequence(
            name=gettext('coop_cae.msg_entrepreneur_sequence_name'),
            sequence_type=ModelData.get_id(
                'coop_cae', 'sequence_type_entrepreneur'),
            company=company, padding=4)
        sequence.save()
        return sequence

    @classmethod
    def _make_root(cls, name, company):
        AnalyticAccount = Pool().get('analytic_account.account')
        root = AnalyticAccount(
            company=company, type='root', state='opened',
            name=gettext('coop_cae.msg_activities_root_name'))
        root.save()
        return root

    @classmethod
    def _make_structure(cls, name, company):
        AnalyticAccount = Pool().get('analytic_account.account')
        root = cls(1).get_required('analytic_root', company)
        structure = AnalyticAccount(
            company=company, type='normal', state='opened',
            root=root, parent=root,
            name=gettext('coop_cae.msg_structure_name'))
        structure.save()
        return structure

    @classmethod
    def _make_journal(cls, name, company):
        "Return the journal of the module, which companies share"
        pool = Pool()
        Journal = pool.get('account.journal')
        ModelData = pool.get('ir.model.data')
        return Journal(ModelData.get_id('coop_cae', name))


class ConfigurationCompany(FixedFieldMixin, ModelSQL, CompanyValueMixin):
    __name__ = 'cae.configuration.company'

    @classmethod
    def _fixed_fields(cls):
        return [
            *super()._fixed_fields(),
            # A close books what is due less what is booked there
            Fixed.of(
                {
                    'contribution_account', 'structure_account',
                    'analytic_root'},
                'coop_cae.msg_fixed_contribution_setting',
                Leaning('cae.contribution', {'close.company': 'company'}, (
                        *DONE,
                        ('close.period.fiscalyear.state', '=', 'open'))),
                change=is_other, kept=True),
            # So the settlements of the year find the pay
            Fixed.of(
                {'gross_account', 'employer_account'},
                'coop_cae.msg_fixed_contribution_setting',
                Leaning('cae.payslip', {'company': 'company'}, (
                        ('state', '=', 'posted'),
                        ('period.fiscalyear.state', '=', 'open'))),
                change=is_other),
            Fixed.of(
                {'closes_from'}, 'coop_cae.msg_fixed_closes_from',
                Leaning(
                    'cae.close', {'company': 'company'},
                    (('state', '=', 'done'),)),
                change=is_other),
            ]

    @classmethod
    def validate_fields(cls, configurations, field_names):
        super().validate_fields(configurations, field_names)
        for configuration in configurations:
            if not (value := configuration.alert_days):
                continue
            try:
                alert_distances(value)
            except ValueError:
                raise ConfigurationError(gettext(
                        'coop_cae.msg_alert_days', value=value))


for _name, _field in SETTINGS.items():
    setattr(Configuration, _name, fields.MultiValue(_field))
    setattr(ConfigurationCompany, _name, _field)
