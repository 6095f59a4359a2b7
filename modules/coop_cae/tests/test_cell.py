# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import string
import unittest
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_cae.rules.cell import safe_cell


class CellTestCase(unittest.TestCase):

    def test_formulas(self):
        for text in [
                '=1+1', '+33', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1',
                '  =1', '\u00a0=1', '\x1f=1',
                '\u200b=1', '\ufeff \t=1']:
            with self.subTest(text=text):
                self.assertEqual(safe_cell(text), "'" + text)

    def test_plain(self):
        for text in ['', 'Durand', 'a=b', "L'atelier", '1+1', 'é-à']:
            self.assertEqual(safe_cell(text), text)
        self.assertEqual(safe_cell(None), '')

    def test_numbers(self):
        self.assertEqual(safe_cell(D('-1234.50')), '-1234,50')
        self.assertEqual(safe_cell(D('1E+3')), '1000')

    @given(st.text())
    def test_no_text_is_run(self, text):
        cell = safe_cell(text)
        self.assertTrue(cell.endswith(text))
        for skipped in [' ', string.whitespace, '\x00\x1f\ufeff ']:
            self.assertFalse(
                cell.strip(skipped).startswith(('=', '+', '-', '@')))
        self.assertFalse(cell.strip().startswith(('=', '+', '-', '@')))
