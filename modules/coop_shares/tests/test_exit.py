# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import random
import unittest
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.money import round_fraction
from trytond.modules.coop_shares.exceptions import (
    ExitError, FloorError, NominalError, ReverseError)
from trytond.modules.coop_shares.tests.tools import (
    Coop, book, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


class ExitTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def exit(self, coop, name='Ana', date=None, post=True, **values):
        Exit = Pool().get('coop.share.exit')
        date = date or day(6, 30)
        exit_, = Exit.create([{
                    'company': coop.company.id, 'kind': 'resignation',
                    'member': coop.member(name).id, 'request_date': date,
                    'date': date, **values}])
        if post:
            Exit.post([exit_])
        return Exit(exit_.id)

    def withdraw(self, coop, quantity, **values):
        return self.exit(
            coop, kind='withdrawal', share_class=coop.share_class.id,
            quantity=quantity, **values)

    def value(self, coop, exit_):
        "Value it once the accounts of the year are final"
        coop.close_periods()
        exit_.__class__.value([exit_])
        return exit_.__class__(exit_.id)

    def book(self, coop, debit, credit, amount, date):
        "Post an entry without party"
        pool = Pool()
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        Journal = pool.get('account.journal')
        journal, = Journal.search([('type', '=', 'general')], limit=1)
        move, = Move.create([{
                    'company': coop.company.id, 'date': date,
                    'journal': journal.id,
                    'period': Period.find(coop.company, date=date).id,
                    'lines': [('create', [
                                {'account': coop.account(debit).id,
                                    'debit': D(amount)},
                                {'account': coop.account(credit).id,
                                    'credit': D(amount)}])],
                    }])
        Move.post([move])

    def pay(self, coop, exit_):
        "Pay what is due by the bank and reconcile it"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        Journal = pool.get('account.journal')
        journal, = Journal.search([('type', '=', 'general')], limit=1)
        account, party = coop.account('4567'), exit_.member.party
        lines = Line.search([
                ('account', '=', account.id), ('party', '=', party.id),
                ('reconciliation', '=', None)])
        due = sum(line.credit - line.debit for line in lines)
        date = day(1, 15, 2025)
        move, = Move.create([{
                    'company': coop.company.id, 'date': date,
                    'journal': journal.id,
                    'period': Period.find(coop.company, date=date).id,
                    'lines': [('create', [
                                {'account': account.id, 'party': party.id,
                                    'debit': due},
                                {'account': coop.account('5121').id,
                                    'credit': due}])],
                    }])
        Move.post([move])
        paid, = [line for line in move.lines if line.account == account]
        Line.reconcile([*lines, paid])

    @with_transaction()
    def test_domain_example(self):
        "30 shares of 20 of a capital of 60,000, savings of 16, § 10.1"
        self.domain_example('proportional', D('510.00'), D('90.00'))

    @with_transaction()
    def test_domain_example_reserves_first(self):
        self.domain_example('statutory_first', D('600.00'), D('0.00'))

    def domain_example(self, formula, refund, loss):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Exit = pool.get('coop.share.exit')
        coop = Coop()
        with coop.context():
            Configuration(1).set_multivalue(
                'loss_formula', formula, company=coop.company.id)
            coop.movement(30, day(1, 10))
            coop.movement(2970, day(1, 11), name='Bob')
            coop.withhold(5, '1600')
            self.book(coop, '5121', '1063', '20000', day(1, 2))
            exit_ = self.exit(coop)
            self.assertEqual(exit_.amount, D('600.00'))
            self.assertEqual(
                entry_lines(exit_.movements[0].move), [
                    ('1013', 'Coop Ana', D(600), D(0)),
                    ('4567', 'Coop Ana', D(0), D(600))])
            # The loss of the year shows at its closing only
            self.book(coop, '6251', '5121', '12000', day(12, 1))
            exit_ = self.value(coop, exit_)
            self.assertEqual((exit_.loss, exit_.refund), (loss, refund))
            self.assertEqual(exit_.valued_on, day(12, 31))
            self.assertEqual(coop.balance('1013', 'Ana'), D(0))
            self.assertEqual(coop.balance('119'), loss)
            self.assertEqual(coop.balance('4564', 'Ana'), D(0))
            self.assertEqual(
                coop.balance('4567', 'Ana'), refund + D('16.00'))
            self.assertEqual(exit_.to_pay, refund + D('16.00'))
            self.assertEqual(exit_.refund_date, day(6, 30, 2029))
            self.assertEqual(exit_.liable_until, day(6, 30, 2029))
            self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(coop.discrepancies(day(12, 31)), [])
            self.pay(coop, exit_)
            self.assertEqual(Exit(exit_.id).to_pay, D(0))

    @with_transaction()
    def test_membership_ends(self):
        "Who leaves on 31 December is a member that day and not the next"
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            coop.movement(50, day(1, 10), name='Bob')
            self.exit(coop, date=day(12, 31))
            ana = coop.member('Ana')
            self.assertEqual(ana.exit_date, day(12, 31))
            self.assertIn(ana, Member.members_at(coop.company, day(12, 31)))
            self.assertNotIn(
                ana, Member.members_at(coop.company, day(1, 1, 2025)))
            self.assertEqual(coop.held(date=day(12, 31)), (0, D(0)))
            self.assertEqual(coop.held(date=day(12, 30)), (5, D('100.00')))

    @with_transaction()
    def test_death(self):
        "The debt, the loss that is borne and the savings are the heirs'"
        coop = Coop()
        with coop.context():
            coop.movement(30, day(1, 10))
            coop.movement(300, day(1, 11), name='Bob')
            coop.withhold(5, '1600')
            heirs = coop.party('Dan')
            exit_ = self.exit(coop, kind='death', payee=heirs.id)
            self.assertFalse(coop.member().is_member(day(7, 1)))
            self.assertEqual(coop.held(), (0, D(0)))
            self.assertEqual(
                (coop.balance('4567', 'Dan'), coop.balance('4567', 'Ana')),
                (D(616), D(0)))
            self.assertEqual(coop.savings(), D(0))
            self.book(coop, '6251', '5121', '660', day(12, 1))
            exit_ = self.value(coop, exit_)
            # A tenth of the loss for a tenth of the capital
            self.assertEqual(exit_.loss, D(60))
            self.assertEqual(coop.balance('4567', 'Dan'), D(556))
            self.assertEqual(exit_.to_pay, D(556))
            self.assertEqual(coop.discrepancies(), [])
            exit_.__class__.reverse([exit_])
            self.assertEqual(coop.balance('4567', 'Dan'), D(0))
            self.assertEqual(coop.held(), (30, D(600)))

    @with_transaction()
    def test_rejoin(self):
        "Who comes back has a new number and new shares"
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(1, 10))
            coop.movement(50, day(1, 10), name='Bob')
            old = coop.member('Ana')
            self.exit(coop)
            with self.assertRaises(ExitError):
                self.exit(coop, member=old.id, date=day(7, 1))
            new, = Member.create([{
                        'company': coop.company.id, 'party': old.party.id,
                        'admission_date': day(9, 1)}])
            Member.admit([new])
            self.assertNotEqual(new.number, old.number)
            Movement = Pool().get('coop.share.movement')
            movement, = Movement.create([{
                        'company': coop.company.id, 'date': day(9, 2),
                        'member': new.id, 'quantity': 2,
                        'share_class': coop.share_class.id}])
            Movement.post([movement])
            self.assertEqual((old.shares, new.shares), (0, 2))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_floor(self):
        "What would bring the capital under its floor waits, in order"
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        with coop.context():
            coop.movement(60, day(1, 10))
            coop.movement(30, day(1, 10), name='Bob')
            coop.movement(10, day(1, 10), name='Cleo')
            # The highest capital is 2,000: a quarter is 500
            ana = self.exit(coop, 'Ana', day(3, 31))
            self.assertEqual(ana.state, 'posted')
            bob = self.exit(coop, 'Bob', day(4, 30))
            self.assertEqual(bob.state, 'suspended')
            self.assertEqual(coop.held('Bob'), (30, D('600.00')))
            self.assertEqual(coop.member('Bob').exit_date, day(4, 30))
            self.assertFalse(bob.movements)
            # Cleo alone could be refunded, but Bob asked before
            cleo = self.withdraw(coop, 1, name='Cleo', date=day(5, 31))
            self.assertEqual(cleo.state, 'suspended')
            # New subscriptions let both go
            coop.movement(30, day(6, 1), name='Cleo')
            Exit.write([bob, cleo], {'annulment_date': day(6, 2)})
            Exit.post([bob, cleo])
            self.assertEqual(
                [Exit(e.id).state for e in [bob, cleo]],
                ['posted', 'posted'])
            self.assertEqual(coop.held('Bob')[0], 0)
            self.assertEqual(coop.held('Cleo')[0], 39)
            self.assertEqual(
                {m.date for m in Exit(bob.id).movements}, {day(6, 2)})
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_floor_of_scop(self):
        Configuration = Pool().get('coop.share.configuration')
        coop = Coop()
        with coop.context():
            Configuration(1).set_multivalue(
                'of_highest', 'half', company=coop.company.id)
            coop.movement(60, day(1, 10))
            coop.movement(40, day(1, 10), name='Bob')
            self.assertEqual(
                self.exit(coop, 'Ana').state, 'suspended')

    @with_transaction()
    def test_reversal_and_floor(self):
        "What was never there did not raise the floor, nor keeps it"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            coop.movement(75, day(1, 10))
            kept = coop.movement(15, day(1, 10), name='Bob')
            wrong = coop.movement(10, day(1, 11), name='Bob')
            self.exit(coop, 'Ana')
            with self.assertRaises(FloorError):
                Movement.reverse([wrong])
            self.assertEqual(coop.held('Bob')[0], 25)
            coop.movement(20, day(6, 30), name='Cleo')
            Movement.reverse([wrong])
            self.assertEqual(coop.held('Bob')[0], kept.quantity)

    @with_transaction()
    def test_withdrawal(self):
        "The oldest shares are taken back, and the membership goes on"
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            coop.movement(3, day(1, 10))
            coop.movement(50, day(1, 10), name='Bob')
            with self.assertRaises(ExitError):
                self.withdraw(coop, 9)
            exit_ = self.withdraw(coop, 4)
            self.assertEqual([
                    (m.type, m.since, m.quantity) for m in exit_.movements], [
                    ('withdrawal', day(1, 10), -3),
                    ('withdrawal', day(2, 1), -1)])
            self.assertIsNone(coop.member('Ana').exit_date)
            self.assertEqual(coop.held(), (4, D('80.00')))
            self.assertEqual(coop.balance('4567', 'Ana'), D('80.00'))

    @with_transaction()
    def test_after_nominal(self):
        "What is given back is the nominal value of the day of the exit"
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            coop.movement(50, day(1, 10), name='Bob')
            coop.nominal('15', day(3, 1))
            exit_ = self.exit(coop)
            self.assertEqual(exit_.amount, D('75.00'))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_revaluation(self):
        "Of five full years only"
        pool = Pool()
        Account = pool.get('account.account')
        Configuration = pool.get('coop.share.configuration')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            reserve, = Account.copy([coop.account('1063')], default={
                    'code': '106819', 'name': "Revaluation"})
            Configuration(1).set_multivalue(
                'revaluation_account', reserve.id, company=coop.company.id)
            Member.write(
                [coop.member('Ana')], {'admission_date': day(1, 1, 2019)})
            for name in ['Ana', 'Bob', 'Cleo']:
                coop.movement(10, day(2, 1), name=name)
            coop.movement(70, day(2, 1), name='Cleo')
            self.book(coop, '5121', '106819', '1000', day(1, 2))
            exits = [self.exit(coop, name) for name in ['Ana', 'Bob']]
            ana, bob = (self.value(coop, e) for e in exits)
            self.assertEqual((ana.revaluation, ana.refund), (
                    D('100.00'), D('300.00')))
            self.assertEqual((bob.revaluation, bob.refund), (
                    D('0.00'), D('200.00')))
            self.assertEqual(coop.balance('106819'), D('900.00'))
            self.assertEqual(ana.to_pay, D('300.00'))

    @with_transaction()
    def test_reverse(self):
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        Movement = pool.get('coop.share.movement')
        Withholding = pool.get('coop.share.withholding')
        coop = Coop()
        with coop.context():
            coop.movement(30, day(1, 10))
            coop.movement(300, day(1, 10), name='Bob')
            coop.withhold(5, '1600')
            self.book(coop, '6251', '5121', '100', day(12, 1))
            exit_ = self.value(coop, self.exit(coop))
            with self.assertRaises(ReverseError):
                Movement.reverse(exit_.movements)
            with self.assertRaises(ReverseError):
                Withholding.reverse(exit_.withholdings)
            Exit.reverse([exit_])
            self.assertEqual(coop.held(), (30, D('600.00')))
            self.assertEqual(coop.savings(), D('16.00'))
            self.assertIsNone(coop.member('Ana').exit_date)
            for code in ['4567', '119']:
                self.assertEqual(coop.balance(code), D(0))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_early(self):
        "The meeting may decide an earlier refund, after the exit"
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            coop.movement(50, day(1, 10), name='Bob')
            exit_ = self.exit(coop)
            Exit.write([exit_], {
                    'early_date': day(9, 1), 'early_decision': "Meeting"})
            self.assertEqual(Exit(exit_.id).refund_date, day(9, 1))
            for values in [
                    {'date': day(1, 1)}, {'state': 'draft'},
                    {'loss': D(1)}, {'early_date': None, 'loss': D(1)}]:
                with self.assertRaises(AccessError):
                    Exit.write([exit_], values)
            with self.assertRaises(AccessError):
                Exit.delete([exit_])

    def admit(self, coop, names):
        "Admit more members, whose shares are paid"
        pool = Pool()
        Member = pool.get('coop.member')
        Party = pool.get('party.party')
        for name in names:
            party, = Party.create([{'name': f'Coop {name}'}])
            book(coop.company, '5121', '4563', 10000, day(1, 1), party)
            Member.admit(Member.create([{
                            'company': coop.company.id, 'party': party.id,
                            'admission_date': day(1, 1, 2023)}]))

    @with_transaction()
    def test_instalments(self):
        "What is left to pay, and when, is what the ledger says"
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        Date = pool.get('ir.date')
        Line = pool.get('account.move.line')
        Reschedule = pool.get('account.move.line.reschedule', type='wizard')
        coop = Coop()

        def state(*exits):
            return [
                (e.to_pay, e.next_due_date) for e in Exit.browse(exits)]
        with coop.context():
            coop.movement(35, day(1, 10))
            coop.movement(300, day(1, 10), name='Bob')
            first = self.withdraw(coop, 5, date=day(2, 1))
            exit_ = self.exit(coop)
            due = day(6, 30, 2029)
            self.assertEqual(state(first, exit_), [
                    (D(100), day(2, 1, 2029)), (D(600), due)])
            # Paid on account and not reconciled: the oldest first
            book(
                coop.company, '4567', '5121', 250, day(7, 1),
                exit_.member.party)
            self.assertEqual(
                [e.to_pay for e in Exit.browse([first, exit_])],
                [D(0), D(450)])
            Exit.write([exit_], {
                    'early_date': day(9, 1), 'early_decision': "Meeting"})
            self.assertEqual(state(exit_), [(D(450), day(9, 1))])
            line, = Line.search([
                    ('move.origin', '=', str(exit_)),
                    ('account', '=', coop.account('4567').id)])
            self.assertEqual(line.maturity_date, day(9, 1))
            with patch.object(
                    Date, 'today', classmethod(lambda cls: day(9, 1))):
                move, _ = Reschedule.reschedule_lines(
                    [line], line.move.journal, [
                        SimpleNamespace(date=day(month, 1), amount=D(-200))
                        for month in [10, 11, 12]])
            move.origin = exit_
            move.save()
            move.__class__.post([move])
            self.assertEqual(state(exit_), [(D(450), day(10, 1))])
            # Dates of their own stay
            Exit.write([exit_], {
                    'early_date': day(8, 1), 'early_decision': "Meeting"})
            self.assertEqual(state(exit_), [(D(450), day(10, 1))])

    @with_transaction()
    def test_reverse_after_nominal(self):
        "Who did not leave holds shares of today's value"
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        with coop.context():
            coop.movement(30, day(1, 10))
            coop.movement(300, day(1, 10), name='Bob')
            exit_ = self.withdraw(coop, 10, date=day(2, 1))
            coop.nominal('15', day(3, 1))
            self.assertEqual(coop.balance('119'), D(1600))
            Exit.reverse([exit_])
            self.assertEqual(coop.held(), (30, D(450)))
            self.assertEqual(coop.balance('1013', 'Ana'), D(450))
            self.assertEqual(coop.balance('119'), D(1650))
            self.assertEqual(coop.balance('4567'), D(0))
            for date in [day(2, 28), day(3, 1), None]:
                self.assertEqual(coop.discrepancies(date), [])

    @with_transaction()
    def test_reverse_closed_after_nominal(self):
        "In closed periods, and after changes of the nominal value"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Nominal = pool.get('coop.share.nominal')
        Transfer = pool.get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            coop.movement(300, day(1, 10), name='Bob')
            wrong = coop.movement(30, day(1, 10))
            transfer, = Transfer.create([{
                        'company': coop.company.id, 'date': day(2, 1),
                        'share_class': coop.share_class.id, 'quantity': 50,
                        'kind': 'gift', 'decision_date': day(2, 1),
                        'member': coop.member('Bob').id,
                        'to_member': coop.member('Cleo').id}])
            Transfer.post([transfer])
            coop.nominal('15', day(3, 1))
            last = coop.nominal('18', day(4, 1))
            coop.close_periods()
            Movement.reverse([wrong])
            Transfer.reverse([transfer])
            self.assertEqual(
                [coop.held(name) for name in ['Ana', 'Bob', 'Cleo']],
                [(0, D(0)), (300, D(5400)), (0, D(0))])
            self.assertEqual(coop.balance('119'), D(600))
            self.assertEqual(coop.balance('4563', 'Ana'), D(100000))
            self.assertEqual(coop.held(date=day(12, 31)), (30, D(540)))
            for date in [day(3, 31), day(12, 31), day(1, 1, 2025), None]:
                self.assertEqual(coop.discrepancies(date), [])
            with self.assertRaises(NominalError):
                Nominal.reverse([last])

    @with_transaction()
    def test_all_bear_the_same(self):
        "Ten leavers of 2,000 of 60,000 with a loss of 30,000, one by one"
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        names = [f"Leaver {i}" for i in range(10)]
        with coop.context():
            self.admit(coop, names)
            coop.movement(2000, day(1, 10), name='Bob')
            for name in names:
                coop.movement(100, day(1, 10), name=name)
            exits = [
                self.exit(coop, name, day(2 + i, 15))
                for i, name in enumerate(names)]
            self.book(coop, '6251', '5121', '30000', day(12, 1))
            with self.assertRaisesRegex(ExitError, "Close all its periods"):
                Exit.value([exits[0]])
            coop.close_periods()
            for exit_ in [*exits[5:], *reversed(exits[:5])]:
                Exit.value([exit_])
                self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(
                {(e.loss, e.refund, e.to_pay) for e in Exit.browse(exits)},
                {(D(1000), D(1000), D(1000))})
            self.assertEqual(coop.balance('119'), D(10000))
            # Dated in an open period, told at the closing
            self.assertEqual(
                {e.valuation_move.date for e in Exit.browse(exits)},
                {day(1, 1, 2025)})
            # Valuing again books nothing more; taking one back changes nobody
            Exit.value(exits)
            self.assertEqual(coop.balance('119'), D(10000))
            Exit.reverse([exits[3]])
            self.assertEqual(coop.balance('119'), D(9000))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_value_again(self):
        "What changed in the accounts is booked for the difference"
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        with coop.context():
            coop.movement(30, day(1, 10))
            coop.movement(270, day(1, 10), name='Bob')
            self.book(coop, '6251', '5121', '1000', day(12, 1))
            exit_ = self.value(coop, self.exit(coop))
            self.assertEqual(exit_.loss, D(100))
            coop.reopen_periods()
            self.book(coop, '5121', '6251', '400', day(12, 31))
            found, = coop.discrepancies()
            self.assertEqual(
                (found.check, found.party, found.expected, found.found),
                ('value', coop.party(), D(60), D(100)))
            with self.assertRaisesRegex(ExitError, "Close all its periods"):
                Exit.value([exit_])
            coop.close_periods()
            Exit.value([exit_])
            exit_ = Exit(exit_.id)
            self.assertEqual((exit_.loss, exit_.refund), (D(60), D(540)))
            self.assertEqual(
                entry_lines(exit_.valuation_move), [
                    ('119', None, D(40), D(0)),
                    ('4567', 'Coop Ana', D(0), D(40))])
            self.assertEqual(coop.balance('4567', 'Ana'), D(540))
            self.assertEqual(coop.discrepancies(), [])
            Exit.reverse([exit_])
            for code in ['4567', '119']:
                self.assertEqual(coop.balance(code), D(0))
            self.assertEqual(coop.held(), (30, D(600)))

    @with_transaction()
    def test_not_paid_up(self):
        "Shares bear the same whether they are paid up or not"
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Exit = pool.get('coop.share.exit')
        Movement = pool.get('coop.share.movement')
        coop = Coop()
        with coop.context():
            for name, value in [
                    ('legal_form', 'sa'), ('paying_up', 'later')]:
                Configuration(1).set_multivalue(
                    name, value, company=coop.company.id)
            for name, called in [('Ana', 150), ('Bob', 600), ('Cleo', 1200)]:
                movement = coop.movement(
                    60 if name == 'Cleo' else 30, day(1, 10), name=name,
                    post=False)
                movement.called = D(called)
                movement.save()
                Movement.post([movement])
            for name in ['Ana', 'Bob']:
                self.pay_up(coop, name)
            self.book(coop, '6251', '5121', '1200', day(12, 1))
            exits = [self.exit(coop, name) for name in ['Bob', 'Ana']]
            coop.close_periods()
            for exit_ in exits:
                Exit.value([exit_])
            bob, ana = Exit.browse(exits)
            self.assertEqual([
                    (e.amount, e.loss, e.refund) for e in [bob, ana]], [
                    (D(600), D(300), D(300)), (D(150), D(300), D(-150))])
            self.assertEqual(coop.discrepancies(), [])

    def pay_up(self, coop, name):
        "Pay what is called of the shares"
        Line = Pool().get('account.move.line')
        account, party = coop.account('45625'), coop.party(name)
        owed, = Line.search([
                ('account', '=', account.id), ('party', '=', party.id),
                ('reconciliation', '=', None)])
        move = book(
            coop.company, '5121', '45625', owed.debit, day(2, 1), party)
        Line.reconcile([owed, *(
                    line for line in move.lines if line.account == account)])

    @settings(
        deadline=None, max_examples=8,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.tuples(
                st.sampled_from(['Ana', 'Bob', 'Cleo']), st.integers(1, 20),
                st.sampled_from([2, 3, 5, 7, 9])), min_size=1, max_size=4),
        st.sampled_from([None, '18.37', '15']), st.integers(0, 60000),
        st.randoms(use_true_random=False))
    @example(
        [('Ana', 10, 2), ('Bob', 10, 9)], '15', 50000, random.Random(1))
    @with_transaction()
    def test_any_order(self, withdrawals, nominal, loss, random):
        """Whoever goes when, valued in whatever order, bears the same by share
        before and after a reduction of the nominal value for losses"""
        Exit = Pool().get('coop.share.exit')
        coop = Coop()
        with coop.context():
            for name in ['Ana', 'Bob', 'Cleo']:
                coop.movement(100, day(1, 10), name=name)
            exits, reduced = [], D(0)
            for name, quantity, month in sorted(
                    withdrawals, key=lambda w: w[2]):
                if nominal and month > 4 and not reduced:
                    coop.nominal(nominal, day(4, 1))
                    reduced = 20 - D(nominal)
                exits.append(self.withdraw(
                        coop, quantity, name=name, date=day(month, 15)))
            if loss:
                self.book(coop, '6251', '5121', D(loss) / 10, day(12, 1))
            coop.close_periods()
            random.shuffle(exits)
            for exit_ in [*exits, exits[0]]:
                Exit.value([exit_])
            self.assertEqual(coop.discrepancies(), [])
            by_share = Fraction(loss, 10 * 300)
            for exit_ in Exit.browse(exits):
                taken = exit_.quantity * (
                    reduced if exit_.date > day(4, 1) else D(0))
                borne = round_fraction(by_share * exit_.quantity, 2) - taken
                self.assertEqual(
                    exit_.loss, min(max(borne, D(0)), exit_.amount))
