# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is done to shares by several movements at once, or taken back."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.pool import Pool
from trytond.pyson import Eval

from .exceptions import PostedError

STATES = {
    'readonly': Eval('state') != 'draft',
    }


class OperationMixin:
    """An operation that moves shares when it is posted.

    Its movements are posted and reversed with it, never without: it is their
    origin, and gives their entry.
    A model that uses it has a company and a date.
    """
    __slots__ = ()

    decision = fields.Text(
        "Decision", states=STATES,
        help="The body that decided it, and the resolution.")
    decision_date = fields.Date("Decision Date", states=STATES)
    movements = fields.One2Many(
        'coop.share.movement', 'origin', "Movements", readonly=True)
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'reverse': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'post', 'reverse')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def copy(cls, operations, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        default.setdefault('movements')
        return super().copy(operations, default=default)

    @classmethod
    def check_modification(
            cls, mode, operations, values=None, external=False):
        super().check_modification(
            mode, operations, values=values, external=external)
        for operation in operations:
            if (operation.state != 'draft'
                    or (values or {}).get('state', 'draft') != 'draft'):
                raise PostedError(gettext(
                        'coop_shares.msg_operation_modify',
                        operation=operation.rec_name, **cls.__names__()))

    @classmethod
    @ModelView.button
    @savepoint()
    def post(cls, operations):
        "Post the operations with their movements, in the order of their dates"
        for operation in sorted(operations, key=lambda o: (o.date, o.id)):
            if operation.state in cls._to_post():
                state = operation._post() or 'posted'
                # By SQL, as the ORM lets nobody set the state
                assign(cls, 'state', [(operation.id, state)])

    @classmethod
    def _to_post(cls):
        return {'draft'}

    def _post(self):
        "Post the movements and return the state, posted by default"
        raise NotImplementedError

    @classmethod
    @ModelView.button
    @savepoint()
    def reverse(cls, operations):
        "Take the operations back, the last one first"
        for operation in sorted(
                operations, key=lambda o: (o.date, o.id), reverse=True):
            if operation.state == 'posted':
                operation._reverse()
                assign(cls, 'state', [(operation.id, 'reversed')])

    def _reverse(self):
        Movement = Pool().get('coop.share.movement')
        Movement.reverse_operation(self)

    def entry(self, movements, accounts):
        """Return the entry of the movements, None when there is nothing to
        book"""
        raise NotImplementedError
