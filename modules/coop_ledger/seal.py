# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What no user changes behind the buttons and the wizards of the books.

Tryton seals posted moves; here is what would let somebody change what they
say, or post without them, by writing fields that forms show as read-only.
"""
from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .fixed_field import Fixed, FixedFieldMixin, Leaning, is_changed


def refuse(message, **names):
    raise AccessError(gettext(f'coop_ledger.msg_sealed_{message}', **names))


def _is_changed(record, values, names):
    "Test if the values give the record others of these fields"
    return any(
        is_changed(record, name, values[name])
        for name in names & (values or {}).keys())


def _posted(link, *domain):
    return Leaning(
        'account.move.line', link, (('move.state', '=', 'posted'), *domain))


def _closed(link):
    "The posted lines of years and periods that are not open any more"
    return _posted(link, ['OR',
            ('period.state', '!=', 'open'),
            ('period.fiscalyear.state', '!=', 'open'),
            ])


def _posted_moves(link, *domain):
    return Leaning(
        'account.move', link, (('state', '=', 'posted'), *domain))


def _other_statement(account, name, value):
    "Tell if another type takes the account to another statement"
    Type = Pool().get('account.account.type')
    old = account.type.statement if account.type else None
    return (Type(value).statement if value else None) != old


def _is_shorter(fiscalyear, name, value):
    "Tell if days are taken from the year"
    if not value:
        return True
    if name == 'start_date':
        return value > fiscalyear.start_date
    return value < fiscalyear.end_date


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def check_modification(cls, mode, moves, values=None, external=False):
        super().check_modification(
            mode, moves, values=values, external=external)
        if not external:
            return
        for move in moves:
            if (mode == 'create' and (
                        move.state == 'posted' or move.number
                        or move.post_date)
                    or mode == 'write' and _is_changed(
                        move, values, {'state', 'number', 'post_date'})):
                refuse('move', move=move.rec_name)


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if not external:
            return
        if mode == 'create':
            # A letter of others, that this line would put out of balance
            for line in lines:
                if line.reconciliation:
                    refuse('reconciliation', line=line.rec_name)
        elif mode == 'write' and 'reconciliation' in values:
            with without_check_access():
                cls._check_reconciliation(lines, values['reconciliation'])

    @classmethod
    def _check_reconciliation(cls, lines, reconciliation):
        "A letter is given once, to all its lines"
        if any(line.reconciliation for line in lines) or (
                reconciliation and cls.search([
                        ('reconciliation', '=', reconciliation),
                        ], limit=1, order=[])):
            refuse('reconciliation', line=lines[0].rec_name)


class FiscalYear(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.fiscalyear'

    @classmethod
    def check_modification(
            cls, mode, fiscalyears, values=None, external=False):
        super().check_modification(
            mode, fiscalyears, values=values, external=external)
        if external and mode == 'write':
            for fiscalyear in fiscalyears:
                if _is_changed(fiscalyear, values, {'state', 'company'}):
                    refuse('state', record=fiscalyear.rec_name)

    @classmethod
    def _fixed_fields(cls):
        year = 'period.fiscalyear'
        return [
            *super()._fixed_fields(),
            # A meeting may lengthen a year, and its entries stay in it
            Fixed.of(
                {'start_date', 'end_date'}, 'coop_ledger.msg_fixed_year',
                _posted_moves(year), change=_is_shorter),
            Fixed.of(
                {'start_date', 'end_date'},
                'coop_ledger.msg_fixed_year_closed',
                _posted_moves(year, ['OR',
                        ('period.state', '!=', 'open'),
                        ('period.fiscalyear.state', '!=', 'open'),
                        ])),
            ]


class Period(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.period'

    @classmethod
    def check_modification(cls, mode, periods, values=None, external=False):
        super().check_modification(
            mode, periods, values=values, external=external)
        if external and mode == 'write':
            for period in periods:
                if _is_changed(period, values, {'state'}):
                    refuse('state', record=period.rec_name)

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'start_date', 'end_date', 'fiscalyear', 'type', 'company'},
                'coop_ledger.msg_fixed_period', _posted_moves('period'))]


class Journal(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.journal'

    @classmethod
    def _fixed_fields(cls):
        # The file of the entries (FEC) tells it
        return [*super()._fixed_fields(), Fixed.of(
                {'code'}, 'coop_ledger.msg_fixed_journal',
                _posted_moves('journal'))]


class Account(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.account'

    @classmethod
    def _fixed_fields(cls):
        lines = _posted('account')
        return [
            *super()._fixed_fields(),
            Fixed.of(
                {'code', 'company', 'parent', 'left', 'right'},
                'coop_ledger.msg_fixed_account', lines, by_hand=True),
            # An import may have guessed the type of an account, which is then
            # mended as long as its years are open
            Fixed.of(
                {'type'}, 'coop_ledger.msg_fixed_account', lines,
                change=_other_statement, by_hand=True),
            Fixed.of(
                {'type'}, 'coop_ledger.msg_fixed_account_closed',
                _closed('account'), by_hand=True),
            ]


class AccountType(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'account.account.type'

    @classmethod
    def _fixed_fields(cls):
        return [
            *super()._fixed_fields(),
            Fixed.of(
                {'company', 'statement'}, 'coop_ledger.msg_fixed_type',
                _posted('account.type'), by_hand=True),
            Fixed.of(
                {
                    'parent', 'assets', 'receivable', 'stock', 'payable',
                    'debt', 'revenue', 'expense'},
                'coop_ledger.msg_fixed_type', _closed('account.type'),
                by_hand=True),
            ]


class Company(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'company.company'

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'party', 'currency'}, 'coop_ledger.msg_fixed_company',
                _posted_moves('company'))]


class Currency(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'currency.currency'

    @classmethod
    def _fixed_fields(cls):
        return [*super()._fixed_fields(), Fixed.of(
                {'code', 'numeric_code', 'digits', 'rounding'},
                'coop_ledger.msg_fixed_currency',
                _posted_moves('company.currency'),
                _posted('second_currency'))]


class Party(FixedFieldMixin, metaclass=PoolMeta):
    __name__ = 'party.party'

    @classmethod
    def _fixed_fields(cls):
        # The auxiliary account of the file of the entries (FEC)
        return [*super()._fixed_fields(), Fixed.of(
                {'code'}, 'coop_ledger.msg_fixed_party', _posted('party'))]


class SequenceStrict(metaclass=PoolMeta):
    __name__ = 'ir.sequence.strict'

    @classmethod
    def check_modification(cls, mode, sequences, values=None, external=False):
        """The numbers of posted records follow one another: nobody turns their
        sequence forth or back"""
        super().check_modification(
            mode, sequences, values=values, external=external)
        if not external or mode == 'create':
            return
        for sequence in sequences:
            if mode == 'delete' or _is_changed(sequence, values, {
                        'number_next', 'number_next_internal',
                        'number_increment', 'prefix', 'suffix', 'padding',
                        'type', 'company', 'sequence_type'}):
                with without_check_access():
                    if sequence.has_numbered():
                        refuse('sequence', sequence=sequence.rec_name)

    def has_numbered(self):
        "Tell if a posted record has a number of the sequence"
        Move = Pool().get('account.move')
        return bool(Move.search([
                    ['OR',
                        ('period.move_sequence', '=', self.id),
                        ('period.fiscalyear.move_sequence', '=', self.id),
                        ],
                    ('state', '=', 'posted'),
                    ], limit=1, order=[]))
