# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The figures of the activities, reckoned from the files alone."""
import csv
from collections import defaultdict
from decimal import Decimal

ZERO = Decimal('0.00')
MARGIN = (
    '601', '602', '603', '604', '605', '607', '608', '609', '611')


def amount(text):
    return Decimal(text.replace(',', '.'))


def activities(group, month):
    """Return the rows of the report at the end of the month of 2024, and the
    activities whose treasury the files do not tell to the cent: what is kept
    back from somebody paid by several is shared between them"""
    sums = defaultdict(lambda: defaultdict(lambda: ZERO))
    for name, company in group.fecs().items():
        for line in csv.DictReader(
                group.read(name).decode('utf-8').splitlines(), delimiter='\t'):
            if line['Activite'] and int(line['EcritureDate'][4:6]) <= month:
                book(
                    sums[company, line['Activite']], line['CompteNum'],
                    amount(line['Credit']) - amount(line['Debit']))
    for row in read(group, 'expected/contributions.csv'):
        if int(row['month']) <= month:
            total = sums[row['company'], row['activity']]
            booked = amount(row['booked'])
            total['contribution'] += booked
            total['result'] -= booked
            total['treasury'] -= booked
    paid = defaultdict(lambda: defaultdict(set))
    for row in read(group, 'payslips.csv'):
        slip_month = int(row['period'][5:])
        if slip_month <= month:
            total = sums[row['company'], row['activity']]
            cost = amount(row['gross']) + amount(row['employer_contributions'])
            total['pay'] += cost
            total['result'] -= cost
            paid[row['company'], row['entrepreneur']][slip_month].add(
                row['activity'])
    unsure = set()
    for row in read(group, 'expected/shares.csv'):
        withheld = amount(row['withheld'])
        if int(row['month']) <= month and withheld:
            company, person = row['company'], row['entrepreneur']
            names = paid[company, person][int(row['month'])]
            if len(names) > 1:
                unsure |= {(company, name) for name in names}
            sums[company, min(names)]['treasury'] -= withheld
    columns = [
        'revenue', 'gross_margin', 'contribution', 'other_costs', 'pay',
        'result', 'treasury', 'receivable', 'payable']
    for total in sums.values():
        total['other_costs'] = (
            total['gross_margin'] - total['contribution'] - total['pay']
            - total['result'])
    return [
        (*key, *(sums[key][c] for c in columns)) for key in sorted(sums)
        ], unsure


def book(total, account, credit):
    if account.startswith('70'):
        total['revenue'] += credit
    if account.startswith(('70', *MARGIN)):
        total['gross_margin'] += credit
    if account.startswith(('6', '7')):
        total['result'] += credit
    if not account.startswith('5'):
        total['treasury'] += credit
    if account.startswith('41'):
        total['receivable'] -= credit
    if account.startswith('40'):
        total['payable'] += credit


def read(group, name):
    return csv.DictReader(
        group.read(name).decode('utf-8').splitlines(), delimiter=';')
