# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the law tells of interest on shares, with its dates: the yield of
private bonds, and what is withheld."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool

from .exceptions import SurplusError
from .rules.surplus import interest_ceiling


class BondYield(ModelSQL, ModelView):
    __name__ = 'coop.bond_yield'

    year = fields.Integer("Year", required=True)
    half = fields.Selection([
            ('1', "First Half"),
            ('2', "Second Half"),
            ], "Half-Year", required=True, sort=False)
    rate = fields.Numeric(
        "Rate", digits=(None, 6), required=True,
        help="The mean yield of the bonds of private companies (TMO).")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('half_unique', Unique(table, table.year, table.half),
                'coop_shares.msg_bond_yield_unique'),
            ]
        cls._order = [('year', 'DESC'), ('half', 'DESC'), ('id', 'DESC')]

    def get_rec_name(self, name):
        return f'{self.year} / {self.half}'

    @classmethod
    def ceiling(cls, date):
        "Return the highest rate that a meeting of that day may decide"
        yields = {(y.year, int(y.half)): y.rate for y in cls.search([])}
        try:
            return interest_ceiling(yields, date)
        except KeyError as error:
            (year, half), = error.args
            raise SurplusError(gettext(
                    'coop_shares.msg_bond_yield_missing',
                    year=year, half=half))


class Levy(ModelSQL, ModelView):
    __name__ = 'coop.share.levy'

    kind = fields.Selection([
            ('prepayment', "Prepayment of the Income Tax"),
            ('social', "Social Levies"),
            ], "Kind", required=True, sort=False)
    kind_string = kind.translated('kind')
    start_date = fields.Date("From", required=True)
    rate = fields.Numeric(
        "Rate", digits=(None, 4), required=True,
        domain=[
            ('rate', '>=', 0),
            ('rate', '<=', 1),
            ])

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('start_date_unique', Unique(table, table.kind, table.start_date),
                'coop_shares.msg_levy_unique'),
            ]
        cls._order = [
            ('start_date', 'DESC'), ('kind', 'ASC'), ('id', 'ASC')]

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.kind_string} – {lang.strftime(self.start_date)}'

    @classmethod
    def at(cls, date):
        "Return the rates in force on that day by kind"
        rates = {'prepayment': Decimal(0), 'social': Decimal(0)}
        for levy in cls.search([
                    ('start_date', '<=', date),
                    ], order=[('start_date', 'ASC')]):
            rates[levy.kind] = levy.rate
        return rates
