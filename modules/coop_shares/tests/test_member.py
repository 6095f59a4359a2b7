# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.exceptions import MemberError
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class MemberTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_member_numbers(self):
        pool = Pool()
        Member = pool.get('coop.member')
        Party = pool.get('party.party')
        coop, other = Coop(), Coop('Other')
        with coop.context():
            self.assertEqual(
                [coop.member(n).number for n in ['Ana', 'Bob', 'Cleo']],
                ['1', '2', '3'])
            candidates = Member.create([{
                        'company': coop.company.id, 'party': p.id,
                        'admission_date': date,
                        } for p, date in zip(
                        Party.create([{}, {}]), [day(5, 1), day(4, 1)])])
            Member.admit(candidates)
            self.assertEqual([m.number for m in candidates], ['5', '4'])
        with other.context():
            self.assertEqual(other.member().number, '1')

    @with_transaction()
    def test_admission_needs_a_date(self):
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            member, = Member.create([{
                        'company': coop.company.id,
                        'party': coop.party('Dan').id}])
            with self.assertRaises(UserError):
                Member.admit([member])
            self.assertFalse(member.is_member(day(1, 1)))
            Member.delete([member])

    @with_transaction()
    def test_numbered_member_stays(self):
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            member = coop.member()
            with self.assertRaises(MemberError):
                Member.delete([member])
            for values in [
                    {'number': '9'}, {'number': None},
                    {'party': coop.party('Dan').id},
                    {'company': Coop('Other').company.id}]:
                with self.assertRaises(MemberError):
                    Member.write([member], values)
            copy, = Member.copy([member])
            self.assertIsNone(copy.number)

    @with_transaction()
    def test_one_membership_at_a_time(self):
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            values = {
                'company': coop.company.id, 'party': coop.party().id,
                'admission_date': day(4, 1)}
            with self.assertRaises(UserError), savepoint():
                Member.create([values])
            Member.write([coop.member()], {'exit_date': day(3, 31)})
            again, = Member.create([values])
            Member.admit([again])
            self.assertEqual(again.number, '4')
            self.assertEqual(
                [m.number for m in Member.members_at(
                        coop.company, day(3, 31))], ['1', '2', '3'])
            self.assertEqual(
                [m.number for m in Member.members_at(
                        coop.company, day(4, 1))], ['2', '3', '4'])

    @with_transaction()
    def test_member_figures(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            coop.withhold(3, '1000.00')
            coop.withhold(3, '1500.00', name='Bob')
            ana, bob, cleo = Pool().get('coop.member').browse([
                    coop.member(n) for n in ['Ana', 'Bob', 'Cleo']])
            self.assertEqual(
                [(m.shares, m.amount, m.savings) for m in [ana, bob, cleo]],
                [(5, D('100.00'), D('10.00')), (0, D(0), D('15.00')),
                    (0, D(0), D(0))])

    @with_transaction()
    def test_holdings_list(self):
        Holding = Pool().get('coop.share.holding')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            coop.movement(2, day(4, 15), name='Bob')
            for date, expected in [
                    (day(3, 14), []), (day(3, 31), [5]), (day(4, 15), [5, 2]),
                    (None, [5, 2])]:
                with Transaction().set_context(date=date):
                    self.assertEqual(
                        [h.quantity for h in Holding.search([])], expected)
