# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How people are sorted in figures."""
from bisect import bisect_right
from datetime import date

from .clock import whole_months

# The first age of each band but the youngest
BANDS = (26, 36, 46, 56)


def age_band(birth: date | None, day: date) -> int | None:
    """Return the number of the band of the age on a day, None if no birth date
    is told.

    >>> age_band(date(1998, 6, 30), date(2024, 6, 29))
    0
    >>> age_band(date(1998, 6, 30), date(2024, 6, 30))
    1
    """
    if birth is None:
        return None
    age = whole_months(birth, day) // 12
    return bisect_right(BANDS, age)
