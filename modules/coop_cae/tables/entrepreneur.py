# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The entrepreneurs, with their parties."
import re

from trytond.modules.coop_ledger.files.table import Column

from .base import Change, Table

_EMAIL = re.compile(r'[^@\s]+@[^@\s]+\.[^@\s]+')


class Entrepreneurs(Table):
    name = 'entrepreneurs'
    columns = [
        Column('code', 'code'),
        Column('last_name'),
        Column('first_name', required=False),
        Column('gender', 'choice', required=False, choices=['F', 'M']),
        Column('birth_date', 'date', required=False),
        Column('email', required=False),
        Column('company', 'code'),
        Column('site', 'code', required=False),
        Column('adviser', 'code', required=False),
        Column('prior_status', 'code', required=False),
        Column('entry_date', 'date', required=False),
        ]
    key = ['code']
    access = ['cae.entrepreneur', 'party.party']

    def prepare(self):
        companies = self.companies()
        codes = self.codes('code')
        entrepreneurs = self.find_in_companies('cae.entrepreneur', 'code')
        parties = self.find('party.party', codes)
        sites = self.find('cae.site', self.codes('site'))
        advisers = self.find_or_new('cae.adviser', 'adviser')
        statuses = self.find_or_new('cae.prior_status', 'prior_status')
        self.parties = []
        for row in self.rows:
            code = row['code']
            company = self.get(companies, row, 'company', 'companies.csv')
            record = entrepreneurs[company].get(code)
            others = [
                people[code] for people in entrepreneurs.values()
                if code in people]
            if company and not record:
                self._check_move(row, others)
            self._check(row)
            # Who moves to another company is the same party
            party = next(
                (e.party for e in others), parties.get(code))
            self.parties.append(
                Change(row, party, self._party_values(row, party)))
            self.changes.append(Change(row, record, {
                        'code': code,
                        'company': company,
                        'site': self.get(sites, row, 'site', 'sites.csv'),
                        'adviser': advisers.get(row['adviser']),
                        'prior_status': statuses.get(row['prior_status']),
                        'gender': row['gender'],
                        'birth_date': row['birth_date'],
                        'entry_date': row['entry_date'],
                        }))

    def _check_move(self, row, others):
        for other in others:
            if any(c.last_day is None for c in other.contracts):
                self.problem(
                    row, 'entrepreneur_moves', 'company',
                    company=other.company.rec_name)

    def _check(self, row):
        birth, entry = row['birth_date'], row['entry_date']
        if birth and entry and birth >= entry:
            self.problem(row, 'date_after', 'entry_date', date=birth)
        if row['email'] and not _EMAIL.fullmatch(row['email']):
            self.problem(row, 'email', 'email')

    def _party_values(self, row, party):
        names = [row['first_name'], row['last_name']]
        return {
            # A party keeps its code: it may be known by another one
            **({} if party else {'code': row['code']}),
            'name': ' '.join(filter(None, names)),
            'contact_mechanisms': _email(row['email'], party),
            }

    def write(self):
        self.save('party.party', self.parties)
        for change, party in zip(self.changes, self.parties):
            change.values['party'] = party.record
        self.save('cae.entrepreneur', self.changes)


def _email(email, party):
    "Return what makes the address the first e-mail of the party"
    if not email:
        return []
    for mechanism in (party.contact_mechanisms if party else []):
        if mechanism.type == 'email':
            if mechanism.value == email:
                return []
            return [('write', [mechanism.id], {'value': email})]
    return [('create', [{'type': 'email', 'value': email}])]
