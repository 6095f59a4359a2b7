# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Between two companies the contribution is an invoice with VAT."""
import datetime as dt
import unittest
from contextlib import contextmanager
from decimal import Decimal as D

from trytond.exceptions import UserError
from trytond.model.exceptions import (
    AccessError, RequiredValidationError, SQLConstraintError)
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.exceptions import (
    GroupContributionError, GroupContributionModifyError)
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

JANUARY, FEBRUARY, MARCH = (
    dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 31))
WIZARD = 'cae.group.contribution.invoice'
MODELS = ['cae.group.contribution', 'cae.group.contribution.period']


class GroupContributionTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def contribution(self, **values):
        "Coop is given services by Other"
        pool = Pool()
        Contribution = pool.get('cae.group.contribution')
        cae, other = Invoicing(), Invoicing('OTHER')
        for company in [cae.company, other.company]:
            company.party.addresses = [{}]
            company.party.save()
        if 'basis' not in values:
            values.update(basis='rate', rate=D('0.3'))
        with cae.context():
            purchase = cae.tax('purchase')
        with other.context():
            sale = other.tax('sale')
        contribution, = Contribution.create([{
                    'name': "Support", 'company': other.company.id,
                    'beneficiary': cae.company.id,
                    'start_date': dt.date(2024, 1, 1),
                    'account': other.account('706').id,
                    'taxes': [('add', [sale.id])],
                    'beneficiary_account': cae.account('611').id,
                    'beneficiary_taxes': [('add', [purchase.id])],
                    **values}])
        return contribution

    def make(self, contribution, end):
        Contribution = Pool().get('cae.group.contribution')
        period, = Contribution.make_invoices(
            [Contribution(contribution.id)], end)
        return period

    def book(self, cae, month, amount):
        with cae.context():
            cae.sell(dt.date(2024, month, 10), amount)
            cae.close(month)

    @with_transaction()
    def test_invoices(self):
        "VAT on both, the same amount, and the structure of each"
        contribution = self.contribution()
        cae, other = Invoicing(), Invoicing('OTHER')
        self.book(cae, 1, '1000.00')
        period = self.make(contribution, JANUARY)
        self.assertEqual(
            (period.start_date, period.end_date, period.base, period.amount),
            (dt.date(2024, 1, 1), JANUARY, D('100.00'), D('30.00')))
        sold, bought = period.invoice, period.supplier_invoice
        self.assertEqual(
            (sold.type, sold.company, sold.party, sold.state),
            ('out', other.company, cae.company.party, 'draft'))
        self.assertEqual(
            (bought.type, bought.company, bought.party, bought.state),
            ('in', cae.company, other.company.party, 'draft'))
        for invoice, place, code in [
                (sold, other, '706'), (bought, cae, '611')]:
            with self.subTest(type=invoice.type):
                self.assertEqual(
                    (invoice.untaxed_amount, invoice.tax_amount),
                    (D('30.00'), D('6.00')))
                line, = invoice.lines
                self.assertEqual(line.account, place.account(code))
                self.assertEqual(
                    [e.account for e in line.analytic_accounts if e.account],
                    [place.setting('structure_account')])

    @with_transaction()
    def test_posted(self):
        "The charge is that of the structure, and no contribution is inflated"
        Invoice = Pool().get('account.invoice')
        contribution = self.contribution()
        cae, other = Invoicing(), Invoicing('OTHER')
        self.book(cae, 1, '1000.00')
        period = self.make(contribution, JANUARY)
        with other.context(), Transaction().set_context(_skip_warnings=True):
            Invoice.write([period.invoice], {'invoice_date': JANUARY})
            Invoice.post([Invoice(period.invoice.id)])
        bought = Invoice(period.supplier_invoice.id)
        self.assertEqual(
            (bought.reference, bought.invoice_date),
            (Invoice(period.invoice.id).number, JANUARY))
        with cae.context(), Transaction().set_context(_skip_warnings=True):
            Invoice.post([bought])
            parts = cae.parts(bought.move)
            self.assertEqual(parts['611'], {'structure': D('30.00')})
            self.assertFalse(cae.discrepancies())
        with self.assertRaises(GroupContributionModifyError):
            period.delete([period])

    @with_transaction()
    def test_each_month_once(self):
        Period = Pool().get('cae.group.contribution.period')
        contribution = self.contribution()
        cae = Invoicing()
        self.book(cae, 1, '1000.00')
        period = self.make(contribution, JANUARY)
        with self.assertRaises(GroupContributionError):
            self.make(contribution, JANUARY)
        for start, end in [
                (JANUARY.replace(day=1), JANUARY), (JANUARY, FEBRUARY)]:
            with self.subTest(start=start), \
                    self.assertRaises(SQLConstraintError):
                Period.create([{
                            'contribution': contribution.id,
                            'start_date': start, 'end_date': end,
                            'invoice': period.invoice.id,
                            'supplier_invoice': period.supplier_invoice.id}])

    @with_transaction()
    def test_caught_up(self):
        "A month that is closed again is caught up by the next invoice"
        contribution = self.contribution()
        cae = Invoicing()
        self.book(cae, 1, '1000.00')
        self.make(contribution, JANUARY)
        with cae.context():
            cae.sell(dt.date(2024, 1, 20), '500.00')
            cae.close(1)
        self.book(cae, 2, '100.00')
        period = self.make(contribution, FEBRUARY)
        self.assertEqual(period.start_date, dt.date(2024, 2, 1))
        self.assertEqual(
            (period.base, period.amount), (D('160.00'), D('18.00')))

    @with_transaction()
    def test_monthly(self):
        "An amount per month, to the end that is agreed"
        contribution = self.contribution(
            basis='monthly', amount=D('250.00'), end_date=FEBRUARY)
        period = self.make(contribution, MARCH)
        self.assertEqual(
            (period.end_date, period.base, period.amount),
            (FEBRUARY, None, D('500.00')))
        with self.assertRaises(GroupContributionError):
            self.make(contribution, MARCH)

    @with_transaction()
    def test_taken_back(self):
        "Drafts go with their months, which can be invoiced again"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Period = pool.get('cae.group.contribution.period')
        contribution = self.contribution(basis='monthly', amount=D(10))
        first = self.make(contribution, JANUARY)
        second = self.make(contribution, FEBRUARY)
        with self.assertRaises(GroupContributionModifyError):
            Period.delete([first])
        Period.delete([second])
        self.assertEqual(len(Invoice.search([])), 2)
        self.assertEqual(self.make(contribution, MARCH).amount, D(20))

    @with_transaction()
    def test_refused(self):
        Contribution = Pool().get('cae.group.contribution')
        for values in [
                {'start_date': dt.date(2024, 1, 2)},
                {'end_date': dt.date(2024, 12, 30)}]:
            with self.subTest(values=values), \
                    self.assertRaises(GroupContributionError):
                self.contribution(**values)
        with self.assertRaises(UserError):
            self.contribution(beneficiary=Invoicing('OTHER').company.id)
        with self.assertRaises(RequiredValidationError):
            self.contribution(basis='monthly')
        contribution = self.contribution()
        with self.assertRaisesRegex(GroupContributionError, "close"):
            self.make(contribution, JANUARY)
        Contribution.write([contribution], {'rate': D('0.2')})
        self.book(Invoicing(), 1, '1000.00')
        period = self.make(contribution, JANUARY)
        with self.assertRaises(GroupContributionModifyError):
            Contribution.write([contribution], {'rate': D('0.3')})
        with self.assertRaises(GroupContributionModifyError):
            period.write([period], {'base': D(0)})
        Contribution.write([contribution], {'end_date': MARCH})

    @with_transaction()
    def test_end_after_invoiced(self):
        "What is invoiced is not out of the time that was agreed"
        Contribution = Pool().get('cae.group.contribution')
        contribution = self.contribution(basis='monthly', amount=D(10))
        self.make(contribution, FEBRUARY)
        with self.assertRaises(GroupContributionError):
            Contribution.write([contribution], {'end_date': JANUARY})
        Contribution.write([contribution], {'end_date': FEBRUARY})

    @with_transaction()
    def test_several(self):
        "One that has nothing to invoice holds up no other"
        Contribution = Pool().get('cae.group.contribution')
        nothing = self.contribution()
        monthly = self.contribution(basis='monthly', amount=D(10))
        period, = Contribution.make_invoices([nothing, monthly], JANUARY)
        self.assertEqual(period.contribution, monthly)
        with self.assertRaises(GroupContributionError):
            Contribution.make_invoices([nothing, monthly], JANUARY)

    @with_transaction()
    def test_cancelled(self):
        "What was cancelled and invoiced with later months stays cancelled"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Period = pool.get('cae.group.contribution.period')
        contribution = self.contribution(basis='monthly', amount=D(10))
        first = self.make(contribution, JANUARY)
        Invoice.cancel([first.invoice])
        Invoice.draft([Invoice(first.invoice.id)])
        Invoice.cancel([Invoice(first.invoice.id)])
        second = self.make(contribution, FEBRUARY)
        self.assertEqual(second.amount, D(20))
        with self.assertRaises(GroupContributionModifyError):
            Invoice.draft([Invoice(first.invoice.id)])
        # Nor is it left behind when its month is taken back
        Period.delete([second])
        Period.delete([Period(first.id)])
        self.assertFalse(Invoice.search([]))

    @with_transaction()
    def test_inside_one(self):
        "No invoice, no VAT: the contribution of activities is an entry"
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        self.book(cae, 1, '1000.00')
        with cae.context():
            self.assertEqual(
                [booked for *_, booked in cae.contributions(1).values()
                    if booked], [D('100.00')])
            self.assertEqual(cae.balance('65889'), D(0))
            self.assertEqual(cae.balance('44571'), D(0))
        self.assertFalse(Invoice.search([]))

    @with_transaction()
    def test_access(self):
        for group, modes in [
                ('adviser', ''), ('accountant', 'rwcd'), ('manager', 'r'),
                ('entrepreneur', '')]:
            with self.user(group), self.subTest(group=group):
                self.assertModes(MODELS[:1], modes)

    @with_transaction()
    def test_both_companies(self):
        "Who works for one of them only neither sees nor invoices"
        contribution = self.contribution(basis='monthly', amount=D(10))

        def run():
            with Transaction().set_context(
                    active_model='cae.group.contribution',
                    active_id=contribution.id, active_ids=[contribution.id]):
                session, _, _ = call(WIZARD, 'create', kind='wizard')
                return call(
                    WIZARD, 'execute', session,
                    {'start': {'end_date': MARCH}}, 'open_', kind='wizard')

        for company in ['COOP', 'OTHER']:
            with self.user('accountant', company=company), \
                    self.subTest(company=company):
                self.assertFalse(call(MODELS[0], 'search', []))
                with self.assertRaises(AccessError):
                    run()
        with self.user_of_both('adviser'):
            with self.assertRaises(AccessError):
                run()
        with self.user_of_both('accountant'):
            run()
            self.assertEqual(len(call(MODELS[1], 'search', [])), 1)

    @contextmanager
    def user_of_both(self, group):
        User = Pool().get('res.user')
        with self.user(group):
            user = User(Transaction().user)
        companies = [Invoicing(c).company.id for c in ['COOP', 'OTHER']]
        User.write([user], {
                'companies': [('add', companies)], 'company_filter': 'all'})
        with Transaction().set_user(user.id), check_access(), \
                Transaction().set_context(companies=companies):
            yield
