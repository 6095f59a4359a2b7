# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Read a *fichier des écritures comptables* (LPF, article A47 A-1)"""
import csv
import datetime
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .decode import decode, split_lines
from .fec_entry import FecEntry, group_lines
from .problem import Problem
from .table import find_separator
from .values import BadValue, fold, parse_date, parse_number, strip

SEPARATORS = '\t|;'
ACTIVITY = 'activite'
LEGAL = [
    'JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
    'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate',
    'EcritureLib', 'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate',
    'Montantdevise', 'Idevise']
# The decree allows one amount with its side instead of two amounts
ONE_AMOUNT = ['Montant', 'Sens']
SIDES = {
    'd': 1, '+1': 1, '1': 1, '+': 1, 'débit': 1, 'debit': 1,
    'c': -1, '-1': -1, '-': -1, 'crédit': -1, 'credit': -1,
    }
_NAME = re.compile(r'([0-9]{9})FEC([0-9]{8})', re.IGNORECASE)
_ACCOUNT = re.compile(r'[1-9][0-9]{2}\S*')
_BLANK_DATES = {'', '00000000', '0'}
ZERO = Decimal(0)


class FecLine(NamedTuple):
    "A line of the file; number is its place in the file, header included"
    number: int
    journal: str
    journal_name: str
    entry: str
    date: datetime.date
    account: str
    account_name: str
    auxiliary: str
    auxiliary_name: str
    piece: str
    piece_date: datetime.date | None
    label: str
    debit: Decimal
    credit: Decimal
    letter: str
    letter_date: datetime.date | None
    valid_date: datetime.date | None
    currency_amount: Decimal | None
    currency: str
    extra: Mapping[str, str]

    @property
    def activity(self) -> str:
        for name, value in self.extra.items():
            if fold(name) == ACTIVITY:
                return value
        return ''


