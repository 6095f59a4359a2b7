# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the law tells of interest on shares, with its dates: the yield of
private bonds, and what is withheld."""
import datetime
from decimal import Decimal

from sql.operators import Exists

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .exceptions import SurplusError
from .rules.surplus import MissingYields, half_years, interest_ceiling

# What databases in use may have got from a user before they get it from us
_SHIPPED_LATER = [
    ('levy_social_2026', 'social', datetime.date(2026, 1, 1)),
    ]


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
        try:
            return interest_ceiling(cls._yields(), date)
        except MissingYields as error:
            raise SurplusError(gettext(
                    'coop_shares.msg_bond_yield_missing',
                    halves=cls._names(error.halves)))

    @classmethod
    def missing(cls, date):
        """Return the names of the half-years without which a meeting of that
        day cannot decide on interest"""
        yields = cls._yields()
        return cls._names(
            half for half in half_years(date) if half not in yields)

    @classmethod
    def _yields(cls):
        return {(y.year, int(y.half)): y.rate for y in cls.search([])}

    @staticmethod
    def _names(halves):
        return ', '.join(f'{year} / {half}' for year, half in halves)


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

    @classmethod
    def __register__(cls, module):
        super().__register__(module)
        cls._adopt(module)

    @classmethod
    def _adopt(cls, module):
        """Take a rate that a user has entered for the one that comes with the
        module: there is one a day"""
        ModelData = Pool().get('ir.model.data')
        table = cls.__table__()
        data = ModelData.__table__()
        cursor = Transaction().connection.cursor()
        for name, kind, date in _SHIPPED_LATER:
            cursor.execute(*table.select(
                    table.id,
                    where=(table.kind == kind) & (table.start_date == date)
                    & ~Exists(data.select(
                            data.id,
                            where=(data.module == module)
                            & (data.fs_id == name)))))
            for id_, in cursor.fetchall():
                cursor.execute(*data.insert(
                        [data.fs_id, data.module, data.model, data.db_id,
                            data.noupdate],
                        [[name, module, cls.__name__, id_, True]]))

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
