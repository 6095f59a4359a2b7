# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Put the lines of a FEC together into entries

Packages number entries through the file, through each journal, line by line
or not at all, and some write one entry in two journals.
The lines are cut by the finest key first; what balances becomes an entry,
and what does not is put together again by the next key:

1. journal, number and date; without a number, journal, date and piece;
2. number and date, over several journals;
3. journal, date and piece;
4. date and piece, over several journals;
5. journal and date, if the lines have no number of an entry;
6. date, if the lines have no number of an entry, or over two journals.

What is left is refused.
Number 0 is no number, and so are numbers when each line has its own.
The result does not depend on the order of the lines, but for the order of
the entries, which is that of their first lines.
"""
import datetime
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .problem import Problem


class FecEntry(NamedTuple):
    """A balanced entry

    key tells it from every other of its company, from one export of the
    books to the next.
    digest changes when anything changes that may not once it is posted;
    letters may come later.
    """
    key: str
    digest: str
    journal: str
    date: datetime.date
    lines: tuple

    @property
    def numbers(self) -> list[int]:
        return [line.number for line in self.lines]


def group_lines(
        lines: Sequence, filename: str = '',
        ) -> tuple[list[FecEntry], list[Problem], list[Problem]]:
    "Return the entries, the problems of the lines left and the notes"
    if _numbered_by_line(lines):
        def number(line):
            return ''
    else:
        def number(line):
            return line.entry if line.entry.strip('0') else ''
    groups, rest = {}, list(lines)
    for names, accept in _steps(number):
        found, rest = _balanced(rest, names, number, accept)
        for key, entry_lines in found:
            groups.setdefault(key, []).append(entry_lines)
    return (
        _entries(groups),
        _unbalanced(rest, number, filename),
        _notes(groups, number, filename))


def balance(lines) -> Decimal:
    return sum((line.debit - line.credit for line in lines), Decimal(0))


def _numbered_by_line(lines):
    numbers = [line.entry for line in lines]
    return len(numbers) > 1 and len(set(numbers)) == len(numbers)


def _steps(number):
    "Yield the names of the key and what lines it may put together"
    def numbered(lines):
        return number(lines[0])

    def with_piece(lines):
        return lines[0].piece

    def unnumbered(lines):
        return not any(map(number, lines))

    def unnumbered_or_two_journals(lines):
        return unnumbered(lines) or len({x.journal for x in lines}) == 2

    yield 'JND', numbered
    yield 'JDP', unnumbered
    yield 'ND', numbered
    yield 'JDP', with_piece
    yield 'DP', with_piece
    yield 'JD', unnumbered
    yield 'D', unnumbered_or_two_journals


def _balanced(lines, names, number, accept):
    blocks = defaultdict(list)
    getters = [
        {'J': lambda x: x.journal, 'N': number, 'P': lambda x: x.piece,
            'D': lambda x: x.date.strftime('%Y%m%d')}[n] for n in names]
    for line in lines:
        blocks[tuple(get(line) for get in getters)].append(line)
    found, rest = [], []
    for values, block in blocks.items():
        if accept(block) and not balance(block):
            found.append((_key(names, values), block))
        else:
            rest.extend(block)
    return found, rest


def _key(names, values):
    """Return the key as one text

    >>> _key('JND', ('VE', '12', '20240131'))
    'J=VE|N=12|D=20240131'
    """
    def escape(value):
        return value.replace('\\', '\\\\').replace('|', '\\|')
    return '|'.join(f'{n}={escape(v)}' for n, v in zip(names, values))


def _entries(groups):
    entries = []
    for key, blocks in groups.items():
        for i, lines in enumerate(blocks, 1):
            lines = sorted(lines, key=lambda x: x.number)
            entries.append(FecEntry(
                    key if i == 1 else f'{key}|{i}', digest(lines),
                    lines[0].journal, lines[0].date, tuple(lines)))
    entries.sort(key=lambda e: e.lines[0].number)
    return entries


def digest(lines) -> str:
    "Return the fingerprint of what may not change in a posted entry"
    rows = sorted(
        '\x1f'.join([
                line.journal, line.date.isoformat(), line.account,
                line.auxiliary, line.piece, line.label,
                f'{line.debit:.2f}', f'{line.credit:.2f}',
                str(line.currency_amount or ''), line.currency,
                line.activity])
        for line in lines)
    return hashlib.sha256('\x1e'.join(rows).encode('utf-8')).hexdigest()


def _unbalanced(lines, number, filename):
    blocks = defaultdict(list)
    for line in lines:
        if number(line):
            key = (line.journal, number(line), line.date)
        else:
            key = (line.journal, '', line.date, line.piece)
        blocks[key].append(line)
    problems = []
    for block in blocks.values():
        first = block[0]
        problems.append(Problem(
                'fec_unbalanced', filename, first.number, 'EcritureNum',
                first.entry or first.piece, {
                    'journal': first.journal,
                    'date': first.date,
                    'debit': sum((x.debit for x in block), Decimal(0)),
                    'credit': sum((x.credit for x in block), Decimal(0)),
                    'lines': [x.number for x in block],
                    }))
    return problems


def _notes(groups, number, filename):
    notes = []
    for key, blocks in groups.items():
        numbered = key.startswith('J=') and '|N=' in key
        for lines in blocks:
            journals = sorted({x.journal for x in lines})
            if len(journals) > 1:
                code = 'fec_two_journals'
            elif numbered or len({(number(x), x.piece) for x in lines}) == 1:
                continue
            else:
                code = 'fec_joined'
            notes.append(Problem(
                    code, filename, lines[0].number, args={
                        'journal': lines[0].journal,
                        'journals': journals,
                        'date': lines[0].date,
                        'lines': [x.number for x in lines],
                        }))
    return notes
