# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whatever is invoiced, paid, mended and transferred, the activities and the
structure together have what the company has."""
import datetime as dt
import unittest
from collections import defaultdict
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.modules.coop_cae.figures import figures
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.currency.tests import add_currency_rate, create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
ZERO = D('0.00')
CHARGES = {'out': ['706', '7071'], 'in': ['6071', '626']}
DATES = [dt.date(2024, 1, 15), dt.date(2024, 1, 31), dt.date(2024, 2, 20)]
ENDS = [*DATES, dt.date(2024, 12, 31)]

activities = st.sampled_from(['A1', 'A2', None])
dates = st.sampled_from(DATES)
ranks = st.integers(0, 9)
kinds = st.sampled_from(['out', 'in'])
amounts = st.integers(-5_000, 99_999).map(lambda n: D(n) / 100)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just('invoice'), kinds, dates, st.booleans(), st.lists(
                st.tuples(st.integers(0, 1), amounts, activities),
                min_size=1, max_size=3)),
        st.tuples(st.just('credit'), ranks, dates, st.booleans()),
        st.tuples(
            st.just('pay'), ranks, dates,
            st.sampled_from([D(1), D('0.5'), D('0.33'), D('1.1')])),
        st.tuples(st.just('pay_all'), kinds, dates, st.integers(1, 2)),
        st.tuples(st.just('write_off'), ranks, dates),
        st.tuples(st.just('receive'), dates, amounts, activities),
        st.tuples(st.just('unlink'), ranks),
        st.tuples(st.just('unreconcile'), ranks),
        st.tuples(
            st.just('transfer'), ranks, dates, activities, activities),
        st.tuples(st.just('close'), st.integers(1, 2))),
    min_size=2, max_size=10)


class ActivityBalanceTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @settings(
        deadline=None, max_examples=6,
        suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    @example([
            ('invoice', 'out', DATES[0], False, [
                    (0, D('33.33'), 'A1'), (1, D('10.01'), 'A2'),
                    (0, D('5'), None)]),
            ('pay', 0, DATES[1], D('0.33')),
            ('pay', 0, DATES[2], D('0.33')),
            ('close', 1),
            ('write_off', 0, DATES[2]),
            ('unreconcile', 0),
            ('unlink', 0),
            ('pay_all', 'out', DATES[2], 2)])
    @example([
            ('invoice', 'in', DATES[0], True, [
                    (0, D('100'), 'A1'), (1, D('50.05'), 'A2')]),
            ('transfer', 0, DATES[1], 'A1', None),
            ('pay', 0, DATES[2], D(1)),
            ('invoice', 'in', DATES[0], False, [(0, D('70.01'), 'A2')]),
            ('credit', 1, DATES[2], False),
            ('receive', DATES[1], D('20'), 'A2'),
            ('pay_all', 'in', DATES[2], 1)])
    @with_transaction()
    def test_any_sequence(self, sequence):
        cae = Invoicing()
        with cae.context():
            self.set_up(cae)
            for name, *args in sequence:
                try:
                    with savepoint(), Transaction().set_context(
                            _skip_warnings=True):
                        getattr(self, name)(cae, *args)
                        self.process()
                except UserError:
                    # What is refused leaves nothing behind
                    pass
            self.check(cae)

    def set_up(self, cae):
        Configuration = Pool().get('account.configuration')
        self.invoices = []
        self.party = cae.third_party()
        self.method = cae.method()
        self.loss = cae.write_off()
        self.dollar = create_currency('USD')
        add_currency_rate(cae.company.currency, D(1))
        for date, rate in zip(DATES, ['1.25', '1.31', '1.17']):
            add_currency_rate(self.dollar, D(rate), date)
        configuration = Configuration(1)
        configuration.currency_exchange_journal = self.loss.journal
        configuration.currency_exchange_debit_account = cae.account('666')
        configuration.currency_exchange_credit_account = cae.account('766')
        configuration.save()

    def process(self):
        "Do what a worker does once something is reconciled"
        Invoice = Pool().get('account.invoice')
        Invoice.process(Invoice.browse(self.invoices))

    def invoice(self, cae, kind, date, foreign, lines):
        invoice = cae.invoice(
            *((CHARGES[kind][i], amount, code) for i, amount, code in lines),
            type=kind, activity=None, date=date, party=self.party,
            currency=self.dollar if foreign else None)
        self.invoices.append(invoice.id)

    def chosen(self, rank):
        Invoice = Pool().get('account.invoice')
        if not self.invoices:
            raise UserError("Nothing to do")
        return Invoice(self.invoices[rank % len(self.invoices)])

    def credit(self, cae, rank, date, refund):
        Invoice = Pool().get('account.invoice')
        credit, = Invoice.credit(
            [self.chosen(rank)], refund=refund, invoice_date=date)
        if not refund:
            Invoice.post([credit])
        self.invoices.append(credit.id)

    def pay(self, cae, rank, date, ratio):
        "As the wizard does"
        invoice = self.chosen(rank)
        amount = invoice.currency.round(invoice.amount_to_pay * ratio)
        lines, remainder = invoice.get_reconcile_lines_for_amount(
            amount if invoice.type == 'out' else -amount, invoice.currency)
        over = amount - invoice.amount_to_pay if ratio > 1 else 0
        payments = invoice.pay_invoice(
            amount, self.method, date, overpayment=over)
        if not remainder:
            cae.reconcile(*lines, *payments, date=date)

    def open_lines(self, cae, kind):
        Line = Pool().get('account.move.line')
        account = cae.account({'out': '4111', 'in': '4011'}[kind])
        return Line.search([
                ('account', '=', account.id),
                ('reconciliation', '=', None),
                ('move.state', '=', 'posted'),
                ('second_currency', '=', None),
                ], order=[('id', 'ASC')])

    def pay_all(self, cae, kind, date, times):
        "Several payments for all that is owed, which are reconciled with it"
        lines = self.open_lines(cae, kind)
        total = sum((line.debit - line.credit for line in lines), ZERO)
        first = cae.company.currency.round(total / times)
        account = {'out': '4111', 'in': '4011'}[kind]
        payments = [
            (account, -amount, self.party)
            for amount in [first, total - first] if amount]
        if payments:
            lines += cae.pay(*payments, date=date)
        if lines:
            cae.reconcile(*lines)

    def write_off(self, cae, rank, date):
        invoice = self.chosen(rank)
        lines = [
            line for line in [*invoice.lines_to_pay, *invoice.payment_lines]
            if not line.reconciliation]
        if lines:
            cae.reconcile(*lines, writeoff=self.loss, date=date)

    def receive(self, cae, date, amount, activity):
        cae.pay(
            ('4111', -amount, self.party), ('6278', '1.50', None),
            date=date, activity=activity)

    def unlink(self, cae, rank):
        Invoice = Pool().get('account.invoice')
        Invoice.remove_payment_lines(
            list(self.chosen(rank).payment_lines)[:1])

    def unreconcile(self, cae, rank):
        Reconciliation = Pool().get('account.move.reconciliation')
        found = Reconciliation.search([], order=[('id', 'ASC')])
        if found:
            Reconciliation.delete([found[rank % len(found)]])

    def transfer(self, cae, rank, date, source, target):
        Move = Pool().get('account.move')
        moves = Move.search(
            [('state', '=', 'posted')], order=[('id', 'ASC')])
        if moves:
            Move.transfer(
                [moves[rank % len(moves)]],
                *(code and cae.activity(code) for code in [source, target]),
                date)

    def close(self, cae, month):
        cae.close(month)

    def check(self, cae):
        Line = Pool().get('account.move.line')
        lines = Line.search([
                ('move.company', '=', cae.company.id),
                ('move.state', '=', 'posted'),
                ])
        for line in lines:
            self.assertEqual(line.analytic_state, 'valid')
        for date in ENDS:
            self.check_date(
                cae, date, [line for line in lines if line.date <= date])
        self.check_entries(lines)
        self.check_reconciliations(lines)

    def parts(self, line):
        "Return the amounts by analytic account, None for what is not told"
        parts = defaultdict(Decimal)
        for part in line.analytic_lines:
            parts[part.account] += part.debit - part.credit
        return parts or {None: line.debit - line.credit}

    def check_date(self, cae, date, lines):
        "The parts, what is shown of them, and the trial balance agree"
        held = defaultdict(lambda: defaultdict(Decimal))
        for line in lines:
            parts = self.parts(line)
            if line.account.type.statement == 'income':
                self.assertNotIn(None, parts)
            if line.account.code.startswith('5'):
                self.assertEqual(set(parts), {None})
            for owner, amount in parts.items():
                held[owner][line.account] += amount
        balances = self.trial_balance(
            {a.id for amounts in held.values() for a in amounts}, date)
        for account in balances:
            self.assertEqual(
                sum(amounts[account] for amounts in held.values()),
                balances[account], account.rec_name)
        self.check_figures(cae, date, held, balances)

    def trial_balance(self, accounts, date):
        Account = Pool().get('account.account')
        with Transaction().set_context(date=date, posted=True):
            accounts = Account.browse(list(accounts))
            return {a: a.debit - a.credit for a in accounts}

    def check_figures(self, cae, date, held, balances):
        def sums(amounts, *prefixes):
            return sum((
                    amount for account, amount in amounts.items()
                    if account.code.startswith(prefixes)), ZERO)

        shown = {
            owner: figures for account, figures
            in figures(cae.company, date).items()
            for owner in held if owner and owner.id == account}
        self.assertEqual(set(shown), {
                owner for owner in held if owner})
        for owner, found in shown.items():
            amounts = held[owner]
            treasury = found.treasury
            self.assertEqual(
                found.year.turnover, -sums(amounts, '70'))
            self.assertEqual(found.year.result, -sums(amounts, '6', '7'))
            self.assertEqual(treasury.customers, sums(amounts, '41'))
            self.assertEqual(treasury.suppliers, sums(amounts, '40'))
            self.assertEqual(
                treasury.future + treasury.others,
                -sums(amounts, '6', '7'))
        self.assertEqual(
            sum((f.year.result for f in shown.values()), ZERO),
            -sums(balances, '6', '7'))
        # What is not told to be an activity's is the structure's
        untold = {
            account: amount for account, amount in held[None].items()
            if not account.code.startswith('5')}
        self.assertEqual(
            sum((f.treasury.cash for f in shown.values()), ZERO)
            - sum(untold.values(), ZERO),
            sums(balances, '5'))

    def check_entries(self, lines):
        "Invoices and what is written off balance for each activity"
        moves = defaultdict(list)
        for line in lines:
            moves[line.move].append(line)
        Invoice = Pool().get('account.invoice')
        for move, lines in moves.items():
            if any(line.account.code.startswith('5') for line in lines):
                continue
            if (isinstance(move.origin, Invoice)
                    or move.journal == self.loss.journal):
                self.assertEqual(self.left(lines), {})

    def check_reconciliations(self, lines):
        "Paid, nobody owes anything any more"
        groups = defaultdict(list)
        for line in lines:
            if line.reconciliation:
                groups[line.reconciliation].append(line)
        for reconciliation, lines in groups.items():
            if any(
                    not part.from_settlement
                    for line in lines for part in line.analytic_lines
                    if self.is_payment(line)):
                continue
            if any(map(self.is_payment, lines)):
                self.assertEqual(self.left(lines), {})

    def is_payment(self, line):
        return any(
            other.account.code.startswith('5') for other in line.move.lines)

    def left(self, lines):
        "Return what the lines leave to each, the structure with the untold"
        left = defaultdict(Decimal)
        structure = Pool().get('cae.configuration')(1).get_setting(
            'structure_account', lines[0].move.company)
        for line in lines:
            for owner, amount in self.parts(line).items():
                left[owner or structure] += amount
        return {owner: amount for owner, amount in left.items() if amount}
