# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict

from sql.aggregate import Max

from trytond.model import DeactivableMixin, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction

from .ledger import as_date, money, rows


class Class(DeactivableMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.class'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    code = fields.Char("Code", required=True)
    name = fields.Char("Name", required=True, translate=True)
    capital_account = fields.Many2One(
        'account.account', "Capital Account", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type.statement', '=', 'balance'),
            ('closed', '!=', True),
            ('party_required', '=', True),
            ],
        help="The account of the capital of this class.\n"
        "Leave empty to use that of the configuration.")
    least_shares = fields.Integer(
        "Least Shares",
        domain=['OR',
            ('least_shares', '=', None),
            ('least_shares', '>', 0),
            ],
        help="What a member holds at least, once it has subscribed.")
    most_shares = fields.Integer(
        "Most Shares",
        domain=['OR',
            ('most_shares', '=', None),
            If(Bool(Eval('least_shares')),
                ('most_shares', '>=', Eval('least_shares', 0)),
                ('most_shares', '>', 0)),
            ],
        help="What a member holds at most.")
    nominals = fields.One2Many(
        'coop.share.nominal', 'share_class', "Nominal Values")
    nominal = fields.Function(Monetary(
            "Nominal Value", currency='currency', digits='currency',
            help="The value in force today."),
        'get_nominal')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('code_unique', Unique(table, table.company, table.code),
                'coop_shares.msg_class_code_unique'))
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_nominal(cls, classes, name):
        Date = Pool().get('ir.date')
        nominals = dict.fromkeys(map(int, classes))
        by_company = defaultdict(list)
        for class_ in classes:
            by_company[class_.company].append(class_.id)
        for company, ids in by_company.items():
            with Transaction().set_context(company=company.id):
                today = Date.today()
            known = cls.nominals_at(company, today)
            nominals.update((i, known[i]) for i in ids if i in known)
        return nominals

    @classmethod
    def nominals_at(cls, company, date=None):
        """Return the nominal value in force at the date, or the last one, by
        id of class"""
        table = cls.__table__()
        nominal = Pool().get('coop.share.nominal').__table__()
        where = (table.company == company.id) & (nominal.state == 'posted')
        if date:
            where &= nominal.date <= date
        last = (nominal
            .join(table, condition=nominal.share_class == table.id)
            .select(
                nominal.share_class, Max(nominal.date).as_('date'),
                where=where, group_by=[nominal.share_class]))
        return {
            class_: money(company, value)
            for class_, value in rows(nominal
                .join(last, condition=(
                        nominal.share_class == last.share_class)
                    & (nominal.date == last.date))
                .select(
                    nominal.share_class, nominal.nominal,
                    where=nominal.state == 'posted'))}

    @classmethod
    def last_nominal_dates(cls, company):
        """Return by id of class the date of the last nominal value: no
        movement may come before it any more"""
        table = cls.__table__()
        nominal = Pool().get('coop.share.nominal').__table__()
        return {
            class_: as_date(date) for class_, date in rows(nominal
                .join(table, condition=nominal.share_class == table.id)
                .select(
                    nominal.share_class, Max(nominal.date),
                    where=(table.company == company.id)
                    & (nominal.state == 'posted'),
                    group_by=[nominal.share_class]))}

    @classmethod
    def capital_accounts(cls, company):
        "Return by id of class the id of its account of capital, if it is set"
        Configuration = Pool().get('coop.share.configuration')
        default = Configuration(1).get_setting('capital_account', company)
        with Transaction().set_context(active_test=False):
            classes = cls.search([('company', '=', company.id)], order=[])
        return {
            class_.id: account.id for class_ in classes
            if (account := class_.capital_account or default)}

    @classmethod
    def copy(cls, classes, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('nominals')
        return super().copy(classes, default=default)

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'code', 'capital_account'},
                'coop_shares.msg_fixed_class', Leaning(
                    'coop.share.nominal', 'share_class',
                    (('state', '!=', 'draft'),)))]
