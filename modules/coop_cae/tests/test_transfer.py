# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from collections import defaultdict
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.exceptions import TransferError
from trytond.modules.coop_cae.rules.attribution import Kind, Line
from trytond.modules.coop_cae.rules.transfer import Transfer, transfer
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

A, B, STRUCTURE = 1, 2, 9
cents = st.integers(-10 ** 6, 10 ** 6).map(lambda c: D(c) / 100)
DAY = dt.date(2024, 3, 15)


@st.composite
def lines(draw):
    kind = draw(st.sampled_from(Kind))
    parts = draw(st.dictionaries(
            st.sampled_from([A, B, STRUCTURE]), cents.filter(bool),
            min_size=kind is Kind.INCOME))
    amount = sum(parts.values()) if parts else draw(cents)
    return Line(amount, kind, parts or None)


class TransferRuleTestCase(unittest.TestCase):

    def test_invoice(self):
        invoice = [
            Line(D('-100'), Kind.INCOME, {A: D('-60'), B: D('-40')}),
            Line(D('-20'), Kind.BALANCE, {A: D('-12'), B: D('-8')}),
            Line(D('120'), Kind.BALANCE, {A: D('72'), B: D('48')}),
            ]
        self.assertEqual(list(transfer(invoice, A, B, STRUCTURE)), [
                Transfer(0, D('-60'), {A: D('60')}, {B: D('-60')}),
                Transfer(1, D('-12'), {A: D('12')}, {B: D('-12')}),
                Transfer(2, D('72'), {A: D('-72')}, {B: D('72')}),
                ])

    def test_to_the_structure(self):
        "On the balance sheet the structure is what is left"
        invoice = [
            Line(D('60'), Kind.INCOME, {A: D('60')}),
            Line(D('-60'), Kind.BALANCE, {A: D('-60')}),
            ]
        self.assertEqual(list(transfer(invoice, A, STRUCTURE, STRUCTURE)), [
                Transfer(0, D('60'), {A: D('-60')}, {STRUCTURE: D('60')}),
                Transfer(1, D('-60'), {A: D('60')}, {}),
                ])

    def test_from_the_structure(self):
        paid = [
            Line(D('60'), Kind.INCOME, {STRUCTURE: D('60')}),
            Line(D('12'), Kind.BALANCE),
            Line(D('-72'), Kind.CASH),
            ]
        self.assertEqual(list(transfer(paid, STRUCTURE, A, STRUCTURE)), [
                Transfer(0, D('60'), {STRUCTURE: D('-60')}, {A: D('60')}),
                Transfer(1, D('12'), {}, {A: D('12')}),
                ])

    def test_nothing(self):
        self.assertEqual(list(transfer([
                        Line(D('60'), Kind.INCOME, {A: D('60')}),
                        ], B, A, STRUCTURE)), [])
        with self.assertRaises(ValueError):
            list(transfer([], A, A, STRUCTURE))

    @given(st.lists(lines(), max_size=6))
    def test_source_is_left_with_nothing(self, lines):
        sums = defaultdict(D)
        for line in lines:
            for account, amount in (line.parts or {}).items():
                sums[account] += amount
        before = dict(sums)
        for change in transfer(lines, A, B, STRUCTURE):
            for parts in [change.taken, change.given]:
                for account, amount in parts.items():
                    sums[account] += amount
        cash = sum(
            (line.parts or {}).get(A, 0)
            for line in lines if line.kind is Kind.CASH)
        self.assertEqual(sums[A], cash)
        self.assertEqual(
            sums[B], before.get(B, 0) + before.get(A, 0) - cash)


class TransferTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @with_transaction()
    def test_transfer(self):
        "The other activity has the sale, the customer owes it once"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        cae = Cae()
        with cae.context():
            sale = Move(cae.sell(DAY, '1000.00').move)
            new, = Move.transfer(
                [sale], cae.activity('A1'), cae.activity('A2'),
                dt.date(2024, 4, 2))
            self.assertEqual(Move(new).origin, sale)
            self.assertEqual(Move(new).state, 'posted')
            self.assertEqual(
                {code: base for code, (base, _, _) in
                    cae.contributions(4).items() if base},
                {'A2': D('1000.00')})
            self.assertEqual(
                {code: base for code, (base, _, _) in
                    cae.contributions(3).items() if base},
                {'A1': D('1000.00')})
            self.assertEqual(cae.balance('4111'), D('1000.00'))
            self.assertEqual(cae.balance('706'), D('-1000.00'))
            due, = Line.search([
                    ('account.code', '=', '4111'),
                    ('move.company', '=', cae.company.id),
                    ('reconciliation', '=', None)])
            self.assertEqual(due.move, sale)
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_there_and_back(self):
        Move = Pool().get('account.move')
        cae = Cae()
        with cae.context():
            sale = Move(cae.sell(DAY, '1000.00').move)
            new, = Move.transfer([sale], cae.activity('A1'), None, DAY)
            Move.transfer([Move(new)], None, cae.activity('A1'), DAY)
            bases = {
                code: base
                for code, (base, _, _) in cae.contributions(3).items()}
        self.assertEqual(bases['A1'], D('1000.00'))

    @with_transaction()
    def test_refused(self):
        Move = Pool().get('account.move')
        cae = Cae()
        with cae.context():
            sale = Move(cae.sell(DAY, '1000.00').move)
            for source, target in [
                    (None, None), (cae.activity('A2'), cae.activity('A1'))]:
                with self.assertRaises(TransferError):
                    Move.transfer([sale], source, target, DAY)
