# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Texts that people typed, in the cells of tables that spreadsheets open."""

# What makes a spreadsheet take a text for a formula, whatever it skips before
_FORMULA = {'=', '+', '-', '@'}
_SEPARATORS = ('\t', '\r', '\n')
# What spreadsheets take for "this is text"
_MARK = "'"


def _is_formula(value: str) -> bool:
    seen = next((c for c in value if c.isprintable() and c != ' '), None)
    return seen in _FORMULA or value.startswith(_SEPARATORS)


def safe_text(value: str) -> str:
    """Return a text as one that no spreadsheet runs

    >>> safe_text('@SUM(A1)')
    "'@SUM(A1)"

    One that is marked already is marked again: plain_text takes one mark off.

    >>> safe_text("'=1+1")
    "''=1+1"
    """
    return _MARK + value if _is_formula(value.lstrip(_MARK)) else value


def plain_text(value: str) -> str:
    """Return the text that safe_text was given

    >>> plain_text("'@SUM(A1)")
    '@SUM(A1)'
    >>> plain_text("'tis")
    "'tis"
    """
    if value.startswith(_MARK) and _is_formula(value.lstrip(_MARK)):
        return value[len(_MARK):]
    return value
