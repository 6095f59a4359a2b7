# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Someone leaves: one action that ends what can be, and tells what is left."""
from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, Workflow, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, If, PYSONEncoder
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView, Wizard

from . import exit_step
from .exceptions import ExitError, ExitWarning
from .rules import exit as rule

_DRAFT = {
    'readonly': Eval('state') != 'draft',
    }
# What only the buttons set
_SET = {'state', 'share_exit', 'accounting_date'}
MEMBERSHIPS = [
    ('leaves', "Leaves the Co-operative"),
    ('stays', "Stays a Member"),
    ]


class Exit(Workflow, ModelSQL, ModelView):
    __name__ = 'cae.exit'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=_DRAFT)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT', states=_DRAFT,
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    date = fields.Date(
        "Exit Date", required=True, states=_DRAFT,
        help="The last day of the contract.")
    reason = fields.Many2One(
        'cae.exit_reason', "Exit Reason", required=True, ondelete='RESTRICT',
        states=_DRAFT)
    membership = fields.Selection(
        MEMBERSHIPS, "Membership", required=True, sort=False, states=_DRAFT,
        help="Who leaves the co-operative is paid their shares back.")
    note = fields.Text("Note")
    share_exit = fields.Many2One(
        'coop.share.exit', "Exit from the Shares", readonly=True,
        ondelete='SET NULL',
        states={
            'invisible': ~Eval('share_exit'),
            })
    accounting_date = fields.Date(
        "Accounting Exit", readonly=True,
        states={
            'invisible': ~Eval('accounting_date'),
            },
        help="The day on which nothing was left open: nothing is posted on "
        "the activities after it.")
    state = fields.Selection([
            ('draft', "Draft"),
            ('open', "Under Way"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
            ], "State", required=True, readonly=True, sort=False)
    steps = fields.One2Many(
        'cae.exit.step', 'exit', "Steps", readonly=True,
        states={
            'invisible': Eval('state') == 'cancelled',
            })
    left = fields.Function(
        fields.Integer("Left", help="The steps that are left."), 'get_left')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.add(
            Index(table, (table.entrepreneur, Index.Range())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._sql_constraints.append(
            ('date_unique', Unique(table, table.entrepreneur, table.date),
                'coop_cae.msg_exit_unique'))
        cls._transitions |= {
            ('draft', 'open'),
            ('open', 'done'),
            ('open', 'cancelled'),
            ('done', 'open'),
            }
        cls._buttons.update({
                name: {
                    'invisible': ~Eval('state').in_(states),
                    'depends': ['state'],
                    }
                for name, states in [
                    ('leave', ['draft']),
                    ('give_back', ['open']),
                    ('finish', ['open']),
                    ('cancel', ['open']),
                    ('reopen', ['done']),
                    ]})
        ask_again(cls, 'give_back')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_membership(cls):
        return 'leaves'

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.entrepreneur.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('entrepreneur.rec_name', *clause[1:])]

    @property
    def creditor(self):
        "Who is given the savings back"
        return self.entrepreneur.party

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state').in_(['done', 'cancelled']), 'muted', '')),
            ]

    @classmethod
    def get_left(cls, exits, name):
        found = exit_step.reckon([e for e in exits if e.state == 'open'])
        return {
            e.id: len(rule.left(found[e])) if e in found else None
            for e in exits}

    @classmethod
    def copy(cls, exits, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        for name in ['share_exit', 'accounting_date', 'steps']:
            default.setdefault(name)
        return super().copy(exits, default=default)

    @classmethod
    def check_modification(cls, mode, exits, values=None, external=False):
        super().check_modification(
            mode, exits, values=values, external=external)
        broken = []
        if mode == 'create':
            broken = [
                e for e in exits
                if e.state != 'draft' or e.share_exit or e.accounting_date]
        elif mode == 'delete':
            broken = [e for e in exits if e.state not in {
                        'draft', 'cancelled'}]
        elif values.keys() & _SET:
            broken = exits if external else []
        elif values.keys() - {'note', 'steps'}:
            broken = [e for e in exits if e.state != 'draft']
        for exit_ in broken:
            raise AccessError(gettext(
                    'coop_cae.msg_exit_modify', exit=exit_.rec_name))

    # Leave

    @classmethod
    @ModelView.button
    @Workflow.transition('open')
    def leave(cls, exits):
        """End the contracts and what the person runs alone, and prepare the
        exit from the shares"""
        for exit_ in exits:
            exit_._end_contracts()
            exit_._end_activities()
            exit_._leave_shares()

    def _end_contracts(self):
        Contract = Pool().get('cae.contract')
        lang = Pool().get('ir.lang').get()
        contracts = self._contracts()
        later = [c for c in contracts if c.start_date > self.date]
        if later:
            raise ExitError(gettext(
                    'coop_cae.msg_exit_later', contract=later[0].rec_name,
                    start=lang.strftime(later[0].start_date),
                    date=lang.strftime(self.date)))
        to_end = self._to_end(contracts)
        if not to_end:
            raise ExitError(gettext(
                    'coop_cae.msg_exit_no_contract',
                    entrepreneur=self.entrepreneur.rec_name,
                    date=lang.strftime(self.date)))
        for contract in to_end:
            contract.exit_date = min(
                filter(None, [self.date, contract.end_date]))
            contract.exit_reason = self.reason
        Contract.save(to_end)

    def _contracts(self):
        Contract = Pool().get('cae.contract')
        return Contract.search([
                ('entrepreneur', '=', self.entrepreneur.id),
                ('signature', '=', 'signed'),
                ], order=[('start_date', 'ASC'), ('id', 'ASC')])

    def _to_end(self, contracts):
        "Return the contracts of the day, or the last one if it is over"
        covering = [c for c in contracts if c.covers(self.date, self.date)]
        if covering:
            return covering
        over = [c for c in contracts if c.last_day and not c.exit_reason]
        return [max(over, key=lambda c: c.last_day)] if over else []

    def _alone(self):
        "Return the activities that nobody else runs"
        Activity = Pool().get('cae.activity')
        return [
            a for a in Activity.search([
                    ('entrepreneurs.entrepreneur', '=', self.entrepreneur.id),
                    ])
            if len(a.entrepreneurs) == 1]

    def _end_activities(self):
        Activity = Pool().get('cae.activity')
        ended = [a for a in self._alone() if not a.end_date]
        for activity in ended:
            activity.end_date = max(self.date, activity.start_date)
        Activity.save(ended)

    def _leave_shares(self):
        pool = Pool()
        Member = pool.get('coop.member')
        ShareExit = pool.get('coop.share.exit')
        if self.membership == 'stays':
            return
        members = [
            m for m in Member.search([
                    ('company', '=', self.company.id),
                    ('party', '=', self.entrepreneur.party.id),
                    ])
            if m.is_member(self.date)]
        if not members:
            return
        member, = members
        known = ShareExit.search([
                ('member', '=', member.id),
                ('kind', '!=', 'withdrawal'),
                ('state', 'in', ['draft', 'suspended']),
                ], limit=1)
        if known:
            share_exit, = known
        else:
            share_exit = ShareExit(
                company=self.company, kind='end_of_contract', member=member,
                request_date=self.date, date=self.date)
            share_exit.save()
        self.share_exit = share_exit
        self.save()

    # What follows

    @classmethod
    @ModelView.button
    def give_back(cls, exits):
        "Turn the savings of who is no member into a debt to be paid"
        Withholding = Pool().get('coop.share.withholding')
        for exit_ in exits:
            facts = exit_step.facts([exit_])[exit_]
            if exit_.state != 'open' or not any(
                    s.kind == 'savings' for s in rule.steps(facts)):
                raise ExitError(gettext(
                        'coop_cae.msg_exit_no_savings',
                        entrepreneur=exit_.entrepreneur.rec_name))
            Withholding.give_back(
                _Saver(exit_.company, exit_.entrepreneur.party),
                exit_._open_day(), exit_)

    def _open_day(self):
        "Return the day of the exit, or today if its period is closed"
        pool = Pool()
        Date = pool.get('ir.date')
        Period = pool.get('account.period')
        with Transaction().set_context(company=self.company.id):
            today = Date.today()
        if Period.search([
                    ('company', '=', self.company.id),
                    ('type', '=', 'standard'),
                    ('start_date', '<=', self.date),
                    ('end_date', '>=', self.date),
                    ('state', '=', 'open'),
                    ], limit=1):
            return self.date
        return max(today, self.date)

    @classmethod
    @ModelView.button
    @Workflow.transition('done')
    def finish(cls, exits):
        "The accounting exit: nothing is left open"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Date = pool.get('ir.date')
        found = exit_step.reckon(exits)
        cls._check_left(found)
        cls._ask(found)
        for exit_ in exits:
            with Transaction().set_context(company=exit_.company.id):
                today = Date.today()
            exit_.accounting_date = today
            Activity.write(
                exit_._alone(), {'accounts_closed_on': today})
        cls.save(exits)

    @classmethod
    def _check_left(cls, found):
        faults = [
            gettext(
                'coop_cae.msg_exit_left', exit=exit_.rec_name,
                steps=', '.join(map(exit_step.label, left)))
            for exit_, steps in found.items() if (left := rule.left(steps))]
        if faults:
            raise ExitError('\n'.join(faults))

    @classmethod
    def _ask(cls, found):
        Warning = Pool().get('res.user.warning')
        for exit_, steps in found.items():
            if not (asked := rule.asked(steps)):
                continue
            key = Warning.format('exit_asked', [exit_])
            if Warning.check(key):
                raise ExitWarning(key, gettext(
                        'coop_cae.msg_exit_asked', exit=exit_.rec_name,
                        steps=', '.join(map(exit_step.label, asked))))

    @classmethod
    @ModelView.button
    @Workflow.transition('open')
    def reopen(cls, exits):
        "Entries may be posted on the activities again"
        Activity = Pool().get('cae.activity')
        for exit_ in exits:
            Activity.write(exit_._alone(), {'accounts_closed_on': None})
            exit_.accounting_date = None
        cls.save(exits)

    @classmethod
    @ModelView.button
    @Workflow.transition('cancelled')
    def cancel(cls, exits):
        "The person stays: what the action has ended goes on"
        for exit_ in exits:
            exit_._check_cancel()
            exit_._go_on()

    def _check_cancel(self):
        if self.share_exit and self.share_exit.state != 'draft':
            raise ExitError(gettext(
                    'coop_cae.msg_exit_shares_gone',
                    exit=self.share_exit.rec_name))

    def _go_on(self):
        pool = Pool()
        Activity = pool.get('cae.activity')
        Contract = pool.get('cae.contract')
        ShareExit = pool.get('coop.share.exit')
        Contract.write([
                c for c in self._contracts()
                if c.exit_reason == self.reason and c.last_day == min(
                    filter(None, [self.date, c.end_date]))
                ], {'exit_date': None, 'exit_reason': None})
        Activity.write(
            [a for a in self._alone() if a.end_date == max(
                    self.date, a.start_date)],
            {'end_date': None})
        if self.share_exit:
            ShareExit.delete([self.share_exit])


class _Saver:
    "Who has savings without being a member"

    def __init__(self, company, party):
        self.company = company
        self.party = party


class Withholding(metaclass=PoolMeta):
    __name__ = 'coop.share.withholding'

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), 'cae.exit']


