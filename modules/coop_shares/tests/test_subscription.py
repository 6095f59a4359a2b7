# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError, ValidationError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.exceptions import (
    HoldingError, MembershipError, PaidError, SubscriptionError)
from trytond.modules.coop_shares.tests.tools import (
    RECEIVED, Coop, book, day, entry_lines, rpc, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class SubscriptionTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def request(self, coop, name='Dan', quantity=5, **values):
        Subscription = Pool().get('coop.share.subscription')
        subscription, = Subscription.create([{
                    'company': coop.company.id,
                    'party': coop.party(name).id,
                    'request_date': day(2, 1),
                    'share_class': coop.share_class.id,
                    'quantity': quantity, **values}])
        return subscription

    def admit(self, subscription, date=day(2, 15)):
        Subscription = subscription.__class__
        if subscription.state == 'draft':
            Subscription.request([subscription])
        subscription.admission_date = date
        subscription.decision = "Board of 15/02/2024, minutes 7"
        subscription.save()
        Subscription.admit([subscription])
        return Subscription(subscription.id)

    def subscribe(self, subscription):
        Subscription = subscription.__class__
        Subscription.subscribe([self.admit(subscription)])
        return Subscription(subscription.id)

    @with_transaction()
    def test_from_request_to_register(self):
        "A person becomes a member with a number, shares and their entry"
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            subscription = self.request(
                coop, signed_on=day(2, 20), signed_by="Dan")
            self.assertIsNone(subscription.member)
            self.assertEqual(subscription.amount, D(100))
            self.assertEqual(subscription.received, RECEIVED)
            subscription = self.subscribe(subscription)
            self.assertEqual(subscription.state, 'subscribed')
            member = subscription.member
            self.assertEqual(
                (member.number, member.admission_date,
                    member.admission_decision),
                ('4', day(2, 15), subscription.decision))
            movement = subscription.movement
            self.assertEqual(
                (movement.quantity, movement.date, movement.signed_on),
                (5, day(2, 15), day(2, 20)))
            self.assertEqual(entry_lines(movement.move), [
                    ('4563', 'Coop Dan', D(100), D(0)),
                    ('1013', 'Coop Dan', D(0), D(100))])
            self.assertEqual(coop.discrepancies(), [])
            # Who is a member asks for more
            more = self.subscribe(self.request(coop, quantity=1))
            self.assertEqual(more.member, member)
            self.assertEqual(Member(member.id).shares, 6)

    @with_transaction()
    def test_nothing_without_admission(self):
        coop = Coop()
        with coop.context():
            subscription = self.request(coop)
            Subscription = subscription.__class__
            Subscription.request([subscription])
            with self.assertRaises(SubscriptionError):
                Subscription.admit([subscription])
            # A button out of its state does nothing
            Subscription.subscribe([subscription])
            self.assertFalse(Subscription(subscription.id).movement)
            user = coop.user('share', 'coop_shares.group_share')
            for values in [{'state': 'admitted'}, {'state': 'subscribed'}]:
                with self.assertRaises((SubscriptionError, AccessError)):
                    rpc(user, Subscription.__name__, 'write',
                        [subscription.id], values)
            with self.assertRaises((SubscriptionError, AccessError)):
                rpc(user, Subscription.__name__, 'create', [{
                            'company': coop.company.id,
                            'party': coop.party().id,
                            'request_date': day(1, 1),
                            'share_class': coop.share_class.id,
                            'quantity': 1, 'state': 'admitted',
                            'admission_date': day(2, 1),
                            'decision': "x"}])

    @with_transaction()
    def test_reversed_waits_again(self):
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        coop = Coop()
        with coop.context():
            subscription = self.subscribe(self.request(coop, name='Ana'))
            Subscription = subscription.__class__
            with self.assertRaises(SubscriptionError):
                Subscription.write([subscription], {'quantity': 9})
            with self.assertRaises(SubscriptionError):
                Subscription.delete([subscription])
            Movement.reverse([subscription.movement])
            subscription = Subscription(subscription.id)
            self.assertEqual(
                (subscription.state, subscription.movement),
                ('admitted', None))
            Subscription.subscribe([subscription])
            self.assertEqual(coop.held('Ana'), (5, D(100)))
            copy, = Subscription.copy([Subscription(subscription.id)])
            self.assertEqual((copy.state, copy.movement), ('draft', None))

    @with_transaction()
    def test_paid_before(self):
        "A SARL creates no share that is not paid: to the cent"
        coop = Coop()
        with coop.context():
            # All but 99.99 goes back
            book(coop.company, '4563', '5121', RECEIVED - D('99.99'),
                day(1, 2), coop.party('Dan'))
            subscription = self.admit(self.request(coop))
            Subscription = subscription.__class__
            with self.assertRaises(PaidError):
                Subscription.subscribe([subscription])
            book(coop.company, '5121', '4563', D('0.01'), day(2, 16),
                coop.party('Dan'))
            # The day after the subscription is too late
            with self.assertRaises(PaidError):
                Subscription.subscribe([subscription])
            subscription = Subscription(subscription.id)
            subscription.date = day(2, 16)
            subscription.save()
            Subscription.subscribe([subscription])
            self.assertEqual(
                coop.balance('4563', 'Dan'), D(0))

    @with_transaction()
    def test_receipt_is_used_once(self):
        "Neither by two at once, nor before a later one"
        coop = Coop()
        with coop.context():
            book(coop.company, '4563', '5121', RECEIVED - 100, day(1, 2),
                coop.party('Dan'))
            first, second = (
                self.admit(self.request(coop, quantity=3)) for _ in range(2))
            Subscription = first.__class__
            with self.assertRaises(PaidError):
                Subscription.subscribe([first, second])
            first.date = day(6, 1)
            first.save()
            Subscription.subscribe([first])
            with self.assertRaises(PaidError):
                Subscription.subscribe([Subscription(second.id)])

    @with_transaction()
    def test_couple(self):
        "Common property asks for the spouse to be told"
        coop = Coop()
        with coop.context():
            subscription = self.request(
                coop, matrimonial_regime='community')
            Subscription = subscription.__class__
            with self.assertRaises(SubscriptionError):
                Subscription.request([subscription])
            Subscription.write([Subscription(subscription.id)], {
                    'spouse': coop.party('Cleo').id,
                    'spouse_told_on': day(2, 1),
                    'spouse_answer': 'waived'})
            Subscription.request([Subscription(subscription.id)])
            self.assertEqual(
                Subscription(subscription.id).state, 'requested')

    @with_transaction()
    def test_legal_person(self):
        Representative = Pool().get('coop.member.representative')
        coop = Coop()
        with coop.context():
            member = self.subscribe(self.request(
                    coop, representative=coop.party('Bob').id)).member
            self.assertEqual(
                Representative.at([member], day(2, 15)),
                {member.id: coop.party('Bob')})
            self.assertEqual(Representative.at([member], day(2, 14)), {})
            with self.assertRaises(MembershipError), savepoint():
                Representative.create([{
                            'member': member.id,
                            'party': coop.party('Cleo').id,
                            'start_date': day(6, 1)}])
            Representative.write(list(member.representatives), {
                    'end_date': day(5, 31)})
            Representative.create([{
                        'member': member.id,
                        'party': coop.party('Cleo').id,
                        'start_date': day(6, 1)}])
            self.assertEqual(
                Representative.at([member], day(6, 1)),
                {member.id: coop.party('Cleo')})

    @with_transaction()
    def test_campaign(self):
        Campaign = Pool().get('coop.share.campaign')
        coop = Coop()
        with coop.context():
            campaign, = Campaign.create([{
                        'company': coop.company.id, 'name': "Spring",
                        'share_class': coop.share_class.id,
                        'start_date': day(1, 1), 'end_date': day(2, 29),
                        'ceiling': D(180)}])
            late = self.request(
                coop, campaign=campaign.id, request_date=day(3, 1))
            Subscription = late.__class__
            with self.assertRaises(SubscriptionError):
                Subscription.request([late])
            first = self.subscribe(self.request(coop, campaign=campaign.id))
            second = self.admit(self.request(coop, campaign=campaign.id))
            campaign = Campaign(campaign.id)
            self.assertEqual(
                (campaign.subscribed, campaign.left, campaign.waiting),
                (D(100), D(80), D(100)))
            with self.assertRaises(SubscriptionError):
                Subscription.subscribe([second])
            Pool().get('coop.share.movement').reverse([first.movement])
            Subscription.subscribe([Subscription(second.id)])
            self.assertEqual(Campaign(campaign.id).subscribed, D(100))

    @with_transaction()
    def test_exactly_the_minimum(self):
        "What a class allows is held, neither less nor more"
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        coop = Coop()
        with coop.context():
            class_ = coop.share_class
            class_.least_shares, class_.most_shares = 5, 8
            class_.save()
            for quantity in [4, 9]:
                with self.assertRaises(HoldingError):
                    self.subscribe(self.request(coop, quantity=quantity))
            coop.movement(5, day(3, 1))
            with self.assertRaises(HoldingError):
                coop.movement(4, day(3, 1))
            coop.movement(3, day(3, 1))

            def withdraw(quantity):
                exit_, = Exit.create([{
                            'company': coop.company.id,
                            'member': coop.member().id,
                            'kind': 'withdrawal', 'date': day(4, 1),
                            'request_date': day(4, 1),
                            'share_class': class_.id,
                            'quantity': quantity}])
                Exit.post([exit_])
            coop.movement(8, day(3, 1), name='Bob')
            with self.assertRaises(HoldingError):
                withdraw(4)
            withdraw(3)
            self.assertEqual(coop.held(), (5, D(100)))
            # Savings become shares one by one
            coop.movement(5, day(3, 1), name='Cleo')
            coop.withhold(4, '2000.00', name='Cleo')
            coop.convert(4)
            self.assertEqual(coop.held('Cleo')[0], 6)
            # To leave is to hold nothing
            exit_, = Exit.create([{
                        'company': coop.company.id,
                        'member': coop.member().id,
                        'kind': 'resignation', 'date': day(5, 1),
                        'request_date': day(5, 1)}])
            Exit.post([exit_])
            self.assertEqual(coop.held(), (0, D(0)))

    @with_transaction()
    def test_most_below_least(self):
        coop = Coop()
        with coop.context():
            class_ = coop.share_class
            class_.least_shares, class_.most_shares = 5, 4
            with self.assertRaises(ValidationError), savepoint():
                class_.save()
            # There may be a most without a least
            class_ = coop.share_class
            class_.most_shares = 4
            class_.save()
            self.assertIsNone(class_.least_shares)
