# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is to pay at other dates, or to somebody else, is for the same
activities."""
from trytond.modules.coop_cae.rules.payment_attribution import Settled, settle
from trytond.pool import Pool, PoolMeta

from .attribution import analytic_line, structure_account


class RescheduleLines(metaclass=PoolMeta):
    __name__ = 'account.move.line.reschedule'

    @classmethod
    def reschedule_lines(cls, lines, journal, terms):
        Move = Pool().get('account.move')
        move, balance_line = super().reschedule_lines(lines, journal, terms)
        _follow(lines, [balance_line])
        _follow([balance_line], [
                line for line in Move(move.id).lines if line != balance_line])
        return move, balance_line


class DelegateLines(metaclass=PoolMeta):
    __name__ = 'account.move.line.delegate'

    @classmethod
    def delegate_lines(cls, lines, party, journal, date=None):
        Move = Pool().get('account.move')
        move = super().delegate_lines(lines, party, journal, date=date)
        for line in Move(move.id).lines:
            _follow([line.origin], [line])
        return move


def _follow(settled, lines):
    "Give to lines of a draft entry the activities of those that they settle"
    Line = Pool().get('account.move.line')
    company = settled[0].move.company
    structure = structure_account(company)
    if structure is None:
        return
    known = [line._to_attribute() for line in settled]
    shares = settle([
            *(Settled(line.amount, parts=line.parts) for line in known),
            *(Settled(line.debit - line.credit, follows=True)
                for line in lines),
            ], structure, company.currency.digits)
    for line, share in zip(lines, shares):
        line.analytic_lines = [
            analytic_line(account, amount, line.move.date)
            for account, amount in share.items()]
    Line.save(lines)
