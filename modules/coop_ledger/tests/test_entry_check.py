# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What creating and posting refuses is refused in sets."""
import datetime as dt
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from trytond.exceptions import UserError
from trytond.modules.company.tests import set_company
from trytond.modules.coop_ledger.entry import EntryLine, Part
from trytond.modules.coop_ledger.tests.tools import Ledger, LedgerTestCase
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

D = Decimal


@contextmanager
def undone():
    "Take back moves that are posted"
    # Quicker than our savepoint, which forgets what every cache knows
    transaction = Transaction()
    cursor = transaction.connection.cursor()
    cursor.execute('SAVEPOINT undone')
    try:
        yield
    finally:
        cursor.execute('ROLLBACK TO SAVEPOINT undone')
        transaction.counter += 1
        for cache in transaction.cache.values():
            cache.clear()


class EntryCheckTestCase(LedgerTestCase):

    def refused(self, ledger, *entries):
        "Check that nothing is written and return what is said"
        pool = Pool()
        models = list(map(pool.get, [
                    'account.move', 'account.move.line',
                    'analytic_account.line', 'account.journal.period']))

        def count():
            return [Model.search([], count=True) for Model in models]
        before = count()
        with set_company(ledger.company):
            with self.assertRaises(UserError) as raised:
                ledger.post(*entries)
        self.assertEqual(count(), before)
        return raised.exception.message

    def check_refused(self, ledger, examples):
        for entry, reason in examples:
            with self.subTest(reason, entry=entry):
                self.assertIn(reason, self.refused(ledger, entry))

    @with_transaction()
    def test_amounts(self):
        ledger = Ledger()
        cash = ledger.cash.id
        ten = D('10.00')
        self.check_refused(ledger, [
                (ledger.entry(), "no line"),
                (ledger.entry(EntryLine(cash, debit=ten)), "balance"),
                (ledger.transfer('0.001'), "decimals"),
                (ledger.transfer('NaN'), "decimals"),
                (ledger.transfer('Infinity'), "decimals"),
                (ledger.entry(EntryLine(cash, debit=10.5)), "decimals"),
                (ledger.entry(EntryLine(cash, debit=None)), "decimals"),
                (ledger.entry(EntryLine(cash, debit=ten, credit=ten)),
                    "both debit and credit"),
                ])

    @with_transaction()
    def test_accounts(self):
        Account = Pool().get('account.account')
        ledger = Ledger()
        other = Ledger(1)
        view, = Account.search([
                ('company', '=', ledger.company.id), ('type', '=', None),
                ], limit=1)
        closed, late, early = Account.copy([ledger.cash] * 3, default={
                'template': None})
        closed.closed = True
        late.start_date = ledger.date + dt.timedelta(1)
        early.end_date = ledger.date - dt.timedelta(1)
        Account.save([closed, late, early])
        self.check_refused(ledger, [
                (ledger.transfer(account=-1), "no record -1"),
                (ledger.transfer(account=other.cash.id), "no record"),
                *((ledger.transfer(account=account.id), "set a type")
                    for account in [view, closed, late, early]),
                (ledger.transfer(party=ledger.party.id), "takes no party"),
                (ledger.transfer(account=ledger.receivable.id),
                    "asks for a party"),
                (ledger.transfer(account=ledger.receivable.id, party=-1),
                    "no record -1"),
                ])
        with set_company(ledger.company):
            ledger.post(
                ledger.transfer(account=late.id, date=late.start_date))

    @with_transaction()
    def test_second_currency(self):
        Account = Pool().get('account.account')
        ledger = Ledger()
        usd, gbp = map(create_currency, ['usd', 'gbp'])
        in_usd, = Account.copy([ledger.cash], default={'template': None})
        in_usd.second_currency = usd
        in_usd.save()
        ten = D('10.00')
        company = ledger.company.currency.id
        for account, currency, amount, reason in [
                (ledger.cash, company, ten, "do not suit"),
                (ledger.cash, None, ten, "do not suit"),
                (ledger.cash, usd.id, None, "do not suit"),
                (ledger.cash, usd.id, D('10.001'), "decimals"),
                (ledger.cash, usd.id, D('NaN'), "decimals"),
                (ledger.cash, usd.id, -ten, "sign"),
                (ledger.cash, -1, ten, "no record -1"),
                (in_usd, None, None, "do not suit"),
                (in_usd, gbp.id, ten, "do not suit")]:
            with self.subTest(currency=currency, amount=amount):
                self.assertIn(reason, self.refused(ledger, ledger.transfer(
                            account=account.id, second_currency=currency,
                            amount_second_currency=amount)))
        with set_company(ledger.company):
            ledger.post(ledger.transfer(
                    account=in_usd.id, second_currency=usd.id,
                    amount_second_currency=ten))

    @with_transaction()
    def test_texts_and_origins(self):
        ledger = Ledger()
        self.check_refused(ledger, [
                (ledger.transfer(description="One\nTwo"), r"'\n'"),
                (replace(ledger.transfer(), description="A\tB"), r"'\t'"),
                (ledger.transfer(origin='res.user,1'), "res.user"),
                (ledger.transfer(origin='account.move.line'), "come from"),
                (replace(ledger.transfer(), origin='account.move.line,1'),
                    "account.move.line"),
                (replace(ledger.transfer(), origin='account.move,x'),
                    "account.move,x"),
                ])

    @with_transaction()
    def test_parts(self):
        Analytic = Pool().get('analytic_account.account')
        ledger = Ledger()
        other = Ledger(1)
        view, = Analytic.copy([ledger.one], default={'type': 'view'})
        ten = D('10.00')
        for part, reason in [
                (Part(-1, debit=ten), "no record -1"),
                (Part(ledger.root.id, debit=ten), "Root"),
                (Part(view.id, debit=ten), "One"),
                (Part(other.one.id, debit=ten), "One"),
                (Part(ledger.one.id, debit=D('0.001')), "decimals"),
                (Part(ledger.one.id, debit=D('NaN')), "decimals"),
                (Part(ledger.one.id, debit=ten, credit=ten),
                    "both debit and credit")]:
            with self.subTest(part=part):
                self.assertIn(reason, self.refused(
                        ledger, ledger.transfer(parts=[part])))

    @with_transaction()
    def test_journals_and_periods(self):
        JournalPeriod = Pool().get('account.journal.period')
        ledger = Ledger()
        other = Ledger(1)
        february = ledger.year.periods[1]
        self.check_refused(ledger, [
                (replace(ledger.transfer(), journal=-1), "no record -1"),
                (ledger.transfer(date=dt.date(1999, 1, 1)),
                    "create a period"),
                (replace(ledger.transfer(), period=-1), "create a period"),
                (replace(ledger.transfer(), period=other.period.id),
                    "is not one of the company"),
                (replace(ledger.transfer(), period=february.id),
                    february.rec_name),
                ])
        with set_company(ledger.company):
            ledger.post(ledger.sale())
            journal_period, = JournalPeriod.search([])
            JournalPeriod.write([journal_period], {'state': 'closed'})
            self.assertIn(
                journal_period.rec_name, self.refused(ledger, ledger.sale()))
            JournalPeriod.write([journal_period], {'state': 'open'})
            ledger.period.close([ledger.period])
        for period in [None, ledger.period.id]:
            self.assertIn("reopen the period", self.refused(
                    ledger, replace(ledger.sale(), period=period)))

    @with_transaction()
    def test_all_faults_at_once(self):
        "Each fault names its entry, account and amount"
        ledger = Ledger()
        message = self.refused(
            ledger, ledger.sale(),
            ledger.entry(description="Empty"),
            replace(
                ledger.transfer('7.5', party=ledger.party.id),
                description="Full"))
        self.assertIn("2 lines or entries", message)
        for text in [
                f"{ledger.journal.code} Empty", "Full", "01/01/2024",
                f"account {ledger.cash.code}", "7.50"]:
            self.assertIn(text, message)

    @with_transaction()
    def test_many_faults(self):
        ledger = Ledger()
        message = self.refused(ledger, *[ledger.entry()] * 25)
        self.assertEqual(message.count("no line"), 20)
        self.assertIn("5 more", message)

    @with_transaction()
    def test_refuses_as_one_by_one(self):
        "A random entry is taken or refused alike in sets and one by one"
        Account = Pool().get('account.account')
        ledger = Ledger()
        other = Ledger(1)
        usd = create_currency('usd')
        view, = Account.search([
                ('company', '=', ledger.company.id), ('type', '=', None),
                ], limit=1)
        late, = Account.copy([ledger.cash], default={'template': None})
        late.start_date = ledger.year.periods[1].start_date
        late.save()
        cash = ledger.cash.id
        with set_company(ledger.company):
            posted, = ledger.post(ledger.transfer())

        def outcome(post, entry):
            try:
                with undone():
                    post(entry)
                return 'taken'
            except UserError:
                return 'refused'

        # One odd value at a time: many would hide one another
        odd = st.one_of(
            st.builds(dict, account=st.sampled_from([
                        ledger.receivable.id, ledger.revenue.id, view.id,
                        late.id, other.cash.id])),
            st.builds(dict, party=st.just(ledger.party.id)),
            st.builds(dict, account=st.just(ledger.receivable.id),
                party=st.just(ledger.party.id)),
            st.builds(dict, description=st.sampled_from(
                    ["", " Text ", "A\tB", "\tA"])),
            st.builds(dict, second_currency=st.sampled_from(
                    [None, usd.id, ledger.company.currency.id]),
                amount_second_currency=st.sampled_from(
                    [None, D(0), D('1.00'), D('-1.00'), D('0.001')])),
            st.builds(dict, origin=st.sampled_from([
                        f'account.move.line,{posted.lines[0]}',
                        f'account.move,{posted.move}'])),
            st.builds(dict, credit=st.sampled_from(
                    [D(0), D('1.00'), D('-1.00')])),
            st.builds(dict, parts=st.lists(
                    st.builds(
                        Part,
                        account=st.sampled_from([
                                ledger.one.id, ledger.root.id, other.one.id]),
                        debit=st.sampled_from(
                            [D(0), D('1.00'), D('0.001')]),
                        credit=st.sampled_from([D(0), D('1.00')])),
                    max_size=2)))
        debits = st.sampled_from([
                D(0), D('1.00'), D('-1.00'), D('0.005')])
        dates = st.sampled_from([
                ledger.date, ledger.year.end_date, dt.date(1999, 1, 1)])

        @settings(deadline=None, max_examples=40)
        @given(debits, odd, dates)
        def check(debit, values, date):
            line = EntryLine(**{'account': cash, 'debit': debit, **values})
            entry = ledger.entry(
                line, EntryLine(cash, credit=line.debit - line.credit),
                date=date)
            self.assertEqual(
                outcome(ledger.post, entry),
                outcome(ledger.post_by_orm, entry))
        with set_company(ledger.company):
            check()
