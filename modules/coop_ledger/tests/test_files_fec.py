# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_ledger.files.fec import (
    LEGAL, FecLine, read_fec, read_name)
from trytond.modules.coop_ledger.files.fec_entry import balance, group_lines

NAME = '123456782FEC20241231.txt'


def fec(*lines, header=LEGAL, separator='\t', end='\n'):
    "Return the bytes of a file with the lines"
    return ''.join(
        separator.join(cells) + end for cells in [header, *lines]
        ).encode()


def cells(
        journal='VE', number='1', date='20240131', account='411000',
        debit='0,00', credit='0,00', aux='', piece='F1', label="Vente",
        letter='', amount='', currency='', extra=()):
    return [
        journal, f"Journal {journal}", number, date, account,
        f"Compte {account}", aux, aux and f"Tiers {aux}", piece, date, label,
        debit, credit, letter, letter and date, '20250131', amount, currency,
        *extra]


def sale(total='120,00', **kwargs):
    "Return the two lines of a sale"
    return [
        cells(debit=total, aux='C1', **kwargs),
        cells(account='707000', credit=total, **kwargs)]


def line(
        number=1, journal='VE', entry='1', date=dt.date(2024, 1, 31),
        piece='F1', amount=0, account='411000', label='', letter=''):
    amount = Decimal(amount)
    return FecLine(
        number, journal, journal, entry, date, account, account, '', '',
        piece, None, label, max(amount, Decimal(0)), max(-amount, Decimal(0)),
        letter, None, None, None, '', {})


def codes(problems):
    return [(p.code, p.line, p.column, p.value) for p in problems]


