# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the shares of those who left are worth at the closing of the year."""
from collections import defaultdict
from decimal import Decimal

from sql import Null

from trytond.i18n import gettext
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.open_day import open_day
from trytond.modules.coop_ledger.reconcile import reconcile
from trytond.modules.coop_ledger.update import assign
from trytond.pool import Pool

from .accounts import Accounts
from .closing import Booked, Ledger
from .exceptions import ExitError
from .ledger import as_date, money, rows
from .rules.refund import full_years, loss_borne, revaluation_part

ZERO = Decimal(0)


def value(exits):
    """Fix the value of what was annulled, with the losses of the balance
    sheet of its year

    What is valued again after a change of the accounts is booked for the
    difference."""
    by_year = defaultdict(list)
    for exit_ in exits:
        by_year[_year(exit_)].append(exit_)
    for fiscalyear in sorted(by_year, key=lambda f: (f.end_date, f.id)):
        _value(fiscalyear, by_year[fiscalyear])


def _value(fiscalyear, exits):
    Exit = Pool().get('coop.share.exit')
    company = fiscalyear.company
    _check_final(fiscalyear)
    _check_earlier(fiscalyear)
    reading = Values(company)
    values = {e: reading.of(e, fiscalyear) for e in exits}
    _book(company, reading.ledger, values, fiscalyear.end_date)
    assign(Exit, 'loss', [(e.id, v.loss) for e, v in values.items()])
    assign(Exit, 'revaluation', [
            (e.id, v.revaluation) for e, v in values.items()])
    assign(Exit, 'loss_formula', [
            (e.id, e.loss_formula or reading.ledger.formula) for e in exits])
    assign(Exit, 'valued_on', [(e.id, fiscalyear.end_date) for e in exits])


def _check_final(fiscalyear):
    "The balance sheet of a year can change until all its periods are closed"
    if any(p.state == 'open' for p in fiscalyear.periods):
        raise ExitError(gettext(
                'coop_shares.msg_exit_not_final',
                fiscalyear=fiscalyear.rec_name))


def _check_earlier(fiscalyear):
    "What those of earlier years bear is no more in the losses of a year"
    Exit = Pool().get('coop.share.exit')
    if earlier := [
            e for e in Exit.search([
                    ('company', '=', fiscalyear.company.id),
                    ('state', '=', 'posted'),
                    ('valued_on', '=', None),
                    ('movements.date', '<', fiscalyear.start_date),
                    ], order=[('request_date', 'ASC'), ('id', 'ASC')])
            if _day(e) < fiscalyear.start_date]:
        raise ExitError(gettext(
                'coop_shares.msg_exit_earlier',
                fiscalyear=fiscalyear.rec_name,
                exits=', '.join(e.rec_name for e in earlier)))


def forget(exit_):
    "Take the value of an exit back"
    if exit_.valued_on:
        ledger = Ledger(exit_.company)
        _book(
            exit_.company, ledger, {exit_: Booked()}, exit_.valued_on)
        _settle(exit_)
        assign(exit_.__class__, 'valuation_move', [(exit_.id, None)])


def _settle(exit_):
    "Reconcile what the value took from the debt with what gives it back"
    company = exit_.company
    line = Pool().get('account.move.line').__table__()
    move = Pool().get('account.move').__table__()
    annulment = {m.move.id for m in exit_.movements if m.move}
    found = [
        (id_, as_date(date), money(company, amount))
        for id_, move_id, date, amount in rows(line
            .join(move, condition=line.move == move.id)
            .select(
                line.id, move.id, move.date, line.debit - line.credit,
                where=(move.origin == str(exit_))
                & (line.account == Accounts(company)['refund_account'])
                & (line.party == exit_.creditor.id)
                & (line.reconciliation == Null)))
        if move_id not in annulment]
    if found and not sum(amount for *_, amount in found):
        reconcile(company, [(
                    max(date for _, date, _ in found),
                    [id_ for id_, *_ in found])])


def _day(exit_):
    "Return the day on which the shares became a debt"
    return exit_.movements[0].date if exit_.movements else exit_.date


