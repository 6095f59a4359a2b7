# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The rule of contribution that a row of companies.csv sets."
import datetime
from dataclasses import dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Model
from trytond.pool import Pool

DAY = datetime.timedelta(days=1)
# The accounts whose balance makes each base
BASES = {
    'gross_margin': [
        '70', '601', '602', '603', '604', '605', '607', '608', '609', '611'],
    'turnover': ['70'],
    }


@dataclass
class ContributionTerms:
    """The general rule of contribution that a row of companies.csv sets.

    It holds from the first day of the fiscal year of the row.
    """
    company: Model
    start: datetime.date
    kind: str
    rate: Decimal

    @classmethod
    def of(cls, row, company):
        return cls(
            company, row['fiscal_year_start'], row['contribution_base'],
            (row['contribution_rate'] or Decimal(0)) / 100)

    @property
    def rule(self):
        "The general rule in force on the first day"
        Rule = Pool().get('cae.contribution.rule')
        rules = Rule.search([
                ('company', '=', self.company.id),
                ('contract_type', '=', None),
                ('entrepreneur', '=', None),
                ('activity', '=', None),
                ('start_date', '<=', self.start),
                ['OR',
                    ('end_date', '=', None),
                    ('end_date', '>=', self.start),
                    ],
                ], limit=1)
        return rules[0] if rules else None

    def is_of(self, rule):
        "Tell if the rule says the same"
        return (
            rule and rule.base.kind == self.kind and rule.rate == self.rate
            and not rule.slices)

    @property
    def used(self):
        "Tell if the rule that they would change made a contribution"
        Contribution = Pool().get('cae.contribution')
        rule = self.rule
        return bool(
            rule and not self.is_of(rule)
            and Contribution.search([
                    ('rule', '=', rule.id),
                    ('close.period.end_date', '>=', self.start),
                    ], limit=1, order=[]))

    def enter(self):
        "Make the rule hold, and return if something changed"
        pool = Pool()
        Lang = pool.get('ir.lang')
        Rule = pool.get('cae.contribution.rule')
        rule = self.rule
        if self.is_of(rule):
            return False
        base = self._base()
        if rule and rule.start_date == self.start:
            rule.base = base
            rule.slices = []
            rule.rate = self.rate
            rule.save()
            return True
        end_date = None
        if rule:
            end_date = rule.end_date
            rule.end_date = self.start - DAY
            rule.save()
        Rule.create([{
                    'company': self.company.id,
                    'name': gettext(
                        'coop_cae.msg_general_rule_name',
                        date=Lang.get().strftime(self.start)),
                    'start_date': self.start,
                    'end_date': end_date or self._day_before_next(),
                    'decision_date': self.start,
                    'base': base.id,
                    'rate': self.rate,
                    }])
        return True

    def _day_before_next(self):
        "Return the last day that no later general rule has"
        Rule = Pool().get('cae.contribution.rule')
        rules = Rule.search([
                ('company', '=', self.company.id),
                ('contract_type', '=', None),
                ('entrepreneur', '=', None),
                ('activity', '=', None),
                ('start_date', '>', self.start),
                ], order=[('start_date', 'ASC')], limit=1)
        return rules[0].start_date - DAY if rules else None

    def _base(self):
        "Return the base of the kind, made with all the others if missing"
        Base = Pool().get('cae.contribution.base')
        bases = {
            b.kind: b for b in Base.search([
                    ('company', '=', self.company.id),
                    ('kind', 'in', list(BASES)),
                    ], order=[('id', 'DESC')])}
        missing = [k for k in BASES if k not in bases]
        for base in Base.create([{
                        'company': self.company.id,
                        'name': gettext(f'coop_cae.msg_base_{kind}_name'),
                        'kind': kind,
                        'accounts': [('create', [
                                    {'prefix': p} for p in BASES[kind]])],
                        } for kind in missing]):
            bases[base.kind] = base
        return bases[self.kind]
