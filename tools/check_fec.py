#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Check the structure of files of accounting entries (FEC).

What article A47 A-1 of the *Livre des procédures fiscales* asks of the files
of a company that keeps its accounts by its income: the name of the file, its
fields, its dates and amounts, the order and the numbers of its entries.

It stands alone: it shares nothing with what reads or writes such files, and
needs nothing but Python.
"""
import argparse
import datetime as dt
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

FIELDS = [
    'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
    'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate',
    'EcritureLib', 'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate',
    'Montantdevise', 'Idevise']
# Those that no line may leave empty
FILLED = [
    'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
    'CompteLib', 'PieceRef', 'PieceDate', 'EcritureLib', 'Debit', 'Credit',
    'ValidDate']
DATES = ['EcritureDate', 'PieceDate', 'DateLet', 'ValidDate']
AMOUNTS = ['Debit', 'Credit', 'Montantdevise']
# Both are filled, or none
PAIRS = [
    ('CompAuxNum', 'CompAuxLib'), ('EcritureLet', 'DateLet'),
    ('Montantdevise', 'Idevise')]
# The accounts of two digits of the plan comptable général (ANC 2014-03)
CHART = {
    *'10 11 12 13 14 15 16 17 18'.split(),
    *'20 21 22 23 26 27 28 29'.split(),
    *'31 32 33 34 35 36 37 38 39'.split(),
    *'40 41 42 43 44 45 46 47 48 49'.split(),
    *'50 51 52 53 54 58 59'.split(),
    *'60 61 62 63 64 65 66 67 68 69'.split(),
    *'70 71 72 74 75 76 77 78 79'.split(),
    *'80 88'.split()}
OPENING_CODES = {'AN', 'ANO', 'ANOUV', 'RAN', 'OUV'}
OPENING_NAMES = (
    'a nouveau', 'a-nouveau', 'report a nouveau', 'reports a nouveau',
    'balance initiale', 'ouverture', 'solde initial')
LONGEST = 24  # months of a first fiscal year

_NAME = re.compile(r'(\d{9})FEC(\d{8})(\.\w{1,4})?')
_DATE = re.compile(r'\d{8}')
_AMOUNT = re.compile(r'[+-]?\d+(,\d{1,2})?')
_ACCOUNT = re.compile(r'\d{3}\w*')
_NUMBER = re.compile(r'(.*?)(\d+)')
_CURRENCY = re.compile(r'[A-Z]{3}')


@dataclass(frozen=True)
class Fault:
    "What is wrong, and the line of the file, 0 for the whole file"
    rule: str
    line: int
    text: str

    def __str__(self):
        place = f'line {self.line}: ' if self.line else ''
        return f'{place}{self.text} [{self.rule}]'


@dataclass
class Report:
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0
    entries: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    balances: dict[str, Decimal] = field(default_factory=dict)

    def fault(self, rule, line, text):
        self.faults.append(Fault(rule, line, text))

    @property
    def rules(self) -> set[str]:
        return {fault.rule for fault in self.faults}


class Line(dict):
    "The texts of a line by field, with its number, dates and amounts"

    def __init__(self, number, values):
        super().__init__(values)
        self.number = number
        self.dates = {n: parse_date(self[n]) for n in DATES}
        self.amounts = {n: parse_amount(self[n]) for n in AMOUNTS}

    @property
    def balance(self) -> Decimal:
        return (self.amounts['Debit'] or 0) - (self.amounts['Credit'] or 0)


def check(name: str, data: bytes) -> Report:
    "Return what is wrong with a file, and its totals"
    report = Report()
    closing = _check_name(report, name)
    lines = _read(report, data)
    for line in lines:
        _check_fields(report, line, closing)
    _check_entries(report, lines)
    _check_order(report, lines)
    _sum(report, lines)
    return report


def parse_date(text: str) -> dt.date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def parse_amount(text: str) -> Decimal | None:
    if not _AMOUNT.fullmatch(text):
        return None
    return Decimal(text.replace(',', '.'))


def is_siren(text: str) -> bool:
    "Test the key of a SIREN"
    digits = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(text))]
    return sum(d // 10 + d % 10 for d in digits) % 10 == 0


def fold(text: str) -> str:
    "Return the text in small letters without accents"
    return ''.join(
        c for c in unicodedata.normalize('NFKD', text.lower())
        if not unicodedata.combining(c))


# The file

def _check_name(report, name):
    "Return the closing date that the name tells"
    match = _NAME.fullmatch(name)
    if not match:
        report.fault(
            'name', 0, f"{name!r} is not named SirenFECAAAAMMJJ")
        return None
    siren, date, _ = match.groups()
    if not is_siren(siren):
        report.fault('name', 0, f"{siren} is no SIREN")
    closing = parse_date(date)
    if not closing:
        report.fault('name', 0, f"{date} is no closing date")
    return closing


def _read(report, data):
    text = _decode(report, data)
    rows = text.split('\n')
    if rows[-1] == '':
        rows.pop()
    rows = [row.removesuffix('\r') for row in rows]
    if not rows:
        report.fault('header', 0, "the file is empty")
        return []
    separators = [s for s in '\t|' if s in rows[0]]
    if len(separators) != 1:
        report.fault(
            'separator', 1, "fields are separated by tabs or by |")
        return []
    separator, = separators
    header = rows[0].split(separator)
    if header[:len(FIELDS)] != FIELDS:
        report.fault(
            'header', 1, f"the first 18 fields must be {', '.join(FIELDS)}")
        return []
    if len(rows) == 1:
        report.fault('empty', 0, "the file has no entry")
    lines = []
    for number, row in enumerate(rows[1:], 2):
        values = row.split(separator)
        if len(values) != len(header):
            report.fault(
                'fields', number,
                f"{len(values)} fields instead of {len(header)}")
            continue
        lines.append(Line(number, zip(FIELDS, values)))
    return lines


def _decode(report, data):
    try:
        text = data.decode('utf-8-sig')
    except UnicodeDecodeError:
        text = data.decode('iso8859-15')
    for number, row in enumerate(text.split('\n'), 1):
        if any(
                unicodedata.category(c) == 'Cc' and c not in '\t\r'
                or c in '\r\ufffd'
                for c in row.removesuffix('\r')):
            report.fault(
                'encoding', number,
                "characters that are neither UTF-8 nor ISO 8859-15")
    return text


# Each line

def _check_fields(report, line, closing):
    number = line.number
    for name in FILLED:
        if not line[name].strip():
            report.fault('filled', number, f"{name} is empty")
    for name in DATES:
        if line[name].strip() and not line.dates[name]:
            report.fault(
                'date', number, f"{name} {line[name]!r} is not AAAAMMJJ")
    for name in AMOUNTS:
        if line[name].strip() and line.amounts[name] is None:
            report.fault(
                'amount', number, f"{name} {line[name]!r} is no amount with "
                "a comma and two decimals at most")
    for pair in PAIRS:
        if len({bool(line[name].strip()) for name in pair}) > 1:
            report.fault(
                'pair', number, f"{' and '.join(pair)} go together")
    debit, credit = (line.amounts[n] for n in ['Debit', 'Credit'])
    if debit is not None and credit is not None and (
            bool(debit) == bool(credit)):
        report.fault('side', number, "a line is a debit or a credit")
    account = line['CompteNum']
    if not _ACCOUNT.fullmatch(account) or account[:2] not in CHART:
        report.fault(
            'account', number, f"{account!r} does not begin with three "
            "digits of the French chart")
    if line['Idevise'] and not _CURRENCY.fullmatch(line['Idevise']):
        report.fault(
            'currency', number, f"{line['Idevise']!r} is no ISO code")
    date = line.dates['EcritureDate']
    if closing and date and not _first_day(closing) <= date <= closing:
        report.fault(
            'year', number, f"{date} is not of the year closed on {closing}")
    if 'centralis' in fold(line['JournalLib'] + ' ' + line['EcritureLib']):
        report.fault(
            'centralising', number, "an entry that puts others together")


def _first_day(closing):
    month = closing.year * 12 + closing.month - LONGEST
    return dt.date(month // 12, month % 12 + 1, 1)


# Entries

def _check_entries(report, lines):
    entries = _entries(lines)
    report.entries = len(entries)
    for entry in entries.values():
        first = entry[0]
        balance = sum(line.balance for line in entry)
        if balance:
            report.fault(
                'balance', first.number,
                f"entry {first['EcritureNum']} is out of balance by "
                f"{balance}")
        for name in [
                'JournalCode', 'JournalLib', 'EcritureDate', 'ValidDate']:
            if len({line[name] for line in entry}) > 1:
                report.fault(
                    'entry', first.number, f"the lines of entry "
                    f"{first['EcritureNum']} have several {name}")
        accounts = {line['CompteNum'] for line in entry}
        if (any(a.startswith('12') for a in accounts)
                and any(a[:1] in {'6', '7'} for a in accounts)):
            report.fault(
                'closing', first.number, f"entry {first['EcritureNum']} "
                "closes accounts of income and charges")
    _check_names(report, lines)


def _entries(lines):
    """Return the lines by entry

    A co-op numbers all its entries, or those of each journal.
    """
    by_journal = _is_by_journal(lines)
    entries = defaultdict(list)
    for line in lines:
        journal = line['JournalCode'] if by_journal else ''
        entries[journal, line['EcritureNum']].append(line)
    return entries


def _is_by_journal(lines):
    """Test if a number serves for several journals

    One number in two may be a fault; all journals begin with the same.
    """
    journals = defaultdict(set)
    for line in lines:
        journals[line['EcritureNum']].add(line['JournalCode'])
    several = sum(len(codes) > 1 for codes in journals.values())
    return several > 1


def _check_names(report, lines):
    names = defaultdict(set)
    for line in lines:
        names[line['JournalCode']].add(line['JournalLib'])
    for code, found in names.items():
        if len(found) > 1:
            report.fault(
                'journal', 0,
                f"journal {code} has several names: {', '.join(found)}")


# Order and numbers

def _check_order(report, lines):
    by_journal = _is_by_journal(lines)
    last = None
    numbers = defaultdict(list)
    opened = True
    for line in lines:
        date = line.dates['ValidDate']
        if date and last and date < last:
            report.fault(
                'order', line.number, f"validated on {date}, after one "
                f"validated on {last}")
        last = max(filter(None, [date, last]), default=None)
        opening = is_opening(line)
        if opening and not opened:
            report.fault(
                'opening', line.number, "an opening entry after others")
        opened &= opening
        match = _NUMBER.fullmatch(line['EcritureNum'])
        if not match:
            report.fault(
                'number', line.number,
                f"{line['EcritureNum']!r} is of no sequence")
            continue
        prefix, number = match.groups()
        journal = line['JournalCode'] if by_journal else ''
        numbers[journal, prefix].append((int(number), line))
    for found in numbers.values():
        _check_sequence(report, found)


def is_opening(line) -> bool:
    name = fold(line['JournalLib']).strip()
    return (
        line['JournalCode'].upper() in OPENING_CODES
        or name.startswith(OPENING_NAMES))


def _check_sequence(report, numbers):
    "Numbers follow one another, lines of an entry stand together"
    last = None
    for number, line in numbers:
        if last is not None and number not in {last, last + 1}:
            report.fault(
                'sequence', line.number,
                f"number {number} comes after {last}")
        last = number


def _sum(report, lines):
    balances = defaultdict(Decimal)
    report.lines = len(lines)
    for line in lines:
        report.debit += line.amounts['Debit'] or 0
        report.credit += line.amounts['Credit'] or 0
        balances[line['CompteNum']] += line.balance
    report.balances = dict(balances)
    if report.debit != report.credit:
        report.fault(
            'total', 0,
            f"debits are {report.debit}, credits {report.credit}")


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('files', metavar='FILE', nargs='+', type=Path)
    parser.add_argument(
        '--most', type=int, default=20, metavar='N',
        help="faults of a rule to print (20)")
    options = parser.parse_args(args)
    code = 0
    for path in options.files:
        report = check(path.name, path.read_bytes())
        printed = Counter()
        for fault in report.faults:
            code = 1
            printed[fault.rule] += 1
            if printed[fault.rule] <= options.most:
                print(f'{path.name}: {fault}')
        for rule, count in printed.items():
            if count > options.most:
                print(f'{path.name}: {count} times in all [{rule}]')
        print(
            f'{path.name}: {report.lines} lines, {report.entries} entries, '
            f'{report.debit} debit, {report.credit} credit, '
            f'{len(report.faults)} faults')
    return code


if __name__ == '__main__':
    sys.exit(main())
