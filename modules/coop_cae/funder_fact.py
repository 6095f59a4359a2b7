# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What funders ask about people: dated, for a group of its own, purged.

No field leads here from the people, who give no access to it either: nobody
else can tell even how many facts there are.
"""
from sql.aggregate import Max, Min

from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

from .balance import context_date

_YES_NO = [
    (None, ""),
    ('yes', "Yes"),
    ('no', "No"),
    ]


class FunderFact(ModelSQL, ModelView):
    __name__ = 'cae.funder_fact'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    date = fields.Date(
        "From", required=True,
        help="The first day on which it is so, until the next one.")
    status = fields.Many2One(
        'cae.prior_status', "Status", ondelete='RESTRICT')
    benefit = fields.Many2One(
        'cae.benefit', "Benefit", ondelete='RESTRICT')
    benefit_end_date = fields.Date(
        "End of the Benefit",
        domain=[
            If(Bool(Eval('benefit_end_date')) & Bool(Eval('date')),
                ('benefit_end_date', '>=', Eval('date', None)),
                ()),
            ],
        states={
            'invisible': ~Eval('benefit'),
            })
    disability = fields.Selection(
        _YES_NO, "Disability", sort=False,
        help="Recognised as a disabled worker (RQTH).\n"
        "Leave empty if it is not known.")
    training_level = fields.Selection([
            (None, ""),
            ('none', "None"),
            ('3', "3 (CAP, BEP)"),
            ('4', "4 (Baccalauréat)"),
            ('5', "5 (BTS, DUT)"),
            ('6', "6 (Licence)"),
            ('7', "7 (Master)"),
            ('8', "8 (Doctorat)"),
            ], "Training Level", sort=False,
        help="Of the French framework of qualifications.")
    urban_area = fields.Selection(
        _YES_NO, "Urban Priority Area", sort=False,
        help="Lives in a quartier prioritaire de la ville (QPV).\n"
        "Leave empty if it is not known.")
    rural_area = fields.Selection(
        _YES_NO, "Rural Priority Area", sort=False,
        help="Lives in a zone de revitalisation rurale (ZRR, FRR).\n"
        "Leave empty if it is not known.")
    prescriber = fields.Many2One(
        'cae.prescriber', "Prescriber", ondelete='RESTRICT',
        help="Who sent the person.")
    at_entry = fields.Function(
        fields.Boolean("At Entry", help="The first of the person."),
        'get_place', searcher='search_place')
    in_force = fields.Function(
        fields.Boolean("In Force", help="Today, or at the date of the list."),
        'get_place', searcher='search_place')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('date_unique', Unique(table, table.entrepreneur, table.date),
                'coop_cae.msg_funder_fact_unique'))
        cls._order = [
            ('entrepreneur', 'ASC'), ('date', 'ASC'), ('id', 'ASC')]

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('entrepreneur', '_parent_entrepreneur.company')
    def on_change_with_company(self, name=None):
        return self.entrepreneur.company if self.entrepreneur else None

    @classmethod
    def search_company(cls, name, clause):
        return [('entrepreneur.' + clause[0], *clause[1:])]

    @classmethod
    def get_place(cls, facts, names):
        ids = [f.id for f in facts]
        result = {}
        for name in names:
            found = {
                f.id for f in cls.search([
                        ('id', 'in', ids), (name, '=', True)], order=[])}
            result[name] = {id_: id_ in found for id_ in ids}
        return result

    @classmethod
    def search_place(cls, name, clause):
        _, operator, value = clause
        if operator in {'=', '!='}:
            value = [value]
        wanted = {bool(v) for v in value}
        if operator in {'!=', 'not in'}:
            wanted = {True, False} - wanted
        query = cls._placed(name)
        return ['OR', ('id', '<', 0), *(
                ('id', 'in' if v else 'not in', query) for v in wanted)]

    @classmethod
    def _placed(cls, name):
        "Return the query of the first facts of people, or of those in force"
        table, other = cls.__table__(), cls.__table__()
        if name == 'at_entry':
            date, where = Min(other.date), None
        else:
            date = Max(other.date)
            where = other.date <= context_date('facts_date')
        dates = other.select(
            other.entrepreneur, date.as_('date'), where=where,
            group_by=other.entrepreneur)
        return (table
            .join(dates, condition=(table.entrepreneur == dates.entrepreneur)
                & (table.date == dates.date))
            .select(table.id))

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.entrepreneur.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]


class FunderFactContext(ModelView):
    __name__ = 'cae.funder_fact.context'

    facts_date = fields.Date("Date", required=True)

    @classmethod
    def default_facts_date(cls):
        return Pool().get('ir.date').today()
