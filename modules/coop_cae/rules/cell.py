# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Cells of a text file that spreadsheets open."""
from decimal import Decimal

# What makes a spreadsheet take a text for a formula, whatever it skips before
_FORMULA = {'=', '+', '-', '@'}
_SEPARATORS = ('\t', '\r', '\n')


def safe_cell(value: str | Decimal | None) -> str:
    """Return a value as a cell: a number with a decimal comma, and a text that
    no spreadsheet runs, as what people typed is opened by others.

    >>> safe_cell(Decimal('-2150.00'))
    '-2150,00'
    >>> safe_cell('=1+1')
    "'=1+1"
    """
    if value is None:
        return ''
    if isinstance(value, Decimal):
        return f'{value:f}'.replace('.', ',')
    seen = next((c for c in value if c.isprintable() and c != ' '), None)
    if seen in _FORMULA or value.startswith(_SEPARATORS):
        return f"'{value}"
    return value
