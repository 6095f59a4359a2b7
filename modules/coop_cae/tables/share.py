# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime
from dataclasses import dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Model
from trytond.pool import Pool

CLASS = 'A'


@dataclass
class ShareTerms:
    """The shares of a company as a row of companies.csv sets them.

    nominal holds from the first day of the fiscal year of the row;
    rate is the part of the gross pay that new commitments keep back.
    """
    company: Model
    start: datetime.date
    nominal: Decimal | None
    rate: Decimal

    @classmethod
    def of(cls, row, company):
        return cls(
            company, row['fiscal_year_start'], row['share_nominal'],
            (row['share_rate'] or Decimal(0)) / 100)

    @property
    def class_(self):
        Configuration = Pool().get('coop.share.configuration')
        return Configuration(1).get_setting('share_class', self.company)

    @property
    def nominal_in_force(self):
        Class = Pool().get('coop.share.class')
        if class_ := self.class_:
            return Class.nominals_at(self.company, self.start).get(class_.id)

    def enter(self):
        "Make them hold, and return what changed"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        changed = None
        configuration = Configuration(1)
        rate = configuration.get_setting('share_rate', self.company)
        if rate != self.rate:
            configuration.set_multivalue(
                'share_rate', self.rate, company=self.company.id)
            changed = 'new' if rate is None else 'rate'
        if not self.class_:
            self._create_class()
            changed = 'new'
        elif self.nominal_in_force is None:
            self._post_nominal(self.class_)
            changed = 'new'
        return changed

    def _create_class(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Configuration = pool.get('coop.share.configuration')
        classes = Class.search([
                ('company', '=', self.company.id), ('code', '=', CLASS)])
        if not classes:
            classes = Class.create([{
                        'company': self.company.id,
                        'code': CLASS,
                        'name': gettext('coop_cae.msg_share_class_name'),
                        }])
        class_, = classes
        Configuration(1).set_multivalue(
            'share_class', class_.id, company=self.company.id)
        if self.nominal_in_force is None:
            self._post_nominal(class_)

    def _post_nominal(self, class_):
        Nominal = Pool().get('coop.share.nominal')
        nominals = Nominal.create([{
                    'share_class': class_.id,
                    'date': self.start,
                    'nominal': self.nominal,
                    }])
        Nominal.post(nominals)
