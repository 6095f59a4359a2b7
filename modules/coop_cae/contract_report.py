# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The documents that people sign, printed when nothing is missing."""
from trytond.i18n import gettext
from trytond.modules.coop_shares.share_report import ShareReport
from trytond.pool import Pool

from .exceptions import ContractPrintError
from .rules.clock import duration


class SignedDocumentReport(ShareReport):
    __slots__ = ()

    @classmethod
    def documents(cls, records, data):
        # The client tells a model too, which may be any
        for Model in {r.__class__ for r in records}:
            Model.check_complete(Model.browse([r.id for r in records]))
        return {'documents': records}


class ContractReport(SignedDocumentReport):
    __slots__ = ()
    _type = None

    @classmethod
    def documents(cls, records, data):
        for contract in records:
            if contract.type != cls._type:
                raise ContractPrintError(gettext(
                        'coop_cae.msg_contract_print_type',
                        contract=contract.rec_name, type=cls._type.upper()))
            if contract.taken_over:
                raise ContractPrintError(gettext(
                        'coop_cae.msg_contract_print_taken_over',
                        contract=contract.rec_name))
        periods = Pool().get('cae.contract').fields_get(
            ['objective_period'])['objective_period']['selection']
        return {
            **super().documents(records, data),
            'period_label': dict(periods).get,
            'contents': _contents,
            'person': lambda contract: contract.entrepreneur.party,
            'months': _months,
            }


class CapeReport(ContractReport):
    __name__ = 'cae.contract.cape'
    _type = 'cape'


class CesaReport(ContractReport):
    __name__ = 'cae.contract.cesa'
    _type = 'cesa'


class AmendmentReport(SignedDocumentReport):
    __name__ = 'cae.contract.amendment.document'

    @classmethod
    def documents(cls, records, data):
        return {
            **super().documents(records, data),
            'terms': _amended_terms,
            }


class AgreementReport(SignedDocumentReport):
    __name__ = 'cae.activity.agreement.document'


def _contents(contract):
    "Return the numbered clauses with their paragraphs"
    written = [c for c in contract.contents if (c.text or '').strip()]
    return [
        (number, content.clause.name, content.text.splitlines())
        for number, content in enumerate(written, 1)]


def _months(contract):
    "Return the whole months of a contract, and the days that are left"
    return duration(contract.span)


def _amended_terms(amendment):
    "Return the terms that an amendment changes: label, value"
    pool = Pool()
    lang = pool.get('ir.lang').get()
    labels = amendment.fields_get()
    currency = amendment.currency
    terms = []
    for name in ['fixed_part', 'objective_amount', 'commitment_cap']:
        value = getattr(amendment, name)
        if value is None:
            continue
        text = lang.currency(value, currency)
        if name == 'objective_amount':
            periods = dict(labels['objective_period']['selection'])
            text += f" / {periods[amendment.objective_period].lower()}"
        terms.append((labels[name]['string'], text))
    if amendment.working_time is not None:
        terms.append((
                labels['working_time']['string'], gettext(
                    'coop_cae.msg_hours_per_month',
                    hours=lang.format_number(amendment.working_time))))
    if amendment.variable_formula:
        terms.append((
                labels['variable_formula']['string'],
                amendment.variable_formula))
    return terms