def _year(exit_):
    FiscalYear = Pool().get('account.fiscalyear')
    day = _day(exit_)
    fiscalyears = FiscalYear.search([
            ('company', '=', exit_.company.id),
            ('start_date', '<=', day),
            ('end_date', '>=', day),
            ], limit=1)
    if not fiscalyears:
        raise ExitError(gettext(
                'coop_shares.msg_exit_year', exit=exit_.rec_name))
    return fiscalyears[0]


class Values:
    "The values of the exits of a company, by what the ledger tells now"

    def __init__(self, company):
        Exit = Pool().get('coop.share.exit')
        self.ledger = Ledger(company)
        self.digits = company.currency.digits
        self._closings = {}
        self.valued = Exit.search([
                ('company', '=', company.id),
                ('state', '=', 'posted'),
                ('valued_on', '!=', None),
                ], order=[('valued_on', 'ASC'), ('id', 'ASC')])
        self._valued_on = {e.id: e.valued_on for e in self.valued}

    def of(self, exit_, fiscalyear):
        closing = self._closing(fiscalyear, exit_.loss_formula)
        amount = reduced = ZERO
        for movement in exit_.movements:
            if movement.reversal_of:
                continue
            amount -= movement.amount
            reduced -= movement.quantity * self.ledger.reduction(
                movement.share_class.id, fiscalyear, movement.date)
        return Booked(
            loss_borne(
                amount, closing.loss, closing.capital, self.digits, reduced),
            revaluation_part(
                exit_.amount, closing.reserve, closing.capital,
                full_years(exit_.member.admission_date, exit_.date),
                self.digits))

    def _closing(self, fiscalyear, formula):
        key = fiscalyear, formula
        if key not in self._closings:
            self._closings[key] = self.ledger.closing(
                fiscalyear, self._valued_on, formula)
        return self._closings[key]

    def differences(self, date=None):
        """Yield the exits that bear another part of the losses than the
        balance sheet of their year tells, with what it is and what is booked
        """
        FiscalYear = Pool().get('account.fiscalyear')
        years = {
            f.end_date: f for f in FiscalYear.search([
                    ('company', '=', self.ledger.company.id)], order=[])}
        for exit_ in self.valued:
            year = years.get(exit_.valued_on)
            if not year or date and exit_.valued_on > date:
                continue
            expected = self.of(exit_, year)
            booked = self.ledger.booked(exit_)
            if expected != booked:
                yield exit_, expected, booked


def _book(company, ledger, values, closing):
    "Book the difference between what exits bear and what is booked of it"
    pool = Pool()
    Exit = pool.get('coop.share.exit')
    Move = pool.get('account.move')
    accounts = Accounts(company)
    date = open_day(company, closing)
    entries = [
        (e, entry) for e, value in values.items()
        if (entry := _entry(e, value, ledger.booked(e), date, accounts))]
    posted = Move.post_entries(company, [entry for _, entry in entries])
    assign(Exit, 'valuation_move', [
            (e.id, p.move) for (e, _), p in zip(entries, posted)])


def _entry(exit_, value, booked, date, accounts):
    """Return the entry of what is refunded less or more than the capital, and
    than what is booked already"""
    lines = []
    for name, amount in [
            ('loss_account', value.loss - booked.loss),
            ('revaluation_account', booked.revaluation - value.revaluation)]:
        if not amount:
            continue
        # What goes to the account is owed no more
        less, more = max(amount, ZERO), max(-amount, ZERO)
        lines.append(EntryLine(
                account=accounts[name], debit=more, credit=less))
        lines.append(EntryLine(
                account=accounts['refund_account'],
                party=exit_.creditor.id, debit=less, credit=more,
                maturity_date=exit_.refund_date))
    if not lines:
        return None
    return Entry(
        journal=accounts['journal'], date=date, origin=str(exit_),
        description=gettext(
            'coop_shares.msg_entry_value', exit=exit_.rec_name),
        lines=tuple(lines))
