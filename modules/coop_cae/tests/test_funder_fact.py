# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from trytond.model.exceptions import AccessError, SQLConstraintError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = dt.date
MODELS = ['cae.funder_fact', 'cae.purge', 'cae.benefit', 'cae.prescriber']
# Those who are not of the group, whatever else they are of
OTHERS = [
    [], ['adviser'], ['accountant'], ['manager'], ['entrepreneur'],
    ['adviser', 'accountant', 'manager']]


class FunderFactTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def enter(self, code, date, company='COOP', **values):
        Fact = Pool().get('cae.funder_fact')
        fact, = Fact.create([{
                    'entrepreneur': Cae(company).person(code).id,
                    'date': date, **values}])
        return fact

    def enter_all(self):
        return [
            self.enter(code, D(year, 1, 1), company, disability=disability)
            for code, company, year, disability in [
                ('E1', 'COOP', 2022, 'no'), ('E1', 'COOP', 2023, 'yes'),
                ('E1', 'COOP', 2024, 'no'), ('E2', 'COOP', 2023, None),
                ('E3', 'OTHER', 2023, 'no')]]

    @with_transaction()
    def test_at_date(self):
        "At entry the first, then the last that was so at the date"
        Fact = Pool().get('cae.funder_fact')
        facts = self.enter_all()

        def found(*clause):
            return {facts.index(f) for f in Fact.search([clause])}

        self.assertEqual(found('at_entry', '=', True), {0, 3, 4})
        self.assertEqual(found('at_entry', '!=', True), {1, 2})
        self.assertEqual(found('at_entry', 'in', [True, False]), {*range(5)})
        for date, expected in [
                (D(2021, 12, 31), set()),
                (D(2022, 12, 31), {0}),
                (D(2023, 1, 1), {1, 3, 4}),
                (D(2024, 6, 1), {2, 3, 4})]:
            with Transaction().set_context(facts_date=date), \
                    self.subTest(date=date):
                self.assertEqual(found('in_force', '=', True), expected)
                self.assertEqual(
                    found('in_force', '=', False), {*range(5)} - expected)
                self.assertEqual(
                    {i for i, f in enumerate(Fact.browse(facts))
                        if f.in_force}, expected)

    @with_transaction()
    def test_one_a_day(self):
        self.enter('E1', D(2024, 1, 1))
        with self.assertRaises(SQLConstraintError):
            self.enter('E1', D(2024, 1, 1))

    @with_transaction()
    def test_queries(self):
        Fact = Pool().get('cae.funder_fact')
        facts = self.enter_all()
        counts = []
        for read in [facts[:1], facts]:
            with count_queries() as queries:
                Fact.get_place(read, ['at_entry', 'in_force'])
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    @with_transaction()
    def test_nobody_else(self):
        "Who is not of the group reads, counts and finds nothing by RPC"
        pool = Pool()
        Purge = pool.get('cae.funder_fact.purge', type='wizard')
        fact = self.enter('E1', D(2024, 1, 1), disability='yes')
        person = fact.entrepreneur.id
        clause = [('disability', '=', 'yes')]
        calls = [
            ('read', [fact.id], ['disability']),
            ('read', [fact.id], ['entrepreneur', 'benefit.name']),
            ('search', [], 0, None, None),
            ('search', clause, 0, None, None),
            ('search', [('entrepreneur.code', '=', 'E1')], 0, None, None),
            ('search_count', []),
            ('search_read', clause, 0, None, None, ['disability']),
            ('export_data', [fact.id], ['disability']),
            ('export_data_domain', clause, ['disability']),
            ('write', [fact.id], {'disability': 'no'}),
            ('create', [{'entrepreneur': person, 'date': D(2024, 2, 1)}]),
            ('delete', [fact.id])]
        for groups in OTHERS:
            with self.user(*groups):
                self.assertModes(MODELS, '')
                for method, *args in calls:
                    with self.subTest(groups=groups, method=method), \
                            self.assertRaises(AccessError):
                        call('cae.funder_fact', method, *args)
                with self.subTest(groups=groups), \
                        self.assertRaises(AccessError):
                    Purge.create()
                with self.subTest(groups=groups), \
                        self.assertRaises(AccessError):
                    call('cae.purge', 'search_count', [])
        # Through an attachment neither
        pool.get('ir.attachment')(
            name="Carte", resource=fact, data=b'...').save()
        with self.user('adviser', 'manager'), self.assertRaises(AccessError):
            call(
                'ir.attachment', 'search', [('resource', '=', str(fact))],
                0, None, None)

    @with_transaction()
    def test_nothing_leads_there(self):
        "No other model has a field by which to reach the facts"
        for name, Model in Pool().iterobject():
            for field in Model._fields.values():
                if field._type in {'one2many', 'many2many', 'many2one'}:
                    self.assertNotEqual(
                        getattr(field, 'model_name', None)
                        or getattr(field, 'relation_name', None),
                        'cae.funder_fact')

    @with_transaction()
    def test_group(self):
        "Who is of the group works on the facts of their company"
        facts = self.enter_all()
        with self.user('funder_facts', 'adviser'):
            self.assertModes(
                ['cae.funder_fact', 'cae.benefit', 'cae.prescriber'], 'rwcd')
            self.assertModes(['cae.purge'], 'r')
            found = call(
                'cae.funder_fact', 'search', [('in_force', '=', True)],
                0, None, None)
            self.assertEqual(set(found), {facts[2].id, facts[3].id})
            shown = call('cae.funder_fact', 'fields_view_get', None, 'form')
            values = call(
                'cae.funder_fact', 'read', found, [
                    name for f, d in shown['fields'].items()
                    for name in [f] + [f'{f}.rec_name'] * ('relation' in d)])
            self.assertEqual(len(values), 2)
            call('cae.funder_fact', 'write', found, {'urban_area': 'no'})
            with self.assertRaises(AccessError):
                call('cae.funder_fact', 'read', [facts[4].id], ['date'])
            with self.assertRaises(AccessError):
                call('cae.funder_fact', 'create', [{
                            'entrepreneur': facts[4].entrepreneur.id,
                            'date': D(2024, 2, 1)}])
