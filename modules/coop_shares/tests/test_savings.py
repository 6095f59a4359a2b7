# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
import unittest.mock
from decimal import Decimal

from trytond.cache import Cache
from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.modules.coop_shares.exceptions import ReverseError, SavingsError
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, entry_lines, month_end, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
PAYS = [(1, '850.00'), (2, '1420.00'), (3, '1180.00'), (4, '2150.00')]


class SavingsTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def months(self, coop):
        "Close the months of § 8.2 and return shares and carry"
        result = []
        for month, gross in PAYS:
            coop.withhold(month, gross)
            movements = coop.convert(month)
            result.append((
                    sum(m.quantity for m in movements), coop.savings()))
        return result

    @with_transaction()
    def test_domain_months(self):
        "§ 8.2, with 20 € and with 15 €"
        for name, expected in [
                ('Coop', [(0, '8.50'), (1, '2.70'), (0, '14.50'),
                        (1, '16.00')]),
                ('Other', [(0, '8.50'), (1, '7.70'), (1, '4.50'),
                        (1, '11.00')])]:
            coop = Coop(name)
            with coop.context(), self.subTest(name=name):
                self.assertEqual(
                    [(q, str(s)) for q, s in self.months(coop)], expected)
                self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_domain_entries(self):
        "§ 8.2"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            self.months(coop)
            withholding, = Withholding.search([('month', '=', day(4, 1))])
            self.assertEqual(
                (withholding.base_amount, withholding.rate,
                    withholding.amount, withholding.date),
                (D('2150.00'), D('0.01'), D('21.50'), day(4, 30)))
            self.assertEqual(entry_lines(withholding.move), [
                    ('421', "Coop Ana", D('21.50'), D(0)),
                    ('4564', "Coop Ana", D(0), D('21.50')),
                    ])
            self.assertEqual(withholding.move.origin, withholding)
            movement, = Movement.search([('date', '=', day(4, 30))])
            self.assertEqual(movement.type, 'conversion')
            self.assertEqual(entry_lines(movement.move), [
                    ('4564', "Coop Ana", D('20.00'), D(0)),
                    ('1013', "Coop Ana", D(0), D('20.00')),
                    ])

    @with_transaction()
    def test_conversion_each_year(self):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Movement = pool.get('coop.share.movement')
        coop = Coop()
        with coop.context():
            for month, expected in [(1, True), (12, True)]:
                self.assertEqual(
                    Movement.is_conversion_date(
                        coop.company, month_end(month)), expected)
            self.assertTrue(
                Movement.is_conversion_date(coop.company, day(2, 29)))
            self.assertFalse(
                Movement.is_conversion_date(coop.company, day(2, 28)))
            Configuration(1).set_multivalue(
                'conversion', 'year', company=coop.company.id)
            for date, expected in [
                    (day(1, 31), False), (day(12, 30), False),
                    (day(12, 31), True), (day(12, 31, 2023), True)]:
                self.assertEqual(
                    Movement.is_conversion_date(coop.company, date), expected)
            for month, gross in PAYS:
                coop.withhold(month, gross)
            movement, = coop.convert(12)
            self.assertEqual(movement.quantity, 2)
            self.assertEqual(coop.savings(), D('16.00'))

    @with_transaction()
    def test_only_members_of_that_day(self):
        pool = Pool()
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            for name in ['Ana', 'Bob', 'Dan']:
                coop.withhold(3, '3000.00', name=name)
            Member.write([coop.member('Bob')], {'exit_date': day(3, 30)})
            self.assertEqual(
                [m.member.party.name for m in coop.convert(3)], ["Coop Ana"])
            self.assertEqual(coop.savings('Dan'), D('30.00'))
            dan, = Member.create([{
                        'company': coop.company.id,
                        'party': coop.party('Dan').id,
                        'admission_date': day(4, 30)}])
            Member.admit([dan])
            self.assertEqual(
                [m.member.party.name for m in coop.convert(4)], ["Coop Dan"])
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_month_again(self):
        "A month is closed again without what a later month used"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1500.00')
            coop.convert(1)
            coop.withhold(2, '1500.00')
            coop.convert(2)
            self.assertEqual(coop.savings(), D('10.00'))
            plan, = coop.withhold(1, '2400.00')
            self.assertEqual(plan.amount, D('9.00'))
            self.assertEqual(coop.savings(date=day(1, 31)), D('24.00'))
            # Of these 24.00, 5.00 went into the share of February
            plan, = Movement.plan_conversions(coop.company, day(1, 31))
            self.assertEqual(
                (plan.savings, plan.quantity), (D('19.00'), 0))
            self.assertEqual(coop.convert(1), [])
            coop.withhold(1, '2500.00')
            movement, = coop.convert(1)
            self.assertEqual(coop.savings(), D('0.00'))
            self.assertEqual(coop.held()[0], 2)
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_added_savings(self):
        "The plan counts what is about to be booked"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1500.00')
            plan, = Movement.plan_conversions(
                coop.company, day(2, 29), added={
                    coop.party().id: D('5.00'),
                    coop.party('Dan').id: D('50.00')})
            self.assertEqual(
                (plan.quantity, plan.carry, plan.member),
                (1, D('0.00'), coop.member().id))
            with self.assertRaises(SavingsError):
                Movement.book_conversions(
                    coop.company, [plan], day(2, 29))

    @with_transaction()
    def test_booked_once(self):
        coop = Coop()
        with coop.context():
            coop.withhold(1, '850.00')
            plan, = coop.withhold(1, '850.00')
            self.assertEqual((plan.amount, plan.reason), (D(0), 'booked'))
            self.assertEqual(coop.savings(), D('8.50'))

    @with_transaction()
    def test_pay_lowered(self):
        Withholding = Pool().get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1500.00')
            plan, = coop.withhold(1, '1000.00')
            self.assertEqual(plan.amount, D('-5.00'))
            given_back = Withholding.search([])[0]
            self.assertEqual(entry_lines(given_back.move), [
                    ('421', "Coop Ana", D(0), D('5.00')),
                    ('4564', "Coop Ana", D('5.00'), D(0)),
                    ])
            self.assertEqual(coop.savings(), D('10.00'))
            coop.withhold(2, '1500.00')
            coop.convert(2)
            plan, = coop.withhold(1, '0.00')
            self.assertEqual((plan.amount, plan.reason), (D('-5.00'),
                    'savings'))
            self.assertEqual(coop.savings(), D('0.00'))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_reverse(self):
        Withholding = Pool().get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1500.00')
            withholding, = Withholding.search([])
            reversal, = Withholding.reverse(
                [withholding], description="Wrong pay")
            withholding = Withholding(withholding.id)
            self.assertEqual(reversal.amount, D('-15.00'))
            self.assertEqual(reversal.month, day(1, 1))
            self.assertEqual(withholding.reversed_by, reversal)
            self.assertEqual(entry_lines(reversal.move), [
                    ('421', "Coop Ana", D(0), D('15.00')),
                    ('4564', "Coop Ana", D('15.00'), D(0)),
                    ])
            with self.assertRaises(ReverseError):
                Withholding.reverse([withholding])
            self.assertEqual(coop.discrepancies(), [])
            plan, = coop.withhold(1, '1500.00')
            self.assertEqual(plan.amount, D('15.00'))

    @with_transaction()
    def test_reverse_what_became_a_share(self):
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '2500.00')
            movements = coop.convert(1)
            withholdings = Withholding.search([])
            with self.assertRaises(SavingsError):
                Withholding.reverse(withholdings)
            Movement.reverse(movements)
            Withholding.reverse(withholdings)
            self.assertEqual(coop.savings(), D(0))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_opening(self):
        pool = Pool()
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            opening, = Withholding.create([{
                        'company': coop.company.id, 'type': 'opening',
                        'date': day(1, 1), 'party': coop.party().id,
                        'amount': D('12.00')}])
            Withholding.post([opening])
            self.assertEqual(opening.state, 'posted')
            self.assertIsNone(opening.move)
            difference, = coop.discrepancies()
            self.assertEqual(
                (difference.check, difference.expected, difference.found),
                ('savings', D('12.00'), D(0)))
            opening.amount = D(0)
            with self.assertRaises(AccessError):
                opening.save()

    @with_transaction()
    def test_withholding_is_immutable(self):
        Withholding = Pool().get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            coop.withhold(1, '1500.00')
            withholding, = Withholding.search([])
            for values in [{'amount': D(1)}, {'state': 'draft'},
                    {'move': None}]:
                with self.assertRaises(AccessError):
                    Withholding.write([withholding], values)
            with self.assertRaises(AccessError):
                Withholding.delete([withholding])
            copy, = Withholding.copy([withholding])
            self.assertEqual((copy.state, copy.move), ('draft', None))

    @with_transaction()
    def test_wage_parts(self):
        "Another module may say which activity a wage belongs to"
        Withholding = Pool().get('coop.share.withholding')
        coop = Coop()
        calls = []

        def wage_parts(company, withholdings):
            calls.append(len(withholdings))
            return [()] * len(withholdings)
        with coop.context(), unittest.mock.patch.object(
                Withholding, '_wage_parts', wage_parts):
            coop.withhold(1, '1500.00')
        self.assertEqual(calls, [1])

    @with_transaction()
    def test_savings_of_sub_accounts(self):
        pool = Pool()
        Account = pool.get('account.account')
        coop = Coop()
        with coop.context():
            account = coop.account('4564')
            sub, = Account.copy([account], default={
                    'code': '45641', 'parent': account.id})
            journal = pool.get('coop.share.configuration')(1).get_setting(
                'journal', coop.company)
            party = coop.party().id
            pool.get('account.move').post_entries(coop.company, [Entry(
                        journal=journal.id, date=day(1, 5), lines=(
                            EntryLine(
                                account=sub.id, credit=D(7), party=party),
                            EntryLine(
                                account=coop.account('5121').id,
                                debit=D(7))))])
            self.assertEqual(coop.savings(), D('7.00'))
            self.assertEqual(
                [d.check for d in coop.discrepancies()], ['savings'])

    @with_transaction()
    def test_savings_of_some_parties(self):
        Withholding = Pool().get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            for name in ['Ana', 'Bob']:
                coop.withhold(1, '1500.00', name=name)
            self.assertEqual(
                Withholding.savings(
                    coop.company, parties=[coop.party('Bob')]),
                {coop.party('Bob').id: D('15.00')})
            self.assertEqual(
                Withholding.savings(coop.company, day(1, 30)), {})

    @with_transaction()
    def test_companies_apart(self):
        coop, other = Coop(), Coop('Other')
        with coop.context():
            coop.withhold(1, '2500.00')
            coop.convert(1)
        with other.context():
            self.assertEqual(other.savings(), D(0))
            self.assertEqual(other.held(), (0, D(0)))
            self.assertEqual(other.discrepancies(), [])

    def test_queries_do_not_grow(self):
        "The number of queries does not depend on the number of people"
        self.assertEqual(self._queries(10), self._queries(100))

    @with_transaction()
    def _queries(self, number):
        pool = Pool()
        Commitment = pool.get('coop.share.commitment')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        Party = pool.get('party.party')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            parties = Party.create([{'name': f"P{i}"} for i in range(number)])
            Commitment.create([{
                        'company': coop.company.id, 'party': p.id,
                        'share_class': coop.share_class.id,
                        'rate': D('0.01'), 'start_date': day(1, 1),
                        'consent_date': day(1, 1)} for p in parties])
            Member.admit(Member.create([{
                            'company': coop.company.id, 'party': p.id,
                            'admission_date': day(1, 1)} for p in parties]))
            pays = {p.id: (D('2500.00'), D('2000.00')) for p in parties}
            Transaction().cache.clear()
            Cache.drop(Transaction().database.name)
            counts, results = [], []
            for task in [
                    lambda: Withholding.book(coop.company, Withholding.plan(
                            coop.company, day(1, 1), day(1, 31), pays),
                        day(1, 31)),
                    lambda: Movement.book_conversions(
                        coop.company, Movement.plan_conversions(
                            coop.company, day(1, 31)), day(1, 31)),
                    lambda: Movement.reverse(Movement.search([])),
                    lambda: Withholding.reverse(Withholding.search([])),
                    lambda: [m.savings for m in Member.search([])],
                    lambda: [m.shares for m in Member.search([])],
                    lambda: coop.discrepancies()]:
                with count_queries() as queries:
                    result = task()
                counts.append(len(queries))
                self.assertTrue(counts[-1])
                results.append(result)
            self.assertEqual(
                [len(r) for r in results[:4]], [number] * 4)
            return counts
