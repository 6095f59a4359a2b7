# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from lxml import etree

from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


class RefundPaymentTestCase(unittest.TestCase):
    "What is refunded is paid by the payments of Tryton, with a SEPA file"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(
            ['coop_shares', 'account_fr', 'account_payment_sepa'],
            set_up_shares)

    def accounts(self, coop):
        "Return the payment journal of the co-op; Ana has an account too"
        pool = Pool()
        Bank = pool.get('bank')
        BankAccount = pool.get('bank.account')
        Journal = pool.get('account.payment.journal')
        Party = pool.get('party.party')
        party, = Party.create([{'name': "Bank"}])
        bank, = Bank.create([{'party': party.id, 'bic': 'BICODEBBXXX'}])
        own, _ = BankAccount.create([{
                    'bank': bank.id,
                    'owners': [('add', [owner.id])],
                    'currency': coop.company.currency.id,
                    'numbers': [('create', [{
                                    'type': 'iban', 'number': number}])],
                    } for owner, number in [
                    (coop.company.party, 'ES8200000000000000000000'),
                    (coop.party(), 'ES3600000000050000000001')]])
        journal, = Journal.create([{
                    'name': "SEPA", 'company': coop.company.id,
                    'currency': coop.company.currency.id,
                    'process_method': 'sepa',
                    'sepa_bank_account_number': own.numbers[0].id,
                    'sepa_payable_flavor': 'pain.001.001.03',
                    'sepa_receivable_flavor': 'pain.008.001.02'}])
        return journal

    @with_transaction()
    def test_credit_transfer(self):
        pool = Pool()
        Exit = pool.get('coop.share.exit')
        Line = pool.get('account.move.line')
        Payment = pool.get('account.payment')
        Group = pool.get('account.payment.group')
        Process = pool.get('account.payment.process', type='wizard')
        coop = Coop()
        with coop.context():
            coop.movement(30, day(1, 10))
            coop.movement(300, day(1, 10), name='Bob')
            coop.withhold(5, '1600')
            exit_, = Exit.create([{
                        'company': coop.company.id, 'kind': 'resignation',
                        'member': coop.member().id, 'date': day(6, 30),
                        'request_date': day(6, 30),
                        'early_date': day(9, 1), 'early_decision': "AG"}])
            Exit.post([exit_])
            lines = Line.search([
                    ('account.code', '=', '4567'),
                    ('payment_amount', '!=', 0)],
                order=[('maturity_date', 'ASC')])
            self.assertEqual(
                [(line.maturity_date, line.payment_amount) for line in lines],
                [(day(6, 30), D(16)), (day(9, 1), D(600))])
            self.assertEqual(
                {line.payment_kind for line in lines}, {'payable'})
            journal = self.accounts(coop)
            payments = Payment.create([{
                        'company': coop.company.id, 'journal': journal.id,
                        'kind': 'payable', 'party': line.party.id,
                        'line': line.id, 'amount': line.payment_amount,
                        'date': dt.date.today()} for line in lines])
            Payment.submit(payments)
            Payment.approve(payments)
            session, _, _ = Process.create()
            with Transaction().set_context(
                    active_model=Payment.__name__,
                    active_ids=[p.id for p in payments]):
                _, data = Process(session).do_process(None)
            message, = [
                m for g in Group.browse(data['res_id'])
                for m in g.sepa_messages]
            document = etree.fromstring(bytes(message.message))
            space = {'p': document.nsmap[None]}
            self.assertEqual(
                sorted(document.xpath(
                        '//p:InstdAmt/text()', namespaces=space)),
                ['16.00', '600.00'])
            self.assertEqual(
                set(document.xpath(
                        '//p:Cdtr/p:Nm/text()', namespaces=space)),
                {"Coop Ana"})
            # It is paid once it is in the ledger
            self.assertEqual(Exit(exit_.id).to_pay, D(616))

    @with_transaction()
    def test_balance_sheet(self):
        "The accounts that are paid stay where they were in the balance sheet"
        coop = Coop()
        with coop.context():
            for code, name in [
                    ('4567', "Emprunts et dettes financières diverses"),
                    ('457', "Dettes fiscales et sociales")]:
                type_ = coop.account(code).type
                self.assertTrue(type_.payable)
                self.assertEqual(type_.parent.name, name)
