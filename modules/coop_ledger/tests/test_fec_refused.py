# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict

from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.files.problem import Problem
from trytond.modules.coop_ledger.tests.fec_tools import (
    FecTestCase, company, import_, load_french)
from trytond.modules.coop_ledger.tests.test_files_fec import NAME, fec, sale
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction


class FecRefusedTestCase(FecTestCase):
    "Test what the import of accounting files refuses"

    # Refusals

    @with_transaction()
    def test_bad_files(self):
        # A sub-test would take the restart that a lock asks for as a failure
        Pool().get('account.journal.period').lock()
        good = fec(
            *sale(label="Été"), *sale(number='2', label="Hiver à"))
        for code, data in [
                ('fec_unbalanced', good.replace(b'120,00', b'119,00', 1)),
                ('cut', good[:-40]),
                ('encoding', good.replace('à'.encode(), b'\xc3')),
                ('control_character', good.replace(b'Hiver', b'Hi\x00er')),
                ('column_missing', good.replace(b'CompteNum', b'Compte')),
                ('column_doubled', good.replace(b'CompteLib', b'CompteNum')),
                ('fec_date', good.replace(b'20240131', b'20240132', 1)),
                ('money', good.replace(b'120,00', b'12O,00', 1)),
                ('fec_year', good.replace(b'20240131', b'20260131', 1)),
                ('required', good.replace(b'411000', b'', 1)),
                ('cells', good.replace(b'VE\t', b'VE\t\t\t\t', 1)),
                ('empty', b''),
                ]:
            with self.subTest(code=code):
                message = self.assertRefused(code, data=data)
                self.assertIn(NAME, message)

    @with_transaction()
    def test_messages(self):
        load_french()
        wrong = sale()
        wrong[1][12] = '119,50'
        message = self.assertRefused('fec_unbalanced', *wrong)
        self.assertEqual(
            message,
            '123456782FEC20241231.txt, line 2, column EcritureNum: "1": '
            'the entry of journal VE on 01/31/2024 does not balance: debit '
            '120.00, credit 119.50 (lines 2-3).')
        wrong[0][3] = '20240132'
        with Transaction().set_context(language='fr'):
            message = self.assertRefused('fec_date', *wrong)
        self.assertEqual(
            message.splitlines()[0],
            "123456782FEC20241231.txt, ligne 2, colonne EcritureDate : "
            "« 20240132 » : une date est attendue, comme 20241231.")

    @with_transaction()
    def test_messages_all_codes(self):
        "Each message is told in English and in French"
        load_french()
        Message = Pool().get('ir.message')
        ModelData = Pool().get('ir.model.data')
        args = defaultdict(lambda: "x")
        for data in ModelData.search([
                    ('module', '=', 'coop_ledger'),
                    ('model', '=', 'ir.message'),
                    ('fs_id', 'like', 'msg_file_%'),
                    ]):
            message = Message(data.db_id)
            message.text % args
            code = data.fs_id[len('msg_file_'):]
            if code.startswith('place'):
                continue
            problem = Problem(
                code, 'f.csv', 3, 'c', 'v', {k: [1, 2] for k in args})
            texts = {problem.text(x) for x in ['en', 'fr']}
            with self.subTest(code=code):
                self.assertEqual(len(texts), 2)

    @with_transaction()
    def test_many_problems(self):
        wrong = [sale(str(i))[0] for i in range(150)]
        for line in wrong:
            line[3] = '2024'
        message = self.assertRefused('fec_date', *wrong)
        self.assertEqual(len(message.splitlines()), 101)
        self.assertIn('50', message.splitlines()[-1])

    @with_transaction()
    def test_siren(self):
        message = self.assertRefused(
            'fec_siren', *sale(), name='552100554FEC20241231.txt')
        self.assertIn('123456782', message)
        self.assertRefused('fec_name', *sale(), name='export.txt')
        result = import_(
            *sale(), name='552100554FEC20241231.txt', force=True)
        self.assertEqual(result['new_entries'], 1)

    @with_transaction()
    def test_siren_missing(self):
        Identifier = Pool().get('party.identifier')
        Identifier.delete(Identifier.search([]))
        self.assertRefused('fec_company_siren', *sale())

    @with_transaction()
    def test_name_without_year(self):
        "Without a closing date the fiscal year must be there"
        self.assertRefused(
            'fec_no_period', *sale(), name='export.txt', force=True)
        import_(*sale())
        result = import_(
            *sale(), *sale(number='2'), name='export.txt', force=True)
        self.assertEqual(result['new_entries'], 1)

    # Rights

    def user(self, *groups, companies=True):
        pool = Pool()
        User = pool.get('res.user')
        ModelData = pool.get('ir.model.data')
        ids = [ModelData.get_id(g) for g in groups]
        values = {'name': "User", 'login': 'user', 'groups': [('add', ids)]}
        if not companies:
            values['companies'] = []
            values['company'] = None
        user, = User.create([values])
        return user

    def import_as(self, user):
        FecImport = Pool().get('coop.fec.import')
        id_ = company().id
        with Transaction().set_user(user.id), Transaction().set_context(
                company=id_, _check_access=True):
            return FecImport.import_file(id_, fec(*sale()), NAME)

    @with_transaction()
    def test_accountant(self):
        result = self.import_as(self.user('account.group_account'))
        self.assertEqual(result['new_entries'], 1)

    @with_transaction()
    def test_not_accountant(self):
        with self.assertRaises(AccessError):
            self.import_as(self.user('party.group_party_admin'))

    @with_transaction()
    def test_accountant_of_another_company(self):
        with self.assertRaises(AccessError):
            self.import_as(
                self.user('account.group_account', companies=False))

    @with_transaction()
    def test_trace_is_kept(self):
        "Nobody makes an import forget what it posted"
        pool = Pool()
        import_(*sale())
        with Transaction().set_context(_check_access=True):
            for name in ['coop.fec.import', 'coop.fec.entry']:
                Model = pool.get(name)
                records = Model.search([])
                self.assertTrue(records)
                with self.assertRaises(AccessError):
                    Model.delete(records)
                with self.assertRaises(AccessError):
                    Model.write(records, {'company': company().id})
