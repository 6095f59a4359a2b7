# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

# A document that is signed has its four contents
_CONTENT = {
    'required': Bool(Eval('signed_on')),
    }


class Interview(ModelSQL, ModelView):
    __name__ = 'cae.interview'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE')
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    adviser = fields.Many2One(
        'cae.adviser', "Adviser", required=True, ondelete='RESTRICT')
    date = fields.Date("Date", required=True)
    review = fields.Text(
        "Review", states=_CONTENT,
        help="What was done, and how the activity stands.")
    prospects = fields.Text(
        "Prospects", states=_CONTENT,
        help="What can be foreseen of the activity.")
    actions = fields.Text(
        "Actions", states=_CONTENT,
        help="What is to be done, alone and with others.")
    support = fields.Text(
        "Support Needed", states=_CONTENT,
        help="What the co-operative is asked for.")
    signed_on = fields.Date(
        "Signed On",
        domain=[
            If(Bool(Eval('signed_on')) & Bool(Eval('date')),
                ('signed_on', '>=', Eval('date', None)),
                ()),
            ],
        help="The day on which the entrepreneur signed the document: an "
        "interview counts once it is signed (code du travail, R7331-3).")

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
