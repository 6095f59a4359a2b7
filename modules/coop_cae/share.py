# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from decimal import Decimal

from trytond.modules.coop_ledger.entry import Part
from trytond.modules.coop_ledger.money import distribute
from trytond.pool import Pool, PoolMeta


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

    @classmethod
    def _wage_parts(cls, company, withholdings):
        """What is kept back leaves the treasury of the activities that paid
        the person in the month, in proportion to the gross pay"""
        Payslip = Pool().get('cae.payslip')
        paid = defaultdict(lambda: defaultdict(Decimal))
        # account.period cannot search for a list of dates
        months = [w.month for w in withholdings if w.month]
        if not months:
            return super()._wage_parts(company, withholdings)
        for payslip in Payslip.search([
                    ('company', '=', company.id),
                    ('state', '=', 'posted'),
                    ('period.start_date', '>=', min(months)),
                    ('period.start_date', '<=', max(months)),
                    ('entrepreneur.party', 'in', list({
                                w.party.id for w in withholdings})),
                    ], order=[('id', 'ASC')]):
            month = paid[
                payslip.entrepreneur.party.id, payslip.period.start_date]
            for account, gross in payslip.gross_by_account():
                month[account] += gross
        return [
            _split(w.amount, paid[w.party.id, w.month],
                company.currency.digits)
            for w in withholdings]


def _split(amount, paid, digits):
    if not any(paid.values()):
        return ()
    amounts = distribute(abs(amount), list(paid.values()), digits)
    side = 'debit' if amount > 0 else 'credit'
    return tuple(
        Part(account=account, **{side: part})
        for account, part in zip(paid, amounts) if part)
