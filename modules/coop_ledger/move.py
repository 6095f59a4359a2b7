# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .bulk import insert
from .entry import Entry, EntryLine, Part, PostedEntry
from .entry_check import Checker
from .exceptions import EntryError

ZERO = Decimal(0)


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def post_entries(cls, company, entries):
        """Create and post a move for each entry of the company.

        The number of queries does not depend on the number of entries.
        Every check of Tryton is made; nothing is written when one fails, and
        all that is refused is said at once.
        """
        entries = list(entries)
        if not entries:
            return []
        _check_access()
        checker = Checker(company, entries)
        checker.check()
        numbers = cls._entry_numbers(checker)
        moves = cls._insert_moves(checker, numbers)
        lines = _insert_lines(checker, moves)
        parts = _insert_parts(checker, lines)
        _apply_analytic_rules(checker, lines)
        _reconcile_zero(checker, lines)
        return [
            PostedEntry(move, number, line_ids, part_ids)
            for move, number, line_ids, part_ids in zip(
                moves, numbers, lines, parts)]

    @classmethod
    def _entry_numbers(cls, checker):
        positions = defaultdict(list)
        for i, entry in enumerate(checker.entries):
            positions[checker.period(entry).move_sequence_used].append(i)
        numbers = [None] * len(checker.entries)
        for sequence, indices in positions.items():
            for i, number in zip(indices, sequence.get_many(len(indices))):
                numbers[i] = number
        return numbers

    @classmethod
    def _insert_moves(cls, checker, numbers):
        Date = Pool().get('ir.date')
        company = checker.company
        with Transaction().set_context(company=company.id):
            today = Date.today()
        return insert(cls, [
                'company', 'period', 'journal', 'date', 'description',
                'origin', 'number', 'post_date', 'state'],
            [(company.id, checker.period(entry).id, entry.journal, entry.date,
                    entry.description, entry.origin, number, today, 'posted')
                for entry, number in zip(checker.entries, numbers)])

    @classmethod
    def reverse_entries(
            cls, moves, date=None, origin=None, description=None):
        """Post the mirror of posted moves, with their analytic lines.

        The mirror has the date of its move unless another is given; lines of
        accounts that are reconciled are reconciled with their mirror.
        origin is that of all the mirrors, or a dictionary of them by id of
        the move.
        """
        moves = cls.browse(sorted(set(map(int, moves))))
        if not moves:
            return []
        _check_reversible(moves)
        sources = _read_sources(moves)
        posted = []
        companies = defaultdict(list)
        for move in moves:
            companies[move.company].append(move)
        for company, company_moves in companies.items():
            entries = [
                _mirror(move, sources[move.id], date, origin, description)
                for move in company_moves]
            mirrors = cls.post_entries(company, entries)
            _reconcile_mirrors(
                [sources[move.id] for move in company_moves], mirrors)
            posted.extend(mirrors)
        return posted


def _check_access():
    "Posting in bulk asks for the same rights as posting"
    if Transaction().check_access:
        ModelAccess = Pool().get('ir.model.access')
        for name in ['account.move', 'account.move.line']:
            ModelAccess.check(name, 'create')


def _analytic():
    "Return the model of analytic lines, None if the module is not active"
    try:
        return Pool().get('analytic_account.line')
    except KeyError:
        return None


def _insert_lines(checker, moves):
    "Insert the lines and return their ids by entry"
    Line = Pool().get('account.move.line')
    names = [
        'move', 'account', 'debit', 'credit', 'party', 'description',
        'maturity_date', 'origin', 'second_currency',
        'amount_second_currency', 'state']
    analytic = _analytic()
    if analytic:
        names.append('analytic_state')
        state = _analytic_states(checker)
    rows = []
    for move, entry in zip(moves, checker.entries):
        for line in entry.lines:
            row = (
                move, line.account, line.debit, line.credit, line.party,
                line.description, line.maturity_date, line.origin,
                line.second_currency, line.amount_second_currency, 'valid')
            rows.append((*row, state(line)) if analytic else row)
    ids = iter(insert(Line, names, rows))
    return [[next(ids) for _ in entry.lines] for entry in checker.entries]


def _analytic_states(checker):
    "Return a function that tells the analytic state of a line"
    AnalyticAccount = Pool().get('analytic_account.account')
    roots = {
        r.id for r in AnalyticAccount.search([
                ('parent', '=', None),
                ('company', '=', checker.company.id),
                ], order=[])}

    def state(line):
        is_income = checker.accounts[line.account].is_income
        amounts = defaultdict(Decimal)
        for part in line.parts:
            root = checker.analytic_accounts[part.account].root
            amounts[root] += part.debit - part.credit
        if is_income and not roots <= amounts.keys():
            return 'draft'
        amount = line.debit - line.credit
        if all(a == amount for a in amounts.values()):
            return 'valid'
        return 'draft'
    return state


