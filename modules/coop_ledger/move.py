# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from itertools import islice

from sql import Null

from trytond.model import Index
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction, without_check_access

from .bulk import insert
from .entry import PostedEntry
from .entry_check import check_entries
from .entry_data import EntryData, analytic_line
from .hooks import is_extended
from .reconcile import reconcile
from .reversal import Reversal


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        # A company reads its own days, whatever others have
        cls._sql_indexes.add(
            Index(
                table,
                (table.company, Index.Range()),
                (table.date, Index.Range())))
        # Modules whose hooks on new moves are made in sets
        cls._entry_modules = {'account', 'analytic_account', 'coop_ledger'}

    @classmethod
    def post_entries(cls, company, entries):
        """Create and post a move for each entry of the company.

        The number of queries does not depend on the number of entries.
        Every check of Tryton is made; nothing is written when one fails, and
        all that is refused is said at once.
        """
        pool = Pool()
        Company = pool.get('company.company')
        entries = list(entries)
        if not entries:
            return []
        cls._check_entries_access()
        with without_check_access():
            data = EntryData(Company(int(company)), entries)
            check_entries(data)
            data.make_journal_periods()
        if cls._has_entry_hooks():
            return cls._post_entries_one_by_one(data)
        return cls._post_entries_in_sets(data)

    @classmethod
    def reverse_entries(
            cls, moves, date=None, origin=None, description=None):
        """Post the mirror of posted moves, with their analytic lines.

        The mirror has the date of its move unless another is given; lines of
        accounts that are reconciled are reconciled with their mirror.
        origin is that of all the mirrors, or a dictionary of them by id of
        the move.
        The mirrors are in the order of the moves.
        """
        ids = list(dict.fromkeys(map(int, moves)))
        if not ids:
            return []
        if Transaction().check_access:
            cls.read(ids, ['id'])
        with without_check_access():
            reversal = Reversal(ids)
            reversal.check()
        posted = {}
        for company, company_ids in reversal.companies().items():
            mirrors = cls.post_entries(company, [
                    reversal.mirror(id_, date, origin, description)
                    for id_ in company_ids])
            mirrors = dict(zip(company_ids, mirrors))
            with without_check_access():
                reversal.reconcile(company, mirrors)
            posted.update(mirrors)
        return [posted[id_] for id_ in ids]

    @classmethod
    def _check_entries_access(cls):
        "Posting entries asks for the rights to create and to post"
        ModelAccess = Pool().get('ir.model.access')
        if Transaction().check_access:
            ModelAccess.check('account.move', 'create')
            ModelAccess.check('account.move.line', 'create')
            cls.post([])

    @classmethod
    def _has_entry_hooks(cls):
        Line = Pool().get('account.move.line')
        return any(
            is_extended(Model, cls._entry_modules)
            for Model in [cls, Line, analytic_line()] if Model)

    @classmethod
    def _post_entries_in_sets(cls, data):
        with without_check_access():
            numbers = _take_numbers(data)
        moves = _insert_moves(data, numbers)
        lines = _insert_lines(data, moves)
        parts = _insert_parts(data, lines)
        cls._log_posted(moves)
        with without_check_access():
            _reconcile_zero(data, lines)
            _apply_analytic_rules(data, lines)
        return [
            PostedEntry(*values)
            for values in zip(moves, numbers, lines, parts)]

    @classmethod
    def _log_posted(cls, ids):
        "Leave the traces that the button would have left"
        Trigger = Pool().get('ir.trigger')
        transaction = Transaction()
        if transaction.check_access or transaction.context.get('_log'):
            cls.log(cls.browse(ids), 'button', 'post')
        with without_check_access():
            for trigger in Trigger.get_triggers(cls.__name__, 'write'):
                trigger.queue_trigger_action([
                        move for move in cls.browse(ids)
                        if not trigger.eval(cls(
                                move.id, state='draft', number=None,
                                post_date=None))])

    @classmethod
    def _post_entries_one_by_one(cls, data):
        "Create and post the moves with the hooks of all modules"
        moves = cls.create([
                _move_values(data, entry, period)
                for entry, period in zip(data.entries, data.periods)])
        cls.post(moves)
        posted = []
        with without_check_access():
            for move in cls.browse(moves):
                lines = sorted(move.lines, key=lambda r: r.id)
                posted.append(PostedEntry(
                        move.id, move.number, [line.id for line in lines], [
                            sorted(map(
                                    int, getattr(line, 'analytic_lines', [])))
                            for line in lines]))
        return posted


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        # To find the mirror of lines
        cls._sql_indexes.add(
            Index(
                table,
                (table.origin, Index.Equality(cardinality='high')),
                where=table.origin != Null))


