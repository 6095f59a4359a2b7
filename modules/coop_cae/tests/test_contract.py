# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from unittest.mock import patch

from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae import todo_alert
from trytond.modules.coop_cae.contract_clock import ContractDateError
from trytond.modules.coop_cae.exceptions import ConfigurationError
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.tests.tools import rpc
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = dt.date


class ContractTestCase(unittest.TestCase):
    "What the dates of contracts comply with"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def contract(self, person, type, start, end=None, **values):
        Contract = Pool().get('cae.contract')
        contract, = Contract.create([{
                    'entrepreneur': person.id, 'type': type,
                    'start_date': start, 'end_date': end,
                    'signature': 'signed', 'taken_over': True, **values}])
        return contract

    def refused(self, *args, **values):
        with self.assertRaises(ContractDateError), savepoint():
            self.contract(*args, **values)

    def person(self, cae, name="New"):
        Entrepreneur = Pool().get('cae.entrepreneur')
        Party = Pool().get('party.party')
        party, = Party.create([{'name': name}])
        person, = Entrepreneur.create([{
                    'company': cae.company.id, 'code': name,
                    'party': party.id}])
        return person

    @with_transaction()
    def test_L127_2_cape(self):
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            self.refused(person, 'cape', D(2024, 1, 15), D(2025, 1, 15))
            self.contract(person, 'cape', D(2024, 1, 15), D(2025, 1, 14))
            self.refused(
                person, 'cape', D(2025, 1, 16), D(2025, 12, 31), renewal=1)
            self.refused(
                person, 'cape', D(2025, 1, 15), D(2025, 12, 31), renewal=2)
            self.contract(
                person, 'cape', D(2025, 1, 15), D(2026, 1, 14), renewal=1)
            self.contract(
                person, 'cape', D(2026, 1, 15), D(2027, 1, 14), renewal=2)

    @with_transaction()
    def test_overlap(self):
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            self.contract(person, 'cesa', D(2024, 1, 15), D(2024, 6, 30))
            self.refused(person, 'cesa', D(2024, 6, 30))
            self.refused(person, 'cesa', D(2024, 1, 1), D(2024, 1, 15))
            self.contract(person, 'cesa', D(2024, 7, 1))
            self.refused(person, 'cesa', D(2030, 1, 1))

    @with_transaction()
    def test_L7331_3_and_L7332_1(self):
        "§ 4.2 of the domain, on the contract"
        Contract = Pool().get('cae.contract')
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            self.contract(person, 'cape', D(2024, 1, 15), D(2025, 1, 14))
            self.contract(
                person, 'cape', D(2025, 1, 15), D(2025, 3, 14), renewal=1)
            contract = self.contract(person, 'cesa', D(2025, 3, 15))
            self.assertEqual(
                (contract.membership_deadline, contract.trial_limit),
                (D(2027, 1, 15), None))
            with self.assertRaises(ContractDateError), savepoint():
                Contract.write([contract], {'trial_end_date': D(2025, 3, 15)})
            Contract.write(
                [Contract(contract.id)], {'start_date': D(2025, 5, 15)})
            self.assertEqual(
                Contract(contract.id).membership_deadline, D(2027, 3, 15))
            other = self.person(cae, "Other")
            contract = self.contract(
                other, 'cesa', D(2025, 3, 15), trial_end_date=D(2025, 11, 14))
            with self.assertRaises(ContractDateError), savepoint():
                Contract.write(
                    [contract], {'trial_end_date': D(2025, 11, 15)})

    def todos(self, cae, date):
        Todo = Pool().get('cae.todo')
        with Transaction().set_context(
                todo_date=date, _companies=[cae.company.id]):
            return {
                (t.entrepreneur.code, t.kind, t.deadline)
                for t in Todo.search([])}

    def agree(self, cae):
        "Sign the agreement of the activity of two people"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Agreement = pool.get('cae.activity.agreement')
        duo, = Activity.search([('code', '=', 'A2')])
        agreement, = Agreement.create([{
                    'activity': duo.id, 'start_date': duo.start_date,
                    'nature': "x", 'trade_name': "Duo", 'clientele': "x",
                    'assets': "x",
                    'shares': [('create', [{
                                    'entrepreneur': cae.person(p).id,
                                    'ratio': Decimal('0.5')}
                                for p in ['E1', 'E2']])],
                    'signed_on': duo.start_date}])
        Agreement.to_sign([agreement])
        Agreement.sign([agreement])

    @with_transaction()
    def test_todo(self):
        "It is done, and gone from the list"
        pool = Pool()
        Contract = pool.get('cae.contract')
        Interview = pool.get('cae.interview')
        cae = Cae()
        with cae.context():
            date = D(2024, 12, 31)
            self.assertEqual(self.todos(cae, date), {
                    ('E1', 'agreement', D(2023, 5, 1)),
                    ('E1', 'signature', D(2023, 1, 3)),
                    ('E1', 'interview', D(2025, 1, 2)),
                    ('E1', 'interview_missed', D(2024, 1, 2)),
                    ('E2', 'signature', D(2024, 5, 1)),
                    ('E2', 'interview', D(2025, 4, 30))})
            self.agree(cae)
            for person in ['E1', 'E2']:
                contract = cae.person(person).contracts[-1]
                Contract.write(
                    [contract], {'signed_on': contract.start_date})
                for month in [6, 7]:
                    Interview.create([{
                                'entrepreneur': contract.entrepreneur.id,
                                'adviser': contract.entrepreneur.adviser.id,
                                'date': D(2024, month, 1),
                                'signed_on': D(2024, month, 1),
                                'review': "x", 'prospects': "x",
                                'actions': "x", 'support': "x"}])
            self.assertEqual(self.todos(cae, date), {
                    ('E1', 'interview_missed', D(2024, 1, 2))})
            # E2 is no member, by 2026-05-01
            self.assertIn(
                ('E2', 'membership', D(2026, 5, 1)),
                self.todos(cae, D(2026, 2, 1)))

    @with_transaction()
    def test_import(self):
        "Files may tell who has signed, and who was told"
        TableImport = Pool().get('cae.table.import')
        cae = Cae()
        with cae.context():
            for told, expected in [
                    ('2024-04-28;2024-05-02', D(2024, 5, 2)),
                    (';', D(2024, 5, 2))]:
                TableImport.import_file('contracts.csv', f"""\
entrepreneur;type;renewal;start_date;end_date;fixed_part;exit_date;\
exit_reason;signed_on;urssaf_told_on
E2;CAPE;0;2023-05-01;2024-04-30;;;;{told}
""".encode())
                contract = cae.person('E2').contracts[0]
                self.assertEqual(
                    (contract.signed_on, contract.urssaf_told_on),
                    (D(2024, 4, 28), expected))

    def tell(self, cae, date):
        "Return the messages of a day, as address and lines"
        Alert = Pool().get('cae.todo.alert')
        with patch.object(
                todo_alert, 'send_message_transactional') as send:
            Alert.tell(date=date)
        return [
            (call.args[0]['To'], [
                    line for line in call.args[0].get_content().splitlines()
                    if line.startswith('- ')])
            for call in send.call_args_list]

    @with_transaction()
    def test_alerts(self):
        "Each thing is told once at each distance, to its adviser"
        pool = Pool()
        Adviser = pool.get('cae.adviser')
        Configuration = pool.get('cae.configuration')
        Contract = pool.get('cae.contract')
        User = pool.get('res.user')
        cae = Cae()
        with cae.context():
            Contract.write([
                    c for p in ['E1', 'E2'] for c in cae.person(p).contracts],
                {'signed_on': D(2023, 1, 3)})
            self.agree(cae)
            self.assertEqual(self.tell(cae, D(2024, 12, 31)), [])
            with self.assertRaises(ConfigurationError), savepoint():
                Configuration(1).set_multivalue(
                    'alert_days', "30; 7", company=cae.company.id)
            Configuration(1).set_multivalue(
                'alert_days', "60, 30, 0", company=cae.company.id)
            # Nobody to be told yet
            self.assertEqual(self.tell(cae, D(2024, 12, 31)), [])
            user, = User.create([{
                        'name': "Paul", 'login': 'paul',
                        'email': 'paul@example.org'}])
            Adviser.write(
                Adviser.search([('code', '=', 'ADV1')]), {'user': user.id})
            (address, lines), = self.tell(cae, D(2024, 11, 20))
            self.assertEqual(address, 'Paul <paul@example.org>')
            self.assertEqual(len(lines), 2)
            self.assertIn("R7331-3", lines[0])
            self.assertIn("Durand", lines[0])
            with Transaction().set_context(company=None):
                self.assertEqual(self.tell(cae, D(2024, 11, 20)), [])
                self.assertEqual(len(self.tell(cae, D(2024, 12, 3))), 1)
            # 2024-01-02 was missed, 2025-01-02 is at sixty days
            for date, count in [
                    (D(2024, 11, 20), None), (D(2024, 12, 2), None),
                    (D(2024, 12, 4), None),
                    (D(2025, 1, 2), 1), (D(2025, 1, 2), None)]:
                found = self.tell(cae, date)
                self.assertEqual(
                    [len(lines) for _, lines in found],
                    [count] if count else [], date)

    @with_transaction()
    def test_access(self):
        "Advisers see the list of their co-ops, and theirs of it"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        Adviser = pool.get('cae.adviser')
        cae = Cae()
        with cae.context():
            users = {}
            for name, group in [
                    ('adviser', 'group_cae_adviser'),
                    ('entrepreneur', 'group_cae_entrepreneur'),
                    ('none', None)]:
                users[name], = User.create([{
                            'name': name, 'login': name,
                            'companies': [('add', [cae.company.id])],
                            'company': cae.company.id,
                            'groups': [('add', [ModelData.get_id(
                                            'coop_cae', group)]
                                    if group else [])]}])
            adviser, = Adviser.search([('code', '=', 'ADV1')])
            adviser.user = users['adviser']
            adviser.save()
            found = rpc(
                users['adviser'], 'cae.todo', 'search_read', [], 0, None,
                None, ['company', 'mine', 'adviser'],
                context={'todo_date': D(2024, 12, 31)})
            self.assertTrue(found)
            self.assertEqual({t['company'] for t in found}, {cae.company.id})
            self.assertTrue(all(t['mine'] for t in found))
            # Not by asking for the others
            others = [c.id for c in pool.get('company.company').search([])]
            found = rpc(
                users['adviser'], 'cae.todo', 'search_read', [], 0, None,
                None, ['company'], context={
                    'todo_date': D(2024, 12, 31), 'companies': others})
            self.assertEqual({t['company'] for t in found}, {cae.company.id})
            for name in ['entrepreneur', 'none']:
                for model in ['cae.todo', 'cae.interview']:
                    with self.assertRaises(AccessError):
                        rpc(users[name], model, 'search_read', [], 0, None,
                            None, ['id'])
