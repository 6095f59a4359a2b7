# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a NIR, the French social-security number, tells of a person.

Its first digit is 1 for a man and 2 for a woman, then come the year and the
month of birth (décret 82-103, art. 4); numbers that begin with 3, 4, 7 or 8
are provisional, odd for a man.
"""
from datetime import date

_PROVISIONAL = {'3', '4', '7', '8'}


def is_provisional(number: str) -> bool:
    """Tell if a compact number waits for the final one.

    >>> is_provisional('295109912611193'), is_provisional('795109912611100')
    (False, True)
    """
    return number[:1] in _PROVISIONAL


def unusual(
        number: str, gender: str | None = None,
        birth: date | None = None) -> list[str]:
    """Return what of a compact number is not as the person is: gender, year or
    month.

    gender is F or M; what is not known of the person is as the number tells.
    Months above 12 stand for one that nobody knows.

    >>> unusual('295109912611193', 'F', date(1995, 10, 3))
    []
    >>> unusual('295109912611193', 'M', date(1994, 10, 3))
    ['gender', 'year']
    """
    found = []
    if gender and gender != ('M' if int(number[0]) % 2 else 'F'):
        found.append('gender')
    if birth:
        if int(number[1:3]) != birth.year % 100:
            found.append('year')
        month = int(number[3:5])
        if 1 <= month <= 12 and month != birth.month:
            found.append('month')
    return found
