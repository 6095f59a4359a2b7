# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who was there, came, came back and left in a period."""
from collections import Counter, defaultdict

from trytond.model import ModelSQL, ModelView, fields
from trytond.pyson import Eval, If

from .figure import FigureMixin, scopes
from .rules import stay as rule
from .stay import each, read_contracts


class Flow(FigureMixin, ModelSQL, ModelView):
    __name__ = 'cae.flow'

    at_start = fields.Integer(
        "At the Start",
        help="In a stay on the first day, which began before.")
    entered = fields.Integer(
        "Entered", help="The first stay began in the period.")
    returned = fields.Integer(
        "Came Back", help="A later stay began in the period.")
    left = fields.Integer(
        "Left", help="A stay ended in the period, on its last day at the "
        "latest.")
    at_end = fields.Integer(
        "At the End", help="In a stay that goes on after the last day.")
    under_contract = fields.Integer(
        "Active", help="With a signed contract on the last day.")
    hosted = fields.Integer(
        "Hosted", help="With a signed contract on some day of the period.")

    @classmethod
    def _figures(cls, start, end):
        names = scopes()
        companies = [c for c in names if c]
        flows = flow(read_contracts(companies), start, end, companies)
        for company, values in names.items():
            yield {**values, **flows[company]._asdict()}

    @classmethod
    def view_attributes(cls):
        return super().view_attributes() + [
            ('/tree', 'visual', If(Eval('of_group'), 'success', '')),
            ]


def flow(contracts, start, end, companies):
    "Return the flow of a period by company, and of the group by None"
    # People who are alike are counted together first
    alike = Counter(
        (company, flow) for company, _, _, flow in each(
            contracts, end, companies,
            lambda own, group: rule.flow(own, start, end, group)))
    found = defaultdict(rule.Flow)
    for (company, flow), number in alike.items():
        found[company] += rule.Flow(*(n * number for n in flow))
    return found
