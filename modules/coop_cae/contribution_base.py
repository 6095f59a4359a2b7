# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_cae.rules.base import in_base
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning, owners)
from trytond.pool import Pool
from trytond.transaction import Transaction

from .entrepreneur import DONE
from .exceptions import ContributionBaseError


class Base(DeactivableMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'cae.contribution.base'

    company = fields.Many2One('company.company', "Company", required=True)
    name = fields.Char("Name", required=True, translate=True)
    kind = fields.Selection([
            ('gross_margin', "Gross Margin"),
            ('turnover', "Turnover"),
            ], "Kind", required=True)
    accounts = fields.One2Many(
        'cae.contribution.base.account', 'base', "Accounts",
        help="The base is the credit less the debit of these accounts.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('name', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def validate_fields(cls, bases, field_names):
        super().validate_fields(bases, field_names)
        for base in bases:
            if not base.accounts:
                raise ContributionBaseError(gettext(
                        'coop_cae.msg_base_without_account',
                        base=base.rec_name))

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'kind', 'accounts'}, 'coop_cae.msg_fixed_base',
                Leaning('cae.contribution', 'rule.base', DONE))]

    def ledger_accounts(self):
        "Return the ids of the accounts of the company that make the base"
        Account = Pool().get('account.account')
        prefixes = [(a.prefix, a.excluded) for a in self.accounts]
        with Transaction().set_context(active_test=False):
            accounts = Account.search([
                    ('company', '=', self.company.id),
                    ('type', '!=', None),
                    ['OR', *(('code', 'like', p + '%') for p, _ in prefixes)],
                    ], order=[])
        return [a.id for a in accounts if in_base(a.code, prefixes)]


class BaseAccount(ModelSQL, ModelView):
    __name__ = 'cae.contribution.base.account'

    base = fields.Many2One(
        'cae.contribution.base', "Base", required=True, ondelete='CASCADE')
    prefix = fields.Char(
        "Accounts Starting With", required=True,
        help="The beginning of the codes of the accounts: "
        "« 70 » stands for 706, 707, 7096…")
    excluded = fields.Boolean(
        "Left Out",
        help="Check to leave these accounts out of a shorter prefix.")

    @classmethod
    def __setup__(cls):
        cls.prefix.search_unaccented = False
        super().__setup__()
        cls.__access__.add('base')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('prefix_unique', Unique(table, table.base, table.prefix),
                'coop_cae.msg_base_prefix_unique'))
        cls._order.insert(0, ('prefix', 'ASC'))

    @classmethod
    def default_excluded(cls):
        return False

    @classmethod
    def validate_fields(cls, accounts, field_names):
        super().validate_fields(accounts, field_names)
        for account in accounts:
            if not account.prefix.isalnum():
                raise ContributionBaseError(gettext(
                        'coop_cae.msg_base_prefix_invalid',
                        prefix=account.prefix))

    @classmethod
    def check_modification(cls, mode, accounts, values=None, external=False):
        Base = Pool().get('cae.contribution.base')
        super().check_modification(
            mode, accounts, values=values, external=external)
        Base.check_modification(
            'write', owners(accounts, 'base', values),
            values={'accounts': accounts}, external=external)

    def get_rec_name(self, name):
        return self.prefix

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('prefix', *clause[1:])]
