# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Texts that people typed, where something else gives them a meaning."""
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
    return safe_text(value)


def safe_text(value: str) -> str:
    """Return a text as one that no spreadsheet runs

    >>> safe_text('@SUM(A1)')
    "'@SUM(A1)"
    """
    seen = next((c for c in value if c.isprintable() and c != ' '), None)
    if seen in _FORMULA or value.startswith(_SEPARATORS):
        return f"'{value}"
    return value


def one_line(value: str | None) -> str:
    """Return a text as the value of a header of an e-mail, which no end of
    line of Unicode can cut

    >>> one_line('La Coop\\u2028Bcc: all')
    'La Coop Bcc: all'
    """
    return ' '.join((value or '').split())
