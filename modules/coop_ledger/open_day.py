# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The day of an entry when the period that it belongs to is closed."""
from trytond.pool import Pool
from trytond.transaction import Transaction


def open_day(company, day):
    """Return the day when its period is open, else today when that is later
    and open, else the first open day after it.

    When no later period is open it is the day itself: what is booked on it
    tells that its period is closed, or missing.
    """
    return open_days(company, [day])[day]


def other_day(company, day):
    "Return the open day that is not the day itself, None when it is open"
    open_ = open_day(company, day)
    return open_ if open_ != day else None


def open_days(company, days):
    "Return that of each of the days, in one query"
    days = set(days)
    if not days:
        return {}
    pool = Pool()
    Date = pool.get('ir.date')
    Period = pool.get('account.period')
    periods = [
        (p.start_date, p.end_date) for p in Period.search([
                ('company', '=', company.id),
                ('type', '=', 'standard'),
                ('state', '=', 'open'),
                ('end_date', '>=', min(days)),
                ], order=[('start_date', 'ASC'), ('id', 'ASC')])]
    with Transaction().set_context(company=company.id):
        today = Date.today()

    def is_open(date):
        return any(start <= date <= end for start, end in periods)

    def of(day):
        if is_open(day):
            return day
        if today > day and is_open(today):
            return today
        return next((
                max(day, start) for start, end in periods if end >= day), day)
    return {day: of(day) for day in days}
