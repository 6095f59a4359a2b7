# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the law and the co-operative ask a contract to contain."""
from trytond.model import (
    DeactivableMixin, ModelSQL, ModelView, Unique, fields, sequence_ordered)
from trytond.modules.company.model import (
    CompanyMultiValueMixin, CompanyValueMixin)
from trytond.modules.coop_ledger.fixed_field import owners
from trytond.pool import Pool
from trytond.pyson import Eval, If

TYPES = [
    ('cape', "CAPE"),
    ('cesa', "CESA"),
    ]

_text = fields.Text(
    "Text",
    help="With what new contracts of the company begin.")


class Clause(
        sequence_ordered(), DeactivableMixin, CompanyMultiValueMixin,
        ModelSQL, ModelView):
    __name__ = 'cae.contract.clause'

    type = fields.Selection(TYPES, "Type of Contract", required=True)
    name = fields.Char("Name", required=True, translate=True)
    article = fields.Char("Article", help="Which asks for the clause.")
    required = fields.Boolean(
        "Required", help="A contract is not signed without it.")
    text = fields.MultiValue(_text)
    texts = fields.One2Many('cae.contract.clause.text', 'clause', "Texts")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('type', 'ASC'))

    @classmethod
    def multivalue_model(cls, field):
        if field == 'text':
            return Pool().get('cae.contract.clause.text')
        return super().multivalue_model(field)


class ClauseText(ModelSQL, CompanyValueMixin):
    __name__ = 'cae.contract.clause.text'

    clause = fields.Many2One(
        'cae.contract.clause', "Clause", required=True, ondelete='CASCADE',
        context={
            'company': Eval('company', -1),
            })
    text = _text

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('clause')


class ContractContent(ModelSQL, ModelView):
    __name__ = 'cae.contract.content'

    contract = fields.Many2One(
        'cae.contract', "Contract", required=True, ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    signature = fields.Function(
        fields.Char("Signature"), 'on_change_with_signature')
    clause = fields.Many2One(
        'cae.contract.clause', "Clause", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        states={
            'readonly': (
                (Eval('signature') != 'draft') | (Eval('id', -1) > 0)),
            })
    article = fields.Function(
        fields.Char("Article"), 'on_change_with_article')
    required = fields.Function(
        fields.Boolean("Required"), 'on_change_with_required')
    text = fields.Text(
        "Text",
        states={
            'readonly': Eval('signature') != 'draft',
            })
    is_missing = fields.Function(
        fields.Boolean("Missing"), 'on_change_with_is_missing')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('contract')
        table = cls.__table__()
        cls._sql_constraints.append(
            ('clause_unique', Unique(table, table.contract, table.clause),
                'coop_cae.msg_contract_content_unique'))
        cls._order = [
            ('contract', 'ASC'), ('clause.sequence', 'ASC'), ('id', 'ASC')]

    @fields.depends('contract', '_parent_contract.company')
    def on_change_with_company(self, name=None):
        return self.contract.company if self.contract else None

    @classmethod
    def search_company(cls, name, clause):
        return [('contract.' + clause[0], *clause[1:])]

    @fields.depends('contract', '_parent_contract.signature')
    def on_change_with_signature(self, name=None):
        return self.contract.signature if self.contract else 'draft'

    @fields.depends('clause')
    def on_change_with_article(self, name=None):
        return self.clause.article if self.clause else None

    @fields.depends('clause')
    def on_change_with_required(self, name=None):
        return bool(self.clause and self.clause.required)

    @fields.depends('clause', 'text')
    def on_change_with_is_missing(self, name=None):
        return bool(
            self.clause and self.clause.required
            and not (self.text or '').strip())

    def get_rec_name(self, name):
        return self.clause.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('clause.rec_name', *clause[1:])]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('is_missing', False), 'danger', '')),
            ]

    @classmethod
    def check_modification(
            cls, mode, contents, values=None, external=False):
        super().check_modification(
            mode, contents, values=values, external=external)
        Contract = Pool().get('cae.contract')
        Contract.check_modification(
            'write', owners(contents, 'contract', values),
            values={'contents': None}, external=external)


class ContractContentMixin:
    "The contents of a contract, from the clauses of its type"
    __slots__ = ()

    contents = fields.One2Many(
        'cae.contract.content', 'contract', "Contents",
        states={
            'readonly': Eval('signature') != 'draft',
            'invisible': Eval('taken_over', False),
            })

    @classmethod
    def on_modification(cls, mode, contracts, field_names=None):
        super().on_modification(mode, contracts, field_names=field_names)
        if mode == 'create' or (
                mode == 'write' and field_names & {'type', 'taken_over'}):
            cls._complete_contents(contracts)

    @classmethod
    def _complete_contents(cls, contracts):
        "Give drafts the clauses of their type with the texts of the company"
        pool = Pool()
        Clause = pool.get('cae.contract.clause')
        Content = pool.get('cae.contract.content')
        contracts = [
            c for c in contracts
            if c.signature == 'draft' and not c.taken_over]
        if not contracts:
            return
        clauses = Clause.search([])
        to_delete, to_create = [], []
        for contract in contracts:
            to_delete.extend(
                c for c in contract.contents
                if c.clause.type != contract.type)
            known = {c.clause for c in contract.contents}
            to_create.extend({
                    'contract': contract.id,
                    'clause': clause.id,
                    'text': clause.get_multivalue(
                        'text', company=contract.company.id),
                    } for clause in clauses
                if clause.type == contract.type and clause not in known)
        Content.delete(to_delete)
        Content.create(to_create)

    def _missing_contents(self):
        "Yield the clauses without a text, and what the terms lack of them"
        known = {c.clause for c in self.contents if not c.is_missing}
        Clause = Pool().get('cae.contract.clause')
        for clause in Clause.search([
                    ('type', '=', self.type), ('required', '=', True)]):
            if clause not in known:
                yield ' '.join(filter(None, [
                            clause.name,
                            clause.article and f'({clause.article})']))
