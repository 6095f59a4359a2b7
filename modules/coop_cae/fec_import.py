# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
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
        """A line is for the activity that it names, else for the structure if
        it is of the income statement, else for nobody"""
        Configuration = Pool().get('cae.configuration')
        structure = Configuration(1).get_setting('structure_account', company)
        activities = cls._find_activities(company, fec, lines)
        parts = []
        for line, part in zip(
                lines, super()._get_parts(company, fec, lines), strict=True):
            account = activities.get(line.activity)
            if not account and not line.activity and structure and not part:
                # Classes 6 and 7 are the income statement of the French chart
                if line.account.startswith(('6', '7')):
                    account = structure.id
            if account:
                part = (Part(account, line.debit, line.credit),)
            parts.append(part)
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
