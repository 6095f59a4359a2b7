# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The steps of exits, told by the contracts, the ledger and the shares."""
from collections import defaultdict
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import ModelSQL, ModelView, fields
from trytond.modules.coop_shares.conversion import usable_savings
from trytond.modules.coop_shares.ledger import by_party
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction, without_check_access

from .figures import Figures, figures, user_companies
from .rows import records
from .rules import exit as rule

ZERO = Decimal(0)
KINDS = [
    ('contract', "End the contract"),
    ('unsigned', "Sign the contract, or delete it"),
    ('activity', "End the activity"),
    ('shared_activity', "Agree on who goes on with the activity"),
    ('documents', "Post or delete the drafts of the activity"),
    ('month', "Close the month"),
    ('contribution', "Book the last contribution"),
    ('payslip', "Post the last payslips"),
    ('settlement', "Pay the balance of the variable part"),
    ('wages', "Pay the wages"),
    ('customers', "Collect from the customers"),
    ('suppliers', "Pay the suppliers"),
    ('dues', "Pay taxes and social contributions"),
    ('shares', "Post the exit from the shares"),
    ('refund', "Refund the shares when they are due"),
    ('savings', "Give the savings back"),
    ('loss', "Waive the loss, or have it paid"),
    ('profit', "Pay the profit out, or leave it"),
    ]
# A step is of one record at most; the ids of its model take the rest
_RECORDS = {
    'contract': 'contract', 'unsigned': 'contract', 'activity': 'activity',
    'shared_activity': 'activity', 'documents': 'activity',
    'contribution': 'activity', 'settlement': 'settlement',
    'customers': 'activity', 'suppliers': 'activity', 'dues': 'activity',
    'shares': 'share_exit', 'refund': 'share_exit', 'loss': 'activity',
    'profit': 'activity', 'month': 'period',
    }
# Those of which amount is a number of records
_COUNTED = {'documents', 'payslip'}
_PLACES = 1000


class ExitStep(ModelSQL, ModelView):
    __name__ = 'cae.exit.step'

    exit = fields.Many2One('cae.exit', "Exit")
    company = fields.Many2One('company.company', "Company")
    place = fields.Integer("Place", help="The order of the steps.")
    kind = fields.Selection(KINDS, "Step", sort=False)
    by = fields.Selection([
            ('adviser', "Support Team"),
            ('accountant', "Accounting"),
            ], "By")
    state = fields.Selection([
            ('done', "Done"),
            ('left', "Left"),
            ('asked', "To Confirm"),
            ('later', "Later"),
            ], "State", sort=False)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"), 'get_currency')
    amount = Monetary(
        "Amount", currency='currency', digits='currency',
        states={
            # The symbol of the currency would be alone
            'invisible': ~Eval('amount'),
            })
    number = fields.Integer("Number", help="How many there are.")
    contract = fields.Many2One('cae.contract', "Contract")
    activity = fields.Many2One('cae.activity', "Activity")
    settlement = fields.Many2One('cae.settlement', "Settlement")
    share_exit = fields.Many2One('coop.share.exit', "Exit from the Shares")
    period = fields.Many2One('account.period', "Month")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('exit', 'DESC'), ('place', 'ASC'), ('id', 'ASC')]

    @classmethod
    def table_query(cls):
        Exit = Pool().get('cae.exit')
        with without_check_access():
            exits = Exit.search([
                    ('company', 'in', list(user_companies())),
                    ('state', 'in', ['draft', 'open', 'done']),
                    ], order=[])
        names = [
            'id', 'exit', 'company', 'place', 'kind', 'by', 'state',
            'amount', 'number', *dict.fromkeys(_RECORDS.values())]
        return records(cls, names, [
                tuple(map(row.get, names)) for row in _rows(reckon(exits))])

    def get_currency(self, name):
        return self.company.currency.id

    def get_rec_name(self, name):
        return _kinds()[self.kind]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(
                    Eval('state') == 'done', 'muted', If(
                        Eval('state') == 'left', 'danger', 'warning'))),
            ]


def _kinds():
    "Return what names the kinds, in the language of the user"
    Step = Pool().get('cae.exit.step')
    return dict(Step.fields_get(['kind'])['kind']['selection'])


