# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The mentions that all the documents of a company have at their foot."""
from stdnum.fr import siren

from trytond.model import fields
from trytond.pool import PoolMeta

from .rules.mentions import legal_mentions
from .share_report import address, legal_form


class Company(metaclass=PoolMeta):
    __name__ = 'company.company'

    trade_register = fields.Char(
        "Trade Register",
        help="The town of the register (RCS), which documents tell.")

    @classmethod
    def default_footer(cls):
        return '${legal_mentions}'

    @property
    def legal_mentions(self):
        return legal_mentions(
            self.party.name, legal_form(self), ', '.join(address(self.party)),
            self.legal_number, self.trade_register or '')

    @property
    def legal_number(self):
        "The SIREN as people write it, or else the number for taxes"
        for identifier in self.party.identifiers:
            if identifier.type in {'fr_siren', 'fr_siret'}:
                return _grouped(siren.compact(identifier.code)[:9])
        number = self.party.tax_identifier
        return number.code if number else ''

    @property
    def _substitutions(self):
        return {
            **super()._substitutions, 'legal_mentions': self.legal_mentions}


def _grouped(number):
    return ' '.join(number[i:i + 3] for i in range(0, len(number), 3))
