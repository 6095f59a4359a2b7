# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The statements as they are shown: each line leads to its entries."""
import datetime as dt
import unittest
from contextlib import contextmanager
from decimal import Decimal

from trytond.modules.coop_cae.activity_statement import ROWS
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.pyson import PYSONDecoder
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
YEAR_END = dt.date(2024, 12, 31)


def two_years(cae):
    """Enter what an activity did in two years, each of it beside the same for
    another activity"""
    FiscalYear = Pool().get('account.fiscalyear')
    year = cae.company.get_fiscalyear(
        dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    year.save()
    FiscalYear.create_period([year])
    for code in ['A1', 'A2']:
        cae.sell(dt.date(2023, 2, 10), '300.00', code)
        cae.sell(dt.date(2024, 2, 10), '1000.00', code)
        cae.post(
            dt.date(2024, 2, 20), ('5121', '600.00', None),
            ('4111', '-600.00', code))
        cae.post(
            dt.date(2024, 3, 5), ('6071', '200.00', code),
            ('44566', '40.00', code), ('4011', '-240.00', code))
        cae.post(
            dt.date(2024, 3, 6), ('626', '60.00', code),
            ('4011', '-60.00', code))
    for month in [1, 2, 3]:
        cae.close(month)


class ActivityStatementTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @contextmanager
    def seen(self, to, from_=None):
        "Enter two years and look at some days of them"
        cae = Cae()
        with cae.context():
            two_years(cae)
            with Transaction().set_context(from_date=from_, to_date=to):
                yield cae

    def rows(self, cae, statement, code='A1'):
        Statement = Pool().get('cae.activity.statement')
        return {
            r.line: r for r in Statement.search([
                    ('activity', '=', cae.activity(code).id),
                    ('statement', '=', statement),
                    ])}

    def assertAmounts(self, rows, name='amount', **expected):
        self.assertEqual(
            {line: getattr(rows[line], name) for line in expected},
            {line: D(value) for line, value in expected.items()})

    @with_transaction()
    def test_income_statement(self):
        with self.seen(YEAR_END) as cae:
            rows = self.rows(cae, 'income')
            self.assertEqual(list(rows), [
                    'turnover', 'purchases', 'gross_margin', 'contribution',
                    'other', 'available', 'gross_pay',
                    'employer_contributions', 'result', 'brought_forward'])
            self.assertAmounts(
                rows, turnover='1000', purchases='-200', gross_margin='800',
                contribution='-80', other='-60', available='660',
                gross_pay='0', result='660', brought_forward='300')
            self.assertAmounts(
                rows, 'last_amount', turnover='300', gross_margin='300',
                contribution='0', result='300', brought_forward='0')
            self.assertAmounts(
                rows, 'difference', turnover='700', result='360')
            self.assertEqual(rows['gross_margin'].ratio, 0.8)
            self.assertTrue(rows['gross_margin'].total)
            self.assertFalse(rows['turnover'].total)

    @with_transaction()
    def test_some_days(self):
        with self.seen(dt.date(2024, 3, 31), dt.date(2024, 3, 1)) as cae:
            self.assertAmounts(
                self.rows(cae, 'income'), turnover='0', purchases='-200',
                other='-60', contribution='20', brought_forward='1200')

    @with_transaction()
    def test_treasury(self):
        with self.seen(dt.date(2024, 3, 31)) as cae:
            self.assertAmounts(
                self.rows(cae, 'treasury'), cash='520', vat='40',
                dues='0', suppliers='-300', reference='260',
                customers='700', future='960', others='0', result='960')

    @with_transaction()
    def test_balance_sheet(self):
        with self.seen(YEAR_END) as cae:
            self.assertAmounts(
                self.rows(cae, 'balance_sheet'), asset_cash='520',
                asset_customers='700', asset_vat='40', assets='1260',
                brought_forward='300', result='660',
                liability_suppliers='300', liabilities='1260')

    @with_transaction()
    def test_lead_to_their_entries(self):
        "The entries of each line add up to it, those of the cash are all"
        Entry = Pool().get('cae.activity.entry')
        with self.seen(dt.date(2024, 3, 31), dt.date(2024, 3, 1)) as cae:
            all_ = Entry.search([('activity', '=', cae.activity('A1').id)])
            for statement in ['income', 'treasury', 'balance_sheet']:
                for line, row in self.rows(cae, statement).items():
                    with self.subTest(statement=statement, line=line):
                        entries = Entry.search(row.entries_domain())
                        if line in {
                                'cash', 'reference', 'future', 'asset_cash',
                                'liability_cash', 'assets', 'liabilities'}:
                            self.assertEqual(entries, all_)
                            continue
                        balance = sum(
                            (e.debit - e.credit for e in entries), D(0))
                        if (statement == 'income'
                                or line in {'result', 'brought_forward'}
                                or line.startswith('liability_')):
                            balance = -balance
                        self.assertEqual(balance, row.amount)

    @with_transaction()
    def test_open_entries(self):
        "Opening a line, a month or an account opens its entries"
        pool = Pool()
        Open = pool.get('cae.activity.open_entries', type='wizard')
        Entry = pool.get('cae.activity.entry')
        with self.seen(dt.date(2024, 3, 31)) as cae:
            activity = cae.activity('A1').id
            for name, clause, count in [
                    ('statement', ('sequence', '=', 0), 1),
                    ('month', ('month', '=', dt.date(2024, 3, 1)), 6),
                    ('account', ('code', '=', '4011'), 2)]:
                with self.subTest(name=name):
                    record, = pool.get(f'cae.activity.{name}').search(
                        [('activity', '=', activity), clause])
                    session, *_ = Open.create()
                    with Transaction().set_context(
                            active_model=record.__name__,
                            active_id=record.id, active_ids=[record.id]):
                        result = Open.execute(session, {}, 'open_')
                    (action, _), = result['actions']
                    self.assertIn(record.rec_name, action['name'])
                    decoder = PYSONDecoder()
                    with Transaction().set_context(
                            decoder.decode(action['pyson_context'])):
                        entries = Entry.search(
                            decoder.decode(action['pyson_domain']))
                    self.assertEqual(len(entries), count)

    @with_transaction()
    def test_without_entries(self):
        cae = Cae()
        with cae.context():
            for statement in ['income', 'treasury', 'balance_sheet']:
                rows = self.rows(cae, statement)
                self.assertEqual({r.amount for r in rows.values()}, {D(0)})
                self.assertEqual({r.ratio for r in rows.values()}, {None})

    @with_transaction()
    def test_search_statement(self):
        Statement = Pool().get('cae.activity.statement')
        cae = Cae()
        with cae.context():
            activity = ('activity', '=', cae.activity('A1').id)
            for operator, value in [
                    ('!=', 'income'), ('in', ['treasury', 'balance_sheet']),
                    ('not in', ['income'])]:
                rows = Statement.search(
                    [activity, ('statement', operator, value)])
                self.assertEqual(
                    [(r.statement, r.line) for r in rows], [
                        row for row in ROWS.values() if row[0] != 'income'])

    @with_transaction()
    def test_queries_do_not_grow(self):
        Statement = Pool().get('cae.activity.statement')
        with self.seen(YEAR_END) as cae:
            counts = []
            for codes in [['A1'], ['A1'], ['A1', 'A2']]:
                rows = Statement.search([
                        ('activity', 'in', [
                                cae.activity(c).id for c in codes]),
                        ('statement', '=', 'income')])
                with count_queries() as queries:
                    self.assertEqual(
                        sum(r.amount for r in rows if r.line == 'turnover'),
                        1000 * len(codes))
                counts.append(len(queries))
            self.assertEqual(counts[1], counts[2])
