# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Analytic states, and analytic lines on the balance sheet."""
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from trytond.modules.analytic_account.line import MoveLine
from trytond.modules.company.tests import set_company
from trytond.modules.coop_ledger.entry import EntryLine, Part
from trytond.modules.coop_ledger.tests.tools import (
    Ledger, LedgerTestCase, count_queries)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

D = Decimal


class AnalyticStateTestCase(LedgerTestCase):

    def posted_line(self, ledger, account, *parts):
        Line = Pool().get('account.move.line')
        amount = D('100.00')
        posted, = ledger.post(ledger.entry(
                EntryLine(account.id, debit=amount, parts=[
                        Part(analytic.id, debit=D(part))
                        for analytic, part in parts]),
                EntryLine(ledger.cash.id, credit=amount)))
        return Line(posted.lines[0])

    def check_state(self, line, state):
        "Check the state as posted and as reckoned again"
        self.assertEqual(line.analytic_state, state)
        for other in ['draft', 'valid']:
            line.analytic_state = other
            type(line).set_analytic_state([line])
            self.assertEqual(line.analytic_state, state)

    @with_transaction()
    def test_income_statement(self):
        "Each root of the company covers the line in full"
        ledger = Ledger()
        revenue, one, two = ledger.revenue, ledger.one, ledger.two
        with set_company(ledger.company):
            for parts, state in [
                    ([], 'draft'),
                    ([(one, '100.00')], 'valid'),
                    ([(one, '99.99')], 'draft'),
                    ([(one, '60.00'), (two, '40.00')], 'valid'),
                    ([(one, '160.00'), (two, '-60.00')], 'valid')]:
                with self.subTest(parts=parts):
                    self.check_state(
                        self.posted_line(ledger, revenue, *parts), state)
            _, three = ledger.analytic_accounts("Second root", "Three")
            for parts, state in [
                    ([(one, '100.00')], 'draft'),
                    ([(three, '100.00')], 'draft'),
                    ([(one, '100.00'), (three, '100.00')], 'valid'),
                    ([(one, '100.00'), (three, '90.00')], 'draft')]:
                with self.subTest(parts=parts):
                    self.check_state(
                        self.posted_line(ledger, revenue, *parts), state)

    @with_transaction()
    def test_balance_sheet(self):
        "Nothing, or the roots that it has cover the line in full"
        ledger = Ledger()
        cash, one, two = ledger.cash, ledger.one, ledger.two
        with set_company(ledger.company):
            _, three = ledger.analytic_accounts("Second root", "Three")
            for parts, state in [
                    ([], 'valid'),
                    ([(one, '100.00')], 'valid'),
                    ([(one, '60.00'), (two, '40.00')], 'valid'),
                    ([(one, '60.00')], 'draft'),
                    ([(one, '100.00'), (three, '100.00')], 'valid'),
                    ([(one, '100.00'), (three, '50.00')], 'draft')]:
                with self.subTest(parts=parts):
                    self.check_state(
                        self.posted_line(ledger, cash, *parts), state)

    @with_transaction()
    def test_closing_entry_of_a_year(self):
        """The entry that balances the non-deferral accounts needs no analytic
        lines"""
        pool = Pool()
        Journal = pool.get('account.journal')
        Line = pool.get('account.move.line')
        Period = pool.get('account.period')
        ledger = Ledger()
        with set_company(ledger.company):
            journal = Journal(name="Closing", type='situation')
            journal.save()
            adjustment = Period(
                name="Closing", fiscalyear=ledger.year, type='adjustment',
                start_date=ledger.year.end_date,
                end_date=ledger.year.end_date)
            adjustment.save()
            lines = [EntryLine(ledger.revenue.id), EntryLine(ledger.cash.id)]
            for period, origin, state in [
                    (adjustment.id, str(ledger.year), 'valid'),
                    (adjustment.id, None, 'draft'),
                    (None, str(ledger.year), 'draft')]:
                posted, = ledger.post(ledger.entry(
                        *lines, journal=journal, period=period, origin=origin,
                        date=ledger.year.end_date))
                self.check_state(Line(posted.lines[0]), state)

    @with_transaction()
    def test_companies(self):
        "The roots of a company do not ask for lines in another"
        Line = Pool().get('account.move.line')
        lines = []
        for ledger in [Ledger(), Ledger(1)]:
            with set_company(ledger.company):
                lines.append(self.posted_line(
                        ledger, ledger.revenue, (ledger.one, '100.00')))
        Line.set_analytic_state(Line.browse(lines * 2))
        for line in lines:
            self.check_state(line, 'valid')

    @with_transaction()
    def test_state_follows_analytic_lines(self):
        pool = Pool()
        AnalyticLine = pool.get('analytic_account.line')
        Line = pool.get('account.move.line')
        ledger = Ledger()
        with set_company(ledger.company):
            line = self.posted_line(ledger, ledger.revenue)
            part = AnalyticLine(
                move_line=line, account=ledger.one, debit=D('100.00'),
                credit=D(0), date=ledger.date)
            part.save()
            self.assertEqual(Line(line.id).analytic_state, 'valid')
            AnalyticLine.write([part], {'debit': D('10.00')})
            self.assertEqual(Line(line.id).analytic_state, 'draft')
            AnalyticLine.write([part], {'debit': D('100.00')})
            self.assertEqual(Line(line.id).analytic_state, 'valid')
            AnalyticLine.delete([part])
            self.assertEqual(Line(line.id).analytic_state, 'draft')

    @with_transaction()
    def test_rules(self):
        "The rules of the company fill lines without analytic lines"
        pool = Pool()
        Entry = pool.get('analytic.account.entry')
        Line = pool.get('account.move.line')
        Rule = pool.get('analytic_account.rule')
        ledger = Ledger()
        with set_company(ledger.company):
            rule = Rule(company=ledger.company, account=ledger.revenue)
            rule.analytic_accounts = [
                Entry(root=ledger.root, account=ledger.one)]
            rule.save()
            filled, given = ledger.post(
                ledger.sale(parts=()),
                ledger.sale(parts=(Part(ledger.two.id, credit=D('100.00')),)))
            move, = ledger.post_by_orm(ledger.sale(parts=()))
            for line, account in [
                    (Line(filled.lines[1]), ledger.one),
                    (Line(given.lines[1]), ledger.two),
                    (next(
                        line for line in move.lines
                        if line.account == ledger.revenue), ledger.one)]:
                part, = line.analytic_lines
                self.assertEqual(part.account, account)
                self.assertEqual(part.credit, D('100.00'))
                self.assertEqual(part.date, ledger.date)
                self.check_state(line, 'valid')

    @with_transaction()
    def test_saves_only_changes(self):
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        with set_company(ledger.company):
            posted = ledger.post(*[ledger.sale()] * 20)
            lines = Line.browse([id_ for p in posted for id_ in p.lines])
            Line.set_analytic_state(lines)
            with count_queries() as queries:
                Line.save(lines)
        self.assertEqual(queries, [])

    @with_transaction()
    def test_queries_do_not_grow(self):
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        counts = []
        with set_company(ledger.company):
            for number in [1, 2, 200]:
                posted = ledger.post(*[ledger.sale()] * number)
                lines = Line.browse([id_ for p in posted for id_ in p.lines])
                with count_queries() as queries:
                    Line.set_analytic_state(lines)
                counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])

    @with_transaction()
    def test_income_lines_as_tryton(self):
        "Lines of the income statement have the state that Tryton gives"
        Line = Pool().get('account.move.line')
        ledger = Ledger()
        with set_company(ledger.company):
            _, three = ledger.analytic_accounts("Second root", "Three")
        accounts = st.sampled_from([ledger.one, ledger.two, three])
        amounts = st.sampled_from(
            ['100.00', '60.00', '40.00', '0.00', '-0.01'])

        @settings(deadline=None, max_examples=25)
        @given(st.lists(st.tuples(accounts, amounts), max_size=4))
        def check(parts):
            line = self.posted_line(ledger, ledger.revenue, *parts)
            state = line.analytic_state
            MoveLine.set_analytic_state.__func__(Line, [line])
            self.assertEqual(line.analytic_state, state)
        with set_company(ledger.company):
            check()


