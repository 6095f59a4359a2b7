# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

import stdnum.fr.nir
from hypothesis import given
from hypothesis import strategies as st

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.exceptions import NirError, NirWarning
from trytond.modules.coop_cae.rules.nir import is_provisional, unusual
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction


def number(start):
    "Return a number with its key"
    return start + stdnum.fr.nir.calc_check_digits(start + '00')


# Of E1, a woman born in January 1980, and of E2, a man born in March 1985
E1 = number('2800125056001')
E2 = number('1850325056001')
CORSICA = number('280012B056001')


class RuleTestCase(unittest.TestCase):

    def test_unusual(self):
        birth = dt.date(1980, 1, 2)
        for start, gender, day, expected in [
                (E1, 'F', birth, []),
                (E1, None, None, []),
                (E1, 'M', None, ['gender']),
                (E1, 'F', dt.date(1981, 2, 2), ['year', 'month']),
                ('2803125056001', 'F', birth, []),
                ('2809925056001', 'F', birth, []),
                ('8800125056001', 'F', birth, []),
                ('7800125056001', 'F', birth, ['gender']),
                (CORSICA, 'F', birth, [])]:
            with self.subTest(number=start):
                self.assertEqual(unusual(start, gender, day), expected)

    def test_provisional(self):
        for digit, expected in zip('12347890', [0, 0, 1, 1, 1, 1, 0, 0]):
            self.assertEqual(is_provisional(digit + E1[1:]), bool(expected))

    @given(
        st.sampled_from('FM'), st.dates(dt.date(1930, 1, 1)),
        st.integers(0, 99999999))
    def test_made_of_person(self, gender, birth, rest):
        "The number of a person is never unusual, that of the other sex is"
        start = f'{birth:%y%m}{rest:08}'
        own, other = ('1', '2') if gender == 'M' else ('2', '1')
        self.assertEqual(unusual(own + start, gender, birth), [])
        self.assertEqual(unusual(other + start, gender, birth), ['gender'])


class NirTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def enter(self, number, code='E1', company='COOP'):
        Nir = Pool().get('cae.nir')
        record, = Nir.create([{
                    'entrepreneur': Cae(company).person(code).id,
                    'number': number}])
        return record

    def refused(self, error, function, *args):
        with self.assertRaises(error) as raised, savepoint():
            function(*args)
        return raised.exception.message

    @with_transaction()
    def test_valid(self):
        "Written in any way, kept as payroll wants it"
        written = ' '.join([
                E1[:1], E1[1:3], E1[3:5], E1[5:7], E1[7:10], E1[10:13],
                E1[13:]])
        record = self.enter(written)
        self.assertEqual(record.number, E1)
        self.assertFalse(record.provisional)
        self.assertNotIn(E1, record.rec_name)
        record.number = CORSICA.lower()
        record.save()
        self.assertEqual(record.number, CORSICA)
        record.number = number('8800125056001')
        record.save()
        self.assertTrue(record.provisional)

    @with_transaction()
    def test_invalid(self):
        "Refused, without telling the number"
        wrong = E1[:-2] + f'{(int(E1[-2:]) + 1) % 97:02}'
        for text in [wrong, E1[:-1], E1[:-2], E1 + '0', 'ABC']:
            with self.subTest(text=text):
                message = self.refused(NirError, self.enter, text)
                self.assertNotIn(text, message)

    @with_transaction()
    def test_one_each(self):
        "One for a person, who may be an entrepreneur of two companies"
        Entrepreneur = Pool().get('cae.entrepreneur')
        self.enter(E1)
        with Transaction().set_context(_skip_warnings=True):
            message = self.refused(NirError, self.enter, E1, 'E2')
            self.assertNotIn("Durand", message)
            person = Entrepreneur(
                company=Cae('OTHER').company, code='E1',
                party=Cae().person('E1').party)
            person.save()
            self.enter(E1, 'E1', 'OTHER')

    @with_transaction()
    def test_unusual(self):
        "Asked about, and kept when the user says so"
        with self.user('accountant'):
            with self.assertRaises(NirWarning) as raised, savepoint():
                self.enter(E2)
            self.assertIn("gender", raised.exception.message)
            self.assertIn("year", raised.exception.message)
            self.assertNotIn(E2, raised.exception.message)
            call('res.user.warning', 'skip', raised.exception.name, True)
            self.assertEqual(self.enter(E2).number, E2)

    @with_transaction()
    def test_not_on_party(self):
        "Everybody reads the identifiers of a party"
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Identifier = pool.get('party.identifier')
        cae = Cae()

        def identify(party):
            return Identifier.create([{
                        'party': party.id, 'type': 'fr_nir', 'code': E1}])

        message = self.refused(NirError, identify, cae.person('E1').party)
        self.assertNotIn(E1, message)
        party = cae.party()
        identify(party)
        self.refused(NirError, Entrepreneur.create, [{
                    'company': cae.company.id, 'code': 'E9',
                    'party': party.id}])

    @with_transaction()
    def test_payroll_only(self):
        "Nobody but payroll reads, searches or exports a number"
        record = self.enter(E1)
        person = record.entrepreneur.id
        clause = [('number', '=', E1)]
        calls = [
            ('read', [record.id], ['number']),
            ('search', clause, 0, None, None),
            ('search_count', clause),
            ('search_read', clause, 0, None, None, ['number']),
            ('export_data', [record.id], ['number']),
            ('export_data_domain', clause, ['number']),
            ('on_change_with', record.id, ['provisional']),
            ('write', [record.id], {'number': E2}),
            ('create', [{'entrepreneur': person, 'number': E1}]),
            ('delete', [record.id])]
        for groups in [
                [], ['adviser'], ['manager'], ['adviser', 'manager'],
                ['entrepreneur']]:
            with self.user(*groups):
                self.assertModes(['cae.nir'], '')
                for method, *args in calls:
                    with self.subTest(groups=groups, method=method), \
                            self.assertRaises(AccessError):
                        call('cae.nir', method, *args)
        with self.user('accountant'):
            self.assertModes(['cae.nir'], 'rwcd')
            self.assertEqual(
                call('cae.nir', 'search', clause, 0, None, None),
                [record.id])
        with self.user('accountant', company='OTHER'):
            self.assertEqual(
                call('cae.nir', 'search', clause, 0, None, None), [])
            with self.assertRaises(AccessError):
                call('cae.nir', 'read', [record.id], ['number'])

    @with_transaction()
    def test_nothing_leads_there(self):
        "No other model has a field by which to reach a number"
        for name, Model in Pool().iterobject():
            for field in Model._fields.values():
                if field._type in {'one2many', 'many2many', 'many2one'}:
                    self.assertNotEqual(
                        getattr(field, 'model_name', None)
                        or getattr(field, 'relation_name', None), 'cae.nir')
