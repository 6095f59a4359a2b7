# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is left to collect and to pay, by age."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
AGES = ['not_due', 'late_30', 'late_60', 'late_90', 'late_more']


class OpenItemTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def term(self):
        "Return the term of what is due at once"
        Term = Pool().get('account.invoice.payment_term')
        term = Term(name="Comptant", lines=[{
                    'type': 'remainder',
                    'relativedeltas': [{'days': 0}],
                    }])
        term.save()
        return term

    def pay(self, cae, invoice, amount, date):
        invoice.pay_invoice(D(amount), cae.method(), date)

    def items(self, cae, date, code='A1'):
        Item = Pool().get('cae.activity.open_item')
        with Transaction().set_context(figures_date=date):
            items = Item.search([('activity', '=', cae.activity(code).id)])
            activity = Pool().get('cae.activity')(cae.activity(code).id)
            for kind, owed in [
                    ('customer', activity.receivable),
                    ('supplier', activity.payable)]:
                self.assertEqual(
                    owed, sum(i.amount for i in items if i.kind == kind))
            return [(
                    i.kind, i.invoice, i.amount, i.late,
                    [n for n in AGES if getattr(i, n)]) for i in items]

    @with_transaction()
    def test_paid_in_part(self):
        "An invoice and what paid it in part are one, until it is paid"
        cae = Invoicing()
        with cae.context():
            sold = cae.invoice(
                ('706', '100.00', None), term=self.term())
            bought = cae.invoice(
                ('626', '50.00', None), type='in', term=self.term())
            self.pay(cae, sold, '70.00', dt.date(2024, 4, 10))
            self.pay(cae, sold, '50.00', dt.date(2024, 5, 10))
            self.assertEqual(self.items(cae, dt.date(2024, 3, 15)), [
                    ('customer', sold, D('120.00'), 0, ['not_due']),
                    ('supplier', bought, D('60.00'), 0, ['not_due']),
                    ])
            self.assertEqual(self.items(cae, dt.date(2024, 4, 14)), [
                    ('customer', sold, D('50.00'), 30, ['late_30']),
                    ('supplier', bought, D('60.00'), 30, ['late_30']),
                    ])
            self.assertEqual(self.items(cae, dt.date(2024, 5, 15)), [
                    ('supplier', bought, D('60.00'), 61, ['late_90']),
                    ])

    @with_transaction()
    def test_several_activities(self):
        "Each activity has its share of what is left"
        cae = Invoicing()
        with cae.context():
            sold = cae.invoice(
                ('706', '100.00', 'A1'), ('706', '300.00', 'A2'),
                activity=None, term=self.term())
            self.pay(cae, sold, '240.00', dt.date(2024, 4, 10))
            date = dt.date(2024, 12, 31)
            self.assertEqual(self.items(cae, date), [
                    ('customer', sold, D('60.00'), 291, ['late_more'])])
            self.assertEqual(self.items(cae, date, 'A2'), [
                    ('customer', sold, D('180.00'), 291, ['late_more'])])

    @with_transaction()
    def test_without_invoice(self):
        "A line of a customer is owed from its date"
        cae = Invoicing()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '300.00')
            self.assertEqual(self.items(cae, dt.date(2024, 3, 1)), [
                    ('customer', None, D('300.00'), 51, ['late_60'])])

    @with_transaction()
    def test_late(self):
        Item = Pool().get('cae.activity.open_item')
        cae = Invoicing()
        with cae.context():
            sold = cae.invoice(
                ('706', '100.00', None), term=self.term())
            for date, found in [
                    (dt.date(2024, 3, 15), []),
                    (dt.date(2024, 3, 16), [sold])]:
                with Transaction().set_context(figures_date=date):
                    self.assertEqual([
                            i.invoice for i in Item.search([
                                    ('maturity_date', '<', date)])], found)
