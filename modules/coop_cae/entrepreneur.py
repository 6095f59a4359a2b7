# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import ModelSQL, ModelView, Unique, fields
from trytond.modules.coop_ledger.fixed_field import (
    Fixed, FixedFieldMixin, Leaning)
from trytond.modules.coop_shares.document import STANDING
from trytond.pyson import Bool, Eval, If, PYSONEncoder
from trytond.transaction import Transaction
from trytond.wizard import StateAction, Wizard

# The contributions of the closes that stand
DONE = (('close.state', '=', 'done'),)


class Entrepreneur(FixedFieldMixin, ModelSQL, ModelView):
    __name__ = 'cae.entrepreneur'

    company = fields.Many2One('company.company', "Company", required=True)
    code = fields.Char("Code", required=True)
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    site = fields.Many2One('cae.site', "Site", ondelete='RESTRICT')
    adviser = fields.Many2One('cae.adviser', "Adviser", ondelete='RESTRICT')
    gender = fields.Selection([
            (None, ""),
            ('F', "Female"),
            ('M', "Male"),
            ], "Gender")
    birth_date = fields.Date("Birth Date")
    prior_status = fields.Many2One(
        'cae.prior_status', "Prior Status", ondelete='RESTRICT')
    entry_date = fields.Date(
        "Entry Date", help="The first day with the co-operative.",
        domain=[
            If(Bool(Eval('entry_date')) & Bool(Eval('birth_date')),
                ('entry_date', '>', Eval('birth_date', None)),
                ()),
            ])
    contracts = fields.One2Many(
        'cae.contract', 'entrepreneur', "Contracts")
    interviews = fields.One2Many(
        'cae.interview', 'entrepreneur', "Interviews")
    activities = fields.Many2Many(
        'cae.activity.entrepreneur', 'entrepreneur', 'activity', "Activities",
        readonly=True)

    @classmethod
    def __setup__(cls):
        cls.code.search_unaccented = False
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ('code_unique', Unique(table, table.company, table.code),
                'coop_cae.msg_code_unique'),
            ('party_unique', Unique(table, table.company, table.party),
                'coop_cae.msg_entrepreneur_party_unique'),
            ]
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def _fixed_fields(cls):
        person = {'party': 'party', 'company': 'company'}
        return [*super()._fixed_fields(), Fixed.of(
                {'company', 'code', 'party'}, 'coop_cae.msg_fixed_person',
                Leaning(
                    'cae.payslip', 'entrepreneur',
                    (('state', '=', 'posted'),)),
                Leaning(
                    'cae.settlement', 'entrepreneur',
                    (('state', '!=', 'draft'),)),
                Leaning(
                    'cae.contribution',
                    'activity.entrepreneurs.entrepreneur', DONE),
                Leaning(
                    'cae.contract', 'entrepreneur', (
                        ('signature', '=', 'signed'),
                        ('taken_over', '!=', True))),
                Leaning('coop.share.withholding', person, STANDING),
                Leaning('coop.share.movement', {
                        'member.party': 'party', 'company': 'company'},
                    STANDING))]

    def get_rec_name(self, name):
        return f'{self.party.rec_name} ({self.code})'

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('code', operator, value),
            ('party.rec_name', operator, value),
            ]


class _OpenShares:
    # A state of a wizard is that of its first class, whatever the others say
    __slots__ = ()
    start_state = 'open_'
    _readonly = True

    def do_open_(self, action):
        domains = [[
                (self._party, '=', e.party.id),
                ('company', '=', e.company.id),
                ] for e in self.records]
        action['pyson_domain'] = PYSONEncoder().encode(['OR', *domains])
        action['name'] += ' (%s)' % ', '.join(e.code for e in self.records)
        return action, {}


class OpenMovements(_OpenShares, Wizard):
    __name__ = 'cae.entrepreneur.open_movements'
    open_ = StateAction('coop_shares.act_movement_form')
    _party = 'member.party'


class OpenWithholdings(_OpenShares, Wizard):
    __name__ = 'cae.entrepreneur.open_withholdings'
    open_ = StateAction('coop_shares.act_withholding_form')
    _party = 'party'
