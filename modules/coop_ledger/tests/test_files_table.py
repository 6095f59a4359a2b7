# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_ledger.files.table import Column, money, read_table

COLUMNS = [
    Column('code', 'code'),
    Column('name', aliases=['label']),
    Column('kind', 'choice', choices={'CAPE': 'cape', 'CESA': 'cesa'}),
    Column('people', 'codes', required=False),
    Column('shares', 'integer', required=False, minimum=0),
    money('gross'),
    money('correction', positive=False, required=False),
    Column('rate', 'number', required=False, header=False, maximum=100),
    Column('start_date', 'date'),
    Column('period', 'month', required=False),
    ]
GOOD = (
    "code;name;kind;people;shares;gross;correction;start_date;period\n"
    "A1;Menuiserie Élan;CAPE;E1|E2;3;1 200,50;-1,00;2024-01-31;2024-01\n"
    "A2;Œuvre de bois;CESA;;;0,00;;2024-02-29;\n")


def problems(table):
    return [(p.code, p.line, p.column, p.value) for p in table.problems]


class FilesTableTestCase(unittest.TestCase):
    "Test the reader of tables"

    def read(self, text, encoding='utf-8', columns=COLUMNS):
        return read_table(text.encode(encoding), 'a.csv', columns)

    def assertGood(self, table):
        self.assertEqual(table.problems, [])
        self.assertEqual(table.notes, [])
        first, second = table.rows
        self.assertEqual(first.line, 2)
        self.assertEqual(first.values, {
                'code': 'A1', 'name': "Menuiserie Élan", 'kind': 'cape',
                'people': ('E1', 'E2'), 'shares': 3,
                'gross': Decimal('1200.50'), 'correction': Decimal('-1.00'),
                'rate': None, 'start_date': dt.date(2024, 1, 31),
                'period': dt.date(2024, 1, 1)})
        self.assertEqual(second['people'], ())
        self.assertIsNone(second['shares'])
        self.assertEqual(second['name'], "Œuvre de bois")

    def test_good(self):
        self.assertGood(self.read(GOOD))

    def test_spreadsheets(self):
        for name, text, encoding in [
                ('byte order mark', GOOD, 'utf-8-sig'),
                ('latin', GOOD, 'iso-8859-15'),
                ('windows', GOOD, 'cp1252'),
                ('tab', GOOD.replace(';', '\t'), 'utf-8'),
                ('comma', GOOD.replace(',', '.').replace(';', ','), 'utf-8'),
                ('point', GOOD.replace(',', '.'), 'utf-8'),
                ('thin space', GOOD.replace('1 200', '1\u202f200'), 'utf-8'),
                ('crlf', GOOD.replace('\n', '\r\n'), 'utf-8'),
                ('cr', GOOD.replace('\n', '\r'), 'utf-8'),
                ('french dates', GOOD.replace('2024-01-31', '31/01/2024')
                    .replace('2024-02-29', '29/02/2024'), 'utf-8'),
                ('blank rows', GOOD + ';;;\n\n', 'utf-8'),
                ('blank cells', GOOD.replace('\n', ';;\n'), 'utf-8'),
                ('case', GOOD.replace('start_date', ' Start Date'), 'utf-8'),
                ('alias', GOOD.replace('name', 'Label'), 'utf-8'),
                ('no last end', GOOD.rstrip(), 'utf-8'),
                ('quotes', GOOD.replace('A1', '"A1"').replace(
                        'Menuiserie Élan', '"Menuiserie Élan"'), 'utf-8'),
                ('other order', '\n'.join(
                        ';'.join(reversed(line.split(';')))
                        for line in GOOD.splitlines()) + '\n', 'utf-8'),
                ]:
            with self.subTest(name=name):
                self.assertGood(self.read(text, encoding))

    def test_quoted_line_break(self):
        table = self.read(GOOD.replace(
                'Menuiserie Élan', '"Menuiserie\nÉlan; ""bois"""'))
        self.assertEqual(table.problems, [])
        self.assertEqual(table.rows[0]['name'], 'Menuiserie Élan; "bois"')
        self.assertEqual([r.line for r in table.rows], [2, 4])

    def test_all_problems_at_once(self):
        table = self.read(GOOD
            .replace('CAPE', 'CDI').replace('1 200,50', '-5')
            .replace('2024-02-29', '30/02/2024').replace('A2', '')
            .replace('E1|E2', 'E1|E1').replace(';3;', ';-3;')
            .replace('-1,00', '1.234'))
        self.assertEqual(problems(table), [
                ('choice', 2, 'kind', 'CDI'),
                ('codes_doubled', 2, 'people', 'E1|E1'),
                ('minimum', 2, 'shares', '-3'),
                ('minimum', 2, 'gross', '-5'),
                ('ambiguous', 2, 'correction', '1.234'),
                ('required', 3, 'code', ''),
                ('date', 3, 'start_date', '30/02/2024'),
                ])
        self.assertEqual(len(table.rows), 2)
        self.assertEqual(table.rows[1].faulty, {'code', 'start_date'})

    def test_blank(self):
        "A cell of ends of lines is as empty as another one"
        for blank in ['\u2028', '\x85', ' \u202f\x85 ']:
            with self.subTest(blank=blank):
                table = self.read(GOOD.replace('Œuvre de bois', blank))
                self.assertEqual(
                    [(p.code, p.line, p.column) for p in table.problems],
                    [('required', 3, 'name')])

    def test_columns(self):
        table = self.read(GOOD.replace('kind', 'code').replace(
                'start_date', 'colour'))
        self.assertEqual(
            [(p.code, p.args) for p in table.problems], [
                ('column_doubled', {'name': 'code'}),
                ('column_missing', {'name': 'kind'}),
                ('column_missing', {'name': 'start_date'}),
                ])
        self.assertEqual(
            [(p.code, p.value) for p in table.notes],
            [('column_unknown', 'colour')])
        self.assertEqual(table.rows, [])

    def test_unknown_column_left_out(self):
        table = self.read(GOOD.replace('code;', 'code;colour;')
            .replace('A1;', 'A1;red;').replace('A2;', 'A2;;'))
        self.assertEqual(table.problems, [])
        self.assertEqual(len(table.notes), 1)
        self.assertNotIn('colour', table.rows[0].values)

    def test_cells(self):
        table = self.read(GOOD.replace('A1;', 'A1;x;'))
        self.assertEqual(problems(table), [('cells', 2, None, None)])
        self.assertEqual([r['code'] for r in table.rows], ['A2'])

    def test_cut(self):
        table = self.read(GOOD[:-12])
        self.assertEqual(problems(table), [('cut', 3, None, None)])

    def test_cut_in_quotes(self):
        text = GOOD.replace("Œuvre de bois", '"Œuvre de bois"')
        table = self.read(text[:text.index('de bois')])
        self.assertEqual(problems(table), [('quote', 3, None, None)])
        self.assertEqual(len(table.rows), 1)

    def test_empty(self):
        for text in ['', '\n\n', '\ufeff']:
            with self.subTest(text=text):
                self.assertEqual(
                    problems(self.read(text)), [('empty', None, None, None)])

    def test_no_row(self):
        table = self.read(GOOD.splitlines()[0])
        self.assertEqual(table.problems, [])
        self.assertEqual([p.code for p in table.notes], ['no_row'])

    def test_unique(self):
        table = self.read(GOOD.replace('A2', 'A1'))
        table.check_unique('code')
        self.assertEqual(
            problems(table), [('duplicate', 3, 'code', 'A1')])
        self.assertEqual(table.problems[0].args, {'line_': 2})
        table = self.read(GOOD.replace('A2', 'A1'))
        table.check_unique('code', 'start_date')
        self.assertEqual(table.problems, [])

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data):
        table = read_table(data, 'a.csv', COLUMNS)
        self.assertTrue(table.problems)

    @given(st.data())
    def test_mutated(self, data):
        "A mutated file is read or told wrong, never a crash"
        good = GOOD.encode()
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, min(start + 20, len(good))))
        insert = data.draw(st.one_of(
                st.binary(max_size=5),
                st.sampled_from([b'"', b';', b'\n', b'\r', b'1.234', b''])))
        table = read_table(
            good[:start] + insert + good[end:], 'a.csv', COLUMNS)
        for row in table.rows:
            self.assertEqual(
                set(row.values), {c.name for c in COLUMNS})
            for column in COLUMNS:
                if (column.required and row[column.name] is None
                        and column.name in row.cells):
                    self.assertIn(column.name, row.faulty)
        if any(row.faulty for row in table.rows):
            self.assertTrue(table.problems)
