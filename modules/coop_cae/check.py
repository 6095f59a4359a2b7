# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What must hold after every close.

Each comparison is made anew from the ledger, the register and the documents:
nothing that was stored for it is believed.
"""
from dataclasses import dataclass
from decimal import Decimal

from sql import Null
from sql.aggregate import Sum
from sql.conditionals import Coalesce
from sql.functions import Round

from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.transaction import Transaction

from .activity_check import unbalanced_activities
from .company_month_reading import late_activities

ZERO = Decimal('0.00')


@dataclass(frozen=True, slots=True)
class Discrepancy:
    "A comparison that does not hold, of amounts or of the codes of parties"
    check: str
    subject: str
    expected: Decimal | str
    found: Decimal | str


def discrepancies(company, date):
    "Return what does not hold for the company at a date: nothing when right"
    Movement = Pool().get('coop.share.movement')
    result = [
        *_balanced(company, date),
        *_contribution_is_zero(company, date),
        *_contributions_are_due(company, date),
        *_analytic_covers(company, date),
        *_activities_balance(company, date),
        *_entries_agree(company, date, 'cae.payslip', 'payslip_party'),
        *_entries_agree(company, date, 'cae.settlement', 'settlement_party'),
        *_withholdings_agree(company, date)]
    result.extend(
        Discrepancy(
            d.check, d.party.code if d.party else '', d.expected, d.found)
        for d in Movement.discrepancies(company, date))
    return result


def _rows(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _decimal(company, value):
    return company.currency.round(Decimal(str(value or 0)))


def _ledger(company, date):
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    where = (
        (move.company == company.id) & (move.state == 'posted')
        & (move.date <= date))
    return line, move, line.join(move, condition=line.move == move.id), where


def _balanced(company, date):
    "Debits equal credits, entry by entry"
    line, move, tables, where = _ledger(company, date)
    balance = Round(Sum(line.debit - line.credit), company.currency.digits)
    for number, found in _rows(tables.select(
                move.number, balance, where=where,
                group_by=[move.id, move.number], having=balance != 0)):
        yield Discrepancy(
            'balance', number, ZERO, _decimal(company, found))


def _contribution_is_zero(company, date):
    "What the activities give is what the structure receives"
    Configuration = Pool().get('cae.configuration')
    account = Configuration(1).get_setting('contribution_account', company)
    if not account:
        return
    line, _, tables, where = _ledger(company, date)
    (found,), = _rows(tables.select(
            Sum(line.debit - line.credit),
            where=where & (line.account == account.id)))
    if found := _decimal(company, found):
        yield Discrepancy('contribution', account.code, ZERO, found)


def _contributions_are_due(company, date):
    """Each open fiscal year has what is due at the end of its last closed
    month, but of the activities of which entries came late"""
    pool = Pool()
    Activity = pool.get('cae.activity')
    Close = pool.get('cae.close')
    Contribution = pool.get('cae.contribution')
    account = pool.get('cae.configuration')(1).get_setting(
        'contribution_account', company)
    if not account:
        return
    for period in Close.last_closed(company, date):
        with Transaction().set_context(company=company.id):
            plans = [p for p in Contribution.plan(company, period) if p.amount]
        late = plans and late_activities(period, account)
        for plan in plans:
            if plan.activity in late:
                continue
            yield Discrepancy(
                'contribution_due',
                f'{Activity(plan.activity).code} {period.rec_name}',
                plan.due, plan.booked)


def _analytic_covers(company, date):
    """Each line of the income statement is covered by analytic lines, and a
    line of the balance sheet that has some is covered too"""
    pool = Pool()
    account = pool.get('account.account').__table__()
    root_account = pool.get('analytic_account.account').__table__()
    part = pool.get('analytic_account.line').__table__()
    type_ = pool.get('account.account.type').__table__()
    line, move, tables, where = _ledger(company, date)
    covered = (part
        .join(root_account, condition=part.account == root_account.id)
        .select(
            part.move_line, root_account.root,
            Sum(part.debit - part.credit).as_('amount'),
            group_by=[part.move_line, root_account.root]))
    difference = Round(
        line.debit - line.credit - Coalesce(covered.amount, 0),
        company.currency.digits)
    query = (tables
        .join(account, condition=line.account == account.id)
        .join(type_, condition=account.type == type_.id)
        .join(covered, 'LEFT', condition=covered.move_line == line.id)
        .select(
            move.number, account.code, line.debit - line.credit,
            covered.amount,
            where=where & (difference != 0)
            & ((type_.statement == 'income')
                | (covered.move_line != Null)),
            order_by=[line.id]))
    for number, code, expected, found in _rows(query):
        yield Discrepancy(
            'analytic', f'{number} {code}',
            _decimal(company, expected), _decimal(company, found))


def _activities_balance(company, date):
    "An entry without a bank balances for each of its activities"
    for number, code, found in unbalanced_activities(company, date):
        yield Discrepancy('activity_balance', f'{number} {code}', ZERO, found)


def _entries_agree(company, date, document, check):
    """The lines of the entry of a document that have a party have that of its
    person"""
    pool = Pool()
    Move = pool.get('account.move')
    Document = pool.get(document)
    party = pool.get('party.party').__table__()
    other = pool.get('party.party').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    table = Document.__table__()
    line, move, tables, where = _ledger(company, date)
    query = (tables
        .join(table, condition=(
                Move.origin.sql_id(move.origin, Move) == table.id))
        .join(person, condition=table.entrepreneur == person.id)
        .join(party, condition=person.party == party.id)
        .join(other, condition=line.party == other.id)
        .select(
            table.id, party.code, other.code,
            where=where & move.origin.like(f'{document},%')
            & (line.party != person.party),
            order_by=[table.id]))
    for id_, expected, found in _rows(query):
        yield Discrepancy(check, Document(id_).rec_name, expected, found)


def _withholdings_agree(company, date):
    "What a close kept back is of somebody who has a payslip of the month"
    pool = Pool()
    party = pool.get('party.party').__table__()
    payslip = pool.get('cae.payslip').__table__()
    period = pool.get('account.period').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    table = pool.get('coop.share.withholding').__table__()
    reversal = pool.get('coop.share.withholding').__table__()
    paid = (payslip
        .join(period, condition=payslip.period == period.id)
        .join(person, condition=payslip.entrepreneur == person.id)
        .select(
            person.party, period.start_date.as_('month'),
            where=(payslip.company == company.id)
            & (payslip.state == 'posted'),
            group_by=[person.party, period.start_date]))
    query = (table
        .join(party, condition=table.party == party.id)
        .join(paid, 'LEFT', condition=(table.party == paid.party)
            & (table.month == paid.month))
        .join(reversal, 'LEFT', condition=reversal.reversal_of == table.id)
        .select(
            table.month, party.code, table.amount,
            where=(table.company == company.id) & (table.state == 'posted')
            & (table.date <= date) & (table.type == 'withholding')
            & (table.reversal_of == Null) & (reversal.id == Null)
            & table.origin.like('cae.close,%') & (paid.party == Null),
            order_by=[table.id]))
    for month, code, amount in _rows(query):
        yield Discrepancy(
            'withholding_party', str(month)[:7], ZERO,
            f'{code} ({_decimal(company, amount)})')


def text(discrepancy):
    "Return a sentence for people"
    return gettext(
        f'coop_cae.msg_check_{discrepancy.check}',
        subject=discrepancy.subject, expected=discrepancy.expected,
        found=discrepancy.found)
