# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the law allows of the dates of a contract."""
from collections import defaultdict

from trytond.i18n import gettext
from trytond.model import fields
from trytond.model.exceptions import ValidationError
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

from .rules.clock import (
    A_DAY, Span, cape_limit, membership_deadline, trial_limit)
from .signed_document import DRAFT


class ContractDateError(ValidationError):
    pass


class ContractClockMixin:
    "The clocks of a contract, and what they refuse"
    __slots__ = ()

    trial_end_date = fields.Date(
        "End of the Trial",
        domain=[
            If(Bool(Eval('trial_end_date')) & Bool(Eval('start_date')),
                ('trial_end_date', '>=', Eval('start_date', None)),
                ()),
            ],
        states={
            'invisible': Eval('type') != 'cesa',
            **DRAFT,
            })
    trial_limit = fields.Function(fields.Date(
            "Latest End of the Trial",
            states={
                'invisible': Eval('type') != 'cesa',
                },
            help="Eight months with the renewal, less the duration of the "
            "earlier contracts (code du travail, L7332-1).\n"
            "Empty when there can be no trial."),
        'get_clocks')
    membership_deadline = fields.Function(fields.Date(
            "Member By",
            states={
                'invisible': Eval('type') != 'cesa',
                },
            help="Three years from the start, less the duration of the "
            "earlier contracts (code du travail, L7331-3)."),
        'get_clocks')
    urssaf_told_on = fields.Date(
        "URSSAF Told On",
        states={
            'invisible': Eval('type') != 'cape',
            },
        help="Of the contract and its term (code du travail, R5142-1).")
    france_travail_told_on = fields.Date(
        "France Travail Told On",
        states={
            'invisible': Eval('type') != 'cape',
            },
        help="Of the contract and its term (code du travail, R5142-1).")
    exit_told_on = fields.Date(
        "Both Told of the Early End On",
        states={
            'invisible': (
                (Eval('type') != 'cape') | ~Eval('exit_date')),
            },
        help="URSSAF and France Travail (code du travail, R5142-1).")
    registered_on = fields.Date(
        "Enterprise Registered On",
        states={
            'invisible': Eval('type') != 'cape',
            },
        help="The day on which the person registered an enterprise at the "
        "business register, if so: the bodies that it informs of the contract "
        "are to be informed of a renewal and of an early end (code du "
        "travail, R5142-2).")
    registry_notified_on = fields.Date(
        "Bodies of the Register Notified On",
        states={
            'invisible': Eval('type') != 'cape',
            },
        help="Of the renewal or of the early end of the contract (code du "
        "travail, R5142-2).")

    @property
    def span(self):
        return Span(self.start_date, self.last_day)

    @classmethod
    def spans(cls, contracts):
        "Return the contracts of the same people by id of entrepreneur"
        spans = defaultdict(list)
        for contract in cls.search([
                    ('entrepreneur', 'in', list({
                                c.entrepreneur.id for c in contracts})),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            spans[contract.entrepreneur.id].append(contract)
        return spans

    def _spans_of(self, contracts):
        "Return the spans of the others that are signed"
        return [
            c.span for c in contracts
            if c != self and c.signature == 'signed']

    @classmethod
    def get_clocks(cls, contracts, names):
        rules = {
            'trial_limit': trial_limit,
            'membership_deadline': membership_deadline,
            }
        result = {name: {} for name in names}
        others = cls.spans(contracts)
        for contract in contracts:
            spans = contract._spans_of(others[contract.entrepreneur.id])
            for name in names:
                result[name][contract.id] = (
                    rules[name](contract.start_date, spans)
                    if contract.type == 'cesa' else None)
        return result

    @classmethod
    def validate_fields(cls, contracts, field_names):
        super().validate_fields(contracts, field_names)
        cls.check_clocks(contracts, field_names)

    @classmethod
    def check_clocks(cls, contracts, field_names=None):
        "Refuse what the law does not allow"
        if field_names and not (field_names & {
                    'entrepreneur', 'type', 'renewal', 'start_date',
                    'end_date', 'exit_date', 'trial_end_date'}):
            return
        others = cls.spans(contracts)
        for contract in contracts:
            known = [
                c for c in others[contract.entrepreneur.id] if c != contract]
            contract._check_cape(known)
            contract._check_trial(known)
            contract._check_overlap(known)

    def _refuse(self, message, **names):
        lang = Pool().get('ir.lang').get()
        raise ContractDateError(gettext(
                f'coop_cae.{message}', contract=self.rec_name, **{
                    name: lang.strftime(day) if day else '–'
                    for name, day in names.items()}))

    def _check_cape(self, others):
        "Twelve months, renewed from the day after"
        if self.type != 'cape':
            return
        limit = cape_limit(self.start_date)
        if self.end_date > limit:
            self._refuse('msg_contract_cape_limit', limit=limit)
        if self.renewal:
            before = [
                c for c in others
                if c.type == 'cape' and c.renewal == self.renewal - 1
                and c.last_day and c.last_day + A_DAY == self.start_date]
            if not before:
                self._refuse('msg_contract_renewal', date=self.start_date)

    def _check_trial(self, others):
        if self.type != 'cesa' or not self.trial_end_date:
            return
        limit = trial_limit(self.start_date, self._spans_of(others))
        if limit is None or self.trial_end_date > limit:
            self._refuse('msg_contract_trial', limit=limit)

    def _check_overlap(self, others):
        "One contract of a type at a time"
        for other in others:
            if (other.type == self.type
                    and other.start_date <= (
                        self.last_day or other.start_date)
                    and (other.last_day is None
                        or other.last_day >= self.start_date)):
                self._refuse(
                    'msg_contract_overlap', date=other.start_date)
