# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the accounts are, by their codes in the French chart (PCG)."""

INCOME_STATEMENT = ('6', '7')
CASH = ('5',)
# Capital, reserves and results, what members hold or are owed for their
# shares, and the opening and closing balance sheets
OWN_FUNDS = ('10', '12', '456', '457', '89')
SUPPLIERS = ('40',)
CUSTOMERS = ('41',)
# What customers have paid, and suppliers were paid, before the invoice
CUSTOMER_DEPOSITS = ('4191',)
SUPPLIER_DEPOSITS = ('4091',)
FIXED_ASSETS = ('2',)
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
