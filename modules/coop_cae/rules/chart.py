# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the accounts are, by their codes in the French chart (PCG)."""

INCOME_STATEMENT = ('6', '7')
CASH = ('5',)
SUPPLIERS = ('40',)
CUSTOMERS = ('41',)
VAT = ('445',)
# Staff, social bodies and the State
DUES = ('42', '43', '44')
WAGES = ('421',)
EXPENSE_NOTES = ('425',)
TURNOVER = ('70',)
PAY = ('64',)
GROSS_PAY = ('641',)


def is_of(code: str | None, prefixes: tuple[str, ...]) -> bool:
    "Return if the code is of one of the classes or accounts"
    return bool(code) and code.startswith(prefixes)
