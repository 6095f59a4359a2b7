# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import Counter

from trytond.modules.coop_cae.rules.pay_entry import Pay, net_expected
from trytond.modules.coop_ledger.files.table import Column, money
from trytond.pool import Pool

from .base import Change, Table, differences

AMOUNTS = [
    'gross', 'employee_contributions', 'income_tax',
    'employer_contributions', 'net']


class Payslips(Table):
    """The payslips, in draft until the close of their month.

    Several payslips of a person, month and activity are told apart by their
    order in the file.
    """
    name = 'payslips'
    columns = [
        Column('company', 'code'),
        Column('period', 'month'),
        Column('entrepreneur', 'code'),
        Column('activity', 'code'),
        money('gross'),
        money('employee_contributions', positive=False),
        money('income_tax', positive=False),
        money('employer_contributions', positive=False),
        money('net', positive=False),
        ]
    access = ['cae.payslip']

    def prepare(self):
        self.by_company = self.companies()
        self.entrepreneurs = self.find_in_companies(
            'cae.entrepreneur', 'entrepreneur')
        self.activities = self.find_in_companies('cae.activity', 'activity')
        self.periods = self._find_periods()
        payslips = self._find_payslips()
        ranks = Counter()
        for row in self.rows:
            self._check_net(row)
            if not (key := self._key(row)):
                continue
            ranks[key] += 1
            record = payslips.get((*key, ranks[key]))
            change = Change(row, record, _values(row, key, ranks[key], record))
            if not record or differences(record, change.values):
                self._check_change(change, *key)
            self.changes.append(change)

    def _find_periods(self):
        Period = Pool().get('account.period')
        months = [row['period'] for row in self.rows if row['period']]
        if not months:
            return {}
        return {
            (p.company, p.start_date): p for p in Period.search([
                    ('company', 'in', [
                            c.id for c in self.by_company.values()]),
                    ('type', '=', 'standard'),
                    ('start_date', '>=', min(months)),
                    ('start_date', '<=', max(months)),
                    ], order=[])}

    def _find_payslips(self):
        Payslip = Pool().get('cae.payslip')
        payslips = Payslip.search([
                ('period', 'in', [p.id for p in self.periods.values()]),
                ('entrepreneur.code', 'in', self.codes('entrepreneur')),
                ], order=[('id', 'ASC')])
        return {
            (p.period, p.entrepreneur, p.activities[0].activity, p.rank): p
            for p in payslips if len(p.activities) == 1}

    def _key(self, row):
        "Return the period, the person and the activity if all are known"
        company = self.get(self.by_company, row, 'company', 'companies.csv')
        if not company:
            return None
        person = self.get(
            self.entrepreneurs[company], row, 'entrepreneur',
            'entrepreneurs.csv')
        activity = self.get(
            self.activities[company], row, 'activity', 'activities.csv')
        period = self.periods.get((company, row['period']))
        if row['period'] and not period:
            self.problem(row, 'no_period', 'period', company=company.rec_name)
        if person and activity and activity not in person.activities:
            self.problem(
                row, 'foreign_activity', 'activity',
                entrepreneur=person.rec_name)
        if period and person and activity:
            return period, person, activity

    def _check_net(self, row):
        amounts = [row[name] for name in AMOUNTS]
        if None not in amounts:
            expected = net_expected(Pay(*amounts))
            if row['net'] != expected:
                self.problem(row, 'net', 'net', net=expected)

    def _check_change(self, change, period, person, activity):
        row = change.row
        if change.record and change.record.state == 'posted':
            self.problem(row, 'payslip_posted', period=period.rec_name)
        if period.state != 'open' or period.fiscalyear.state != 'open':
            self.problem(row, 'period_closed', 'period')
        if not any(
                c.type == 'cesa'
                and c.covers(period.start_date, period.end_date)
                for c in person.contracts):
            self.problem(
                row, 'no_contract', 'entrepreneur', period=period.rec_name)

    def write(self):
        self.save('cae.payslip', self.changes)


def _values(row, key, rank, record):
    period, person, activity = key
    values = {
        'company': period.company,
        'period': period,
        'entrepreneur': person,
        'rank': rank,
        }
    values.update((name, row[name]) for name in AMOUNTS)
    if not record:
        values['activities'] = [('create', [{'activity': activity.id}])]
    return values
