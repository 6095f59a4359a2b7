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
OPERATIONS = [
    'coop.share.exit', 'coop.share.nominal', 'coop.share.transfer']

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
            st.just('transfer'), months, st.sampled_from(NAMES[:2]),
            st.integers(1, 5)),
        st.tuples(
            st.just('withdraw'), months, st.sampled_from(NAMES[:2]),
            st.integers(1, 5)),
        st.tuples(st.just('leave'), months, st.sampled_from(NAMES[:2])),
        st.tuples(
            st.just('reverse_operation'), st.sampled_from(OPERATIONS),
            st.integers(0, 9)),
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
        deadline=None, max_examples=15,
        suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    @example([
            ('subscribe', 4, 'Ana', 3), ('reverse_movement', 0, 4),
            ('nominal', 1, '15')])
    @example([
            ('subscribe', 1, 'Ana', 5), ('subscribe', 1, 'Bob', 5),
            ('transfer', 2, 'Ana', 3), ('withdraw', 3, 'Bob', 4),
            ('leave', 4, 'Ana'), ('reverse_operation', 'coop.share.exit', 0),
            ('reverse_operation', 'coop.share.transfer', 0)])
    @example([
            ('withhold', 1, 'Ana', D(4000)), ('convert', 1),
            ('subscribe', 1, 'Bob', 5), ('withhold', 2, 'Ana', D(1500)),
            ('leave', 3, 'Ana'), ('nominal', 4, '15'),
            ('leave', 4, 'Bob')])
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

    def transfer(self, coop, month, name, quantity):
        Transfer = Pool().get('coop.share.transfer')
        other = 'Bob' if name == 'Ana' else 'Ana'
        date = day(month, 17)
        self.post(Transfer, {
                'company': coop.company.id, 'date': date, 'kind': 'gift',
                'member': coop.member(name).id,
                'to_member': coop.member(other).id,
                'share_class': coop.share_class.id, 'quantity': quantity,
                'decision_date': date})

    def withdraw(self, coop, month, name, quantity):
        self.leave(
            coop, month, name, kind='withdrawal', quantity=quantity,
            share_class=coop.share_class.id)

    def leave(self, coop, month, name, **values):
        Exit = Pool().get('coop.share.exit')
        date = day(month, 19)
        self.post(Exit, {
                'company': coop.company.id, 'kind': 'resignation',
                'member': coop.member(name).id, 'request_date': date,
                'date': date, **values})
        Exit.value(Exit.search([('state', '=', 'posted')]))

    def post(self, Operation, values):
        operation, = Operation.create([values])
        try:
            Operation.post([operation])
        except UserError:
            Operation.delete([operation])
            raise

    def reverse_operation(self, coop, name, index):
        Operation = Pool().get(name)
        operations = Operation.search(
            [('state', '=', 'posted')], order=[('id', 'ASC')])
        if operations:
            Operation.reverse([operations[index % len(operations)]])

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
            self.check_lots(coop, movements, date)
        self.check_floor(coop, movements)

    def check_lots(self, coop, movements, date):
        "So are the lots, which are those that are held"
        Movement = Pool().get('coop.share.movement')
        held = Counter()
        for movement in movements:
            if movement.date <= date:
                held[movement.lot.id] += movement.quantity
        self.assertEqual(
            {lot.id: lot.quantity for lot in Movement.lots(
                    coop.company, date)},
            {id_: q for id_, q in held.items() if q})

    def check_floor(self, coop, movements):
        "Refunds leave a quarter of the highest capital ever reached"
        if any(m.type == 'nominal_change' for m in movements):
            # What losses take is no refund
            return
        capital, reached = D(0), D(0)
        changes = Counter()
        for movement in movements:
            changes[(movement.reversal_of or movement).date] += movement.amount
        for date in sorted(changes):
            capital += changes[date]
            reached = max(reached, capital)
            self.assertGreaterEqual(capital * 4, reached)

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
