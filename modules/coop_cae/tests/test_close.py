# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


def day(month, day_):
    return dt.date(2024, month, day_)


class CloseTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def count(self, name):
        return Pool().get(name).search([], count=True)

    def post_domain_month(self, cae):
        "The month of activity A of § 5.5 of the domain, in March"
        cae.sell(day(2, 10), '600.00')
        cae.post(day(3, 5),
            ('4111', '4800.00', 'A1'), ('706', '-4000.00', 'A1'),
            ('44571', '-800.00', 'A1'))
        cae.post(day(3, 8),
            ('4111', '1500.00', 'A1'), ('7071', '-1250.00', 'A1'),
            ('44571', '-250.00', 'A1'))
        cae.post(day(3, 12),
            ('706', '600.00', 'A1'), ('44571', '120.00', 'A1'),
            ('4111', '-720.00', 'A1'))
        for code, amount, vat in [
                ('6071', '700.00', '140.00'),
                ('611', '450.00', '90.00'),
                ('626', '60.00', '12.00')]:
            cae.post(day(3, 15),
                (code, amount, 'A1'), ('44566', vat, 'A1'),
                ('4011', -(D(amount) + D(vat)), 'A1'))
        cae.post(day(3, 20),
            ('6251', '38.40', 'A1'), ('421', '-38.40', 'A1'))

    @with_transaction()
    def test_domain_month(self):
        "§ 5.5: the credit note gives back what February took"
        cae = Cae()
        with cae.context():
            self.post_domain_month(cae)
            for month in [1, 2]:
                cae.close(month)
            self.assertEqual(
                cae.contributions(2)['A1'],
                (D('600.00'), D('60.00'), D('60.00')))
            result = cae.close(3)
            self.assertFalse(result.faults)
            self.assertEqual(
                cae.contributions(3)['A1'],
                (D('4100.00'), D('410.00'), D('410.00')))
            contribution, = result.close.contributions
            self.assertEqual(contribution.amount, D('350.00'))
            self.assertEqual(cae.balance('65889'), 0)
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_result_of_the_activity(self):
        "§ 5.5: the month's result before pay is 3 051.60"
        from trytond.modules.coop_cae.report import table
        cae = Cae()
        with cae.context():
            self.post_domain_month(cae)
            for month in range(1, 4):
                cae.close(month)
            columns, rows = table('activities', [cae.company], day(3, 31))
            march = dict(zip(columns, next(r for r in rows if r[1] == 'A1')))
            _, rows = table('activities', [cae.company], day(2, 29))
            february = dict(
                zip(columns, next(r for r in rows if r[1] == 'A1')))
            self.assertEqual(
                march['result'] - february['result'], D('3051.60'))
            self.assertEqual(march['other_costs'], D('98.40'))
            self.assertEqual(march['gross_margin'], D('4100.00'))
            self.assertEqual(march['receivable'], D('6180.00'))
            self.assertEqual(march['payable'], D('1452.00'))

    @with_transaction()
    def test_entry_moves_result_to_structure(self):
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            close = cae.close(1).close
            move, = close.moves
            self.assertEqual(move.date, day(1, 31))
            self.assertEqual(
                sorted((line.account.code, line.debit, line.credit)
                    for line in move.lines),
                [('65889', 0, 100), ('65889', 100, 0)])
            self.assertEqual(
                {p.account: p.debit - p.credit
                    for line in move.lines for p in line.analytic_lines},
                {cae.analytic('A1'): D('100.00'),
                    cae.analytic('structure'): D('-100.00')})
            self.assertEqual(
                {line.analytic_state for line in move.lines}, {'valid'})

    @with_transaction()
    def test_again_books_nothing(self):
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.payslip('E1', 1, '850.00')
            cae.close(1)
            moves = self.count('account.move')
            again = cae.close(1)
            self.assertIsNone(again.close)
            self.assertEqual(again.faults, [])
            self.assertEqual(self.count('account.move'), moves)

    @with_transaction()
    def test_empty_month_is_closed(self):
        cae = Cae()
        with cae.context():
            self.assertTrue(cae.close(1).close)
            self.assertIsNone(cae.close(1).close)
            self.assertTrue(cae.close(2).close)

    @with_transaction()
    def test_late_entry(self):
        "What comes late is booked by closing again, or by the next close"
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.close(1)
            cae.sell(day(1, 20), '-400.00')
            again = cae.close(1).close
            self.assertEqual(again.rank, 2)
            self.assertEqual(
                [c.amount for c in again.contributions], [D('-40.00')])
            cae.sell(day(1, 25), '50.00')
            february = cae.close(2).close
            self.assertEqual(
                [c.amount for c in february.contributions], [D('5.00')])
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_givers_and_receivers_in_one_entry(self):
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00', 'A1')
            cae.close(1)
            cae.sell(day(2, 10), '-1000.00', 'A1')
            cae.sell(day(2, 10), '1000.00', 'A2')
            close = cae.close(2).close
            self.assertEqual(
                {c.activity.code: c.amount for c in close.contributions},
                {'A1': D('-100.00'), 'A2': D('100.00')})
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_never_negative(self):
        "What was not contributed is not given back"
        cae = Cae()
        with cae.context():
            cae.post(day(1, 5), ('6071', '500', 'A1'), ('5121', '-500', None))
            cae.close(1)
            self.assertEqual(
                cae.contributions(1)['A1'], (D('-500.00'), 0, 0))

    @with_transaction()
    def test_shared_cost(self):
        "A purchase shared between two activities lowers the base of each"
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00', 'A1')
            cae.sell(day(1, 10), '1000.00', 'A2')
            cae.post(day(1, 12),
                ('6071', '100.01', {'A1': '60.01', 'A2': '40.00'}),
                ('4011', '-100.01', {'A1': '-60.01', 'A2': '-40.00'}))
            cae.close(1)
            self.assertEqual(
                {a: c[:2] for a, c in cae.contributions(1).items()}, {
                    'A1': (D('939.99'), D('94.00')),
                    'A2': (D('960.00'), D('96.00'))})
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_pay(self):
        "§ 7.2: the entry of a pay and what is kept back"
        cae = Cae()
        with cae.context():
            slip = cae.payslip(
                'E1', 1, '2150.00', '473.00', '40.00', '645.00')
            close = cae.close(1).close
            party = slip.entrepreneur.party
            self.assertEqual(slip.state, 'posted')
            self.assertEqual(slip.withheld, D('21.50'))
            self.assertEqual(cae.balance('6411'), D('2150.00'))
            self.assertEqual(cae.balance('6451'), D('645.00'))
            self.assertEqual(cae.balance('431'), D('-1118.00'))
            self.assertEqual(cae.balance('4421'), D('-40.00'))
            self.assertEqual(cae.balance('421', party), D('-1615.50'))
            self.assertEqual(cae.balance('4564', party), D('-1.50'))
            self.assertEqual(cae.balance('1013', party), D('-20.00'))
            self.assertEqual(slip.move.origin, slip)
            movement, = close.movements
            self.assertEqual((movement.quantity, movement.type),
                (1, 'conversion'))
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_pay_of_several_activities(self):
        cae = Cae()
        with cae.context():
            cae.payslip(
                'E1', 1, '1000.01', '220.00', '0', '300.01',
                activities=['A1', 'A2'])
            cae.close(1)
            self.assertEqual(cae.discrepancies(), [])
            from trytond.modules.coop_cae.report import table
            columns, rows = table('activities', [cae.company], day(1, 31))
            pay = {r[1]: r[columns.index('pay')] for r in rows}
            self.assertEqual(sum(pay.values()), D('1300.02'))
            self.assertLessEqual(abs(pay['A1'] - pay['A2']), D('0.02'))

    @with_transaction()
    def test_shares_month_by_month(self):
        "§ 8.2: 2 shares of 20 € and 16.00 € of savings after four months"
        Movement = Pool().get('coop.share.movement')
        Withholding = Pool().get('coop.share.withholding')
        cae = Cae()
        with cae.context():
            party = cae.person('E1').party.id
            for month, gross, carry in [
                    (1, '850.00', '8.50'), (2, '1420.00', '2.70'),
                    (3, '1180.00', '14.50'), (4, '2150.00', '16.00')]:
                cae.payslip('E1', month, gross)
                cae.close(month)
                self.assertEqual(
                    Withholding.savings(
                        cae.company, cae.period(month).end_date)[party],
                    D(carry))
            (quantity, amount), = Movement.holdings(
                cae.company, day(4, 30)).values()
            self.assertEqual((quantity, amount), (2, D('40.00')))
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_not_a_member_goes_on_saving(self):
        Withholding = Pool().get('coop.share.withholding')
        cae = Cae()
        with cae.context():
            for month in range(1, 5):
                cae.close(month)
            cae.payslip('E2', 5, '3000.00', activities=['A2'])
            close = cae.close(5).close
            self.assertEqual(len(close.movements), 0)
            self.assertEqual(
                Withholding.savings(cae.company, day(5, 31))[
                    cae.person('E2').party.id], D('30.00'))

    @with_transaction()
    def test_several_payslips_are_rounded_once(self):
        cae = Cae()
        with cae.context():
            cae.payslip('E1', 1, '850.40')
            cae.payslip('E1', 1, '850.40', activities=['A2'])
            close = cae.close(1).close
            self.assertEqual(
                sum(w.amount for w in close.withholdings), D('17.01'))

    @with_transaction()
    def test_late_payslip(self):
        cae = Cae()
        with cae.context():
            cae.payslip('E1', 1, '850.40')
            cae.close(1)
            late = cae.payslip('E1', 1, '850.40', activities=['A2'])
            close = cae.close(1).close
            self.assertEqual(
                sum(w.amount for w in close.withholdings), D('8.51'))
            self.assertEqual(late.close, close)
            self.assertEqual(cae.discrepancies(), [])

    @with_transaction()
    def test_undo(self):
        "A month closed, undone and closed again is the same to the cent"
        cae = Cae()

        def figures():
            return {
                code: cae.balance(code)
                for code in ['65889', '6411', '421', '4564', '1013', '431']
                } | cae.contributions(1)
        with cae.context():
            cae.sell(day(1, 10), '1234.56')
            slip = cae.payslip(
                'E1', 1, '2150.00', '473.00', '40.00', '645.00')
            close = cae.close(1).close
            before = figures()
            close.undo()
            self.assertEqual(close.state, 'undone')
            self.assertEqual(slip.state, 'draft')
            self.assertIsNone(slip.move)
            self.assertEqual(
                {cae.balance(c) for c in ['6411', '421', '4564', '1013']},
                {D(0)})
            self.assertEqual(cae.contributions(1)['A1'][2], 0)
            self.assertEqual(cae.discrepancies(), [])
            cae.close(1)
            self.assertEqual(figures(), before)
            self.assertEqual(cae.discrepancies(), [])
            Movement = Pool().get('coop.share.movement')
            self.assertEqual(
                [m.quantity for m in Movement.search(
                        [], order=[('id', 'ASC')])], [1, -1, 1])

    @with_transaction()
    def test_months_in_order(self):
        cae = Cae()
        with cae.context():
            fault, = cae.close(2).faults
            self.assertIn(cae.period(1).rec_name, fault.message)
            cae.close(1)
            close = cae.close(2).close
            self.assertTrue(close)
            with self.assertRaises(UserError):
                Pool().get('cae.close').search([
                        ('period', '=', cae.period(1).id)])[0].undo()
            close.undo()

    @with_transaction()
    def test_closed_period(self):
        cae = Cae()
        with cae.context():
            period = cae.period(1)
            period.close([period])
            result = cae.close(1, skip_faults=True)
            self.assertIsNone(result.close)
            self.assertEqual(len(result.faults), 1)

    @with_transaction()
    def test_missing_setting(self):
        Configuration = Pool().get('cae.configuration')
        cae = Cae()
        with cae.context():
            Configuration(1).set_multivalue(
                'contribution_account', None, company=cae.company.id)
            fault, = cae.close(1, skip_faults=True).faults
            self.assertIn("Contribution Account", fault.message)

    @with_transaction()
    def test_fault_of_a_person(self):
        "One fault holds all, unless the others are to be closed"
        cae = Cae()
        with cae.context():
            cae.payslip('E1', 1, '850.00')
            slip = cae.payslip('E2', 1, '850.00', activities=['A2'])
            result = cae.close(1)
            self.assertIsNone(result.close)
            self.assertEqual([f.record for f in result.faults], [str(slip)])
            self.assertEqual(self.count('cae.close'), 0)
            result = cae.close(1, skip_faults=True)
            self.assertEqual(len(result.close.payslips), 1)
            self.assertIn(slip.rec_name, result.close.faults)
            self.assertEqual(slip.state, 'draft')

    @with_transaction()
    def test_fault_of_an_activity(self):
        Rule = Pool().get('cae.contribution.rule')
        cae = Cae()
        with cae.context():
            rule, = Rule.search([('company', '=', cae.company.id)])
            rule.end_date = day(1, 31)
            rule.save()
            cae.sell(day(1, 10), '1000.00')
            self.assertEqual(cae.close(1).faults, [])
            cae.sell(day(2, 10), '1000.00')
            result = cae.close(2, skip_faults=True)
            self.assertEqual(
                {f.record for f in result.faults},
                {str(cae.activity(a)) for a in ['A1', 'A2']})
            self.assertEqual(len(result.close.contributions), 0)

    @with_transaction()
    def test_preview_is_what_is_booked(self):
        pool = Pool()
        CloseMonth = pool.get('cae.close_month', type='wizard')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.payslip('E1', 1, '2150.00', '473.00', '40.00', '645.00')
            session_id, _, _ = CloseMonth.create()
            wizard = CloseMonth(session_id)
            wizard.start.company = cae.company
            wizard.start.period = cae.period(1)
            preview = wizard.default_preview([])
            self.assertEqual(
                [(line['step'], line['amount']) for line in preview['lines']],
                [('pay', D('1637.00')), ('withholding', D('21.50')),
                    ('conversion', D('20.00')),
                    ('contribution', D('100.00'))])
            self.assertEqual(self.count('cae.close'), 0)
            wizard.preview.skip_faults = False
            self.assertEqual(wizard.transition_close(), 'result')
            close = wizard.result.close
            self.assertEqual(
                [c.amount for c in close.contributions], [D('100.00')])
            self.assertIn('1', wizard.default_result([])['text'])

    @with_transaction()
    def test_no_month_left(self):
        "The wizard opens when all the months are closed"
        pool = Pool()
        CloseMonth = pool.get('cae.close_month', type='wizard')
        cae = Cae()
        with cae.context():
            session_id, _, _ = CloseMonth.create()
            wizard = CloseMonth(session_id)
            wizard.start.company = cae.company
            wizard.start.period = None
            self.assertEqual(
                wizard.default_start([]),
                {'company': cae.company.id, 'period': None})

    @with_transaction()
    def test_companies_apart(self):
        cae, other = Cae(), Cae('OTHER')
        with other.context():
            other.sell(day(1, 10), '1000.00', 'A3')
            other.close(1)
        with cae.context():
            self.assertEqual(
                cae.contributions(1), {'A1': (0, 0, 0), 'A2': (0, 0, 0)})
            self.assertTrue(cae.close(1).close)

    @with_transaction()
    def test_lines_of_a_contribution(self):
        pool = Pool()
        OpenLines = pool.get('cae.contribution.open_lines', type='wizard')
        Part = pool.get('analytic_account.line')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.post(day(1, 12), ('6071', '100', 'A1'), ('4011', '-100', 'A1'))
            cae.post(day(1, 12), ('626', '50', 'A1'), ('4011', '-50', 'A1'))
            contribution, = cae.close(1).close.contributions
            session_id, _, _ = OpenLines.create()
            with Transaction().set_context(
                    active_model='cae.contribution',
                    active_id=contribution.id):
                from trytond.pyson import PYSONDecoder
                action, _ = OpenLines(session_id).do_open_({
                        'name': "", 'pyson_domain': ''})
            lines = Part.search(
                PYSONDecoder().decode(action['pyson_domain']))
            self.assertEqual(
                sum(p.credit - p.debit for p in lines), contribution.base)

    @with_transaction()
    def test_immutable(self):
        pool = Pool()
        Contribution = pool.get('cae.contribution')
        Payslip = pool.get('cae.payslip')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            slip = cae.payslip('E1', 1, '850.00')
            close = cae.close(1).close
            for Model, record, values in [
                    (Contribution, close.contributions[0], {'base': 1}),
                    (Payslip, slip, {'gross': 1})]:
                with self.assertRaises(UserError):
                    Model.write([record], values)
                with self.assertRaises(UserError):
                    Model.delete([record])
            with self.assertRaises(UserError):
                pool.get('cae.close').delete([close])

    @with_transaction()
    def test_entries_are_posted_in_sets(self):
        "No module of ours makes entries be posted one by one"
        self.assertFalse(Pool().get('account.move')._has_entry_hooks())

    def test_queries_do_not_grow(self):
        "The number of queries does not depend on the number of activities"
        self.assertEqual(self._queries(5), self._queries(120))

    @with_transaction()
    def _queries(self, number):
        pool = Pool()
        Activity = pool.get('cae.activity')
        Contribution = pool.get('cae.contribution')
        Close = pool.get('cae.close')
        cae = Cae()
        with cae.context():
            Activity.create([{
                        'company': cae.company.id, 'code': f'Q{i:03}',
                        'name': f'Q{i}', 'start_date': day(1, 1),
                        } for i in range(number)])
            split = {f'Q{i:03}': '-100' for i in range(number)}
            cae.post(day(1, 10),
                ('706', -100 * number, split), ('5121', 100 * number, None))
            close = Close(
                company=cae.company, period=cae.period(1), rank=1,
                state='done')
            close.save()
            with count_queries() as queries:
                plans = Contribution.plan(cae.company, cae.period(1))
                Contribution.book(close, plans)
            self.assertEqual(len(close.contributions), number)
            return len(queries)
