# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Reconcile the lines that a FEC marks with the same letters"""
import datetime
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from trytond.model import fields
from trytond.pool import Pool
from trytond.transaction import Transaction

from .fec_parties import auxiliary_code, read_parties
from .files.fec_entry import balance
from .reconcile import reconcile


class _Line(NamedTuple):
    key: str
    date: datetime.date
    account: int
    code: str
    reconcile: bool
    id: int
    party: int | None
    debit: Decimal
    credit: Decimal
    description: str | None
    state: str
    reconciliation: int | None
    second_currency: int | None
    amount_second_currency: Decimal | None


class Letters:
    """The letters of a file

    Lines of the same account, auxiliary account and letters are reconciled
    when they balance; if packages used the letters again, those of the same
    date are.
    Letters can come later than the entry: lines of former imports are
    reconciled as well.
    """

    def __init__(self, company, fec):
        self.company = company
        self.fec = fec

    def reconcile(self):
        "Reconcile what can be and return the number of reconciliations"
        groups = self._groups()
        if not groups:
            return 0
        ids = self._match(groups)
        found = []
        for group in groups:
            lines = [
                ids[line.number] for line in group if line.number in ids]
            open_ = [x for x in lines if not x.reconciliation]
            if lines and not open_:
                continue
            if len(lines) == len(group) and self._can_reconcile(open_):
                found.append(open_)
            else:
                self._leave(group)
        self._note()
        return self._create(found)

    def _groups(self):
        "Return the lists of lines of the file to reconcile"
        self.left = {}
        by_letter = defaultdict(list)
        for line in self.fec.lines:
            if line.letter:
                by_letter[
                    line.account, line.auxiliary, line.letter].append(line)
        groups = []
        for lines in by_letter.values():
            if not balance(lines):
                groups.append(lines)
                continue
            by_date = defaultdict(list)
            for line in lines:
                by_date[line.letter_date].append(line)
            for lines in by_date.values():
                if not balance(lines):
                    groups.append(lines)
                else:
                    self._leave(lines)
        if not groups:
            self._note()
        return groups

    def _leave(self, lines):
        line = lines[0]
        name = ' '.join(
            x for x in [line.account, line.auxiliary, line.letter] if x)
        self.left[name] = None

    def _note(self, shown=20):
        if self.left:
            names = list(self.left)
            if len(names) > shown:
                names = names[:shown] + ['…']
            self.fec.note(
                'fec_letters', count=len(self.left), letters=names)

    def _match(self, groups):
        "Return the lines of the ledger by line number of the file"
        wanted = {line.number for lines in groups for line in lines}
        entries = [
            e for e in self.fec.entries if not wanted.isdisjoint(e.numbers)]
        stock = defaultdict(list)
        for line in reversed(self._read({e.key for e in entries})):
            values = [
                line.key, line.code, line.debit, line.credit,
                line.description or '']
            stock[*values, line.party].append(line)
            # The party may have been replaced since the line was posted
            stock[*values, None].append(line)
        parties = read_parties(self.company)
        found, used = {}, set()
        for entry in entries:
            for line in entry.lines:
                values = [
                    entry.key, line.account, line.debit, line.credit,
                    line.label]
                party = parties.get(auxiliary_code(line))
                for candidates in [
                        stock[*values, party], stock[*values, None]]:
                    while candidates and candidates[-1].id in used:
                        candidates.pop()
                    if candidates:
                        match = found[line.number] = candidates.pop()
                        used.add(match.id)
                        break
        return found

    def _read(self, keys):
        """Return the lines of the imported entries with these keys

        Joins would mislead PostgreSQL, which has no statistics yet of what
        was just inserted.
        """
        pool = Pool()
        FecEntry = pool.get('coop.fec.entry')
        line = pool.get('account.move.line').__table__()
        account = pool.get('account.account').__table__()
        cursor = Transaction().connection.cursor()
        moves = {
            move: (key, date) for move, key, date in FecEntry.imported(
                self.company, self.fec, ['move', 'key', 'date'])
            if key in keys}
        cursor.execute(*account.select(
                account.id, account.code, account.reconcile,
                where=account.company == self.company.id))
        accounts = {id_: values for id_, *values in cursor}
        cursor.execute(*line.select(
                line.move, line.account, line.id, line.party, line.debit,
                line.credit, line.description, line.state,
                line.reconciliation, line.second_currency,
                line.amount_second_currency,
                where=fields.SQL_OPERATORS['in'](line.move, list(moves)),
                order_by=[line.id]))
        return [
            _Line(*moves[move], id_, *accounts[id_], *values)
            for move, id_, *values in cursor]

    def _can_reconcile(self, lines):
        "Test what Tryton tests before it reconciles lines"
        return (bool(lines)
            and not any(x.reconciliation for x in lines)
            and all(x.state == 'valid' for x in lines)
            and len({x.account for x in lines}) == 1
            and len({x.party for x in lines}) == 1
            and not balance(lines)
            and self._is_balanced_in_currency(lines))

    def _is_balanced_in_currency(self, lines):
        # A difference of exchange would ask for an entry that the file has
        # not: it is left to the user
        currencies = {x.second_currency for x in lines}
        return len(currencies) > 1 or not sum(
            (x.amount_second_currency or 0) for x in lines)

    def _allow(self, groups):
        "Let the accounts of the lines be reconciled"
        Account = Pool().get('account.account')
        accounts = {
            lines[0].account: lines[0].code for lines in groups
            if not lines[0].reconcile}
        if accounts:
            # Else the next update of the chart would take it back
            Account.write(Account.browse(list(accounts)), {
                    'reconcile': True,
                    'template_override': True,
                    })
            self.fec.note(
                'fec_account_reconcile', accounts=sorted(accounts.values()))

    def _create(self, groups):
        self._allow(groups)
        return len(reconcile(self.company, [
                    (max(x.date for x in lines), [x.id for x in lines])
                    for lines in groups]))
