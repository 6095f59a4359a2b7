# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Texts that people typed, where something else gives them a meaning."""
from decimal import Decimal

from trytond.modules.coop_access.cell import safe_text


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


def one_line(value: str | None) -> str:
    """Return a text as the value of a header of an e-mail, which no end of
    line of Unicode can cut

    >>> one_line('La Coop\\u2028Bcc: all')
    'La Coop Bcc: all'
    """
    return ' '.join((value or '').split())
