# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The checker of files of accounting entries takes what is right, and finds
whatever is done to it."""
import datetime as dt
import unittest
from decimal import Decimal

import pytest
from expected import DATA
from hypothesis import given
from hypothesis import strategies as st

from tools.check_fec import FIELDS, check, is_siren, main

NAME = '111524492FEC20241231.txt'
JOURNALS = {'VT': 'Ventes', 'AC': 'Achats', 'OD': 'Opérations diverses'}
ACCOUNTS = {
    '4111': 'Clients', '706': 'Prestations', '44571': 'TVA', '6251': 'Trajets',
    '512': 'Banque', '421': 'Rémunérations', '1013': 'Capital'}


def amount(cents):
    return f'{cents // 100},{cents % 100:02}'


def entry(number, journal, date, valid, cents, **more):
    "Return the lines of an entry as dictionaries"
    line = dict.fromkeys(FIELDS, '')
    line.update({
            'JournalCode': journal,
            'JournalLib': JOURNALS.get(journal, 'À nouveaux'),
            'EcritureNum': str(number), 'EcritureDate': f'{date:%Y%m%d}',
            'PieceRef': f'P{number}', 'PieceDate': f'{date:%Y%m%d}',
            'EcritureLib': f'Pièce {number}', 'ValidDate': f'{valid:%Y%m%d}'})
    lines = []
    for sign, account in [
            (1, more.get('debit', '4111')), (-1, more.get('credit', '706'))]:
        debit, credit = (cents, 0) if sign > 0 else (0, cents)
        lines.append({
                **line, 'CompteNum': account, 'CompteLib': ACCOUNTS[account],
                'Debit': amount(debit), 'Credit': amount(credit)})
    return lines


def write(lines, separator='\t', encoding='utf-8', end='\r\n'):
    rows = [FIELDS, *([line[f] for f in FIELDS] for line in lines)]
    return ''.join(separator.join(r) + end for r in rows).encode(encoding)


def year():
    "Return the lines of a small year"
    day = dt.date(2024, 1, 1)
    lines = entry(1, 'AN', day, day, 10000, debit='512', credit='1013')
    for number in range(2, 8):
        day = dt.date(2024, number, 15)
        lines += entry(number, 'VT', day, day, 12345 * number)
    lines[0].update(CompAuxNum='E1', CompAuxLib='Durand')
    lines[2].update(EcritureLet='A', DateLet='20240401')
    lines[4].update(Montantdevise='200,50', Idevise='USD')
    return lines


# What is done to the lines at a place, by the rule that it breaks

def _set(**values):
    def mutate(lines, i):
        lines[i] |= values
    return mutate


def _empty(name):
    return _set(**{name: ''})


def _unbalance(lines, i):
    side = 'Debit' if lines[i]['Debit'] != '0,00' else 'Credit'
    lines[i][side] = '1' + lines[i][side]


def _drop_entry(lines, i):
    # Neither the first one nor the last one is missed by its number
    number = lines[len(lines) // 2]['EcritureNum']
    lines[:] = [line for line in lines if line['EcritureNum'] != number]


def _later(lines, i):
    number = lines[0]['EcritureNum']
    for line in lines:
        if line['EcritureNum'] == number:
            line['ValidDate'] = '20241230'


def _opening_last(lines, i):
    for line in lines[-2:]:
        line.update(JournalCode='AN', JournalLib='À nouveaux')


def _close(lines, i):
    lines[-2]['CompteNum'], lines[-1]['CompteNum'] = '706', '120'


def _split(lines, i):
    lines.append(lines.pop(0))


MUTATIONS = [
    *(('filled', _empty(name)) for name in [
            'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate',
            'CompteNum', 'CompteLib', 'PieceRef', 'PieceDate', 'EcritureLib',
            'Debit', 'Credit', 'ValidDate']),
    ('date', _set(EcritureDate='2024-01-15')),
    ('date', _set(PieceDate='20240230')),
    ('date', _set(ValidDate='15012024')),
    ('date', _set(EcritureLet='A', DateLet='x')),
    ('amount', _set(Debit='12.50')),
    ('amount', _set(Credit='1 234,00')),
    ('amount', _set(Debit='12,345')),
    ('amount', _set(Montantdevise='a', Idevise='USD')),
    ('currency', _set(Montantdevise='1,00', Idevise='$')),
    ('side', _set(Debit='1,00', Credit='1,00')),
    ('side', _set(Debit='0,00', Credit='0,00')),
    ('pair', _set(CompAuxNum='X', CompAuxLib='')),
    ('pair', _set(CompAuxNum='', CompAuxLib='X')),
    ('pair', _set(EcritureLet='A', DateLet='')),
    ('pair', _set(EcritureLet='', DateLet='20240101')),
    ('pair', _set(Montantdevise='1,00', Idevise='')),
    ('account', _set(CompteNum='CLIENTS')),
    ('account', _set(CompteNum='41')),
    ('account', _set(CompteNum='9111')),
    ('account', _set(CompteNum='2501')),
    ('year', _set(EcritureDate='20250101')),
    ('year', _set(EcritureDate='20211231')),
    ('centralising', _set(EcritureLib='Centralisation du mois')),
    ('entry', _set(JournalCode='ZZ')),
    ('entry', _set(EcritureDate='20231231')),
    ('entry', _set(ValidDate='20231231')),
    ('number', _set(EcritureNum='abc')),
    ('journal', _set(JournalLib='Autre nom')),
    ('balance', _unbalance),
    ('total', _unbalance),
    ('sequence', _drop_entry),
    ('sequence', _split),
    ('order', _later),
    ('opening', _opening_last),
    ('closing', _close),
    ]


class CheckTestCase(unittest.TestCase):

    def test_right(self):
        report = check(NAME, write(year()))
        self.assertEqual(report.faults, [])
        self.assertEqual((report.lines, report.entries), (14, 7))
        self.assertEqual(report.debit, report.credit)
        self.assertEqual(report.debit, Decimal('3433.15'))
        self.assertEqual(report.balances['1013'], Decimal('-100.00'))

    def test_encodings_and_separators(self):
        for separator in '\t|':
            for encoding in ['utf-8', 'utf-8-sig', 'iso8859-15']:
                for end in ['\n', '\r\n']:
                    with self.subTest(separator, encoding=encoding, end=end):
                        self.assertEqual(check(NAME, write(
                                    year(), separator, encoding, end)).faults,
                            [])

    def test_numbers_of_each_journal(self):
        day = dt.date(2024, 3, 1)
        lines = [
            line for number in range(1, 4) for journal in ['VT', 'AC']
            for line in entry(number, journal, day, day, 1000)]
        self.assertEqual(check(NAME, write(lines)).faults, [])

    def test_more_fields(self):
        rows = write(year()).decode().splitlines()
        data = '\n'.join(row + '\tx' for row in rows).encode()
        self.assertEqual(check(NAME, data).faults, [])

    def test_file(self):
        data = write(year())
        for rule, name, content in [
                ('name', '111524492FEC20241331.txt', data),
                ('name', '111524493FEC20241231.txt', data),
                ('name', 'FEC.txt', data),
                ('header', NAME, b''),
                ('empty', NAME, write([])),
                ('header', NAME, data.replace(b'PieceRef', b'Piece', 1)),
                ('header', NAME, data.replace(
                        b'Debit\tCredit', b'Credit\tDebit', 1)),
                ('separator', NAME, data.replace(b'\t', b';')),
                ('separator', NAME, data.replace(b'\t', b'|', 1)),
                ('fields', NAME, data.replace(b'Ventes', b'Ven\ttes', 1)),
                ('fields', NAME, data.replace(b'Ventes', b'Ven\ntes', 1)),
                ('encoding', NAME, data.replace(b'Ventes', b'Ven\0tes', 1)),
                ('encoding', NAME, data.replace(b'Ventes', b'Ven\x85', 1)),
                ]:
            with self.subTest(rule, name=name):
                self.assertIn(rule, check(name, content).rules)

    def test_each_mutation(self):
        for i, (rule, mutate) in enumerate(MUTATIONS):
            with self.subTest(rule, mutation=i):
                lines = year()
                mutate(lines, 5)
                self.assertIn(rule, check(NAME, write(lines)).rules)

    @pytest.mark.filterwarnings('error')
    def test_samples(self):
        "The sample files are as the law asks"
        paths = [p for name in ['small', 'group']
            for p in (DATA / name).glob('*FEC*.txt')]
        self.assertEqual(len(paths), 6)
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(
                    check(path.name, path.read_bytes()).faults, [])

    def test_siren(self):
        self.assertTrue(is_siren('732829320'))
        self.assertFalse(is_siren('732829321'))


def test_command(tmp_path, capsys):
    right, wrong = tmp_path / NAME, tmp_path / 'wrong.txt'
    right.write_bytes(write(year()))
    wrong.write_bytes(write(year()))
    assert main([str(right)]) == 0
    assert '14 lines, 7 entries' in capsys.readouterr().out
    assert main([str(right), str(wrong)]) == 1
    assert '[name]' in capsys.readouterr().out


@st.composite
def files(draw):
    "Draw the lines of a file that is right"
    first = draw(st.integers(0, 1000))
    prefix = draw(st.sampled_from(['', 'E', '2024-']))
    day = dt.date(2024, 1, 1)
    lines = entry(
        f'{prefix}{first}', 'AN', day, day, 10000, debit='512', credit='1013')
    for i in range(draw(st.integers(2, 8))):
        day += dt.timedelta(draw(st.integers(0, 30)))
        valid = max(day, dt.date(2024, 2, 1))
        lines += entry(
            f'{prefix}{first + 1 + i}', draw(st.sampled_from(list(JOURNALS))),
            day, valid, draw(st.integers(1, 10 ** 9)),
            debit=draw(st.sampled_from(['4111', '6251'])),
            credit=draw(st.sampled_from(['706', '512', '421'])))
        for line in lines[-2:]:
            if draw(st.booleans()):
                line.update(CompAuxNum='C1', CompAuxLib="Été & fils")
            if draw(st.booleans()):
                line.update(EcritureLet='AB', DateLet='20241231')
    return lines


@given(files(), st.sampled_from('\t|'), st.sampled_from(['\n', '\r\n']))
def test_takes_what_is_right(lines, separator, end):
    report = check(NAME, write(lines, separator, end=end))
    assert report.faults == []
    assert report.debit == report.credit
    assert sum(report.balances.values()) == 0


@given(files(), st.sampled_from(MUTATIONS), st.data())
def test_finds_what_is_done(lines, mutation, data):
    rule, mutate = mutation
    mutate(lines, data.draw(st.integers(0, len(lines) - 1)))
    assert rule in check(NAME, write(lines)).rules
