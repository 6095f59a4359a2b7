# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The rules of the contribution through their models and the ledger."""
import datetime as dt
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


def day(month, day_):
    return dt.date(2024, month, day_)


class ContributionTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def general(self, cae):
        Rule = Pool().get('cae.contribution.rule')
        rule, = Rule.search([('company', '=', cae.company.id)])
        return rule

    def rule(self, cae, start=day(1, 1), rate='0.05', **values):
        Rule = Pool().get('cae.contribution.rule')
        values.setdefault('base', self.general(cae).base)
        rule = Rule(
            company=cae.company, name="Rule", start_date=start,
            decision_date=start, rate=D(rate) if rate else None, **values)
        rule.save()
        return rule

    def due(self, cae, month=12):
        return {
            code: due for code, (_, due, _) in
            cae.contributions(month).items()}

    @with_transaction()
    def test_default(self):
        "10 % of the gross margin"
        rule = self.general(Cae())
        self.assertEqual(rule.rate, D('0.1'))
        self.assertEqual(rule.base.kind, 'gross_margin')
        self.assertEqual(
            {a.prefix for a in rule.base.accounts}, {
                '70', '601', '602', '603', '604', '605', '607', '608', '609',
                '611'})

    @with_transaction()
    def test_rule_changes_within_the_year(self):
        cae = Cae()
        with cae.context():
            general = self.general(cae)
            general.end_date = day(6, 30)
            general.save()
            self.rule(cae, start=day(7, 1))
            cae.sell(day(3, 1), '1000.00')
            cae.sell(day(9, 1), '1000.00')
            cae.sell(day(10, 1), '-200.00')
            self.assertEqual(self.due(cae, 6)['A1'], D('100.00'))
            self.assertEqual(self.due(cae, 9)['A1'], D('150.00'))
            self.assertEqual(self.due(cae)['A1'], D('140.00'))

    @with_transaction()
    def test_override_of_an_activity(self):
        cae = Cae()
        with cae.context():
            self.rule(cae, activity=cae.activity('A1'), start=day(4, 1))
            for code in ['A1', 'A2']:
                cae.sell(day(3, 1), '1000.00', code)
                cae.sell(day(4, 1), '1000.00', code)
            self.assertEqual(
                self.due(cae), {'A1': D('150.00'), 'A2': D('200.00')})

    @with_transaction()
    def test_override_of_a_person(self):
        cae = Cae()
        with cae.context():
            self.rule(cae, entrepreneur=cae.person('E2'))
            for code in ['A1', 'A2']:
                cae.sell(day(3, 1), '1000.00', code)
            self.assertEqual(
                self.due(cae), {'A1': D('100.00'), 'A2': D('50.00')})

    @with_transaction()
    def test_override_of_a_contract(self):
        """A2 has an entrepreneur in CAPE until April, but the last contract
        begun by its entrepreneurs counts"""
        cae = Cae()
        with cae.context():
            self.rule(cae, contract_type='cape')
            for month in [4, 5]:
                for code in ['A1', 'A2']:
                    cae.sell(day(month, 10), '1000.00', code)
            self.assertEqual(
                self.due(cae), {'A1': D('200.00'), 'A2': D('150.00')})

    @with_transaction()
    def test_turnover(self):
        Base = Pool().get('cae.contribution.base')
        cae = Cae()
        with cae.context():
            turnover, = Base.search([
                    ('company', '=', cae.company.id),
                    ('kind', '=', 'turnover')])
            self.rule(cae, base=turnover, activity=cae.activity('A1'))
            cae.sell(day(1, 10), '1000.00')
            cae.post(
                day(1, 10), ('6071', '500', 'A1'), ('5121', '-500', None))
            self.assertEqual(self.due(cae)['A1'], D('50.00'))

    @with_transaction()
    def test_slices(self):
        cae = Cae()
        with cae.context():
            self.rule(cae, rate=None, activity=cae.activity('A1'), slices=[
                    {'up_to': D(40000), 'rate': D('0.11')},
                    {'up_to': D(80000), 'rate': D('0.10')},
                    {'up_to': None, 'rate': D('0.09')},
                    ])
            cae.sell(day(1, 10), '90000.00')
            self.assertEqual(self.due(cae)['A1'], D('9300.00'))

    @with_transaction()
    def test_bad_slices(self):
        cae = Cae()
        with cae.context(), self.assertRaises(UserError):
            self.rule(cae, rate=None, activity=cae.activity('A1'), slices=[
                    {'up_to': D(40000), 'rate': D('0.11')}])

    @with_transaction()
    def test_minimum_and_fee(self):
        cae = Cae()
        with cae.context():
            self.rule(
                cae, activity=cae.activity('A1'),
                minimum=D('1200.00'), monthly_fee=D('19.00'))
            # 31 and 366 days of the 366 days of 2024
            self.assertEqual(self.due(cae, 1)['A1'], D('120.64'))
            self.assertEqual(self.due(cae)['A1'], D('1428.00'))

    @with_transaction()
    def test_exemption(self):
        Exemption = Pool().get('cae.contribution.exemption')
        cae = Cae()
        with cae.context():
            Exemption.create([{
                        'company': cae.company.id,
                        'entrepreneur': cae.person('E2').id,
                        'start_date': day(1, 1), 'end_date': day(3, 31),
                        'reason': "Parental leave",
                        }])
            for month in [3, 4]:
                for code in ['A1', 'A2']:
                    cae.sell(day(month, 10), '1000.00', code)
            self.assertEqual(
                self.due(cae), {'A1': D('200.00'), 'A2': D('100.00')})

    @with_transaction()
    def test_rules_do_not_overlap(self):
        cae = Cae()
        with cae.context(), self.assertRaises(UserError):
            self.rule(cae, start=day(5, 1))

    @with_transaction()
    def test_used_rule_keeps_its_terms(self):
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.close(1)
            rule = self.general(cae)
            with self.assertRaises(UserError):
                rule.rate = D('0.05')
                rule.save()
            rule = self.general(cae)
            rule.end_date = day(12, 31)
            rule.save()

    @with_transaction()
    def test_base_of_unknown_prefix(self):
        Base = Pool().get('cae.contribution.base')
        cae = Cae()
        with self.assertRaises(UserError):
            Base.create([{
                        'company': cae.company.id, 'name': "Base",
                        'kind': 'turnover',
                        'accounts': [('create', [{'prefix': '7%'}])],
                        }])
        with self.assertRaises(UserError):
            Base.create([{
                        'company': cae.company.id, 'name': "Base",
                        'kind': 'turnover'}])

    @with_transaction()
    def test_activity_keeps_its_analytic_account(self):
        cae = Cae()
        activity = cae.activity('A1')
        account = activity.analytic_account
        self.assertEqual((account.code, account.name, account.state),
            ('A1', "Atelier Durand", 'opened'))
        activity.name = "Studio Durand"
        activity.end_date = day(12, 31)
        activity.save()
        self.assertEqual((account.name, account.state),
            ("Studio Durand", 'closed'))

    @with_transaction()
    def test_split_of_pay_is_whole(self):
        cae = Cae()
        activity = cae.activity('A2')
        self.assertEqual(
            [e.ratio for e in activity.entrepreneurs], [D('0.5')] * 2)
        with self.assertRaises(UserError):
            line = activity.entrepreneurs[0]
            line.ratio = D('0.6')
            activity.entrepreneurs = [line, activity.entrepreneurs[1]]
            activity.save()
