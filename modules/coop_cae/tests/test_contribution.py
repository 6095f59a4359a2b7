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
from trytond.transaction import Transaction

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
        values.setdefault('decision_date', start)
        if 'base' not in values:
            values['base'] = self.general(cae).base
        rule = Rule(
            company=cae.company, name="Rule", start_date=start,
            rate=D(rate) if rate else None, **values)
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
    def test_rules_of_a_decision_do_not_overlap(self):
        cae = Cae()
        with cae.context():
            decided = self.general(cae).decision_date
            with self.assertRaises(UserError):
                self.rule(cae, start=day(5, 1), decision_date=decided)

    @with_transaction()
    def test_decision_for_the_running_year(self):
        """A rate voted in June for the year that is running holds from its
        first day, as a difference"""
        CompanyMonth = Pool().get('cae.company.month')
        cae = Cae()

        def states():
            with Transaction().set_context(month_date=day(6, 30)):
                return [m.state for m in CompanyMonth.search([
                            ('company', '=', cae.company.id)])[:6]]

        with cae.context():
            for month in range(1, 6):
                cae.sell(day(month, 10), '1000.00')
                cae.close(month)
            self.assertEqual(states(), ['closed'] * 5 + ['ready'])
            rule = self.rule(cae, rate='0.08', decision_date=day(6, 20))
            self.assertEqual(
                states(), ['closed'] * 4 + ['late', 'ready'])
            self.assertEqual(
                [d.check for d in cae.discrepancies()], ['contribution_due'])
            result = cae.close(6)
            self.assertEqual(
                [(c.activity.code, c.rule, c.amount)
                    for c in result.close.contributions],
                [('A1', rule, D('-100.00'))])
            self.assertEqual(states(), ['closed'] * 6)
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_decision_for_a_closed_year(self):
        FiscalYear = Pool().get('account.fiscalyear')
        cae = Cae()
        with cae.context():
            cae.next_year()
            for month in range(1, 13):
                cae.close(month)
            year = cae.period(1).fiscalyear
            FiscalYear.write([year], {'state': 'closed'})
            start = dt.date(2025, 1, 1)
            values = {
                'base': self.general(cae).base,
                'decision_date': dt.date(2025, 6, 20)}
            self.rule(cae, start=start, **values)
            with self.assertRaises(UserError):
                self.rule(
                    cae, start=day(12, 31), end_date=day(12, 31), **values)

    @with_transaction()
    def test_rule_of_closes_that_are_undone(self):
        "Once its closes are undone, a rule may change"
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.close(1).close.undo()
            rule = self.general(cae)
            rule.rate = D('0.05')
            rule.save()
            cae.close(1)
            self.assertEqual(self.due(cae, 1)['A1'], D('50.00'))
            with self.assertRaises(UserError):
                rule.rate = D('0.06')
                rule.save()

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
