# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pyson import Bool, Date, Eval, If

from .contract_clause import TYPES, ContractContentMixin
from .contract_clock import ContractClockMixin
from .contract_next import NextContractMixin
from .contract_signature import ContractSignatureMixin
from .contract_state import ContractStateMixin
from .contract_terms import ContractTermsMixin
from .signed_document import DRAFT, SignedDocumentMixin

# The facts that come after the signature
_FACTS = frozenset({
        'exit_date', 'exit_reason', 'exit_told_on', 'urssaf_told_on',
        'france_travail_told_on', 'amendments', 'registered_on',
        'registry_notified_on'})


class Contract(
        ContractSignatureMixin, ContractStateMixin, ContractClockMixin,
        ContractTermsMixin, ContractContentMixin, NextContractMixin,
        SignedDocumentMixin, FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'cae.contract'
    _after_signature = _FACTS
    _whose = frozenset({'entrepreneur', 'type'})

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE', states=DRAFT)
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    type = fields.Selection(
        TYPES, "Type", required=True, states=DRAFT,
        help="CAPE: support of a project before employment.\n"
        "CESA: contract of the employed entrepreneur.")
    renewal = fields.Integer(
        "Renewal", required=True, states=DRAFT,
        domain=[
            ('renewal', '>=', 0),
            If(Eval('type') == 'cape',
                ('renewal', '<=', 2),
                ('renewal', '=', 0)),
            ],
        help="0 for the first contract, 1 or 2 for a renewal of a CAPE.")
    start_date = fields.Date(
        "Start Date", required=True, states=DRAFT,
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
            ],
        states={
            'required': Eval('type') == 'cape',
            **DRAFT,
            })
    exit_date = fields.Date(
        "Exit Date",
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('exit_date')),
                ('exit_date', '>=', Eval('start_date', None)),
                ()),
            ],
        states={
            'required': Bool(Eval('exit_reason')),
            'invisible': Eval('signature') != 'signed',
            })
    exit_reason = fields.Many2One(
        'cae.exit_reason', "Exit Reason", ondelete='RESTRICT',
        states={
            'invisible': Eval('signature') != 'signed',
            })

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('entrepreneur')
        cls._order = [
            ('entrepreneur', 'ASC'), ('start_date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_renewal(cls):
        return 0

    @fields.depends('entrepreneur', '_parent_entrepreneur.company')
    def on_change_with_company(self, name=None):
        return self.entrepreneur.company if self.entrepreneur else None

    @classmethod
    def search_company(cls, name, clause):
        return [('entrepreneur.' + clause[0], *clause[1:])]

    @fields.depends('entrepreneur', '_parent_entrepreneur.company')
    def on_change_with_currency(self, name=None):
        if self.entrepreneur and self.entrepreneur.company:
            return self.entrepreneur.company.currency

    @classmethod
    def view_attributes(cls):
        ended = [
            Bool(Eval(name)) & (Eval(name, Date()) < Date())
            for name in ['end_date', 'exit_date']]
        return super().view_attributes() + [
            ('/tree', 'visual', If(ended[0] | ended[1], 'muted', '')),
            ]

    @classmethod
    def _fixed_fields(cls):
        # Pay is posted under a contract
        return [*super()._fixed_fields(), Fixed.of(
                {'start_date'}, 'coop_cae.msg_fixed_contract',
                Leaning(
                    'cae.payslip', {'entrepreneur': 'entrepreneur'},
                    (('state', '=', 'posted'),), where=_is_paid_under),
                kept=True), Fixed.of(
                {'end_date', 'exit_date'}, 'coop_cae.msg_fixed_contract',
                Leaning(
                    'cae.payslip', {'entrepreneur': 'entrepreneur'},
                    (('state', '=', 'posted'),), where=_is_left_without),
                by_hand=True)]

    @property
    def last_day(self):
        "The last day of the contract, None if it runs on"
        days = [d for d in [self.end_date, self.exit_date] if d]
        return min(days) if days else None

    def covers(self, start, end):
        "Tell if the contract is signed and runs on some day, start to end"
        return (
            self.signature == 'signed'
            and self.start_date <= end
            and (self.last_day is None or self.last_day >= start))

    def get_rec_name(self, name):
        type_ = dict(TYPES)[self.type]
        if self.renewal:
            type_ += f' {self.renewal}'
        return f'{type_} – {self.entrepreneur.rec_name}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]


def _is_paid_under(contract, payslip, values=None):
    period = payslip.period
    return contract.type == 'cesa' and contract.covers(
        period.start_date, period.end_date)


def _is_left_without(contract, payslip, values):
    "Tell if the contract would end before the month of the payslip"
    ends = [
        values.get(name, getattr(contract, name))
        for name in ['end_date', 'exit_date']]
    return _is_paid_under(contract, payslip) and any(
        end and end < payslip.period.start_date for end in ends)
