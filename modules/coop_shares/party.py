# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('coop.member', 'party'),
            ('coop.share.commitment', 'party'),
            ('coop.share.withholding', 'party'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        """The register keeps its members, and savings belong to somebody"""
        pool = Pool()
        Member = pool.get('coop.member')
        Withholding = pool.get('coop.share.withholding')
        super().check_erase_company(party, company)
        if (Member.search([
                        ('party', '=', party.id),
                        ('company', '=', company.id),
                        ('number', '!=', None),
                        ('exit_date', '=', None),
                        ], limit=1)
                or Withholding.savings(company).get(party.id)):
            raise EraseError(gettext(
                    'coop_shares.msg_erase_party',
                    party=party.rec_name, company=company.rec_name))
