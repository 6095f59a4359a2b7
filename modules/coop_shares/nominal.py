# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.open_day import open_days
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval

from .exceptions import NominalError
from .operation import STATES, OperationMixin

ZERO = Decimal(0)


class Nominal(OperationMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.nominal'

    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='CASCADE',
        states=STATES)
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    date = fields.Date(
        "Date", required=True, states=STATES,
        help="The first day of the nominal value.")
    nominal = Monetary(
        "Nominal Value", currency='currency', digits='currency',
        required=True, states=STATES,
        domain=[
            ('nominal', '>', 0),
            ])
    for_losses = fields.Boolean(
        "For Losses", states=STATES,
        help="The capital is reduced because of losses.")
    account = fields.Many2One(
        'account.account', "Counterpart Account", states=STATES,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '!=', None),
            ('closed', '!=', True),
            ('party_required', '=', False),
            ],
        help="The account that the change of capital is taken from or goes "
        "to, such as losses or reserves.\nNeeded when there are holders.")

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('share_class')
        table = cls.__table__()
        cls._sql_indexes.add(Index(table,
                (table.share_class, Index.Range()),
                (table.date, Index.Range())))

    @fields.depends('share_class', '_parent_share_class.company')
    def on_change_with_company(self, name=None):
        return self.share_class.company if self.share_class else None

    @classmethod
    def search_company(cls, name, clause):
        return [('share_class.' + clause[0], *clause[1:])]

    @fields.depends('share_class', '_parent_share_class.company')
    def on_change_with_currency(self, name=None):
        if self.share_class and self.share_class.company:
            return self.share_class.company.currency

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return (f'{self.share_class.rec_name} – '
            f'{lang.currency(self.nominal, self.currency)} – '
            f'{lang.strftime(self.date)}')

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('share_class.rec_name', *clause[1:])]

    def _post(self):
        """Put the nominal value in force.

        The first one of a class moves nothing; a later one changes the amount
        of each lot by a movement of the register.
        """
        pool = Pool()
        Class = pool.get('coop.share.class')
        Movement = pool.get('coop.share.movement')
        last = Class.last_nominal_dates(self.company).get(self.share_class.id)
        if not last:
            return
        if self.date <= last:
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_order', nominal=self.rec_name))
        self._check_none_from(set(), 'coop_shares.msg_nominal_movements')
        old = Class.nominals_at(self.company, self.date)[self.share_class.id]
        if self.for_losses and self.nominal >= old:
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_for_losses',
                    nominal=self.rec_name))
        lots = [
            lot for lot in Movement.lots(self.company)
            if lot.share_class == self.share_class.id]
        if any(lot.amount != lot.paid for lot in lots):
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_unpaid', nominal=self.rec_name))
        Movement.post_operation(self, [{
                    'type': (
                        'loss_reduction' if self.for_losses
                        else 'nominal_change'),
                    'member': lot.member,
                    'share_class': lot.share_class,
                    'lot': lot.id,
                    'since': lot.since,
                    'quantity': 0,
                    'nominal': self.nominal,
                    'amount': lot.quantity * (self.nominal - old),
                    } for lot in lots])

    def _reverse(self):
        Class = Pool().get('coop.share.class')
        last = Class.last_nominal_dates(self.company)
        if self.date != last[self.share_class.id]:
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_reverse_last',
                    nominal=self.rec_name))
        self._check_none_from(
            {m.id for m in self.movements},
            'coop_shares.msg_nominal_reverse_movements')
        super()._reverse()

    def _check_none_from(self, own, message):
        """Check that nothing moved since the date of the nominal value.

        What moved and was reversed on the same day does not count: between
        two days it would be held at the nominal value of neither.
        """
        Movement = Pool().get('coop.share.movement')
        later = Movement.search([
                ('share_class', '=', self.share_class.id),
                ('state', '=', 'posted'),
                ('date', '>=', self.date),
                ('id', 'not in', list(own)),
                ])
        nothing = {
            id_ for m in later
            if m.reversal_of and m.reversal_of.date == m.date
            for id_ in [m.id, m.reversal_of.id]}
        for movement in later:
            if movement.id not in nothing:
                raise NominalError(gettext(
                        message, nominal=self.rec_name,
                        movement=movement.rec_name))

    def entry(self, movements, accounts, date=None):
        amounts = {}
        for movement in movements:
            party = movement.member.party.id
            amounts[party] = amounts.get(party, ZERO) + movement.amount
        if not any(amounts.values()):
            return None
        if not self.account:
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_account',
                    nominal=self.rec_name))
        total = sum(amounts.values(), ZERO)
        capital = accounts.capital(self.share_class)
        return Entry(
            journal=accounts['journal'], date=date or self.date,
            origin=str(self),
            description=gettext(
                'coop_shares.msg_entry_nominal_change',
                nominal=self.rec_name),
            lines=(
                *([EntryLine(
                        account=self.account.id, debit=max(total, ZERO),
                        credit=max(-total, ZERO))] if total else []),
                *(EntryLine(
                        account=capital, debit=max(-amount, ZERO),
                        credit=max(amount, ZERO), party=party)
                    for party, amount in sorted(amounts.items()) if amount)))


def changes_since(company, movements, dates):
    """Return the values of the movements by which the changes of the nominal
    value since some movements follow their reversal: what was subscribed by
    mistake was never changed, who did not leave holds shares of today's value

    dates are those of the reversals, by id of the movement.
    """
    pool = Pool()
    moved = [m for m in movements if m.quantity]
    if not moved:
        return []
    first = min(m.date for m in moved)
    classes = {m.share_class.id for m in moved}
    changes, last = [], {}
    for change in pool.get('coop.share.nominal').search([
                ('share_class', 'in', list(classes)),
                ('state', '=', 'posted'),
                ], order=[('date', 'ASC'), ('id', 'ASC')]):
        class_ = change.share_class.id
        if class_ in last and change.date > first:
            changes.append((change, change.nominal - last[class_]))
        last[class_] = change.nominal
    values = [{
            'company': company.id,
            'type': 'loss_reduction' if c.for_losses else 'nominal_change',
            'date': max(c.date, dates[m.id]),
            'member': m.member.id,
            'share_class': m.share_class.id,
            'lot': m.lot.id,
            'since': m.since,
            'quantity': 0,
            'nominal': c.nominal,
            'amount': -m.quantity * difference,
            'origin': str(c),
            } for c, difference in changes for m in moved
        if m.share_class == c.share_class and m.date < c.date]
    days = open_days(company, (v['date'] for v in values))
    return [{**v, 'date': days[v['date']]} for v in values]
