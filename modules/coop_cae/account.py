# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.pool import PoolMeta


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # Analytic lines that are inserted are those of attribution.py
        cls._entry_modules |= {'coop_cae'}

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['cae.close', 'cae.payslip']