def label(step):
    "Return what is to be done, in the language of the user"
    text = _kinds()[step.kind]
    name = _RECORDS.get(step.kind)
    if name == 'activity':
        Activity = Pool().get('cae.activity')
        with without_check_access():
            text = gettext(
                'coop_cae.msg_exit_step', step=text,
                record=Activity(step.record).rec_name)
    return text


def _rows(found):
    for exit_, steps in found.items():
        for place, step in enumerate(steps):
            name = _RECORDS.get(step.kind)
            amount = step.amount
            counted = step.kind in _COUNTED
            yield {
                'id': exit_.id * _PLACES + place,
                'exit': exit_.id,
                'company': exit_.company.id,
                'place': place,
                'kind': step.kind,
                'by': (
                    'adviser' if step.kind in rule.ADVISER else 'accountant'),
                'state': step.state,
                'amount': (
                    None if counted or not amount else str(amount)),
                'number': int(amount) if counted else None,
                **{
                    other: step.record if other == name else None
                    for other in _RECORDS.values()},
                }


def reckon(exits):
    "Return the steps of exits, in a fixed number of queries by company"
    return {e: rule.steps(found) for e, found in facts(exits).items()}


@without_check_access
def facts(exits):
    "Return what is known of each exit"
    found = {}
    companies = defaultdict(list)
    for exit_ in exits:
        companies[exit_.company].append(exit_)
    for company, of_company in companies.items():
        found.update(_Company(company, of_company).facts())
    return found