class AnalyticBalanceTestCase(LedgerTestCase):

    @with_transaction()
    def test_income_statement_only(self):
        Account = Pool().get('analytic_account.account')
        ledger = Ledger()
        later = ledger.year.periods[1].start_date
        with set_company(ledger.company):
            ledger.post(
                ledger.sale(),
                ledger.transfer('30.00', parts=[
                        Part(ledger.one.id, debit=D('30.00'))]),
                ledger.entry(
                    EntryLine(ledger.revenue.id, debit=D('1.00'), parts=[
                            Part(ledger.one.id, debit=D('1.00'))]),
                    EntryLine(ledger.cash.id, credit=D('1.00')), date=later))
            for context, debit, credit in [
                    ({}, '1.00', '100.00'),
                    ({'end_date': ledger.date}, '0.00', '100.00'),
                    ({'start_date': later}, '1.00', '0.00')]:
                with Transaction().set_context(context):
                    one, two, root = Account.browse(
                        [ledger.one, ledger.two, ledger.root])
                    self.assertEqual(one.debit, D(debit))
                    self.assertEqual(one.credit, D(credit))
                    self.assertEqual(one.balance, D(credit) - D(debit))
                    self.assertEqual(two.balance, 0)
                    self.assertEqual(root.balance, D(credit) - D(debit))
