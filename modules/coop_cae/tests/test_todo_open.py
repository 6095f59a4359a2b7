# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""From the list to where it is done; what is read of a page."""
import datetime as dt
import json
import unittest

from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

DAY = dt.date(2026, 2, 1)


class TodoOpenTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def todos(self):
        "Return the records by kind and person"
        Todo = Pool().get('cae.todo')
        return {(t.kind, t.entrepreneur.code): t for t in Todo.search([])}

    def open(self, todo):
        "Return the model, the domain and the record that are opened"
        with Transaction().set_context(
                active_model='cae.todo', active_id=todo.id,
                active_ids=[todo.id]):
            session, _, _ = call('cae.todo.open', 'create', kind='wizard')
            result = call(
                'cae.todo.open', 'execute', session, {}, 'choose',
                kind='wizard')
        (action, data), = result['actions']
        return (
            action['res_model'], json.loads(action['pyson_domain'] or '[]'),
            data.get('res_id'))

    def settlement(self, cae):
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Settlement = pool.get('cae.settlement')
        year, = FiscalYear.search([('company', '=', cae.company.id)])
        settlement, = Settlement.create([{
                    'company': cae.company.id, 'fiscalyear': year.id,
                    'activity': cae.activity('A1').id,
                    'entrepreneur': cae.person('E1').id, 'ratio': 1}])
        return settlement

    @with_transaction()
    def test_open(self):
        cae = Cae()
        with cae.context():
            settlement = self.settlement(cae)
            settlement.meeting_date = dt.date(2025, 6, 20)
            settlement.save()
        with self.user('adviser'), Transaction().set_context(todo_date=DAY):
            todos = self.todos()
            person, contract = cae.person('E2'), cae.person('E2').contracts[1]
            for kind, code, expected in [
                    ('signature', 'E2', ('cae.contract', [], [contract.id])),
                    ('membership', 'E2', ('cae.contract', [], [contract.id])),
                    ('interview', 'E2', (
                            'cae.interview',
                            [['entrepreneur', '=', person.id]], None)),
                    ('settlement', 'E1', (
                            'cae.settlement', [], [settlement.id])),
                    ('agreement', 'E1', (
                            'cae.activity.agreement', [[
                                    'activity', '=', cae.activity('A2').id]],
                            None))]:
                with self.subTest(kind=kind):
                    self.assertEqual(self.open(todos[kind, code]), expected)
        with self.user('adviser', 'coop_shares.group_share'), \
                Transaction().set_context(todo_date=DAY):
            model, domain, _ = self.open(todos['membership', 'E2'])
            self.assertEqual(model, 'coop.share.subscription')
            self.assertIn(['party', '=', person.party.id], domain)

    @with_transaction()
    def test_R7331_12_settlement(self):
        "Within a month of the meeting, once it is held"
        cae = Cae()
        with cae.context(), Transaction().set_context(
                todo_date=DAY, _companies=[cae.company.id]):
            settlement = self.settlement(cae)
            self.assertNotIn(('settlement', 'E1'), self.todos())
            settlement.meeting_date = dt.date(2025, 1, 31)
            settlement.save()
            todo = self.todos()['settlement', 'E1']
            self.assertEqual(
                (todo.deadline, todo.settlement, todo.article),
                (dt.date(2025, 2, 28), settlement, 'R7331-12'))

    @with_transaction()
    def test_page(self):
        "What is read of some records is what the whole list says of them"
        Todo = Pool().get('cae.todo')
        cae = Cae()
        names = [n for n in Todo._fields if not n.startswith(('cr', 'wr'))]
        with cae.context(), Transaction().set_context(
                todo_date=DAY, _companies=[cae.company.id]):
            settlement = self.settlement(cae)
            settlement.meeting_date = dt.date(2025, 1, 31)
            settlement.save()
            every = {
                r['id']: r for r in Todo.read(
                    [t.id for t in Todo.search([])], names)}
            self.assertGreater(len(every), 5)
            for id_, row in every.items():
                self.assertEqual(Todo.read([id_], names), [row])
