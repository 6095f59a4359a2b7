# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A new candidate in one go: a party, an entrepreneur and the first step."""
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Bool, Eval
from trytond.transaction import Transaction, check_access, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .path_step import STEPS


class Entrepreneur(metaclass=PoolMeta):
    __name__ = 'cae.entrepreneur'

    @classmethod
    def new_code(cls, company):
        "Return the next code of the company that is not used yet"
        Configuration = Pool().get('cae.configuration')
        sequence = Configuration(1).get_required(
            'entrepreneur_sequence', company)
        while True:
            code = sequence.get()
            if not cls.search([
                        ('company', '=', company.id),
                        ('code', '=', code),
                        ], limit=1, order=[]):
                return code


class NewCandidateStart(ModelView):
    __name__ = 'cae.candidate.new.start'

    company = fields.Many2One('company.company', "Company", required=True)
    party = fields.Many2One(
        'party.party', "Known As",
        context={
            'company': Eval('company', -1),
            },
        depends={'company'},
        help="The party of who is known already, or comes back.")
    name = fields.Char(
        "Name",
        states={
            'required': ~Eval('party'),
            'invisible': Bool(Eval('party')),
            })
    email = fields.Char(
        "E-Mail", states={
            'invisible': Bool(Eval('party')),
            })
    phone = fields.Char(
        "Phone", states={
            'invisible': Bool(Eval('party')),
            })
    code = fields.Char(
        "Code", help="Leave empty for the next one of the company.")
    site = fields.Many2One('cae.site', "Site")
    adviser = fields.Many2One('cae.adviser', "Adviser")
    date = fields.Date("Date", required=True)
    kind = fields.Selection(STEPS, "Step", required=True, sort=False)
    note = fields.Text("Note")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()

    @classmethod
    def default_kind(cls):
        return 'candidate'

    @classmethod
    def default_adviser(cls):
        Adviser = Pool().get('cae.adviser')
        advisers = Adviser.search([
                ('user', '=', Transaction().user),
                ], limit=1)
        return advisers[0].id if advisers else None


class NewCandidate(Wizard):
    __name__ = 'cae.candidate.new'

    start = StateView(
        'cae.candidate.new.start', 'coop_cae.candidate_new_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Enter", 'open_', 'tryton-ok', default=True),
            ])
    open_ = StateAction('coop_cae.act_entrepreneur_form')

    def do_open_(self, action):
        Step = Pool().get('cae.path.step')
        start = self.start
        with check_access():
            entrepreneur = self._entrepreneur()
            Step.create([{
                        'entrepreneur': entrepreneur.id,
                        'date': start.date,
                        'kind': start.kind,
                        'adviser': start.adviser and start.adviser.id,
                        'note': start.note,
                        }])
        action['views'].reverse()
        return action, {'res_id': [entrepreneur.id]}

    def _entrepreneur(self):
        "Return who the party is already in the company, or a new one"
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Party = pool.get('party.party')
        start = self.start
        if start.party:
            Party.read([start.party.id], ['id'])
            if known := Entrepreneur.search([
                        ('party', '=', start.party.id),
                        ('company', '=', start.company.id),
                        ], limit=1):
                return known[0]
        entrepreneur, = Entrepreneur.create([{
                    'company': start.company.id,
                    'code': start.code or self._code(),
                    'party': (start.party or self._party()).id,
                    'site': start.site and start.site.id,
                    'adviser': start.adviser and start.adviser.id,
                    }])
        return entrepreneur

    def _code(self):
        Entrepreneur = Pool().get('cae.entrepreneur')
        with without_check_access():
            return Entrepreneur.new_code(self.start.company)

    def _party(self):
        Party = Pool().get('party.party')
        with without_check_access():
            party, = Party.create([{
                        'name': self.start.name,
                        'contact_mechanisms': [('create', [
                                    {'type': type_, 'value': value}
                                    for type_, value in [
                                        ('email', self.start.email),
                                        ('phone', self.start.phone)]
                                    if value])],
                        }])
        return party