class _Company:
    "What is read of the exits of a company"

    def __init__(self, company, exits):
        Date = Pool().get('ir.date')
        self.company = company
        self.exits = exits
        self.people = [e.entrepreneur.id for e in exits]
        with Transaction().set_context(company=company.id):
            self.day = max([Date.today(), *(e.date for e in exits)])

    def facts(self):
        contracts = self._contracts()
        activities = self._activities()
        payslips = self._payslips()
        settlements = self._settlements()
        open_months = self._open_months()
        wages = self._balances('cae.configuration', 'wage_account')
        members, share_exits = self._shares()
        savings = usable_savings(self.company, self.day)
        for exit_ in self.exits:
            person = exit_.entrepreneur
            party = person.party.id
            share_exit = exit_.share_exit or share_exits.get(party)
            posted = bool(share_exit) and share_exit.state == 'posted'
            yield exit_, rule.Facts(
                exit_.date, contracts[person.id], activities[person.id],
                next((
                        p.id for p in open_months
                        if p.start_date <= exit_.date), None),
                payslips[person.id],
                self._to_pay(settlements[person.id], exit_),
                wages.get(party, ZERO),
                exit_.membership == 'stays', party in members,
                share_exit.id if share_exit else None, posted,
                share_exit.to_pay if posted else ZERO,
                savings.get(party, ZERO))

    def _search(self, name, *domain, order=None):
        return Pool().get(name).search(list(domain), order=order)

    def _contracts(self):
        found = defaultdict(list)
        for contract in self._search(
                'cae.contract', ('entrepreneur', 'in', self.people),
                order=[('start_date', 'ASC'), ('id', 'ASC')]):
            found[contract.entrepreneur.id].append(rule.Contract(
                    contract.id, contract.start_date, contract.last_day,
                    bool(contract.exit_reason),
                    contract.signature == 'signed'))
        return found

    # Activities

    def _activities(self):
        activities = self._search(
            'cae.activity',
            ('entrepreneurs.entrepreneur', 'in', self.people),
            order=[('code', 'ASC'), ('id', 'ASC')])
        ids = [a.id for a in activities]
        accounts = [a.analytic_account.id for a in activities]
        known = figures(self.company, self.day, accounts) if accounts else {}
        drafts = self._drafts(ids, accounts)
        due = self._due(ids)
        found = defaultdict(list)
        for activity in activities:
            people = {p.entrepreneur.id for p in activity.entrepreneurs}
            fact = rule.Activity(
                activity.id, activity.end_date, len(people) > 1,
                len(drafts[activity.analytic_account.id]),
                due.get(activity.id, ZERO),
                known.get(
                    activity.analytic_account.id, Figures()).treasury)
            for person in people:
                found[person].append(fact)
        return found

    def _drafts(self, activities, accounts):
        "Return what is not posted by analytic account"
        found = defaultdict(set)
        for line in self._search(
                'account.invoice.line',
                ('invoice.state', 'in', ['draft', 'validated']),
                ('analytic_accounts.account', 'in', accounts)):
            for entry in line.analytic_accounts:
                found[entry.account and entry.account.id].add(line.invoice)
        for invoice in self._search(
                'account.invoice',
                ('state', 'in', ['draft', 'validated']),
                ('activity', 'in', activities)):
            found[invoice.activity.analytic_account.id].add(invoice)
        for line in self._search(
                'analytic_account.line',
                ('move_line.move.state', '=', 'draft'),
                ('account', 'in', accounts)):
            origin = line.move_line.move.origin
            # The entry of an invoice that is validated is that invoice
            found[line.account.id].add(
                origin if origin and origin.__name__ == 'account.invoice'
                else line.move_line.move)
        for request in self._search(
                'cae.pay.request',
                ('state', 'in', ['draft', 'requested']),
                ('activity', 'in', activities)):
            found[request.activity.analytic_account.id].add(request)
        return found

    def _due(self, activities):
        """Return what is left to book of the contribution of the years since
        the first exit, None where it cannot be reckoned"""
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Contribution = pool.get('cae.contribution')
        due = {}
        if not activities or not Configuration(1).get_setting(
                'contribution_account', self.company):
            return due
        for year in self._search(
                'account.fiscalyear', ('company', '=', self.company.id),
                ('end_date', '>=', min(e.date for e in self.exits)),
                ('start_date', '<=', self.day),
                order=[('start_date', 'ASC')]):
            for plan in Contribution.plan_to(
                    self.company, year, min(year.end_date, self.day),
                    only=activities):
                if plan.fault or due.get(plan.activity, ZERO) is None:
                    due[plan.activity] = None
                else:
                    due[plan.activity] = (
                        due.get(plan.activity, ZERO) + plan.amount)
        return due

    # Pay

    def _open_months(self):
        """Return the months that are not closed, from the first one that is:
        what was before is of another system"""
        closed = {
            c.period for c in self._search(
                'cae.close', ('company', '=', self.company.id),
                ('state', '=', 'done'))}
        start = min(
            [p.start_date for p in closed]
            or [min(e.date for e in self.exits).replace(day=1)])
        return [
            p for p in self._search(
                'account.period', ('company', '=', self.company.id),
                ('type', '=', 'standard'),
                ('start_date', '>=', start),
                ('start_date', '<=', max(e.date for e in self.exits)),
                order=[('start_date', 'ASC')])
            if p not in closed]

    def _payslips(self):
        found = defaultdict(int)
        for payslip in self._search(
                'cae.payslip', ('entrepreneur', 'in', self.people),
                ('state', '=', 'draft')):
            found[payslip.entrepreneur.id] += 1
        return found

    def _settlements(self):
        found = defaultdict(list)
        for settlement in self._search(
                'cae.settlement', ('entrepreneur', 'in', self.people),
                ('state', 'in', ['draft', 'posted'])):
            found[settlement.entrepreneur.id].append(settlement)
        return found

    @staticmethod
    def _to_pay(settlements, exit_):
        "Those of the year of the exit, and those that are open"
        return [
            rule.Settlement(s.id, s.state == 'draft', s.to_pay)
            for s in settlements
            if s.state == 'draft' or s.to_pay
            or s.fiscalyear.end_date >= exit_.date]

    def _balances(self, model, name):
        account = Pool().get(model)(1).get_setting(name, self.company)
        return by_party(self.company, account) if account else {}

    # Shares

    def _shares(self):
        "Return the parties that are members, and the exits by party"
        parties = [e.entrepreneur.party.id for e in self.exits]
        members = {
            m.party.id for m in self._search(
                'coop.member', ('company', '=', self.company.id),
                ('party', 'in', parties), ('number', '!=', None),
                ('exit_date', '=', None))}
        first = min(e.date for e in self.exits)
        exits = {
            e.member.party.id: e for e in self._search(
                'coop.share.exit', ('company', '=', self.company.id),
                ('member.party', 'in', parties),
                ('kind', '!=', 'withdrawal'),
                ('state', '!=', 'reversed'), ('date', '>=', first),
                order=[('date', 'ASC')])}
        return members, exits
