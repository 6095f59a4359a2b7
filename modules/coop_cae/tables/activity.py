# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The activities, with who runs them."
from decimal import Decimal

from trytond.modules.coop_ledger.files.table import Column

from .base import Change, Table

UNIT = Decimal('0.000001')


def equal_split(count: int) -> list[Decimal]:
    """Return as many equal parts of 1 with 6 decimals.

    The first ones take the remainder, so that the sum is exactly 1.
    """
    units = int(1 / UNIT)
    quotient, remainder = divmod(units, count)
    return [
        (quotient + (i < remainder)) * UNIT for i in range(count)]


class Activities(Table):
    name = 'activities'
    columns = [
        Column('code', 'code'),
        Column('name'),
        Column('company', 'code'),
        Column('naf', required=False),
        Column('site', 'code', required=False),
        Column('entrepreneurs', 'codes'),
        Column('start_date', 'date'),
        Column('end_date', 'date', required=False),
        ]
    key = ['company', 'code']
    access = ['cae.activity']

    def prepare(self):
        companies = self.companies()
        entrepreneurs = self.find_in_companies(
            'cae.entrepreneur', 'entrepreneurs')
        sites = self.find('cae.site', self.codes('site'))
        activities = self.find_in_companies('cae.activity', 'code')
        for row in self.rows:
            company = self.get(companies, row, 'company', 'companies.csv')
            people = self._people(row, company, entrepreneurs[company])
            start, end = row['start_date'], row['end_date']
            if start and end and end < start:
                self.problem(row, 'date_before', 'end_date', date=start)
            record = activities[company].get(row['code'])
            self.changes.append(Change(row, record, {
                        'company': company,
                        'code': row['code'],
                        'name': row['name'],
                        'naf': row['naf'],
                        'site': self.get(sites, row, 'site', 'sites.csv'),
                        'start_date': start,
                        'end_date': end,
                        'entrepreneurs': _split(record, people),
                        }))

    def _people(self, row, company, entrepreneurs):
        people = []
        for code in row['entrepreneurs'] or ():
            if person := entrepreneurs.get(code):
                people.append(person)
            elif company:
                self.problem(
                    row, 'unknown_person', 'entrepreneurs', person=code)
        return people

    def write(self):
        self.save('cae.activity', self.changes)


def _split(activity, people):
    """Return what gives the activity to the people in equal parts.

    As long as they are the same people the parts of their agreement stay.
    """
    current = activity.entrepreneurs if activity else []
    if not people or {e.entrepreneur for e in current} == set(people):
        return []
    actions = [('delete', [e.id for e in current])] if current else []
    actions.append(('create', [
                {'entrepreneur': person.id, 'ratio': ratio}
                for person, ratio in zip(people, equal_split(len(people)))]))
    return actions
