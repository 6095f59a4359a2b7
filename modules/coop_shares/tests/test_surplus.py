# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.modules.coop_shares.alerts import alerts
from trytond.modules.coop_shares.exceptions import (
    MoveError, PostedError, SurplusError)
from trytond.modules.coop_shares.interest import by_member
from trytond.modules.coop_shares.rules.surplus import levies
from trytond.modules.coop_shares.tests.test_meeting import (
    attend, make_meeting, vote)
from trytond.modules.coop_shares.tests.tools import (
    Coop, book, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class SurplusTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def result(self, coop, profit='40000', losses='4000'):
        "Book what the closing of 2023 leaves"
        if D(profit) > 0:
            book(coop.company, '5121', '120', profit, day(12, 31, 2023))
        else:
            book(coop.company, '129', '5121', -D(profit), day(12, 31, 2023))
        if D(losses):
            book(coop.company, '119', '5121', losses, day(1, 1, 2023))

    def adopted(self, coop, adopted=True):
        "Return a resolution of a closed meeting"
        pool = Pool()
        Meeting = pool.get('coop.meeting')
        Resolution = pool.get('coop.meeting.resolution')
        meeting = make_meeting(coop, "Surplus")
        Meeting.convene([meeting])
        attend(meeting, Ana=True)
        Meeting.hold([Meeting(meeting.id)])
        resolution = vote(meeting, 1, (1, 0, 0) if adopted else (0, 1, 0))
        Meeting.close([Meeting(meeting.id)])
        return Resolution(resolution.id)

    def surplus(self, coop, **values):
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Surplus = pool.get('coop.surplus')
        year, = FiscalYear.search([
                ('company', '=', coop.company.id),
                ('start_date', '=', day(1, 1, 2023))])
        if 'resolution' not in values:
            resolution = self.adopted(coop)
            values.update(
                resolution=resolution.id, meeting=resolution.meeting.id)
        surplus, = Surplus.create([{
                    'company': coop.company.id, 'fiscalyear': year.id,
                    **values}])
        return surplus

    def pay(self, coop, surplus, date=day(7, 1)):
        Payment = Pool().get('coop.share.interest.payment')
        payment, = Payment.create([{
                    'company': coop.company.id, 'surplus': surplus.id,
                    'date': date}])
        Payment.post([payment])
        return Payment(payment.id)

    def subscribe_all(self, coop):
        "60 000 of capital, 1 500 of them of Ana, all the year"
        coop.movement(75, day(1, 1, 2023))
        coop.movement(2925, day(1, 1, 2023), name='Bob')

    @with_transaction()
    def test_example(self):
        "§ 11.1 of the domain, to the cent"
        pool = Pool()
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            surplus = self.surplus(
                coop, subsidies=D(8000), interest_rate=D('0.03'))
            figures = [
                'profit', 'losses', 'capital', 'reserves', 'legal',
                'statutory', 'interest']
            expected = [
                D(40000), D(4000), D(60000), D(0), D(5400), D(28800), D(1800)]
            self.assertEqual(
                [getattr(surplus, n) for n in figures], expected)
            self.assertEqual(surplus.ceiling_rate, D('0.038025'))
            Surplus.post([surplus])
            surplus = Surplus(surplus.id)
            self.assertEqual(
                [getattr(surplus, n) for n in figures], expected)
            self.assertEqual(entry_lines(surplus.move), [
                    ('120', None, D(40000), D(0)),
                    ('119', None, D(0), D(4000)),
                    ('1061', None, D(0), D(5400)),
                    ('1063', None, D(0), D(28800)),
                    ('457', 'Coop Ana', D(0), D(45)),
                    ('457', 'Coop Bob', D(0), D(1755))])
            payment = self.pay(coop, surplus)
            ana = surplus.interests[0]
            ana = ana.__class__(ana.id)
            self.assertEqual(
                (ana.amount, ana.prepayment, ana.social, ana.net, ana.to_pay,
                    ana.mean),
                (D(45), D('5.76'), D('7.74'), D('31.50'), D('31.50'),
                    D(1500)))
            self.assertEqual(entry_lines(payment.move), [
                    ('457', 'Coop Ana', D(45), D(0)),
                    ('457', 'Coop Ana', D(0), D('31.50')),
                    ('457', 'Coop Bob', D(1755), D(0)),
                    ('457', 'Coop Bob', D(0), D('1228.50')),
                    ('4423', None, D(0), D(540))])
            # What is left to pay of the ledger is open, alone
            Line = pool.get('account.move.line')
            self.assertEqual([
                    (line.credit, line.maturity_date) for line in Line.search([
                            ('account.code', '=', '457'),
                            ('reconciliation', '=', None)],
                        order=[('credit', 'ASC')])],
                [(D('31.50'), day(7, 1)), (D('1228.50'), day(7, 1))])
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_by_days(self):
        "Bought and sold within the year, and reversed"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Transfer = pool.get('coop.share.transfer')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.result(coop, losses='0')
            coop.movement(365, day(12, 31, 2023))
            coop.movement(100, day(1, 1, 2023), name='Bob')
            wrong = coop.movement(1000, day(2, 1, 2023), name='Cleo')
            Movement.reverse([wrong], date=day(11, 30, 2023))
            transfer, = Transfer.create([{
                        'company': coop.company.id,
                        'share_class': coop.share_class.id,
                        'date': day(7, 2, 2023), 'quantity': 50,
                        'kind': 'sale',
                        'decision_date': day(7, 2, 2023),
                        'member': coop.member('Bob').id,
                        'to_member': coop.member('Cleo').id}])
            Transfer.post([transfer])
            surplus = self.surplus(coop, interest_rate=D('0.0365'))
            Surplus.post([surplus])
            # One day of 7 300; 2 000 for 182 days and 1 000 for 183; 1 000
            # for 183 days
            self.assertEqual(
                {i.member.party.name: (i.base, i.amount)
                    for i in Surplus(surplus.id).interests},
                {'Coop Ana': (D(7300), D('0.73')),
                    'Coop Bob': (D(547000), D('54.70')),
                    'Coop Cleo': (D(183000), D('18.30'))})

    @settings(
        deadline=None, max_examples=10,
        suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(
            st.tuples(
                st.sampled_from(['Ana', 'Bob', 'Cleo']),
                st.dates(day(1, 1, 2023), day(6, 30)), st.integers(1, 9),
                st.none() | st.integers(0, 200)),
            min_size=1, max_size=6))
    @with_transaction()
    def test_any_days(self, subscriptions):
        "The base is what is held at the end of each day, summed up"
        Movement = Pool().get('coop.share.movement')
        Surplus = Pool().get('coop.surplus')
        coop = Coop()
        with coop.context():
            held = Counter()
            for name, date, quantity, reversed_ in subscriptions:
                movement = coop.movement(quantity, date, name=name)
                if reversed_ is not None:
                    # There is no fiscal year after that of 2024
                    Movement.reverse([movement], date=min(
                            date + dt.timedelta(reversed_), day(12, 31)))
                else:
                    held[coop.member(name).id, date] += 20 * quantity
            year, = Pool().get('account.fiscalyear').search([
                    ('company', '=', coop.company.id),
                    ('start_date', '=', day(1, 1, 2023))])
            lines = by_member(Surplus(
                    company=coop.company, fiscalyear=year, basis='days',
                    interest_rate=D('0.5'), currency=coop.company.currency))
            expected = Counter()
            for offset in range(365):
                today = day(1, 1, 2023) + dt.timedelta(offset)
                for (member, date), amount in held.items():
                    if date <= today:
                        expected[member] += amount
            self.assertEqual(
                {line.member: line.base for line in lines}, expected)

    @with_transaction()
    def test_queries_do_not_grow(self):
        pool = Pool()
        Meeting = pool.get('coop.meeting')
        Payment = pool.get('coop.share.interest.payment')
        Surplus = pool.get('coop.surplus')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        Party = pool.get('party.party')
        counts = []
        for name, more in [('Coop', 0), ('Other', 12)]:
            coop = Coop(name)
            with coop.context():
                coop.movement(10, day(1, 1, 2023))
                parties = Party.create([{'name': f"{n}"} for n in range(more)])
                for party in parties:
                    book(coop.company, '5121', '4563', 1000,
                        day(1, 1, 2023), party)
                members = Member.create([{
                            'company': coop.company.id, 'party': party.id,
                            'admission_date': day(1, 1, 2023)}
                        for party in parties])
                Member.admit(members)
                Movement.post(Movement.create([{
                                'company': coop.company.id,
                                'type': 'subscription', 'quantity': 5,
                                'member': member.id, 'date': day(2, 1, 2023),
                                'share_class': coop.share_class.id}
                            for member in members]))
                self.result(coop)
                surplus = self.surplus(coop, interest_rate=D('0.03'))
                meeting = make_meeting(coop)
                with count_queries() as convened:
                    Meeting.convene([meeting])
                with count_queries() as posted:
                    Surplus.post([surplus])
                payment, = Payment.create([{
                            'company': coop.company.id,
                            'surplus': surplus.id, 'date': day(7, 1)}])
                with count_queries() as paid:
                    Payment.post([Payment(payment.id)])
                counts.append((len(convened), len(posted), len(paid)))
        for few, many in zip(*counts):
            self.assertLessEqual(many, few)

    @with_transaction()
    def test_held_at_the_closing_and_at_the_meeting(self):
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            coop.movement(50, day(12, 31, 2023), name='Cleo')
            coop.movement(25, day(2, 1))
            self.result(coop)
            exit_, = Exit.create([{
                        'company': coop.company.id, 'kind': 'withdrawal',
                        'member': coop.member('Bob').id,
                        'share_class': coop.share_class.id,
                        'quantity': 925, 'date': day(3, 1),
                        'request_date': day(3, 1)}])
            Exit.post([exit_])
            surplus = self.surplus(
                coop, interest_rate=D('0.03'), basis='closing')
            Surplus.post([surplus])
            self.assertEqual(
                {i.member.party.name: (i.mean, i.amount)
                    for i in Surplus(surplus.id).interests},
                {'Coop Ana': (D(1500), D(45)),
                    'Coop Bob': (D(40000), D(1200)),
                    'Coop Cleo': (D(1000), D(30))})

    @with_transaction()
    def test_transferred_before_the_meeting(self):
        "Who holds the shares at the meeting has their interest"
        pool = Pool()
        Surplus = pool.get('coop.surplus')
        Transfer = pool.get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            coop.movement(50, day(2, 1), name='Cleo')
            self.result(coop)
            resolution = self.adopted(coop)

            def give(giver, taker, quantity, date):
                transfer, = Transfer.create([{
                            'company': coop.company.id, 'date': date,
                            'share_class': coop.share_class.id,
                            'quantity': quantity, 'kind': 'gift',
                            'decision_date': date,
                            'member': coop.member(giver).id,
                            'to_member': coop.member(taker).id}])
                Transfer.post([transfer])
                return transfer
            # 25 go on to a third one, and shares of the year bear nothing
            give('Ana', 'Cleo', 75, day(2, 2))
            give('Cleo', 'Bob', 25, day(2, 3))
            surplus = self.surplus(
                coop, interest_rate=D('0.03'), basis='closing',
                resolution=resolution.id, meeting=resolution.meeting.id)
            Surplus.post([surplus])
            bases = {
                i.member.party.name: (i.mean, i.amount)
                for i in Surplus(surplus.id).interests}
            self.assertEqual(bases, {
                    'Coop Bob': (D(59000), D(1770)),
                    'Coop Cleo': (D(1000), D(30))})
            self.assertEqual(coop.discrepancies(), [])
            # What changes the register before it is paid is seen
            transfer = give('Bob', 'Ana', 100, day(3, 1))
            self.assertEqual(
                {(d.check, d.party.name, d.expected, d.found)
                    for d in coop.discrepancies()}, {
                    ('interest', 'Coop Ana', D(60), D(0)),
                    ('interest', 'Coop Bob', D(1710), D(1770))})
            Transfer.reverse([transfer])
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_of_the_dead(self):
        "The interest of the days of who died is that of the heirs"
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            resolution = self.adopted(coop)
            exit_, = Exit.create([{
                        'company': coop.company.id, 'kind': 'death',
                        'member': coop.member().id, 'date': day(7, 2, 2023),
                        'request_date': day(7, 2, 2023),
                        'payee': coop.party('Dan').id}])
            Exit.post([exit_])
            surplus = self.surplus(
                coop, interest_rate=D('0.0365'),
                resolution=resolution.id, meeting=resolution.meeting.id)
            Surplus.post([surplus])
            # 182 days of 1 500
            self.assertEqual(
                (coop.balance('457', 'Dan'), coop.balance('457', 'Ana')),
                (D('27.30'), D(0)))
            self.pay(coop, surplus)
            self.assertEqual(coop.balance('457', 'Dan'), D('19.11'))
            self.assertEqual(coop.balance('457', 'Ana'), D(0))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_year_of_six_months(self):
        "The rate is that of twelve months"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            year = FiscalYear(company=coop.company)
            year.start_date, year.end_date = (
                day(7, 1, 2023), day(12, 31, 2023))
            surplus = Surplus(
                company=coop.company, fiscalyear=year, basis='days',
                date=day(6, 14), interest_rate=D('0.0365'),
                currency=coop.company.currency)
            for basis in ['days', 'closing']:
                surplus.basis = basis
                # 184 of 365 days
                self.assertEqual(
                    [line.amount for line in by_member(surplus)],
                    [D('27.60'), D('1076.40')])

    @with_transaction()
    def test_into_shares(self):
        "Whole shares, the rest is paid; taken back, and done again"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Payment = pool.get('coop.share.interest.payment')
        Surplus = pool.get('coop.surplus')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            Member.write([coop.member()], {'interest_in_shares': True})
            Member.write([coop.member('Bob')], {'levy_exempt': True})
            surplus = self.surplus(coop, interest_rate=D('0.03'))
            Surplus.post([surplus])
            surplus = Surplus(surplus.id)
            payment = self.pay(coop, surplus)
            self.assertEqual(entry_lines(payment.move), [
                    ('457', 'Coop Ana', D(45), D(0)),
                    ('1013', 'Coop Ana', D(0), D(20)),
                    ('457', 'Coop Ana', D(0), D('11.50')),
                    ('457', 'Coop Bob', D(1755), D(0)),
                    ('457', 'Coop Bob', D(0), D(1755)),
                    ('4423', None, D(0), D('13.50'))])
            self.assertEqual(coop.held()[0], 76)
            self.assertEqual(coop.discrepancies(), [])
            movement, = payment.movements
            self.assertEqual(
                (movement.type, movement.move), ('interest', payment.move))
            with self.assertRaises(SurplusError), savepoint():
                self.pay(coop, surplus)
            with self.assertRaises(SurplusError), savepoint():
                Surplus.take_back([surplus])
            with self.assertRaises(MoveError), savepoint():
                pool.get('account.move').reverse_entries([payment.move])
            Payment.reverse([payment])
            self.assertEqual(coop.held()[0], 75)
            self.assertEqual(coop.balance('457'), D(1800))
            self.assertEqual(coop.balance('4423'), D(0))
            self.assertEqual(coop.discrepancies(), [])
            Member.write([coop.member()], {
                    'interest_in_shares': False,
                    'prepayment_waiver_date': day(11, 30, 2023)})
            second = self.pay(coop, Surplus(surplus.id), day(8, 1))
            self.assertEqual(
                [(i.prepayment, i.social, i.in_shares)
                    for i in second.interests],
                [(0, D('7.74'), 0), (0, 0, 0)])
            Payment.reverse([second])
            Surplus.take_back([Surplus(surplus.id)])
            surplus = Surplus(surplus.id)
            self.assertEqual(
                (surplus.state, surplus.interests, surplus.move),
                ('draft', (), None))
            self.assertEqual(surplus.profit, D(40000))
            Surplus.post([surplus])
            self.assertEqual(coop.balance('457'), D(1800))
            self.assertEqual(len(Movement.search([])), 4)

    @with_transaction()
    def test_refusals(self):
        pool = Pool()
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            refused = self.adopted(coop, adopted=False)
            surplus = self.surplus(
                coop, resolution=refused.id, meeting=refused.meeting.id)
            with self.assertRaises(SurplusError):
                Surplus.post([surplus])
            adopted = self.adopted(coop)
            Surplus.write([surplus], {
                    'meeting': adopted.meeting.id, 'resolution': adopted.id})

            def refuse(**values):
                with self.assertRaises(SurplusError), savepoint():
                    Surplus.write([Surplus(surplus.id)], values)
                    Surplus.post([Surplus(surplus.id)])
            # No result yet
            refuse()
            self.result(coop)
            # The law's ceiling, and half to the reserve
            refuse(interest_rate=D('0.038026'))
            refuse(statutory_rate=D('0.4999'))
            # More than what is left
            refuse(interest_rate=D('0.03'), subsidies=D('13500.01'))
            Surplus.write([Surplus(surplus.id)], {
                    'interest_rate': D('0.03'), 'subsidies': D(13500)})
            Surplus.post([Surplus(surplus.id)])
            self.assertEqual(coop.balance('457'), D(1800))
            for values in [{'interest_rate': D(0)}, {'subsidies': D(0)}]:
                with self.assertRaises(PostedError):
                    Surplus.write([Surplus(surplus.id)], values)
            with self.assertRaises(PostedError):
                Surplus.delete([Surplus(surplus.id)])

    @with_transaction()
    def test_waiver_of_another_year(self):
        "What was asked in time for one year does not hold for the next"
        pool = Pool()
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            surplus = self.surplus(coop, interest_rate=D('0.03'))
            surplus.post([surplus])
            for asked_on in [day(11, 30, 2022), day(12, 1, 2023)]:
                Member.write(
                    [coop.member()], {'prepayment_waiver_date': asked_on})
                with savepoint() as point:
                    payment = self.pay(coop, surplus)
                    self.assertTrue(all(
                            i.prepayment for i in payment.interests))
                    point.undo = True

    @with_transaction()
    def test_levies_by_day_of_payment(self):
        "The social levies are 18.6 % of what is paid from 2026 on"
        Levy = Pool().get('coop.share.levy')
        for date, social in [
                (day(12, 31, 2025), '7.74'), (day(1, 1, 2026), '8.37')]:
            self.assertEqual(levies(D(45), Levy.at(date)), {
                    'prepayment': D('5.76'), 'social': D(social)})

    @with_transaction()
    def test_levy_of_a_user(self):
        "A rate that was entered by hand is taken for the one that is shipped"
        pool = Pool()
        Data = pool.get('ir.model.data')
        Levy = pool.get('coop.share.levy')
        shipped = Data.search([
                ('module', '=', 'coop_shares'),
                ('fs_id', '=', 'levy_social_2026')])
        levy = Levy(shipped[0].db_id)
        Data.delete(shipped)
        Levy._adopt('coop_shares')
        Levy._adopt('coop_shares')
        self.assertEqual(
            Data.get_id('coop_shares', 'levy_social_2026'), levy.id)

    @with_transaction()
    def test_yields_missing(self):
        "The table of yields is to be kept"
        pool = Pool()
        BondYield = pool.get('coop.bond_yield')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop)
            surplus = self.surplus(coop, interest_rate=D('0.03'))
            BondYield.delete(BondYield.search([
                        ('year', '=', 2022), ('half', '=', '2')]))
            surplus = Surplus(surplus.id)
            self.assertIsNone(surplus.ceiling_rate)
            self.assertEqual(surplus.missing_yields, '2022 / 2')
            make_meeting(coop)
            self.assertIn(
                '2022 / 2',
                dict(alerts(coop.company, day(1, 1)))['yields'])
            self.assertNotIn(
                'yields', dict(alerts(coop.company, day(12, 31))))
            with self.assertRaisesRegex(SurplusError, '2022 / 2'):
                Surplus.post([surplus])

    @with_transaction()
    def test_loss(self):
        "A loss is brought forward, without interest"
        Surplus = Pool().get('coop.surplus')
        coop = Coop()
        with coop.context():
            self.subscribe_all(coop)
            self.result(coop, profit='-3000', losses='0')
            surplus = self.surplus(coop)
            Surplus.post([surplus])
            self.assertEqual(entry_lines(Surplus(surplus.id).move), [
                    ('129', None, D(0), D(3000)),
                    ('119', None, D(3000), D(0))])
