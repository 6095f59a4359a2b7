# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The settlements of all the people of a company and a fiscal year."""
from trytond.model import ModelView, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, PYSONEncoder
from trytond.tools import grouped_slice
from trytond.transaction import Transaction
from trytond.wizard import Button, StateAction, StateView, Wizard

SLICE = 100


class Settlement(metaclass=PoolMeta):
    __name__ = 'cae.settlement'

    @classmethod
    def prepare(cls, fiscalyear):
        """Create the draft settlement of whoever ran an activity in the year
        under a CESA and has none yet, and return them"""
        Link = Pool().get('cae.activity.entrepreneur')
        start, end = fiscalyear.start_date, fiscalyear.end_date
        known = {
            s._key() for s in cls.search([
                    ('fiscalyear', '=', fiscalyear.id),
                    ('state', '!=', 'reversed'),
                    ])}
        settlements = [
            cls(company=fiscalyear.company, fiscalyear=fiscalyear,
                activity=link.activity, entrepreneur=link.entrepreneur)
            for link in Link.search([
                    ('activity.company', '=', fiscalyear.company.id),
                    ('activity.start_date', '<=', end),
                    ['OR',
                        ('activity.end_date', '=', None),
                        ('activity.end_date', '>=', start),
                        ],
                    ], order=[('activity.code', 'ASC'), ('id', 'ASC')])
            if (link.activity.id, link.entrepreneur.id) not in known
            and any(c.type == 'cesa' and c.covers(start, end)
                for c in link.entrepreneur.contracts)]
        if settlements:
            cls.propose(fiscalyear.company, settlements)
            # Tryton checks the domain of each in one query for all of them
            for slice_ in grouped_slice(settlements, SLICE):
                cls.save(list(slice_))
        return settlements


class PrepareSettlements(Wizard):
    __name__ = 'cae.settlement.prepare'

    start = StateView(
        'cae.settlement.prepare.start',
        'coop_cae.settlement_prepare_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Prepare", 'prepare', 'tryton-ok', default=True),
            ])
    prepare = StateAction('coop_cae.act_settlement_form')

    def do_prepare(self, action):
        Settlement = Pool().get('cae.settlement')
        fiscalyear = self.start.fiscalyear
        Settlement.prepare(fiscalyear)
        action['pyson_domain'] = PYSONEncoder().encode([
                ('fiscalyear', '=', fiscalyear.id),
                ])
        action['name'] += f' ({fiscalyear.rec_name})'
        return action, {}


class PrepareSettlementsStart(ModelView):
    __name__ = 'cae.settlement.prepare.start'

    company = fields.Many2One('company.company', "Company", required=True)
    fiscalyear = fields.Many2One(
        'account.fiscalyear', "Fiscal Year", required=True,
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="A draft is made for each person and activity of the year that "
        "has none yet.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')
