# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be settled with a person who leaves, from what is known.

The contract ends first (code du travail, L7331-2; code de commerce, L127-2
for the CAPE): this is the contractual exit.  The accounting exit comes when
nothing is left open: the pay is reckoned and paid (R7331-11, R7331-12), the
shares are on their way back (loi de 1947, art. 18), what the activity lost is
borne.
"""
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .statement import Treasury

ZERO = Decimal(0)

# In the order in which they are settled
KINDS = [
    'contract', 'unsigned', 'activity', 'shared_activity', 'documents',
    'month', 'contribution', 'payslip', 'settlement', 'wages', 'customers',
    'suppliers', 'dues', 'shares', 'refund', 'savings', 'loss', 'profit']
# Whose work it is
ADVISER = {
    'contract', 'unsigned', 'activity', 'shared_activity', 'documents'}
# What is unusual, but may be: it is asked, and not refused
ASKED = {'dues', 'profit'}
# What comes after the exit
LATER = {'refund'}


class Contract(NamedTuple):
    "last_day is None while it runs on; left tells that an exit is recorded"
    id: object
    start: date
    last_day: date | None
    left: bool
    signed: bool = True


class Activity(NamedTuple):
    """What is known of an activity: others tells that somebody else runs it
    too, due is what is left to book of the contribution, None when it cannot
    be reckoned"""
    id: object
    end: date | None
    others: bool = False
    drafts: int = 0
    due: Decimal | None = ZERO
    treasury: Treasury = Treasury()


class Settlement(NamedTuple):
    "A settlement of the variable part; to_pay is what no payslip has paid"
    id: object
    draft: bool
    to_pay: Decimal


class Facts(NamedTuple):
    """What is known of a person who leaves, day being the last one.

    month is the first day of the first month that is not closed, None when
    that of the exit is; wages is what the co-operative owes the person (as a
    credit, positive); share_exit is the exit from the shares; refund is what
    it leaves to pay; savings are those of who is no member.
    """
    day: date
    contracts: Sequence[Contract] = ()
    activities: Sequence[Activity] = ()
    month: date | None = None
    payslips: int = 0
    settlements: Sequence[Settlement] = ()
    wages: Decimal = ZERO
    stays_member: bool = False
    member: bool = False
    share_exit: object = None
    share_exit_posted: bool = False
    refund: Decimal = ZERO
    savings: Decimal = ZERO


class Step(NamedTuple):
    "state is 'done', 'left', 'asked' or 'later'"
    kind: str
    state: str
    record: object = None
    amount: Decimal | None = None


def steps(facts: Facts) -> list[Step]:
    """Return the steps of an exit, in the order in which they are settled.

    Amounts are in the currency of the company, as the ledger rounds them.

    >>> [(s.kind, s.state) for s in steps(Facts(date(2024, 6, 30), [
    ...     Contract(1, date(2024, 1, 1), None, False)]))]
    [('contract', 'left'), ('wages', 'done')]
    """
    found = [
        *_contracts(facts), *_activities(facts), *_pay(facts),
        *_shares(facts)]
    return sorted(found, key=lambda s: KINDS.index(s.kind))


def left(found: Iterable[Step]) -> list[Step]:
    "Return the steps without which the exit cannot be finished"
    return [s for s in found if s.state == 'left']


def asked(found: Iterable[Step]) -> list[Step]:
    "Return the steps that may be as they are, if somebody says so"
    return [s for s in found if s.state == 'asked']


def _step(kind: str, done: bool, *values) -> Step:
    if done:
        state = 'done'
    elif kind in ASKED:
        state = 'asked'
    elif kind in LATER:
        state = 'later'
    else:
        state = 'left'
    return Step(kind, state, *values)


def _contracts(facts: Facts) -> Iterable[Step]:
    "The contracts that run on the day, or else the last one"
    signed = [c for c in facts.contracts if c.signed]
    running = [
        c for c in signed if c.last_day is None or c.last_day >= facts.day]
    for contract in running or sorted(
            signed, key=lambda c: c.last_day)[-1:]:
        over = (
            contract.last_day is not None and contract.last_day <= facts.day)
        yield _step('contract', contract.left and over, contract.id)
    for contract in facts.contracts:
        if not contract.signed:
            yield _step('unsigned', False, contract.id)


def _activities(facts: Facts) -> Iterable[Step]:
    for activity in facts.activities:
        if activity.others and activity.end is None:
            # It goes on with the others, who agree without who leaves
            yield _step('shared_activity', False, activity.id)
            continue
        yield _step('activity', activity.end is not None, activity.id)
        if activity.drafts:
            yield _step(
                'documents', False, activity.id, Decimal(activity.drafts))
        yield _step(
            'contribution', activity.due == ZERO, activity.id, activity.due)
        yield from _treasury(activity)


def _treasury(activity: Activity) -> Iterable[Step]:
    treasury = activity.treasury
    for kind, amount in [
            ('customers', treasury.customers),
            ('suppliers', -treasury.suppliers),
            ('dues', -(treasury.vat + treasury.dues))]:
        yield _step(kind, amount == ZERO, activity.id, amount)
    if treasury.result < ZERO:
        yield _step('loss', False, activity.id, -treasury.result)
    elif treasury.result > ZERO:
        yield _step('profit', False, activity.id, treasury.result)


def _pay(facts: Facts) -> Iterable[Step]:
    if facts.activities:
        yield _step('month', facts.month is None, facts.month)
    if facts.payslips:
        yield _step('payslip', False, None, Decimal(facts.payslips))
    for settlement in facts.settlements:
        yield _step(
            'settlement', not settlement.draft and settlement.to_pay == ZERO,
            settlement.id, settlement.to_pay)
    if facts.contracts and any(c.signed for c in facts.contracts):
        yield _step('wages', facts.wages == ZERO, None, facts.wages)


def _shares(facts: Facts) -> Iterable[Step]:
    if facts.stays_member:
        return
    if facts.member or facts.share_exit:
        yield _step('shares', facts.share_exit_posted, facts.share_exit)
        if facts.share_exit_posted:
            yield _step(
                'refund', facts.refund == ZERO, facts.share_exit,
                facts.refund)
    elif facts.savings:
        yield _step('savings', False, None, facts.savings)
