# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import ModelSingleton, ModelSQL, ModelView, fields
from trytond.modules.company.model import (
    CompanyMultiValueMixin, CompanyValueMixin)
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning, is_other)
from trytond.pool import Pool
from trytond.pyson import Eval, Id
from trytond.transaction import Transaction

from .document import STANDING
from .exceptions import ConfigurationError
from .rules.paying_up import MOST_YEARS

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


def _ledger_account(label, help):
    return fields.Many2One(
        'account.account', label, ondelete='RESTRICT',
        domain=[
            ('type.statement', '=', 'balance'),
            ('closed', '!=', True),
            ('party_required', '!=', True),
            _company,
            ],
        help=help)


def _sum(label, help):
    return fields.Numeric(label, digits=(None, 2), help=help)


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
    'paying_up': fields.Selection([
            ('at_once', "In Full, at Once"),
            ('later', "A Quarter at Least, the Rest When Called"),
            ], "Paying Up", sort=False,
        help="When the shares that are subscribed are to be paid."),
    'paying_up_years': fields.Integer(
        "Years to Pay Up",
        domain=['OR',
            ('paying_up_years', '=', None),
            [
                ('paying_up_years', '>=', 0),
                ('paying_up_years', '<=', MOST_YEARS),
                ],
            ],
        help="The years from the subscription in which the statutes want the "
        "shares paid: five at most, which is the delay if it is empty."),
    'receivable_account': _account(
        "Called Capital to Receive",
        help="What members owe of the shares that they subscribed."),
    'called_account': _account(
        "Called Capital, Unpaid", help="The capital that is to be paid."),
    'subscribed_account': _account(
        "Subscribed Capital, Uncalled",
        help="The capital that is not called."),
    'uncalled_account': _account(
        "Uncalled Capital to Receive",
        help="What members will owe once it is called."),
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
    'refund_account': _account(
        "Capital to Refund", help="The debt towards those who leave."),
    'loss_account': _ledger_account(
        "Losses Brought Forward",
        help="Credited by what those who leave bear of the losses."),
    'statutory_reserve_account': _ledger_account(
        "Statutory Reserves",
        help="With its sub-accounts, as losses are shared with them."),
    'revaluation_account': _ledger_account(
        "Reserve of Revaluation",
        help="Set up by the statutes to revalue the shares of members of five "
        "years."),
    'legal_reserve_account': _ledger_account(
        "Legal Reserve", help="With its sub-accounts."),
    'profit_account': _ledger_account(
        "Profit of the Year", help="Where the closing leaves a profit."),
    'deficit_account': _ledger_account(
        "Loss of the Year", help="Where the closing leaves a loss."),
    'interest_account': _account(
        "Interest to Pay", help="What is due of the interest on shares."),
    'levy_account': _ledger_account(
        "Levies on Interest", help="What is withheld of it."),
    'employees_account': _ledger_account(
        "Part of the Employees",
        help="What a SCOP gives of its surplus to its employees."),
    'statute': fields.Selection([
            ('scic', "SCIC"),
            ('scop', "SCOP"),
            ('other', "Other Co-operative"),
            ], "Kind of Co-operative", sort=False),
    'legal_form': fields.Selection([
            ('sarl', "SARL"),
            ('sas', "SAS"),
            ('sa', "SA"),
            ('other', "Other"),
            ], "Legal Form", sort=False),
    'notice_days': fields.Integer(
        "Notice of Meetings",
        domain=[
            ('notice_days', '>=', 0),
            ],
        help="The days between the convocation and the meeting at least."),
    'loss_formula': fields.Selection([
            ('proportional', "With the Statutory Reserves, in Proportion"),
            ('statutory_first', "Statutory Reserves First"),
            ('revaluation_first', "Reserve of Revaluation First"),
            ], "Losses of the Capital", sort=False,
        help="How the statutes share losses between reserves and capital."),
    'refund_years': fields.Integer(
        "Refund Delay",
        domain=[
            ('refund_years', '>=', 0),
            ],
        help="The years before a refund is due, unless the meeting decides "
        "otherwise."),
    'of_highest': fields.Selection([
            ('quarter', "A Quarter of the Highest Capital"),
            ('half', "Half of the Highest Capital (SCOP)"),
            ], "Capital Floor", sort=False,
        help="What the capital may not fall under by refunds."),
    'statutory_capital': _sum(
        "Capital of the Statutes",
        help="The floor is a tenth of it at least."),
    'minimum_capital': _sum(
        "Minimum Capital",
        help="The floor that the statutes tell, if they do."),
    'highest_before': _sum(
        "Highest Capital Before",
        help="The highest that the capital had been before the register "
        "begins here."),
    }

# What an entry of the register cannot be made without
REQUIRED = [
    'wage_account', 'savings_account', 'capital_account',
    'subscription_account', 'refund_account', 'loss_account', 'journal',
    'member_sequence', 'movement_sequence']

