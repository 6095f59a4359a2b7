# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.exceptions import ArgumentError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

HOMES = {
    'accountant': 'act_company_month',
    'adviser': 'act_todo_form',
    'manager': 'act_company_figure',
    'entrepreneur': 'wizard_own_activity',
    }


class HomeTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def action(self, name):
        "Return the id of the action as clients get it"
        pool = Pool()
        Action = pool.get('ir.action')
        ModelData = pool.get('ir.model.data')
        if '.' not in name:
            name = f'coop_cae.{name}'
        return Action.get_action_id(ModelData.get_id(*name.split('.')))

    def opened(self):
        return call('res.user', 'get_preferences', False)['actions']

    def own(self):
        "Return what the user has chosen"
        return [
            a.id for a in Pool().get('res.user')(Transaction().user).actions]

    @with_transaction()
    def test_role(self):
        "A user who is given a group has its home, and may launch it"
        Action = Pool().get('ir.action')
        for role, action in HOMES.items():
            with self.subTest(role=role), self.user(role):
                self.assertEqual(
                    [Action(i).name for i in self.opened()],
                    [Action(self.action(action)).name])
                self.assertFalse(self.own())
                value = Action(self.action(action)).get_action_value()
                self.assertEqual(value['id'], self.action(action))

    @with_transaction()
    def test_roles(self):
        "Of several groups, the homes in their order"
        with self.user('adviser', 'accountant'):
            self.assertEqual(
                self.opened(),
                [self.action('act_company_month'),
                    self.action('act_todo_form')])
        with self.user():
            self.assertEqual(self.opened(), [])

    @with_transaction()
    def test_sub_group(self):
        "A group has the homes of its parent; what it may not launch is none"
        pool = Pool()
        Group = pool.get('res.group')
        Home = pool.get('cae.home')
        ModelData = pool.get('ir.model.data')
        group, = Group.create([{
                    'name': "Payroll",
                    'parent': ModelData.get_id(
                        'coop_cae', 'group_cae_accountant')}])
        Home.create([
                {'group': group.id, 'action': self.action(name)}
                for name in ['act_payslip_form', 'wizard_funder_fact_purge']])
        User = pool.get('res.user')
        user, = User.create([{
                    'name': "Paule", 'login': 'paule',
                    'groups': [('add', [group.id])]}])
        with Transaction().set_user(user.id):
            opened = self.opened()
        self.assertIn(self.action('act_company_month'), opened)
        self.assertIn(self.action('act_payslip_form'), opened)
        self.assertNotIn(self.action('wizard_funder_fact_purge'), opened)

    @with_transaction()
    def test_choice(self):
        "What a user chooses is opened instead, until they give it up"
        todo = self.action('act_todo_form')
        figures = self.action('act_figures')
        with self.user('adviser'):
            # Clients send what they show with any other preference
            call('res.user', 'set_preferences', {
                    'signature': "Bonjour", 'actions': [('add', [todo])]})
            self.assertEqual(self.own(), [])
            call('res.user', 'set_preferences', {
                    'actions': [('add', [todo, figures])]})
            self.assertEqual(set(self.own()), {todo, figures})
            self.assertEqual(set(self.opened()), {todo, figures})
            call('res.user', 'set_preferences', {
                    'actions': [('add', [figures]), ('remove', [todo])]})
            self.assertEqual(self.opened(), [figures])
            call('res.user', 'set_preferences', {
                    'actions': [('remove', [figures])]})
            self.assertEqual(self.own(), [])
            self.assertEqual(self.opened(), [todo])

    @with_transaction()
    def test_malformed(self):
        with self.user('adviser'):
            for values in [
                    'COOP', None, [], {1: 2}, {'actions': 'x'},
                    {'actions': [1]}, {'actions': [('add', 1)]},
                    {'actions': [('add', ['x'])]}]:
                with self.subTest(values=values), \
                        self.assertRaises(ArgumentError):
                    call('res.user', 'set_preferences', values)

    @with_transaction()
    def test_administration(self):
        "Administrators give a group another home, others cannot"
        pool = Pool()
        Group = pool.get('res.group')
        ModelData = pool.get('ir.model.data')
        group, = Group.create([{'name': "Reception"}])
        values = {'group': group.id, 'action': self.action('act_figures')}
        with self.user('adviser'), self.assertRaises(AccessError):
            call('cae.home', 'create', [values])
        with self.user('res.group_admin'):
            call('cae.home', 'create', [values])
            # Those of the module are theirs too
            home = ModelData.get_id('coop_cae', 'home_cae_adviser')
            call('cae.home', 'write', [home], {
                    'action': self.action('act_todo_form')})
        self.assertEqual(
            [h.action.name for h in Group(group.id).homes],
            ["Accounts of Activities"])
