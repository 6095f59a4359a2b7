# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('cae.entrepreneur', 'party'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Payslip = pool.get('cae.payslip')
        super().check_erase_company(party, company)

        contracts = Contract.search([
                ('entrepreneur.party', '=', party.id),
                ('company', '=', company.id),
                ])
        if any(not contract.last_day for contract in contracts):
            raise EraseError(gettext(
                    'coop_cae.msg_erase_party_contract',
                    party=party.rec_name,
                    company=company.rec_name))
        if Payslip.search([
                    ('entrepreneur.party', '=', party.id),
                    ('company', '=', company.id),
                    ('state', '=', 'draft'),
                    ], limit=1, order=[]):
            raise EraseError(gettext(
                    'coop_cae.msg_erase_party_payslip',
                    party=party.rec_name,
                    company=company.rec_name))

    def to_erase(self, party_id):
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Step = pool.get('cae.path.step')
        return super().to_erase(party_id) + [
            (Entrepreneur, [('party', '=', party_id)], True,
                ['gender', 'birth_date'],
                [None, None]),
            (Step, [('entrepreneur.party', '=', party_id)], True,
                ['note'],
                [None]),
            ]

    def transition_erase(self):
        pool = Pool()
        next_state = super().transition_erase()
        # Nothing is left of what only some may see
        with without_check_access():
            for name in ['cae.nir', 'cae.funder_fact']:
                Model = pool.get(name)
                Model.delete(Model.search([
                            ('entrepreneur.party', '=', self.ask.party.id),
                            ]))
        return next_state
