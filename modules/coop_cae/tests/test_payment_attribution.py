# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Payments are those of the activities whose invoices they settle."""
import datetime as dt
import unittest
from collections import defaultdict
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.coop_cae.rules.payment_attribution import (
    Settled, difference, settle)
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.currency.tests import add_currency_rate, create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
A, B, STRUCTURE = 1, 2, 3
DAY = dt.date(2024, 3, 15)


class SettlementRuleTestCase(unittest.TestCase):

    def test_several_invoices(self):
        "What has no activity is the structure's"
        self.assertEqual(settle([
                    Settled(D('120'), parts={A: D('120')}),
                    Settled(D('-20'), parts={B: D('-20')}),
                    Settled(D('50')),
                    Settled(D('-150'), follows=True),
                    ], STRUCTURE), [
                {A: D('-120'), B: D('20'), STRUCTURE: D('-50')}])

    def test_of_the_structure(self):
        for others in [[], [Settled(D('50'))]]:
            lines = [*others, Settled(D('-50'), follows=True)]
            self.assertEqual(settle(lines, STRUCTURE), [{}])
            self.assertEqual(difference(D('1'), lines, STRUCTURE), {})


class SettlementTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def left(self, cae, reconciliation):
        "Return what the reconciled lines leave to the activities"
        Activity = Pool().get('cae.activity')
        codes = {a.analytic_account: a.code for a in Activity.search([])}
        left = defaultdict(Decimal)
        for line in reconciliation.lines:
            for part in line.analytic_lines:
                left[codes.get(part.account)] += part.debit - part.credit
        return {code: amount for code, amount in left.items() if amount}

    @with_transaction()
    def test_reconciled_again(self):
        "What was paid by mistake is unreconciled, then reconciled"
        Reconciliation = Pool().get('account.move.reconciliation')
        cae = Invoicing()
        with cae.context():
            party = cae.third_party()
            wrong, right = (
                cae.invoice(
                    ('626', '60', code), type='in', activity=None,
                    party=party)
                for code in ['A1', 'A2'])
            payment, = cae.pay(('4011', '72', party))
            reconciliation = cae.reconcile(*cae.owed(wrong), payment)
            self.assertEqual(
                cae.parts(payment.move), {'4011': {'A1': D('72')}})
            Reconciliation.delete([reconciliation])
            self.assertEqual(cae.parts(payment.move), {})
            cae.reconcile(*cae.owed(right), payment)
        self.assertEqual(
            cae.parts(payment.move), {'4011': {'A2': D('72')}})
        self.assertEqual(
            cae.parts(wrong.move)['4011'], {'A1': D('-72')})

    @with_transaction()
    def test_told_when_posted(self):
        "A payment that names its activities keeps them"
        Reconciliation = Pool().get('account.move.reconciliation')
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(('706', '100', 'A1'))
            payment, = cae.pay(('4111', '-120', sale.party), activity='A2')
            reconciliation = cae.reconcile(*cae.owed(sale), payment)
            Reconciliation.delete([reconciliation])
        self.assertEqual(
            cae.parts(payment.move), {'4111': {'A2': D('-120')}})

    @with_transaction()
    def test_invoices_of_several_activities(self):
        cae = Invoicing()
        with cae.context():
            party = cae.third_party()
            invoices = [
                cae.invoice(
                    ('706', amount, code), activity=None, party=party)
                for amount, code in [
                    ('100', 'A1'), ('50', 'A2'), ('10', None)]]
            first, second = cae.pay(
                ('4111', '-100', party), ('4111', '-92', party))
            reconciliation = cae.reconcile(
                *(line for i in invoices for line in cae.owed(i)),
                first, second)
        self.assertEqual(
            cae.parts(first.move)['4111'],
            {'A1': D('-120'), 'A2': D('-60'), 'structure': D('-12')})
        self.assertEqual(
            self.left(cae, reconciliation), {None: D('-12')})

    @with_transaction()
    def test_charge_in_the_entry(self):
        "The bank that keeps its fee on a receipt"
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(('706', '100', None))
            line, _ = cae.pay(
                ('4111', '-120', sale.party), ('6278', '2', None))
            self.assertEqual(
                cae.parts(line.move), {'6278': {'structure': D('2')}})
            cae.reconcile(*cae.owed(sale), line)
        self.assertEqual(
            cae.parts(line.move), {
                '4111': {'A1': D('-120')},
                '6278': {'structure': D('2')},
                })

    @with_transaction()
    def test_no_longer_of_the_invoice(self):
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(
                ('706', '600', 'A1'), ('706', '400', 'A2'), activity=None)
            lines = cae.pay(
                ('4111', '-500', sale.party), ('4111', '-200', sale.party))
            Invoice.add_payment_lines({sale: lines})
            self.assertEqual(
                cae.parts(lines[0].move)['4111'],
                {'A1': D('-420'), 'A2': D('-280')})
            Invoice.remove_payment_lines(lines[:1])
        self.assertEqual(
            cae.parts(lines[0].move)['4111'],
            {'A1': D('-120'), 'A2': D('-80')})

    @with_transaction()
    def test_overpaid(self):
        "What is too much is nobody's until it settles something"
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(('706', '100', None))
            lines = sale.pay_invoice(
                D('130'), cae.method(), DAY, overpayment=D('10'))
            line, = (line for line in lines if line.credit == D('120'))
            cae.reconcile(*cae.owed(sale), line)
        self.assertEqual(
            cae.parts(line.move), {'4111': {'A1': D('-120')}})

    @with_transaction()
    def test_write_off(self):
        "What is given up is a charge of the activities of the invoice"
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(
                ('706', '60', 'A1'), ('706', '40', 'A2'), activity=None)
            payment, = cae.pay(('4111', '-115', sale.party))
            reconciliation = cae.reconcile(
                *cae.owed(sale), payment, writeoff=cae.write_off(),
                date=DAY)
            other, = (
                line.move for line in reconciliation.lines
                if line.move not in {sale.move, payment.move})
        self.assertEqual(
            cae.parts(other), {
                '658': {'A1': D('3'), 'A2': D('2')},
                '4111': {'A1': D('-3'), 'A2': D('-2')},
                })
        self.assertEqual(other.state, 'posted')
        self.assertEqual(self.left(cae, reconciliation), {})

    @with_transaction()
    def test_foreign_currency(self):
        "What the exchange costs is the activity's"
        Configuration = Pool().get('account.configuration')
        cae = Invoicing()
        with cae.context():
            dollar = create_currency('USD')
            add_currency_rate(cae.company.currency, D('1'))
            add_currency_rate(dollar, D('1.25'), dt.date(2024, 1, 1))
            add_currency_rate(dollar, D('1.60'), dt.date(2024, 4, 1))
            configuration = Configuration(1)
            configuration.currency_exchange_journal = cae.write_off().journal
            configuration.currency_exchange_debit_account = cae.account('666')
            configuration.currency_exchange_credit_account = cae.account(
                '766')
            configuration.save()
            sale = cae.invoice(('706', '100', None), currency=dollar)
            self.assertEqual(
                cae.parts(sale.move)['4111'], {'A1': D('96')})
            lines = sale.pay_invoice(
                D('120'), cae.method(), dt.date(2024, 4, 2))
            reconciliation = cae.reconcile(
                *cae.owed(sale), *lines, date=dt.date(2024, 4, 2))
            other, = (
                line.move for line in reconciliation.lines
                if line.move not in {sale.move, lines[0].move})
        self.assertEqual(
            cae.parts(lines[0].move), {'4111': {'A1': D('-75')}})
        self.assertEqual(
            cae.parts(other), {
                '4111': {'A1': D('-21')}, '666': {'A1': D('21')}})
        self.assertEqual(self.left(cae, reconciliation), {})

    def amounts(self, line):
        "Return the amounts of the line by activity"
        Activity = Pool().get('cae.activity')
        codes = {a.analytic_account: a.code for a in Activity.search([])}
        return {
            codes.get(p.account): p.debit - p.credit
            for p in line.analytic_lines}

    def lines(self, move):
        Move = Pool().get('account.move')
        return sorted(Move(move.id).lines, key=lambda line: line.id)

    @with_transaction()
    def test_rescheduled(self):
        "What is to pay later is for the same activities"
        pool = Pool()
        Date = pool.get('ir.date')
        Move = pool.get('account.move')
        Reschedule = pool.get('account.move.line.reschedule', type='wizard')
        Term = pool.get('account.move.line.reschedule.term')
        cae = Invoicing()
        with cae.context(), patch.object(Date, 'today', return_value=DAY):
            sale = cae.invoice(
                ('706', '60', 'A1'), ('706', '40.01', 'A2'), activity=None)
            move, balance = Reschedule.reschedule_lines(
                cae.owed(sale), sale.journal, [
                    Term(date=DAY, amount=D(amount))
                    for amount in ['50', '70.01']])
            Move.post([move])
            terms = [line for line in self.lines(move) if line != balance]
            paid, = sale.pay_invoice(D('60'), cae.method(), DAY)
        self.assertEqual(
            self.amounts(balance), {'A1': D('-72'), 'A2': D('-48.01')})
        self.assertEqual(list(map(self.amounts, terms)), [
                {'A1': D('30.00'), 'A2': D('20.00')},
                {'A1': D('42.00'), 'A2': D('28.01')}])
        self.assertEqual(
            {line.analytic_state for line in self.lines(move)}, {'valid'})
        self.assertEqual(
            cae.parts(paid.move)['4111'],
            {'A1': D('-36.00'), 'A2': D('-24.00')})

    @with_transaction()
    def test_delegated(self):
        "What somebody else is to pay is for the same activity"
        pool = Pool()
        Date = pool.get('ir.date')
        Delegate = pool.get('account.move.line.delegate', type='wizard')
        Move = pool.get('account.move')
        cae = Invoicing()
        with cae.context(), patch.object(Date, 'today', return_value=DAY):
            sale = cae.invoice(('706', '100', None))
            insurer = cae.third_party()
            move = Delegate.delegate_lines(
                cae.owed(sale), insurer, sale.journal)
            Move.post([move])
            owed, = (
                line for line in self.lines(move) if line.party == insurer)
            payment, = cae.pay(('4111', '-120', insurer))
            cae.reconcile(owed, payment)
        self.assertEqual(self.amounts(owed), {'A1': D('120')})
        self.assertEqual(
            cae.parts(payment.move), {'4111': {'A1': D('-120')}})

    @with_transaction()
    def test_copied(self):
        "The copy of a payment settles nothing yet"
        Move = Pool().get('account.move')
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(('706', '100', None))
            payment, = sale.pay_invoice(D('50'), cae.method(), DAY)
            copy, = Move.copy([payment.move])
            self.assertEqual(cae.parts(payment.move)['4111'], {
                    'A1': D('-50')})
            self.assertEqual(cae.parts(copy), {})
            with Transaction().set_context(_skip_warnings=True):
                cancel = payment.move.cancel()
                Move.post([cancel])
        self.assertEqual(cae.parts(cancel), {})

    @with_transaction()
    def test_known_late(self):
        "Even in a closed period the bank had the money that day"
        Period = Pool().get('account.period')
        cae = Invoicing()
        with cae.context():
            sale = cae.invoice(
                ('706', '100', None), date=dt.date(2024, 1, 10))
            payment, = cae.pay(
                ('4111', '-120', sale.party), date=dt.date(2024, 1, 31))
            Period.close([cae.period(1)])
            before = self.january(cae)
            cae.reconcile(*cae.owed(sale), payment)
            after = self.january(cae)
        self.assertEqual(before, (D('0'), D('120'), D('100')))
        self.assertEqual(after, (D('120'), D('0'), D('100')))

    def january(self, cae):
        "Return the cash, what is receivable and the result of A1"
        Activity = Pool().get('cae.activity')
        with Transaction().set_context(figures_date=dt.date(2024, 1, 31)):
            activity = Activity(cae.activity('A1').id)
            return activity.cash, activity.receivable, activity.result
