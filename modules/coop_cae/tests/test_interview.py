# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"Interviews and their signed documents (code du travail, R7331-3)."
import datetime as dt
import unittest

from trytond.model.exceptions import AccessError, RequiredValidationError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.signed_document import SignedModifyError
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

DATE, SIGNED_ON = dt.date(2024, 5, 2), dt.date(2024, 5, 3)
CONTENTS = {
    'review': "Good", 'prospects': "Two clients", 'actions': "Sell",
    'support': "None"}


class InterviewTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def interview(self, code='E1', **values):
        Interview = Pool().get('cae.interview')
        cae = Cae()
        with cae.context():
            person = cae.person(code)
            interview, = Interview.create([{
                        'entrepreneur': person.id,
                        'adviser': person.adviser.id, 'date': DATE,
                        **values}])
        return interview

    @with_transaction()
    def test_R7331_3_contents(self):
        "A document that is signed has its contents"
        Interview = Pool().get('cae.interview')
        interview = self.interview()
        for name in CONTENTS:
            with self.assertRaises(RequiredValidationError), savepoint():
                Interview.write([interview], {
                        **CONTENTS, 'signed_on': SIGNED_ON, name: None})
        Interview.write([Interview(interview.id)], {
                **CONTENTS, 'signed_on': SIGNED_ON})

    @with_transaction()
    def test_R7331_3_signed(self):
        "A document that is signed is not changed, whoever asks"
        Interview = Pool().get('cae.interview')
        draft = self.interview(**CONTENTS)
        signed = self.interview(signed_on=SIGNED_ON, **CONTENTS)
        adviser = signed.adviser
        changes = {
            **dict.fromkeys(CONTENTS, "Other"),
            'date': dt.date(2024, 5, 1), 'adviser': adviser.id,
            'entrepreneur': Cae().person('E2').id, 'signed_on': None}
        with self.user('adviser'):
            for name, value in changes.items():
                with self.subTest(name=name):
                    with self.assertRaises(SignedModifyError), savepoint():
                        call(
                            'cae.interview', 'write', [signed.id],
                            {name: value})
                    # Also among others
                    with self.assertRaises(SignedModifyError), savepoint():
                        call(
                            'cae.interview', 'write', [draft.id, signed.id],
                            {name: value})
            with self.assertRaises(SignedModifyError), savepoint():
                call('cae.interview', 'delete', [draft.id, signed.id])
            with self.assertRaises(SignedModifyError), savepoint():
                call('cae.entrepreneur', 'write', [signed.entrepreneur.id], {
                        'interviews': [('delete', [signed.id])]})
            call('cae.interview', 'write', [draft.id], {'review': "Other"})
            call('cae.interview', 'delete', [draft.id])
        with self.assertRaises(SignedModifyError), savepoint():
            Interview.write([signed], {'review': "Other"})
        signed = Interview(signed.id)
        self.assertEqual(
            (signed.review, signed.signed_on), ("Good", SIGNED_ON))

    @with_transaction()
    def test_signed_readonly(self):
        "The form shows what is signed, once it is saved, as it is kept"
        Interview = Pool().get('cae.interview')
        interview = self.interview()
        interview.signed_on = SIGNED_ON
        self.assertFalse(interview.signed)
        for name, value in CONTENTS.items():
            setattr(interview, name, value)
        interview.save()
        self.assertTrue(Interview(interview.id).signed)
        with self.user('adviser'):
            view = call(
                'cae.interview', 'fields_view_get', None, 'form')['fields']
        for name in [
                *CONTENTS, 'date', 'adviser', 'entrepreneur', 'signed_on']:
            with self.subTest(name=name):
                self.assertIn('"readonly"', view[name]['states'])
        self.assertIn('signed', view)

    @with_transaction()
    def test_take_back(self):
        "A manager takes back a signature that was entered by mistake"
        interview = self.interview(signed_on=SIGNED_ON, **CONTENTS)
        ids = [interview.id]
        with self.user('adviser'), self.assertRaises(AccessButtonError):
            call('cae.interview', 'take_back', ids)
        with self.user('manager'):
            with self.assertRaises(AccessError):
                call('cae.interview', 'write', ids, {'signed_on': None})
            call('cae.interview', 'take_back', ids)
            # It is taken back already
            with self.assertRaises(AccessButtonError):
                call('cae.interview', 'take_back', ids)
        with self.user('manager', company='OTHER'), \
                self.assertRaises(AccessError):
            call('cae.interview', 'take_back', ids)
        with self.user('adviser'):
            call('cae.interview', 'write', ids, {'review': "Better"})
            call('cae.interview', 'write', ids, {'signed_on': SIGNED_ON})
            with self.assertRaises(SignedModifyError):
                call('cae.interview', 'write', ids, {'review': "Good"})

    @with_transaction()
    def test_copy(self):
        "A copy is not signed"
        interview = self.interview(signed_on=SIGNED_ON, **CONTENTS)
        with self.user('adviser'):
            copy, = call('cae.interview', 'copy', [interview.id])
            row, = call(
                'cae.interview', 'read', [copy], ['review', 'signed_on'])
        self.assertEqual((row['review'], row['signed_on']), ("Good", None))
