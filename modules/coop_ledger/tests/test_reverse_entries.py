# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Posted moves are reversed in sets."""
from decimal import Decimal
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import set_company
from trytond.modules.coop_ledger.entry import EntryLine
from trytond.modules.coop_ledger.tests.tools import (
    Ledger, LedgerTestCase, count_queries)
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction, check_access

D = Decimal


def by_id(records):
    return sorted(records, key=lambda r: r.id)


class ReverseEntriesTestCase(LedgerTestCase):

    def check_mirror(self, move, mirror, reconciled=True):
        for name in ['company', 'journal', 'description', 'state']:
            self.assertEqual(getattr(mirror, name), getattr(move, name))
        for line, mirrored in zip(
                by_id(move.lines), by_id(mirror.lines), strict=True):
            for name in [
                    'account', 'party', 'description', 'maturity_date',
                    'second_currency', 'analytic_state']:
                self.assertEqual(getattr(mirrored, name), getattr(line, name))
            self.assertEqual(
                (mirrored.debit, mirrored.credit), (line.credit, line.debit))
            self.assertEqual(
                mirrored.amount_second_currency or 0,
                -(line.amount_second_currency or 0))
            self.assertEqual(mirrored.origin, line)
            self.assertEqual([
                    (part.account, part.debit, part.credit)
                    for part in by_id(line.analytic_lines)], [
                    (part.account, part.credit, part.debit)
                    for part in by_id(mirrored.analytic_lines)])
            if line.account.reconcile and (line.debit or line.credit):
                self.assertTrue(line.reconciliation)
                self.assertEqual(mirrored.reconciliation, line.reconciliation)
            else:
                self.assertIsNone(line.reconciliation)

    @with_transaction()
    def test_mirror(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        usd = create_currency('usd')
        with set_company(ledger.company):
            posted = ledger.post(
                ledger.sale(),
                ledger.sale('-5.00'),
                ledger.transfer(
                    second_currency=usd.id, amount_second_currency=D('12.00')),
                ledger.entry(
                    EntryLine(ledger.cash.id), description="Nothing"))
            mirrors = Move.reverse_entries([p.move for p in posted])
            for move, mirror in zip(posted, mirrors, strict=True):
                move, mirror = Move(move.move), Move(mirror.move)
                self.assertEqual(mirror.date, move.date)
                self.assertEqual(mirror.period, move.period)
                self.assertEqual(mirror.origin, move)
                self.check_mirror(move, mirror)
            self.assertEqual(ledger.one.balance, 0)

    @with_transaction()
    def test_reconciled_as_the_client_does(self):
        "A reconciliation for each account and party, as when one cancels"
        pool = Pool()
        Cancel = pool.get('account.move.cancel', type='wizard')
        Move = pool.get('account.move')
        Reconciliation = pool.get('account.move.reconciliation')
        ledger = Ledger()
        receivable, party = ledger.receivable.id, ledger.party.id
        with set_company(ledger.company):
            entry = ledger.entry(*(
                    EntryLine(receivable, debit=D(amount), party=party)
                    for amount in ['10.00', '-4.00', '-6.00']))
            by_client, in_sets = ledger.post(entry, entry)
            with Transaction().set_context(
                    active_model='account.move', active_id=by_client.move,
                    active_ids=[by_client.move]):
                session, _, _ = Cancel.create()
                Cancel.execute(session, {
                        'default': {'reversal': True},
                        }, 'cancel')
            first, = Reconciliation.search([])
            Move.reverse_entries([in_sets.move])
            second, = Reconciliation.search([('id', '!=', first.id)])
        self.assertEqual(len(first.lines), 6)
        self.assertEqual(len(second.lines), 6)
        self.assertEqual(second.date, first.date)
        self.assertEqual(second.company, first.company)
        self.assertEqual(int(second.number), int(first.number) + 1)

    @with_transaction()
    def test_values(self):
        "The date, the origin and the description can be given"
        Move = Pool().get('account.move')
        ledger = Ledger()
        later = ledger.year.periods[1].start_date
        with set_company(ledger.company):
            one, two = (p.move for p in ledger.post(*[ledger.sale()] * 2))
            mirrors = Move.reverse_entries(
                [two, one, two], date=later, description="Mistake",
                origin={one: str(ledger.year)})
            mirror_two, mirror_one = (Move(m.move) for m in mirrors)
            for mirror in [mirror_two, mirror_one]:
                self.assertEqual(mirror.date, later)
                self.assertEqual(mirror.description, "Mistake")
            self.assertEqual(mirror_one.origin, ledger.year)
            self.assertEqual(mirror_two.origin, Move(two))
            line = by_id(mirror_one.lines)[0]
            self.assertEqual(line.reconciliation.date, later)

    @with_transaction()
    def test_nothing(self):
        Move = Pool().get('account.move')
        self.assertEqual(Move.reverse_entries([]), [])

    @with_transaction()
    def test_hooks_of_other_modules(self):
        "Lines are reconciled one by one when another module has a hook"
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company), \
                patch.object(Move, '_entry_modules', set()):
            posted, = ledger.post(ledger.sale())
            mirror, = Move.reverse_entries([posted.move])
            self.check_mirror(Move(posted.move), Move(mirror.move))

    @with_transaction()
    def test_companies(self):
        Move = Pool().get('account.move')
        ledgers = [Ledger(), Ledger(1)]
        moves = []
        for ledger in ledgers * 2:
            with set_company(ledger.company):
                posted, = ledger.post(ledger.sale())
                moves.append(Move(posted.move))
        mirrors = Move.reverse_entries(moves)
        for move, mirror in zip(moves, mirrors, strict=True):
            self.check_mirror(move, Move(mirror.move))

    @with_transaction()
    def test_only_once(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            posted, = ledger.post(ledger.transfer())
            mirror, = Move.reverse_entries([posted.move])
            with self.assertRaisesRegex(
                    UserError, f"already reversed by \"{mirror.number}\""):
                Move.reverse_entries([posted.move])
            # What was wrongly reversed is booked again
            again, = Move.reverse_entries([mirror.move])
            self.assertEqual(
                Move(again.move).lines[0].debit,
                Move(posted.move).lines[0].debit)

    @with_transaction()
    def test_cancelled(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            moves = [Move(p.move) for p in ledger.post(
                    ledger.transfer(), ledger.transfer())]
            for move, reversal in zip(moves, [True, False]):
                Move.post([move.cancel(reversal=reversal)])
                with self.assertRaisesRegex(UserError, "already reversed"):
                    Move.reverse_entries([move])

    @with_transaction()
    def test_all_faults_at_once(self):
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        Tax = pool.get('account.tax')
        TaxLine = pool.get('account.tax.line')
        ledger = Ledger()
        with set_company(ledger.company):
            sale, paid, taxed, fine = ledger.post(
                ledger.sale(),
                ledger.entry(
                    EntryLine(ledger.cash.id, debit=D('100.00')),
                    EntryLine(ledger.receivable.id, credit=D('100.00'),
                        party=ledger.party.id)),
                ledger.sale(), ledger.sale())
            Line.reconcile(Line.browse([sale.lines[0], paid.lines[1]]))
            tax = Tax(
                name="Tax", description="Tax", type='fixed', amount=D(0),
                company=ledger.company, invoice_account=ledger.cash,
                credit_note_account=ledger.cash)
            tax.save()
            TaxLine.create([{
                        'tax': tax.id, 'type': 'tax', 'amount': D(1),
                        'move_line': taxed.lines[1]}])
            draft = Move(
                company=ledger.company, period=ledger.period,
                date=ledger.date, journal=ledger.journal)
            draft.save()
            before = Move.search([], count=True)
            with self.assertRaises(UserError) as raised:
                Move.reverse_entries(
                    [sale.move, draft, taxed.move, fine.move])
        for text in ["reconciled by", "not posted", "tax lines"]:
            self.assertIn(text, raised.exception.message)
        self.assertEqual(len(raised.exception.message.splitlines()), 3)
        self.assertEqual(Move.search([], count=True), before)

    @with_transaction()
    def test_closed_period(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            posted, = ledger.post(ledger.sale())
            ledger.period.close([ledger.period])
            with self.assertRaisesRegex(UserError, "reopen the period"):
                Move.reverse_entries([posted.move])
            later = ledger.year.periods[1].start_date
            mirror, = Move.reverse_entries([posted.move], date=later)
            self.assertEqual(Move(mirror.move).date, later)

    @with_transaction()
    def test_access(self):
        "Nobody reverses what he cannot read"
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        Move = pool.get('account.move')
        User = pool.get('res.user')
        ledger = Ledger()
        other = Ledger(1).company
        with set_company(ledger.company):
            posted, = ledger.post(ledger.sale())
        user = User(
            name="User", login="user", companies=[other], company=other,
            groups=[Group(ModelData.get_id('account', 'group_account'))])
        user.save()
        with Transaction().set_user(user.id), set_company(other), \
                check_access(), self.assertRaises(AccessError):
            Move.reverse_entries([posted.move])

    @with_transaction()
    def test_queries_do_not_grow(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        counts = []
        with set_company(ledger.company):
            for number in [5, 10, 300]:
                posted = ledger.post(*[ledger.sale()] * number)
                with count_queries() as queries:
                    Move.reverse_entries([p.move for p in posted])
                counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])

    @with_transaction()
    def test_reversed_entries_leave_nothing(self):
        "Whatever is posted, its mirror brings each account back"
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        ledger = Ledger()
        amounts = st.lists(
            st.integers(-10 ** 6, 10 ** 6).map(lambda c: D(c) / 100),
            min_size=1, max_size=4)

        @settings(deadline=None, max_examples=15)
        @given(amounts)
        def check(amounts):
            posted = ledger.post(*map(ledger.sale, amounts))
            mirrors = Move.reverse_entries([p.move for p in posted])
            lines = Line.browse([
                    id_ for p in [*posted, *mirrors] for id_ in p.lines])
            for account in [ledger.receivable, ledger.revenue]:
                self.assertEqual(sum(
                        line.debit - line.credit for line in lines
                        if line.account == account), 0)
            self.assertEqual(ledger.one.balance, 0)
        with set_company(ledger.company):
            check()
