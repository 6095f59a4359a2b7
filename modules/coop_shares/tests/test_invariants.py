# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, month_end, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
MONTHS = range(1, 5)
NAMES = ['Ana', 'Bob', 'Dan']

months = st.integers(1, 4)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just('withhold'), months, st.sampled_from(NAMES),
            st.decimals(0, 6000, places=2)),
        st.tuples(st.just('convert'), months),
        st.tuples(
            st.just('subscribe'), months, st.sampled_from(NAMES[:2]),
            st.integers(1, 5)),
        st.tuples(
            st.just('reverse_movement'), st.integers(0, 9),
            st.none() | months),
        st.tuples(
            st.just('reverse_withholding'), st.integers(0, 9),
            st.none() | months),
        st.tuples(
            st.just('nominal'), months, st.sampled_from(['15', '22.50']))),
    min_size=1, max_size=12)


class InvariantTestCase(unittest.TestCase):
    "Whatever is done, register and ledger agree and nothing is negative"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @settings(
        deadline=None, max_examples=12,
        suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    @example([
            ('subscribe', 4, 'Ana', 3), ('reverse_movement', 0, 4),
            ('nominal', 1, '15')])
    @with_transaction()
    def test_any_sequence(self, sequence):
        coop = Coop()
        with coop.context():
            for name, *args in sequence:
                try:
                    getattr(self, name)(coop, *args)
                except UserError:
                    # What is refused leaves nothing behind
                    pass
                self.check(coop)

    def withhold(self, coop, month, name, gross):
        coop.withhold(month, gross, name=name)

    def convert(self, coop, month):
        coop.convert(month)

    def subscribe(self, coop, month, name, quantity):
        coop.movement(quantity, day(month, 15), name=name)

    def nominal(self, coop, month, value):
        coop.nominal(value, day(month, 20))

    def reverse_movement(self, coop, index, month):
        self._reverse('coop.share.movement', index, month)

    def reverse_withholding(self, coop, index, month):
        self._reverse('coop.share.withholding', index, month)

    def _reverse(self, name, index, month):
        Document = Pool().get(name)
        documents = Document.search(
            [('state', '=', 'posted')], order=[('id', 'ASC')])
        if documents:
            Document.reverse(
                [documents[index % len(documents)]],
                date=month and month_end(month))

    def check(self, coop):
        Movement = Pool().get('coop.share.movement')
        movements = Movement.search([('state', '=', 'posted')])
        self.assertEqual(
            [m.number for m in movements],
            [str(i) for i in range(1, len(movements) + 1)])
        for date in [
                *(day(m, 15) for m in MONTHS), *map(month_end, MONTHS),
                day(12, 31)]:
            self.assertEqual(coop.discrepancies(date), [])
            self.check_holdings(coop, movements, date)
            for name in NAMES:
                self.assertGreaterEqual(coop.savings(name, date), 0)

    def check_holdings(self, coop, movements, date):
        "What is held is the sum of the movements, replayed one by one"
        Movement = Pool().get('coop.share.movement')
        held = Counter()
        for movement in movements:
            if movement.date <= date:
                held[movement.member.id] += movement.quantity
        self.assertTrue(all(q >= 0 for q in held.values()))
        self.assertEqual({
                member: quantity for (member, _), (quantity, _)
                in Movement.holdings(coop.company, date).items()
                if quantity}, {m: q for m, q in held.items() if q})
