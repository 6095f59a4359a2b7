# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is recorded of a person before a contract."""
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.pool import Pool

STEPS = [
    ('candidate', "Candidate"),
    ('informed', "Information Meeting"),
    ('diagnosis', "Diagnosis"),
    ('accepted', "Accepted"),
    ('refused', "Refused"),
    ('gave_up', "Gave Up"),
    ]


class PathStep(ModelSQL, ModelView):
    __name__ = 'cae.path.step'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    date = fields.Date("Date", required=True)
    kind = fields.Selection(
        STEPS, "Step", required=True, sort=False,
        help="What comes before a contract: contracts and the membership tell "
        "the rest.")
    adviser = fields.Many2One('cae.adviser', "Adviser", ondelete='RESTRICT')
    note = fields.Text("Note")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('entrepreneur')
        cls._sql_indexes.add(Index(table,
                (table.entrepreneur, Index.Range()),
                (table.date, Index.Range())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @fields.depends('entrepreneur', '_parent_entrepreneur.company')
    def on_change_with_company(self, name=None):
        return self.entrepreneur.company if self.entrepreneur else None

    @classmethod
    def search_company(cls, name, clause):
        return [('entrepreneur.' + clause[0], *clause[1:])]

    @fields.depends('entrepreneur', 'adviser', '_parent_entrepreneur.adviser')
    def on_change_entrepreneur(self):
        if self.entrepreneur and not self.adviser:
            self.adviser = self.entrepreneur.adviser

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.entrepreneur.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]
