# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The activity follows the money, from the invoice to its payment."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
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
