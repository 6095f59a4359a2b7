# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.pool import PoolMeta
from trytond.pyson import Bool, Eval, If

from .entrepreneur import DONE


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # Analytic lines that are inserted are those of attribution.py
        cls._entry_modules |= {'coop_cae'}

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + [
            'cae.close', 'cae.loss.waiver', 'cae.payslip', 'cae.settlement']


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['cae.settlement']


class FiscalYear(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.fiscalyear'

    general_meeting = fields.Date(
        "General Meeting",
        domain=[
            If(Bool(Eval('general_meeting')) & Bool(Eval('end_date')),
                ('general_meeting', '>', Eval('end_date', None)),
                ()),
            ],
        help="The day of the general meeting on the accounts of the year: "
        "the balances of the variable parts are paid within a month.")

    @classmethod
    def _fixed_fields(cls):
        # Its days share the least and the most of a year
        return [*super()._fixed_fields(), Fixed.of(
                {'start_date', 'end_date'}, 'coop_cae.msg_fixed_year',
                Leaning(
                    'cae.contribution', 'close.period.fiscalyear', DONE))]

    @classmethod
    def copy(cls, fiscalyears, default=None):
        # The next year has a meeting of its own
        default = {'general_meeting': None, **(default or {})}
        return super().copy(fiscalyears, default=default)
