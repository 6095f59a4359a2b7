# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The activity follows the money: from the income and charges of an entry to
its other lines when it is posted."""
from collections import defaultdict
from decimal import Decimal
from itertools import groupby

from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae.rules.attribution import Kind, Line, attribute
from trytond.modules.coop_cae.rules.chart import CASH, OWN_FUNDS, is_of
from trytond.modules.coop_ledger.entry import Part
from trytond.pool import Pool, PoolMeta


class MoveLine(metaclass=PoolMeta):
    __name__ = 'account.move.line'

    @classmethod
    def apply_rule(cls, lines):
        super().apply_rule(lines)
        structures = {}
        for move, lines in groupby(
                sorted(lines, key=lambda l: l.move.id), key=lambda l: l.move):
            lines = list(lines)
            if move.company not in structures:
                structures[move.company] = structure_account(move.company)
            if structures[move.company]:
                cls._attribute(move, lines, structures[move.company])

    @classmethod
    def _attribute(cls, move, lines, structure):
        "Add analytic lines to the lines of a move that have none"
        chosen = {line.id: line for line in lines}
        lines = [chosen.get(line.id, line) for line in move.lines]
        parts = attribute(
            [line._to_attribute() for line in lines], structure,
            move.company.currency.digits)
        for line, part in zip(lines, parts):
            if part and not line.analytic_lines and line.id in chosen:
                line.analytic_lines = [
                    analytic_line(account, amount, line.date)
                    for account, amount in part.items()]

    def _to_attribute(self):
        kind = Kind.BALANCE
        if self.must_have_analytic:
            kind = Kind.INCOME
        elif is_of(self.account.code, CASH):
            kind = Kind.CASH
        elif is_of(self.account.code, OWN_FUNDS):
            kind = Kind.OWN
        parts = defaultdict(Decimal)
        for part in self.analytic_lines:
            parts[part.account.id] += part.debit - part.credit
        taxes = defaultdict(list)
        for tax_line in self.tax_lines:
            taxes[tax_line.type].append(tax_line.tax.id)
        return Line(
            self.debit - self.credit, kind, parts or None,
            tax=taxes['tax'][0] if taxes['tax'] else None,
            bases=taxes['base'],
            account=self.account.id)


class AnalyticLine(metaclass=PoolMeta):
    __name__ = 'analytic_account.line'

    @classmethod
    def check_modification(cls, mode, lines, values=None, external=False):
        super().check_modification(
            mode, lines, values=values, external=external)
        if not external:
            return
        # Whoever completes a line does so before it is valid
        for line in lines:
            if (line.move_line.move.state == 'posted'
                    and (line.move_line.analytic_state == 'valid'
                        or mode != 'create')):
                raise AccessError(gettext(
                        'coop_cae.msg_analytic_line_posted',
                        line=line.move_line.rec_name,
                        move=line.move_line.move.rec_name))


def structure_account(company):
    "Return the id of the analytic account of the structure, None without"
    Configuration = Pool().get('cae.configuration')
    structure = Configuration(1).get_setting('structure_account', company)
    return structure.id if structure else None


def analytic_line(account, amount, date):
    AnalyticLine = Pool().get('analytic_account.line')
    part = Part.of(account, amount)
    return AnalyticLine(
        account=account, debit=part.debit, credit=part.credit, date=date)
