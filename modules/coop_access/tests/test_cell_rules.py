# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest

from hypothesis import example, given
from hypothesis import strategies as st

from trytond.modules.coop_access.cell import plain_text, safe_text

texts = st.text() | st.lists(
    st.sampled_from("'=+-@ \t\r\na1"), max_size=6).map(''.join)


class CellTestCase(unittest.TestCase):

    @given(texts)
    @example("'=1")
    @example("''=1")
    @example("'")
    def test_there_and_back(self, text):
        self.assertEqual(plain_text(safe_text(text)), text)

    @given(texts)
    def test_no_formula(self, text):
        self.assertNotIn(
            safe_text(text)[:1], {'=', '+', '-', '@', '\t', '\r', '\n'})

    def test_left(self):
        "What is no formula is left as it is"
        for text in ['', 'Durand', "L'atelier", "'tis", '1+1', '12,50', 'a=b']:
            self.assertEqual(safe_text(text), text)
            self.assertEqual(plain_text(text), text)
