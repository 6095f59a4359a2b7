# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.modules.coop_shares.exceptions import (
    HoldingError, PostError, ReverseError, TransferError)
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class TransferTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def transfer(self, coop, quantity, date, post=True, **values):
        Transfer = Pool().get('coop.share.transfer')
        transfer, = Transfer.create([{
                    'company': coop.company.id, 'date': date, 'kind': 'sale',
                    'member': coop.member('Ana').id,
                    'to_member': coop.member('Bob').id,
                    'share_class': coop.share_class.id,
                    'quantity': quantity, 'decision_date': date,
                    **values}])
        if post:
            Transfer.post([transfer])
        return Transfer(transfer.id)

    def second_class(self, coop, nominal, account=None):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Nominal = pool.get('coop.share.nominal')
        class_, = Class.create([{
                    'company': coop.company.id, 'code': 'B', 'name': "B",
                    'capital_account': account}])
        Nominal.post(Nominal.create([{
                        'share_class': class_.id, 'date': day(1, 1, 2023),
                        'nominal': D(nominal)}]))
        return class_

    def of_class(self, coop, class_, name='Ana'):
        Movement = Pool().get('coop.share.movement')
        return Movement.holdings(coop.company).get(
            (coop.member(name).id, class_.id), (0, D(0)))

    @with_transaction()
    def test_lots_follow(self):
        "The oldest shares go first, with the day they were subscribed"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            coop.movement(3, day(2, 1))
            coop.movement(5, day(1, 10))
            transfer = self.transfer(coop, 6, day(6, 1))
            self.assertEqual(transfer.state, 'posted')
            self.assertEqual(coop.held(), (2, D('40.00')))
            self.assertEqual(coop.held('Bob'), (6, D('120.00')))
            self.assertEqual([
                    (lot.since, lot.quantity, lot.amount)
                    for lot in Movement.lots(
                        coop.company, member=coop.member('Bob'))],
                [(day(1, 10), 5, D('100.00')), (day(2, 1), 1, D('20.00'))])
            self.assertEqual([
                    (lot.since, lot.quantity)
                    for lot in Movement.lots(
                        coop.company, member=coop.member('Ana'))],
                [(day(2, 1), 2)])
            self.assertEqual([
                    (m.number, m.member.party.name, m.quantity)
                    for m in transfer.movements], [
                    ('3', 'Coop Ana', -5), ('4', 'Coop Bob', 5),
                    ('5', 'Coop Ana', -1), ('6', 'Coop Bob', 1)])
            move, = {m.move for m in transfer.movements}
            self.assertEqual(move.origin, transfer)
            self.assertEqual(entry_lines(move), [
                    ('1013', 'Coop Ana', D(120), D(0)),
                    ('1013', 'Coop Bob', D(0), D(120))])
            self.assertEqual(coop.balance('1013'), D('160.00'))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_chosen_lot(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            lot = coop.movement(3, day(2, 1))
            with self.assertRaises(TransferError):
                self.transfer(coop, 4, day(6, 1), lot=lot.id)
            transfer = self.transfer(coop, 3, day(6, 1), lot=lot.id)
            self.assertEqual(
                {m.since for m in transfer.movements}, {day(2, 1)})

    @with_transaction()
    def test_after_nominal(self):
        "What a lot is in the capital goes with it, whatever it was bought at"
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            coop.nominal('15', day(3, 1))
            before = coop.balance('1013')
            self.transfer(coop, 2, day(6, 1))
            self.assertEqual(coop.held(), (3, D('45.00')))
            self.assertEqual(coop.held('Bob'), (2, D('30.00')))
            self.assertEqual(coop.balance('1013'), before)
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_refused(self):
        Transfer = Pool().get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 10))
            with self.assertRaisesRegex(TransferError, "holds 0 shares"):
                self.transfer(coop, 5, day(3, 9))
            with self.assertRaisesRegex(TransferError, "decision"):
                self.transfer(coop, 5, day(6, 1), decision_date=None)
            with self.assertRaisesRegex(TransferError, "decision"):
                self.transfer(coop, 5, day(6, 1), decision_date=day(6, 2))
            bob = coop.member('Bob')
            bob.exit_date = day(5, 31)
            bob.save()
            with self.assertRaises(PostError):
                self.transfer(coop, 5, day(6, 1))
            self.assertFalse(Transfer.search([('state', '!=', 'draft')]))
            self.assertEqual(coop.held(), (5, D('100.00')))

    @with_transaction()
    def test_not_twice(self):
        "What goes later is not there to go before"
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            self.transfer(coop, 4, day(6, 1))
            with self.assertRaises(HoldingError):
                self.transfer(coop, 2, day(5, 1))
            self.transfer(coop, 1, day(5, 1))

    @with_transaction()
    def test_reverse(self):
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Transfer = pool.get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            subscription = coop.movement(5, day(1, 10))
            transfer = self.transfer(coop, 5, day(6, 1))
            with self.assertRaises(ReverseError):
                Movement.reverse(transfer.movements[:1])
            with self.assertRaises(HoldingError):
                Movement.reverse([subscription])
            Transfer.reverse([transfer])
            self.assertEqual(transfer.state, 'reversed')
            self.assertEqual(coop.held(), (5, D('100.00')))
            self.assertEqual(coop.held('Bob'), (0, D(0)))
            self.assertEqual(
                len({m.reversed_by.move for m in transfer.movements}), 1)
            self.assertEqual(coop.discrepancies(), [])
            Movement.reverse([subscription])
            self.assertEqual(coop.balance('1013'), D(0))

    @with_transaction()
    def test_reverse_after(self):
        "A transfer stays while its shares have gone on"
        Transfer = Pool().get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            first = self.transfer(coop, 5, day(6, 1))
            second = self.transfer(
                coop, 5, day(7, 1), member=coop.member('Bob').id,
                to_member=coop.member('Cleo').id)
            with self.assertRaises(HoldingError):
                Transfer.reverse([first])
            Transfer.reverse([second, first])
            self.assertEqual(coop.held(), (5, D('100.00')))

    @with_transaction()
    def test_change_of_class(self):
        coop = Coop()
        with coop.context():
            a = coop.share_class
            coop.movement(6, day(1, 10))
            b = self.second_class(coop, '15')
            values = {
                'kind': 'class_change', 'to_member': None, 'to_class': b.id,
                'share_class': a.id}
            with self.assertRaisesRegex(TransferError, "no whole number"):
                self.transfer(coop, 4, day(6, 1), **values)
            transfer = self.transfer(coop, 3, day(6, 1), **values)
            self.assertEqual(self.of_class(coop, a), (3, D('60.00')))
            self.assertEqual(self.of_class(coop, b), (4, D('60.00')))
            # Both are in the same account
            self.assertFalse({m.move for m in transfer.movements} - {None})
            self.assertEqual(coop.balance('1013', 'Ana'), D('120.00'))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_class_with_its_account(self):
        coop = Coop()
        with coop.context():
            a = coop.share_class
            coop.movement(6, day(1, 10))
            account, = Pool().get('account.account').copy(
                [coop.account('1013')],
                default={'code': '10131', 'name': "Capital B"})
            b = self.second_class(coop, '20', account.id)
            transfer = self.transfer(
                coop, 2, day(6, 1), kind='class_change', to_member=None,
                to_class=b.id, share_class=a.id)
            move, = {m.move for m in transfer.movements}
            self.assertEqual(entry_lines(move), [
                    ('1013', 'Coop Ana', D(40), D(0)),
                    ('10131', 'Coop Ana', D(0), D(40))])
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_sealed(self):
        Transfer = Pool().get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            transfer = self.transfer(coop, 5, day(6, 1))
            for values in [{'quantity': 1}, {'state': 'draft'}]:
                with self.assertRaises(AccessError):
                    Transfer.write([transfer], values)
            with self.assertRaises(AccessError):
                Transfer.delete([transfer])
            copy, = Transfer.copy([transfer])
            self.assertEqual((copy.state, copy.movements), ('draft', ()))

    @with_transaction()
    def test_queries(self):
        "Their number does not depend on the lots"
        coop = Coop()
        with coop.context():
            counts = []
            for number in [2, 20]:
                for i in range(number):
                    coop.movement(1, day(1, 1 + i))
                transfer = self.transfer(
                    coop, number, day(6, 1), post=False)
                with count_queries() as queries:
                    transfer.__class__.post([transfer])
                counts.append(len(queries))
            self.assertLessEqual(counts[1], counts[0])
