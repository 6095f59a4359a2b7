# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What a contract needs before it is signed, and what follows from it."""
from trytond.i18n import gettext
from trytond.pool import Pool

from .commitment import enter_commitments
from .exceptions import SignatureWarning
from .rules.clock import cape_chain_limit


class ContractSignatureMixin:
    "What the law asks of a contract on its signature"
    __slots__ = ()

    def missing(self):
        "Return what the contract lacks to be signed (R127-1, L7331-2)"
        missing = [*super().missing(), *self._missing_contents()]
        needed = {
            'cape': ['commitment_cap'],
            'cesa': ['objective_amount', 'fixed_part', 'variable_formula'],
            }[self.type]
        for name in needed:
            if getattr(self, name) in {None, ''}:
                missing.append(gettext(f'coop_cae.msg_contract_lacks_{name}'))
        return missing

    @classmethod
    def check_unusual(cls, contracts):
        super().check_unusual(contracts)
        others = cls.spans(contracts)
        for contract in contracts:
            known = [
                c for c in others[contract.entrepreneur.id]
                if c != contract and c.signature == 'signed']
            contract._ask_late()
            contract._ask_both(known)
            if contract.type == 'cape':
                contract._ask_again(known)
            else:
                contract._ask_member()

    def _ask(self, message, **names):
        pool = Pool()
        Warning = pool.get('res.user.warning')
        lang = pool.get('ir.lang').get()
        key = Warning.format(message, [self])
        if Warning.check(key):
            raise SignatureWarning(key, gettext(
                    f'coop_cae.{message}', contract=self.rec_name, **{
                        name: lang.strftime(day)
                        for name, day in names.items()}))

    def _ask_late(self):
        "A contract is in writing before it begins (L127-2)"
        if self.signed_on > self.start_date:
            self._ask('msg_contract_late', date=self.start_date)

    def _ask_both(self, others):
        "A CAPE and a CESA at once"
        for other in others:
            if other.type != self.type and other.covers(
                    self.start_date, self.last_day or self.start_date):
                self._ask('msg_contract_both', date=other.start_date)
                return

    def _ask_again(self, others):
        "A CAPE after an earlier one that it does not renew (L127-2)"
        if self.renewal:
            return
        capes = [c for c in others if c.type == 'cape']
        if capes:
            self._ask(
                'msg_contract_again', date=capes[0].start_date,
                limit=cape_chain_limit(capes[0].start_date))

    def _ask_member(self):
        "Nothing is left of the time to become a member (L7331-3)"
        Member = Pool().get('coop.member')
        if (self.membership_deadline <= self.start_date
                and not any(m.is_member(self.start_date)
                    for m in Member.search([
                            ('company', '=', self.company.id),
                            ('party', '=', self.entrepreneur.party.id),
                            ]))):
            self._ask('msg_contract_no_time', date=self.start_date)

    @classmethod
    def _signed(cls, contracts):
        super()._signed(contracts)
        enter_commitments({
                c: None for c in contracts if c.type == 'cesa'})

    @classmethod
    def on_write(cls, contracts, values):
        callbacks = super().on_write(contracts, values)
        if 'exit_date' in values:
            last_days = {
                c: c.last_day for c in contracts
                if c.type == 'cesa' and c.signature == 'signed'}
            if last_days:
                callbacks.append(lambda: enter_commitments({
                            cls(c.id): day for c, day in last_days.items()}))
        return callbacks
