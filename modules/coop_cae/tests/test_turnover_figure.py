# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from unittest.mock import patch

from trytond.modules.coop_cae.activity_split import read_splits
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

from .tools import Cae, set_up_cae

D = dt.date
START, END = D(2024, 1, 1), D(2024, 12, 31)


class TurnoverFigureTestCase(unittest.TestCase):
    "The turnover of people who run an activity together"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def agree(self, cae, start, activity='A2', **split):
        "Sign a split of an activity, as of its first day"
        Agreement = Pool().get('cae.activity.agreement')
        with patch('trytond.ir.date.Date.today', return_value=start):
            agreement, = Agreement.create([{
                        'activity': cae.activity(activity).id,
                        'start_date': start,
                        'signature': 'to_sign', 'signed_on': start,
                        'taken_over': True,
                        'shares': [('create', [{
                                        'entrepreneur': cae.person(code).id,
                                        'ratio': Decimal(ratio),
                                        } for code, ratio in split.items()])],
                        }])
            Agreement.sign([agreement])
        return Agreement(agreement.id)

    def turnover(self, cae, start=START, end=END):
        "Return the activities and the turnover by person"
        Figure = Pool().get('cae.turnover.figure')
        with Transaction().set_context(
                figure_start=start, figure_end=end,
                _companies=[cae.company.id]):
            return {
                f.value: (f.activities, f.turnover)
                for f in Figure.search([
                        ('kind', '=', 'person'), ('of_group', '=', False)])}

    def prepare(self, cae):
        "Ana runs it alone until April, then with Luc; from September he is"
        Link = Pool().get('cae.activity.entrepreneur')
        first, second = cae.activity('A2').entrepreneurs
        Link.delete([second])
        Link.write([first], {'ratio': Decimal(1)})
        for month, amount in [(2, 100), (3, 50), (4, 200), (9, 1000)]:
            cae.sell(D(2024, month, 1), amount, 'A2')
        return (
            self.agree(cae, D(2024, 3, 1), E1='0.7', E2='0.3'),
            self.agree(cae, D(2024, 9, 1), E1='0.25', E2='0.75'))

    @with_transaction()
    def test_R7331_6_by_date(self):
        "Each sale is split as was agreed on its day"
        cae = Cae()
        with cae.context():
            first, second = self.prepare(cae)
            self.assertEqual(
                [(s.entrepreneur.code, s.ratio) for s in first.shares_before],
                [('E1', 1)])
            self.assertEqual(len(first.shares), 2)
            self.assertFalse(second.shares_before)
            Ana, Luc = (cae.person(c).rec_name for c in ['E1', 'E2'])
            self.assertEqual(self.turnover(cae), {
                    Ana: (1, Decimal('525.00')), Luc: (1, Decimal('825.00'))})
            self.assertEqual(self.turnover(cae, end=D(2024, 2, 29)), {
                    Ana: (1, Decimal('100.00'))})
            self.assertEqual(
                self.turnover(cae, D(2024, 3, 1), D(2024, 4, 1)), {
                    Ana: (1, Decimal('175.00')), Luc: (1, Decimal('75.00'))})

    @with_transaction()
    def test_applied_again(self):
        "What was there before is kept once, and not copied"
        Agreement = Pool().get('cae.activity.agreement')
        cae = Cae()
        with cae.context():
            first, _ = self.prepare(cae)
            with patch('trytond.ir.date.Date.today',
                    return_value=D(2024, 3, 15)):
                Agreement.apply()
            self.assertEqual(len(Agreement(first.id).shares_before), 1)
            copy, = Agreement.copy([first])
            self.assertEqual(
                (len(copy.shares), len(copy.shares_before)), (2, 0))

    @with_transaction()
    def test_queries(self):
        "The queries are the same for any number of activities and agreements"
        cae = Cae()
        with cae.context():
            self.prepare(cae)
            self.turnover(cae)
            with count_queries() as few:
                self.turnover(cae)
            self.agree(cae, D(2024, 5, 1), 'A1', E1='0.5', E2='0.5')
            self.agree(cae, D(2024, 6, 1), 'A1', E1='0.4', E2='0.6')
            cae.sell(D(2024, 6, 1), 10, 'A1')
            self.turnover(cae)
            with count_queries() as many:
                found = self.turnover(cae)
            self.assertEqual(len(few), len(many))
            self.assertEqual(found[cae.person('E1').rec_name][0], 2)

    @with_transaction()
    def test_nobody(self):
        "An activity that nobody runs has no split"
        cae = Cae()
        with cae.context():
            activity = cae.activity('A1')
            self.assertEqual(
                read_splits(cae.company, START, END)[activity.id],
                [(START, END, [(cae.person('E1').id, Decimal(1))])])
            self.assertEqual(
                read_splits(cae.company, START, END)[-1], [(START, END, [])])
