# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import without_check_access

from .confinement import GROUP

# Code du travail, art. R1221-26, for the register of the staff; L3243-4 keeps
# the payslips as long
STAFF_YEARS = 5


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('cae.entrepreneur', 'party'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    def check_erase_company(self, party, company):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Payslip = pool.get('cae.payslip')
        super().check_erase_company(party, company)

        contracts = Contract.search([
                ('entrepreneur.party', '=', party.id),
                ('company', '=', company.id),
                ])
        if any(not contract.last_day for contract in contracts):
            raise EraseError(gettext(
                    'coop_cae.msg_erase_party_contract',
                    party=party.rec_name,
                    company=company.rec_name))
        if Payslip.search([
                    ('entrepreneur.party', '=', party.id),
                    ('company', '=', company.id),
                    ('state', '=', 'draft'),
                    ], limit=1, order=[]):
            raise EraseError(gettext(
                    'coop_cae.msg_erase_party_payslip',
                    party=party.rec_name,
                    company=company.rec_name))

    @without_check_access
    def name_kept(self, party):
        pool = Pool()
        Date = pool.get('ir.date')
        Lang = pool.get('ir.lang')
        return super().name_kept(party) + [
            gettext('coop_cae.msg_erase_kept_staff',
                company=company.rec_name, date=Lang.get().strftime(until))
            for company, until in _staff_kept(party)
            if until >= Date.today()]

    def to_erase(self, party_id):
        pool = Pool()
        Date = pool.get('ir.date')
        Contract = pool.get('cae.contract')
        Entrepreneur = pool.get('cae.entrepreneur')
        Interview = pool.get('cae.interview')
        Party = pool.get('party.party')
        Payslip = pool.get('cae.payslip')
        Request = pool.get('cae.pay.request')
        Step = pool.get('cae.path.step')
        staff = any(
            until >= Date.today()
            for _, until in _staff_kept(Party(party_id)))
        own = [('entrepreneur.party', '=', party_id)]
        erased = super().to_erase(party_id) + [
            # The register of the staff tells the birth date and the sex
            (Entrepreneur, [('party', '=', party_id)], True, *(
                    ([], []) if staff
                    else (['gender', 'birth_date'], [None, None]))),
            (Step, own, True, ['note'], [None]),
            (Interview, own, True,
                ['review', 'prospects', 'actions', 'support'], [None] * 4),
            (Request, own, True, ['notes', 'refusal'], [None, None]),
            ]
        if not staff:
            erased += [
                (Contract, own, True, [], []),
                (Payslip, own, True, [], [])]
        return erased

    def transition_erase(self):
        pool = Pool()
        _erase_users(self.ask.party)
        next_state = super().transition_erase()
        # Nothing is left of what only some may see
        with without_check_access():
            for name in ['cae.nir', 'cae.funder_fact']:
                Model = pool.get(name)
                Model.delete(Model.search([
                            ('entrepreneur.party', '=', self.ask.party.id),
                            ]))
        return next_state


@without_check_access
def _staff_kept(party):
    "Return until when companies keep the party in the register of the staff"
    Contract = Pool().get('cae.contract')
    kept = {}
    for contract in Contract.search([
                ('entrepreneur.party', '=', party.id), ('type', '=', 'cesa'),
                ], order=[('id', 'ASC')]):
        if contract.last_day:
            until = contract.last_day + relativedelta(years=STAFF_YEARS)
            kept[contract.company] = max(
                until, kept.get(contract.company, until))
    return list(kept.items())


@without_check_access
def _erase_users(party):
    "Let the users that the party is, and nobody else, log in no more"
    pool = Pool()
    Entrepreneur = pool.get('cae.entrepreneur')
    Message = pool.get('ir.chat.message')
    ModelData = pool.get('ir.model.data')
    Session = pool.get('ir.session')
    User = pool.get('res.user')
    group = ModelData.get_id('coop_cae', GROUP)
    people = Entrepreneur.search([
            ('party', '=', party.id), ('user', '!=', None)])
    for user in {p.user for p in people}:
        if {g.id for g in user.groups} != {group}:
            # Of the staff too: this is not who is erased
            continue
        Message.delete(Message.search([('user', '=', user.id)]))
        Session.delete(Session.search([('create_uid', '=', user.id)]))
        User.write([user], {
                'name': None, 'login': f'erased-{user.id}', 'email': None,
                'signature': None, 'password': None, 'active': False})
