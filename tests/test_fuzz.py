# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Some hundred of the cases of "make fuzz", others at each release."""
import unittest

from tools import fuzz
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

CASES = 250


class FuzzTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    @with_transaction()
    def test_cases(self):
        fuzzer = fuzz.Fuzzer('default')
        fuzzer.run(range(CASES))
        self.assertEqual(fuzzer.findings, [])
        # Both kinds were made, and all came to something
        self.assertGreater(fuzzer.outcomes['file refused'], 10)
        self.assertGreater(fuzzer.outcomes['file entered'], 5)
        self.assertGreater(fuzzer.outcomes['call answered'], 10)
        self.assertGreater(fuzzer.outcomes['call without right'], 10)
        self.assertEqual(fuzzer.outcomes.total(), CASES)

    @with_transaction()
    def test_finds(self):
        "An error that is not for the user is found"
        fuzzer = fuzz.Fuzzer('default')
        fuzzer.enter = lambda *args: 1 / 0
        fuzzer.run(range(20))
        self.assertTrue(fuzzer.findings)
        self.assertIn('ZeroDivisionError', fuzzer.findings[0][2])
