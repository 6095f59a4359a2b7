# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The contracts, with the commitments to subscribe that they bring."
from collections import defaultdict

from trytond.modules.coop_cae.commitment import enter_commitments
from trytond.modules.coop_cae.rules.clock import A_DAY, cape_limit
from trytond.modules.coop_ledger.files.table import Column, money

from .base import Change, Table

# What files may tell, and what stays as it is when they do not
TOLD = ['signed_on', 'urssaf_told_on', 'france_travail_told_on']
_TAKEN_OVER = {
    'signature': 'signed',
    'taken_over': True,
    }


class Contracts(Table):
    name = 'contracts'
    columns = [
        Column('entrepreneur', 'code'),
        Column('type', 'choice', choices={'CAPE': 'cape', 'CESA': 'cesa'}),
        Column('renewal', 'integer', required=False, minimum=0, maximum=2),
        Column('start_date', 'date'),
        Column('end_date', 'date', required=False),
        money('fixed_part', required=False),
        Column('exit_date', 'date', required=False),
        Column('exit_reason', 'code', required=False),
        *(Column(name, 'date', required=False, header=False) for name in TOLD),
        ]
    key = ['entrepreneur', 'type', 'start_date']
    access = ['cae.contract']

    def prepare(self):
        entrepreneurs = self._find_entrepreneurs()
        reasons = self.find_or_new('cae.exit_reason', 'exit_reason')
        for row in self.rows:
            people = self.get(
                entrepreneurs, row, 'entrepreneur', 'entrepreneurs.csv')
            self._check(row)
            entrepreneur, record = _find(row, people or [])
            self.changes.append(Change(row, record, {
                        'entrepreneur': entrepreneur,
                        'type': row['type'],
                        'renewal': row['renewal'] or 0,
                        'start_date': row['start_date'],
                        'end_date': row['end_date'],
                        'fixed_part': row['fixed_part'],
                        'exit_date': row['exit_date'],
                        'exit_reason': reasons.get(row['exit_reason']),
                        **{name: row[name] for name in TOLD if row.get(name)},
                        **({} if record else _TAKEN_OVER),
                        }))
        self._check_overlaps()
        self._check_renewals()

    def _find_entrepreneurs(self):
        entrepreneurs = defaultdict(list)
        for people in self.find_in_companies(
                'cae.entrepreneur', 'entrepreneur').values():
            for code, entrepreneur in people.items():
                entrepreneurs[code].append(entrepreneur)
        return entrepreneurs

    def _check(self, row):
        start = row['start_date']
        for column in ['end_date', 'exit_date']:
            if start and row[column] and row[column] < start:
                self.problem(row, 'date_before', column, date=start)
        if row['type'] == 'cape' and not row['end_date']:
            self.problem(row, 'cape_end', 'end_date')
        elif (row['type'] == 'cape' and start
                and row['end_date'] > cape_limit(start)):
            self.problem(
                row, 'cape_limit', 'end_date', date=cape_limit(start))
        if row['type'] == 'cesa' and row['renewal']:
            self.problem(row, 'cesa_renewal', 'renewal')
        if row['exit_reason'] and not row['exit_date']:
            self.problem(row, 'exit_date', 'exit_date')

    def _check_overlaps(self):
        "Test if two contracts of one type of a person share a day"
        spans = {}
        replaced = {c.record for c in self.changes if c.record}
        for change in self.changes:
            values = change.values
            if not values['entrepreneur'] or change.row.faulty:
                continue
            key = values['entrepreneur'], values['type']
            if key not in spans:
                spans[key] = [
                    (c.start_date, c.last_day)
                    for c in values['entrepreneur'].contracts
                    if c.type == values['type'] and c not in replaced]
            start, end = _span(change.row)
            for other_start, other_end in spans[key]:
                if ((end is None or other_start <= end)
                        and (other_end is None or start <= other_end)):
                    self.problem(
                        change.row, 'contract_overlap', 'start_date',
                        date=other_start)
                    break
            spans[key].append((start, end))

    def _check_renewals(self):
        "Test if a renewal starts the day after what it renews"
        ends = defaultdict(set)
        people = set()
        for change in self.changes:
            if change.values['entrepreneur'] and not change.row.faulty:
                people.add(change.values['entrepreneur'])
                ends[change.values['entrepreneur']].add(
                    (change.values['renewal'], _span(change.row)[1]))
        replaced = {c.record for c in self.changes if c.record}
        for person in people:
            ends[person].update(
                (c.renewal, c.last_day) for c in person.contracts
                if c.type == 'cape' and c not in replaced)
        for change in self.changes:
            renewal, row = change.values['renewal'], change.row
            if (change.values['entrepreneur'] and not row.faulty
                    and row['type'] == 'cape' and renewal
                    and (renewal - 1, row['start_date'] - A_DAY)
                    not in ends[change.values['entrepreneur']]):
                self.problem(row, 'cape_renewal', 'start_date')

    def write(self):
        last_days = {
            c.row.line: c.record.last_day for c in self.changes if c.record}
        changed = self.save('cae.contract', self.changes)
        enter_commitments({
                c.record: last_days.get(c.row.line)
                for c in changed if c.record.type == 'cesa'})


def _find(row, people):
    """Return the entrepreneur and the contract of the row.

    Of somebody who moved from a company to another the last entrepreneur
    has the new contracts.
    """
    for person in people:
        for contract in person.contracts:
            if (contract.type == row['type']
                    and contract.start_date == row['start_date']):
                return person, contract
    return (people[-1] if people else None), None


def _span(row):
    days = [d for d in [row['end_date'], row['exit_date']] if d]
    return row['start_date'], min(days, default=None)
