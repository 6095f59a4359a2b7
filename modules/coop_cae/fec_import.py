# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.modules.coop_cae.rules.attribution import (
    Kind, Line, attribute, must_balance)
from trytond.modules.coop_cae.rules.chart import (
    CASH, INCOME_STATEMENT, OWN_FUNDS, is_of)
from trytond.modules.coop_ledger.entry import Part
from trytond.pool import Pool, PoolMeta


class FecImport(metaclass=PoolMeta):
    __name__ = 'coop.fec.import'

    @classmethod
    def _find_parties(cls, company, fec, names):
        "The auxiliary account of an entrepreneur is their code"
        Entrepreneur = Pool().get('cae.entrepreneur')
        parties = super()._find_parties(company, fec, names)
        for entrepreneur in Entrepreneur.search([
                    ('company', '=', company.id),
                    ('code', 'in', list(names)),
                    ], order=[]):
            parties[entrepreneur.code] = entrepreneur.party.id
        return parties

    @classmethod
    def _get_parts(cls, company, fec, lines):
        """A line is for the activity that it names

        The other lines of its entry follow; the rest is for the structure if
        it is of the income statement, else for nobody.
        """
        Configuration = Pool().get('cae.configuration')
        structure = Configuration(1).get_setting('structure_account', company)
        activities = cls._find_activities(company, fec, lines)
        parts = []
        for line, part in zip(
                lines, super()._get_parts(company, fec, lines), strict=True):
            account = activities.get(line.activity)
            if not account and not line.activity and structure and not part:
                if is_of(line.account, INCOME_STATEMENT):
                    account = structure.id
            if account:
                part = (Part(account, line.debit, line.credit),)
            parts.append(part)
        if structure:
            _follow(fec, lines, parts, structure.id, company.currency.digits)
        return parts

    @classmethod
    def _find_activities(cls, company, fec, lines):
        "Return the ids of the analytic accounts by code of activity"
        Activity = Pool().get('cae.activity')
        codes = {line.activity for line in lines if line.activity}
        accounts = {
            a.code: a.analytic_account.id for a in Activity.search([
                    ('company', '=', company.id),
                    ('code', 'in', list(codes)),
                    ], order=[])}
        for line in lines:
            if line.activity and line.activity not in accounts:
                fec.problem(
                    'coop_cae.msg_table_unknown_code', line=line.number,
                    column='Activite', value=line.activity,
                    table='activities.csv')
        return accounts

    @classmethod
    def _get_fiscalyear(cls, company, start, end):
        "The fiscal year has the sequences of invoices too"
        return company.get_fiscalyear(start, end)


def _follow(fec, lines, parts, structure, digits):
    "Complete the parts of the entries that name activities on some lines"
    index = {line.number: i for i, line in enumerate(lines)}
    for entry in fec.entries:
        rows = [index.get(line.number) for line in entry.lines]
        if None in rows:
            continue
        known = [_to_attribute(lines[i], parts[i]) for i in rows]
        if not must_balance(known) and any(
                line.parts and line.kind is Kind.BALANCE for line in known):
            # Several receipts in one entry, as files of banks have them
            continue
        shares = attribute(known, structure, digits)
        for i, share in zip(rows, shares):
            if share and not parts[i]:
                parts[i] = tuple(
                    Part.of(*amounts) for amounts in share.items())


def _to_attribute(line, parts):
    kind = Kind.BALANCE
    if is_of(line.account, INCOME_STATEMENT):
        kind = Kind.INCOME
    elif is_of(line.account, CASH):
        kind = Kind.CASH
    elif is_of(line.account, OWN_FUNDS):
        kind = Kind.OWN
    return Line(
        line.debit - line.credit, kind,
        {p.account: p.debit - p.credit for p in parts} or None,
        account=line.account)
