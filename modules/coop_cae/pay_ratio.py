# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from sql import Literal
from sql.conditionals import Coalesce
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, ModelSQL, ModelView, fields
from trytond.modules.coop_cae.rules.pay_estimate import Ratios
from trytond.modules.coop_cae.rules.pay_ratio import (
    MONTHS, PaidMonth, SetRatios, choose)
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.sql.functions import DateRange
from trytond.sql.operators import RangeOverlap
from trytond.transaction import Transaction

from .exceptions import PayRatioValidationError


@dataclass(frozen=True, slots=True)
class PersonRatios:
    "The ratios of somebody on a date, and where they come from, in words"
    ratios: Ratios
    source: str


class PayRatio(ExclusionMixin, ModelSQL, ModelView):
    __name__ = 'cae.pay.ratio'

    company = fields.Many2One('company.company', "Company", required=True)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", ondelete='CASCADE',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="Leave it empty for all those whom no payslip tells about.")
    start_date = fields.Date(
        "Start Date", required=True,
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('start_date', '<=', Eval('end_date', None)),
                ()),
            ])
    end_date = fields.Date(
        "End Date",
        domain=[
            If(Bool(Eval('start_date')) & Bool(Eval('end_date')),
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ])
    employer_ratio = fields.Numeric(
        "Employer Contributions", digits=(None, 4), required=True,
        domain=[
            ('employer_ratio', '>=', 0),
            ('employer_ratio', '<=', 2),
            ],
        help="In part of the gross pay.")
    employee_ratio = fields.Numeric(
        "Employee Contributions", digits=(None, 4), required=True,
        domain=[
            ('employee_ratio', '>=', 0),
            ('employee_ratio', '<', 1),
            ],
        help="In part of the gross pay.")
    tax_ratio = fields.Numeric(
        "Income Tax Withheld", digits=(None, 4), required=True,
        domain=[
            ('tax_ratio', '>=', 0),
            ('tax_ratio', '<', 1),
            ],
        help="In part of the gross pay: the net is what is paid to the "
        "person, as on a payslip.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('date_overlap', Exclude(table,
                    (table.company, Equal),
                    (Coalesce(table.entrepreneur, -1), Equal),
                    (DateRange(table.start_date, table.end_date, '[]'),
                        RangeOverlap),
                    where=Literal(True)),
                'coop_cae.msg_pay_ratio_overlap'))
        cls._order.insert(0, ('start_date', 'DESC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_tax_ratio(cls):
        return 0

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        whose = self.entrepreneur or self.company
        return f'{whose.rec_name} – {lang.strftime(self.start_date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('entrepreneur.rec_name', operator, value),
            ('company.rec_name', operator, value),
            ]

    @classmethod
    def validate_fields(cls, ratios, field_names):
        super().validate_fields(ratios, field_names)
        cls.check_kept_back(ratios, field_names)

    @classmethod
    def check_kept_back(cls, ratios, field_names=None):
        if field_names and not (
                field_names & {'employee_ratio', 'tax_ratio'}):
            return
        for ratio in ratios:
            if ratio.employee_ratio + ratio.tax_ratio >= 1:
                raise PayRatioValidationError(gettext(
                        'coop_cae.msg_pay_ratio_kept_back',
                        ratio=ratio.rec_name))

    @classmethod
    def of(cls, company, pairs):
        """Return the ratios by pair of entrepreneur's id and date, as far as
        something tells them

        The number of queries does not depend on the number of pairs.
        """
        pairs = set(pairs)
        if not pairs:
            return {}
        set_ = cls._read_set(company)
        people = {person for person, _ in pairs}
        payslips = cls._read_payslips(
            company, people, min(d for _, d in pairs),
            max(d for _, d in pairs))
        choices = {}
        for person, date in pairs:
            if choice := choose(
                    date, set_[person], payslips[person], set_[None]):
                choices[person, date] = choice
        return cls._tell(choices)

    @classmethod
    def _read_set(cls, company):
        "Return the ratios that are set by entrepreneur"
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(
                table.entrepreneur, table.id, table.start_date,
                table.end_date, table.employer_ratio, table.employee_ratio,
                table.tax_ratio,
                where=table.company == company.id))
        found = defaultdict(list)
        for person, *values in cursor:
            found[person].append(SetRatios(*values))
        return found

    @classmethod
    def _read_payslips(cls, company, people, first, last):
        """Return the posted payslips by entrepreneur, the last made first

        Those who estimate pay need no access to the payslips themselves.
        """
        pool = Pool()
        payslip = pool.get('cae.payslip').__table__()
        period = pool.get('account.period').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*payslip
            .join(period, condition=payslip.period == period.id)
            .select(
                payslip.entrepreneur, period.end_date, payslip.gross,
                payslip.employer_contributions,
                payslip.employee_contributions, payslip.income_tax,
                where=(payslip.company == company.id)
                & (payslip.state == 'posted')
                & fields.SQL_OPERATORS['in'](
                    payslip.entrepreneur, list(people))
                & (period.end_date > first - relativedelta(months=MONTHS))
                & (period.end_date <= last),
                order_by=payslip.id.desc))
        found = defaultdict(list)
        for person, *values in cursor:
            found[person].append(PaidMonth(*values))
        return found

    @classmethod
    def _tell(cls, choices):
        "Return the ratios chosen with words that tell their source"
        lang = Pool().get('ir.lang').get()
        records = {r.id: r for r in cls.browse(list({
                        c.record for c in choices.values() if c.record}))}
        result = {}
        for key, choice in choices.items():
            record = records.get(choice.record)
            source = gettext(
                f'coop_cae.msg_pay_ratio_{choice.source}',
                payslips=choice.payslips,
                date=lang.strftime(record.start_date) if record else '')
            result[key] = PersonRatios(choice.ratios, source)
        return result
