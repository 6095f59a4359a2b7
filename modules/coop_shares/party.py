# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from email.utils import formataddr, getaddresses

from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.party.exceptions import EraseError
from trytond.pool import Pool, PoolMeta
from trytond.transaction import (
    Transaction, inactive_records, without_check_access)
from trytond.wizard import Button, StateView

RECIPIENTS = ['recipients', 'recipients_secondary', 'recipients_hidden']
# Code de commerce, art. L123-22
LEDGER_YEARS = 10


class Replace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('coop.member', 'party'),
            ('coop.share.commitment', 'party'),
            ('coop.share.withholding', 'party'),
            ]


class Erase(metaclass=PoolMeta):
    __name__ = 'party.erase'

    kept = StateView('party.erase.kept', 'coop_shares.erase_kept_view_form', [
            Button("OK", 'end', 'tryton-ok', default=True),
            ])

    def check_erase_company(self, party, company):
        """The register keeps its members, and savings belong to somebody"""
        pool = Pool()
        Member = pool.get('coop.member')
        Withholding = pool.get('coop.share.withholding')
        super().check_erase_company(party, company)
        if (Member.search([
                        ('party', '=', party.id),
                        ('company', '=', company.id),
                        ('number', '!=', None),
                        ('exit_date', '=', None),
                        ], limit=1)
                or Withholding.savings(company).get(party.id)):
            raise EraseError(gettext(
                    'coop_shares.msg_erase_party',
                    party=party.rec_name, company=company.rec_name))

    def to_erase(self, party_id):
        """The name stays as long as the law wants it in a register, and what
        is attached to the records that it is kept for"""
        pool = Pool()
        Contact = pool.get('party.contact_mechanism')
        Member = pool.get('coop.member')
        Party = pool.get('party.party')
        erased = super().to_erase(party_id) + [
            # Tryton leaves the value that it searches by
            (Contact, [('party', '=', party_id)], False,
                ['value_compact'], [None])]
        if not self.name_kept(Party(party_id)):
            return [
                *erased, (Member, [('party', '=', party_id)], True, [], [])]
        return [
            (Model, domain, resource, *(
                    ([], []) if Model == Party else (columns, values)))
            for Model, domain, resource, columns, values in erased]

    def transition_erase(self):
        party = self.ask.party
        emails = _emails(party)
        self.kept.text = '\n'.join(self.name_kept(party))
        next_state = super().transition_erase()
        # What is erased by SQL was read before
        for cache in Transaction().cache.values():
            cache.clear()
        _erase_emails(emails)
        return 'kept' if self.kept.text else next_state

    def default_kept(self, fields):
        return {'text': self.kept.text}

    @classmethod
    def get_resources(cls):
        return [*super().get_resources(), Pool().get('ir.email')]

    @without_check_access
    def name_kept(self, party):
        "Return the sentences that tell why the name of the party is kept"
        pool = Pool()
        Company = pool.get('company.company')
        Date = pool.get('ir.date')
        Lang = pool.get('ir.lang')
        Member = pool.get('coop.member')
        reasons = [
            gettext('coop_shares.msg_erase_kept_register',
                company=m.company.rec_name)
            for m in Member.search([
                    ('party', '=', party.id), ('number', '!=', None)])]
        for company, last in _last_years(party):
            until = last + relativedelta(years=LEDGER_YEARS)
            if until >= Date.today():
                reasons.append(gettext(
                        'coop_shares.msg_erase_kept_ledger',
                        company=Company(company).rec_name,
                        date=Lang.get().strftime(until)))
        return reasons


class EraseKept(ModelView):
    __name__ = 'party.erase.kept'

    text = fields.Text("What Is Kept", readonly=True)


def _last_years(party):
    "Return by company the end of the last year with entries of the party"
    pool = Pool()
    line = pool.get('account.move.line').__table__()
    move = pool.get('account.move').__table__()
    period = pool.get('account.period').__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*line
        .join(move, condition=line.move == move.id)
        .join(period, condition=move.period == period.id)
        .select(
            move.company, period.fiscalyear,
            where=line.party == party.id,
            group_by=[move.company, period.fiscalyear]))
    FiscalYear = pool.get('account.fiscalyear')
    last = {}
    for company, year in cursor.fetchall():
        end = FiscalYear(year).end_date
        last[company] = max(end, last.get(company, end))
    return sorted(last.items())


@without_check_access
def _emails(party):
    "Return the addresses of e-mail that are of the party alone"
    Contact = Pool().get('party.contact_mechanism')
    with inactive_records():
        own = {
            m.value for m in Contact.search(
                [('party', '=', party.id), ('type', '=', 'email')])}
        shared = {
            m.value for m in Contact.search([
                    ('party', '!=', party.id), ('type', '=', 'email'),
                    ('value', 'in', list(own)),
                    ])}
    return own - shared


@without_check_access
def _erase_emails(emails):
    """Delete the copies of what was sent to the addresses, and the addresses
    from the copies of what others have received too"""
    pool = Pool()
    Address = pool.get('ir.email.address')
    Email = pool.get('ir.email')
    found = Address.search([('address', 'in', list(emails))])
    alone, shared = [], []
    for email in Email.browse(list({a.email.id for a in found})):
        others = {a.address for a in email.addresses} - emails
        (shared if others else alone).append(email)
    for email in shared:
        for name in RECIPIENTS:
            setattr(email, name, _without(getattr(email, name), emails))
    Email.save(shared)
    Address.delete([a for a in found if a.email not in alone])
    Email.delete(alone)


def _without(recipients, emails):
    "Return the recipients of an e-mail without the addresses"
    return ', '.join(
        formataddr((name, address))
        for name, address in getaddresses([recipients or ''])
        if address not in emails) or None
