# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_ledger.files.decode import decode, split_lines
from trytond.modules.coop_ledger.files.values import (
    BadValue, parse_date, parse_integer, parse_month, parse_number)

amounts = st.decimals(
    min_value=Decimal('-999999999.99'), max_value=Decimal('999999999.99'),
    places=2)


def write(amount, thousands='', decimal=',', zeros=0, sign=''):
    "Return the amount as some package or spreadsheet would write it"
    text = f'{abs(amount):,.2f}'
    integer, decimals = text.split('.')
    integer = integer.replace(',', thousands)
    if zeros:
        integer = integer.rjust(zeros, '0')
    sign = '-' if amount < 0 else sign
    return f'{sign}{integer}{decimal}{decimals}'


class FilesValuesTestCase(unittest.TestCase):
    "Test the values that a file may hold"

    def assertBad(self, code, function, *args, **kwargs):
        with self.assertRaises(BadValue) as manager:
            function(*args, **kwargs)
        self.assertEqual(manager.exception.code, code)

    def test_numbers(self):
        for text, value in [
                ('0', '0'), ('-0', '0'), ('12', '12'), ('12,5', '12.50'),
                ('12.5', '12.50'), ('1 234,56', '1234.56'),
                ('1\u202f234\u202f567,8', '1234567.80'),
                ('1\u00a0234', '1234'), ('1.234,56', '1234.56'),
                ('1,234.56', '1234.56'), ('1.234.567', '1234567'),
                ('+000001234,50', '1234.50'), ('-12,3400', '-12.34'),
                ('- 5', '-5'), (',5', '0.50'), ('5,', '5'), ('  7 ', '7'),
                ]:
            with self.subTest(text=text):
                self.assertEqual(
                    parse_number(text, places=2), Decimal(value))

    def test_numbers_refused(self):
        for text, code in [
                ('', 'number'), ('-', 'number'), ('abc', 'number'),
                ('1e3', 'number'), ('NaN', 'number'), ('12 34', 'number'),
                ('1234 567', 'number'), ('1,2,3', 'number'),
                ('12€', 'number'), ('١٢', 'number'), ('1-', 'number'),
                ('1.234', 'ambiguous'), ('12,345', 'ambiguous'),
                ('1234,567', 'decimals'), ('0,123', 'decimals'),
                ('1234567890123', 'large'),
                ]:
            with self.subTest(text=text):
                self.assertBad(code, parse_number, text, places=2)

    def test_number_decimal_only(self):
        self.assertEqual(
            parse_number('1,500', places=2, decimal_only=True),
            Decimal('1.50'))
        self.assertBad(
            'decimals', parse_number, '1,505', places=2, decimal_only=True)

    @given(
        amounts, st.sampled_from(['', ' ', '\u00a0', '\u202f', '\u2009']),
        st.sampled_from(',.'), st.sampled_from(['', '+']))
    def test_number_round_trip(self, amount, thousands, decimal, sign):
        self.assertEqual(
            parse_number(
                write(amount, thousands, decimal, sign=sign), places=2),
            amount)

    @given(amounts, st.sampled_from([(',', '.'), ('.', ',')]))
    def test_number_round_trip_two_signs(self, amount, signs):
        self.assertEqual(
            parse_number(write(amount, *signs), places=2), amount)

    @given(amounts, st.integers(1, 12))
    def test_number_round_trip_zeros(self, amount, zeros):
        self.assertEqual(
            parse_number(write(amount, zeros=zeros, sign='+'), places=2),
            amount)

    @given(st.text())
    def test_any_text(self, text):
        for parse in [
                parse_number, parse_integer, parse_date, parse_month]:
            try:
                parse(text)
            except BadValue:
                pass

    def test_integers(self):
        self.assertEqual(parse_integer('1 200'), 1200)
        self.assertEqual(parse_integer('12,00'), 12)
        self.assertBad('decimals', parse_integer, '1,5')
        self.assertBad('ambiguous', parse_integer, '1.200')
        self.assertBad('large', parse_integer, '3000000000')

    @given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
    def test_date_round_trip(self, date):
        self.assertEqual(parse_date(date.isoformat()), date)
        self.assertEqual(parse_date(date.strftime('%d/%m/%Y')), date)
        self.assertEqual(
            parse_date(date.strftime('%Y%m%d'), compact=True), date)
        self.assertEqual(
            parse_month(date.strftime('%Y-%m')), date.replace(day=1))

    def test_dates_refused(self):
        for text in [
                '2024-02-30', '2023-02-29', '31/02/2024', '0024-01-01',
                '20240101', '2024-13-01', '01/02/24', '2024-01-01 10:00',
                '2024/01/01', '45292']:
            with self.subTest(text=text):
                self.assertBad('date', parse_date, text)
        self.assertBad('fec_date', parse_date, '20240230', compact=True)
        self.assertBad('month', parse_month, '2024-13')
        self.assertBad('month', parse_month, '2024')


class FilesDecodeTestCase(unittest.TestCase):
    "Test the encodings of files"

    def test_encodings(self):
        text = "Salarié ; œuvre ; 12 €"
        for encoding, found in [
                ('utf-8', 'utf-8'), ('utf-8-sig', 'utf-8'),
                ('iso-8859-15', 'iso-8859-15'), ('cp1252', 'cp1252'),
                ('utf-16', 'utf-16-le')]:
            with self.subTest(encoding=encoding):
                self.assertEqual(
                    decode(text.encode(encoding)), (text, found, []))

    def test_broken_utf8(self):
        data = "é\nà\nè\n".encode().replace(b'\xc3\xa0', b'\xc3')
        text, _, problems = decode(data, 'a.csv')
        self.assertIsNone(text)
        self.assertEqual(
            [(p.code, p.line) for p in problems], [('encoding', 2)])

    def test_cut_utf8(self):
        data = "été".encode()[:-1]
        self.assertIsNone(decode(data).text)

    def test_control_characters(self):
        text, _, problems = decode(b'a\nb\x00c\nd\x07\n', 'a.csv')
        self.assertIsNone(text)
        self.assertEqual(
            [(p.code, p.line, p.value) for p in problems],
            [('control_character', 2, '00'), ('control_character', 3, '07')])

    def test_end_of_file_of_dos(self):
        self.assertEqual(decode(b'a\r\n\x1a').text, 'a\r\n')

    def test_split_lines(self):
        self.assertEqual(
            split_lines('a\r\nb\rc\n\nd\u2028e\x85f'),
            ['a', 'b', 'c', '', 'd\u2028e\x85f'])

    @given(st.text(st.characters(
                codec='iso-8859-15', exclude_categories=['Cc'])))
    def test_latin_round_trip(self, text):
        data = text.encode('iso-8859-15')
        try:
            expected = data.decode('utf-8-sig')
        except UnicodeDecodeError:
            expected = text
        self.assertIn(decode(data).text, {expected, None})

    @given(st.binary())
    def test_any_bytes(self, data):
        text, _, problems = decode(data)
        self.assertEqual(text is None, bool(problems))
