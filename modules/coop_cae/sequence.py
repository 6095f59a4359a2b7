# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.pool import Pool, PoolMeta

from .company import INVOICE_SEQUENCES


class SequenceStrict(metaclass=PoolMeta):
    __name__ = 'ir.sequence.strict'

    def has_numbered(self):
        "Invoices follow one another too"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        InvoiceSequence = pool.get('account.fiscalyear.invoice_sequence')
        if super().has_numbered():
            return True
        years = {
            s.fiscalyear.id for s in InvoiceSequence.search([
                    'OR', *((name, '=', self.id)
                        for name in INVOICE_SEQUENCES)])}
        return bool(years and Invoice.search([
                    ('move.period.fiscalyear', 'in', list(years)),
                    ('number', '!=', None),
                    ], limit=1, order=[]))
