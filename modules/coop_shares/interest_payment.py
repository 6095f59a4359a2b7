# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The interest of a year paid: levies withheld, the rest due or in shares."""
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.open_day import other_day
from trytond.modules.coop_ledger.reconcile import reconcile
from trytond.modules.coop_ledger.update import assign
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .accounts import Accounts
from .exceptions import SurplusError
from .interest import creditors
from .ledger import rows
from .operation import STATES, OperationMixin
from .rules.conversion import whole_shares
from .rules.surplus import is_waived, levies

ZERO = Decimal(0)


class InterestPayment(OperationMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.interest.payment'

    company = fields.Many2One(
        'company.company', "Company", required=True, states=STATES)
    surplus = fields.Many2One(
        'coop.surplus', "Surplus", required=True, ondelete='RESTRICT',
        states=STATES,
        domain=[
            ('company', '=', Eval('company', -1)),
            If(Eval('state') == 'draft', ('state', '=', 'posted'), ()),
            ])
    date = fields.Date(
        "Date", required=True, states=STATES,
        help="The day on which the levies are due, and the rest is paid.")
    interests = fields.One2Many(
        'coop.share.interest', 'payment', "Interest by Member", readonly=True)
    move = fields.Many2One(
        'account.move', "Accounting Entry", readonly=True,
        ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table, (table.company, Index.Range())),
                Index(table, (table.surplus, Index.Range())),
                })

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.surplus.rec_name} – {lang.strftime(self.date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('surplus.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, payments, default=None):
        default = default.copy() if default is not None else {}
        for name in ['interests', 'move']:
            default.setdefault(name)
        return super().copy(payments, default=default)

    def _post(self):
        pool = Pool()
        Interest = pool.get('coop.share.interest')
        Move = pool.get('account.move')
        Movement = pool.get('coop.share.movement')
        interests = [i for i in self.surplus.interests if not i.payment]
        if self.surplus.state != 'posted' or not interests:
            raise SurplusError(gettext(
                    'coop_shares.msg_interest_nothing',
                    surplus=self.surplus.rec_name))
        if self.date < self.surplus.date:
            raise SurplusError(gettext(
                    'coop_shares.msg_interest_before',
                    surplus=self.surplus.rec_name))
        self._withhold(interests)
        interests = Interest.browse(interests)
        shares = self._in_shares(interests)
        assign(Interest, 'in_shares', [
                (i.id, shares[i.id][1] if i.id in shares else ZERO)
                for i in interests])
        assign(Interest, 'payment', [(i.id, self.id) for i in interests])
        movements = Movement.post_operation(self, [{
                    'type': 'interest',
                    'member': i.member.id,
                    'share_class': self._class.id,
                    'quantity': shares[i.id][0],
                    } for i in interests if i.id in shares])
        if movements:
            move = movements[0].move
        else:
            posted, = Move.post_entries(
                self.company, [self.entry((), Accounts(self.company))])
            move = Move(posted.move)
        assign(self.__class__, 'move', [(self.id, move.id)])
        self._settle(interests, move)

    @property
    def _class(self):
        Configuration = Pool().get('coop.share.configuration')
        return Configuration(1).get_required('share_class', self.company)

    def _withhold(self, interests):
        "Set what is withheld of each, at the rates of the day"
        pool = Pool()
        Interest = pool.get('coop.share.interest')
        Levy = pool.get('coop.share.levy')
        rates = Levy.at(self.date)
        digits = self.company.currency.digits
        withheld = {}
        for interest in interests:
            member = interest.member
            rate = dict(rates)
            if member.levy_exempt:
                rate = dict.fromkeys(rates, ZERO)
            elif is_waived(member.prepayment_waiver_date, self.date):
                rate['prepayment'] = ZERO
            withheld[interest.id] = levies(interest.amount, rate, digits)
        for kind in rates:
            assign(Interest, kind, [
                    (id_, amounts[kind]) for id_, amounts in withheld.items()])

    def _in_shares(self, interests):
        """Return the whole shares, and their amount, of members who want them
        by id of interest"""
        Class = Pool().get('coop.share.class')
        wanted = [
            i for i in interests
            if i.member.interest_in_shares and i.member.is_member(self.date)]
        if not wanted:
            return {}
        nominal = Class.nominals_at(self.company, self.date).get(
            self._class.id)
        result = {}
        for interest in wanted:
            net = interest.amount - interest.prepayment - interest.social
            quantity, rest = whole_shares(net, nominal) if nominal else (0, 0)
            if quantity:
                result[interest.id] = quantity, net - rest
        return result

    def entry(self, movements, accounts):
        due = accounts['interest_account']
        withheld = ZERO
        capital = {
            m.member: (accounts.capital(m.share_class), m.amount)
            for m in movements}
        lines = []
        interests = self.__class__(self.id).interests
        owed = self._owed()
        paid = creditors({i.member for i in interests})
        for interest in interests:
            party, origin = interest.member.party.id, str(interest)
            levied = interest.prepayment + interest.social
            withheld += levied
            lines.append(EntryLine(
                    account=due, party=owed.get(origin, party),
                    debit=interest.amount, origin=origin))
            if interest.member in capital:
                account, amount = capital[interest.member]
                lines.append(EntryLine(
                        account=account, party=party, credit=amount))
            if to_pay := interest.amount - levied - interest.in_shares:
                lines.append(EntryLine(
                        account=due, party=paid[interest.member.id],
                        credit=to_pay, origin=origin, maturity_date=self.date))
        if withheld:
            lines.append(EntryLine(
                    account=accounts['levy_account'], credit=withheld))
        return Entry(
            journal=accounts['journal'], date=self.date, origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_interest', payment=self.rec_name),
            lines=tuple(lines))

    def _owed(self):
        "Return the party that the meeting gave each interest to, by origin"
        line = Pool().get('account.move.line').__table__()
        return dict(rows(line.select(
                    line.origin, line.party,
                    where=(line.move == self.surplus.move.id)
                    & (line.account == Accounts(
                            self.company)['interest_account']))))

    def _settle(self, interests, move):
        "Reconcile what the meeting gave with what is paid of it"
        line = Pool().get('account.move.line').__table__()
        account = Accounts(self.company)['interest_account']
        wanted = {str(i) for i in interests}
        groups = {}
        for id_, origin, move_id, credit in rows(line.select(
                    line.id, line.origin, line.move, line.credit,
                    where=(line.account == account)
                    & line.move.in_([move.id, self.surplus.move.id]))):
            if origin in wanted and not (move_id == move.id and credit):
                groups.setdefault(origin, []).append(id_)
        reconcile(self.company, [
                (self.date, ids) for ids in groups.values()])

    def _reverse(self):
        pool = Pool()
        Interest = pool.get('coop.share.interest')
        Move = pool.get('account.move')
        Reconciliation = pool.get('account.move.reconciliation')
        move = self.move
        if reconciliations := list({
                    line.reconciliation for line in move.lines
                    if line.debit and line.reconciliation}):
            Reconciliation.delete(reconciliations)
        if self.movements:
            super()._reverse()
        else:
            with Transaction().set_context(_coop_shares_register=True):
                Move.reverse_entries(
                    [move], date=other_day(self.company, move.date))
        interests = list(self.interests)
        for name in ['prepayment', 'social', 'in_shares', 'payment']:
            assign(Interest, name, [(i.id, None) for i in interests])
