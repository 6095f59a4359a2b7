# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import Counter

from trytond.modules.coop_ledger.files.table import Column
from trytond.pool import Pool

from .base import Change, Table


class Members(Table):
    """The members, numbered in the order of their admission.

    The shares that they held before enter the register on the first day of
    the first month closed here.
    """
    name = 'members'
    columns = [
        Column('company', 'code'),
        Column('entrepreneur', 'code'),
        Column('category', 'code', required=False),
        Column('admission_date', 'date'),
        Column('opening_shares', 'integer', required=False, minimum=0),
        ]
    key = ['company', 'entrepreneur']
    access = ['coop.member', 'coop.share.movement']
    locks = ['coop.member']

    def prepare(self):
        self.by_company = self.companies()
        people = self.find_in_companies('cae.entrepreneur', 'entrepreneur')
        self.categories = self.find_in_companies(
            'coop.member.category', 'category')
        members = self._find_members(people)
        self.openings = self._find_openings(members.values())
        self.starts = self._find_starts()
        for row in self.rows:
            company = self.get(
                self.by_company, row, 'company', 'companies.csv')
            person = company and self.get(
                people[company], row, 'entrepreneur', 'entrepreneurs.csv')
            party = person.party if person else None
            record = members.get((company, party))
            self._check(row, company, record)
            self.changes.append(Change(row, record, {
                        'company': company,
                        'party': party,
                        'category': self.categories[company].get(
                            row['category']),
                        'admission_date': row['admission_date'],
                        }))

    def _find_members(self, people):
        Member = Pool().get('coop.member')
        parties = [
            e.party.id for by_code in people.values()
            for e in by_code.values()]
        return {
            (m.company, m.party): m for m in Member.search([
                    ('company', 'in', [
                            c.id for c in self.by_company.values()]),
                    ('party', 'in', parties),
                    ], order=[('admission_date', 'ASC'), ('id', 'ASC')])}

    def _find_openings(self, members):
        "Return the opening shares that are in the register by member"
        Movement = Pool().get('coop.share.movement')
        openings = Counter()
        for movement in Movement.search([
                    ('member', 'in', [m.id for m in members]),
                    ('type', '=', 'opening'),
                    ('state', '=', 'posted'),
                    ('reversed_by', '=', None),
                    ], order=[]):
            openings[movement.member] += movement.quantity
        return openings

    def _find_starts(self):
        "Return the first day of the books here by company"
        Configuration = Pool().get('cae.configuration')
        return {
            company: Configuration(1).get_setting('closes_from', company)
            for company in self.by_company.values()}

    def _check(self, row, company, member):
        admission = row['admission_date']
        if (member and member.number and admission
                and member.admission_date != admission):
            self.problem(
                row, 'admission_numbered', 'admission_date',
                number=member.number, date=member.admission_date)
        shares = row['opening_shares'] or 0
        opening = self.openings[member]
        if opening and opening != shares:
            self.problem(
                row, 'opening_posted', 'opening_shares', quantity=opening)
        if not company or not shares or opening:
            return
        start = self.starts[company]
        if not start:
            self.problem(row, 'no_fiscalyear', 'opening_shares')
        elif admission and admission >= start:
            self.problem(
                row, 'opening_admission', 'opening_shares', date=start)

    def lock(self):
        super().lock()
        Configuration = Pool().get('coop.share.configuration')
        for company in {
                c.values['company'] for c in self.changes if not c.record}:
            for name in ['member_sequence', 'movement_sequence']:
                Configuration(1).get_required(name, company).lock()

    def write(self):
        Member = Pool().get('coop.member')
        self._make_categories()
        new = [c for c in self.changes if not c.record]
        self.save('coop.member', self.changes)
        Member.admit(Member.browse([c.record for c in new]))
        self._post_openings()

    def _make_categories(self):
        "Make the categories that companies have not yet"
        Category = Pool().get('coop.member.category')
        missing = {
            (c.values['company'], c.row['category']): None
            for c in self.changes
            if c.row['category'] and not c.values['category']}
        created = Category.create([
                {'company': company.id, 'code': code, 'name': code}
                for company, code in missing])
        missing = dict(zip(missing, created))
        for change in self.changes:
            key = change.values['company'], change.row['category']
            if key in missing:
                change.values['category'] = missing[key]

    def _post_openings(self):
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Movement = pool.get('coop.share.movement')
        classes = {
            company: Configuration(1).get_required('share_class', company)
            for company in self.by_company.values()}
        changes = [
            c for c in self.changes
            if c.row['opening_shares'] and not self.openings[c.record]]
        movements = Movement.create([{
                    'company': c.values['company'].id,
                    'type': 'opening',
                    'date': self.starts[c.values['company']],
                    'member': c.record.id,
                    'share_class': classes[c.values['company']].id,
                    'quantity': c.row['opening_shares'],
                    } for c in changes])
        Movement.post(movements)
        self._updated |= {c.row.line for c in changes}
