# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Which accounts make a contribution base."""
from collections.abc import Iterable


def in_base(code: str, prefixes: Iterable[tuple[str, bool]]) -> bool:
    """Tell if an account is part of a base made of prefixes of codes.

    Each prefix comes with True if it is left out; the longest prefix of the
    code decides, so « 70 » with « 708 » left out takes 706 and not 708.
    """
    best, counts = '', False
    for prefix, excluded in prefixes:
        if code.startswith(prefix) and len(prefix) > len(best):
            best, counts = prefix, not excluded
    return counts
