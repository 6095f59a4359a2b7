# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""From what is to be done to where it is done, in one click."""
from trytond.pool import Pool
from trytond.pyson import PYSONEncoder
from trytond.transaction import check_access
from trytond.wizard import StateAction, StateTransition, Wizard

_INTERVIEWS = {'interview', 'interview_missed'}


class OpenTodo(Wizard):
    __name__ = 'cae.todo.open'
    start_state = 'choose'
    _readonly = True

    choose = StateTransition()
    contract = StateAction('coop_cae.act_contract_form')
    interviews = StateAction('coop_cae.act_interview_form')
    membership = StateAction('coop_shares.act_subscription_form')
    settlement = StateAction('coop_cae.act_settlement_form')
    agreements = StateAction('coop_cae.act_activity_agreement_form')

    def transition_choose(self):
        Access = Pool().get('ir.model.access')
        kind = self.record.kind
        if kind in _INTERVIEWS:
            return 'interviews'
        elif kind == 'settlement':
            return 'settlement'
        elif kind == 'agreement':
            return 'agreements'
        elif kind == 'membership':
            with check_access():
                if Access.check(
                        'coop.share.subscription', 'read',
                        raise_exception=False):
                    return 'membership'
        # Others than those who keep the register see by when it is
        return 'contract'

    def do_contract(self, action):
        return self._form(action, self.record.contract)

    def do_settlement(self, action):
        return self._form(action, self.record.settlement)

    def do_interviews(self, action):
        return self._list(action, entrepreneur=self.record.entrepreneur)

    def do_membership(self, action):
        person = self.record.entrepreneur
        return self._list(action, company=person.company, party=person.party)

    def do_agreements(self, action):
        return self._list(action, activity=self.record.activity)

    def _form(self, action, record):
        action['views'].reverse()
        return action, {'res_id': [record.id]}

    def _list(self, action, **records):
        "Open the list of these records, where new ones begin with them"
        encode = PYSONEncoder().encode
        action['domains'] = []
        action['pyson_domain'] = encode([
                (name, '=', record.id) for name, record in records.items()])
        action['pyson_context'] = encode({
                f'default_{name}': record.id
                for name, record in records.items()})
        action['name'] += f' ({self.record.entrepreneur.rec_name})'
        return action, {}
