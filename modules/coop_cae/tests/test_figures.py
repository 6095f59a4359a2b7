# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class FiguresTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def activity(self, cae, month, day=28, code='A1'):
        "Return an activity as it is seen at a date"
        Activity = Pool().get('cae.activity')
        with Transaction().set_context(
                figures_date=dt.date(2024, month, day)):
            return Activity(cae.activity(code).id)

    @with_transaction()
    def test_at_a_date(self):
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '1000.00')
            cae.sell(dt.date(2024, 2, 10), '500.00')
            cae.post(
                dt.date(2024, 2, 20), ('5121', '600.00', None),
                ('4111', '-600.00', 'A1'))
            cae.close(1)
            january = self.activity(cae, 1, 31)
            february = self.activity(cae, 2)
        self.assertEqual(january.turnover, D('1000.00'))
        self.assertEqual(january.contribution, D('100.00'))
        self.assertEqual(january.cash, D('-100.00'))
        self.assertEqual(january.receivable, D('1000.00'))
        self.assertEqual(january.result, D('900.00'))
        self.assertEqual(january.alert, 'negative')
        self.assertEqual(february.turnover, D('1500.00'))
        self.assertEqual(february.cash, D('500.00'))
        self.assertEqual(february.receivable, D('900.00'))
        self.assertIsNone(february.alert)

    @with_transaction()
    def test_without_entries(self):
        cae = Cae()
        with cae.context():
            activity = self.activity(cae, 6)
        self.assertEqual(activity.turnover, D(0))
        self.assertEqual(activity.treasury, D(0))
        self.assertIsNone(activity.alert)

    @with_transaction()
    def test_search_alert(self):
        Activity = Pool().get('cae.activity')
        cae = Cae()
        with cae.context(), Transaction().set_context(
                figures_date=dt.date(2024, 3, 31)):
            cae.post(
                dt.date(2024, 1, 20), ('626', '60.00', 'A1'),
                ('5121', '-60.00', None))
            cae.post(
                dt.date(2024, 3, 20), ('626', '60.00', 'A2'),
                ('5121', '-60.00', None))
            for operator, value, codes in [
                    ('=', 'two_months', ['A1']),
                    ('=', 'negative', ['A2']),
                    ('in', ['negative', 'two_months'], ['A1', 'A2']),
                    ('!=', None, ['A1', 'A2']),
                    ('=', None, []),
                    ('!=', 'negative', ['A1']),
                    ('not in', ['negative', None], ['A1'])]:
                with self.subTest(operator=operator, value=value):
                    found = Activity.search([
                            ('company', '=', cae.company.id),
                            ('alert', operator, value)])
                    self.assertEqual([a.code for a in found], codes)

    @with_transaction()
    def test_year_before(self):
        "Of the year before, to the same day; its result is brought forward"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        cae = Cae()
        with cae.context():
            year = cae.company.get_fiscalyear(
                dt.date(2023, 1, 1), dt.date(2023, 12, 31))
            year.save()
            FiscalYear.create_period([year])
            cae.sell(dt.date(2023, 2, 10), '300.00')
            cae.sell(dt.date(2023, 11, 10), '50.00')
            cae.sell(dt.date(2024, 1, 10), '1000.00')
            activity = self.activity(cae, 6, 30)
        self.assertEqual(activity.last_turnover, D('300.00'))
        self.assertEqual(activity.turnover, D('1000.00'))
        self.assertEqual(activity.brought_forward, D('350.00'))

    @with_transaction()
    def test_home(self):
        "The months up to the date, and what is open on it"
        Activity = Pool().get('cae.activity')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '1000.00')
            cae.sell(dt.date(2024, 2, 10), '500.00')
            cae.post(
                dt.date(2024, 2, 20), ('626', '60.00', 'A1'),
                ('4011', '-60.00', 'A1'))
            cae.sell(dt.date(2024, 2, 10), '70.00', 'A2')
            with Transaction().set_context(
                    figures_date=dt.date(2024, 2, 28)):
                a1, a2 = Activity.browse([
                        cae.activity('A1'), cae.activity('A2')])
                self.assertEqual(len(a1.months), 24)
                self.assertEqual(
                    [m.turnover for m in a1.months[-2:]],
                    [D('1000.00'), D('500.00')])
                self.assertEqual(
                    [i.amount for i in a1.to_collect],
                    [D('1000.00'), D('500.00')])
                self.assertEqual(
                    [i.amount for i in a1.to_pay], [D('60.00')])
                self.assertEqual(
                    [i.amount for i in a2.to_collect], [D('70.00')])
                self.assertFalse(a2.to_pay)

    @with_transaction()
    def test_home_queries(self):
        "The form opens in few queries, however many entries there are"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Month = pool.get('cae.activity.month')
        Item = pool.get('cae.activity.open_item')
        cae = Cae()
        with cae.context():
            id_ = cae.activity('A1').id
            names = list(Activity.fields_view_get(view_type='form')['fields'])
            counts = []
            for number in [1, 1, 10]:
                for _ in range(number):
                    cae.sell(dt.date(2024, 1, 10), '1000.00')
                with Transaction().set_context(
                        figures_date=dt.date(2024, 6, 30)), \
                        count_queries() as queries:
                    form, = Activity.read([id_], names)
                    Month.read(
                        form['months'], ['month', 'turnover', 'treasury'])
                    Item.read(
                        form['to_collect'], ['party.rec_name', 'amount'])
                counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 50)

    @with_transaction()
    def test_default_date(self):
        "The last month that has entries, but not after today"
        pool = Pool()
        Context = pool.get('cae.activity.figures.context')
        today = pool.get('ir.date').today()
        cae = Cae()
        with cae.context():
            self.assertEqual(Context.default_figures_date(), today)
            cae.sell(dt.date(2024, 2, 10), '1000.00')
            self.assertEqual(
                Context.default_figures_date(), dt.date(2024, 2, 29))
            with patch.object(
                    pool.get('ir.date'), 'today',
                    return_value=dt.date(2024, 2, 20)):
                self.assertEqual(
                    Context.default_figures_date(), dt.date(2024, 2, 20))

    @with_transaction()
    def test_search_advisers(self):
        pool = Pool()
        Activity = pool.get('cae.activity')
        Adviser = pool.get('cae.adviser')
        cae = Cae()
        with cae.context():
            adviser, = Adviser.create([{'code': 'PM', 'name': "Marie"}])
            entrepreneur = cae.activity('A1').entrepreneurs[0].entrepreneur
            entrepreneur.adviser = adviser
            entrepreneur.save()
            self.assertEqual(
                cae.activity('A1').advisers, adviser.rec_name)
            self.assertEqual(
                cae.activity('A2').advisers, f"ADV1, {adviser.rec_name}")
            for operator, value, codes in [
                    ('ilike', '%Marie%', ['A1', 'A2']),
                    ('ilike', '%ADV1%', ['A2']),
                    ('ilike', '%Nobody%', []),
                    ('=', None, [])]:
                with self.subTest(operator=operator, value=value):
                    found = Activity.search([
                            ('company', '=', cae.company.id),
                            ('advisers', operator, value)])
                    self.assertEqual([a.code for a in found], codes)

    @with_transaction()
    def test_queries_do_not_grow(self):
        Activity = Pool().get('cae.activity')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '1000.00')
            cae.sell(dt.date(2024, 1, 10), '1000.00', 'A2')
            counts = []
            # The first one fills the caches of settings
            for codes in [['A1'], ['A1'], ['A1', 'A2']]:
                with Transaction().set_context(
                        figures_date=dt.date(2024, 6, 30)):
                    records = Activity.browse([
                            cae.activity(c) for c in codes])
                with count_queries() as queries:
                    self.assertEqual(
                        {a.turnover for a in records}, {D('1000.00')})
                counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])