class FilesFecTestCase(unittest.TestCase):
    "Test the reader of the accounting entries file"

    def read(self, *args, name=NAME, **kwargs):
        return read_fec(fec(*args, **kwargs), name)

    def assertSale(self, result):
        self.assertEqual(result.problems, [])
        self.assertEqual(result.notes, [])
        entry, = result.entries
        self.assertEqual(
            [(x.number, x.account, x.auxiliary, x.debit, x.credit)
                for x in entry.lines], [
                (2, '411000', 'C1', Decimal('1234.50'), Decimal(0)),
                (3, '707000', '', Decimal(0), Decimal('1234.50'))])
        self.assertEqual(entry.key, 'J=VE|N=1|D=20240131')
        self.assertEqual(entry.date, dt.date(2024, 1, 31))

    def test_name(self):
        self.assertEqual(
            read_name(NAME), ('123456782', dt.date(2024, 12, 31)))
        self.assertEqual(
            read_name('/tmp/x_123456789fec20190731.TXT'),
            ('123456789', dt.date(2019, 7, 31)))
        self.assertEqual(read_name('export.txt'), (None, None))
        self.assertEqual(
            read_name('123456782FEC20241331.txt'), ('123456782', None))

    def test_good(self):
        result = self.read(*sale('1234,50'))
        self.assertSale(result)
        self.assertEqual(result.siren, '123456782')
        self.assertEqual(result.closing_date, dt.date(2024, 12, 31))

    def test_packages(self):
        lines = sale('1234,50')
        header = ' \t '.join(LEGAL).replace(
            'CompteLib', 'CompteLIB').upper().split('\t')
        for name, data in [
                ('bars', fec(*lines, separator='|')),
                ('semicolons', fec(*lines, separator=';')),
                ('crlf', fec(*lines, end='\r\n')),
                ('header', fec(*lines, header=header)),
                ('latin', fec(*lines).decode().encode('iso-8859-15')),
                ('mark', b'\xef\xbb\xbf' + fec(*lines)),
                ('point', fec(*sale('1234.50'))),
                ('sign', fec(*sale('+000001234,50'))),
                ('one decimal', fec(*sale('1234,5'))),
                ('four decimals', fec(*sale('1234,5000'))),
                ('spaces', fec(*sale('1 234,50'))),
                ('padded', fec(*[
                            [f'  {c}   ' for c in x] for x in lines])),
                ('quoted', fec(*[
                            [f'"{c}"' for c in x] for x in lines],
                        header=[f'"{c}"' for c in LEGAL])),
                ('dates', fec(*sale('1234,50', date='2024-01-31'))),
                ('french dates', fec(*sale('1234,50', date='31/01/2024'))),
                ('order', fec(*[x[::-1] for x in lines], header=LEGAL[::-1])),
                ('blank lines', fec(*lines) + b'\n\t\t\n'),
                ]:
            with self.subTest(name=name):
                self.assertSale(read_fec(data, NAME))

    def test_tab_in_a_cell(self):
        result = read_fec(
            fec(*sale('1234,50', label="Vente\tde bois"), separator='|'),
            NAME)
        self.assertSale(result)
        self.assertEqual(result.lines[0].label, "Vente de bois")

    def test_one_amount(self):
        header = [{'Debit': 'Montant', 'Credit': 'Sens'}.get(n, n)
            for n in LEGAL]
        debit, credit = LEGAL.index('Debit'), LEGAL.index('Credit')
        for sides in ['DC', 'dc', ['+1', '-1'], ['1', '-1']]:
            lines = sale('1234,50')
            lines[1][debit] = lines[0][debit]
            lines[0][credit], lines[1][credit] = sides
            with self.subTest(sides=sides):
                self.assertSale(self.read(*lines, header=header))
        lines[0][credit] = 'X'
        self.assertEqual(
            codes(self.read(*lines, header=header).problems),
            [('fec_side', 2, 'Sens', 'X')])

    def test_extra_columns(self):
        result = self.read(
            *sale(extra=['20240201', 'A0001']),
            header=[*LEGAL, 'DateRglt', 'Activite'])
        self.assertEqual(result.problems, [])
        self.assertEqual(
            result.lines[0].extra,
            {'DateRglt': '20240201', 'Activite': 'A0001'})
        self.assertEqual(result.lines[0].activity, 'A0001')

    def test_accounts_with_letters(self):
        result = self.read(
            cells(account='401OVH000', debit='5'),
            cells(account='51210000001', credit='5'))
        self.assertEqual(result.problems, [])

    def test_negative(self):
        result = self.read(
            cells(debit='-5,00'), cells(account='707000', credit='-5,00'))
        self.assertEqual(result.problems, [])
        self.assertEqual(result.lines[0].debit, Decimal('-5.00'))

    def test_all_problems_at_once(self):
        lines = sale() + sale(number='2', date='20240230')
        lines[0][4] = ''
        lines[1][11] = '7,00'
        lines[2][0] = ''
        lines[3][12] = '1,234,5'
        result = self.read(*lines, sale(number='3')[0][:7])
        self.assertEqual(codes(result.problems), [
                ('required', 2, 'CompteNum', ''),
                ('fec_two_sides', 3, 'Debit', '7,00'),
                ('fec_date', 4, 'EcritureDate', '20240230'),
                ('required', 4, 'JournalCode', ''),
                ('fec_date', 4, 'PieceDate', '20240230'),
                ('fec_date', 5, 'EcritureDate', '20240230'),
                ('money', 5, 'Credit', '1,234,5'),
                ('fec_date', 5, 'PieceDate', '20240230'),
                ('cells', 6, None, None),
                ])
        self.assertEqual(result.entries, [])

    def test_columns(self):
        header = LEGAL.copy()
        header[0], header[1] = 'CompteNum', 'x'
        result = self.read(*sale(), header=header)
        self.assertEqual(
            [(p.code, p.args['name']) for p in result.problems], [
                ('column_doubled', 'CompteNum'),
                ('column_missing', 'JournalCode'),
                ('column_missing', 'JournalLib'),
                ])

    def test_unbalanced(self):
        lines = [*sale(), *sale(number='2', piece='F2')]
        lines[1][12] = '119,99'
        problem, = self.read(*lines).problems
        self.assertEqual(
            (problem.code, problem.line, problem.value),
            ('fec_unbalanced', 2, '1'))
        self.assertEqual(problem.args, {
                'journal': 'VE', 'date': dt.date(2024, 1, 31),
                'debit': Decimal('120.00'), 'credit': Decimal('119.99'),
                'lines': [2, 3]})

    def test_wrong_account(self):
        lines = sale()
        lines[1][4] = 'VENTES'
        self.assertEqual(
            codes(self.read(*lines).problems),
            [('fec_account', 3, 'CompteNum', 'VENTES')])

    def test_out_of_year(self):
        result = self.read(*sale(date='20250101'))
        self.assertEqual(
            codes(result.problems), [
                ('fec_year', 2, 'EcritureDate', '20250101'),
                ('fec_year', 3, 'EcritureDate', '20250101')])
        self.assertEqual(self.read(*sale(date='20230201')).problems, [])

    def test_name_unknown(self):
        result = self.read(*sale(), name='export.txt')
        self.assertEqual(result.problems, [])
        self.assertEqual([n.code for n in result.notes], ['fec_name'])

    def test_cut(self):
        data = fec(*sale())
        result = read_fec(data[:-30], NAME)
        self.assertEqual(
            codes(result.problems), [('cut', 3, None, None)])
        result = read_fec(data[:-1], NAME)
        self.assertEqual(result.problems, [])
        self.assertEqual([n.code for n in result.notes], ['no_end'])

    def test_broken_encoding(self):
        data = fec(*sale(label="Été à"), *sale(number='2', label="Été"))
        broken = data.replace("à".encode(), b'\xc3')
        self.assertEqual(
            codes(read_fec(broken, NAME).problems),
            [('encoding', 2, None, 'c3 09 31 32')])

    def test_empty(self):
        self.assertEqual(
            codes(read_fec(b'', NAME).problems), [('empty', None, None, None)])
        self.assertEqual(
            codes(read_fec(fec(), NAME).problems),
            [('no_row', None, None, None)])

    def test_not_validated(self):
        lines = sale()
        lines[1][15] = ''
        note, = self.read(*lines).notes
        self.assertEqual(note.code, 'fec_not_validated')
        self.assertEqual(note.args, {'count': 1, 'lines': [3]})

    def test_digest(self):
        "The digest sees what is posted, not the letters nor the order"
        def digest(lines):
            entry, = self.read(*lines).entries
            return entry.digest
        first = digest(sale())
        self.assertEqual(digest(sale(letter='AA')), first)
        self.assertEqual(digest(sale()[::-1]), first)
        self.assertEqual(digest(sale('120.0')), first)
        for place, value in [
                (4, '411100'), (6, 'C2'), (8, 'F2'), (10, "Autre")]:
            other = sale()
            other[0][place] = value
            with self.subTest(column=LEGAL[place]):
                self.assertNotEqual(digest(other), first)
        self.assertNotEqual(digest(sale('121,00')), first)

    @given(st.data())
    def test_mutated(self, data):
        "A mutated file is read or told wrong, and what is read balances"
        good = fec(
            *sale(label="Été", extra=['A1']),
            *sale(number='2', piece='F2', extra=['']),
            header=[*LEGAL, 'Activite'])
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, min(start + 30, len(good))))
        insert = data.draw(st.one_of(
                st.binary(max_size=4),
                st.sampled_from([b'\t', b'\n', b'\r', b'"', b'9', b'-', b''])
                ))
        result = read_fec(good[:start] + insert + good[end:], NAME)
        for entry in result.entries:
            self.assertEqual(balance(entry.lines), 0)
        if not result.problems:
            self.assertEqual(
                sum(len(e.lines) for e in result.entries),
                len(result.lines))

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data):
        self.assertTrue(read_fec(data, NAME).problems)


