# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the invoices of a person in a CAPE tell (code de commerce, R127-3)."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.modules.coop_shares.share_report import address
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction


class Invoice(metaclass=PoolMeta):
    __name__ = 'account.invoice'

    @classmethod
    def validate_invoice(cls, invoices):
        cls.set_mentions(invoices)
        super().validate_invoice(invoices)

    @classmethod
    def _post(cls, invoices):
        cls.set_mentions(invoices)
        super()._post(invoices)

    @classmethod
    def set_mentions(cls, invoices):
        """Add to the comments what is to be told of those who are in a CAPE on
        the day of the invoice, instead of what was before"""
        invoices = [
            i for i in invoices
            if i.type == 'out' and i.state in {'draft', 'validated'}]
        capes = cls._capes(invoices)
        changed = []
        for invoice in invoices:
            comment = invoice._mentioned(capes)
            if comment != (invoice.comment or ''):
                invoice.comment = comment
                changed.append(invoice)
        cls.save(changed)

    @classmethod
    def _capes(cls, invoices):
        "Return the signed CAPE by analytic account of the activities"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Contract = pool.get('cae.contract')
        accounts = {a for i in invoices for a in i._analytic_accounts()}
        if not accounts:
            return {}
        activities = Activity.search([
                ('analytic_account', 'in', [a.id for a in accounts])])
        contracts = defaultdict(list)
        for contract in Contract.search([
                    ('entrepreneur.activities', 'in', [
                            a.id for a in activities]),
                    ('type', '=', 'cape'),
                    ('signature', '=', 'signed'),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            contracts[contract.entrepreneur].append(contract)
        return {
            a.analytic_account: [
                c for p in a.entrepreneurs for c in contracts[p.entrepreneur]]
            for a in activities}

    def _analytic_accounts(self):
        return {
            entry.account for line in self.line_lines
            for entry in line.analytic_accounts if entry.account}

    def _mentioned(self, capes):
        "Return the comment with the mentions of the day of the invoice"
        Date = Pool().get('ir.date')
        with Transaction().set_context(company=self.company.id):
            date = self.invoice_date or Date.today()
        mentions = {
            _mention(contract, self.party_lang): contract.covers(date, date)
            for account in self._analytic_accounts()
            for contract in capes.get(account, ())}
        kept = [
            line for line in (self.comment or '').splitlines()
            if line not in mentions]
        return '\n'.join([
                *kept, *sorted(m for m, told in mentions.items() if told)])


def _mention(contract, language):
    pool = Pool()
    Lang = pool.get('ir.lang')
    company = contract.company
    with Transaction().set_context(language=language):
        return gettext(
            'coop_cae.msg_invoice_cape',
            person=contract.entrepreneur.party.name,
            company=company.party.name,
            seat=', '.join(address(company.party)),
            number=company.legal_number,
            end=Lang.get(language).strftime(contract.last_day))