def _insert_parts(checker, lines):
    "Insert the analytic lines and return their ids by entry and line"
    rows = [
        (id_, part.account, part.debit, part.credit, entry.date)
        for entry, ids in zip(checker.entries, lines)
        for line, id_ in zip(entry.lines, ids)
        for part in line.parts]
    ids = iter(insert(_analytic(),
            ['move_line', 'account', 'debit', 'credit', 'date'], rows)
        if rows else [])
    return [
        [[next(ids) for _ in line.parts] for line in entry.lines]
        for entry in checker.entries]


def _apply_analytic_rules(checker, lines):
    "Let the rules of the co-op fill the lines that came without parts"
    if not _analytic():
        return
    pool = Pool()
    Line = pool.get('account.move.line')
    Rule = pool.get('analytic_account.rule')
    if not Rule.search([], limit=1, order=[]):
        return
    missing = Line.browse([
            id_ for entry, ids in zip(checker.entries, lines)
            for line, id_ in zip(entry.lines, ids)
            if not line.parts and checker.accounts[line.account].is_income])
    Line.apply_rule(missing)
    Line.save(missing)


def _reconcile_zero(checker, lines):
    "Reconcile the lines without amount, as posting does"
    Line = Pool().get('account.move.line')
    groups = defaultdict(list)
    for entry, ids in zip(checker.entries, lines):
        for line, id_ in zip(entry.lines, ids):
            if (not line.debit and not line.credit
                    and not line.amount_second_currency
                    and checker.accounts[line.account].reconcile):
                groups[line.account, line.party].append(id_)
    if groups:
        Line.reconcile(*(Line.browse(ids) for ids in groups.values()))


def _check_reversible(moves):
    Line = Pool().get('account.move.line')
    faults = {}
    for move in moves:
        if move.state != 'posted':
            faults[move.id] = gettext(
                'coop_ledger.msg_reverse_not_posted', move=move.rec_name)
    lines = [line for move in moves for line in move.lines]
    for mirror in Line.search([
                ('origin', 'in', [str(line) for line in lines]),
                ], order=[('id', 'ASC')]):
        faults.setdefault(mirror.origin.move.id, gettext(
                'coop_ledger.msg_reverse_twice',
                move=mirror.origin.move.rec_name,
                mirror=mirror.move.rec_name))
    for line in lines:
        if line.reconciliation and (line.debit or line.credit):
            faults.setdefault(line.move.id, gettext(
                    'coop_ledger.msg_reverse_reconciled',
                    move=line.move.rec_name, line=line.rec_name,
                    reconciliation=line.reconciliation.rec_name))
    if faults:
        raise EntryError('\n'.join(faults.values()))


class _Source:
    "A line of a move to reverse, with its analytic lines"

    def __init__(self, id_, account, reconcile, *values):
        self.id = id_
        self.account = account
        self.reconcile = reconcile
        (self.debit, self.credit, self.party, self.description,
            self.maturity_date, self.second_currency,
            self.amount_second_currency) = values
        self.parts = []

    def mirror(self):
        amount = self.amount_second_currency
        return EntryLine(
            account=self.account, debit=self.credit, credit=self.debit,
            party=self.party, description=self.description,
            maturity_date=self.maturity_date,
            origin=f'account.move.line,{self.id}',
            second_currency=self.second_currency,
            amount_second_currency=-amount if amount else amount,
            parts=tuple(
                Part(account, debit=credit, credit=debit)
                for account, debit, credit in self.parts))


def _read_sources(moves):
    "Return the lines of the moves, by move"
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    account = pool.get('account.account').__table__()
    cursor = Transaction().connection.cursor()
    in_ = fields.SQL_OPERATORS['in']
    ids = [m.id for m in moves]
    cursor.execute(*line
        .join(account, condition=line.account == account.id)
        .select(
            line.move, line.id, line.account, account.reconcile,
            line.debit, line.credit, line.party, line.description,
            line.maturity_date, line.second_currency,
            line.amount_second_currency,
            where=in_(line.move, ids), order_by=[line.id]))
    sources, by_line = defaultdict(list), {}
    for move, *values in cursor:
        source = _Source(*values)
        sources[move].append(source)
        by_line[source.id] = source
    if analytic := _analytic():
        part = analytic.__table__()
        cursor.execute(*part
            .join(line, condition=part.move_line == line.id)
            .select(
                part.move_line, part.account, part.debit, part.credit,
                where=in_(line.move, ids), order_by=[part.id]))
        for line_id, *values in cursor:
            by_line[line_id].parts.append(values)
    return sources


def _mirror(move, sources, date, origin, description):
    if isinstance(origin, dict):
        origin = origin.get(move.id)
    return Entry(
        journal=move.journal.id,
        date=date or move.date,
        period=None if date else move.period.id,
        origin=origin or str(move),
        description=description or move.description,
        lines=tuple(source.mirror() for source in sources))


def _reconcile_mirrors(sources, mirrors):
    Line = Pool().get('account.move.line')
    groups = [
        Line.browse([source.id, id_])
        for lines, mirror in zip(sources, mirrors)
        for source, id_ in zip(lines, mirror.lines)
        if source.reconcile and (source.debit or source.credit)]
    if groups:
        Line.reconcile(*groups)