def _take_numbers(data):
    Period = Pool().get('account.period')
    sequences = {
        period.id: period.move_sequence_used
        for period in Period.browse(list({p.id for p in data.periods}))}
    positions = defaultdict(list)
    for i, period in enumerate(data.periods):
        positions[sequences[period.id]].append(i)
    numbers = [None] * len(data.entries)
    for sequence, indices in positions.items():
        for i, number in zip(indices, sequence.get_many(len(indices))):
            numbers[i] = number
    return numbers


def _insert_moves(data, numbers):
    pool = Pool()
    Date = pool.get('ir.date')
    Move = pool.get('account.move')
    company = data.company.id
    with Transaction().set_context(company=company):
        today = Date.today()
    names = [
        'company', 'period', 'journal', 'date', 'description', 'origin',
        'number', 'post_date', 'state']
    return insert(Move, names, [
            (company, period.id, entry.journal, entry.date, entry.description,
                entry.origin, number, today, 'posted')
            for entry, period, number in zip(
                data.entries, data.periods, numbers)])


def _insert_lines(data, moves):
    "Insert the lines and return their ids by entry"
    Line = Pool().get('account.move.line')
    money = data.money
    names = [
        'move', 'account', 'debit', 'credit', 'party', 'description',
        'maturity_date', 'origin', 'second_currency',
        'amount_second_currency', 'state']
    rows = [
        (move, line.account, money(line.debit), money(line.credit),
            line.party, line.description, line.maturity_date, line.origin,
            line.second_currency,
            money(line.amount_second_currency, line.second_currency), 'valid')
        for move, entry in zip(moves, data.entries) for line in entry.lines]
    if analytic_line():
        names.append('analytic_state')
        rows = [
            (*row, state) for row, state in zip(rows, data.analytic_states())]
    ids = iter(insert(Line, names, rows))
    return [list(islice(ids, len(entry.lines))) for entry in data.entries]


def _insert_parts(data, lines):
    "Insert the analytic lines and return their ids by entry and line"
    money = data.money
    rows = [
        (id_, part.account, money(part.debit), money(part.credit), entry.date)
        for entry, ids in zip(data.entries, lines)
        for line, id_ in zip(entry.lines, ids)
        for part in line.parts]
    names = ['move_line', 'account', 'debit', 'credit', 'date']
    ids = iter(insert(analytic_line(), names, rows) if rows else [])
    return [
        [list(islice(ids, len(line.parts))) for line in entry.lines]
        for entry in data.entries]


def _apply_analytic_rules(data, lines):
    "Let the rules of the co-op fill the lines that came without parts"
    pool = Pool()
    Line = pool.get('account.move.line')
    if not analytic_line():
        return
    Rule = pool.get('analytic_account.rule')
    if not Rule.search([], limit=1, order=[]):
        return
    missing = Line.browse([
            id_ for line, id_ in data.lines(lines)
            if not line.parts
            and data.accounts[line.account].statement == 'income'])
    Line.apply_rule(missing)
    Line.save(missing)


def _reconcile_zero(data, lines):
    "Reconcile the lines without amount, as posting does"
    groups, dates = defaultdict(list), {}
    for entry, ids in zip(data.entries, lines):
        for line, id_ in zip(entry.lines, ids):
            if (not line.debit and not line.credit
                    and not line.amount_second_currency
                    and data.accounts[line.account].reconcile):
                key = line.account, line.party
                groups[key].append(id_)
                dates[key] = max(dates.get(key, entry.date), entry.date)
    reconcile(data.company, [(dates[key], groups[key]) for key in groups])


def _move_values(data, entry, period):
    return {
        'company': data.company.id,
        'period': period.id,
        'journal': entry.journal,
        'date': entry.date,
        'description': entry.description,
        'origin': entry.origin,
        'lines': [('create', [
                    _line_values(data, line, entry.date)
                    for line in entry.lines])],
        }


def _line_values(data, line, date):
    values = {
        'account': line.account,
        'debit': data.money(line.debit),
        'credit': data.money(line.credit),
        'party': line.party,
        'description': line.description,
        'maturity_date': line.maturity_date,
        'origin': line.origin,
        'second_currency': line.second_currency,
        'amount_second_currency': data.money(
            line.amount_second_currency, line.second_currency),
        }
    if line.parts:
        values['analytic_lines'] = [('create', [{
                        'account': part.account,
                        'debit': data.money(part.debit),
                        'credit': data.money(part.credit),
                        'date': date,
                        } for part in line.parts])]
    return values
