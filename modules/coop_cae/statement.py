# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import fields
from trytond.modules.coop_cae.rules.chart import CASH, is_of
from trytond.pool import PoolMeta
from trytond.pyson import Bool, Eval

from .attribution import analytic_line


class Line(metaclass=PoolMeta):
    __name__ = 'account.statement.line'

    activity = fields.Many2One(
        'cae.activity', "Activity", ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states={
            'readonly': Eval('statement_state') != 'draft',
            'invisible': Bool(Eval('related_to')),
            },
        help="Whose the line is when it settles nothing. Without it income "
        "and charges are the structure's.")

    @fields.depends('related_to')
    def on_change_related_to(self):
        super().on_change_related_to()
        if self.related_to:
            self.activity = None

    def get_move_line(self):
        line = super().get_move_line()
        # What settles something is of the same activities
        if (line and self.activity and not self.related_to
                and not is_of(line.account.code, CASH)):
            line.analytic_lines = [analytic_line(
                    self.activity.analytic_account,
                    line.debit - line.credit, self.date)]
        return line
