# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to be kept back of the pay of a month, before it is written."""
import calendar
import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sql.aggregate import Sum
from sql.operators import And

from trytond.pool import Pool

from .conversion import usable_savings
from .ledger import money, rows
from .rules.withholding import Limits, in_force, room, withheld

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WithholdingPlan:
    """What is to be kept back of a person's pay under a commitment.

    party and commitment are ids; base is the pay of the whole month, amount
    what is left to keep back, negative when it is given back.
    reason is the limit that changed the amount, or 'booked' when all that is
    due was kept back already, else None.
    """
    party: int
    commitment: int
    month: datetime.date
    base: Decimal
    rate: Decimal
    amount: Decimal
    reason: str | None = None


def plan(company, month, date, pays, planned=()):
    commitments = _commitments(company, month, pays)
    if not commitments:
        return []
    state = _State(
        company, month, date, planned,
        [c for own in commitments.values() for c in own])
    return [
        p for party, own in commitments.items()
        for p in _plan_party(state, party, own, *pays[party])]


def _plan_party(state, party, commitments, gross, net):
    already = {c.id: state.month[party, c.id] for c in commitments}
    # What a commitment not in force any more kept back for the month counts
    already[commitments[0].id] += (
        state.month_total[party] - sum(already.values()))
    others = ZERO
    for commitment in commitments:
        base = gross if commitment.base == 'gross' else net
        result = withheld(
            commitment.rate, base, already[commitment.id],
            Limits(
                gross, net, state.room(commitment),
                state.savings.get(party, ZERO)),
            others=others, digits=state.digits)
        state.add(party, commitment.id, result.amount)
        others += already[commitment.id] + result.amount
        reason = result.limit
        if not reason and not result.amount and already[commitment.id]:
            reason = 'booked'
        yield WithholdingPlan(
            party=party, commitment=commitment.id, month=state.date,
            base=base, rate=commitment.rate, amount=result.amount,
            reason=reason)


def _commitments(company, month, pays):
    "Return the commitments that the pay of the month follows by party"
    Commitment = Pool().get('coop.share.commitment')
    last = month.replace(
        day=calendar.monthrange(month.year, month.month)[1])
    by_party = defaultdict(list)
    if not pays:
        return by_party
    for commitment in Commitment.search([
                ('company', '=', company.id),
                ('start_date', '<=', last),
                ['OR',
                    ('end_date', '=', None),
                    ('end_date', '>=', month),
                    ],
                ], order=[('party', 'ASC'), ('id', 'ASC')]):
        if commitment.party.id in pays:
            by_party[commitment.party.id].append(commitment)
    return {
        party: in_force(commitments, month, last)
        for party, commitments in by_party.items()}


class _State:
    "What was kept back so far, and what is planned on top of it"

    def __init__(self, company, month, date, planned, commitments):
        self.company = company
        self.digits = company.currency.digits
        self.date = month
        self.month = defaultdict(lambda: ZERO)
        self.month_total = defaultdict(lambda: ZERO)
        self.kept_back = defaultdict(lambda: ZERO)
        self.held = defaultdict(int)
        self.all_savings = defaultdict(lambda: ZERO)
        self.nominals = {}
        self._read_month()
        self.savings = usable_savings(company, date)
        if any(c.ceiling_amount is not None for c in commitments):
            self._read_kept_back()
        if any(c.ceiling_shares is not None for c in commitments):
            self._read_held(date)
        for planned_ in planned:
            self.add(planned_.party, planned_.commitment, planned_.amount)

    def _sums(self, keys, where):
        table = Pool().get('coop.share.withholding').__table__()
        columns = [getattr(table, key) for key in keys]
        where = [
            table.company == self.company.id,
            table.state == 'posted',
            table.type == 'withholding',
            *(getattr(table, key) == value for key, value in where.items())]
        for *key, amount in rows(table.select(
                    *columns, Sum(table.amount),
                    where=And(where), group_by=columns)):
            yield *key, money(self.company, amount)

    def _read_month(self):
        for party, commitment, amount in self._sums(
                ['party', 'commitment'], {'month': self.date}):
            self.month[party, commitment] = amount
            self.month_total[party] += amount

    def _read_kept_back(self):
        self.kept_back.update(self._sums(['commitment'], {}))

    def _read_held(self, date):
        """Read shares and savings without regard to the date: a ceiling holds
        whatever was booked since"""
        pool = Pool()
        Class = pool.get('coop.share.class')
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        Withholding = pool.get('coop.share.withholding')
        self.nominals = Class.nominals_at(self.company, date)
        self.all_savings.update(Withholding.savings(self.company))
        parties = Member.parties(self.company)
        for (member, class_), (quantity, _) in Movement.holdings(
                self.company).items():
            self.held[parties[member], class_] += quantity

    def add(self, party, commitment, amount):
        "Count what is planned"
        self.kept_back[commitment] += amount
        self.all_savings[party] += amount
        self.savings[party] = self.savings.get(party, ZERO) + amount

    def room(self, commitment):
        party, class_ = commitment.party.id, commitment.share_class.id
        nominal = self.nominals.get(class_)
        return room(
            commitment.ceiling_amount, self.kept_back[commitment.id],
            commitment.ceiling_shares if nominal else None, nominal or ZERO,
            self.held[party, class_], self.all_savings[party])
