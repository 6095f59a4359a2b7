# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The terms of a contract on a day, as its amendments changed them."""
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def in_force(
        terms: Mapping[str, Any],
        amendments: Iterable[tuple[date, Mapping[str, Any]]],
        day: date) -> dict[str, Any]:
    """Return the terms on a day: those of the contract, then of each amendment
    that has begun, in the order of their first days; of two from the same day
    the later in the list prevails.

    A term that an amendment leaves at None stays as it was.

    >>> in_force({'fixed_part': 1}, [(date(2024, 7, 1), {'fixed_part': 2})],
    ...     date(2024, 6, 30))
    {'fixed_part': 1}
    """
    result = dict(terms)
    for start, changes in sorted(amendments, key=lambda a: a[0]):
        if start <= day:
            result.update({
                    name: value for name, value in changes.items()
                    if value is not None})
    return result
