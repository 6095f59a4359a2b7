# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How long what funders ask about a person is kept, from dates alone.

Personal data are kept no longer than what they are for (RGPD, art. 5-1-e).
Funders control within some years of the exit; of a candidate who was not
taken, nothing is kept for more than two years after the last contact (CNIL).
"""
from datetime import date

from .clock import add_months
from .path import CLOSING, History, events, stage

YEARS_AFTER_EXIT = 5
YEARS_OF_CANDIDATES = 2


def limit(day: date, years: int) -> date:
    """Return the day before which things are older than these years.

    >>> limit(date(2024, 2, 29), 2)
    datetime.date(2022, 2, 28)
    """
    return add_months(day, -12 * years)


def left_before(history: History, day: date, limit: date) -> bool:
    "Tell of who had a contract if they have left on a day, since the limit"
    return (
        bool(history.contracts)
        and stage(history, day) in CLOSING
        and max(
            e.date for e in events(history)
            if e.date <= day and e.kind in CLOSING) < limit)


def candidate_before(history: History, limit: date) -> bool:
    """Tell of who never had a contract, nor was a member, if their last step
    is before the limit"""
    return (
        not history.contracts and not history.memberships
        and bool(history.steps)
        and max(s.date for s in history.steps) < limit)
