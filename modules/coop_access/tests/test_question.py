# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A question that is made anew finds who leads to no record as Tryton does."""
import unittest

from trytond.modules.coop_access.question import _takes_empty


class EmptyTestCase(unittest.TestCase):

    def test_taken(self):
        for operator, value in [
                ('!=', 'x'), ('not in', ['x']), ('not ilike', 'x%'),
                ('not like', None)]:
            with self.subTest(operator=operator, value=value):
                self.assertTrue(_takes_empty(operator, value))

    def test_not_taken(self):
        for operator, value in [
                ('=', 'x'), ('=', None), ('!=', None), ('in', ['x', None]),
                ('not in', ['x', None])]:
            with self.subTest(operator=operator, value=value):
                self.assertFalse(_takes_empty(operator, value))
