# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from collections import defaultdict
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.attribution import (
    Kind, Line, attribute, must_balance, share_out)

A, B, STRUCTURE = 1, 2, 9
INCOME, CASH, BALANCE = Kind.INCOME, Kind.CASH, Kind.BALANCE
OWN = Kind.OWN

cents = st.integers(-10 ** 7, 10 ** 7).map(lambda c: D(c) / 100)
accounts = st.sampled_from([A, B, 3, STRUCTURE])
totals = st.dictionaries(accounts, cents, max_size=4)


@st.composite
def entries(draw, with_cash=st.booleans()):
    "An entry that balances, with its activities on income lines only"
    lines = []
    for amount, account in draw(st.lists(
                st.tuples(cents, st.none() | accounts),
                min_size=1, max_size=5)):
        parts = {account: amount} if account is not None and amount else None
        tax = draw(st.none() | st.sampled_from(['20', '5.5']))
        lines.append(Line(
                amount, INCOME, parts, bases=[tax] if tax else []))
    for tax in draw(st.sets(st.sampled_from(['20', '5.5']))):
        lines.append(Line(draw(cents), BALANCE, tax=tax))
    for amount in draw(st.lists(cents, max_size=3)):
        lines.append(Line(amount, BALANCE))
    kind = CASH if draw(with_cash) else BALANCE
    lines.append(Line(-sum((line.amount for line in lines), D(0)), kind))
    return lines


@st.composite
def balance_entries(draw):
    "An entry of the balance sheet, with activities on some of its lines"
    lines = []
    for rank, (amount, known) in enumerate(draw(st.lists(
                st.tuples(cents, st.none() | accounts),
                min_size=1, max_size=5))):
        parts = {known: amount} if known is not None and amount else None
        tax = draw(st.none() | st.sampled_from(['20', '5.5']))
        lines.append(Line(
                amount, BALANCE, parts, tax=None if parts else tax,
                bases=[tax] if parts and tax else [], account=rank))
    kind = draw(st.sampled_from([BALANCE, BALANCE, CASH, OWN]))
    lines.append(Line(
            -sum((line.amount for line in lines), D(0)), kind,
            account='last'))
    return lines


def by_account(shares):
    sums = defaultdict(D)
    for share in shares:
        for account, amount in share.items():
            sums[account] += amount
    return sums


