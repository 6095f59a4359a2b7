# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict

from sql.aggregate import Max

from trytond.i18n import gettext
from trytond.model import (
    DeactivableMixin, Index, ModelSQL, ModelView, Unique, fields)
from trytond.modules.coop_ledger.entry import Entry, EntryLine
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_ledger.update import assign
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.transaction import Transaction

from .exceptions import NominalError, PostedError
from .ledger import as_date, money, rows

_STATES = {
    'readonly': Eval('state') != 'draft',
    }


class Class(DeactivableMixin, ModelSQL, ModelView):
    __name__ = 'coop.share.class'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    code = fields.Char("Code", required=True)
    name = fields.Char("Name", required=True, translate=True)
    nominals = fields.One2Many(
        'coop.share.nominal', 'share_class', "Nominal Values")
    nominal = fields.Function(Monetary(
            "Nominal Value", currency='currency', digits='currency',
            help="The value in force today."),
        'get_nominal')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints.append(
            ('code_unique', Unique(table, table.company, table.code),
                'coop_shares.msg_class_code_unique'))
        cls._order.insert(0, ('code', 'ASC'))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_nominal(cls, classes, name):
        Date = Pool().get('ir.date')
        nominals = dict.fromkeys(map(int, classes))
        by_company = defaultdict(list)
        for class_ in classes:
            by_company[class_.company].append(class_.id)
        for company, ids in by_company.items():
            with Transaction().set_context(company=company.id):
                today = Date.today()
            known = cls.nominals_at(company, today)
            nominals.update((i, known[i]) for i in ids if i in known)
        return nominals

    @classmethod
    def nominals_at(cls, company, date=None):
        """Return the nominal value in force at the date, or the last one, by
        id of class"""
        table = cls.__table__()
        nominal = Pool().get('coop.share.nominal').__table__()
        where = (table.company == company.id) & (nominal.state == 'posted')
        if date:
            where &= nominal.date <= date
        last = (nominal
            .join(table, condition=nominal.share_class == table.id)
            .select(
                nominal.share_class, Max(nominal.date).as_('date'),
                where=where, group_by=[nominal.share_class]))
        return {
            class_: money(company, value)
            for class_, value in rows(nominal
                .join(last, condition=(
                        nominal.share_class == last.share_class)
                    & (nominal.date == last.date))
                .select(
                    nominal.share_class, nominal.nominal,
                    where=nominal.state == 'posted'))}

    @classmethod
    def last_nominal_dates(cls, company):
        """Return by id of class the date of the last nominal value: no
        movement may come before it any more"""
        table = cls.__table__()
        nominal = Pool().get('coop.share.nominal').__table__()
        return {
            class_: as_date(date) for class_, date in rows(nominal
                .join(table, condition=nominal.share_class == table.id)
                .select(
                    nominal.share_class, Max(nominal.date),
                    where=(table.company == company.id)
                    & (nominal.state == 'posted'),
                    group_by=[nominal.share_class]))}

    @classmethod
    def copy(cls, classes, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('nominals')
        return super().copy(classes, default=default)

    @classmethod
    def check_modification(
            cls, mode, classes, values=None, external=False):
        super().check_modification(
            mode, classes, values=values, external=external)
        if mode == 'write' and 'company' in values:
            for class_ in classes:
                if any(n.state != 'draft' for n in class_.nominals):
                    raise PostedError(gettext(
                            'coop_shares.msg_class_company',
                            share_class=class_.rec_name))


class Nominal(ModelSQL, ModelView):
    __name__ = 'coop.share.nominal'

    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='CASCADE',
        states=_STATES)
    company = fields.Function(fields.Many2One(
            'company.company', "Company"),
        'on_change_with_company', searcher='search_company')
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    date = fields.Date(
        "Date", required=True, states=_STATES,
        help="The first day of the nominal value.")
    nominal = Monetary(
        "Nominal Value", currency='currency', digits='currency',
        required=True, states=_STATES,
        domain=[
            ('nominal', '>', 0),
            ])
    decision = fields.Text(
        "Decision", states=_STATES,
        help="The body that decided it, and the resolution.")
    decision_date = fields.Date("Decision Date", states=_STATES)
    account = fields.Many2One(
        'account.account', "Counterpart Account", states=_STATES,
        ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ('type', '!=', None),
            ('closed', '!=', True),
            ('party_required', '=', False),
            ],
        help="The account that the change of capital is taken from or goes "
        "to, such as losses or reserves.\nNeeded when there are holders.")
    movements = fields.One2Many(
        'coop.share.movement', 'origin', "Movements", readonly=True)
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ('reversed', "Reversed"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__access__.add('share_class')
        table = cls.__table__()
        cls._sql_indexes.add(Index(table,
                (table.share_class, Index.Range()),
                (table.date, Index.Range())))
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
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

    @classmethod
    def default_state(cls):
        return 'draft'

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

    @classmethod
    def copy(cls, nominals, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('state', cls.default_state())
        default.setdefault('movements')
        return super().copy(nominals, default=default)

    @classmethod
    def check_modification(
            cls, mode, nominals, values=None, external=False):
        super().check_modification(
            mode, nominals, values=values, external=external)
        for nominal in nominals:
            if (nominal.state != 'draft'
                    or (values or {}).get('state', 'draft') != 'draft'):
                raise PostedError(gettext(
                        'coop_shares.msg_nominal_modify',
                        nominal=nominal.rec_name))

    @classmethod
    @ModelView.button
    @savepoint()
    def post(cls, nominals):
        """Put the nominal values in force.

        The first one of a class moves nothing; a later one changes the amount
        of each holding by a movement of the register.
        """
        for nominal in sorted(nominals, key=lambda n: (n.date, n.id)):
            if nominal.state == 'draft':
                nominal._post()

    def _post(self):
        pool = Pool()
        Class = pool.get('coop.share.class')
        Movement = pool.get('coop.share.movement')
        company = self.company
        last = Class.last_nominal_dates(company).get(self.share_class.id)
        if last:
            if self.date <= last:
                raise NominalError(gettext(
                        'coop_shares.msg_nominal_order',
                        nominal=self.rec_name))
            Movement.change_nominal(self)
        # By SQL, as the ORM lets nobody set the state
        assign(self.__class__, 'state', [(self.id, 'posted')])

    def entry(self, movement, journal, capital_account):
        "Return the entry of the change of a holding"
        if not movement.amount:
            return None
        if not self.account:
            raise NominalError(gettext(
                    'coop_shares.msg_nominal_account',
                    nominal=self.rec_name))
        party = movement.member.party.id
        amount = movement.amount
        if amount > 0:
            lines = (
                EntryLine(account=self.account.id, debit=amount),
                EntryLine(
                    account=capital_account, credit=amount, party=party))
        else:
            lines = (
                EntryLine(
                    account=capital_account, debit=-amount, party=party),
                EntryLine(account=self.account.id, credit=-amount))
        return Entry(
            journal=journal, date=movement.date, origin=str(movement),
            description=movement.entry_description, lines=lines)

    @classmethod
    @ModelView.button
    @savepoint()
    def reverse(cls, nominals):
        """Take the last nominal value of a class back, with its movements"""
        pool = Pool()
        Class = pool.get('coop.share.class')
        Movement = pool.get('coop.share.movement')
        for nominal in nominals:
            if nominal.state != 'posted':
                continue
            last = Class.last_nominal_dates(nominal.company)
            if nominal.date != last[nominal.share_class.id]:
                raise NominalError(gettext(
                        'coop_shares.msg_nominal_reverse_last',
                        nominal=nominal.rec_name))
            Movement.reverse_nominal(nominal)
            assign(cls, 'state', [(nominal.id, 'reversed')])
