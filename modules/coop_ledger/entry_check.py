# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""All that Tryton would refuse when an entry is created and posted.

The checks are made in sets over all the entries, and all that is refused is
said at once.
"""
from decimal import Decimal


from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .exceptions import EntryError

SHOWN = 20


class Checker:
    "Checks the entries of a company and gives what posting them needs"

    def __init__(self, company, entries):
        self.company = company
        self.entries = entries
        self.digits = company.currency.digits
        self.faults = []
        self._load()

    def _load(self):
        lines = [line for entry in self.entries for line in entry.lines]
        parts = [part for line in lines for part in line.parts]
        self.accounts = _read_accounts({line.account for line in lines})
        self.analytic_accounts = (
            _read_analytic_accounts({p.account for p in parts})
            if parts else {})
        self.parties = _existing(
            'party.party', {line.party for line in lines if line.party})
        self.journals = _existing(
            'account.journal', {entry.journal for entry in self.entries})
        self.currencies = _read_currency_digits()
        self._find_periods()

    def _find_periods(self):
        """Find the open period of each date.

        Periods of dates are few: a month has one.
        """
        pool = Pool()
        Period = pool.get('account.period')
        dates = {e.date for e in self.entries if e.period is None}
        given = {e.period for e in self.entries if e.period is not None}
        domain = [('id', 'in', list(given))]
        if dates:
            domain = ['OR', domain, [
                    ('company', '=', self.company.id),
                    ('type', '=', 'standard'),
                    ('start_date', '<=', max(dates)),
                    ('end_date', '>=', min(dates)),
                    ]]
        periods = Period.search(domain, order=[('start_date', 'DESC')])
        self.periods = {p.id: p for p in periods}
        self._by_date = {}
        for date in dates:
            self._by_date[date] = next((
                    p for p in periods if p.type == 'standard'
                    and p.company == self.company
                    and p.start_date <= date <= p.end_date), None)

    def period(self, entry):
        if entry.period is not None:
            return self.periods.get(entry.period)
        return self._by_date[entry.date]

    def check(self):
        "Raise an error that names all that is refused"
        for entry in self.entries:
            for message in self._entry_faults(entry):
                self._add(entry, message)
            for line in entry.lines:
                for message in self._line_faults(line, entry):
                    self._add(entry, message, line)
        for journal, period in _closed_journal_periods({
                    (e.journal, p.id) for e in self.entries
                    if (p := self.period(e))}):
            for entry in self.entries:
                if (entry.journal == journal
                        and self.period(entry).id == period.period.id):
                    self._add(entry, gettext(
                            'account.msg_modify_line_closed_journal_period',
                            journal_period=period.rec_name))
        if self.faults:
            self._raise()

    def _add(self, entry, message, line=None):
        self.faults.append((entry, message, line))

    def _raise(self):
        if len(self.faults) == 1:
            raise EntryError(self._text(*self.faults[0]))
        texts = [self._text(*fault) for fault in self.faults[:SHOWN]]
        if more := len(self.faults) - SHOWN:
            if more > 0:
                texts.append(gettext('coop_ledger.msg_entry_more', n=more))
        raise EntryError(gettext(
                'coop_ledger.msg_entries_refused',
                n=len(self.faults), faults='\n'.join(texts)))

    def _text(self, entry, message, line=None):
        Lang = Pool().get('ir.lang')
        lang = Lang.get()
        values = {
            'date': lang.strftime(entry.date),
            'entry': entry.description or '',
            'message': message,
            }
        if line is None:
            return gettext('coop_ledger.msg_entry_fault', **values)
        account = self.accounts.get(line.account)
        return gettext(
            'coop_ledger.msg_entry_line_fault',
            account=account.code if account else line.account,
            amount=lang.currency(
                line.debit - line.credit, self.company.currency),
            **values)

    def _entry_faults(self, entry):
        period = self.period(entry)
        lang = Pool().get('ir.lang').get()
        if entry.journal not in self.journals:
            yield gettext(
                'coop_ledger.msg_entry_unknown', model="account.journal",
                id=entry.journal)
        if period is None:
            yield gettext(
                'account.msg_no_period_date',
                date=lang.strftime(entry.date),
                company=self.company.rec_name)
        elif (period.company != self.company
                or not period.start_date <= entry.date <= period.end_date):
            yield gettext(
                'coop_ledger.msg_entry_period', period=period.rec_name)
        elif period.state != 'open':
            yield gettext(
                'account.msg_no_open_period_date',
                date=lang.strftime(entry.date), period=period.rec_name,
                company=self.company.rec_name)
        if not entry.lines:
            yield gettext('coop_ledger.msg_entry_empty')
        balance = sum(
            (line.debit - line.credit for line in entry.lines), Decimal(0))
        if balance:
            yield gettext(
                'coop_ledger.msg_entry_unbalanced',
                debit=sum(line.debit for line in entry.lines),
                credit=sum(line.credit for line in entry.lines))

    def _line_faults(self, line, entry):
        yield from self._account_faults(line, entry)
        yield from self._amount_faults(line.debit, line.credit)
        if line.party is not None and line.party not in self.parties:
            yield gettext(
                'coop_ledger.msg_entry_unknown', model="party.party",
                id=line.party)
        if (line.second_currency is not None
                or line.amount_second_currency is not None):
            yield from self._currency_faults(line)
        for part in line.parts:
            yield from self._amount_faults(part.debit, part.credit)
            account = self.analytic_accounts.get(part.account)
            if account is None:
                yield gettext(
                    'coop_ledger.msg_entry_unknown',
                    model="analytic_account.account", id=part.account)
            elif (account.type != 'normal'
                    or account.company != self.company.id):
                yield gettext(
                    'coop_ledger.msg_entry_analytic', account=account.name)

    def _account_faults(self, line, entry):
        account = self.accounts.get(line.account)
        if account is None or account.company != self.company.id:
            yield gettext(
                'coop_ledger.msg_entry_unknown', model="account.account",
                id=line.account)
            return
        if (account.type is None or account.closed
                or account.start_date and account.start_date > entry.date
                or account.end_date and account.end_date < entry.date):
            yield gettext(
                'account.msg_line_closed_account', account=account.code)
        if account.party_required and line.party is None:
            yield gettext('coop_ledger.msg_entry_party_required')
        elif line.party is not None and not account.party_required:
            yield gettext('coop_ledger.msg_entry_party_set')
        if (account.second_currency
                and line.second_currency != account.second_currency):
            yield gettext('coop_ledger.msg_entry_second_currency')

    def _amount_faults(self, debit, credit):
        if debit and credit:
            yield gettext('account.msg_line_debit_credit')
        for amount in (debit, credit):
            if _has_more_digits(amount, self.digits):
                yield gettext(
                    'coop_ledger.msg_entry_digits',
                    amount=amount, digits=self.digits)

    def _currency_faults(self, line):
        amount, currency = line.amount_second_currency, line.second_currency
        digits = self.currencies.get(currency)
        if (digits is None or amount is None
                or currency == self.company.currency.id):
            yield gettext('coop_ledger.msg_entry_second_currency')
            return
        if _has_more_digits(amount, digits):
            yield gettext(
                'coop_ledger.msg_entry_digits', amount=amount, digits=digits)
        if amount * (line.debit - line.credit) < 0:
            yield gettext('account.msg_line_second_currency_sign')


def _has_more_digits(amount, digits):
    return (
        amount.as_tuple().exponent < -digits
        and amount != round(amount, digits))


def _rows(query):
    cursor = Transaction().connection.cursor()
    cursor.execute(*query)
    return cursor.fetchall()


def _existing(model, ids):
    "Return those of the ids that exist"
    if not ids:
        return set()
    table = Pool().get(model).__table__()
    return {id_ for id_, in _rows(table.select(
                table.id,
                where=fields.SQL_OPERATORS['in'](table.id, list(ids))))}


class _Account:
    "What the checks need of an account"
    __slots__ = (
        'id', 'code', 'company', 'type', 'closed', 'start_date', 'end_date',
        'party_required', 'second_currency', 'reconcile', 'is_income')

    def __init__(self, *values):
        for name, value in zip(self.__slots__, values, strict=True):
            setattr(self, name, value)


def _read_accounts(ids):
    pool = Pool()
    account = pool.get('account.account').__table__()
    type_ = pool.get('account.account.type').__table__()
    rows = _rows(account
        .join(type_, 'LEFT', condition=account.type == type_.id)
        .select(
            account.id, account.code, account.company, account.type,
            account.closed, account.start_date, account.end_date,
            account.party_required, account.second_currency,
            account.reconcile, type_.statement,
            where=fields.SQL_OPERATORS['in'](account.id, list(ids))))
    return {row[0]: _Account(*row[:-1], row[-1] == 'income') for row in rows}


class _AnalyticAccount:
    __slots__ = ('id', 'name', 'type', 'company', 'root')

    def __init__(self, *values):
        for name, value in zip(self.__slots__, values, strict=True):
            setattr(self, name, value)


def _read_analytic_accounts(ids):
    account = Pool().get('analytic_account.account').__table__()
    return {row[0]: _AnalyticAccount(*row) for row in _rows(account.select(
                account.id, account.name, account.type, account.company,
                account.root,
                where=fields.SQL_OPERATORS['in'](account.id, list(ids))))}


def _read_currency_digits():
    currency = Pool().get('currency.currency').__table__()
    return dict(_rows(currency.select(currency.id, currency.digits)))


def _closed_journal_periods(pairs):
    """Yield the closed periods of journals with the id of their journal, and
    make those that are missing, as posting does"""
    JournalPeriod = Pool().get('account.journal.period')
    known = {
        (p.journal.id, p.period.id): p for p in JournalPeriod.search([
                ('journal', 'in', list({j for j, _ in pairs})),
                ('period', 'in', list({p for _, p in pairs})),
                ], order=[])}
    for pair in sorted(pairs & known.keys()):
        if known[pair].state == 'closed':
            yield pair[0], known[pair]
    if missing := sorted(pairs - known.keys()):
        JournalPeriod.lock()
        JournalPeriod.create([
                {'journal': journal, 'period': period}
                for journal, period in missing])


