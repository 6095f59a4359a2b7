# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The terms that contracts and their amendments set."""
from trytond.model import fields
from trytond.modules.currency.fields import Monetary
from trytond.pyson import Bool, Eval

from .rules.terms import in_force
from .signed_document import DRAFT

TERMS = [
    'fixed_part', 'variable_formula', 'objective_amount', 'objective_period',
    'working_time', 'commitment_cap']


def _of(type_, **states):
    return {
        'invisible': Eval('type') != type_,
        **DRAFT, **states,
        }


def _amount(name, label, states, help=''):
    return Monetary(
        label, currency='currency', digits='currency', states=states,
        domain=['OR',
            (name, '=', None),
            (name, '>=', 0),
            ],
        help=help)


class TermsMixin:
    "What is agreed, by kind of contract"
    __slots__ = ()

    currency = fields.Function(
        fields.Many2One('currency.currency', "Currency"),
        'on_change_with_currency')
    fixed_part = _amount(
        'fixed_part', "Fixed Part", _of('cesa'),
        help="The gross fixed part of the pay per month.")
    variable_formula = fields.Text(
        "Formula of the Variable Part", states=_of('cesa'),
        help="From the turnover, less the charges of the activity alone and "
        "the contribution (code du travail, L7332-3).")
    objective_amount = _amount(
        'objective_amount', "Objective", _of('cesa'),
        help="The turnover that the activity is to reach at least.")
    objective_period = fields.Selection([
            (None, ""),
            ('month', "Month"),
            ('quarter', "Quarter"),
            ('half_year', "Half-Year"),
            ('year', "Year"),
            ], "Per", sort=False,
        states=_of('cesa', required=Bool(Eval('objective_amount'))))
    working_time = fields.Numeric(
        "Working Time", digits=(None, 2), states=_of('cesa'),
        domain=['OR',
            ('working_time', '=', None),
            [('working_time', '>', 0), ('working_time', '<=', 220)],
            ],
        help="In hours per month.")
    commitment_cap = _amount(
        'commitment_cap', "Most Commitments", _of('cape'),
        help="The most that the co-operative answers for towards third "
        "parties (code de commerce, R127-1, 4°).")

    def _terms(self):
        return {name: getattr(self, name) for name in TERMS}


class ContractTermsMixin(TermsMixin):
    __slots__ = ()

    amendments = fields.One2Many(
        'cae.contract.amendment', 'contract', "Amendments",
        states={
            'invisible': Eval('signature') != 'signed',
            })

    def terms_on(self, day):
        "Return the terms on a day, with what is signed since"
        return in_force(
            self._terms(), [
                (a.start_date, a._terms())
                for a in sorted(self.amendments, key=lambda a: a.number)
                if a.signature == 'signed'], day)