pairs = st.lists(
    st.tuples(
        st.sampled_from(['VE', 'AC', 'OD']),
        st.sampled_from(['0', '', '1', '2', '3']),
        st.integers(1, 3),
        st.sampled_from(['', 'P1', 'P2']),
        st.integers(-500, 500)),
    min_size=1, max_size=8)


class FilesFecEntryTestCase(unittest.TestCase):
    "Test how lines are put together into entries"

    def group(self, *lines):
        lines = [x._replace(number=i) for i, x in enumerate(lines, 2)]
        entries, problems, notes = group_lines(lines)
        return (
            [(e.key, e.numbers) for e in entries],
            [p.code for p in problems], [n.code for n in notes])

    def test_number_per_journal(self):
        self.assertEqual(
            self.group(
                line(amount=5), line(journal='AC', amount=7),
                line(amount=-5), line(journal='AC', amount=-7)), ([
                    ('J=VE|N=1|D=20240131', [2, 4]),
                    ('J=AC|N=1|D=20240131', [3, 5])], [], []))

    def test_pieces_within_a_number(self):
        "The number of an entry counts more than its pieces"
        self.assertEqual(
            self.group(
                line(amount=5, piece='A'), line(amount=-2, piece='A'),
                line(amount=-3, piece='B')),
            ([('J=VE|N=1|D=20240131', [2, 3, 4])], [], []))

    def test_no_number(self):
        self.assertEqual(
            self.group(
                line(entry='0', piece='A', amount=5),
                line(entry='0', piece='A', amount=-5),
                line(entry='0', piece='B', amount=7),
                line(entry='0', piece='B', amount=-7)), ([
                    ('J=VE|D=20240131|P=A', [2, 3]),
                    ('J=VE|D=20240131|P=B', [4, 5])], [], []))

    def test_no_number_part_of_pieces(self):
        self.assertEqual(
            self.group(
                line(entry='0', piece='A', amount=5),
                line(entry='0', piece='A', amount=-5),
                line(entry='0', piece='B', amount=7),
                line(entry='0', piece='C', amount=-7)), ([
                    ('J=VE|D=20240131|P=A', [2, 3]),
                    ('J=VE|D=20240131', [4, 5])], [], ['fec_joined']))

    def test_number_per_line(self):
        self.assertEqual(
            self.group(
                line(entry='1', piece='A', amount=5),
                line(entry='2', piece='A', amount=-5),
                line(entry='3', piece='B', amount=7),
                line(entry='4', piece='B', amount=-7)), ([
                    ('J=VE|D=20240131|P=A', [2, 3]),
                    ('J=VE|D=20240131|P=B', [4, 5])], [], []))

    def test_two_journals(self):
        for name, key, lines in [
                ('number', 'N=1|D=20240131', [
                        line(amount=5, piece='A'),
                        line(journal='BQ', amount=-5, piece='B')]),
                ('piece', 'D=20240131|P=A', [
                        line(entry='1', piece='A', amount=5),
                        line(entry='1', piece='A', amount=2),
                        line(journal='BQ', entry='9', piece='A', amount=-7)]),
                ('date', 'D=20240131', [
                        line(entry='1', piece='A', amount=5),
                        line(entry='1', piece='A', amount=2),
                        line(journal='BQ', entry='9', piece='', amount=-7)]),
                ('no number', 'D=20240131|P=A', [
                        line(entry='0', piece='A', amount=5),
                        line(journal='BQ', entry='0', piece='A', amount=-5)]),
                ]:
            with self.subTest(name=name):
                self.assertEqual(
                    self.group(*lines), (
                        [(key, list(range(2, 2 + len(lines))))], [],
                        ['fec_two_journals']))

    def test_errors_do_not_hide_each_other(self):
        self.assertEqual(
            self.group(
                line(entry='1', piece='A', amount=5),
                line(entry='1', piece='A', amount=-4),
                line(entry='2', piece='B', amount=5),
                line(entry='2', piece='B', amount=-6)),
            ([], ['fec_unbalanced', 'fec_unbalanced'], []))

    def test_two_dates(self):
        self.assertEqual(
            self.group(
                line(amount=5),
                line(amount=-5, date=dt.date(2024, 2, 1))),
            ([], ['fec_unbalanced', 'fec_unbalanced'], []))

    def test_key_escaped(self):
        (key, _), = self.group(
            line(journal='A|N=1', amount=5),
            line(journal='A|N=1', amount=-5))[0]
        self.assertEqual(key, 'J=A\\|N=1|N=1|D=20240131')

    @given(pairs, st.randoms(use_true_random=False))
    def test_partition(self, pairs, random):
        "Entries cut the lines, balance, have one date, in any order"
        lines = []
        for journal, entry, day, piece, amount in pairs:
            for sign in [1, -1]:
                lines.append(line(
                        len(lines) + 2, journal, entry,
                        dt.date(2024, 1, day), piece, amount * sign))
        entries, problems, _ = group_lines(lines)
        self.assertEqual(problems, [])
        self.assertEqual(
            sorted(n for e in entries for n in e.numbers),
            [x.number for x in lines])
        self.assertEqual(len({e.key for e in entries}), len(entries))
        for entry in entries:
            self.assertEqual(balance(entry.lines), 0)
            self.assertEqual({x.date for x in entry.lines}, {entry.date})
        random.shuffle(lines)
        again, _, _ = group_lines(lines)
        self.assertEqual(again, entries)

    @given(pairs, pairs)
    def test_later_export(self, pairs, more):
        "An entry keeps its key and digest when later dates come"
        def lines(pairs, month):
            return [
                line(0, journal, entry, dt.date(2024, month, day), piece,
                    amount * sign)
                for journal, entry, day, piece, amount in pairs
                for sign in [1, -1]]

        def entries(lines):
            lines = [x._replace(number=i) for i, x in enumerate(lines, 2)]
            return {(e.key, e.digest) for e in group_lines(lines)[0]}
        first = lines(pairs, 1)
        self.assertLessEqual(
            entries(first), entries(first + lines(more, 2)))

    @given(pairs)
    def test_rest_told(self, pairs):
        "A line is in an entry or in a problem"
        lines = [
            line(i, journal, entry, dt.date(2024, 1, day), piece, amount)
            for i, (journal, entry, day, piece, amount)
            in enumerate(pairs, 2)]
        entries, problems, _ = group_lines(lines)
        told = [n for p in problems for n in p.args['lines']]
        read = [n for e in entries for n in e.numbers]
        self.assertEqual(sorted(told + read), [x.number for x in lines])
