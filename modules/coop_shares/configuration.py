# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import ModelSingleton, ModelSQL, ModelView, fields
from trytond.modules.company.model import (
    CompanyMultiValueMixin, CompanyValueMixin)
from trytond.pool import Pool
from trytond.pyson import Eval, Id
from trytond.transaction import Transaction

from .exceptions import ConfigurationError

_company = ('company', '=', Eval('context', {}).get('company', -1))


def _account(label, help):
    return fields.Many2One(
        'account.account', label, ondelete='RESTRICT',
        domain=[
            ('type.statement', '=', 'balance'),
            ('closed', '!=', True),
            ('party_required', '=', True),
            _company,
            ],
        help=help)


def _sequence(label, type_):
    return fields.Many2One(
        'ir.sequence.strict', label, ondelete='RESTRICT',
        domain=[
            ('sequence_type', '=', Id('coop_shares', type_)),
            _company,
            ])


SETTINGS = {
    'wage_account': _account(
        "Wages Due", help="Debited by what is kept back from pay."),
    'savings_account': _account(
        "Share Savings",
        help="What people have paid in advance for shares: "
        "one balance per person."),
    'capital_account': _account(
        "Capital", help="The shares: one balance per member."),
    'subscription_account': _account(
        "Subscription Receipts",
        help="What was received for a subscription in cash."),
    'journal': fields.Many2One(
        'account.journal', "Journal", ondelete='RESTRICT'),
    'member_sequence': _sequence("Member Sequence", 'sequence_type_member'),
    'movement_sequence': _sequence(
        "Movement Sequence", 'sequence_type_movement'),
    'conversion': fields.Selection([
            ('month', "Last Day of the Month"),
            ('year', "Last Day of the Fiscal Year"),
            ], "Conversion of Savings",
        help="When savings become whole shares."),
    'share_class': fields.Many2One(
        'coop.share.class', "Share Class", ondelete='RESTRICT',
        domain=[_company],
        help="The shares that savings become when no commitment says it."),
    }

# What an entry of the register cannot be made without
REQUIRED = [
    'wage_account', 'savings_account', 'capital_account',
    'subscription_account', 'journal', 'member_sequence', 'movement_sequence']

FRENCH_ACCOUNTS = {
    'wage_account': '421',
    'savings_account': '4564',
    'capital_account': '1013',
    'subscription_account': '4563',
    }

_SEQUENCES = {
    'member_sequence': 'sequence_type_member',
    'movement_sequence': 'sequence_type_movement',
    }


class Configuration(
        ModelSingleton, ModelSQL, ModelView, CompanyMultiValueMixin):
    __name__ = 'coop.share.configuration'

    @classmethod
    def multivalue_model(cls, field):
        if field in SETTINGS:
            return Pool().get('coop.share.configuration.company')
        return super().multivalue_model(field)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._buttons.update({
                'use_french_chart': {},
                })

    @classmethod
    def default_conversion(cls, **pattern):
        return cls.multivalue_model('conversion').default_conversion()

    def get_setting(self, name, company):
        return self.get_multivalue(name, company=company.id)

    def get_required(self, name, company):
        if not (value := self.get_setting(name, company)):
            raise ConfigurationError(gettext(
                    'coop_shares.msg_setting_missing',
                    settings=', '.join(self.labels([name])),
                    company=company.rec_name))
        return value

    @classmethod
    def labels(cls, names):
        definitions = cls.fields_get(list(names))
        return [definitions[name]['string'] for name in names]

    def missing(self, company, names=REQUIRED):
        "Return the labels of the settings that the company has not made"
        return self.labels(
            [n for n in names if not self.get_setting(n, company)])

    @classmethod
    @ModelView.button
    def use_french_chart(cls, configurations):
        "Set what is missing in the company of the user"
        Company = Pool().get('company.company')
        company = Transaction().context.get('company')
        if configurations and company:
            cls.set_french_defaults(Company(company))

    @classmethod
    def set_french_defaults(cls, company):
        """Set what a company on the French chart of accounts needs.

        What was chosen already is kept, so that it can be done again.
        """
        with Transaction().set_context(company=company.id):
            if not cls.get_singleton():
                # Else what is set would not be shown
                cls.create([{}])
            configuration = cls(1)
            for names, make in [
                    (FRENCH_ACCOUNTS, _french_account),
                    (['journal'], _journal),
                    (_SEQUENCES, _make_sequence)]:
                for name in names:
                    if not configuration.get_setting(name, company):
                        configuration.set_multivalue(
                            name, make(name, company).id, company=company.id)


class ConfigurationCompany(ModelSQL, CompanyValueMixin):
    __name__ = 'coop.share.configuration.company'

    @classmethod
    def default_conversion(cls):
        return 'month'


for _name, _field in SETTINGS.items():
    setattr(Configuration, _name, fields.MultiValue(_field))
    setattr(ConfigurationCompany, _name, _field)


def _french_account(name, company):
    "Return the account, ready to have a balance per person"
    Account = Pool().get('account.account')
    code = FRENCH_ACCOUNTS[name]
    accounts = Account.search([
            ('company', '=', company.id),
            ('code', '=', code),
            ('type.statement', '=', 'balance'),
            ], order=[('closed', 'ASC'), ('id', 'ASC')], limit=1)
    if not accounts:
        raise ConfigurationError(gettext(
                'coop_shares.msg_account_missing',
                code=code, company=company.rec_name))
    account, = accounts
    values = {}
    if account.closed:
        values['closed'] = False
    if not account.party_required:
        _check_lines_without_party(account)
        values['party_required'] = True
    if name == 'wage_account' and not account.reconcile:
        values['reconcile'] = True
    if values:
        # Else the next update of the chart would undo it
        values['template_override'] = True
        Account.write([account], values)
    return account


def _check_lines_without_party(account):
    Line = Pool().get('account.move.line')
    if count := Line.search([
                ('account', '=', account.id),
                ('party', '=', None),
                ], count=True):
        raise ConfigurationError(gettext(
                'coop_shares.msg_account_lines_without_party',
                account=account.rec_name, company=account.company.rec_name,
                count=count))


def _journal(name, company):
    "Return the journal of the module, which companies share"
    pool = Pool()
    Journal = pool.get('account.journal')
    ModelData = pool.get('ir.model.data')
    return Journal(ModelData.get_id('coop_shares', 'journal_shares'))


def _make_sequence(name, company):
    pool = Pool()
    ModelData = pool.get('ir.model.data')
    Sequence = pool.get('ir.sequence.strict')
    SequenceType = pool.get('ir.sequence.type')
    type_ = SequenceType(
        ModelData.get_id('coop_shares', _SEQUENCES[name]))
    sequence = Sequence(
        name=type_.name, sequence_type=type_, company=company.id)
    sequence.save()
    return sequence
