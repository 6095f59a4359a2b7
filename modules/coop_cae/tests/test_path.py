# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = dt.date
STAFF = ['adviser', 'accountant', 'manager']


def at(date):
    return Transaction().set_context(path_date=date)


class PathTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def step(self, person, date, kind, **values):
        Step = Pool().get('cae.path.step')
        step, = Step.create([{
                    'entrepreneur': person.id, 'date': date, 'kind': kind,
                    **values}])
        return step

    def stages(self):
        Entrepreneur = Pool().get('cae.entrepreneur')
        return {
            e.code: e.stage for e in Entrepreneur.search([
                    ('code', 'in', ['E1', 'E2'])])}

    @with_transaction()
    def test_stage(self):
        "The stage of any day, from steps, contracts and memberships"
        cae = Cae()
        with cae.context():
            self.step(cae.person('E2'), D(2023, 4, 1), 'candidate')
            for date, e1, e2 in [
                    (D(2022, 12, 31), None, None),
                    (D(2023, 4, 1), 'cesa', 'candidate'),
                    (D(2023, 5, 1), 'cesa', 'cape'),
                    (D(2023, 6, 1), 'member', 'cape'),
                    (D(2024, 5, 1), 'member', 'cesa')]:
                with at(date), self.subTest(date=date):
                    self.assertEqual(self.stages(), {'E1': e1, 'E2': e2})

    @with_transaction()
    def test_left(self):
        "Who left with a reason has left; else they are without a contract"
        pool = Pool()
        Contract = pool.get('cae.contract')
        Reason = pool.get('cae.exit_reason')
        cae = Cae()
        reason, = Reason.create([{'code': 'job', 'name': "Job"}])
        with cae.context():
            contract, = cae.person('E1').contracts
            Contract.write([contract], {'exit_date': D(2024, 3, 31)})
            for values, stage in [
                    ({}, 'between'), ({'exit_reason': reason.id}, 'left')]:
                Contract.write([contract], values)
                with at(D(2024, 3, 31)):
                    self.assertEqual(self.stages()['E1'], 'member')
                with at(D(2024, 4, 1)):
                    self.assertEqual(self.stages()['E1'], stage)

    @with_transaction()
    def test_drafts_count_for_nothing(self):
        Contract = Pool().get('cae.contract')
        cae = Cae()
        with cae.context(), at(D(2025, 1, 1)):
            person = self.candidate(cae).id
            Contract.create([{
                        'entrepreneur': person, 'type': 'cape',
                        'start_date': D(2024, 6, 1),
                        'end_date': D(2025, 5, 31)}])
            self.assertEqual(
                Pool().get('cae.entrepreneur')(person).stage, 'candidate')

    def candidate(self, cae, **values):
        "Enter a candidate with the wizard"
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        New = pool.get('cae.candidate.new', type='wizard')
        with Transaction().set_context(_check_access=False):
            session, _, _ = New.create()
            result = New.execute(session, {'start': {
                        'company': cae.company.id, 'name': "Ada Roux",
                        'date': D(2024, 2, 1), 'kind': 'candidate',
                        **values}}, 'open_')
        (action, data), = result['actions']
        self.assertEqual(action['views'][0][1], 'form')
        return Entrepreneur(data['res_id'][0])

    @with_transaction()
    def test_search(self):
        Entrepreneur = Pool().get('cae.entrepreneur')
        cae = Cae()
        with cae.context(), at(D(2023, 6, 1)):
            new = self.candidate(cae).code
            for clause, expected in [
                    (('=', 'cape'), {'E2'}),
                    (('!=', 'cape'), {'E1', new}),
                    (('=', None), {new}),
                    (('!=', None), {'E1', 'E2'}),
                    (('in', ['cape', 'member']), {'E1', 'E2'}),
                    (('not in', ['cape', 'member']), {new}),
                    (('=', 'cesa'), set())]:
                with self.subTest(clause=clause):
                    self.assertEqual({
                            e.code for e in Entrepreneur.search([
                                    ('stage', *clause),
                                    ('company', '=', cae.company.id)])},
                        expected)

    @with_transaction()
    def test_path(self):
        "One line per event, in order, with its run and its contract"
        Path = Pool().get('cae.path')
        cae = Cae()
        with cae.context():
            person = cae.person('E2')
            self.step(person, D(2023, 4, 1), 'candidate')
            self.step(person, D(2023, 4, 9), 'accepted')
            lines = Path.search([('entrepreneur', '=', person.id)])
            self.assertEqual([
                    (x.run, x.date, x.kind, x.contract and x.contract.type)
                    for x in lines], [
                    (1, D(2023, 4, 1), 'candidate', None),
                    (1, D(2023, 4, 9), 'accepted', None),
                    (1, D(2023, 5, 1), 'cape', 'cape'),
                    (1, D(2024, 5, 1), 'cesa', 'cesa')])
            self.assertEqual(tuple(lines), person.path)
            everything = Path.search([])
            self.assertEqual(
                len({x.id for x in everything}), len(everything))
            self.assertEqual(
                {x.company for x in everything},
                {cae.company, Cae('OTHER').company})
            self.assertTrue(lines[0].rec_name)

    @with_transaction()
    def test_queries(self):
        "The same number of queries whatever the number of people"
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Path = pool.get('cae.path')
        cae = Cae()
        counts = []
        with cae.context():
            for _ in range(2):
                people = Entrepreneur.search([])
                found = []
                with count_queries() as queries:
                    Entrepreneur.get_stage(people, 'stage')
                found.append(len(queries))
                with count_queries() as queries:
                    Entrepreneur.search([('stage', '=', 'cape')])
                found.append(len(queries))
                with count_queries() as queries:
                    Path.search([], count=True)
                found.append(len(queries))
                counts.append(found)
                for n in range(5):
                    self.candidate(cae, name=f"New {n}")
        self.assertLessEqual(counts[1], counts[0])

    @with_transaction()
    def test_new_candidate(self):
        "A party, an entrepreneur with the next code and a first step"
        cae = Cae()
        with self.user('adviser'):
            codes = set()
            for name in ["Ada Roux", "Ugo Blanc"]:
                person = self.candidate(
                    cae, name=name, email='new@example.org', note="Pains")
                codes.add(person.code)
                self.assertEqual(person.party.name, name)
                self.assertEqual(person.party.email, 'new@example.org')
                step, = person.steps
                self.assertEqual(step.kind, 'candidate')
                self.assertEqual(step.note, "Pains")
                self.assertEqual(person.stage, 'candidate')
            # The sequences of PostgreSQL do not roll back
            first, second = sorted(map(int, codes))
            self.assertEqual(second, first + 1)
            self.assertEqual(self.candidate(cae, code='Z9').code, 'Z9')

    @with_transaction()
    def test_code_taken(self):
        "The codes that files gave are passed over"
        cae = Cae()
        with cae.context():
            last = int(self.candidate(cae).code)
            self.candidate(cae, code=f'{last + 1:04}')
            self.assertEqual(self.candidate(cae).code, f'{last + 2:04}')

    @with_transaction()
    def test_comes_back(self):
        "Who is known gets another step, not another record"
        pool = Pool()
        cae = Cae()
        other = Cae('OTHER').person('E3').party
        with self.user('adviser'):
            person = self.candidate(cae)
            self.step(person, D(2024, 2, 10), 'gave_up')
            again = self.candidate(
                cae, party=person.party.id, date=D(2025, 2, 1))
            self.assertEqual(person, again)
            self.assertEqual(
                [p.run for p in pool.get('cae.path').search([
                            ('entrepreneur', '=', person.id)])], [1, 1, 2])
            # Of another company of the group, the party is the same
            moved = self.candidate(cae, party=other.id)
            self.assertEqual(moved.party, other)

    @with_transaction()
    def test_access(self):
        "Advisers and accountants record steps, managers read, nobody else"
        pool = Pool()
        New = pool.get('cae.candidate.new', type='wizard')
        cae, other = Cae(), Cae('OTHER')
        step = self.step(cae.person('E1'), D(2022, 1, 1), 'candidate')
        with self.user():
            self.assertModes(['cae.path.step', 'cae.path'], '')
            with self.assertRaises(AccessError):
                New.create()
        with self.user('manager'), self.assertRaises(AccessError):
            New.create()
        for group, modes in zip(STAFF, ['rwcd', 'rwcd', 'r']):
            with self.user(group):
                self.assertModes(['cae.path.step'], modes)
                self.assertModes(['cae.path'], 'r')
                self.assertIn(step.id, call(
                        'cae.path.step', 'search', [], 0, None, None))
                self.assertTrue(
                    call('cae.path', 'search', [], 0, None, None))
            with self.user(group, company='OTHER'):
                self.assertEqual(call(
                        'cae.path.step', 'search', [], 0, None, None), [])
                self.assertEqual({
                        p['entrepreneur'] for p in call(
                            'cae.path', 'search_read', [], 0, None, None,
                            ['entrepreneur'])}, {other.person('E3').id})
                with self.assertRaises(AccessError):
                    call('cae.path.step', 'read', [step.id], ['date'])
        with self.user('adviser', company='OTHER'), \
                self.assertRaises(AccessError):
            self.candidate(cae)
