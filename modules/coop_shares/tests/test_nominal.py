# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_shares.exceptions import NominalError, ReverseError
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class NominalTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_nominal_change(self):
        "A change of the nominal value is a movement of each holder"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            coop.movement(2, day(3, 16), name='Bob')
            nominal = coop.nominal('15', day(7, 1))
            self.assertEqual(nominal.state, 'posted')
            movements = [
                (m.number, m.type, m.member.party.name, m.quantity, m.nominal,
                    m.amount)
                for m in nominal.movements]
            self.assertEqual(movements, [
                    ('3', 'nominal_change', "Coop Ana", 0, D(15),
                        D('-25.00')),
                    ('4', 'nominal_change', "Coop Bob", 0, D(15),
                        D('-10.00')),
                    ])
            self.assertEqual(set(entry_lines(nominal.movements[0].move)), {
                    ('1013', "Coop Ana", D('25.00'), D(0)),
                    ('1013', "Coop Bob", D('10.00'), D(0)),
                    ('119', None, D(0), D('35.00')),
                    })
            self.assertEqual(coop.held(date=day(6, 30)), (5, D('100.00')))
            self.assertEqual(coop.held(date=day(7, 1)), (5, D('75.00')))
            self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(coop.discrepancies(day(6, 30)), [])
            self.assertEqual(
                coop.movement(1, day(7, 1)).amount, D('15.00'))
            with self.assertRaises(ReverseError):
                Movement.reverse([nominal.movements[0]])

    @with_transaction()
    def test_nominal_rises(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            nominal = coop.nominal('22.50', day(7, 1), account='1063')
            self.assertEqual(set(entry_lines(nominal.movements[0].move)), {
                    ('1063', None, D('12.50'), D(0)),
                    ('1013', "Coop Ana", D(0), D('12.50')),
                    })
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_nominal_needs_account(self):
        Nominal = Pool().get('coop.share.nominal')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            nominal = coop.nominal('15', day(7, 1), post=False)
            Nominal.write([nominal], {'account': None})
            with self.assertRaises(NominalError):
                Nominal.post([nominal])

    @with_transaction()
    def test_nothing_moves_before_a_nominal_change(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            coop.nominal('15', day(7, 1))
            with self.assertRaises(NominalError):
                coop.movement(1, day(6, 30))

    @with_transaction()
    def test_nominal_after_what_moved(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(7, 15))
            with self.assertRaises(NominalError):
                coop.nominal('15', day(7, 15))
            Movement.reverse([movement])
            coop.nominal('15', day(7, 15))
            with self.assertRaises(NominalError):
                coop.nominal('12', day(7, 15))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_reverse_nominal(self):
        Nominal = Pool().get('coop.share.nominal')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            first, = Nominal.search([
                    ('share_class', '=', coop.share_class.id)])
            nominal = coop.nominal('15', day(7, 1))
            with self.assertRaises(NominalError):
                Nominal.reverse([first])
            later = coop.movement(1, day(7, 2))
            with self.assertRaises(NominalError):
                Nominal.reverse([nominal])
            Pool().get('coop.share.movement').reverse([later])
            Nominal.reverse([nominal])
            self.assertEqual(Nominal(nominal.id).state, 'reversed')
            self.assertEqual(coop.held(), (5, D('100.00')))
            self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(coop.movement(1, day(7, 2)).amount, D('20.00'))
            Pool().get('coop.share.movement').reverse([movement])

    @with_transaction()
    def test_posted_nominal_is_immutable(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Nominal = pool.get('coop.share.nominal')
        coop = Coop()
        with coop.context():
            nominal, = Nominal.search([
                    ('share_class', '=', coop.share_class.id)])
            for values in [
                    {'nominal': D(25)}, {'date': day(1, 2)},
                    {'state': 'draft'}, {'decision': "x"}]:
                with self.assertRaises(AccessError):
                    Nominal.write([nominal], values)
            for Model, record in [
                    (Nominal, nominal), (Class, coop.share_class)]:
                with self.assertRaises(AccessError):
                    Model.delete([record])
            with self.assertRaises(AccessError):
                Class.write(
                    [coop.share_class],
                    {'company': Coop('Other').company.id})
            draft = coop.nominal('25', day(1, 5), post=False)
            with self.assertRaises(AccessError):
                Nominal.write([draft], {'state': 'posted'})
            with self.assertRaises(AccessError):
                Nominal.create([{
                            'share_class': coop.share_class.id,
                            'date': day(1, 5), 'nominal': D(25),
                            'state': 'posted'}])
            self.assertEqual(Nominal.copy([nominal])[0].state, 'draft')

    @with_transaction()
    def test_nominal_of_a_class(self):
        Class = Pool().get('coop.share.class')
        coop = Coop()
        with coop.context():
            coop.nominal('15', day(7, 1))
            for date, expected in [
                    (day(12, 31, 2022), None), (day(1, 1, 2023), D(20)),
                    (day(6, 30), D(20)), (day(7, 1), D(15))]:
                self.assertEqual(
                    Class.nominals_at(coop.company, date).get(
                        coop.share_class.id), expected)
            self.assertEqual(coop.share_class.nominal, D('15.00'))
