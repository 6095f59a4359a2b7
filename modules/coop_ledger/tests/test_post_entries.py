# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is posted in sets is what is created and posted one by one."""
from decimal import Decimal
from unittest.mock import patch

from trytond.model.exceptions import AccessError
from trytond.modules.company.tests import set_company
from trytond.modules.coop_ledger.entry import EntryLine, Part
from trytond.modules.coop_ledger.tests.tools import (
    Ledger, LedgerTestCase, count_queries)
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction, check_access

D = Decimal
# What cannot be the same in two records
OWN = {
    'id', 'create_uid', 'create_date', 'write_uid', 'write_date', 'number',
    'move', 'move_line'}


def stored(record):
    "Return all that is stored of a record, by name"
    return {
        name: str(getattr(record, name))
        for name, field in record._fields.items()
        if not hasattr(field, 'set') and name not in OWN}


def rows(move):
    "Return all that is stored of a move, in the order of its lines"
    def by_id(records):
        return sorted(records, key=lambda r: r.id)
    return stored(move), [
        (stored(line), [
                stored(part)
                for part in by_id(getattr(line, 'analytic_lines', []))])
        for line in by_id(move.lines)]


class PostEntriesTestCase(LedgerTestCase):

    def examples(self, ledger):
        usd = create_currency('usd')
        return [
            ledger.sale(),
            ledger.sale('0.01'),
            ledger.sale(parts=()),
            ledger.sale(parts=(
                    Part(ledger.one.id, credit=D('60.00')),
                    Part(ledger.two.id, credit=D('40.00')))),
            ledger.sale(parts=(Part(ledger.one.id, credit=D('60.00')),)),
            ledger.transfer('-5.00'),
            ledger.transfer(description="  Spaces around  "),
            ledger.transfer(description=""),
            ledger.transfer(
                second_currency=usd.id, amount_second_currency=D('12.34')),
            ledger.transfer(amount_second_currency=D(0)),
            ledger.transfer(date=ledger.year.periods[3].end_date),
            ledger.entry(
                EntryLine(ledger.cash.id), EntryLine(ledger.revenue.id),
                origin=str(ledger.year)),
            ]

    def check_same(self, ledger, post, entries):
        Move = Pool().get('account.move')
        expected = ledger.post_by_orm(*entries)
        posted = post(*entries)
        for move, found in zip(expected, posted, strict=True):
            self.assertEqual(rows(Move(found.move)), rows(move))
            self.assertEqual(Move(found.move).number, found.number)
        self.assertEqual(
            [int(p.number) for p in posted],
            [int(m.number) + len(entries) for m in expected])

    @with_transaction()
    def test_same_as_one_by_one(self):
        ledger = Ledger()
        with set_company(ledger.company):
            self.check_same(ledger, ledger.post, self.examples(ledger))

    @with_transaction()
    def test_hooks_of_other_modules(self):
        "Moves are created one by one when another module has a hook on them"
        Move = Pool().get('account.move')
        ledger = Ledger()
        self.assertFalse(Move._has_entry_hooks())
        with set_company(ledger.company), \
                patch.object(Move, '_entry_modules', {'analytic_account'}):
            self.assertTrue(Move._has_entry_hooks())
            self.check_same(ledger, ledger.post, self.examples(ledger))

    @with_transaction()
    def test_lines_without_amount(self):
        "Lines without amount are reconciled as posting does"
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        nothing = ledger.entry(
            EntryLine(ledger.receivable.id, party=ledger.party.id),
            EntryLine(ledger.cash.id))
        with set_company(ledger.company):
            by_orm = [
                line.reconciliation
                for move in ledger.post_by_orm(nothing, nothing)
                for line in sorted(move.lines, key=lambda r: r.id)]
            in_sets = [
                Line(id_).reconciliation
                for posted in ledger.post(nothing, nothing)
                for id_ in posted.lines]
        for receivable, cash, receivable2, cash2 in [by_orm, in_sets]:
            self.assertTrue(receivable)
            self.assertEqual(receivable, receivable2)
            self.assertIsNone(cash)
            self.assertIsNone(cash2)
        self.assertEqual(by_orm[0].date, in_sets[0].date)
        self.assertEqual(
            int(by_orm[0].number) + 1, int(in_sets[0].number))

    @with_transaction()
    def test_ids_in_order(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            for posted in ledger.post(
                    ledger.sale('1.00'), ledger.sale('2.00')):
                lines = {line.id: line for line in Move(posted.move).lines}
                self.assertEqual(
                    lines[posted.lines[0]].account, ledger.receivable)
                self.assertEqual(posted.parts[0], [])
                self.assertEqual(
                    [p.id for p in lines[posted.lines[1]].analytic_lines],
                    posted.parts[1])

    @with_transaction()
    def test_nothing(self):
        ledger = Ledger()
        with set_company(ledger.company):
            self.assertEqual(ledger.post(), [])

    @with_transaction()
    def test_zeros_beyond_the_digits(self):
        "Zeros are not stored, as Tryton would refuse them later"
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        usd = create_currency('usd')
        with set_company(ledger.company):
            posted, = ledger.post(ledger.transfer(
                    '10.00000', second_currency=usd.id,
                    amount_second_currency=D('1.50000'),
                    parts=[Part(ledger.one.id, debit=D('10.0000'))]))
            line = Line(posted.lines[0])
            part, = line.analytic_lines
            for amount in [
                    line.debit, line.amount_second_currency, part.debit]:
                self.assertGreaterEqual(amount.as_tuple().exponent, -2)
            self.assertEqual(line.debit, D(10))

    @with_transaction()
    def test_given_period(self):
        Move = Pool().get('account.move')
        Period = Pool().get('account.period')
        ledger = Ledger()
        with set_company(ledger.company):
            adjustment = Period(
                name="Closing", fiscalyear=ledger.year, type='adjustment',
                start_date=ledger.year.end_date,
                end_date=ledger.year.end_date)
            adjustment.save()
            line = EntryLine(ledger.cash.id)
            given, found = ledger.post(
                ledger.entry(
                    line, date=ledger.year.end_date, period=adjustment.id),
                ledger.entry(line, date=ledger.year.end_date))
            self.assertEqual(Move(given.move).period, adjustment)
            self.assertEqual(Move(found.move).period.type, 'standard')

    @with_transaction()
    def test_journal_periods(self):
        "The journals of periods that are missing are made, as posting does"
        JournalPeriod = Pool().get('account.journal.period')
        ledger = Ledger()
        with set_company(ledger.company):
            ledger.post(ledger.sale(), ledger.sale())
            journal_period, = JournalPeriod.search([])
            self.assertEqual(journal_period.journal, ledger.journal)
            self.assertEqual(journal_period.period, ledger.period)
            self.assertEqual(journal_period.state, 'open')

    @with_transaction()
    def test_companies(self):
        "Each company posts with its own periods, sequences and accounts"
        Move = Pool().get('account.move')
        first = Ledger()
        second = Ledger(1)
        for ledger in [first, second]:
            with set_company(ledger.company):
                posted, = ledger.post(ledger.sale())
                move = Move(posted.move)
                self.assertEqual(move.company, ledger.company)
                self.assertEqual(move.period.company, ledger.company)
                self.assertEqual(
                    {line.analytic_state for line in move.lines}, {'valid'})

    @with_transaction()
    def test_access(self):
        "A user needs the rights to create and to post, and the company"
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        ledger = Ledger()
        other = Ledger(1).company
        accountant = Group(ModelData.get_id('account', 'group_account'))
        for groups, companies, company, allowed in [
                ([], [ledger.company], ledger.company, False),
                ([accountant], [ledger.company], ledger.company, True),
                ([accountant], [other], other, False)]:
            user = User(
                name="User", login=f"user{allowed}{company}{len(groups)}",
                groups=groups, companies=companies, company=company)
            user.save()
            with Transaction().set_user(user.id), \
                    set_company(company), check_access(), \
                    self.subTest(groups=groups, company=company):
                if allowed:
                    posted, = ledger.post(ledger.sale())
                    self.assertTrue(posted.number)
                else:
                    with self.assertRaises(AccessError):
                        ledger.post(ledger.sale())

    @with_transaction()
    def test_triggers(self):
        "Triggers on new moves and on posted ones are queued, once each"
        pool = Pool()
        Model = pool.get('ir.model')
        Trigger = pool.get('ir.trigger')
        ledger = Ledger()
        model, = Model.search([('name', '=', 'account.move')])
        created, posted_, draft = Trigger.create([{
                    'name': name, 'model': model.id,
                    'action': 'ir.model|clean', 'condition': condition, **on,
                    } for name, condition, on in [
                    ("Created", 'true', {'on_create_': True}),
                    ("Posted", _state('posted'), {'on_write_': True}),
                    ("Draft", _state('draft'), {'on_write_': True})]])
        queued = []
        with set_company(ledger.company), patch.object(
                Trigger, 'trigger_action',
                lambda trigger, ids: queued.append(trigger)), \
                patch.object(Trigger, 'queue_trigger_action',
                    lambda trigger, records: queued.extend(
                        (trigger, r.id) for r in records
                        if trigger.eval(r))):
            entry, = ledger.post(ledger.sale())
        self.assertEqual(
            queued, [(created, entry.move), (posted_, entry.move)])

    @with_transaction()
    def test_queries_do_not_grow(self):
        ledger = Ledger()
        counts = []
        with set_company(ledger.company):
            ledger.post(ledger.sale())
            for number in [10, 300]:
                entries = [ledger.sale() for _ in range(number)]
                with count_queries() as queries:
                    ledger.post(*entries)
                counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])


def _state(state):
    return (
        '{"__class__": "Equal", "s1": {"__class__": "Get", "v": '
        '{"__class__": "Eval", "v": "self", "d": {}}, "k": "state", "d": ""},'
        f' "s2": "{state}"}}')


class WithoutAnalyticTestCase(LedgerTestCase):
    "The module is whole without analytic accounting"
    modules = ['coop_ledger']

    @with_transaction()
    def test_same_as_one_by_one(self):
        Move = Pool().get('account.move')
        ledger = Ledger()
        with set_company(ledger.company):
            move, = ledger.post_by_orm(ledger.sale())
            posted, = ledger.post(ledger.sale())
            self.assertEqual(rows(Move(posted.move)), rows(move))
            mirror, = Move.reverse_entries([posted.move])
            self.assertEqual(len(mirror.lines), 2)
            self.assertEqual(mirror.parts, [[], []])

    @with_transaction()
    def test_parts(self):
        ledger = Ledger()
        with set_company(ledger.company), \
                self.assertRaisesRegex(Exception, "analytic accounting"):
            ledger.post(ledger.transfer(parts=[Part(1, debit=D(10))]))
