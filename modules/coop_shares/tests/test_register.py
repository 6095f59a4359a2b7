# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.coop_shares.exceptions import (
    HoldingError, MoveError, PostError, ReverseError)
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class RegisterTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_subscription(self):
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            self.assertEqual(movement.state, 'posted')
            self.assertEqual(movement.number, '1')
            self.assertEqual(movement.nominal, D('20.00'))
            self.assertEqual(movement.amount, D('100.00'))
            self.assertEqual(movement.posted_by.login, 'admin')
            self.assertTrue(movement.posted_at)
            self.assertEqual(set(entry_lines(movement.move)), {
                    ('4563', "Coop Ana", D('100.00'), D(0)),
                    ('1013', "Coop Ana", D(0), D('100.00')),
                    })
            move = movement.move
            self.assertEqual(
                (move.state, move.date, move.origin, move.journal.code),
                ('posted', day(3, 15), movement, 'PARTS'))
            self.assertEqual(coop.held(), (5, D('100.00')))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_opening_has_no_entry(self):
        coop = Coop()
        with coop.context():
            movement = coop.movement(3, day(1, 1), type='opening')
            self.assertIsNone(movement.move)
            difference, = coop.discrepancies()
            self.assertEqual(
                (difference.check, difference.party, difference.expected,
                    difference.found),
                ('capital', coop.party(), D('60.00'), D(0)))

    @with_transaction()
    def test_holding_at_a_date(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 15))
            coop.movement(2, day(2, 15))
            coop.movement(1, day(4, 15), name='Bob')
            self.assertEqual(coop.held(date=day(2, 14)), (0, D(0)))
            self.assertEqual(coop.held(date=day(2, 15)), (2, D('40.00')))
            self.assertEqual(coop.held(date=day(3, 15)), (7, D('140.00')))
            self.assertEqual(coop.held('Bob'), (1, D('20.00')))

    @with_transaction()
    def test_numbers_without_gaps(self):
        "Numbers follow the order of posting, by company"
        Movement = Pool().get('coop.share.movement')
        coop, other = Coop(), Coop('Other')
        with coop.context():
            drafts = [
                coop.movement(1, day(3, d), name=name, post=False)
                for d, name in [(15, 'Ana'), (10, 'Bob'), (12, 'Cleo')]]
            Movement.post(drafts)
            with other.context():
                self.assertEqual(other.movement(1, day(1, 5)).number, '1')
            with self.assertRaises(UserError):
                coop.movement(1, day(1, 5, 2022))
            coop.movement(1, day(1, 5))
            self.assertEqual(
                [(m.number, m.date) for m in Movement.search(
                        [('company', '=', coop.company.id),
                            ('state', '=', 'posted')])],
                [('1', day(3, 10)), ('2', day(3, 12)), ('3', day(3, 15)),
                    ('4', day(1, 5))])

    @with_transaction()
    def test_refused_takes_no_number(self):
        Movement = Pool().get('coop.share.movement')
        Sequence = Pool().get('ir.sequence.strict')
        coop = Coop()
        with coop.context():
            movement = coop.movement(1, day(1, 5), post=False)
            sequence, = Sequence.search([
                    ('company', '=', coop.company.id),
                    ('sequence_type.name', '=', "Share Movement")])
            Movement.write([movement], {'date': day(1, 5, 2030)})
            with self.assertRaises(UserError):
                Movement.post([movement])
            self.assertEqual(movement.state, 'draft')
            self.assertIsNone(movement.number)
            self.assertEqual(sequence.number_next, 1)

    @with_transaction()
    def test_reverse(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            reversal, = Movement.reverse(
                [movement], description="Entered twice")
            movement = Movement(movement.id)
            self.assertEqual(reversal.number, '2')
            self.assertEqual(reversal.type, 'reversal')
            self.assertEqual(reversal.state, 'posted')
            self.assertEqual(reversal.date, day(3, 15))
            self.assertEqual(reversal.reversal_of, movement)
            self.assertEqual(movement.reversed_by, reversal)
            self.assertEqual(
                (reversal.quantity, reversal.amount), (-5, D('-100.00')))
            self.assertEqual(set(entry_lines(reversal.move)), {
                    ('4563', "Coop Ana", D(0), D('100.00')),
                    ('1013', "Coop Ana", D('100.00'), D(0)),
                    })
            self.assertEqual(reversal.move.origin, reversal)
            self.assertEqual(coop.held(), (0, D(0)))
            self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(
                Movement.search([('reversed_by', '=', None)]), [reversal])
            self.assertEqual(
                Movement.search([('reversed_by', '!=', None)]), [movement])
            for again in [movement, reversal]:
                with self.assertRaises(ReverseError):
                    Movement.reverse([again])

    @with_transaction()
    def test_reverse_at_another_date(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            with self.assertRaises(ReverseError):
                Movement.reverse([movement], date=day(3, 14))
            reversal, = Movement.reverse([movement], date=day(4, 1))
            self.assertEqual(reversal.move.date, day(4, 1))
            self.assertEqual(coop.held(date=day(3, 31)), (5, D('100.00')))
            self.assertEqual(coop.held(date=day(4, 1)), (0, D(0)))
            self.assertEqual(coop.discrepancies(day(3, 31)), [])

    @with_transaction()
    def test_reverse_draft(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            with self.assertRaises(ReverseError):
                Movement.reverse([coop.movement(1, day(3, 1), post=False)])

    @with_transaction()
    def test_reverse_opening(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(3, day(1, 1), type='opening')
            reversal, = Movement.reverse([movement])
            self.assertIsNone(reversal.move)
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_holding_never_negative(self):
        "Not at any date, whatever comes later"
        coop = Coop()
        with coop.context():
            Movement = Pool().get('coop.share.movement')
            movement = coop.movement(5, day(3, 15))
            sale = coop.movement(-3, day(5, 1), post=False)
            with self.assertRaises(PostError):
                Movement.post([sale])
            # As what takes shares away
            Movement._post(coop.company, Movement._insert([{
                            'company': coop.company.id, 'type': 'reversal',
                            'date': day(5, 1), 'member': coop.member().id,
                            'share_class': coop.share_class.id,
                            'lot': movement.id, 'since': movement.date,
                            'quantity': -3, 'nominal': D(20),
                            'amount': D(-60)}]))
            with self.assertRaises(HoldingError):
                Movement.reverse([movement])
            # Nor does another lot make up for it
            coop.movement(3, day(4, 1))
            with self.assertRaises(HoldingError):
                Movement.reverse([movement])
            self.assertEqual(coop.held()[0], 5)

    @with_transaction()
    def test_not_member(self):
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            Member.write([coop.member()], {'exit_date': day(3, 31)})
            coop.movement(1, day(3, 31))
            with self.assertRaises(PostError):
                coop.movement(1, day(4, 1))
            with self.assertRaises(UserError):
                Member.write([coop.member()], {'exit_date': day(3, 30)})
            with self.assertRaises(UserError):
                Member.write([coop.member()], {'admission_date': day(4, 1)})

    @with_transaction()
    def test_quantity_and_type(self):
        coop = Coop()
        with coop.context():
            for quantity, type_ in [
                    (0, 'subscription'), (-1, 'opening'), (1, 'conversion'),
                    (1, 'reversal'), (0, 'nominal_change')]:
                with self.subTest(quantity=quantity, type=type_):
                    with self.assertRaises(PostError):
                        coop.movement(quantity, day(3, 1), type=type_)

    # Immutability

    @with_transaction()
    def test_nobody_changes_a_posted_movement(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            for values in [
                    {'quantity': 6}, {'description': "x"}, {'state': 'draft'},
                    {'number': None}, {'move': None}, {'decision': "x"},
                    {'company': Coop('Other').company.id}]:
                with self.subTest(values=values):
                    with self.assertRaises(AccessError):
                        Movement.write([movement], values)
            with self.assertRaises(AccessError):
                Movement.delete([movement])
            movement.quantity = 7
            with self.assertRaises(AccessError):
                movement.save()

    @with_transaction()
    def test_nobody_creates_a_posted_movement(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            posted = coop.movement(5, day(3, 15))
            for values in [
                    {'state': 'posted'}, {'number': '9'},
                    {'move': posted.move.id}, {'reversal_of': posted.id}]:
                with self.subTest(values=values):
                    base = {
                        'company': coop.company.id, 'date': day(3, 1),
                        'type': 'opening', 'member': coop.member().id,
                        'share_class': coop.share_class.id, 'quantity': 1,
                        'nominal': D(20), 'amount': D(20)}
                    with self.assertRaises(AccessError):
                        Movement.create([base | values])
                    draft, = Movement.create([base])
                    with self.assertRaises(AccessError):
                        Movement.write([draft], values)
                    Movement.delete([draft])

    @with_transaction()
    def test_copy_is_a_draft(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            copy, = Movement.copy([movement])
            self.assertEqual(copy.state, 'draft')
            self.assertEqual(
                [copy.number, copy.move, copy.posted_by], [None] * 3)
            self.assertEqual(coop.held()[0], 5)

    @with_transaction()
    def test_import_of_data(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            with self.assertRaises(AccessError):
                Movement.import_data(
                    ['id', 'quantity'], [[str(movement.id), '6']])

    @with_transaction()
    def test_entry_belongs_to_its_movement(self):
        "The ledger does not leave the register"
        pool = Pool()
        Move = pool.get('account.move')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            movement = coop.movement(5, day(3, 15))
            coop.withhold(3, '1000.00')
            withholding, = Withholding.search([])
            for document in [movement, withholding]:
                for reverse in [
                        lambda m: m.cancel(),
                        lambda m: m.cancel(reversal=True),
                        lambda m: Move.reverse_entries([m]),
                        lambda m: Move.delete([m])]:
                    with self.assertRaises(AccessError):
                        reverse(document.move)
            with self.assertRaises(MoveError) as error:
                movement.move.cancel()
            self.assertIn(movement.number, error.exception.message)
            copy, = Move.copy([movement.move])
            self.assertIsNone(copy.origin)

    @with_transaction()
    def test_other_entries_can_be_cancelled(self):
        "Also in a company that has a register"
        pool = Pool()
        Move = pool.get('account.move')
        coop = Coop()
        with coop.context():
            entry = coop.movement(5, day(3, 15)).move
            receipt = Move(
                company=coop.company, journal=entry.journal,
                date=entry.date, period=entry.period,
                lines=[
                    {'account': coop.account('5121').id, 'debit': D(5)},
                    {'account': coop.account('758').id, 'credit': D(5)}])
            receipt.save()
            Move.post([receipt])
            self.assertEqual(receipt.cancel().origin, receipt)
