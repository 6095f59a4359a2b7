# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.pool import PoolMeta


class Movement(metaclass=PoolMeta):
    __name__ = 'coop.share.movement'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['cae.close']


class Withholding(metaclass=PoolMeta):
    __name__ = 'coop.share.withholding'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['cae.close']
