# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The sheet of the approved pay requests for the payroll office."""
import csv
import io
from dataclasses import astuple, dataclass
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.company import CompanyReport
from trytond.modules.coop_cae.rules.cell import safe_cell
from trytond.modules.coop_ledger.money import round_half_up
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction, check_access
from trytond.wizard import Button, StateReport, StateView, Wizard

from .exceptions import PayRequestError


@dataclass(frozen=True, slots=True)
class Row:
    "A line of the sheet; the number of social security is not on it"
    code: str
    name: str
    contract: str
    activity: str
    month: str
    wanted: str
    amount: Decimal
    gross: Decimal | None
    cost: Decimal | None
    net: Decimal | None
    note: str


COLUMNS = list(Row.__slots__)
ZERO = Decimal('0.00')


def rows(requests):
    "Return the rows of approved requests, in order of person and activity"
    Request = Pool().get('cae.pay.request')
    for request in requests:
        if request.state != 'approved':
            raise PayRequestError(gettext(
                    'coop_cae.msg_pay_sheet_not_approved',
                    request=request.rec_name))
    labels = dict(Request.fields_get(['wanted'])['wanted']['selection'])
    return [
        Row(
            r.entrepreneur.code, r.entrepreneur.party.name or '',
            _contract(r), r.activity.rec_name,
            r.period.start_date.strftime('%Y-%m'), labels[r.wanted],
            *(round_half_up(v, r.company.currency.digits)
                if v is not None else None
                for v in [r.amount, r.gross, r.cost, r.net]),
            ' '.join((r.notes or '').split()))
        for r in sorted(requests, key=lambda r: (
                r.company.rec_name, r.period.start_date,
                r.entrepreneur.code, r.activity.code, r.id))]


def _contract(request):
    """Return the kinds of contract that run in the month, the last one begun
    first"""
    period = request.period
    return ', '.join(dict.fromkeys(
            c.type.upper() for c in sorted(
                request.entrepreneur.contracts, key=lambda c: c.start_date,
                reverse=True)
            if c.covers(period.start_date, period.end_date)))


def headings():
    "Return the headings of the columns by name"
    return {
        name: gettext(f'coop_cae.msg_pay_sheet_{name}') for name in COLUMNS}


class PaySheetODS(CompanyReport):
    __name__ = 'cae.pay.sheet.ods'

    @classmethod
    def get_context(cls, records, header, data):
        Request = Pool().get('cae.pay.request')
        context = super().get_context(records, header, data)
        requests = Request.browse([int(r) for r in records])
        found = rows(requests)
        context.update(
            rows=found,
            headings={
                **headings(), 'total': gettext('coop_cae.msg_pay_sheet_total'),
                },
            totals={
                name: sum((getattr(r, name) or ZERO for r in found), ZERO)
                for name in ['gross', 'cost', 'net']},
            title=gettext(
                'coop_cae.msg_pay_sheet_title',
                company=', '.join(dict.fromkeys(
                        r.company.rec_name for r in requests)),
                month=', '.join(dict.fromkeys(r.month for r in found))),
            remark=gettext('coop_cae.msg_pay_sheet_remark'),
            mentions='; '.join(dict.fromkeys(
                    r.company.legal_mentions for r in requests)))
        return context


class PaySheetCSV(CompanyReport):
    __name__ = 'cae.pay.sheet.csv'

    @classmethod
    def _execute(cls, records, header, data, action):
        Request = Pool().get('cae.pay.request')
        requests = Request.browse([int(r) for r in records])
        return 'csv', csv_of(rows(requests)).encode('utf-8-sig')


def csv_of(rows):
    """Return the rows as spreadsheets in France read them: semicolons, decimal
    commas, a mark of UTF-8"""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=';', lineterminator='\r\n')
    writer.writerow(map(safe_cell, headings().values()))
    for row in rows:
        writer.writerow(map(safe_cell, astuple(row)))
    return file.getvalue()


class PaySheet(Wizard):
    __name__ = 'cae.pay.sheet'
    _readonly = True

    start = StateView(
        'cae.pay.sheet.start', 'coop_cae.pay_sheet_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("CSV", 'csv', 'tryton-print'),
            Button("Spreadsheet", 'ods', 'tryton-print', default=True),
            ])
    ods = StateReport('cae.pay.sheet.ods')
    csv = StateReport('cae.pay.sheet.csv')

    def do_ods(self, action):
        return action, self._requests()

    def do_csv(self, action):
        return action, self._requests()

    def _requests(self):
        Request = Pool().get('cae.pay.request')
        with check_access():
            requests = Request.search([
                    ('company', '=', self.start.company.id),
                    ('period', '=', self.start.period.id),
                    ('state', '=', 'approved'),
                    ])
        if not requests:
            raise PayRequestError(gettext(
                    'coop_cae.msg_pay_sheet_nothing',
                    month=self.start.period.rec_name))
        return {'ids': [r.id for r in requests]}


class PaySheetStart(ModelView):
    __name__ = 'cae.pay.sheet.start'

    company = fields.Many2One('company.company', "Company", required=True)
    period = fields.Many2One(
        'account.period', "Month", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '=', 'standard'),
            ])

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')
