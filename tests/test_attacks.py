# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What somebody tried on a copy of the demonstration, and got, is refused."""
import unittest

from tools import access_table
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

SECRETS = ['password', 'password_hash', 'password_reset']
CLOSED_TO_ADVISERS = [
    'cae.payslip', 'coop.share.withholding', 'coop.share.movement',
    'account.move', 'account.move.line']


class AttacksTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    def assertRefused(self, name, method, *arguments, **context):
        with self.subTest(call=(name, method, arguments)), \
                self.assertRaises(AccessError):
            call(name, method, *arguments, **context)

    def refuse_secrets(self):
        for secret in SECRETS:
            inner = [('login', '=', 'admin'), (secret, 'like', 'K%')]
            for name, path in [
                    ('company.company', 'create_uid'),
                    ('currency.currency', 'write_uid')]:
                for domain in [
                        [(path, 'where', inner)],
                        [(path, 'not where', inner)],
                        [('id', '!=', None), [[(path, 'where', inner)]]],
                        [(f'{path}.{secret}', 'like', 'K%')],
                        [(path, 'where', [
                                    ('create_uid', 'where', inner)])]]:
                    self.assertRefused(name, 'search_count', domain)
                self.assertRefused(
                    name, 'search', [], 0, None,
                    [(f'{path}.{secret}', 'ASC')])

    @with_transaction()
    def test_secrets_of_entrepreneur(self):
        User = Pool().get('res.user')
        user = Cae().person('E1').user
        with Transaction().set_user(user.id), \
                Transaction().set_context(User.get_preferences(True)), \
                check_access():
            self.refuse_secrets()

    @with_transaction()
    def test_secrets(self):
        for role in access_table.ROLES:
            with self.subTest(role=role), access_table.role(role):
                self.refuse_secrets()

    @with_transaction()
    def test_secrets_of_admin(self):
        "Nor does the administrator ask for them, of whatever model"
        with Transaction().set_user(1), check_access():
            for secret in SECRETS:
                self.assertRefused(
                    'res.user', 'search', [(secret, 'like', 'K%')], 0, None,
                    None)
                self.assertRefused(
                    'res.user', 'search', [], 0, None, [(secret, 'ASC')])
                self.assertRefused(
                    'res.user', 'export_data', [1], [secret])
            self.assertRefused(
                'res.user', 'search_count',
                [('applications.key', 'like', 'a%')])
            self.assertRefused(
                'res.user.application', 'search', [], 0, None,
                [('key', 'ASC')])
            values, = call('res.user', 'read', [1], SECRETS[1:])
            self.assertEqual(
                [values[s] for s in SECRETS[1:]], [None, None])

    @with_transaction()
    def test_pay(self):
        "An adviser asks for nobody's pay, by whatever leads to it"
        for name in CLOSED_TO_ADVISERS:
            self.assertTrue(self.is_closed('adviser', name), name)
        with access_table.role('adviser'):
            for name, domain in [
                    ('cae.close', [('payslips', 'where', [('net', '>=', 1)])]),
                    ('cae.close', [('payslips.net', '>=', 1)]),
                    ('cae.entrepreneur', [
                            ('party', 'where', [('create_uid', 'where', [
                                            ('password_hash', '!=', None)])])
                            ]),
                    ]:
                self.assertRefused(name, 'search_count', domain)
            for name, Model in list(Pool().iterobject()):
                if 'search' not in Model.__rpc__:
                    continue
                for field in Model._fields.values():
                    if (field._type in {'many2one', 'one2many', 'many2many'}
                            and field.get_target().__name__
                            in CLOSED_TO_ADVISERS):
                        self.assertRefused(
                            name, 'search_count',
                            [(field.name, 'where', [('id', '!=', None)])])

    def is_closed(self, role, name):
        Access = Pool().get('ir.model.access')
        with access_table.role(role):
            return not Access.check(name, raise_exception=False)

    @with_transaction()
    def test_parties_without_group(self):
        Party = Pool().get('party.party')
        party = Party.search([], limit=1)[0]
        with access_table.role('none'):
            self.assertRefused('party.party', 'read', [party.id], ['name'])
            self.assertRefused('party.party', 'search', [], 0, None, None)
            self.assertRefused(
                'party.party', 'write', [party.id], {'name': "Autre"})
            self.assertRefused('party.party', 'create', [{'name': "Autre"}])
            self.assertRefused('party.contact_mechanism', 'create', [{
                        'party': party.id, 'type': 'email',
                        'value': 'moi@example.org'}])
            self.assertRefused('party.address', 'create', [{
                        'party': party.id}])

    @with_transaction()
    def test_other_company(self):
        "Nobody works in a company that is not theirs by saying so"
        other = Cae('OTHER').company
        for role in ['adviser', 'accountant', 'share']:
            with access_table.role(role):
                self.assertRefused(
                    'cae.entrepreneur' if role != 'share' else 'coop.member',
                    'search', [], 0, None, None, company=other.id)

    @with_transaction()
    def test_key_of_program(self):
        "Nobody but an administrator opens the server to a program"
        for role in ['none', 'adviser', 'accountant']:
            with access_table.role(role):
                self.assertRefused('res.user', 'set_preferences', {
                        'applications': [('create', [{
                                        'key': 'x' * 32,
                                        'application': 'rest'}])]})
                self.assertRefused('res.user.application', 'create', [{
                            'key': 'x' * 32, 'application': 'rest'}])

    @with_transaction()
    def test_context_of_program(self):
        "What a program says of itself are not the groups of its user"
        pool = Pool()
        Application = pool.get('res.user.application')
        User = pool.get('res.user')
        user = Cae().person('E1').user
        Application.create([{
                    'key': 'k' * 32, 'user': user.id, 'application': 'rest',
                    'state': 'validated'}])
        groups = pool.get('res.group').search([])
        with Transaction().set_context(
                _groups=tuple(g.id for g in groups), _companies=(1, 2),
                _check_access=False):
            self.assertTrue(Application.check('k' * 32, 'rest'))
            with Transaction().set_user(user.id):
                self.assertLess(len(User.get_groups()), len(groups))
