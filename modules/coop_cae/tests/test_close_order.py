# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Months closed, undone and closed again in any order."""
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
YEAR_END = dt.date(2024, 12, 31)
MONTHS = 4


def day(month, day_=20):
    return dt.date(2024, month, day_)


sales = st.tuples(
    st.just('sell'), st.integers(1, MONTHS),
    st.integers(-100000, 100000).map(lambda c: D(c) / 100),
    st.sampled_from(['A1', 'A2']))
closes = st.tuples(st.just('close'), st.integers(1, MONTHS))
steps = st.lists(
    st.one_of(sales, sales, closes, closes, st.tuples(st.just('undo'))),
    min_size=5, max_size=12)


class CloseOrderTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def states(self, cae, date=YEAR_END):
        "Return the states of the months by their number"
        CompanyMonth = Pool().get('cae.company.month')
        with Transaction().set_context(month_date=date):
            return {
                m.start_date.month: m.state for m in CompanyMonth.search(
                    [('company', '=', cae.company.id)])}

    def booked(self, cae, month):
        return {
            a: booked for a, (_, _, booked) in
            cae.contributions(month).items()}

    def late_sale(self, cae):
        """Close the year, then enter a sale of November and close December
        again"""
        cae.sell(day(2), '1845.50')
        for month in range(1, 13):
            self.assertFalse(cae.close(month).faults)
        cae.sell(day(11), '5000.00')
        self.assertEqual(self.states(cae)[11], 'late')
        cae.close(12)
        self.assertEqual(self.booked(cae, 12)['A1'], D('684.55'))
        self.assertEqual(set(self.states(cae).values()), {'closed'})

    @with_transaction()
    def test_earlier_month_again(self):
        "December has booked the sale of November: it is not booked twice"
        cae = Cae()
        with cae.context():
            self.late_sale(cae)
            result = cae.close(11)
            self.assertIsNotNone(result.close)
            self.assertEqual(
                [(c.period.start_date.month, [
                            (b.activity.code, b.amount)
                            for b in c.contributions])
                    for c in [result.close, *result.again]],
                [(11, [('A1', D('500.00'))]), (12, [('A1', D('-500.00'))])])
            self.assertEqual(len(result.text.splitlines()), 2)
            self.assertEqual(self.booked(cae, 11)['A1'], D('684.55'))
            self.assertEqual(self.booked(cae, 12)['A1'], D('684.55'))
            self.assertEqual(cae.discrepancies(), [])
            self.assertEqual(set(self.states(cae).values()), {'closed'})
            for month in [11, 12]:
                self.assertIsNone(cae.close(month).close)

    @with_transaction()
    def test_preview_of_earlier_month(self):
        CloseMonth = Pool().get('cae.close_month', type='wizard')
        cae = Cae()
        with cae.context():
            self.late_sale(cae)
            session_id, _, _ = CloseMonth.create()
            wizard = CloseMonth(session_id)
            wizard.start.company = cae.company
            wizard.start.period = cae.period(11)
            preview = wizard.default_preview([])
            november, december = preview['lines']
            self.assertEqual(november['amount'], D('500.00'))
            self.assertEqual(december['amount'], D('-500.00'))
            self.assertIn(cae.period(12).rec_name, december['subject'])
            self.assertEqual(preview['contribution'], 0)
            wizard.preview.skip_faults = False
            wizard.transition_close()
            self.assertEqual(
                len(wizard.default_result([])['text'].splitlines()), 2)

    @with_transaction()
    def test_later_month_is_closed_for_good(self):
        "What would change a closed accounting period is refused"
        Period = Pool().get('account.period')
        cae = Cae()
        with cae.context():
            self.late_sale(cae)
            Period.close([cae.period(12)])
            result = cae.close(11, skip_faults=True)
            self.assertIsNone(result.close)
            fault, = result.faults
            self.assertIn(cae.period(12).rec_name, fault.message)
            self.assertEqual(self.booked(cae, 12)['A1'], D('684.55'))

    @with_transaction()
    def test_check_sees_what_is_not_due(self):
        "A contribution that is reversed behind the close is seen"
        Move = Pool().get('account.move')
        cae = Cae()
        with cae.context():
            cae.sell(day(1), '1000.00')
            close = cae.close(1).close
            self.assertEqual(cae.discrepancies(), [])
            Move.reverse_entries(list(close.moves))
            found, = cae.discrepancies()
            self.assertEqual(
                (found.check, found.expected, found.found),
                ('contribution_due', D('100.00'), D('0.00')))
            self.assertIn('A1', found.subject)
            self.assertEqual(self.states(cae)[1], 'late')
            cae.close(1)
            self.assertEqual(cae.discrepancies(), [])
            self.assertEqual(self.states(cae)[1], 'closed')
            # An entry that no close has seen yet is no discrepancy
            cae.sell(day(1), '50.00')
            self.assertEqual(cae.discrepancies(), [])

    @settings(
        max_examples=5, deadline=None, derandomize=True,
        phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @example([
            ('close', 1), ('close', 2), ('sell', 1, D('5000.00'), 'A1'),
            ('close', 2), ('close', 1), ('undo',), ('close', 1)])
    @given(steps)
    def test_any_order(self, steps):
        """Whatever is done in whatever order, months that are not at what is
        due say so, and a close mends what it can"""
        self._do(steps)

    @with_transaction()
    def _do(self, steps):
        cae = Cae()
        with cae.context():
            for step in steps:
                done = getattr(self, f'_{step[0]}')(cae, *step[1:])
                self._check(cae, done and done.close and step[1])
            for month in range(1, MONTHS + 1):
                cae.close(month)
            self._check(cae, MONTHS)
            self.assertNotIn('late', self.states(cae).values())

    def _sell(self, cae, month, amount, activity):
        if amount:
            cae.sell(day(month), amount, activity)

    def _close(self, cae, month):
        return cae.close(month)

    def _undo(self, cae):
        Close = Pool().get('cae.close')
        if closes := Close.search([
                    ('company', '=', cae.company.id), ('state', '=', 'done'),
                    ], order=[('period.start_date', 'ASC')]):
            if closes[0].period != closes[-1].period:
                with self.assertRaises(UserError):
                    closes[0].undo()
            closes[-1].undo()

    def _check(self, cae, closed):
        states = self.states(cae)
        months = [
            i for i, state in states.items() if state in {'closed', 'late'}]
        if not months:
            return
        self.assertEqual(cae.discrepancies(), [])
        due = cae.contributions(max(months))
        if any(d != booked for _, d, booked in due.values()):
            self.assertIn('late', states.values())
        if closed:
            # What the month owes is booked until its end
            for _, d, booked in cae.contributions(closed).values():
                self.assertEqual(d, booked)
