# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The tables of a co-op's files, each with the way its rows enter."""
import os
from collections.abc import Iterable

from trytond.modules.coop_ledger.files.decode import decode, split_lines
from trytond.modules.coop_ledger.files.fec import read_name
from trytond.modules.coop_ledger.files.table import SEPARATORS
from trytond.modules.coop_ledger.files.values import fold

from .activity import Activities
from .company import Companies
from .contract import Contracts
from .entrepreneur import Entrepreneurs
from .member import Members
from .payslip import Payslips
from .site import Sites

# In the order of their dependencies
TABLES = [
    Companies, Sites, Entrepreneurs, Activities, Contracts, Members, Payslips]


def table_of(filename: str, data: bytes) -> type | None:
    """Return the table that a file holds.

    The name of the file tells it; else the header does, when it has every
    column of one table.
    """
    stem = fold(os.path.splitext(os.path.basename(filename))[0])
    for table in TABLES:
        if stem == table.name:
            return table
    for names in _headers(data, filename):
        for table in TABLES:
            if {fold(c.name) for c in table.columns} <= names:
                return table
    return None


def is_fec(filename: str, data: bytes) -> bool:
    "Tell if a file is a *fichier des écritures comptables*"
    siren, closing_date = read_name(filename)
    return bool(siren and closing_date) or any(
        {'journalcode', 'comptenum'} <= names
        for names in _headers(data, filename))


def in_order(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return the files so that each comes after those that it needs.

    FEC come after the tables, then what nobody knows.
    """
    def rank(file):
        name, data = file
        if is_fec(name, data):
            return len(TABLES)
        table = table_of(name, data)
        return TABLES.index(table) if table else len(TABLES) + 1
    return sorted(files, key=rank)


def _headers(data, filename):
    "Yield the names of the header, cut by each separator"
    text, _, _ = decode(data, filename)
    header = next((x for x in split_lines(text or '') if x.strip()), '')
    for separator in SEPARATORS:
        yield {fold(c.strip('"')) for c in header.split(separator)}
