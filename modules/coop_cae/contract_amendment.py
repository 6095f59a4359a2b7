# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.pyson import Eval

from .contract import TYPES
from .contract_terms import TermsMixin
from .signed_document import DRAFT, SignedDocumentMixin


class Amendment(SignedDocumentMixin, TermsMixin, ModelSQL, ModelView):
    __name__ = 'cae.contract.amendment'
    _whose = frozenset({'contract', 'number'})

    contract = fields.Many2One(
        'cae.contract', "Contract", required=True, ondelete='CASCADE',
        domain=[
            ('signature', '=', 'signed'),
            ],
        states={
            'readonly': (
                (Eval('signature') != 'draft') | (Eval('id', -1) > 0)),
            })
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    type = fields.Function(
        fields.Selection(TYPES, "Type"), 'on_change_with_type')
    number = fields.Integer("Number", readonly=True)
    start_date = fields.Date(
        "From", required=True, states=DRAFT,
        help="The first day on which what is changed is so.")
    text = fields.Text(
        "What Changes", states=DRAFT,
        help="As it is printed, with what the fields do not tell.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('contract')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('number_unique', Unique(table, table.contract, table.number),
                'coop_cae.msg_amendment_number_unique'))
        cls._order = [
            ('contract', 'ASC'), ('number', 'ASC'), ('id', 'ASC')]

    @fields.depends('contract', '_parent_contract.company')
    def on_change_with_company(self, name=None):
        return self.contract.company if self.contract else None

    @classmethod
    def search_company(cls, name, clause):
        return [('contract.' + clause[0], *clause[1:])]

    @fields.depends('contract', '_parent_contract.type')
    def on_change_with_type(self, name=None):
        return self.contract.type if self.contract else None

    @fields.depends('contract', '_parent_contract.currency')
    def on_change_with_currency(self, name=None):
        return self.contract.currency if self.contract else None

    @classmethod
    def on_modification(cls, mode, amendments, field_names=None):
        super().on_modification(mode, amendments, field_names=field_names)
        if mode == 'create':
            cls._number(amendments)

    @classmethod
    def _number(cls, amendments):
        "Number the amendments of each contract from 1"
        last = defaultdict(int)
        for amendment in cls.search([
                    ('contract', 'in', list({
                                a.contract.id for a in amendments})),
                    ('number', '!=', None),
                    ], order=[('number', 'ASC')]):
            last[amendment.contract] = amendment.number
        for amendment in amendments:
            last[amendment.contract] += 1
            amendment.number = last[amendment.contract]
        cls.save(amendments)

    def get_rec_name(self, name):
        return gettext(
            'coop_cae.msg_amendment_name', number=self.number or '',
            contract=self.contract.rec_name)

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('contract.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, amendments, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('number')
        return super().copy(amendments, default=default)

    def missing(self):
        lang = Pool().get('ir.lang').get()
        missing = super().missing()
        contract = self.contract
        if not self.text:
            missing.append(gettext('coop_cae.msg_amendment_text'))
        last = contract.last_day
        if (self.start_date < contract.start_date
                or last and self.start_date > last):
            missing.append(gettext(
                    'coop_cae.msg_amendment_date',
                    start=lang.strftime(contract.start_date),
                    end=lang.strftime(last) if last else '…'))
        return missing
