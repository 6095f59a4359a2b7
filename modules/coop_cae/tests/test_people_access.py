# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What of a person's path answers by RPC to those it is not for."""
import datetime as dt
import unittest
from decimal import Decimal as D

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

DAY = dt.date(2024, 6, 1)
# What somebody of the support team may do with them
MODES = {
    'cae.contract': 'rwcd',
    'cae.contract.amendment': 'rwcd',
    'cae.activity.agreement': 'rwcd',
    'cae.interview': 'rwcd',
    'cae.path.step': 'rwcd',
    'cae.path': 'r',
    'cae.exit': 'rwcd',
    'cae.exit.step': 'r',
    'cae.todo': 'r',
    'cae.member.delay': 'r',
    }
# Of these an entrepreneur sees their own: see test_confinement
OWN = {'cae.contract', 'cae.contract.amendment', 'cae.activity.agreement'}


class PeopleAccessTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def enter(self):
        "Return the records of people of Coop by model"
        pool = Pool()
        cae = Cae()
        with cae.context():
            person = cae.person('E1')
            reason, = pool.get('cae.exit_reason').create([
                    {'code': 'job', 'name': "Job"}])
            pool.get('cae.contract.amendment').create([{
                        'contract': person.contracts[0].id,
                        'start_date': DAY, 'text': "More."}])
            pool.get('cae.activity.agreement').create([{
                        'activity': cae.activity('A2').id,
                        'start_date': DAY}])
            pool.get('cae.interview').create([{
                        'entrepreneur': person.id, 'date': DAY,
                        'adviser': person.adviser.id}])
            pool.get('cae.path.step').create([{
                        'entrepreneur': person.id, 'kind': 'candidate',
                        'date': dt.date(2021, 1, 1)}])
            exit_, = pool.get('cae.exit').create([{
                        'company': cae.company.id, 'entrepreneur': person.id,
                        'date': DAY, 'reason': reason.id,
                        'membership': 'leaves'}])
            pool.get('cae.exit').leave([exit_])
        with Transaction().set_context(_companies=[cae.company.id]):
            return {
                name: [
                    r.id for r in pool.get(name).search([
                            ('company', '=', cae.company.id)])]
                for name in MODES}

    def assertUnseen(self, name, ids):
        "Nothing of the records is found, read, counted or changed"
        found = call(name, 'search', [], 0, None, None)
        self.assertFalse(set(found) & set(ids))
        self.assertFalse(
            call(name, 'search_count', [('id', 'in', ids)]))
        for method, *args in [
                ('read', ids[:1], ['rec_name']),
                ('export_data', ids[:1], ['rec_name'])]:
            with self.subTest(method=method), \
                    self.assertRaises(AccessError):
                call(name, method, *args)

    @with_transaction()
    def test_other_company(self):
        "The support team of another co-operative sees nobody of this one"
        records = self.enter()
        for name, ids in records.items():
            with self.subTest(name=name):
                self.assertTrue(ids)
                with self.user('adviser'):
                    self.assertEqual(self.modes(name), MODES[name])
                    self.assertEqual(
                        set(call(name, 'search', [], 0, None, None)),
                        set(ids))
                with self.user('adviser', company='OTHER'):
                    self.assertUnseen(name, ids)
                    if 'w' in MODES[name]:
                        for method in ['write', 'delete']:
                            args = [{}] if method == 'write' else []
                            with self.assertRaises(AccessError):
                                call(name, method, ids[:1], *args)

    @with_transaction()
    def test_not_of_the_staff(self):
        "Nothing to who has no group, nor to entrepreneurs"
        records = self.enter()
        for name, ids in records.items():
            for groups in [[], ['entrepreneur']]:
                if groups and name in OWN:
                    continue
                with self.user(*groups), self.subTest(
                        name=name, groups=groups):
                    for method, *args in [
                            ('search', [], 0, None, None),
                            ('read', ids[:1], ['id']),
                            ('search_read', [], 0, None, None, ['id']),
                            ('export_data', ids[:1], ['id'])]:
                        with self.assertRaises(AccessError):
                            call(name, method, *args)

    @with_transaction()
    def test_wizards(self):
        "The actions of the support team answer to it only"
        person = Cae().person('E1')
        for name, groups in [
                ('cae.candidate.new', ['entrepreneur']),
                ('cae.exit.leave', ['entrepreneur']),
                ('cae.exit.leave', ['manager']),
                ('cae.company.move', ['entrepreneur']),
                ('cae.company.move', ['manager']),
                ('cae.todo.open', ['entrepreneur']),
                ('cae.group.contribution.invoice', ['adviser']),
                ('cae.group.contribution.invoice', ['manager']),
                ('cae.funder_fact.purge', ['adviser', 'accountant'])]:
            with self.user(*groups), self.subTest(name=name, groups=groups), \
                    Transaction().set_context(
                        active_model='cae.entrepreneur',
                        active_id=person.id, active_ids=[person.id]), \
                    self.assertRaises(AccessError):
                call(name, 'create', kind='wizard')

    @with_transaction()
    def test_pay_of_others(self):
        "An adviser sees no payslip, of whoever they advise"
        cae = Cae()
        with cae.context():
            payslip = cae.payslip('E1', 1, D('1000'))
        with self.user('adviser'):
            self.assertEqual(self.modes('cae.payslip'), '')
            with self.assertRaises(AccessError):
                call('cae.payslip', 'read', [payslip.id], ['gross'])