@dataclass
class FecFile:
    """What a file says: its lines, put together into balanced entries

    Nothing may be written from a file with problems.
    Notes tell what was understood in a way that the user should know.
    """
    file: str
    siren: str | None = None
    closing_date: datetime.date | None = None
    lines: list[FecLine] = field(default_factory=list)
    entries: list[FecEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    encoding: str | None = None
    separator: str | None = None

    def problem(self, code: str, line=None, column=None, value=None, **args):
        "Add a problem"
        self.problems.append(
            Problem(code, self.file, line, column, value, args))

    def note(self, code: str, line=None, column=None, value=None, **args):
        "Add a note"
        self.notes.append(
            Problem(code, self.file, line, column, value, args))

    @property
    def fiscal_year(self) -> tuple[datetime.date, datetime.date]:
        """Return the first and last days of the fiscal year

        It has twelve months, more if there are lines of earlier months.
        """
        end = self.closing_date or max(line.date for line in self.lines)
        start = end + relativedelta(days=1) - relativedelta(years=1)
        first = min((line.date for line in self.lines), default=start)
        if first < start:
            start = first.replace(day=1)
        return start, end


def read_name(filename: str) -> tuple[str | None, datetime.date | None]:
    "Return the SIREN and the closing date of SIRENFECYYYYMMDD"
    match = _NAME.search(filename)
    if not match:
        return None, None
    try:
        return match[1], parse_date(match[2], compact=True)
    except BadValue:
        return match[1], None


def read_fec(data: bytes, filename: str) -> FecFile:
    """Return the file with all its problems

    The reader takes UTF-8, ISO-8859-15 and Windows-1252; tabs, bars and
    semicolons; any end of line; the columns in any order, their names in any
    case with blanks around; more columns after the legal ones; amounts with
    comma or dot, sign and leading zeros; Debit and Credit or Montant and
    Sens; dates as YYYYMMDD, YYYY-MM-DD or DD/MM/YYYY.
    """
    fec = FecFile(filename)
    fec.siren, fec.closing_date = read_name(filename)
    if fec.closing_date is None:
        fec.notes.append(Problem('fec_name', filename))
    text, fec.encoding, problems = decode(data, filename)
    fec.problems.extend(problems)
    if text is None:
        return fec
    rows = _split(text, fec)
    if not rows:
        fec.problems.append(Problem('empty', filename))
        return fec
    number, header = rows[0]
    columns = _read_header(number, header, fec)
    if columns is None:
        return fec
    _read_lines(rows[1:], columns, text.endswith(('\n', '\r')), fec)
    if not fec.lines and not fec.problems:
        fec.problems.append(Problem('no_row', filename))
    _check_year(fec)
    _check_valid_dates(fec)
    if not fec.problems:
        fec.entries, problems, notes = group_lines(fec.lines, filename)
        fec.problems.extend(problems)
        fec.notes.extend(notes)
    return fec


def _split(text, fec):
    "Return the number and the cells of each line that is not blank"
    lines = [(n, x) for n, x in enumerate(split_lines(text), 1) if x.strip()]
    if not lines:
        return []
    _, header = lines[0]
    fec.separator = separator = find_separator(
        header, SEPARATORS, LEGAL + ONE_AMOUNT)
    if header.lstrip().startswith('"'):
        # The law knows no quotes: they only count when the header has them
        return [(n, _unquote(x, separator)) for n, x in lines]
    if separator != '\t':
        lines = [(n, x.replace('\t', ' ')) for n, x in lines]
    return [(n, x.split(separator)) for n, x in lines]


def _unquote(line, separator):
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


@dataclass
class _Columns:
    width: int
    places: dict[str, int]
    extras: list[tuple[str, int]]


def _read_header(number, header, fec):
    while header and not strip(header[-1]):
        header.pop()
    known = {fold(n): n for n in LEGAL + ONE_AMOUNT}
    found = Counter()
    columns = _Columns(len(header), {}, [])
    for place, cell in enumerate(header):
        if name := known.get(fold(cell)):
            columns.places[name] = place
            found[name] += 1
        elif strip(cell):
            columns.extras.append((strip(cell), place))
            found[strip(cell)] += 1
    if all(n in found for n in ONE_AMOUNT) and 'Debit' not in found:
        required = [n for n in LEGAL if n not in {'Debit', 'Credit'}]
    else:
        required = LEGAL
    faults = [
        ('column_doubled', [n for n, count in found.items() if count > 1]),
        ('column_missing', [n for n in required if n not in found]),
        ]
    for code, names in faults:
        for name in names:
            fec.problems.append(
                Problem(code, fec.file, number, args={'name': name}))
    if any(names for _, names in faults):
        return None
    return columns


def _read_lines(rows, columns, ended, fec):
    reader = _LineReader(columns, fec)
    width = columns.width
    for i, (number, cells) in enumerate(rows, 1):
        while len(cells) > width and not strip(cells[-1]):
            cells.pop()
        if len(cells) != width:
            cut = not ended and i == len(rows) and len(cells) < width
            fec.problems.append(Problem(
                    'cut' if cut else 'cells', fec.file, number,
                    args={'expected_': width, 'found': len(cells)}))
        elif line := reader.read(number, cells):
            fec.lines.append(line)
    if rows and not ended:
        fec.notes.append(Problem('no_end', fec.file, rows[-1][0]))


class _LineReader:
    """Read the cells of a line

    Dates and amounts come again and again: each way to write one is parsed
    once.
    """

    def __init__(self, columns, fec):
        self.places = columns.places
        self.extras = columns.extras
        self.fec = fec
        self.dates = dict.fromkeys(_BLANK_DATES)
        self.amounts = {}
        self.ok = True

    def fault(self, code, column, value='', **args):
        self.ok = False
        self.fec.problems.append(Problem(
                code, self.fec.file, self.number, column, value, args))

    def text(self, column):
        return strip(self.cells[self.places[column]])

    def date(self, column):
        value = self.text(column)
        try:
            return self.dates[value]
        except KeyError:
            pass
        try:
            self.dates[value] = parse_date(value, compact=True)
        except BadValue as error:
            self.fault(error.code, column, value, **error.args_)
            return None
        return self.dates[value]

    def amount(self, column, places=2):
        value = self.text(column)
        try:
            return self.amounts[value, places]
        except KeyError:
            pass
        try:
            amount = ZERO
            if value:
                amount = parse_number(
                    value, places=places, code='money', decimal_only=True)
        except BadValue as error:
            self.fault(error.code, column, value, **error.args_)
            return ZERO
        self.amounts[value, places] = amount
        return amount

    def debit_credit(self):
        if 'Debit' in self.places:
            debit, credit = self.amount('Debit'), self.amount('Credit')
            if debit and credit:
                self.fault('fec_two_sides', 'Debit', self.text('Debit'))
            return debit, credit
        amount, side = self.amount('Montant'), self.text('Sens')
        sign = SIDES.get(side.casefold())
        if sign is None:
            self.fault('fec_side', 'Sens', side)
        return (amount, ZERO) if sign == 1 else (ZERO, amount)

    def read(self, number, cells):
        self.number, self.cells, self.ok = number, cells, True
        text = self.text
        account, date = text('CompteNum'), self.date('EcritureDate')
        if date is None and self.ok:
            self.fault('required', 'EcritureDate')
        if not account:
            self.fault('required', 'CompteNum')
        elif not _ACCOUNT.fullmatch(account):
            self.fault('fec_account', 'CompteNum', account)
        journal = text('JournalCode')
        if not journal:
            self.fault('required', 'JournalCode')
        debit, credit = self.debit_credit()
        line = FecLine(
            number, journal, text('JournalLib') or journal,
            text('EcritureNum'), date, account,
            text('CompteLib') or account, text('CompAuxNum'),
            text('CompAuxLib'), text('PieceRef'), self.date('PieceDate'),
            text('EcritureLib'), debit, credit, text('EcritureLet'),
            self.date('DateLet'), self.date('ValidDate'),
            self.currency_amount(), text('Idevise'),
            {n: strip(cells[p]) for n, p in self.extras})
        return line if self.ok else None

    def currency_amount(self):
        # Some currencies have three or four decimals
        return self.amount('Montantdevise', places=4) or None


def _check_year(fec):
    """Add a problem for each line out of the fiscal year of the file

    A first fiscal year may last up to 24 months.
    """
    if not fec.lines:
        return
    end = fec.closing_date
    if end is None:
        start = min(line.date for line in fec.lines)
        end = start + relativedelta(months=24, days=-1)
    else:
        start = end + relativedelta(days=1) - relativedelta(months=24)
    for line in fec.lines:
        if not start <= line.date <= end:
            fec.problems.append(Problem(
                    'fec_year', fec.file, line.number, 'EcritureDate',
                    line.date.strftime('%Y%m%d'),
                    {'start': start, 'end': end}))


def _check_valid_dates(fec):
    lines = [line.number for line in fec.lines if line.valid_date is None]
    if lines:
        fec.notes.append(Problem(
                'fec_not_validated', fec.file,
                args={'count': len(lines), 'lines': lines}))
