# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The activity follows the money, from the invoice to its payment."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.model.exceptions import DomainValidationError
from trytond.modules.coop_cae.figures import figures
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

D = Decimal
DAY = dt.date(2024, 3, 15)


class InvoiceTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @with_transaction()
    def test_one_activity(self):
        "F1 of the example of a month"
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(('706', '4000', None))
        line, = invoice.lines
        self.assertEqual(
            line.analytic_accounts[0].account, cae.analytic('A1'))
        parts = cae.parts(invoice.move)
        self.assertEqual(parts.pop('4111'), {'A1': D('4800')})
        self.assertEqual(parts.pop('706'), {'A1': D('-4000')})
        self.assertEqual(list(parts.values()), [{'A1': D('-800')}])
        self.assertEqual(
            {l.analytic_state for l in invoice.move.lines}, {'valid'})

    @with_transaction()
    def test_two_activities_paid_in_two_times(self):
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(
                ('706', '600', 'A1'), ('706', '400', 'A2'), activity=None)
            method = cae.method()
            first = invoice.pay_invoice(D('500'), method, DAY)
        self.assertEqual(
            cae.parts(invoice.move)['4111'],
            {'A1': D('720'), 'A2': D('480')})
        self.assertEqual(
            cae.parts(first[0].move),
            {'4111': {'A1': D('-300'), 'A2': D('-200')}})
        with cae.context():
            second = invoice.pay_invoice(D('700'), method, DAY)
        self.assertEqual(
            cae.parts(second[0].move),
            {'4111': {'A1': D('-420'), 'A2': D('-280')}})

    @with_transaction()
    def test_without_activity(self):
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(
                ('626', '60', None), type='in', activity=None)
        self.assertEqual(
            cae.parts(invoice.move), {'626': {'structure': D('60')}})

    def treasury(self, cae, code='A1'):
        "Return the cash, the customers and the reference of an activity"
        account = cae.analytic(code).id
        found = figures(cae.company, DAY, [account])[account].treasury
        return found.cash, found.customers, found.reference

    @with_transaction()
    def test_deposit(self):
        "Invoiced or not, a deposit is the activity's, and what sets it off"
        for invoiced in [True, False]:
            cae = Invoicing()
            with self.subTest(invoiced=invoiced), savepoint() as point, \
                    cae.context():
                point.undo = True
                party = cae.third_party()
                if invoiced:
                    deposit = cae.invoice(('4191', '1000', None), party=party)
                    self.assertEqual(cae.parts(deposit.move), {
                            '4111': {'A1': D('1200')},
                            '4191': {'A1': D('-1000')},
                            '44571': {'A1': D('-200')},
                            })
                    self.assertEqual(
                        self.treasury(cae), (D('0'), D('200'), D('-200')))
                    deposit.pay_invoice(D('1200'), cae.method(), DAY)
                else:
                    cae.pay(
                        ('4191', '-1000', None), ('44571', '-200', None),
                        activity='A1')
                self.assertEqual(
                    self.treasury(cae), (D('1200'), D('-1000'), D('1000')))
                cae.invoice(('706', '3000', None), party=party)
                set_off = cae.book(
                    ('4191', '1000', 'A1', None),
                    ('44571', '200', 'A1', None),
                    ('4111', '-1200', None, party))
                self.assertEqual(
                    cae.parts(set_off)['4111'], {'A1': D('-1200')})
                self.assertEqual(
                    self.treasury(cae), (D('1200'), D('2400'), D('600')))
                self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_fixed_asset(self):
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(
                ('2183', '900', None), ('4091', '100', 'A2'), type='in')
        parts = cae.parts(invoice.move)
        self.assertEqual(parts['2183'], {'A1': D('900')})
        self.assertEqual(parts['4091'], {'A2': D('100')})
        self.assertEqual(
            parts['4011'], {'A1': D('-1080'), 'A2': D('-120')})

    @with_transaction()
    def test_account_of_another_kind(self):
        "What is neither a deposit nor a fixed asset stays refused"
        cae = Invoicing()
        with cae.context():
            for code, type_ in [
                    ('2183', 'out'), ('4191', 'in'), ('421', 'in')]:
                with self.subTest(code=code), \
                        self.assertRaises(DomainValidationError):
                    cae.invoice((code, '100', None), type=type_)

    @with_transaction()
    def test_entry_that_does_not_balance(self):
        "The check names it until the activity has its other lines"
        Move = Pool().get('account.move')
        cae = Invoicing()
        with cae.context():
            posted = cae.post(
                DAY, ('4191', '1000', 'A1'), ('4111', '-1000', None))
            self.assertEqual(
                [(d.check, d.subject, d.found) for d in cae.discrepancies()],
                [('activity_balance', f'{posted.number} A1', D('1000.00'))])
            Move.transfer(
                [Move(posted.move)], None, cae.activity('A1'), DAY)
            self.assertEqual(cae.discrepancies(), [])
            # Between activities, and out of a bank
            cae.post(DAY, ('706', '50', 'A1'), ('706', '-50', 'A2'))
            cae.post(DAY, ('604', '50', 'A1'), ('706', '-50', 'A2'))
            cae.post(DAY, ('421', '50', 'A1'), ('1061', '-50', None))
            receipt, = cae.pay(
                ('4111', '-50', cae.third_party()), activity='A1')
            Move.transfer([receipt.move], cae.activity('A1'), None, DAY)
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_credit_note(self):
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(('706', '600', None))
            credit, = Invoice.credit([invoice], invoice_date=DAY)
            with Transaction().set_context(_skip_warnings=True):
                Invoice.post([credit])
        self.assertEqual(credit.activity, cae.activity('A1'))
        self.assertEqual(
            cae.parts(credit.move)['4111'], {'A1': D('-720')})

    @with_transaction()
    def test_manual_move_reconciled(self):
        "A payment booked by hand follows what it is reconciled with"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(
                ('626', '60', 'A1'), type='in', activity=None)
            journal, = pool.get('account.journal').search(
                [('type', '=', 'cash')], limit=1)
            move = Move(
                company=cae.company, journal=journal,
                period=cae.period(3), date=DAY,
                lines=[{
                        'account': cae.account('4011').id,
                        'party': invoice.party.id,
                        'debit': D('72'), 'credit': D(0),
                        }, {
                        'account': cae.account('5121').id,
                        'debit': D(0), 'credit': D('72'),
                        }])
            move.save()
            Move.post([move])
            self.assertEqual(cae.parts(move), {})
            Line.reconcile([
                    l for m in [invoice.move, move] for l in m.lines
                    if l.account.code == '4011'])
        self.assertEqual(cae.parts(move), {'4011': {'A1': D('72')}})

    @with_transaction()
    def test_posted_not_changed(self):
        AnalyticLine = Pool().get('analytic_account.line')
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(('706', '600', None))
            line = invoice.move.lines[0].analytic_lines[0]
            for change in [
                    lambda: AnalyticLine.write([line], {
                            'account': cae.analytic('A2').id}),
                    lambda: AnalyticLine.delete([line]),
                    lambda: AnalyticLine.copy([line])]:
                with check_access(), self.assertRaises(UserError):
                    change()

    @with_transaction()
    def test_completed_after_posting(self):
        "What was told in part only can be completed, then no more"
        pool = Pool()
        AnalyticLine = pool.get('analytic_account.line')
        Move = pool.get('account.move')
        cae = Invoicing()
        with cae.context():
            journal, = pool.get('account.journal').search(
                [('type', '=', 'expense')], limit=1)
            move = Move(
                company=cae.company, journal=journal, period=cae.period(3),
                date=DAY, lines=[{
                        'account': cae.account('626').id,
                        'debit': D('60'), 'credit': D(0),
                        'analytic_lines': [{
                                'account': cae.analytic('A1').id,
                                'debit': D('40'), 'credit': D(0),
                                'date': DAY,
                                }],
                        }, {
                        'account': cae.account('5121').id,
                        'debit': D(0), 'credit': D('60'),
                        }])
            move.save()
            Move.post([move])
            line, = (
                line for line in move.lines if line.account.code == '626')
            self.assertEqual(line.analytic_state, 'draft')
            values = {
                'move_line': line.id, 'account': cae.analytic('A2').id,
                'debit': D('20'), 'credit': D(0), 'date': DAY}
            with check_access():
                AnalyticLine.create([values])
                with self.assertRaises(UserError):
                    AnalyticLine.create([values])
            line, = (
                line for line in Move(move.id).lines
                if line.account.code == '626')
            self.assertEqual(line.analytic_state, 'valid')
