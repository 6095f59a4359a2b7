# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.modules.coop_cae.activity_month import month_number, month_start
from trytond.modules.coop_cae.tests.test_activity_statement import two_years
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class ActivityMonthTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def months(self, cae, code='A1'):
        Month = Pool().get('cae.activity.month')
        return Month.search([('activity', '=', cae.activity(code).id)])

    @with_transaction()
    def test_year(self):
        "The months of a year add up to its income statement"
        Statement = Pool().get('cae.activity.statement')
        cae = Cae()
        with cae.context():
            two_years(cae)
            with Transaction().set_context(
                    from_date=dt.date(2024, 1, 1),
                    to_date=dt.date(2024, 12, 31)):
                months = self.months(cae)
                self.assertEqual(
                    [m.month for m in months],
                    [dt.date(2024, n, 1) for n in range(1, 13)])
                for row in Statement.search([
                            ('activity', '=', cae.activity('A1').id),
                            ('statement', '=', 'income')]):
                    if row.line != 'brought_forward':
                        self.assertEqual(
                            sum(getattr(m, row.line) for m in months),
                            row.amount)
                self.assertEqual(
                    [m.treasury for m in months[:4]],
                    [D('0'), D('500'), D('260'), D('260')])

    @with_transaction()
    def test_two_years(self):
        "The last month is that of the date, to its day"
        cae = Cae()
        with cae.context():
            two_years(cae)
            with Transaction().set_context(figures_date=dt.date(2024, 2, 15)):
                *_, january, february = months = self.months(cae)
                self.assertEqual(len(months), 24)
                self.assertEqual(february.month, dt.date(2024, 2, 1))
                self.assertEqual(february.turnover, D('1000.00'))
                self.assertEqual(february.cash, D('0.00'))
                self.assertEqual(
                    sum(m.turnover for m in months), D('1300.00'))

    @with_transaction()
    def test_lead_to_their_entries(self):
        Entry = Pool().get('cae.activity.entry')
        cae = Cae()
        with cae.context():
            two_years(cae)
            with Transaction().set_context(figures_date=dt.date(2024, 12, 31)):
                for month in self.months(cae):
                    entries = Entry.search(month.entries_domain())
                    self.assertEqual(
                        month.result, sum((
                                e.credit - e.debit for e in entries
                                if e.account.code[0] in '67'), D(0)))

    def test_month_numbers(self):
        day = dt.date(1999, 11, 30)
        for number in range(month_number(day), month_number(day) + 500):
            self.assertEqual(month_number(month_start(number)), number)
        self.assertEqual(month_start(month_number(day)), dt.date(1999, 11, 1))
