# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Nobody works on, or ends, the wizard that somebody else has open."""
import unittest

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.pool import Pool
from trytond.tests.test_tryton import activate_module, with_transaction
from trytond.transaction import Transaction

WIZARD = 'ir.translation.clean'


class WizardSessionTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('coop_access')

    def users(self):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        group = ModelData.get_id('res', 'group_admin')
        return User.create([{
                    'name': name, 'login': name, 'groups': [('add', [group])],
                    } for name in ['one', 'two']])

    def wizard(self, user, method, *args):
        with Transaction().set_user(user.id):
            return call(WIZARD, method, *args, kind='wizard')

    @with_transaction()
    def test_others(self):
        one, two = self.users()
        session, start, end = self.wizard(one, 'create')
        for method, *args in [
                ('execute', session, {}, start), ('delete', session)]:
            with self.subTest(method=method), \
                    self.assertRaises(AccessError) as refused:
                self.wizard(two, method, *args)
            # The same as of one that is not there
            with self.subTest(method=method), \
                    self.assertRaises(AccessError) as unknown:
                self.wizard(two, method, session + 1000, *args[1:])
            self.assertEqual(
                refused.exception.args, unknown.exception.args)
        self.wizard(one, 'execute', session, {}, start)
        self.wizard(one, 'delete', session)

    @with_transaction()
    def test_server(self):
        one, _ = self.users()
        session, _, _ = self.wizard(one, 'create')
        with Transaction().set_user(0):
            Pool().get(WIZARD, type='wizard').delete(session)
