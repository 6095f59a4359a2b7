# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The table of who may do what is that of the database, and it is true."""
import traceback
import unittest
from pathlib import Path
from unittest.mock import patch

from tools import access_table
from trytond.exceptions import UserError
from trytond.model import ModelSingleton
from trytond.model.exceptions import AccessError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, without_check_access

# Those whose every way in is tried: what refuses is the same for all
THOROUGH = {'adviser', 'entrepreneur'}
# What the law and the house want, whatever the table says: the roles that
# may read
CONFIDENTIAL = {
    'cae.nir': {'accountant', 'bookkeeper'},
    'cae.funder_fact': {'funder_facts'},
    'cae.benefit': {'funder_facts'},
    'cae.prescriber': {'funder_facts'},
    'cae.payslip': {'accountant', 'manager', 'bookkeeper', 'entrepreneur'},
    'cae.payslip.activity': {
        'accountant', 'manager', 'bookkeeper', 'entrepreneur'},
    'cae.interview': {'adviser', 'accountant', 'manager', 'bookkeeper'},
    'cae.path.step': {'adviser', 'accountant', 'manager', 'bookkeeper'},
    }
REFUSALS = (AccessError, AccessButtonError)
# Where rights are checked, and not what may be done to a record
WHERE = {
    'ir/model.py', 'model/modelview.py', 'wizard/wizard.py',
    'report/report.py', 'coop_cae/confinement.py'}


class TableTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    @with_transaction()
    def test_committed(self):
        "Run 'make access' and look at what changed"
        rows = access_table.rows()
        self.assertMultiLineEqual(
            access_table.TABLE.read_text('utf-8'), access_table.as_csv(rows))
        self.assertMultiLineEqual(
            access_table.DOCUMENT.read_text('utf-8'),
            access_table.as_document(rows))

    def test_confidential(self):
        table = access_table.read()
        for name, roles in CONFIDENTIAL.items():
            with self.subTest(model=name):
                self.assertEqual({
                        role for role, modes in table['model', name].items()
                        if 'r' in modes}, roles)

    def test_none(self):
        "Who has no group sees nothing of ours, and runs nothing"
        for (kind, name), rights in access_table.read().items():
            if name.startswith(access_table.OURS):
                with self.subTest(kind=kind, name=name):
                    self.assertEqual(rights['none'], '')
                    self.assertEqual(rights['party_admin'], '')

    def test_manager(self):
        "The manager reads all but what is of payroll or of the funders"
        kept = {
            'cae.nir', 'cae.funder_fact', 'cae.benefit', 'cae.prescriber',
            'cae.funder.figure', 'cae.home', 'cae.purge',
            'coop.fec.auxiliary', 'coop.fec.entry',
            'coop.fec.import'}
        for (kind, name), rights in access_table.read().items():
            if kind == 'model' and name.startswith(access_table.OURS):
                with self.subTest(name=name):
                    self.assertEqual(
                        'r' in rights['manager'], name not in kept)

    @with_transaction()
    def test_true(self):
        "What the table says is what a client may do"
        for role in access_table.ROLES:
            with access_table.role(role):
                for (kind, name), rights in access_table.read().items():
                    getattr(self, f'check_{kind}')(role, name, rights[role])

    def check_model(self, role, name, rights):
        Model = Pool().get(name)
        ids = self.some_ids(Model) if role in THOROUGH else []
        # All ways in must be closed; one that is open is enough, and on no
        # record, as what a record refuses is another matter
        if callable(getattr(Model, 'table_query', None)):
            modes = 'r'
        else:
            modes = 'rwcd'
        if issubclass(Model, ModelSingleton):
            modes = 'w'
        calls = {
            'r': [('read', [], ['id']),
                ('search_read', [], 0, 1, None, ['id']),
                ('search', [], 0, 1, None), ('search_count', []),
                ('read', ids, ['id']), ('export_data', ids, ['id'])],
            'w': [('write', [], {}), ('write', ids, {})],
            'c': [('create', []), ('create', [{}]), ('copy', ids)],
            'd': [('delete', []), ('delete', ids)]}
        for mode in modes:
            methods = calls[mode]
            if mode in rights or role not in THOROUGH:
                methods = methods[:1]
            for method, *args in methods:
                if method not in Model.__rpc__:
                    self.assertNotIn(mode, rights)
                    continue
                with self.subTest(role=role, model=name, method=method):
                    self.check(
                        mode in rights, name, method, *args,
                        # A record may be wrong before it is refused
                        errors=UserError if args[0] or name == 'res.user'
                        else REFUSALS)

    def some_ids(self, Model):
        "Return the id of a record, if there is one that is stored"
        if callable(getattr(Model, 'table_query', None)):
            return [1]
        with Transaction().set_user(0), without_check_access():
            return [
                r.id for r in Model.search([], limit=1, order=[])] or [1]

    def check_button(self, role, subject, rights):
        name, button = subject.split(':')
        ids = [1] if issubclass(Pool().get(name), ModelSingleton) else []
        with self.subTest(role=role, button=subject):
            self.check(bool(rights), name, button, ids)

    def check_wizard(self, role, name, rights):
        pool = Pool()
        Action = pool.get('ir.action.wizard')
        with without_check_access():
            models = sorted(Action.get_models(name))
        context = {'active_model': models[0]} if models else {}
        with self.subTest(role=role, wizard=name):
            self.check(bool(rights), name, 'create', kind='wizard', **context)

    def check_report(self, role, name, rights):
        pool = Pool()
        Action = pool.get('ir.action.report')
        Report = pool.get(name, type='report')
        with without_check_access():
            action, *_ = Action.search([('report_name', '=', name)])
        with self.subTest(role=role, report=name), \
                patch.object(Report, '_execute', return_value=('txt', b'')):
            self.check(
                bool(rights), name, 'execute', [], {'action_id': action.id},
                kind='report')

    def check(
            self, allowed, name, method, *args, kind='model', errors=REFUSALS,
            **context):
        error = None
        try:
            # A statement that failed would let PostgreSQL refuse the next ones
            with savepoint():
                try:
                    call(name, method, *args, kind=kind, **context)
                except REFUSALS as refused:
                    error = refused
        except (UserError, NotImplementedError) as raised:
            error = raised
        if allowed:
            self.assertFalse(is_for_right(error), msg=error)
        else:
            self.assertIsInstance(error, errors)


def is_for_right(error):
    "Whether it refuses what is done, and not the record that it is done to"
    if not isinstance(error, REFUSALS):
        return False
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    path = Path(frame.f_code.co_filename)
    return '/'.join(path.parts[-2:]) in WHERE
