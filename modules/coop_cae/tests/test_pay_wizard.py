# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
from decimal import Decimal as D

from trytond.modules.coop_cae.exceptions import PayRequestError
from trytond.modules.coop_cae.tests.test_pay_request import PayTestCase
from trytond.modules.coop_cae.tests.tools import Cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

END = dt.date(2024, 12, 31)


class PayEstimateTestCase(PayTestCase):

    def start(self, activity='A1', person='E1', date=END, **values):
        "Return the form filled in as a user does"
        Start = Pool().get('cae.pay.estimate.start')
        cae = Cae()
        start = Start(**{
                **dict.fromkeys(Start._fields),
                'company': cae.company,
                'currency': cae.company.currency,
                'activity': cae.activity(activity),
                'entrepreneur': cae.person(person) if person else None,
                'date': date,
                'source': 'reference',
                'wanted': 'net',
                **values})
        start.on_change_activity()
        return start

    def year(self):
        "§ 7.3, but for the contribution: the year is not closed yet"
        cae = Cae()
        for date, code, amount in [
                (dt.date(2024, 3, 5), '706', '-42000.00'),
                (dt.date(2024, 4, 6), '6071', '6000.00'),
                (dt.date(2024, 5, 7), '626', '2900.00'),
                (dt.date(2024, 6, 8), '6411', '17300.00'),
                (dt.date(2024, 6, 8), '6451', '5190.00')]:
            cae.post(date, (code, amount, 'A1'), ('5121', -D(amount), None))

    @with_transaction()
    def test_balance_of_the_year(self):
        "§ 7.3: what is left is rounded down to a gross pay"
        self.set_ratio()
        self.year()
        start = self.start(reserve_amount=D('310.00'))
        self.assertEqual(start.treasury, D('10610.00'))
        self.assertEqual(start.contribution, D('3600.00'))
        self.assertEqual(start.reserve, D('310.00'))
        self.assertEqual(start.left, D('6700.00'))
        self.assertEqual(start.person_left, D('6700.00'))
        self.assertEqual(start.gross, D('5153.84'))
        self.assertEqual(start.cost, D('6699.99'))
        self.assertEqual(start.net, D('4020.00'))
        self.assertIn("set for the company", start.ratio_source)
        self.assertIsNone(start.faults)
        start.reserve_amount = D('810.00')
        start.on_change_reserve_amount()
        self.assertEqual(start.gross, D('4769.23'))

    @with_transaction()
    def test_contribution_booked(self):
        "Once the close has booked it, it is in the treasury"
        self.set_ratio()
        self.year()
        cae = Cae()
        with cae.context():
            for month in range(1, 13):
                cae.close(month, skip_faults=True)
        start = self.start(reserve_amount=D('310.00'))
        self.assertEqual(start.treasury, D('7010.00'))
        self.assertEqual(start.contribution, 0)
        self.assertEqual(start.gross, D('5153.84'))

    @with_transaction()
    def test_future(self):
        "What customers owe is counted when it is asked for"
        self.set_ratio()
        Cae().sell(dt.date(2024, 2, 1), '1000.00')
        start = self.start()
        self.assertEqual(start.treasury, 0)
        self.assertEqual(start.left, D('-100.00'))
        self.assertEqual(start.gross, 0)
        start.source = 'future'
        start.on_change_source()
        self.assertEqual(start.treasury, D('1000.00'))
        self.assertEqual(start.left, D('900.00'))
        self.assertEqual(start.cost, D('900.00'))

    @with_transaction()
    def test_months(self):
        "Two months of what the last pay cost the activity"
        cae = Cae()
        with cae.context():
            self.receive('20000.00')
            for month, gross, employer in [
                    (1, '1000.00', '300.00'), (2, '2150.00', '645.00')]:
                cae.payslip('E1', month, gross, employer=employer)
                cae.close(month, skip_faults=True)
        start = self.start(reserve_months=D('2'))
        self.assertEqual(start.month_cost, D('2795.00'))
        self.assertEqual(start.reserve, D('5590.00'))
        self.assertIn("last payslips of the person (2)", start.ratio_source)
        self.assertEqual(
            self.start(date=dt.date(2024, 1, 31)).month_cost, D('1300.00'))

    @with_transaction()
    def test_month_of_a_shared_payslip(self):
        "The activity keeps its part of the cost, as it is booked"
        cae = Cae()
        with cae.context():
            cae.payslip(
                'E1', 1, '1000.01', employer='300.00',
                activities=('A1', 'A2'))
            cae.close(1, skip_faults=True)
        costs = [
            self.start(a, 'E1', reserve_months=D('1')).reserve
            for a in ['A1', 'A2']]
        self.assertEqual(sum(costs), D('1300.01'))
        self.assertEqual(costs[0], D('650.01'))

    @with_transaction()
    def test_shared_activity(self):
        "Each has their part, and the margin pays all who share"
        self.set_ratio()
        self.receive('1000.01', 'A2')
        starts = [self.start('A2', p) for p in ['E1', 'E2']]
        for start in starts:
            self.assertEqual(start.left, D('900.01'))
            self.assertEqual(start.share, D('0.5'))
            self.assertEqual(start.person_left, D('450.00'))
        start = starts[0]
        start.wanted, start.wanted_amount = 'cost', D('900.00')
        start.on_change_wanted_amount()
        self.assertEqual(start.missing, D('450.00'))
        self.assertEqual(start.margin, D('2000.00'))

    @with_transaction()
    def test_there_and_back(self):
        "What a net needs: gross pay, cost and margin"
        self.set_ratio()
        self.receive('2000.00')
        start = self.start(wanted_amount=D('1677.00'))
        self.assertEqual(
            (start.needed_gross, start.needed_cost, start.needed_net),
            (D('2150.00'), D('2795.00'), D('1677.00')))
        self.assertEqual(start.missing, D('995.00'))
        self.assertEqual(start.margin, D('3105.56'))
        start.wanted, start.wanted_amount = 'gross', D('100.00')
        start.on_change_wanted()
        self.assertEqual(start.needed_cost, D('130.00'))
        self.assertEqual(start.missing, 0)

    @with_transaction()
    def test_margin_by_slices(self):
        "The margin of the year goes on in its slice"
        Rule = Pool().get('cae.contribution.rule')
        cae = Cae()
        general, = Rule.search([('company', '=', cae.company.id)])
        Rule.create([{
                    'company': cae.company.id,
                    'name': "Tranches",
                    'activity': cae.activity('A1').id,
                    'start_date': dt.date(2024, 1, 1),
                    'decision_date': dt.date(2024, 1, 1),
                    'base': general.base.id,
                    'slices': [('create', [
                                {'up_to': D(40000), 'rate': D('0.11')},
                                {'rate': D('0.09')}])],
                    }])
        self.set_ratio()
        self.receive('39500.00')
        start = self.start(wanted='cost', wanted_amount=D('900.00'))
        self.assertEqual(start.contribution, D('4345.00'))
        # 500 at 11 %, 500 at 9 %
        self.assertEqual(start.margin, D('1000.00'))

    @with_transaction()
    def test_rates_near_all(self):
        "A contribution that takes all leaves no answer, and no error"
        Rule = Pool().get('cae.contribution.rule')
        cae = Cae()
        general, = Rule.search([('company', '=', cae.company.id)])
        general.rate = D(1)
        general.save()
        self.set_ratio()
        start = self.start(wanted_amount=D('900.00'))
        self.assertIsNotNone(start.needed_cost)
        self.assertIsNone(start.margin)

    @with_transaction()
    def test_nothing_known(self):
        "What is missing is told with its cure, the rest is shown"
        self.receive('1000.00')
        start = self.start(wanted_amount=D('100.00'))
        self.assertEqual(start.left, D('900.00'))
        self.assertIsNone(start.gross)
        self.assertIsNone(start.needed_cost)
        self.assertIn("Pay Ratios", start.faults)
        Rule = Pool().get('cae.contribution.rule')
        self.set_ratio()
        Rule.delete(Rule.search([]))
        start = self.start(wanted_amount=D('100.00'))
        self.assertEqual(start.left, D('1000.00'))
        self.assertIsNone(start.margin)
        self.assertIn("Atelier Durand", start.faults)

    @with_transaction()
    def test_outside_fiscal_years(self):
        self.set_ratio(start=dt.date(2020, 1, 1))
        start = self.start(date=dt.date(2021, 6, 30))
        self.assertEqual(start.left, 0)
        self.assertIn("fiscal year", start.faults)

    @with_transaction()
    def test_unfinished_form(self):
        start = self.start(person=None)
        self.assertEqual(start.entrepreneur, Cae().person('E1'))
        start = self.start('A2', person=None)
        self.assertIsNone(start.entrepreneur)
        self.assertIsNone(start.person_left)
        start.activity = None
        start.on_change_activity()
        self.assertIsNone(start.treasury)
        start.on_change_wanted_amount()

    def execute(self, start):
        Estimate = Pool().get('cae.pay.estimate', type='wizard')
        session, _, _ = Estimate.create()
        values = {
            name: getattr(start, name) for name in [
                'company', 'activity', 'entrepreneur', 'date', 'wanted',
                'wanted_amount', 'gross']}
        values = {
            n: getattr(v, 'id', v) for n, v in values.items()}
        result = Estimate.execute(session, {'start': values}, 'request')
        (_, data), = result['actions']
        Request = Pool().get('cae.pay.request')
        request, = Request.browse(data['res_id'])
        return request

    @with_transaction()
    def test_request(self):
        "What is wanted, or else what can be paid, is requested"
        self.set_ratio()
        self.receive('2000.00')
        with Transaction().set_user(1), Cae().context():
            request = self.execute(self.start(date=dt.date(2024, 5, 20)))
            self.assertEqual(request.state, 'draft')
            self.assertEqual(request.period, Cae().period(5))
            self.assertEqual(
                (request.wanted, request.amount), ('gross', D('1384.61')))
            request = self.execute(self.start(wanted_amount=D('1200.00')))
            self.assertEqual(
                (request.wanted, request.amount), ('net', D('1200.00')))
            with self.assertRaises(PayRequestError):
                self.execute(self.start(reserve_amount=D('5000.00')))

    @with_transaction()
    def test_from_activity(self):
        Estimate = Pool().get('cae.pay.estimate', type='wizard')
        activity = Cae().activity('A1')
        with Transaction().set_context(
                active_model='cae.activity', active_id=activity.id,
                active_ids=[activity.id]):
            session, start, _ = Estimate.create()
            defaults = Estimate.execute(session, {}, start)['view']['defaults']
        self.assertEqual(defaults['activity'], activity.id)
        self.assertEqual(defaults['entrepreneur'], Cae().person('E1').id)
