# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Credit notes give back what their invoices cost."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


def day(month, day_=15, year=2024):
    return dt.date(year, month, day_)


class ContributionCreditTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def invoice(self, cae, date, amount='10000.00', **options):
        return cae.invoice(('706', amount, None), date=date, **options)

    def credit(self, invoice, date):
        "Credit the invoice by the action of Tryton"
        Invoice = Pool().get('account.invoice')
        credit, = Invoice.credit([invoice])
        credit.invoice_date = date
        credit.save()
        with Transaction().set_context(_skip_warnings=True):
            Invoice.post([credit])
        return credit

    def general(self, cae, **values):
        "Change the general rule, or end it and have another from a day"
        Rule = Pool().get('cae.contribution.rule')
        rule, = Rule.search([('company', '=', cae.company.id)])
        if start := values.pop('start_date', None):
            rule.end_date = start - dt.timedelta(1)
            rule.save()
            rule, = Rule.copy([rule], default={
                    'start_date': start, 'end_date': None, **values})
        else:
            Rule.write([rule], values)
        return rule

    def due(self, cae, month, year=2024, activity='A1'):
        return cae.contributions(month, year)[activity][1]

    @with_transaction()
    def test_rate_changed(self):
        "10 % until June, 5 % from July on: nothing is left of 500.00"
        cae = Invoicing()
        with cae.context():
            self.general(cae, start_date=day(7, 1), rate=D('0.05'))
            first = self.invoice(cae, day(3))
            self.invoice(cae, day(6), '2000.00')
            self.invoice(cae, day(7), '1000.00')
            for month in range(1, 7):
                cae.close(month)
            self.assertEqual(self.due(cae, 6), D('1200.00'))
            self.credit(first, day(7, 20))
            self.assertEqual(self.due(cae, 6), D('1200.00'))
            self.assertEqual(self.due(cae, 7), D('250.00'))
            cae.close(7)
            self.assertEqual(
                cae.contributions(7)['A1'],
                (D('3000.00'), D('250.00'), D('250.00')))
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_without_link(self):
        "A base of zero owes nothing, whatever the rates and slices"
        cae = Invoicing()
        with cae.context():
            self.general(cae, rate=None, slices=[
                    ('create', [
                            {'up_to': D(5000), 'rate': D('0.11')},
                            {'up_to': None, 'rate': D('0.09')}])])
            self.general(cae, start_date=day(7, 1))
            self.invoice(cae, day(3))
            self.invoice(cae, day(7), '-10000.00')
            self.assertEqual(self.due(cae, 6), D('1000.00'))
            self.assertEqual(self.due(cae, 7), D('0.00'))

    @with_transaction()
    def test_year_after(self):
        "A sale of December credited in January gives its 1 000.00 back"
        cae = Invoicing()
        with cae.context():
            cae.next_year()
            self.general(cae, start_date=day(1, 1, 2025), rate=D('0.05'))
            invoice = self.invoice(cae, day(12))
            for month in range(1, 13):
                cae.close(month)
            self.assertEqual(self.due(cae, 12), D('1000.00'))
            credit = self.credit(invoice, day(1, year=2025))
            result = cae.close(1, 2025)
            self.assertFalse(result.faults)
            self.assertEqual(
                cae.contributions(1, 2025)['A1'],
                (D('-10000.00'), D('-1000.00'), D('-1000.00')))
            self.assertEqual(self.due(cae, 12), D('1000.00'))
            self.assertEqual(cae.discrepancies(day(1, 31, 2025)), [])
            # The credit note was a mistake: it is credited itself
            self.credit(credit, day(2, year=2025))
            self.assertEqual(self.due(cae, 2, 2025), D('0.00'))

    @with_transaction()
    def test_slices_of_the_year_after(self):
        "9 000.00 at 20 % and 1 000.00 at 10 % were due on the last sale"
        cae = Invoicing()
        with cae.context():
            cae.next_year()
            self.general(cae, rate=None, slices=[
                    ('create', [
                            {'up_to': D(4000), 'rate': D('0.10')},
                            {'up_to': None, 'rate': D('0.20')}])])
            self.invoice(cae, day(2), '3000.00')
            invoice = self.invoice(cae, day(12))
            self.assertEqual(self.due(cae, 12), D('2200.00'))
            self.credit(invoice, day(1, year=2025))
            self.invoice(cae, day(1, year=2025), '1000.00')
            self.assertEqual(self.due(cae, 1, 2025), D('-1800.00'))

    @with_transaction()
    def test_year_after_without_link(self):
        """The negative base of a year takes the last sales of the years before
        at their rate, as far as they go, unless it is lost"""
        Rule = Pool().get('cae.contribution.rule')
        cae = Invoicing()
        with cae.context():
            cae.next_year()
            rule = self.general(cae, start_date=day(1, 1, 2025), rate=D('.05'))
            cae.sell(day(12), '10000.00')
            cae.sell(day(1, year=2025), '-4000.00')
            self.assertEqual(self.due(cae, 1, 2025), D('-400.00'))
            cae.sell(day(2, year=2025), '5000.00')
            self.assertEqual(self.due(cae, 2, 2025), D('50.00'))
            cae.sell(day(3, year=2025), '-20000.00')
            self.assertEqual(self.due(cae, 3, 2025), D('-1000.00'))
            self.assertEqual(self.due(cae, 12), D('1000.00'))
            Rule.write([rule], {'negative': 'lost'})
            self.assertEqual(self.due(cae, 3, 2025), 0)

    @with_transaction()
    def test_carried(self):
        "A loss of 1 000.00 lowers the base of the next year, once"
        cae = Invoicing()
        with cae.context():
            cae.next_year()
            cae.next_year(2026)
            self.general(cae, negative='carried')
            cae.post(day(2), ('6071', '1000', 'A1'), ('5121', '-1000', None))
            cae.sell(day(2, 2, 2025), '300.00')
            cae.sell(day(6, 2, 2025), '400.00')
            cae.sell(day(1, 2, 2026), '2000.00')
            self.assertEqual(self.due(cae, 12), 0)
            self.assertEqual(self.due(cae, 12, 2025), 0)
            self.assertEqual(self.due(cae, 1, 2026), D('170.00'))
            # The other activity has nothing to carry
            cae.sell(day(1, 2, 2026), '1000.00', 'A2')
            self.assertEqual(
                self.due(cae, 1, 2026, activity='A2'), D('100.00'))

    @with_transaction()
    def test_lines_cancelled(self):
        "An entry that is cancelled gives back what it cost"
        pool = Pool()
        Move = pool.get('account.move')
        cae = Invoicing()
        with cae.context():
            self.general(cae, start_date=day(7, 1), rate=D('0.05'))
            move = Move(cae.sell(day(3), '10000.00').move)
            cae.sell(day(7), '1000.00')
            cae.sell(day(6), '1000.00')
            cancel = move.cancel(default={
                    'date': day(7, 20), 'period': cae.period(7).id})
            Move.post([cancel])
            self.assertEqual(cancel.date, day(7, 20))
            self.assertEqual(self.due(cae, 7), D('150.00'))

    def test_queries_do_not_grow(self):
        self.assertEqual(self._queries(1), self._queries(4))

    @with_transaction()
    def _queries(self, number):
        Contribution = Pool().get('cae.contribution')
        cae = Invoicing()
        with cae.context():
            cae.next_year()
            for _ in range(number):
                invoice = self.invoice(cae, day(12), '1000.00')
                self.credit(invoice, day(1, year=2025))
            period = cae.period(1, 2025)
            with count_queries() as queries:
                plans = Contribution.plan(cae.company, period)
            self.assertEqual(
                {p.due for p in plans}, {0, D('-100.00') * number})
            return len(queries)
