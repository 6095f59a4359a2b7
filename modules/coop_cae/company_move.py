# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Someone moves to another co-operative of the group, with their history."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, PYSONEncoder
from trytond.transaction import Transaction, check_access, without_check_access
from trytond.wizard import Button, StateAction, StateView, Wizard

from .contract_clause import TYPES
from .exceptions import CompanyMoveError
from .figures import user_companies
from .rules.clock import A_DAY, cape_limit


class CompanyMoveStart(ModelView):
    __name__ = 'cae.company.move.start'

    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", readonly=True, required=True)
    from_company = fields.Many2One(
        'company.company', "From", readonly=True, required=True)
    to_company = fields.Many2One(
        'company.company', "To", required=True,
        domain=[
            ('id', '!=', Eval('from_company', -1)),
            ])
    date = fields.Date(
        "Date", required=True,
        help="The first day with the other co-operative.")
    reason = fields.Many2One(
        'cae.exit_reason', "Exit Reason", required=True,
        domain=[
            ('moved', '=', True),
            ])
    site = fields.Many2One('cae.site', "Site")
    adviser = fields.Many2One('cae.adviser', "Adviser")
    contract = fields.Selection(
        [(None, "None"), *TYPES], "Contract to Write", sort=False,
        help="A draft, to be completed and signed.")
    activities = fields.Many2Many(
        'cae.activity', None, None, "Activities That Go On",
        domain=[
            ('company', '=', Eval('from_company', -1)),
            ('entrepreneurs.entrepreneur', '=', Eval('entrepreneur', -1)),
            ],
        states={
            'invisible': ~Bool(Eval('to_company')),
            },
        help="The same ones are begun with the other co-operative.")


class CompanyMove(Wizard):
    __name__ = 'cae.company.move'

    start = StateView(
        'cae.company.move.start', 'coop_cae.company_move_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Move", 'move', 'tryton-ok', default=True),
            ])
    move = StateAction('coop_cae.act_entrepreneur_form')

    def default_start(self, fields):
        Reason = Pool().get('cae.exit_reason')
        reasons = Reason.search([('moved', '=', True)], limit=2)
        person = self.record
        return {
            'entrepreneur': person.id,
            'from_company': person.company.id,
            'reason': reasons[0].id if len(reasons) == 1 else None,
            'site': person.site and person.site.id,
            'adviser': person.adviser and person.adviser.id,
            'contract': 'cesa',
            }

    def do_move(self, action):
        self._check()
        with check_access():
            person = self._enter()
            self._leave()
            self._write_contract(person)
            self._begin_activities(person)
        action['views'].reverse()
        return action, {'res_id': [person.id]}

    def _check(self):
        start = self.start
        company = start.to_company
        if company.id not in user_companies():
            raise AccessError(gettext('coop_cae.msg_move_company'))
        if company == start.from_company:
            raise CompanyMoveError(gettext(
                    'coop_cae.msg_move_same', company=company.rec_name))

    def _enter(self):
        """Return who the person is in the other co-operative: who has been
        there before comes back"""
        Entrepreneur = Pool().get('cae.entrepreneur')
        start = self.start
        known = Entrepreneur.search([
                ('party', '=', start.entrepreneur.party.id),
                ('company', '=', start.to_company.id),
                ], limit=1)
        if known:
            person, = known
            if any(c.covers(start.date, start.date)
                    for c in person.contracts):
                raise CompanyMoveError(gettext(
                        'coop_cae.msg_move_known',
                        entrepreneur=person.rec_name,
                        company=start.to_company.rec_name))
            return person
        old = start.entrepreneur
        person, = Entrepreneur.create([{
                    'company': start.to_company.id,
                    'code': self._code(),
                    'party': old.party.id,
                    'site': start.site and start.site.id,
                    'adviser': start.adviser and start.adviser.id,
                    'gender': old.gender,
                    'birth_date': old.birth_date,
                    'prior_status': (
                        old.prior_status and old.prior_status.id),
                    'entry_date': start.date,
                    }])
        return person

    def _code(self):
        "Return the code of the person, or another one if it is taken there"
        Entrepreneur = Pool().get('cae.entrepreneur')
        start = self.start
        with without_check_access():
            if Entrepreneur.search([
                        ('company', '=', start.to_company.id),
                        ('code', '=', start.entrepreneur.code),
                        ], limit=1, order=[]):
                return Entrepreneur.new_code(start.to_company)
        return start.entrepreneur.code

    def _leave(self):
        "Begin the exit from the first one, on the day before"
        Exit = Pool().get('cae.exit')
        start = self.start
        exit_, = Exit.create([{
                    'company': start.from_company.id,
                    'entrepreneur': start.entrepreneur.id,
                    'date': start.date - A_DAY,
                    'reason': start.reason.id,
                    'membership': 'leaves',
                    }])
        with Transaction().set_context(company=start.from_company.id):
            Exit.leave([exit_])

    def _write_contract(self, person):
        Contract = Pool().get('cae.contract')
        start = self.start
        if start.contract:
            Contract.create([{
                        'entrepreneur': person.id,
                        'type': start.contract,
                        'start_date': start.date,
                        'end_date': (
                            cape_limit(start.date)
                            if start.contract == 'cape' else None),
                        }])

    def _begin_activities(self, person):
        """Begin the same activities for the person alone

        Those who run one too move on their own."""
        Activity = Pool().get('cae.activity')
        company = self.start.to_company
        taken = {
            a.code for a in Activity.search([
                    ('company', '=', company.id)], order=[])}
        values = []
        for activity in self.start.activities:
            code = activity.code
            number = 2
            while code in taken:
                code = f'{activity.code}-{number}'
                number += 1
            taken.add(code)
            values.append({
                    'company': company.id,
                    'code': code,
                    'name': activity.name,
                    'naf': activity.naf,
                    'site': self.start.site and self.start.site.id,
                    'start_date': self.start.date,
                    'entrepreneurs': [
                        ('create', [{'entrepreneur': person.id}])],
                    })
        with Transaction().set_context(company=company.id):
            Activity.create(values)


class OpenGroupHistory(Wizard):
    "The contracts of a person with all the co-operatives of the group"
    __name__ = 'cae.entrepreneur.open_group_history'
    start_state = 'open_'
    _readonly = True
    open_ = StateAction('coop_cae.act_group_history')

    def do_open_(self, action):
        action['pyson_domain'] = PYSONEncoder().encode([
                ('entrepreneur.party', 'in', [
                        e.party.id for e in self.records]),
                ])
        action['name'] += ' (%s)' % ', '.join(
            e.party.rec_name for e in self.records)
        return action, {}
