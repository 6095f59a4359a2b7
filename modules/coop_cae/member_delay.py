# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""When employed entrepreneurs become members, and by when they must."""
from collections import defaultdict

from sql import Null

from trytond.model import ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import without_check_access

from .balance import context_date
from .figures import user_companies
from .rows import read_rows, records
from .rules.clock import Span, membership_deadline, whole_months
from .stay import read_contracts


class MemberDelay(ModelSQL, ModelView):
    __name__ = 'cae.member.delay'

    company = fields.Many2One('company.company', "Company")
    entrepreneur = fields.Many2One('cae.entrepreneur', "Entrepreneur")
    start_date = fields.Date(
        "CESA Since", help="The first day of the CESA that runs.")
    deadline = fields.Date(
        "Member By",
        help="Three years from the start, less the duration of the earlier "
        "contracts (code du travail, L7331-3).")
    admission_date = fields.Date("Member Since")
    months = fields.Integer(
        "Months", help="From the start of the CESA to the admission, or to "
        "the day of the list; whole months.")
    state = fields.Selection([
            ('member', "Member"),
            ('not_yet', "Not Yet"),
            ('late', "Late"),
            ], "State", sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('deadline', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        names = [
            'id', 'company', 'entrepreneur', 'start_date', 'deadline',
            'admission_date', 'months', 'state']
        with without_check_access():
            return records(cls, names, [
                    tuple(map(row.get, names))
                    for row in cls._figures(
                        None, context_date('figure_end'))])

    @classmethod
    def _figures(cls, start, day):
        companies = user_companies()
        members = _members(companies, day)
        # Those who came on the same days have the same one
        deadlines = {}
        for person, own in read_contracts(companies).items():
            start = max((
                    c.start for c in own
                    if c.type == 'cesa' and c.start <= day
                    and (c.last_day is None or c.last_day >= day)),
                default=None)
            if not start:
                continue
            before = (start, *(
                    (c.start, c.last_day) for c in own if c.start < start))
            if before not in deadlines:
                deadlines[before] = membership_deadline(
                    start, [Span(*days) for days in before[1:]])
            deadline = deadlines[before]
            admitted = members.get((person.company, person.party))
            yield {
                'id': person.id,
                'company': person.company,
                'entrepreneur': person.id,
                'start_date': start,
                'deadline': deadline,
                'admission_date': admitted,
                'months': whole_months(start, admitted or day),
                'state': (
                    'member' if admitted
                    else 'late' if deadline < day else 'not_yet'),
                }

    def get_rec_name(self, name):
        return self.entrepreneur.rec_name

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('state') == 'late', 'danger', If(
                        Eval('state') == 'member', 'muted', ''))),
            ]


def _members(companies, day):
    "Return the day of admission of the members by company and party"
    table = Pool().get('coop.member').__table__()
    found = defaultdict(lambda: None)
    for company, party, admitted in read_rows(table.select(
                table.company, table.party, table.admission_date,
                where=fields.SQL_OPERATORS['in'](
                    table.company, list(companies))
                & (table.number != Null)
                & (table.admission_date <= day)
                & ((table.exit_date == Null) | (table.exit_date >= day)))):
        found[company, party] = admitted
    return found
