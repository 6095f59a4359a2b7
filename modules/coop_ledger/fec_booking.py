# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Book the entries of a FEC: whole, or not at all

Each step works on all the lines at once; what cannot be taken is told at
the end of the steps, all together, and nothing is posted then.
"""
from bisect import bisect_right
from collections import Counter, defaultdict

from trytond.pool import Pool
from trytond.transaction import Transaction

from .bulk import insert
from .entry import Entry, EntryLine
from .entry_data import analytic_line
from .fec_accounts import Accounts
from .fec_letters import Letters
from .fec_parties import Parties
from .files.chart import journal_type
from .files.problem import refuse
from .planner import refresh_statistics
from .update import assign


class FecBooking:

    def __init__(self, import_, fec):
        self.import_ = import_
        self.company = import_.company
        self.fec = fec
        self.counts = Counter()

    def book(self):
        """Post the entries that are new, and reconcile the letters

        Return what was done as counts by name.
        """
        refuse(self.fec.problems)
        new = self._find_new()
        lines = [line for entry in new for line in entry.lines]
        if lines:
            self._check_periods(new)
            self._note_opening(new)
            journals = self._make_journals(lines)
            accounts = Accounts(self.company, self.fec, lines)
            rows = accounts.make()
            refuse(self.fec.problems)
            parties = Parties(self.company, self.fec, rows)
            self._post(new, lines, journals, parties, parties.make(lines))
            self.counts.update(
                accounts=accounts.created, parties=parties.created)
        letters = Letters(self.company, self.fec)
        self.counts['reconciliations'] = letters.reconcile()
        self.counts.update(
            entries=len(self.fec.entries), lines=len(self.fec.lines),
            new_entries=len(new), new_lines=len(lines))
        return self.counts

    # What is known

    def _find_new(self):
        """Return the entries that were not imported yet

        A posted entry cannot be changed: an entry that comes with other
        lines is refused.
        """
        pool = Pool()
        FecEntry = pool.get('coop.fec.entry')
        Move = pool.get('account.move')
        known = {
            key: (digest, move) for key, digest, move in FecEntry.imported(
                self.company, self.fec, ['key', 'digest', 'move'])}
        new = []
        for entry in self.fec.entries:
            if entry.key not in known:
                new.append(entry)
                continue
            digest, move = known.pop(entry.key)
            if digest != entry.digest:
                first = entry.lines[0]
                self.fec.problem(
                    'fec_changed', line=first.number, column='EcritureNum',
                    value=first.entry or first.piece,
                    number=Move(move).number, journal=entry.journal,
                    date=entry.date, lines=entry.numbers)
        if known:
            self.fec.note('fec_gone', count=len(known))
        refuse(self.fec.problems)
        return new

    # Fiscal year and periods

    def _check_periods(self, entries):
        "Add a problem for each date without an open period"
        dates = defaultdict(list)
        for entry in entries:
            dates[entry.date].extend(entry.numbers)
        if not self._periods(dates):
            self._create_fiscalyear(dates)
        periods = self._periods(dates)
        starts = [p.start_date for p in periods]
        faults = defaultdict(list)
        for date, numbers in sorted(dates.items()):
            i = bisect_right(starts, date) - 1
            period = periods[i] if i >= 0 else None
            if not period or period.end_date < date:
                self.fec.problem(
                    'fec_no_period', line=min(numbers),
                    column='EcritureDate', value=date.strftime('%Y%m%d'),
                    lines=numbers)
            elif period.state != 'open':
                faults[period].extend(numbers)
        for period, numbers in faults.items():
            self.fec.problem(
                'fec_closed_period', line=min(numbers),
                column='EcritureDate', period=period.rec_name, lines=numbers)

    def _periods(self, dates):
        Period = Pool().get('account.period')
        return Period.search([
                ('company', '=', self.company.id),
                ('type', '=', 'standard'),
                ('start_date', '<=', max(dates)),
                ('end_date', '>=', min(dates)),
                ], order=[('start_date', 'ASC')])

    def _create_fiscalyear(self, dates):
        "Create the fiscal year of the file, if there is none around it"
        pool = Pool()
        FecImport = pool.get('coop.fec.import')
        FiscalYear = pool.get('account.fiscalyear')
        if not self.fec.closing_date:
            return
        start, end = self.fec.fiscal_year
        if FiscalYear.search([
                    ('company', '=', self.company.id),
                    ('start_date', '<=', end),
                    ('end_date', '>=', start),
                    ], limit=1, order=[]):
            return
        fiscalyear = FecImport._get_fiscalyear(self.company, start, end)
        fiscalyear.save()
        FiscalYear.create_period([fiscalyear])
        self.counts['fiscalyears'] = 1

    def _note_opening(self, entries):
        """Warn when the file opens a year that the ledger carries forward

        Tryton carries balances from a year to the next by itself.
        """
        Move = Pool().get('account.move')
        start, _ = self.fec.fiscal_year
        lines = [
            line.number for entry in entries for line in entry.lines
            if start == entry.date and journal_type(
                line.journal, line.journal_name, []) == 'situation']
        if lines and Move.search([
                    ('company', '=', self.company.id),
                    ('date', '<', start),
                    ('state', '=', 'posted'),
                    ], limit=1, order=[]):
            self.fec.note('fec_opening', start=start, lines=lines)

    # Journals

    def _make_journals(self, lines):
        "Return the ids of the journals by code; companies share them"
        Journal = Pool().get('account.journal')
        uses = defaultdict(list)
        for line in lines:
            uses[line.journal].append(line)
        with Transaction().set_context(active_test=False):
            journals = {
                j.code: j.id for j in Journal.search(
                    [('code', 'in', list(uses))], order=[('id', 'DESC')])}
        missing = [code for code in sorted(uses) if code not in journals]
        created = Journal.create([{
                    'code': code,
                    'name': uses[code][0].journal_name,
                    'type': journal_type(
                        code, uses[code][0].journal_name,
                        [line.account for line in uses[code]]),
                    } for code in missing])
        self.counts['journals'] = len(created)
        journals.update((j.code, j.id) for j in created)
        return journals

    # Posting

    def _post(self, entries, lines, journals, parties, party_ids):
        pool = Pool()
        FecImport = pool.get('coop.fec.import')
        FecEntry = pool.get('coop.fec.entry')
        Move = pool.get('account.move')
        parts = FecImport._get_parts(self.company, self.fec, lines)
        refuse(self.fec.problems)
        currencies = self._currencies(lines)
        entry_lines = iter([
                self._entry_line(
                    line, part, parties, party_ids, currencies)
                for line, part in zip(lines, parts, strict=True)])
        entries = sorted(
            zip(entries, [
                    tuple(next(entry_lines) for _ in e.lines)
                    for e in entries]),
            key=lambda e: (e[0].date, e[0].lines[0].number))
        self._note_currencies()
        # The origin of a posted move cannot be written afterwards
        names = [
            'import_', 'company', 'date', 'key', 'digest', 'piece',
            'piece_date']
        ids = insert(FecEntry, names, [
                (self.import_.id, self.company.id, e.date, e.key, e.digest,
                    _piece(e.lines), e.lines[0].piece_date)
                for e, _ in entries])
        posted = Move.post_entries(self.company, [
                Entry(
                    journal=journals[entry.journal],
                    date=entry.date,
                    description=_description(entry.lines[0]),
                    origin=f'{FecEntry.__name__},{id_}',
                    lines=book_lines)
                for id_, (entry, book_lines) in zip(ids, entries)])
        assign(FecEntry, 'move', zip(ids, [p.move for p in posted]))
        refresh_statistics(*filter(None, [
                    FecEntry, Move, pool.get('account.move.line'),
                    analytic_line()]))

    def _entry_line(self, line, parts, parties, party_ids, currencies):
        account = parties.accounts[line.account]
        currency, amount = self._currency(line, currencies)
        code = parties.code(line)
        return EntryLine(
            account=account.id,
            debit=line.debit,
            credit=line.credit,
            party=party_ids[code] if code is not None else None,
            description=line.label or None,
            maturity_date=line.date if account.due else None,
            second_currency=currency,
            amount_second_currency=amount,
            parts=parts)

    def _currencies(self, lines):
        Currency = Pool().get('currency.currency')
        self.left_currencies = defaultdict(list)
        codes = {
            line.currency.upper() for line in lines
            if line.currency and line.currency_amount}
        if not codes:
            return {}
        return {
            c.code: c for c in Currency.search([('code', 'in', list(codes))])}

    def _currency(self, line, currencies):
        """Return the second currency of the line and its amount

        Packages write it with a sign or not: it has that of the line.
        """
        code = line.currency.upper()
        amount = line.currency_amount
        if not code or not amount or code == self.company.currency.code:
            return None, None
        currency = currencies.get(code)
        balance = line.debit - line.credit
        if not currency or not balance or currency.round(amount) != amount:
            self.left_currencies[code].append(line.number)
            return None, None
        return currency.id, amount.copy_sign(balance)

    def _note_currencies(self):
        for code, numbers in sorted(self.left_currencies.items()):
            self.fec.note('fec_currency', currency=code, lines=numbers)


def _piece(lines):
    "Return the references of the vouchers of an entry"
    return ' '.join(dict.fromkeys(x.piece for x in lines if x.piece)) or None


def _description(line):
    return ' '.join(x for x in [line.piece, line.label] if x) or None
