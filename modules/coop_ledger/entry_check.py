# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""All that Tryton would refuse when an entry is created and posted.

All that is refused is said at once.
"""
from decimal import Decimal
from math import nan

from trytond.i18n import gettext
from trytond.pool import Pool

from .entry_data import analytic_line
from .exceptions import EntryError

SHOWN = 20
ZERO = Decimal(0)


def check_entries(data):
    "Raise an error that names all that is refused of the entries"
    checker = Checker(data)
    checker.check()
    if checker.faults:
        raise EntryError(checker.message())


class Checker:

    def __init__(self, data):
        pool = Pool()
        Move = pool.get('account.move')
        Line = pool.get('account.move.line')
        self.data = data
        self.company = data.company
        self.digits = data.digits
        self.rounding = data.company.currency.rounding
        self.faults = []
        self.entry = self.line = None
        self._origins = {
            Model: {name for name, _ in Model.get_origin() if name}
            for Model in [Move, Line]}
        self._forbidden = {
            Model: set(Model.description.forbidden_chars)
            for Model in [Move, Line]}
        self.Move, self.Line = Move, Line
        self.has_analytic = bool(analytic_line())

    def check(self):
        for self.entry, period in zip(self.data.entries, self.data.periods):
            self.line = None
            self._check_journal()
            self._check_period(period)
            self._check_texts(self.Move, self.entry)
            amounts = len(self.faults)
            for self.line in self.entry.lines:
                self._check_line()
            self.line = None
            if len(self.faults) == amounts:
                self._check_balance()
        self._check_journal_periods()

    def _add(self, message, **values):
        self.faults.append((self.entry, self.line, gettext(message, **values)))

    def _add_unknown(self, model, id_):
        self._add(
            'coop_ledger.msg_entry_unknown', id=id_,
            model=Pool().get(model).__names__()['model'])

    def _check_journal(self):
        if self.entry.journal not in self.data.journals:
            self._add_unknown('account.journal', self.entry.journal)

    def _check_period(self, period):
        date = self.entry.date
        if period is None:
            self._add(
                'account.msg_no_period_date', date=self._date(date),
                company=self.company.rec_name)
        elif (period.company != self.company.id
                or not period.start_date <= date <= period.end_date):
            self._add(
                'coop_ledger.msg_entry_period', period=_rec_name(period))
        elif period.state != 'open':
            self._add(
                'account.msg_no_open_period_date', date=self._date(date),
                period=_rec_name(period), company=self.company.rec_name)

    def _check_balance(self):
        lines = self.entry.lines
        if not lines:
            self._add('coop_ledger.msg_entry_empty')
        debit = sum((line.debit for line in lines), ZERO)
        credit = sum((line.credit for line in lines), ZERO)
        # Not more than Tryton asks: a currency may have a coarse rounding
        if debit != credit and abs(debit - credit) >= self.rounding:
            self._add(
                'coop_ledger.msg_entry_unbalanced', debit=debit, credit=credit)

    def _check_texts(self, Model, record):
        text = record.description
        if text and not text.isprintable():
            found = self._forbidden[Model] & set(text.strip())
            if found:
                self._add(
                    'coop_ledger.msg_entry_characters', text=text,
                    characters=' '.join(map(repr, sorted(found))))
        if record.origin is not None:
            name, _, id_ = record.origin.partition(',')
            if name not in self._origins[Model] or not id_.isdecimal():
                self._add(
                    'coop_ledger.msg_entry_origin', origin=record.origin)

    def _check_line(self):
        line = self.line
        if not self._check_amounts(line):
            return
        account = self.data.accounts.get(line.account)
        if account is None or account.company != self.company.id:
            self._add_unknown('account.account', line.account)
        else:
            self._check_account(account)
            if line.party is None:
                if account.party_required:
                    self._add('coop_ledger.msg_entry_party_required')
            elif not account.party_required:
                self._add('coop_ledger.msg_entry_party_set')
            if (account.second_currency is not None
                    or line.second_currency is not None
                    or line.amount_second_currency is not None):
                self._check_second_currency(account)
        if line.party is not None and line.party not in self.data.parties:
            self._add_unknown('party.party', line.party)
        if line.description is not None or line.origin is not None:
            self._check_texts(self.Line, line)
        if line.parts:
            self._check_parts()

    def _check_account(self, account):
        date = self.entry.date
        if (account.type is None or account.closed
                or account.start_date and account.start_date > date
                or account.end_date and account.end_date < date):
            self._add(
                'account.msg_line_closed_account', account=account.code)

    def _check_amounts(self, record):
        "Check the debit and the credit and return if they are amounts"
        debit, credit = record.debit, record.credit
        valid = self._check_digits(debit, self.digits)
        valid &= self._check_digits(credit, self.digits)
        if valid and debit and credit:
            self._add('account.msg_line_debit_credit')
        return valid

    def _check_digits(self, amount, digits):
        if _digits(amount) <= digits:
            return True
        if _is_padded(amount, digits):
            self.data.is_padded = True
            return True
        self._add(
            'coop_ledger.msg_entry_digits', amount=amount, digits=digits)
        return False

    def _check_second_currency(self, account):
        line = self.line
        currency, amount = line.second_currency, line.amount_second_currency
        expected = account.second_currency
        if currency is None:
            if expected is not None or amount:
                self._add('coop_ledger.msg_entry_second_currency')
            return
        if (amount is None
                or expected is not None and currency != expected
                or expected is None and currency == self.company.currency.id):
            self._add('coop_ledger.msg_entry_second_currency')
            return
        digits = self.data.currency_digits.get(currency)
        if digits is None:
            self._add_unknown('currency.currency', currency)
        elif (self._check_digits(amount, digits)
                and amount * (line.debit - line.credit) < 0):
            self._add('account.msg_line_second_currency_sign')

    def _check_parts(self):
        accounts = self.data.analytic_accounts
        company = self.company.id
        if not self.has_analytic:
            self._add('coop_ledger.msg_entry_no_analytic')
            return
        for part in self.line.parts:
            self._check_amounts(part)
            account = accounts.get(part.account)
            if account is None:
                self._add_unknown('analytic_account.account', part.account)
            elif account.type != 'normal' or account.company != company:
                self._add(
                    'coop_ledger.msg_entry_analytic', account=account.name)

    def _check_journal_periods(self):
        self.line = None
        closed = {
            key: journal_period
            for key, journal_period in self.data.journal_periods().items()
            if journal_period.state == 'closed'}
        if not closed:
            return
        for self.entry, period in zip(self.data.entries, self.data.periods):
            key = self.entry.journal, period.id if period else None
            if key in closed:
                self._add(
                    'account.msg_modify_line_closed_journal_period',
                    journal_period=closed[key].rec_name)

    def message(self):
        if len(self.faults) == 1:
            return self._text(*self.faults[0])
        texts = [self._text(*fault) for fault in self.faults[:SHOWN]]
        more = len(self.faults) - SHOWN
        if more > 0:
            texts.append(gettext('coop_ledger.msg_entry_more', n=more))
        return gettext(
            'coop_ledger.msg_entries_refused',
            n=len(self.faults), faults='\n'.join(texts))

    def _text(self, entry, line, message):
        journal = self.data.journals.get(entry.journal)
        values = {
            'date': self._date(entry.date),
            'entry': ' '.join(filter(None, [
                        journal.code if journal else None,
                        entry.description])),
            'message': message,
            }
        if line is None:
            return gettext('coop_ledger.msg_entry_fault', **values)
        account = self.data.accounts.get(line.account)
        return gettext(
            'coop_ledger.msg_entry_line_fault',
            account=account.code if account else line.account,
            amount=self._amount(line), **values)

    def _amount(self, line):
        amounts = [line.debit, line.credit]
        if all(_digits(amount) <= self.digits for amount in amounts):
            lang = Pool().get('ir.lang').get()
            return lang.currency(
                line.debit - line.credit, self.company.currency)
        return f'{line.debit} - {line.credit}'

    @staticmethod
    def _date(date):
        return Pool().get('ir.lang').get().strftime(date)


def _rec_name(period):
    return Pool().get('account.period')(period.id).rec_name


def _digits(amount):
    "Return the decimals that a number is written with, or nan"
    if type(amount) is Decimal:
        exponent = amount.as_tuple().exponent
        if type(exponent) is int:
            return -exponent
    return nan


def _is_padded(amount, digits):
    "Return if only zeros are written beyond the digits of the currency"
    written = _digits(amount)
    return written > digits and not any(
        amount.as_tuple().digits[digits - written:])
