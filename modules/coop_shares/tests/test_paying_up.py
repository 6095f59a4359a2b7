# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.model.exceptions import DomainValidationError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.alerts import alerts
from trytond.modules.coop_shares.exceptions import (
    CallError, ConfigurationError, NominalError, PaidError, ReverseError,
    TransferError)
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, entry_lines, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class PaidLaterCoop(Coop):
    "A co-op whose shares are paid up after their subscription"

    def context(self):
        Configuration = Pool().get('coop.share.configuration')
        Pool().get('account.move.reconciliation').lock()
        context = super().context()
        for name, value in [
                ('legal_form', 'sa'), ('paying_up', 'later')]:
            Configuration(1).set_multivalue(
                name, value, company=self.company.id)
        return context

    def subscribe(self, quantity, date, called=None, name='Ana'):
        Movement = Pool().get('coop.share.movement')
        movement = self.movement(quantity, date, name=name, post=False)
        if called is not None:
            movement.called = D(called)
            movement.save()
        Movement.post([movement])
        return Movement(movement.id)

    def call(self, date, amount=None, post=True):
        Call = Pool().get('coop.share.call')
        call, = Call.create([{
                    'company': self.company.id, 'date': date,
                    'due_date': date, 'share_class': self.share_class.id,
                    'amount': amount and D(amount)}])
        if post:
            Call.post([call])
        return Call(call.id)

    def entry(self, date, *lines):
        "Post an entry of lines of account, name, debit and credit"
        pool = Pool()
        Move = pool.get('account.move')
        Period = pool.get('account.period')
        journal, = pool.get('account.journal').search(
            [('type', '=', 'general')], limit=1)
        move, = Move.create([{
                    'company': self.company.id, 'date': date,
                    'journal': journal.id,
                    'period': Period.find(self.company, date=date).id,
                    'lines': [('create', [{
                                    'account': self.account(code).id,
                                    'party': name and self.party(name).id,
                                    'debit': D(debit), 'credit': D(credit),
                                    } for code, name, debit, credit in lines])
                        ]}])
        Move.post([move])
        return Move(move.id)

    def owed(self, name='Ana'):
        "Return the lines that the member owes, the oldest first"
        Line = Pool().get('account.move.line')
        return Line.search([
                ('account', '=', self.account('45625').id),
                ('party', '=', self.party(name).id),
                ('reconciliation', '=', None),
                ('debit', '>', 0),
                ], order=[('id', 'ASC')])

    def pay(self, date, name='Ana', amount=None):
        "Pay a line that is owed, or a part of it, by the bank"
        Line = Pool().get('account.move.line')
        line, *_ = self.owed(name)
        if amount and D(amount) < line.debit:
            line = self.split(line, D(amount), date)
        move = self.entry(
            date, ('5121', None, line.debit, 0),
            ('45625', name, 0, line.debit))
        paid, = [x for x in move.lines if x.account == line.account]
        reconciliation, = Line.reconcile([line, paid])
        return reconciliation

    def split(self, line, amount, date):
        "Reschedule what is owed, in two, and return the first part"
        pool = Pool()
        Date = pool.get('ir.date')
        Reschedule = pool.get('account.move.line.reschedule', type='wizard')
        with patch.object(Date, 'today', classmethod(lambda cls: date)):
            move, _ = Reschedule.reschedule_lines(
                [line], line.move.journal, [
                    SimpleNamespace(date=date, amount=amount),
                    SimpleNamespace(date=date, amount=line.debit - amount)])
        move.__class__.post([move])
        return next(
            x for x in move.__class__(move.id).lines if x.debit == amount)

    def state(self, name='Ana', date=None):
        Movement = Pool().get('coop.share.movement')
        state = Movement.states(self.company, date).get(
            (self.member(name).id, self.share_class.id))
        return tuple(state) if state else (D(0), D(0), D(0))


class PayingUpTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_call_and_pay(self):
        coop = PaidLaterCoop()
        with coop.context():
            movement = coop.subscribe(5, day(1, 10), called='25')
            self.assertEqual(entry_lines(movement.move), [
                    ('109', 'Coop Ana', D(75), D(0)),
                    ('1011', 'Coop Ana', D(0), D(75)),
                    ('45625', 'Coop Ana', D(25), D(0)),
                    ('1012', 'Coop Ana', D(0), D(25))])
            self.assertEqual(coop.held(), (5, D('100.00')))
            self.assertEqual(coop.state(), (D(100), D(25), D(0)))
            coop.pay(day(2, 1))
            self.assertEqual(coop.state(), (D(100), D(25), D(25)))
            self.assertEqual(
                coop.state(date=day(1, 31)), (D(100), D(25), D(0)))
            self.assertEqual(coop.balance('1013', 'Ana'), D(25))
            self.assertEqual(coop.balance('1012', 'Ana'), D(0))
            coop.call(day(3, 1), '5')
            self.assertEqual(coop.state(), (D(100), D(50), D(25)))
            call = coop.call(day(4, 1))
            self.assertEqual(coop.state(), (D(100), D(100), D(25)))
            self.assertEqual(call.movements[0].called, D(50))
            with self.assertRaises(CallError):
                coop.call(day(5, 1))
            coop.pay(day(5, 1))
            coop.pay(day(5, 2))
            self.assertEqual(coop.state(), (D(100), D(100), D(100)))
            for code in ['109', '1011', '1012', '45625']:
                self.assertEqual(coop.balance(code), D(0))
            for date in [day(1, 10), day(2, 1), day(3, 1), day(5, 1), None]:
                self.assertEqual(coop.discrepancies(date), [])

    @with_transaction()
    def test_unreconcile_and_reconcile(self):
        "The paid amount follows, the shares never move"
        pool = Pool()
        Line = pool.get('account.move.line')
        Movement = pool.get('coop.share.movement')
        Reconciliation = pool.get('account.move.reconciliation')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(5, day(1, 10), called='40')
            reconciliation = coop.pay(day(2, 1))
            lines = list(reconciliation.lines)
            payment, = Movement.search([('type', '=', 'payment')])
            self.assertEqual(payment.reconciliation, reconciliation.number)
            with self.assertRaises(ReverseError):
                Movement.reverse([payment])
            for _ in range(2):
                self.assertEqual(coop.state()[2], D(40))
                Reconciliation.delete(
                    list({line.reconciliation for line in lines}))
                self.assertEqual(coop.state(), (D(100), D(40), D(0)))
                self.assertEqual(coop.held(), (5, D('100.00')))
                self.assertEqual(coop.discrepancies(), [])
                self.assertEqual(coop.discrepancies(day(2, 1)), [])
                Line.reconcile(Line.browse(lines))
            self.assertEqual(coop.state(), (D(100), D(40), D(40)))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_paid_in_part(self):
        "What is owed is rescheduled, as Tryton does, and paid in part"
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(5, day(1, 10), called='40')
            coop.pay(day(2, 1), amount='15')
            self.assertEqual(coop.state(), (D(100), D(40), D(15)))
            self.assertEqual([x.debit for x in coop.owed()], [D(25)])
            self.assertEqual(coop.discrepancies(), [])
            coop.pay(day(3, 1))
            self.assertEqual(coop.state(), (D(100), D(40), D(40)))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_quarter(self):
        "Law 47-1775, article 12"
        Configuration = Pool().get('coop.share.configuration')
        coop = PaidLaterCoop()
        with coop.context():
            with self.assertRaises(PaidError):
                coop.subscribe(5, day(1, 10), called='24.99')
            with self.assertRaises(PaidError):
                coop.subscribe(5, day(1, 10), called='100.01')
            self.assertEqual(
                coop.subscribe(5, day(1, 10)).called, D('100.00'))
            Configuration(1).set_multivalue(
                'paying_up', 'at_once', company=coop.company.id)
            with self.assertRaises(PaidError):
                coop.subscribe(5, day(1, 10), called='25')

    @with_transaction()
    def test_delay_of_the_statutes(self):
        "What is not paid within it is told of, the last day is shown"
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Lot = pool.get('coop.share.lot')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(4, day(1, 10), called='40')
            for years, last in [(None, 2029), (3, 2027), (1, 2025)]:
                Configuration(1).set_multivalue(
                    'paying_up_years', years, company=coop.company.id)
                lot, = Lot.search([('member', '=', coop.member().id)])
                self.assertEqual(lot.last_call, day(1, 10, last))
                for date, late in [
                        (day(1, 10, last), False), (day(1, 11, last), True)]:
                    self.assertEqual(
                        'last_call' in dict(alerts(coop.company, date)), late)
            with self.assertRaises(DomainValidationError), savepoint():
                Configuration(1).set_multivalue(
                    'paying_up_years', 6, company=coop.company.id)

    @with_transaction()
    def test_sarl(self):
        "Its shares are paid at once, which is told where it is not so"
        Setting = Pool().get('coop.share.configuration.company')
        coop = PaidLaterCoop()
        with coop.context():
            setting, = Setting.search([('company', '=', coop.company.id)])
            with self.assertRaises(ConfigurationError), savepoint():
                Setting.write([setting], {'legal_form': 'sarl'})
            self.assertNotIn('sarl', dict(alerts(coop.company, day(1, 1))))
            table = Setting.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.legal_form], ['sarl'],
                    where=table.id == setting.id))
            for cache in Transaction().cache.values():
                cache.clear()
            self.assertIn('sarl', dict(alerts(coop.company, day(1, 1))))

    @with_transaction()
    def test_half_paid_transfer(self):
        "What is called and paid goes with the shares, in proportion"
        Transfer = Pool().get('coop.share.transfer')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(4, day(1, 10), called='40')
            coop.pay(day(2, 1))
            coop.call(day(3, 1), '5')
            self.assertEqual(coop.state(), (D(80), D(60), D(40)))
            transfer, = Transfer.create([{
                        'company': coop.company.id, 'date': day(4, 1),
                        'kind': 'sale', 'member': coop.member('Ana').id,
                        'to_member': coop.member('Bob').id,
                        'share_class': coop.share_class.id, 'quantity': 1,
                        'decision_date': day(4, 1)}])
            capital = {
                code: coop.balance(code)
                for code in ['109', '1011', '1012', '1013', '45625']}
            Transfer.post([transfer])
            self.assertEqual(coop.state(), (D(60), D(45), D(30)))
            self.assertEqual(coop.state('Bob'), (D(20), D(15), D(10)))
            for code, amount in capital.items():
                self.assertEqual(coop.balance(code), amount)
            self.assertEqual(
                [line.debit for line in coop.owed('Ana')], [D(15)])
            self.assertEqual(
                [line.debit for line in coop.owed('Bob')], [D(5)])
            self.assertEqual(coop.discrepancies(), [])
            Transfer.reverse([transfer])
            self.assertEqual(coop.state(), (D(80), D(60), D(40)))
            self.assertEqual(
                [line.debit for line in coop.owed('Ana')], [D(20)])
            self.assertFalse(coop.owed('Bob'))
            self.assertEqual(coop.discrepancies(), [])
            transfer, = Transfer.copy([transfer])
            Transfer.post([transfer])
            coop.pay(day(5, 1), 'Bob')
            self.assertEqual(coop.state('Bob'), (D(20), D(15), D(15)))
            coop.call(day(6, 1))
            coop.pay(day(6, 2), 'Bob')
            self.assertEqual(coop.state('Bob'), (D(20), D(20), D(20)))
            self.assertEqual(coop.discrepancies(), [])
            with self.assertRaises(UserError):
                Transfer.reverse([transfer])

    @with_transaction()
    def test_unpaid_stays(self):
        "What is not paid up changes neither class nor nominal value"
        Transfer = Pool().get('coop.share.transfer')
        Class = Pool().get('coop.share.class')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(4, day(1, 10), called='40')
            with self.assertRaises(NominalError):
                coop.nominal('15', day(3, 1))
            class_, = Class.create([{
                        'company': coop.company.id, 'code': 'B',
                        'name': "B"}])
            transfer, = Transfer.create([{
                        'company': coop.company.id, 'date': day(4, 1),
                        'kind': 'class_change',
                        'member': coop.member('Ana').id,
                        'to_class': class_.id,
                        'share_class': coop.share_class.id, 'quantity': 1,
                        'decision_date': day(4, 1)}])
            with self.assertRaises(TransferError):
                Transfer.post([transfer])
            coop.call(day(5, 1))
            transfer, = Transfer.create([{
                        'company': coop.company.id, 'date': day(4, 1),
                        'kind': 'sale', 'member': coop.member('Ana').id,
                        'to_member': coop.member('Bob').id,
                        'share_class': coop.share_class.id, 'quantity': 1,
                        'decision_date': day(4, 1)}])
            with self.assertRaises(TransferError):
                Transfer.post([transfer])

    @with_transaction()
    def test_exit(self):
        "What is not paid is not refunded, and not owed any more"
        Exit = Pool().get('coop.share.exit')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(4, day(1, 10), called='40')
            coop.subscribe(50, day(1, 10), called='1000', name='Bob')
            coop.pay(day(2, 1))
            coop.call(day(3, 1), '5')
            exit_, = Exit.create([{
                        'company': coop.company.id, 'kind': 'resignation',
                        'member': coop.member('Ana').id,
                        'request_date': day(6, 1), 'date': day(6, 30)}])
            Exit.post([exit_])
            self.assertEqual(exit_.amount, D('40.00'))
            self.assertEqual(coop.state(), (D(0), D(0), D(0)))
            self.assertFalse(coop.owed())
            for code in ['109', '1011', '1012', '1013', '45625']:
                self.assertEqual(coop.balance(code, 'Ana'), D(0))
            self.assertEqual(coop.balance('4567', 'Ana'), D('40.00'))
            self.assertEqual(coop.discrepancies(), [])
            Exit.reverse([exit_])
            self.assertEqual(coop.state(), (D(80), D(60), D(40)))
            self.assertEqual(
                [line.debit for line in coop.owed()], [D(20)])
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_reverse_paid(self):
        "A subscription that is paid is reversed once its payment is undone"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Reconciliation = pool.get('account.move.reconciliation')
        coop = PaidLaterCoop()
        with coop.context():
            movement = coop.subscribe(4, day(1, 10), called='40')
            reconciliation = coop.pay(day(2, 1))
            with self.assertRaises(UserError):
                Movement.reverse([movement])
            Reconciliation.delete([reconciliation])
            Movement.reverse([movement])
            self.assertEqual(coop.state(), (D(0), D(0), D(0)))
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_closed_period(self):
        "A payment of a closed period is taken back today"
        pool = Pool()
        Period = pool.get('account.period')
        Reconciliation = pool.get('account.move.reconciliation')
        coop = PaidLaterCoop()
        with coop.context():
            Date = pool.get('ir.date')
            coop.subscribe(4, day(1, 10), called='40')
            reconciliation = coop.pay(day(2, 1))
            Period.close(Period.search([
                        ('company', '=', coop.company.id),
                        ('start_date', '=', day(2, 1))]))
            with patch.object(
                    Date, 'today', classmethod(lambda cls: day(3, 15))):
                Reconciliation.delete([reconciliation])
            for date, paid in [(day(3, 14), D(40)), (day(3, 15), D(0))]:
                self.assertEqual(coop.state(date=date)[2], paid)
                self.assertEqual(coop.discrepancies(date), [])

    @with_transaction()
    def test_match_in_a_closed_period(self):
        "A receipt of a closed period pays shares up when it is matched"
        Line = Pool().get('account.move.line')
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(4, day(1, 10), called='40')
            owed, = coop.owed()
            move = coop.entry(
                day(2, 1), ('5121', None, 40, 0), ('45625', 'Ana', 0, 40))
            coop.close_periods()
            self.assertEqual(coop.state()[2], D(0))
            Line.reconcile([owed, *(
                        x for x in move.lines if x.account == owed.account)])
            self.assertEqual(coop.state()[2], D(40))
            self.assertEqual(coop.discrepancies(), [])
            self.assertEqual(coop.discrepancies(day(12, 31)), [])

    @settings(
        deadline=None, max_examples=15,
        suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(
            st.one_of(
                st.tuples(
                    st.just('subscribe'), st.sampled_from(['Ana', 'Bob']),
                    st.integers(1, 5), st.integers(25, 100)),
                st.tuples(st.just('call'), st.none() | st.integers(1, 8)),
                st.tuples(
                    st.just('pay'), st.sampled_from(['Ana', 'Bob']),
                    st.none() | st.integers(1, 20)),
                st.tuples(st.just('unpay'), st.integers(0, 9)),
                st.tuples(
                    st.just('transfer'), st.sampled_from(['Ana', 'Bob']),
                    st.integers(1, 5)),
                st.tuples(st.just('leave'), st.sampled_from(['Ana', 'Bob'])),
                st.tuples(st.just('reverse'), st.sampled_from([
                            'coop.share.call', 'coop.share.exit',
                            'coop.share.transfer']), st.integers(0, 9))),
            min_size=1, max_size=12))
    @example([
            ('subscribe', 'Ana', 3, 50), ('call', 3), ('pay', 'Ana', 7),
            ('transfer', 'Ana', 1), ('transfer', 'Ana', 1),
            ('pay', 'Bob', None),
            ('unpay', 0), ('reverse', 'coop.share.transfer', 1),
            ('subscribe', 'Bob', 5, 100), ('leave', 'Ana'),
            ('reverse', 'coop.share.exit', 0)])
    @with_transaction()
    def test_any_sequence(self, sequence):
        coop = PaidLaterCoop()
        with coop.context():
            coop.subscribe(20, day(1, 2), name='Cleo')
            for i, (name, *args) in enumerate(sequence):
                try:
                    getattr(self, name)(coop, day(1 + i % 12, 10 + i), *args)
                except UserError:
                    pass
                for date in [*(day(1 + n, 28) for n in range(12)), None]:
                    self.assertEqual(coop.discrepancies(date), [])
                for member in ['Ana', 'Bob', 'Cleo']:
                    amount, called, paid = coop.state(member)
                    self.assertTrue(0 <= paid <= called <= amount)
                    self.assertEqual(
                        sum(x.debit for x in coop.owed(member)),
                        called - paid)

    def subscribe(self, coop, date, name, quantity, percent):
        coop.subscribe(
            quantity, date, D(20) * quantity * percent / 100, name)

    def call(self, coop, date, amount):
        self.post('coop.share.call', {
                'company': coop.company.id, 'date': date, 'due_date': date,
                'share_class': coop.share_class.id,
                'amount': amount and D(amount)})

    def pay(self, coop, date, name, amount):
        if coop.owed(name):
            coop.pay(date, name, amount)

    def unpay(self, coop, date, index):
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Reconciliation = pool.get('account.move.reconciliation')
        payments = Movement.search([
                ('type', '=', 'payment'), ('reversed_by', '=', None)])
        if payments:
            Reconciliation.delete(Reconciliation.search([
                        ('number', '=', payments[
                                index % len(payments)].reconciliation)]))

    def transfer(self, coop, date, name, quantity):
        other = 'Bob' if name == 'Ana' else 'Ana'
        self.post('coop.share.transfer', {
                'company': coop.company.id, 'date': date, 'kind': 'gift',
                'member': coop.member(name).id,
                'to_member': coop.member(other).id,
                'share_class': coop.share_class.id, 'quantity': quantity,
                'decision_date': date})

    def leave(self, coop, date, name):
        self.post('coop.share.exit', {
                'company': coop.company.id, 'kind': 'resignation',
                'member': coop.member(name).id, 'request_date': date,
                'date': date})

    def post(self, name, values):
        Operation = Pool().get(name)
        operation, = Operation.create([values])
        try:
            Operation.post([operation])
        except UserError:
            Operation.delete([operation])
            raise

    def reverse(self, coop, date, name, index):
        Operation = Pool().get(name)
        if operations := Operation.search(
                [('state', '=', 'posted')], order=[('id', 'ASC')]):
            Operation.reverse([operations[index % len(operations)]])