class LeaveStart(ModelView):
    __name__ = 'cae.exit.leave.start'

    company = fields.Many2One(
        'company.company', "Company", readonly=True, required=True)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", readonly=True, required=True)
    date = fields.Date(
        "Exit Date", required=True, help="The last day of the contract.")
    reason = fields.Many2One(
        'cae.exit_reason', "Exit Reason", required=True)
    membership = fields.Selection(
        MEMBERSHIPS, "Membership", required=True, sort=False)
    note = fields.Text("Note")

    @classmethod
    def default_membership(cls):
        return 'leaves'


class Leave(Wizard):
    "The guided exit of a person"
    __name__ = 'cae.exit.leave'

    start = StateView(
        'cae.exit.leave.start', 'coop_cae.exit_leave_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Leave", 'leave', 'tryton-ok', default=True),
            ])
    leave = StateAction('coop_cae.act_exit_form')

    def default_start(self, fields):
        return {
            'company': self.record.company.id,
            'entrepreneur': self.record.id,
            }

    def do_leave(self, action):
        Exit = Pool().get('cae.exit')
        exit_ = Exit(**{
                name: getattr(self.start, name) for name in [
                    'company', 'entrepreneur', 'date', 'reason', 'membership',
                    'note']})
        exit_.save()
        Exit.leave([exit_])
        action['pyson_domain'] = PYSONEncoder().encode([
                ('id', '=', exit_.id)])
        action['views'].reverse()
        return action, {'res_id': [exit_.id]}
