# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae import exit_step
from trytond.modules.coop_cae.exceptions import (
    AccountsClosedError, ExitError, ExitWarning)
from trytond.modules.coop_cae.rules import exit as rule
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
DAY = dt.date(2024, 6, 30)


class ExitTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def exit(self, cae, code='E1', date=DAY, **values):
        pool = Pool()
        Exit = pool.get('cae.exit')
        Reason = pool.get('cae.exit_reason')
        reasons = Reason.search([('code', '=', 'test')])
        if not reasons:
            reasons = Reason.create([{'code': 'test', 'name': "Test"}])
        exit_ = Exit(
            company=cae.company, entrepreneur=cae.person(code), date=date,
            reason=reasons[0], **values)
        exit_.save()
        return exit_

    def leave(self, cae, *args, **values):
        Exit = Pool().get('cae.exit')
        exit_ = self.exit(cae, *args, **values)
        Exit.leave([exit_])
        return Exit(exit_.id)

    def left(self, exit_):
        return [s.kind for s in rule.left(exit_step.reckon([exit_])[exit_])]

    def unshare(self, cae):
        "Let the activity of two go on with the other"
        activity = cae.activity('A2')
        mine = [
            p for p in activity.entrepreneurs if p.entrepreneur.code == 'E1']
        other = [p for p in activity.entrepreneurs if p not in mine]
        activity.__class__.write([activity], {'entrepreneurs': [
                    ('delete', [p.id for p in mine]),
                    ('write', [p.id for p in other], {'ratio': D(1)})]})

    def close_to_june(self, cae):
        for month in range(1, 7):
            cae.close(month)

    def post_shares(self, exit_):
        ShareExit = Pool().get('coop.share.exit')
        ShareExit.post([exit_.share_exit])

    @with_transaction()
    def test_leave(self):
        "The contract and what is run alone end, the shares are prepared"
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
            self.assertEqual(exit_.state, 'open')
            contract, = exit_.entrepreneur.contracts
            self.assertEqual(contract.exit_date, DAY)
            self.assertEqual(contract.exit_reason, exit_.reason)
            self.assertEqual(cae.activity('A1').end_date, DAY)
            self.assertIsNone(cae.activity('A2').end_date)
            self.assertEqual(exit_.share_exit.state, 'draft')
            self.assertEqual(exit_.share_exit.kind, 'end_of_contract')
            self.assertEqual(exit_.entrepreneur.stage, 'left')
            self.assertEqual(
                self.left(exit_), ['shared_activity', 'month', 'shares'])

    @with_transaction()
    def test_refused(self):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Exit = pool.get('cae.exit')
        cae = Cae()
        with cae.context():
            with self.assertRaisesRegex(ExitError, "after the exit"):
                Exit.leave([self.exit(cae, date=dt.date(2022, 12, 31))])
            Contract.delete(cae.person('E1').contracts)
            with self.assertRaisesRegex(ExitError, "no signed contract"):
                Exit.leave([self.exit(cae)])
            with self.assertRaisesRegex(ExitError, "after the exit"):
                Exit.leave([
                        self.exit(cae, 'E2', date=dt.date(2024, 4, 30))])
            with self.assertRaises(UserError):
                self.exit(cae, 'E2', date=dt.date(2024, 4, 30))

    @with_transaction()
    def test_contract_is_over(self):
        "The exit of who left without telling is recorded on the last contract"
        Contract = Pool().get('cae.contract')
        cae = Cae()
        with cae.context():
            Contract.delete([
                    c for c in cae.person('E2').contracts
                    if c.type == 'cesa'])
            exit_ = self.leave(cae, 'E2')
            contract, = exit_.entrepreneur.contracts
            self.assertEqual(contract.exit_date, dt.date(2024, 4, 30))
            self.assertEqual(contract.exit_reason, exit_.reason)

    @with_transaction()
    def test_finish(self):
        "Nothing is left, or what is left is told"
        Exit = Pool().get('cae.exit')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 6, 3), '100.00')
            exit_ = self.leave(cae)
            with self.assertRaisesRegex(ExitError, "customers"):
                Exit.finish([exit_])
            self.unshare(cae)
            self.post_shares(exit_)
            self.close_to_june(cae)
            exit_ = Exit(exit_.id)
            self.assertEqual(self.left(exit_), ['customers'])
            cae.post(
                dt.date(2024, 7, 1), ('5121', '100.00', None),
                ('4111', '-100.00', 'A1'))
            exit_ = Exit(exit_.id)
            self.assertEqual(self.left(exit_), [])
            with self.assertRaisesRegex(ExitWarning, "profit"):
                Exit.finish([exit_])
            self.accept(exit_)
            Exit.finish([exit_])
            exit_ = Exit(exit_.id)
            self.assertEqual(exit_.state, 'done')
            self.assertIsNotNone(exit_.accounting_date)
            self.assertIsNotNone(cae.activity('A1').accounts_closed_on)
            self.assertIsNone(cae.activity('A2').accounts_closed_on)

    def accept(self, exit_):
        Warning = Pool().get('res.user.warning')
        Warning(
            user=Transaction().user, always=True,
            name=Warning.format('exit_asked', [exit_])).save()

    def finished(self, cae):
        "Return an exit that is done"
        Exit = Pool().get('cae.exit')
        exit_ = self.leave(cae)
        self.unshare(cae)
        self.post_shares(exit_)
        self.close_to_june(cae)
        exit_ = Exit(exit_.id)
        Exit.finish([exit_])
        return Exit(exit_.id)

    @with_transaction()
    def test_accounts_closed(self):
        "Nothing is posted on the activity any more, until it is reopened"
        pool = Pool()
        Exit = pool.get('cae.exit')
        Move = pool.get('account.move')
        cae = Cae()
        with cae.context():
            draft = self.draft_move(cae)
            with self.assertRaisesRegex(ExitError, "drafts"):
                self.finished(cae)
            Move.delete([draft])
            exit_, = Exit.search([])
            Exit.finish([exit_])
            with self.assertRaises(AccountsClosedError):
                cae.sell(dt.date(2024, 7, 3), '100.00')
            with self.assertRaises(AccountsClosedError):
                Move.post([self.draft_move(cae)])
            cae.sell(dt.date(2024, 7, 3), '100.00', 'A2')
            Exit.reopen([Exit(exit_.id)])
            self.assertIsNone(cae.activity('A1').accounts_closed_on)
            cae.sell(dt.date(2024, 7, 3), '100.00')

    def draft_move(self, cae):
        Move = Pool().get('account.move')
        move = Move(
            company=cae.company, journal=cae.setting('pay_journal'),
            period=cae.period(7), date=dt.date(2024, 7, 2), lines=[{
                    'account': cae.account('706').id, 'credit': D(10),
                    'debit': D(0),
                    'analytic_lines': [{
                            'account': cae.analytic('A1').id,
                            'credit': D(10), 'debit': D(0),
                            'date': dt.date(2024, 7, 2)}],
                    }, {
                    'account': cae.account('4111').id, 'debit': D(10),
                    'credit': D(0), 'party': cae.party().id,
                    }])
        move.save()
        return move

    @with_transaction()
    def test_cancel(self):
        "All goes on as if nobody had left"
        pool = Pool()
        Exit = pool.get('cae.exit')
        ShareExit = pool.get('coop.share.exit')
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
            Exit.cancel([exit_])
            exit_ = Exit(exit_.id)
            self.assertEqual(exit_.state, 'cancelled')
            contract, = exit_.entrepreneur.contracts
            self.assertIsNone(contract.exit_date)
            self.assertIsNone(contract.exit_reason)
            self.assertIsNone(cae.activity('A1').end_date)
            self.assertFalse(ShareExit.search([]))
            self.assertFalse(exit_.steps)
            Exit.delete([exit_])
            exit_ = self.leave(cae)
            self.post_shares(exit_)
            with self.assertRaisesRegex(ExitError, "Reverse"):
                Exit.cancel([Exit(exit_.id)])

    @with_transaction()
    def test_savings(self):
        "The savings of who is no member are given back as a debt"
        pool = Pool()
        Exit = pool.get('cae.exit')
        Withholding = pool.get('coop.share.withholding')
        cae = Cae()
        with cae.context():
            cae.payslip('E2', 5, '600.00', activities=['A2'])
            self.close_to_june(cae)
            exit_ = self.leave(cae, 'E2')
            self.assertIn('savings', self.left(exit_))
            Exit.give_back([exit_])
            given, = Withholding.search([('type', '=', 'refund')])
            self.assertEqual(given.origin, exit_)
            self.assertEqual(given.date, DAY)
            self.assertNotIn('savings', self.left(exit_))
            with self.assertRaisesRegex(ExitError, "no savings"):
                Exit.give_back([exit_])
            self.assertFalse(cae.discrepancies())

    @with_transaction()
    def test_stays_member(self):
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae, membership='stays')
            self.assertIsNone(exit_.share_exit)
            self.assertNotIn('shares', self.left(exit_))

    @with_transaction()
    def test_pay(self):
        "Drafts of payslips and wages that are not paid are left"
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
            cae.payslip('E1', 6, '500.00')
            self.assertIn('payslip', self.left(exit_))
            self.close_to_june(cae)
            self.assertNotIn('payslip', self.left(exit_))
            wages, = [
                s for s in exit_step.reckon([exit_])[exit_]
                if s.kind == 'wages']
            # One hundredth is kept back for shares
            self.assertEqual((wages.state, wages.amount), ('left', D(495)))

    @with_transaction()
    def test_modify(self):
        Exit = Pool().get('cae.exit')
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
            exit_.note = "To be told"
            exit_.save()
            with self.assertRaises(AccessError):
                Exit.write([exit_], {'date': dt.date(2024, 7, 31)})
            with self.assertRaises(AccessError):
                Exit.delete([exit_])
            copy, = Exit.copy([exit_], {'date': dt.date(2024, 7, 31)})
            self.assertEqual(copy.state, 'draft')
            self.assertIsNone(copy.share_exit)

    @with_transaction()
    def test_steps(self):
        "The list is what the rule tells, with what each step is about"
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
            found = exit_step.reckon([exit_])[exit_]
            self.assertEqual(
                [(s.kind, s.state) for s in exit_.steps],
                [(s.kind, s.state) for s in found])
            self.assertEqual(exit_.left, len(rule.left(found)))
            by_kind = {s.kind: s for s in exit_.steps}
            self.assertEqual(
                by_kind['activity'].activity, cae.activity('A1'))
            self.assertEqual(
                by_kind['shared_activity'].activity, cae.activity('A2'))
            self.assertEqual(by_kind['shares'].share_exit, exit_.share_exit)
            self.assertEqual(by_kind['shares'].by, 'accountant')
            self.assertEqual(by_kind['month'].period, cae.period(6))

    @with_transaction()
    def test_queries(self):
        "They do not depend on the number of exits"
        Exit = Pool().get('cae.exit')
        cae = Cae()
        with cae.context():
            numbers = []
            for code in ['E1', 'E2']:
                self.leave(cae, code)
                exits = Exit.search([])
                exit_step.reckon(exits)
                Transaction().cache.clear()
                with count_queries() as queries:
                    exit_step.reckon(Exit.browse([e.id for e in exits]))
                numbers.append(len(queries))
            self.assertLessEqual(numbers[1], numbers[0] + 2)

    @with_transaction()
    def test_ended_activity(self):
        "No pay is asked for, nothing transferred to it after its end"
        pool = Pool()
        PayRequest = pool.get('cae.pay.request')
        cae = Cae()
        with cae.context():
            self.leave(cae)
            for month, refused in [(6, False), (7, True)]:
                request = PayRequest(
                    company=cae.company, activity=cae.activity('A1'),
                    entrepreneur=cae.person('E1'), period=cae.period(month),
                    wanted='gross', amount=D(100))
                if refused:
                    with self.assertRaisesRegex(UserError, "ended"):
                        request.save()
                else:
                    request.save()

    @with_transaction()
    def test_adviser(self):
        "The adviser leads the exit, the accountant finishes it"
        Exit = Pool().get('cae.exit')
        cae = Cae()
        with cae.context():
            exit_ = self.exit(cae)
            with self.user('adviser'):
                call('cae.exit', 'leave', [exit_.id])
                exit_ = Exit(exit_.id)
                self.assertEqual(exit_.state, 'open')
                kinds = {
                    s['kind'] for s in call(
                        'cae.exit.step', 'search_read',
                        [('exit', '=', exit_.id)], 0, None, None,
                        ['kind', 'state', 'amount'])}
                self.assertIn('shares', kinds)
                for name in ['finish', 'give_back', 'reopen']:
                    with self.subTest(name=name), \
                            self.assertRaises(AccessButtonError):
                        call('cae.exit', name, [exit_.id])
                call('cae.exit', 'cancel', [exit_.id])

    @with_transaction()
    def test_access(self):
        for group, modes in [
                ('adviser', ['rwcd', 'r']), ('accountant', ['rwcd', 'r']),
                ('manager', ['r', 'r']), ('entrepreneur', ['', ''])]:
            with self.user(group):
                for name, mode in zip(['cae.exit', 'cae.exit.step'], modes):
                    with self.subTest(group=group, name=name):
                        self.assertModes([name], mode)

    @with_transaction()
    def test_other_company(self):
        cae = Cae()
        with cae.context():
            exit_ = self.leave(cae)
        with self.user('adviser', company='OTHER'):
            self.assertEqual(call('cae.exit', 'search', []), [])
            self.assertEqual(call('cae.exit.step', 'search', []), [])
            with self.assertRaises(AccessError):
                call('cae.exit', 'cancel', [exit_.id])

    @with_transaction()
    def test_state_is_of_the_buttons(self):
        cae = Cae()
        with cae.context():
            exit_ = self.exit(cae)
            with self.user('adviser'):
                for values in [{'state': 'done'}, {'accounting_date': DAY}]:
                    with self.subTest(values=values), \
                            self.assertRaises(AccessError):
                        call('cae.exit', 'write', [exit_.id], values)

    @with_transaction()
    def test_accounts_are_closed_by_the_exit(self):
        cae = Cae()
        with cae.context():
            activity = cae.activity('A1')
            with self.user('adviser'), \
                    self.assertRaises(AccountsClosedError):
                call('cae.activity', 'write', [activity.id], {
                        'accounts_closed_on': DAY})

    @with_transaction()
    def test_wizard(self):
        "From the entrepreneur to the list of what is left"
        Leave = Pool().get('cae.exit.leave', type='wizard')
        cae = Cae()
        with cae.context():
            exit_ = self.exit(cae)
            reason = exit_.reason
            exit_.__class__.delete([exit_])
            session, _, _ = Leave.create()
            with Transaction().set_context(
                    active_model='cae.entrepreneur',
                    active_id=cae.person('E1').id,
                    active_ids=[cae.person('E1').id]):
                result = Leave.execute(session, {}, 'start')
                values = result['view']['defaults']
                self.assertEqual(values['membership'], 'leaves')
                _, data = Leave.execute(session, {'start': {
                            **{
                                k: v for k, v in values.items()
                                if not k.endswith('.')},
                            'date': DAY, 'reason': reason.id}},
                    'leave')['actions'][0]
            found, = Pool().get('cae.exit').browse(data['res_id'])
            self.assertEqual(found.state, 'open')
            self.assertEqual(found.entrepreneur, cae.person('E1'))
