# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The interviews of a person, each with its signed document."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If

from .signed_document import SignedModifyError

_SIGNED = {
    'readonly': Eval('signed', False),
    }
# A document that is signed has its four contents
_CONTENT = {
    'required': Bool(Eval('signed_on')),
    **_SIGNED,
    }


class Interview(ModelSQL, ModelView):
    __name__ = 'cae.interview'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='CASCADE', states=_SIGNED)
    company = fields.Function(
        fields.Many2One('company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    adviser = fields.Many2One(
        'cae.adviser', "Adviser", required=True, ondelete='RESTRICT',
        states=_SIGNED)
    date = fields.Date("Date", required=True, states=_SIGNED)
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
        "Signed On", states=_SIGNED,
        domain=[
            If(Bool(Eval('signed_on')) & Bool(Eval('date')),
                ('signed_on', '>=', Eval('date', None)),
                ()),
            ],
        help="The day on which the entrepreneur signed the document: an "
        "interview counts once it is signed (code du travail, R7331-3).")
    # As saved: the day may be entered before the contents
    signed = fields.Function(fields.Boolean("Signed"), 'get_signed')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls.__access__.add('entrepreneur')
        cls._sql_indexes.add(Index(table,
                (table.entrepreneur, Index.Range()),
                (table.date, Index.Range())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'take_back': {
                    'invisible': ~Eval('signed', False),
                    'depends': ['signed'],
                    },
                })

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

    def get_signed(self, name):
        return bool(self.signed_on)

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.entrepreneur.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]

    @classmethod
    @ModelView.button
    def take_back(cls, interviews):
        "Take back signatures given by mistake"
        cls.write(interviews, {'signed_on': None})

    @classmethod
    def copy(cls, interviews, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('signed_on')
        return super().copy(interviews, default=default)

    @classmethod
    def check_modification(
            cls, mode, interviews, values=None, external=False):
        super().check_modification(
            mode, interviews, values=values, external=external)
        if mode == 'create' or (
                mode == 'write' and not external
                and values == {'signed_on': None}):
            return
        for interview in interviews:
            if interview.signed_on:
                raise SignedModifyError(gettext(
                        'coop_cae.msg_interview_modify',
                        interview=interview.rec_name))
