# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.pool import Pool, PoolMeta


class SequenceStrict(metaclass=PoolMeta):
    __name__ = 'ir.sequence.strict'

    def has_numbered(self):
        "The register numbers its movements without a gap too"
        pool = Pool()
        Configuration = pool.get('coop.share.configuration.company')
        Movement = pool.get('coop.share.movement')
        return super().has_numbered() or bool(Movement.search([
                    ('company', 'in', [
                            c.company.id for c in Configuration.search([
                                    ('movement_sequence', '=', self.id),
                                    ('company', '!=', None),
                                    ])]),
                    ('number', '!=', None),
                    ], limit=1, order=[]))
