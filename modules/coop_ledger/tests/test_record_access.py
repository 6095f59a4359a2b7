# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A client's call works on what its user may read."""
from contextlib import contextmanager

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.exceptions import ArgumentError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_ledger.tests.tools import Ledger, LedgerTestCase
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction


class RecordAccessTestCase(LedgerTestCase):

    @contextmanager
    def user(self, company):
        "Work as a user of a company who sees its accounting"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        user = User(
            name="User", login=company.rec_name, companies=[company],
            company=company,
            groups=[ModelData.get_id('account', 'group_account')])
        user.save()
        with Transaction().set_user(user.id), Transaction().set_context(
                company=company.id, companies=[company.id]):
            yield

    @with_transaction()
    def test_other_company(self):
        ledger = Ledger()
        posted, = ledger.post(ledger.transfer())
        move = Pool().get('account.move')(posted.move)
        line = move.lines[0]
        calls = [
            ('account.move.line', 'on_change_with_currency', [line.id]),
            ('account.move.line', 'on_change_with', [line.id, ['currency']]),
            ('account.move.line', 'on_change', [{'id': line.id}, ['debit']]),
            ('account.move.line', 'on_change', [
                    {'account': line.account.id}, ['account']]),
            ('account.move.line', 'on_change', [
                    {'_parent_move.id': line.move.id, 'move': line.move.id},
                    ['account']]),
            ('account.move', 'on_change', [
                    {'lines': [{'id': line.id}]}, ['lines']]),
            ('account.move', 'export_data', [[line.move.id], ['number']]),
            ('account.move', 'pre_validate', [line.move.id]),
            ]
        with self.user(ledger.company):
            for name, method, arguments in calls:
                with self.subTest(method=method, arguments=arguments):
                    call(name, method, *arguments)
        with self.user(Ledger(1).company):
            for name, method, arguments in calls:
                with self.subTest(method=method, arguments=arguments), \
                        self.assertRaises(AccessError):
                    call(name, method, *arguments)

    @with_transaction()
    def test_new(self):
        "What is not stored yet needs no access"
        ledger = Ledger()
        with self.user(ledger.company):
            call('account.move.line', 'on_change', {'id': -1}, ['debit'])
            call('account.move', 'on_change', {'lines': []}, ['lines'])

    @with_transaction()
    def test_no_list(self):
        "What works on lists is refused a record, and the other way round"
        ledger = Ledger()
        with self.user(ledger.company):
            for method, arguments in [
                    ('delete', [-1]), ('copy', [-1]),
                    ('write', [-1, {'description': "x"}]),
                    ('write', [[], {}, -1, {}]),
                    ('on_change', [[1, 2], ['number']])]:
                with self.subTest(method=method, arguments=arguments), \
                        self.assertRaises(ArgumentError):
                    call('account.move', method, *arguments)
