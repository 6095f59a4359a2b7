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


def refuse(message, **names):
    raise AccessError(gettext(f'coop_ledger.msg_sealed_{message}', **names))


def _is_changed(record, values, names):
    "Test if the values give the record others of these fields"
    for name in names & (values or {}).keys():
        value = getattr(record, name)
        if getattr(value, 'id', value) != values[name]:
            return True
    return False


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


class FiscalYear(metaclass=PoolMeta):
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


class Period(metaclass=PoolMeta):
    __name__ = 'account.period'

    @classmethod
    def check_modification(cls, mode, periods, values=None, external=False):
        Move = Pool().get('account.move')
        super().check_modification(
            mode, periods, values=values, external=external)
        if not external or mode != 'write':
            return
        for period in periods:
            if _is_changed(period, values, {'state'}):
                refuse('state', record=period.rec_name)
            if _is_changed(period, values, {
                        'start_date', 'end_date', 'fiscalyear', 'type'}):
                with without_check_access():
                    if Move.search([
                                ('period', '=', period.id),
                                ('state', '=', 'posted'),
                                ], limit=1, order=[]):
                        refuse('period', period=period.rec_name)


class Account(metaclass=PoolMeta):
    __name__ = 'account.account'

    @classmethod
    def check_modification(cls, mode, accounts, values=None, external=False):
        Line = Pool().get('account.move.line')
        super().check_modification(
            mode, accounts, values=values, external=external)
        if not external or mode != 'write':
            return
        for account in accounts:
            if _is_changed(account, values, {'code', 'company'}):
                with without_check_access():
                    if Line.search([
                                ('account', '=', account.id),
                                ('move.state', '=', 'posted'),
                                ], limit=1, order=[]):
                        refuse('account', account=account.rec_name)


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