class AttributionTestCase(unittest.TestCase):

    def test_invoice_of_one_activity(self):
        "F1 of the example of a month"
        self.assertEqual(attribute([
                    Line(D('-4000'), INCOME, {A: D('-4000')}, bases=['20']),
                    Line(D('-800'), BALANCE, tax='20'),
                    Line(D('4800'), BALANCE),
                    ], STRUCTURE), [
                {A: D('-4000')}, {A: D('-800')}, {A: D('4800')}])

    def test_invoice_of_two_activities(self):
        "Each tax follows its own base, each term has a part of both"
        self.assertEqual(attribute([
                    Line(D('-100'), INCOME, {A: D('-100')}, bases=['20']),
                    Line(D('-200'), INCOME, {B: D('-200')}, bases=['5.5']),
                    Line(D('-20'), BALANCE, tax='20'),
                    Line(D('-11'), BALANCE, tax='5.5'),
                    Line(D('100'), BALANCE),
                    Line(D('231'), BALANCE),
                    ], STRUCTURE), [
                {A: D('-100')}, {B: D('-200')},
                {A: D('-20')}, {B: D('-11')},
                {A: D('36.25'), B: D('63.75')},
                {A: D('83.75'), B: D('147.25')},
                ])

    def test_line_of_two_activities(self):
        self.assertEqual(attribute([
                    Line(D('0.05'), INCOME, {A: D('0.03'), B: D('0.02')},
                        bases=['20']),
                    Line(D('0.01'), BALANCE, tax='20'),
                    Line(D('-0.06'), BALANCE),
                    ], STRUCTURE)[1:], [
                {A: D('0.01')}, {A: D('-0.04'), B: D('-0.02')}])

    def test_without_activity(self):
        "The structure is what is left: its balance sheet needs no mark"
        self.assertEqual(attribute([
                    Line(D('60'), INCOME), Line(D('-60'), BALANCE),
                    ], STRUCTURE), [{STRUCTURE: D('60')}, {}])

    def test_shared_with_the_structure(self):
        self.assertEqual(attribute([
                    Line(D('60'), INCOME, {A: D('60')}),
                    Line(D('40'), INCOME),
                    Line(D('-100'), BALANCE),
                    ], STRUCTURE), [
                {A: D('60')}, {STRUCTURE: D('40')},
                {A: D('-60'), STRUCTURE: D('-40')}])

    def test_paid_at_once(self):
        "The bank is the co-operative's, the tax the activity's"
        self.assertEqual(attribute([
                    Line(D('60'), INCOME, {A: D('60')}),
                    Line(D('12'), BALANCE),
                    Line(D('-72'), CASH),
                    ], STRUCTURE), [{A: D('60')}, {A: D('12')}, {}])

    def test_settled_by_bank_or_own_funds(self):
        "A payment, savings out of wages: found by what they settle"
        for kind in [CASH, OWN]:
            self.assertEqual(attribute([
                        Line(D('20'), BALANCE, {A: D('20')}, account='421'),
                        Line(D('30'), BALANCE, account='4111'),
                        Line(D('-50'), kind, account='4564'),
                        ], STRUCTURE), [{A: D('20')}, {}, {}])

    def test_deposit(self):
        "Its tax follows, whether a customer owes it or the bank has it"
        deposit = [
            Line(D('-1000'), BALANCE, {A: D('-1000')}, bases=['20'],
                account='4191'),
            Line(D('-200'), BALANCE, tax='20', account='44571')]
        self.assertEqual(attribute([
                    *deposit, Line(D('1200'), BALANCE, account='4111'),
                    ], STRUCTURE), [
                {A: D('-1000')}, {A: D('-200')}, {A: D('1200')}])
        self.assertEqual(attribute([
                    *deposit, Line(D('1200'), CASH, account='5121'),
                    ], STRUCTURE), [{A: D('-1000')}, {A: D('-200')}, {}])

    def test_deposits_of_two_activities(self):
        self.assertEqual(attribute([
                    Line(D('-100'), BALANCE, {A: D('-100')}, bases=['20']),
                    Line(D('-50'), BALANCE, {B: D('-50')}, bases=['20']),
                    Line(D('-10'), INCOME),
                    Line(D('-30'), BALANCE, tax='20'),
                    Line(D('190'), BALANCE, account='4111'),
                    ], STRUCTURE), [
                {A: D('-100')}, {B: D('-50')}, {STRUCTURE: D('-10')},
                {A: D('-20'), B: D('-10')},
                {A: D('120'), B: D('60'), STRUCTURE: D('10')}])

    def test_given_to_an_activity(self):
        "What has no activity is taken from on the account itself"
        lines = [
            Line(D('20'), BALANCE, {A: D('20')}, account='4111'),
            Line(D('-20'), BALANCE, account='4111')]
        self.assertEqual(attribute(lines, STRUCTURE), [{A: D('20')}, {}])

    @given(balance_entries())
    def test_balance_sheet_balances_for_each(self, lines):
        parts = attribute(lines, STRUCTURE)
        for line, part in zip(lines, parts):
            if part:
                self.assertEqual(sum(part.values()), line.amount)
            if line.kind is not BALANCE:
                self.assertFalse(part)
        open_ = any(not line.parts for line in lines if line.amount)
        if must_balance(lines) and open_:
            sums = by_account(parts)
            if set(sums) - {STRUCTURE}:
                self.assertFalse(any(sums.values()))

    def test_known_stays(self):
        self.assertEqual(attribute([
                    Line(D('60'), INCOME, {A: D('60')}),
                    Line(D('-60'), BALANCE, {B: D('-60')}),
                    ], STRUCTURE), [{A: D('60')}, {B: D('-60')}])

    @given(entries())
    def test_lines_add_up(self, lines):
        for line, part in zip(lines, attribute(lines, STRUCTURE)):
            if part:
                self.assertEqual(sum(part.values()), line.amount)
            # Tryton asks for an analytic line even without amount
            self.assertTrue(part or line.kind is not INCOME)

    @given(entries(with_cash=st.just(False)))
    def test_entry_balances_for_each(self, lines):
        parts = attribute(lines, STRUCTURE)
        if set(by_account(parts)) - {STRUCTURE}:
            self.assertFalse(any(by_account(parts).values()))

    @given(entries())
    def test_cash_and_known_untouched(self, lines):
        for line, part in zip(lines, attribute(lines, STRUCTURE)):
            if line.kind is CASH:
                self.assertFalse(part)
            elif line.parts:
                self.assertEqual(part, line.parts)

    def test_paid_in_part(self):
        "Each activity is paid in proportion to what it is still owed"
        owed = {A: D('720'), B: D('480')}
        first, second, more = share_out(
            [D('500'), D('700'), D('10')], owed, STRUCTURE)
        self.assertEqual(first, {A: D('300'), B: D('200')})
        self.assertEqual(second, {A: D('420'), B: D('280')})
        self.assertEqual(more, {A: D('6'), B: D('4')})

    @given(st.lists(cents, min_size=1, max_size=6), totals)
    def test_share_out_adds_up(self, amounts, totals):
        shares = share_out(amounts, totals, STRUCTURE)
        for amount, share in zip(amounts, shares, strict=True):
            self.assertEqual(sum(share.values()), amount)

    @given(st.lists(cents, max_size=5), totals)
    def test_share_out_reaches_the_totals(self, amounts, totals):
        amounts.append(sum(totals.values()) - sum(amounts))
        sums = by_account(share_out(amounts, totals, STRUCTURE))
        if not any(totals.values()):
            return
        for account in {*sums, *totals}:
            self.assertEqual(sums[account], totals.get(account, 0))
