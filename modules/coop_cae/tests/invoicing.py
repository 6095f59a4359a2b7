# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Invoices and their payments for tests."""
import datetime as dt
from collections import defaultdict
from decimal import Decimal

from trytond.modules.coop_cae.tests.tools import Cae
from trytond.pool import Pool
from trytond.transaction import Transaction

D = Decimal
DAY = dt.date(2024, 3, 15)


class Invoicing(Cae):
    "Shortcuts to the invoices of a company of the co-op for tests"

    def tax(self, kind='sale'):
        "Return the tax at the normal rate"
        Tax = Pool().get('account.tax')
        tax, *_ = Tax.search([
                ('company', '=', self.company.id),
                ('parent', '=', None),
                ('group.kind', '=', kind),
                ('name', 'like', '%Taux Normal'),
                ], order=[('id', 'ASC')])
        return tax

    def invoice(
            self, *lines, type='out', activity='A1', date=DAY, term=None,
            party=None, currency=None):
        """Post an invoice of lines (account, amount, activity or None for that
        of the invoice)"""
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Journal = pool.get('account.journal')
        party = party or self.third_party()
        journal, = Journal.search([
                ('type', '=', {'out': 'revenue', 'in': 'expense'}[type])],
            limit=1)
        currency = currency or self.company.currency
        tax = self.tax({'out': 'sale', 'in': 'purchase'}[type])
        invoice = Invoice(
            company=self.company, type=type, party=party,
            invoice_address=party.addresses[0], journal=journal,
            currency=currency,
            account=self.account({'out': '4111', 'in': '4011'}[type]),
            activity=activity and self.activity(activity),
            invoice_date=date, payment_term=term,
            lines=[{
                    'type': 'line',
                    'currency': currency.id,
                    'description': "Ligne",
                    'account': self.account(account).id,
                    'quantity': 1,
                    'unit_price': D(amount),
                    'taxes': [tax.id],
                    'analytic_accounts': [{
                            'root': a.root.id,
                            'account': a.id,
                            }] if a else [],
                    } for account, amount, code in lines
                for a in [code and self.analytic(code)]])
        invoice.save()
        with Transaction().set_context(_skip_warnings=True):
            Invoice.post([invoice])
        return invoice

    def third_party(self):
        Party = Pool().get('party.party')
        party = Party(name="Tiers", addresses=[{}])
        party.save()
        return party

    def method(self):
        "Return a payment method on the bank"
        pool = Pool()
        Journal = pool.get('account.journal')
        Method = pool.get('account.invoice.payment.method')
        journal, = Journal.search([('type', '=', 'cash')], limit=1)
        bank = self.account('5121')
        method = Method(
            company=self.company, name="Banque", journal=journal,
            debit_account=bank, credit_account=bank)
        method.save()
        return method

    def write_off(self):
        "Return how to write off what is not worth a payment"
        pool = Pool()
        Journal = pool.get('account.journal')
        WriteOff = pool.get('account.move.reconcile.write_off')
        journal = Journal(name="Écarts", type='write-off')
        journal.save()
        write_off = WriteOff(
            company=self.company, name="Écart", journal=journal,
            debit_account=self.account('658'),
            credit_account=self.account('758'))
        write_off.save()
        return write_off

    def pay(self, *lines, date=DAY, activity=None):
        """Post an entry of the bank of lines (account, balance, party or
        None), all the activity's if it is told, and return its other lines"""
        pool = Pool()
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        journal, = Journal.search([('type', '=', 'cash')], limit=1)
        balances = [D(balance) for _, balance, _ in lines]
        move = Move(
            company=self.company, journal=journal,
            period=self.period(date.month), date=date,
            lines=[{
                    'account': self.account(code).id,
                    'party': party and party.id,
                    'debit': max(balance, D(0)),
                    'credit': max(-balance, D(0)),
                    'analytic_lines': [{
                            'account': self.analytic(activity).id,
                            'debit': max(balance, D(0)),
                            'credit': max(-balance, D(0)),
                            'date': date,
                            }] if activity and code != '5121' else [],
                    } for (code, _, party), balance in zip(
                    [*lines, ('5121', None, None)],
                    [*balances, -sum(balances)])])
        move.save()
        Move.post([move])
        return sorted(move.lines, key=lambda line: line.id)[:-1]

    def book(self, *lines, date=DAY):
        """Post an entry of lines (account, balance, activity or None, party or
        None) and return it"""
        pool = Pool()
        Journal = pool.get('account.journal')
        Move = pool.get('account.move')
        journal, = Journal.search([('type', '=', 'general')], limit=1)
        move = Move(
            company=self.company, journal=journal,
            period=self.period(date.month), date=date,
            lines=[{
                    'account': self.account(code).id,
                    'party': party and party.id,
                    **sides,
                    'analytic_lines': [{
                            'account': self.analytic(activity).id,
                            'date': date, **sides,
                            }] if activity else [],
                    } for code, balance, activity, party in lines
                for sides in [{
                        'debit': max(D(balance), D(0)),
                        'credit': max(-D(balance), D(0)),
                        }]])
        move.save()
        Move.post([move])
        return move

    def owed(self, invoice):
        "Return the lines of the invoice to pay"
        return [
            line for line in invoice.move.lines
            if line.account == invoice.account]

    def reconcile(self, *lines, **options):
        Line = Pool().get('account.move.line')
        # As they are now
        reconciliation, = Line.reconcile(
            Line.browse(list(map(int, lines))), **options)
        return reconciliation

    def parts(self, *moves):
        "Return the amounts by activity of the lines by account"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Move = pool.get('account.move')
        codes = {
            a.analytic_account: a.code for a in Activity.search([])}
        parts = defaultdict(lambda: defaultdict(Decimal))
        for move in Move.browse(list(map(int, moves))):
            for line in move.lines:
                for part in line.analytic_lines:
                    parts[line.account.code][
                        codes.get(part.account, 'structure')] += (
                            part.debit - part.credit)
        return {a: dict(p) for a, p in parts.items()}
