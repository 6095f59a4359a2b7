# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.account.exceptions import PostError
from trytond.modules.coop_cae.exceptions import (
    PayslipValidationError, SettlementError, SettlementModifyError,
    SettlementValidationError)
from trytond.modules.coop_cae.figures import figures
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
END = dt.date(2024, 12, 31)


class Year(Cae):
    "The year of § 7.3 of the domain"

    def live(self, purchases='6000.00'):
        "Sell, buy, pay and close the twelve months"
        for month in range(1, 13):
            self.sell(dt.date(2024, month, 10), '3500.00')
            advance = D('6500.00') if month == 6 else D(0)
            gross = D('900.00') + advance
            employer = (gross * 3 / 10).quantize(D('0.01'))
            self.payslip('E1', month, gross, employer=employer)
        self.post(
            dt.date(2024, 3, 5), ('6071', purchases, 'A1'),
            ('4011', -D(purchases), 'A1'))
        self.post(
            dt.date(2024, 3, 6), ('626', '2900.00', 'A1'),
            ('4011', '-2900.00', 'A1'))
        for month in range(1, 13):
            self.close(month)

    def settlement(self, **values):
        Settlement = Pool().get('cae.settlement')
        values = {
            'leave_closing': D('238.46'),
            'leave_closing_contributions': D('71.54'),
            **values,
            }
        settlement, = (
            s for s in Settlement.prepare(self.period(12).fiscalyear)
            if s.activity.code == 'A1' and s.entrepreneur.code == 'E1')
        Settlement.write([settlement], values)
        return Settlement(settlement.id)

    def next_year(self):
        FiscalYear = Pool().get('account.fiscalyear')
        year = self.company.get_fiscalyear(
            dt.date(2025, 1, 1), dt.date(2025, 12, 31))
        year.save()
        FiscalYear.create_period([year])
        return year

    def pay(self, settlement, gross, employer, month=1, balance=None):
        "Enter a payslip of the year after that pays the balance"
        pool = Pool()
        Payslip = pool.get('cae.payslip')
        Period = pool.get('account.period')
        period, = Period.search([
                ('company', '=', self.company.id),
                ('type', '=', 'standard'),
                ('start_date', '=', dt.date(2025, month, 1)),
                ])
        gross = D(gross)
        payslip = Payslip(
            company=self.company, period=period,
            entrepreneur=settlement.entrepreneur, gross=gross,
            employee_contributions=D(0), income_tax=D(0),
            employer_contributions=D(employer), net=gross,
            activities=[{'activity': settlement.activity.id, 'ratio': D(1)}],
            settlements=[{
                    'settlement': settlement.id,
                    'gross': D(balance or gross),
                    }])
        payslip.save()
        return payslip

    def close_month_after(self, month=1):
        pool = Pool()
        Close = pool.get('cae.close')
        Period = pool.get('account.period')
        period, = Period.search([
                ('company', '=', self.company.id),
                ('type', '=', 'standard'),
                ('start_date', '=', dt.date(2025, month, 1)),
                ])
        return Close.run(self.company, period)

    def figures(self, date):
        account = self.activity('A1').analytic_account.id
        return figures(self.company, date, [account])[account]


def set_up_year(config=None):
    def live():
        cae = Year()
        with cae.context():
            cae.live()
    commit(live)


class SettlementTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, set_up_year)

    @with_transaction()
    def test_domain_example(self):
        "§ 7.3, from the ledger to the entry"
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlement = cae.settlement()
            for name, amount in [
                    ('turnover', '42000.00'),
                    ('purchases', '-6000.00'),
                    ('gross_margin', '36000.00'),
                    ('contribution', '-3600.00'),
                    ('other', '-2900.00'),
                    ('available', '29500.00'),
                    ('fixed_part', '10800.00'),
                    ('advances', '6500.00'),
                    ('paid_contributions', '5190.00'),
                    ('paid', '22490.00'),
                    ('leave_change', '310.00'),
                    ('left', '6700.00'),
                    ('gross', '5153.84'),
                    ('contributions', '1546.15'),
                    ('remainder', '0.01'),
                    ('variable_part', '11653.84')]:
                with self.subTest(name=name):
                    self.assertEqual(getattr(settlement, name), D(amount))
            Settlement.post([settlement])
            settlement = Settlement(settlement.id)
            self.assertEqual(settlement.move.date, END)
            for code, balance in [
                    ('4286', '-5153.84'), ('4386', '-1546.15'),
                    ('4282', '-238.46'), ('4382', '-71.54'),
                    ('6412', '238.46')]:
                self.assertEqual(cae.balance(code), D(balance), msg=code)
            self.assertEqual(cae.figures(END).year.result, D('0.01'))
            self.assertEqual(settlement.gross, D('5153.84'))
            self.assertEqual(settlement.variable_part, D('11653.84'))
            self.assertFalse(cae.discrepancies())

    @with_transaction()
    def test_agreed_result(self):
        "§ 7.3: the result that the contract leaves is no pay"
        cae = Year()
        with cae.context():
            settlement = cae.settlement(agreed_result=D('500.00'))
            self.assertEqual(settlement.left, D('6200.00'))
            self.assertEqual(settlement.gross, D('4769.23'))

    @with_transaction()
    def test_paid(self):
        "The pay of the balance charges the activity no second time"
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlement = cae.settlement(meeting_date=dt.date(2025, 1, 24))
            self.assertEqual(settlement.due_date, dt.date(2025, 2, 24))
            Settlement.post([settlement])
            cae.next_year()
            settlement = Settlement(settlement.id)
            self.assertEqual(settlement.to_pay, D('5153.84'))
            self.assertTrue(settlement.late)
            self.assertIn(settlement, Settlement.search([
                        ('to_pay', '>', 0), ('due_date', '<=', END.replace(
                                year=2025))]))
            cae.pay(settlement, '3000.00', '900.00')
            cae.close_month_after(1)
            settlement = Settlement(settlement.id)
            self.assertEqual(settlement.to_pay, D('2153.84'))
            cae.pay(settlement, '2153.84', '646.15', month=2)
            cae.close_month_after(2)
            settlement = Settlement(settlement.id)
            self.assertEqual(settlement.to_pay, D(0))
            self.assertFalse(settlement.late)
            self.assertEqual(cae.balance('4286'), D(0))
            self.assertEqual(cae.balance('4386'), D(0))
            year = cae.figures(dt.date(2025, 12, 31)).year
            self.assertEqual(year.pay, D(0))
            self.assertFalse(cae.discrepancies(dt.date(2025, 12, 31)))
            with self.assertRaises(SettlementError):
                Settlement.reverse([settlement])

    @with_transaction()
    def test_paid_with_wages(self):
        "A payslip may have the wage of the month too: that is charged"
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlement = cae.settlement()
            Settlement.post([settlement])
            cae.next_year()
            cae.pay(
                settlement, '6053.84', '1816.15', balance='5153.84')
            cae.close_month_after()
            year = cae.figures(dt.date(2025, 12, 31)).year
            self.assertEqual(year.gross_pay, D('-900.00'))
            self.assertEqual(year.employer_contributions, D('-270.00'))
            self.assertEqual(cae.balance('4386'), D(0))

    @with_transaction()
    def test_paid_too_much(self):
        cae = Year()
        with cae.context():
            settlement = cae.settlement()
            settlement.post([settlement])
            cae.next_year()
            settlement = type(settlement)(settlement.id)
            with self.assertRaises(PayslipValidationError):
                cae.pay(settlement, '100.00', '0', balance='200.00')
            with self.assertRaises(SettlementValidationError):
                cae.pay(settlement, '6000.00', '0')

    @with_transaction()
    def test_reversed(self):
        "What was booked goes, and the year can be settled again"
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlement = cae.settlement()
            Settlement.post([settlement])
            before = cae.figures(END).year.result
            Settlement.reverse([Settlement(settlement.id)])
            self.assertEqual(cae.balance('4286'), D(0))
            self.assertEqual(cae.balance('4282'), D(0))
            self.assertEqual(
                cae.figures(END).year.result - before, D('7009.99'))
            again = cae.settlement()
            self.assertNotEqual(again.id, settlement.id)
            self.assertEqual(again.gross, D('5153.84'))

    @with_transaction()
    def test_posted_stays(self):
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlement = cae.settlement()
            Settlement.post([settlement])
            with self.assertRaises(SettlementModifyError):
                Settlement.write(
                    [settlement], {'agreed_result': D('1.00')})
            with self.assertRaises(AccessError):
                Settlement.delete([settlement])

    @with_transaction()
    def test_queries_do_not_grow(self):
        Settlement = Pool().get('cae.settlement')
        cae = Year()
        with cae.context():
            settlements = Settlement.prepare(cae.period(12).fiscalyear)
            self.assertGreater(len(settlements), 2)
            counts = []
            for number in [1, 1, len(settlements)]:
                ids = [s.id for s in settlements[:number]]
                with count_queries() as queries:
                    Settlement.read(ids, ['left', 'variable_part', 'to_pay'])
                counts.append(len(queries))
            self.assertEqual(counts[1], counts[2])


class SettlementOtherYearTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @with_transaction()
    def test_loss(self):
        "§ 7.3: advances stay wages, and the loss goes to the next year"
        pool = Pool()
        Settlement = pool.get('cae.settlement')
        cae = Year()
        with cae.context():
            cae.live('15500.00')
            settlement = cae.settlement(
                leave_closing=D(0), leave_closing_contributions=D(0))
            left = settlement.left
            self.assertLess(left, 0)
            self.assertEqual(settlement.gross, D(0))
            self.assertEqual(settlement.variable_part, D('6500.00'))
            Settlement.post([settlement])
            self.assertFalse(Settlement(settlement.id).move)
            year = cae.next_year()
            cae.sell(dt.date(2025, 1, 10), '1000.00')
            after = Settlement(
                company=cae.company, activity=settlement.activity,
                entrepreneur=settlement.entrepreneur,
                fiscalyear=year)
            after.on_change_activity()
            after.save()
            self.assertEqual(after.brought_forward, left)
            self.assertEqual(after.available, D('1000.00') + left)

    @with_transaction()
    def test_month_open(self):
        "The contribution of a month that is not closed would be missing"
        cae = Year()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '1000.00')
            cae.close(1)
            settlement = cae.settlement(employer_ratio=D('0.3'))
            with self.assertRaises((SettlementError, PostError)):
                type(settlement).post([settlement])
