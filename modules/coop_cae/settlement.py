# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from sql.operators import Equal

from trytond.i18n import gettext
from trytond.model import Exclude, Index, ModelSQL, ModelView, Workflow, fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_cae.rules.pay_estimate import Ratios, from_gross
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .activity_split import read_splits
from .exceptions import SettlementModifyError
from .settlement_entry import EntryMixin
from .settlement_payment import PaymentMixin
from .settlement_reckoning import ZERO, ReckoningMixin

# What only the buttons set
_BOOKED = {'state', 'move', 'gross_line', 'contributions_line'}


def _positive(name, label, help=''):
    return Monetary(
        label, currency='currency', digits='currency', required=True,
        domain=[
            (name, '>=', 0),
            ],
        states={
            'readonly': Eval('state') != 'draft',
            }, help=help)


class Settlement(
        EntryMixin, PaymentMixin, ReckoningMixin, ExclusionMixin, Workflow,
        ModelSQL, ModelView):
    __name__ = 'cae.settlement'

    _states = {
        'readonly': Eval('state') != 'draft',
        }
    company = fields.Many2One(
        'company.company', "Company", required=True, states=_states)
    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states=_states)
    activity = fields.Many2One(
        'cae.activity', "Activity", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states=_states)
    entrepreneur = fields.Many2One(
        'cae.entrepreneur', "Entrepreneur", required=True,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            If(Eval('state') == 'draft',
                ('activities', '=', Eval('activity', -1)),
                ()),
            ],
        states=_states)
    ratio = fields.Numeric(
        "Share of Pay", digits=(None, 6), required=True,
        domain=[
            ('ratio', '>=', 0),
            ('ratio', '<=', 1),
            ],
        states=_states,
        help="The share of the person in what the activity leaves for pay.")
    employer_ratio = fields.Numeric(
        "Ratio of Employer Contributions", digits=(None, 4),
        domain=['OR',
            ('employer_ratio', '=', None),
            [('employer_ratio', '>=', 0), ('employer_ratio', '<=', 2)],
            ],
        states=_states,
        help="In part of the gross pay, from the last payslips unless it is "
        "changed.")
    with_profit = fields.Boolean(
        "Pay Earlier Profits", states=_states,
        help="Pay also what the years before left as a result, if the "
        "general meeting has decided so.")
    agreed_result = _positive(
        'agreed_result', "Agreed Result",
        help="What the contract leaves in the activity as a result.")
    leave_opening = _positive(
        'leave_opening', "Leave at the Beginning",
        help="The gross pay of the leave due, as it was provided for.")
    leave_opening_contributions = _positive(
        'leave_opening_contributions', "Contributions at the Beginning")
    leave_closing = _positive(
        'leave_closing', "Leave at the End",
        help="The gross pay of the leave due on the last day of the year.")
    leave_closing_contributions = _positive(
        'leave_closing_contributions', "Contributions at the End")
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
            ], "State", required=True, readonly=True, sort=False)
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT',
        states={
            'invisible': ~Eval('move'),
            })
    gross_line = fields.Many2One(
        'account.move.line', "Line of the Balance", readonly=True,
        ondelete='RESTRICT')
    contributions_line = fields.Many2One(
        'account.move.line', "Line of the Contributions", readonly=True,
        ondelete='RESTRICT')

    del _states

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._order = [
            ('fiscalyear.start_date', 'DESC'), ('activity.code', 'ASC'),
            ('entrepreneur.code', 'ASC'), ('id', 'DESC')]
        cls._sql_constraints.append(
            ('person_unique', Exclude(table,
                    (table.fiscalyear, Equal),
                    (table.activity, Equal),
                    (table.entrepreneur, Equal),
                    where=table.state != 'reversed'),
                'coop_cae.msg_settlement_unique'))
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.fiscalyear, Index.Range())),
                Index(table, (table.activity, Index.Range())),
                Index(table, (table.entrepreneur, Index.Range())),
                })
        cls._transitions |= {
            ('draft', 'posted'),
            ('posted', 'reversed'),
            }
        cls._buttons.update({
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                'reverse': {
                    'invisible': Eval('state') != 'posted',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'post', 'reverse')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @classmethod
    def default_agreed_result(cls):
        return ZERO

    @classmethod
    def default_leave_opening(cls):
        return ZERO

    @classmethod
    def default_leave_opening_contributions(cls):
        return ZERO

    @classmethod
    def default_leave_closing(cls):
        return ZERO

    @classmethod
    def default_leave_closing_contributions(cls):
        return ZERO

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @fields.depends('activity', 'entrepreneur', methods=['_propose'])
    def on_change_activity(self):
        people = [
            p.entrepreneur for p in self.activity.entrepreneurs
            ] if self.activity else []
        if self.entrepreneur not in people:
            self.entrepreneur = people[0] if len(people) == 1 else None
        self._propose()

    @fields.depends(methods=['_propose'])
    def on_change_entrepreneur(self):
        self._propose()

    @fields.depends(methods=['_propose'])
    def on_change_fiscalyear(self):
        self._propose()

    @fields.depends('company', 'fiscalyear', 'activity', 'entrepreneur')
    def _propose(self):
        if (self.company and self.fiscalyear and self.activity
                and self.entrepreneur):
            self.propose(self.company, [self])

    @fields.depends('company', 'leave_closing', 'employer_ratio')
    def on_change_leave_closing(self):
        if (self.company and self.leave_closing is not None
                and self.employer_ratio is not None):
            self.leave_closing_contributions = from_gross(
                self.leave_closing, Ratios(self.employer_ratio, ZERO),
                self.company.currency.digits).employer

    @classmethod
    def propose(cls, company, settlements):
        """Set what is known of the people of settlements: their share, the
        ratio of their last payslips, and the leave at the end of the year
        before"""
        Ratio = Pool().get('cae.pay.ratio')
        ratios = Ratio.of(company, [s._ratio_key() for s in settlements])
        before = cls._read_before(company, settlements)
        splits = cls._read_splits(company, settlements)
        for settlement in settlements:
            (*_, split), = splits[settlement.fiscalyear][
                settlement.activity.id]
            settlement.ratio = dict(split).get(settlement.entrepreneur.id)
            found = ratios.get(settlement._ratio_key())
            settlement.employer_ratio = (
                found.ratios.employer if found else None)
            if last := before.get(settlement._key()):
                settlement.leave_opening = last.leave_closing
                settlement.leave_opening_contributions = (
                    last.leave_closing_contributions)

    @classmethod
    def _read_splits(cls, company, settlements):
        "Return the splits at the end of the years, or of today before that"
        today = Pool().get('ir.date').today()
        return {
            year: read_splits(company, day, day)
            for year in {s.fiscalyear for s in settlements}
            for day in [min(year.end_date, today)]}

    @classmethod
    def _read_before(cls, company, settlements):
        "Return the last settlements of the years before"
        return {
            s._key(): s for s in cls.search([
                    ('company', '=', company.id),
                    ('state', '=', 'posted'),
                    ('fiscalyear.end_date', '<', min(
                            s.fiscalyear.start_date for s in settlements)),
                    ('activity', 'in', [s.activity.id for s in settlements]),
                    ], order=[('fiscalyear.end_date', 'ASC')])}

    def _key(self):
        return self.activity.id, self.entrepreneur.id

    def _ratio_key(self):
        return self.entrepreneur.id, self.fiscalyear.end_date

    def get_rec_name(self, name):
        return (
            f'{self.entrepreneur.rec_name} – {self.activity.code} – '
            f'{self.fiscalyear.rec_name}')

    @classmethod
    def search_rec_name(cls, name, clause):
        _, operator, value = clause
        bool_op = 'AND' if operator.startswith(('!', 'not ')) else 'OR'
        return [bool_op,
            ('entrepreneur.rec_name', operator, value),
            ('activity.rec_name', operator, value),
            ('fiscalyear.rec_name', operator, value),
            ]

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual',
                If(Eval('state') == 'reversed', 'muted',
                    If(Eval('late', False), 'danger', ''))),
            ]

    @classmethod
    def copy(cls, settlements, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        for name in _BOOKED - {'state'}:
            default.setdefault(name)
        return super().copy(settlements, default=default)

    @classmethod
    def check_modification(
            cls, mode, settlements, values=None, external=False):
        super().check_modification(
            mode, settlements, values=values, external=external)
        if mode == 'create':
            broken = [
                s for s in settlements
                if s.state != 'draft' or s.move or s.gross_line
                or s.contributions_line]
        elif mode == 'write' and values.keys() <= {'meeting_date'}:
            broken = []
        elif mode == 'write' and values.keys() <= _BOOKED:
            broken = settlements if external else []
        else:
            broken = [s for s in settlements if s.state != 'draft']
            if mode == 'write' and values.keys() & _BOOKED:
                broken = settlements
        for settlement in broken:
            raise SettlementModifyError(gettext(
                    'coop_cae.msg_settlement_modify',
                    settlement=settlement.rec_name))
