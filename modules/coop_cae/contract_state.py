# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whether a signed contract runs or has ended, told by its dates."""
from trytond.model import fields
from trytond.pool import Pool

from .signed_document import SIGNATURES

# Signed is who has not begun yet
STATES = [
    *SIGNATURES,
    ('running', "Running"),
    ('ended', "Ended"),
    ]
_MATCH = {
    '=': lambda state, value: state == value,
    '!=': lambda state, value: state != value,
    'in': lambda state, value: state in value,
    'not in': lambda state, value: state not in value,
    }


class ContractStateMixin:
    "Draft, to sign, signed, running, ended"
    __slots__ = ()

    state = fields.Function(
        fields.Selection(STATES, "State", sort=False),
        'on_change_with_state', searcher='search_state')

    @fields.depends('signature', 'start_date', 'end_date', 'exit_date')
    def on_change_with_state(self, name=None):
        today = Pool().get('ir.date').today()
        if self.signature != 'signed' or not self.start_date:
            return self.signature
        if self.start_date > today:
            return 'signed'
        days = [d for d in [self.end_date, self.exit_date] if d]
        return 'ended' if days and min(days) < today else 'running'

    @classmethod
    def search_state(cls, name, clause):
        _, operator, value = clause
        match = _MATCH[operator]
        return ['OR', *(
                cls._state_domain(state) for state, _ in STATES
                if match(state, value)), ('id', '<', 0)]

    @classmethod
    def _state_domain(cls, state):
        if state in {'draft', 'to_sign'}:
            return [('signature', '=', state)]
        today = Pool().get('ir.date').today()
        signed = ('signature', '=', 'signed')
        begun = ('start_date', '<=', today)
        match state:
            case 'signed':
                return [signed, ('start_date', '>', today)]
            case 'running':
                return [
                    signed, begun,
                    *(['OR', (name, '=', None), (name, '>=', today)]
                        for name in ['end_date', 'exit_date'])]
            case 'ended':
                return [
                    signed, begun,
                    ['OR', ('end_date', '<', today),
                        ('exit_date', '<', today)]]