FRENCH_ACCOUNTS = {
    'wage_account': '421',
    'savings_account': '4564',
    'capital_account': '1013',
    'subscription_account': '4563',
    'receivable_account': '45625',
    'called_account': '1012',
    'subscribed_account': '1011',
    'uncalled_account': '109',
    'refund_account': '4567',
    'loss_account': '119',
    'statutory_reserve_account': '1063',
    'legal_reserve_account': '1061',
    'profit_account': '120',
    'deficit_account': '129',
    'interest_account': '457',
    'levy_account': '4423',
    }
_WITH_PARTY = {
    'wage_account', 'savings_account', 'capital_account',
    'subscription_account', 'refund_account', 'receivable_account',
    'called_account', 'subscribed_account', 'uncalled_account',
    'interest_account'}
_RECONCILED = {
    'wage_account', 'refund_account', 'receivable_account',
    'interest_account'}

# What is paid to people, so that it can be by the payments of Tryton
_PAYABLE = {'refund_account', 'interest_account'}

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

    @classmethod
    def default_paying_up(cls, **pattern):
        return cls.multivalue_model('paying_up').default_paying_up()

    @classmethod
    def default_loss_formula(cls, **pattern):
        return cls.multivalue_model('loss_formula').default_loss_formula()

    @classmethod
    def default_refund_years(cls, **pattern):
        return cls.multivalue_model('refund_years').default_refund_years()

    @classmethod
    def default_of_highest(cls, **pattern):
        return cls.multivalue_model('of_highest').default_of_highest()

    @classmethod
    def default_statute(cls, **pattern):
        return cls.multivalue_model('statute').default_statute()

    @classmethod
    def default_legal_form(cls, **pattern):
        return cls.multivalue_model('legal_form').default_legal_form()

    @classmethod
    def default_notice_days(cls, **pattern):
        return cls.multivalue_model('notice_days').default_notice_days()

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


class ConfigurationCompany(FixedFieldMixin, ModelSQL, CompanyValueMixin):
    __name__ = 'coop.share.configuration.company'

    @classmethod
    def _fixed_fields(cls):
        company = {'company': 'company'}
        movements = Leaning('coop.share.movement', company, STANDING)
        return [
            *super()._fixed_fields(),
            # The register is compared with these accounts at any date
            Fixed.of(
                {'capital_account', 'called_account', 'subscribed_account'},
                'coop_shares.msg_fixed_setting', movements,
                change=is_other, kept=True),
            Fixed.of(
                {'savings_account'}, 'coop_shares.msg_fixed_setting',
                Leaning('coop.share.withholding', company, STANDING),
                change=is_other),
            Fixed.of(
                {'movement_sequence'}, 'coop_shares.msg_fixed_sequence',
                Leaning('coop.share.movement', company,
                    (('number', '!=', None),)),
                change=is_other),
            Fixed.of(
                {'member_sequence'}, 'coop_shares.msg_fixed_sequence',
                Leaning('coop.member', company, (('number', '!=', None),)),
                change=is_other),
            ]

    @classmethod
    def validate_fields(cls, settings, field_names):
        super().validate_fields(settings, field_names)
        cls.check_paying_up(settings, field_names)

    @classmethod
    def check_paying_up(cls, settings, field_names=None):
        "The shares of a SARL are whole and paid when they are subscribed"
        if field_names and not field_names & {'legal_form', 'paying_up'}:
            return
        for setting in settings:
            if setting.legal_form == 'sarl' and setting.paying_up == 'later':
                raise ConfigurationError(gettext(
                        'coop_shares.msg_paying_up_sarl',
                        company=setting.company.rec_name))

    @classmethod
    def default_conversion(cls):
        return 'month'

    @classmethod
    def default_paying_up(cls):
        return 'at_once'

    @classmethod
    def default_loss_formula(cls):
        return 'proportional'

    @classmethod
    def default_refund_years(cls):
        return 5

    @classmethod
    def default_of_highest(cls):
        return 'quarter'

    @classmethod
    def default_statute(cls):
        return 'scic'

    @classmethod
    def default_legal_form(cls):
        return 'sarl'

    @classmethod
    def default_notice_days(cls):
        return 15


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
    if name in _WITH_PARTY and not account.party_required:
        _check_lines_without_party(account)
        values['party_required'] = True
    if name in _RECONCILED and not account.reconcile:
        values['reconcile'] = True
    if name in _PAYABLE and not account.type.payable:
        values['type'] = _payable_type(account).id
    if values:
        # Else the next update of the chart would undo it
        values['template_override'] = True
        Account.write([account], values)
    return account


def _payable_type(account):
    "Return a payable type for the account, at its place in the balance sheet"
    AccountType = Pool().get('account.account.type')
    type_, = AccountType.create([{
                'name': account.name,
                'company': account.company.id,
                'parent': account.type.id,
                'statement': 'balance',
                'payable': True,
                }])
    return type_


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
