# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Cells of a text file that spreadsheets open."""
from decimal import Decimal

# What makes a spreadsheet take a text for a formula
_FORMULA = ('=', '+', '-', '@', '\t', '\r', '\n')


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
    if value.lstrip(' \u00a0\ufeff').startswith(_FORMULA):
        return f"'{value}"
    return value
