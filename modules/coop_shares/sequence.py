# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.pool import Pool, PoolMeta


class SequenceStrict(metaclass=PoolMeta):
    __name__ = 'ir.sequence.strict'

    def has_numbered(self):
        "The register numbers its movements and members without a gap too"
        pool = Pool()
        Configuration = pool.get('coop.share.configuration.company')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        return super().has_numbered() or any(
            Model.search([
                    ('company', 'in', [
                            c.company.id for c in Configuration.search([
                                    (name, '=', self.id),
                                    ('company', '!=', None),
                                    ])]),
                    ('number', '!=', None),
                    ], limit=1, order=[])
            for name, Model in [
                ('movement_sequence', Movement), ('member_sequence', Member)])
