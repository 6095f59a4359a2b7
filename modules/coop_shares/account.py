# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .exceptions import MoveError

_DOCUMENTS = ['coop.share.movement', 'coop.share.withholding']
# Those that their documents share an entry of
_OPERATIONS = [
    'coop.share.call', 'coop.share.exit', 'coop.share.nominal',
    'coop.share.transfer']
# Those that have an entry of their own, and move no share but by a payment
_DECISIONS = ['coop.surplus', 'coop.share.interest.payment']
_ORIGINS = [*_DOCUMENTS, *_OPERATIONS, *_DECISIONS]


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), *_ORIGINS]

    @classmethod
    def _check_shares(cls, moves):
        """Check that the moves are no entries of the register.

        The register and the ledger change together: who reverses such an entry
        reverses its movement.
        """
        pool = Pool()
        if Transaction().context.get('_coop_shares_register'):
            return
        for name in [*_DOCUMENTS, *_DECISIONS]:
            Document = pool.get(name)
            for document in Document.search([
                        ('move', 'in', [m.id for m in moves]),
                        ], limit=1):
                raise MoveError(gettext(
                        'coop_shares.msg_move_of_document',
                        move=document.move.rec_name,
                        document=document.rec_name,
                        **Document.__names__()))

    def cancel(self, default=None, reversal=False):
        self._check_shares([self])
        return super().cancel(default=default, reversal=reversal)

    @classmethod
    def reverse_entries(cls, moves, *args, **kwargs):
        moves = cls.browse(moves)
        cls._check_shares(moves)
        return super().reverse_entries(moves, *args, **kwargs)

    @classmethod
    def copy(cls, moves, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('origin', _copy_origin)
        return super().copy(moves, default=default)


def _copy_origin(data):
    "A copy is not the entry of the document"
    origin = data['origin']
    if origin and origin.split(',')[0] in _ORIGINS:
        return None
    return origin
