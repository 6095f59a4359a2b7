# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.exceptions import CommitmentError
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
PAYS = [(1, '850.00'), (2, '1420.00'), (3, '1180.00'), (4, '2150.00')]


class CommitmentTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_net_base_and_limits(self):
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            commitment.base, commitment.rate = 'net', D('0.1')
            commitment.save()
            plan, = coop.withhold(1, '1000.00', net='777.77')
            self.assertEqual(plan.base, D('777.77'))
            self.assertEqual((plan.amount, plan.reason), (D('77.78'), None))
            plan, = coop.withhold(2, '1000.00', net='1200.00')
            self.assertEqual((plan.amount, plan.reason),
                (D('100.00'), 'tenth'))
            plan, = coop.withhold(3, '1000.00', net='-20.00')
            self.assertEqual(plan.amount, D(0))

    @with_transaction()
    def test_ceiling_in_money(self):
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            commitment.ceiling_amount = D('20.00')
            commitment.save()
            self.assertEqual(
                [coop.withhold(m, g)[0].amount for m, g in PAYS],
                [D('8.50'), D('11.50'), D(0), D(0)])

    @with_transaction()
    def test_ceiling_in_shares(self):
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            commitment.ceiling_shares = 2
            commitment.save()
            coop.movement(1, day(1, 1))
            self.assertEqual(
                [coop.withhold(m, g)[0].amount for m, g in PAYS],
                [D('8.50'), D('11.50'), D(0), D(0)])
            coop.convert(4)
            self.assertEqual(coop.held()[0], 2)
            self.assertEqual(coop.savings(), D('0.00'))

    @with_transaction()
    def test_planned_before(self):
        "Plans of another month that are not booked yet count for ceilings"
        pool = Pool()
        Commitment = pool.get('coop.share.commitment')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            Commitment.write(Commitment.search([
                        ('party', '=', coop.party().id)]),
                {'ceiling_amount': D('15.00')})
            pays = {coop.party().id: (D('1000.00'), D('1000.00'))}
            first = Withholding.plan(
                coop.company, day(1, 1), day(2, 29), pays)
            second, = Withholding.plan(
                coop.company, day(2, 1), day(2, 29), pays, planned=first)
            self.assertEqual(
                (second.amount, second.reason), (D('5.00'), 'ceiling'))

    @with_transaction()
    def test_two_commitments(self):
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            first, = Commitment.search([('party', '=', coop.party().id)])
            second, = Commitment.copy([first], default={
                    'start_date': day(2, 1), 'rate': D('0.09')})
            plans = coop.withhold(1, '1000.00')
            self.assertEqual([p.amount for p in plans], [D('10.00')])
            plans = coop.withhold(2, '1000.55')
            self.assertEqual(
                [(p.commitment, p.amount) for p in plans],
                [(first.id, D('10.01')), (second.id, D('90.04'))])
            self.assertEqual(
                [p.amount for p in coop.withhold(2, '1000.55')], [D(0)] * 2)

    @with_transaction()
    def test_commitment_that_follows_another(self):
        "What the first one kept back for the month counts"
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            first, = Commitment.search([('party', '=', coop.party().id)])
            coop.withhold(3, '1000.00')
            Commitment.write([first], {'end_date': day(3, 14)})
            Commitment.copy([first], default={
                    'start_date': day(3, 15), 'rate': D('0.03'),
                    'end_date': None})
            plan, = coop.withhold(3, '1000.00')
            self.assertEqual(plan.amount, D('20.00'))

    @with_transaction()
    def test_nothing_without_commitment(self):
        pool = Pool()
        Commitment = pool.get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            Commitment.write(
                Commitment.search([('party', '=', coop.party().id)]),
                {'end_date': day(1, 31)})
            self.assertEqual(len(coop.withhold(1, '1000.00')), 1)
            self.assertEqual(coop.withhold(2, '1000.00'), [])
            self.assertEqual(
                pool.get('coop.share.withholding').plan(
                    coop.company, day(1, 1), day(1, 31), {}), [])

    @with_transaction()
    def test_commitment_rates(self):
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            for values in [{'rate': D('0.11')}, {'rate': D(0)},
                    {'consent_date': None},
                    {'end_date': day(12, 31, 2022)}]:
                with self.assertRaises(UserError), savepoint():
                    Commitment.write([commitment], values)
            with self.assertRaises(CommitmentError), savepoint():
                Commitment.copy([commitment], default={
                        'start_date': day(1, 1), 'rate': D('0.0901')})
            Commitment.copy([commitment], default={
                    'start_date': day(1, 1), 'rate': D('0.09')})

    @with_transaction()
    def test_commitment_of_two_classes(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Commitment = pool.get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            other, = Class.create([{
                        'company': coop.company.id, 'code': 'B',
                        'name': "B"}])
            with self.assertRaises(CommitmentError):
                Commitment.copy([commitment], default={
                        'share_class': other.id, 'start_date': day(1, 1)})

    @with_transaction()
    def test_used_commitment(self):
        "It can be ended, not changed: that would be another consent"
        Commitment = Pool().get('coop.share.commitment')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1000.00')
            commitment, = Commitment.search([
                    ('party', '=', coop.party().id)])
            for values in [
                    {'rate': D('0.02')}, {'base': 'net'},
                    {'ceiling_amount': D(5)}, {'consent_date': day(1, 2)}]:
                with self.assertRaises(CommitmentError):
                    Commitment.write([commitment], values)
            with self.assertRaises(UserError):
                Commitment.delete([commitment])
            Commitment.write([commitment], {'end_date': day(1, 31)})
