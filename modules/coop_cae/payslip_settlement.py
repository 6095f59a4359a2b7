# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import owners
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval

from .exceptions import PayslipValidationError, SettlementValidationError

ZERO = Decimal(0)


class Payslip(metaclass=PoolMeta):
    __name__ = 'cae.payslip'

    settlements = fields.One2Many(
        'cae.payslip.settlement', 'payslip', "Balances of Years",
        states={
            'readonly': Eval('state') != 'draft',
            },
        help="What the gross pay has of the variable parts of earlier years: "
        "their cost is accrued already.")

    @classmethod
    def copy(cls, payslips, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('settlements')
        return super().copy(payslips, default=default)

    @classmethod
    def validate_fields(cls, payslips, field_names):
        super().validate_fields(payslips, field_names)
        cls.check_settlements(payslips, field_names)

    @classmethod
    def check_settlements(cls, payslips, field_names=None):
        if field_names and not (
                field_names & {'entrepreneur', 'gross', 'settlements'}):
            return
        lang = Pool().get('ir.lang').get()
        for payslip in payslips:
            balances = payslip.settled_gross
            if balances > payslip.gross:
                raise PayslipValidationError(gettext(
                        'coop_cae.msg_payslip_balances',
                        payslip=payslip.rec_name,
                        gross=lang.currency(payslip.gross, payslip.currency),
                        balances=lang.currency(balances, payslip.currency)))
            for line in payslip.settlements:
                if line.settlement.entrepreneur != payslip.entrepreneur:
                    raise PayslipValidationError(gettext(
                            'coop_cae.msg_payslip_foreign_settlement',
                            payslip=payslip.rec_name,
                            settlement=line.settlement.rec_name))

    @property
    def lacks_contract(self):
        # The balance of a year is due after the end of the contract too
        if self.gross and self.gross == self.settled_gross:
            return False
        return super().lacks_contract

    @property
    def settled_gross(self):
        "What the payslip pays of earlier years"
        return sum((line.gross for line in self.settlements), ZERO)


class PayslipSettlement(ModelSQL, ModelView):
    __name__ = 'cae.payslip.settlement'

    payslip = fields.Many2One(
        'cae.payslip', "Payslip", required=True, ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_payslip')
    entrepreneur = fields.Function(
        fields.Many2One('cae.entrepreneur', "Entrepreneur"),
        'on_change_with_entrepreneur', searcher='search_payslip')
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    settlement = fields.Many2One(
        'cae.settlement', "Settlement", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('entrepreneur', '=', Eval('entrepreneur', -1)),
            ('state', '=', 'posted'),
            ])
    gross = Monetary(
        "Gross Pay", currency='currency', digits='currency', required=True,
        domain=[
            ('gross', '>', 0),
            ],
        help="What the payslip pays of the balance.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('payslip')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('settlement_unique',
                Unique(table, table.payslip, table.settlement),
                'coop_cae.msg_payslip_settlement_unique'))
        cls._sql_indexes.add(
            Index(table, (table.settlement, Index.Range())))

    @fields.depends('payslip', '_parent_payslip.company')
    def on_change_with_company(self, name=None):
        return self.payslip.company if self.payslip else None

    @fields.depends('payslip', '_parent_payslip.entrepreneur')
    def on_change_with_entrepreneur(self, name=None):
        return self.payslip.entrepreneur if self.payslip else None

    @classmethod
    def search_payslip(cls, name, clause):
        return [('payslip.' + clause[0], *clause[1:])]

    @fields.depends('payslip', '_parent_payslip.company')
    def on_change_with_currency(self, name=None):
        if self.payslip and self.payslip.company:
            return self.payslip.company.currency

    @fields.depends('settlement')
    def on_change_settlement(self):
        self.gross = self.settlement.to_pay if self.settlement else None

    @property
    def analytic_account(self):
        return self.settlement.activity.analytic_account.id

    def get_rec_name(self, name):
        return self.settlement.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('settlement.rec_name', *clause[1:])]

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        Payslip = Pool().get('cae.payslip')
        super().check_modification(
            mode, lines, values=values, external=external)
        Payslip.check_modification(
            'write', owners(lines, 'payslip', values),
            values={'settlements': None}, external=external)

    @classmethod
    def validate_fields(cls, lines, field_names):
        super().validate_fields(lines, field_names)
        cls.check_balances(lines, field_names)

    @classmethod
    def check_balances(cls, lines, field_names=None):
        "All the payslips of a settlement pay no more than its balance"
        pool = Pool()
        Lang = pool.get('ir.lang')
        Settlement = pool.get('cae.settlement')
        if field_names and not (field_names & {'settlement', 'gross'}):
            return
        settlements = Settlement.browse({line.settlement for line in lines})
        # So that two payslips at once do not pay the same balance
        Settlement.lock(settlements)
        paid = defaultdict(Decimal)
        for line in cls.search([
                    ('settlement', 'in', [s.id for s in settlements]),
                    ], order=[]):
            paid[line.settlement.id] += line.gross
        lang = Lang.get()
        for settlement in settlements:
            if paid[settlement.id] > settlement.gross:
                raise SettlementValidationError(gettext(
                        'coop_cae.msg_settlement_exceeded',
                        settlement=settlement.rec_name,
                        paid=lang.currency(
                            paid[settlement.id], settlement.currency),
                        balance=lang.currency(
                            settlement.gross, settlement.currency)))
