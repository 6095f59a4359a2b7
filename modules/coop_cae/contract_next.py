# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contract that follows another: a renewal, or a CESA after a CAPE."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pyson import Eval, PYSONEncoder
from trytond.wizard import Button, StateAction, StateView, Wizard

from .exceptions import NextContractError
from .rules.clock import A_DAY, CAPE_RENEWALS, cape_limit


class NextContractStart(ModelView):
    __name__ = 'cae.contract.next.start'

    contract = fields.Many2One('cae.contract', "After", readonly=True)
    type = fields.Selection('get_types', "Next", required=True, sort=False)
    start_date = fields.Date("Start Date", required=True)
    end_date = fields.Date(
        "End Date",
        states={
            'required': Eval('type') == 'renewal',
            'invisible': Eval('type') != 'renewal',
            })

    @fields.depends('contract')
    def get_types(self):
        types = [('cesa', gettext('coop_cae.msg_next_cesa'))]
        if (self.contract and self.contract.type == 'cape'
                and self.contract.renewal < CAPE_RENEWALS):
            types.insert(0, ('renewal', gettext('coop_cae.msg_next_renewal')))
        return types

    @fields.depends('type', 'start_date', 'end_date')
    def on_change_type(self):
        if self.type == 'renewal' and self.start_date:
            self.end_date = cape_limit(self.start_date)
        else:
            self.end_date = None

    @fields.depends(methods=['on_change_type'])
    def on_change_start_date(self):
        self.on_change_type()


class NextContract(Wizard):
    __name__ = 'cae.contract.next'

    start = StateView(
        'cae.contract.next.start', 'coop_cae.contract_next_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Write", 'open_', 'tryton-ok', default=True),
            ])
    open_ = StateAction('coop_cae.act_contract_form')

    def default_start(self, fields):
        contract = self.record
        if not contract.last_day:
            raise NextContractError(gettext(
                    'coop_cae.msg_next_no_end', contract=contract.rec_name))
        start = contract.last_day + A_DAY
        renewed = contract.type == 'cape' and contract.renewal < CAPE_RENEWALS
        return {
            'contract': contract.id,
            'type': 'renewal' if renewed else 'cesa',
            'start_date': start,
            'end_date': cape_limit(start) if renewed else None,
            }

    def do_open_(self, action):
        contract = self.record.write_next(
            self.start.type, self.start.start_date, self.start.end_date)
        action['views'].reverse()
        action['pyson_domain'] = PYSONEncoder().encode(
            [('entrepreneur', '=', contract.entrepreneur.id)])
        return action, {'res_id': [contract.id]}


class NextContractMixin:
    __slots__ = ()

    def write_next(self, type_, start, end=None):
        """Return the draft that follows: a renewal is on the same terms, a
        CESA begins with the texts of the company"""
        if type_ == 'renewal':
            next_, = self.copy([self], default={
                    'renewal': self.renewal + 1,
                    'start_date': start,
                    'end_date': end,
                    })
            return next_
        next_, = self.create([{
                    'entrepreneur': self.entrepreneur.id,
                    'type': 'cesa',
                    'start_date': start,
                    }])
        return next_
