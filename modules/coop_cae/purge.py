# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The purge of what is kept for funders, and what is remembered of it."""
import datetime as dt

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction
from trytond.wizard import Button, StateTransition, StateView, Wizard

from .figures import user_companies
from .path import histories
from .rules import retention

CRITERIA = [
    ('before', "Facts before a date"),
    ('left', "Facts of who left"),
    ('candidates', "Candidates without a contract"),
    ]
_YEARS = {
    'left': retention.YEARS_AFTER_EXIT,
    'candidates': retention.YEARS_OF_CANDIDATES,
    }


class Purge(ModelSQL, ModelView):
    __name__ = 'cae.purge'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True,
        ondelete='CASCADE')
    user = fields.Many2One(
        'res.user', "User", required=True, readonly=True,
        ondelete='RESTRICT')
    purged_at = fields.DateTime("At", required=True, readonly=True)
    criterion = fields.Selection(
        CRITERIA, "Purged", required=True, readonly=True, sort=False)
    limit = fields.Date(
        "Before", required=True, readonly=True,
        help="Of the facts, of the exits or of the last steps.")
    facts = fields.Integer("Facts", required=True, readonly=True)
    people = fields.Integer(
        "People", required=True, readonly=True,
        help="Those of whom facts were purged, or who were erased.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('purged_at', 'DESC'), ('id', 'DESC')]


class PurgeStart(ModelView):
    __name__ = 'cae.purge.start'

    company = fields.Many2One('company.company', "Company", required=True)
    criterion = fields.Selection(
        CRITERIA, "Purge", required=True, sort=False)
    years = fields.Integer(
        "Years", domain=[('years', '>=', 1)],
        states={
            'required': Eval('criterion') != 'before',
            'invisible': Eval('criterion') == 'before',
            },
        help="Since the exit, or the last step of a candidate.")
    date = fields.Date(
        "Before",
        states={
            'required': Eval('criterion') == 'before',
            'invisible': Eval('criterion') != 'before',
            })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_criterion(cls):
        return 'left'

    @classmethod
    def default_years(cls):
        return retention.YEARS_AFTER_EXIT

    @fields.depends('criterion')
    def on_change_criterion(self):
        self.years = _YEARS.get(self.criterion)


class PurgePreview(ModelView):
    __name__ = 'cae.purge.preview'

    limit = fields.Date("Before", readonly=True)
    facts = fields.Integer("Facts", readonly=True)
    people = fields.Integer("People", readonly=True)
    names = fields.Text("Names", readonly=True)


class PurgeResult(ModelView):
    __name__ = 'cae.purge.result'

    facts = fields.Integer("Facts Purged", readonly=True)
    people = fields.Integer("People", readonly=True)
    kept = fields.Text(
        "Not Erased", readonly=True,
        states={
            'invisible': ~Eval('kept'),
            })


class PurgeFunderFacts(Wizard):
    __name__ = 'cae.funder_fact.purge'

    start = StateView(
        'cae.purge.start', 'coop_cae.purge_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Preview", 'preview', 'tryton-forward', default=True),
            ])
    preview = StateView(
        'cae.purge.preview', 'coop_cae.purge_preview_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Purge", 'purge', 'tryton-clear'),
            ])
    purge = StateTransition()
    result = StateView(
        'cae.purge.result', 'coop_cae.purge_result_view_form', [
            Button("Close", 'end', 'tryton-ok', default=True),
            ])

    def default_preview(self, fields):
        facts, people = self._found()
        return {
            'limit': self._limit(),
            'facts': len(facts),
            'people': len(people),
            'names': '\n'.join(sorted(p.rec_name for p in people)),
            }

    def transition_purge(self):
        pool = Pool()
        Fact = pool.get('cae.funder_fact')
        Purge = pool.get('cae.purge')
        facts, people = self._found()
        owners = [f.entrepreneur for f in facts]
        kept = {}
        if self.start.criterion == 'candidates':
            kept = self._erase(people)
        else:
            Fact.delete(facts)
        self.result.facts = sum(p not in kept for p in owners)
        self.result.people = sum(p not in kept for p in people)
        self.result.kept = '\n'.join(
            f'{p.rec_name}: {reason}' for p, reason in kept.items())
        if self.result.people:
            Purge.create([{
                        'company': self.start.company.id,
                        'user': Transaction().user,
                        'purged_at': dt.datetime.now().replace(microsecond=0),
                        'criterion': self.start.criterion,
                        'limit': self._limit(),
                        'facts': self.result.facts,
                        'people': self.result.people,
                        }])
        return 'result'

    def default_result(self, fields):
        return {
            'facts': self.result.facts,
            'people': self.result.people,
            'kept': self.result.kept,
            }

    def _limit(self):
        Date = Pool().get('ir.date')
        if self.start.criterion == 'before':
            return self.start.date
        with Transaction().set_context(company=self.start.company.id):
            return retention.limit(Date.today(), self.start.years)

    def _found(self):
        "Return the facts to purge, and the people that they are of"
        Fact = Pool().get('cae.funder_fact')
        company, limit = self.start.company, self._limit()
        if company.id not in user_companies():
            raise AccessError(gettext(
                    'ir.msg_access_rule_error', **Fact.__names__()))
        if self.start.criterion == 'before':
            facts = Fact.search([
                    ('company', '=', company.id), ('date', '<', limit)])
            return facts, list(dict.fromkeys(f.entrepreneur for f in facts))
        people = self._people(company, limit)
        facts = Fact.search([
                ('entrepreneur', 'in', [p.id for p in people])])
        if self.start.criterion == 'left':
            people = list(dict.fromkeys(f.entrepreneur for f in facts))
        return facts, people

    def _people(self, company, limit):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Date = pool.get('ir.date')
        Entrepreneur = pool.get('cae.entrepreneur')
        table = Entrepreneur.__table__()
        found = histories(table.company == company.id, table)
        if self.start.criterion == 'left':
            with Transaction().set_context(company=company.id):
                today = Date.today()
            ids = [
                i for i, h in found.items()
                if retention.left_before(h, today, limit)]
        else:
            ids = {
                i for i, h in found.items()
                if retention.candidate_before(h, limit)}
            # Nor who has a contract to sign
            ids -= {
                c.entrepreneur.id for c in Contract.search([
                        ('entrepreneur', 'in', list(ids))])}
        return Entrepreneur.browse(sorted(ids))

    def _erase(self, people):
        "Erase candidates, and return those who cannot be with the reason"
        elsewhere = _elsewhere(people)
        kept = {}
        for person in people:
            try:
                # Who purges need not be allowed to erase any party
                with savepoint(), Transaction().set_user(0):
                    _forget(person)
                    if person.party not in elsewhere:
                        _erase_party(person.party)
            except UserError as error:
                kept[person] = error.message
        return kept


def _elsewhere(people):
    "Return the parties of people that are known for something else"
    pool = Pool()
    found = set()
    parties = [p.party.id for p in people]
    for name in ['cae.entrepreneur', 'coop.member', 'account.move.line']:
        found.update(
            record.party for record in pool.get(name).search([
                    ('party', 'in', parties)])
            if record not in people)
    return found


def _forget(person):
    pool = Pool()
    for name in ['cae.path.step', 'cae.funder_fact', 'cae.nir']:
        Model = pool.get(name)
        Model.delete(Model.search([('entrepreneur', '=', person.id)]))
    person.gender = person.birth_date = None
    person.save()


def _erase_party(party):
    pool = Pool()
    Erase = pool.get('party.erase', type='wizard')
    party.active = False
    party.save()
    session, _, _ = Erase.create()
    erase = Erase(session)
    erase.ask.party = party
    erase.transition_erase()
    Erase.delete(session)
