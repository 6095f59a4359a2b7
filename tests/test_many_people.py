# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What works for three people works for a thousand.

They enter by files; each list is opened as clients do, and the actions that
work on all people are run.
"""
import datetime as dt
import unittest
from decimal import Decimal

import pytest

from trytond.model import ModelSQL
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.coop_shares.alerts import alerts
from trytond.pool import Pool
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

PEOPLE = 1000
AMOUNT = Decimal('2000.00')
DATE = dt.date(2024, 12, 31)
CONTEXT = {'figures_date': DATE, 'month_date': DATE, 'date': DATE}


def rows(header, line):
    return '\n'.join([header, *(
            line.format(i=i) for i in range(PEOPLE))]).encode()


FILES = {
    'entrepreneurs.csv': rows(
        "code;last_name;first_name;gender;birth_date;email;company;site;"
        "adviser;prior_status;entry_date",
        "M{i};Nom{i};Ana;F;1980-01-02;m{i}@example.org;COOP;BES;ADV1;"
        "job_seeker;2022-01-03"),
    'activities.csv': rows(
        "code;name;company;naf;site;entrepreneurs;start_date;end_date",
        "N{i};Atelier {i};COOP;74.10Z;BES;M{i};2022-01-03;"),
    'contracts.csv': rows(
        "entrepreneur;type;renewal;start_date;end_date;fixed_part;exit_date;"
        "exit_reason",
        "M{i};CESA;0;2023-01-03;;900,00;;"),
    'members.csv': rows(
        "company;entrepreneur;category;admission_date;opening_shares",
        "COOP;M{i};employee;2023-06-01;0"),
    'payslips.csv': rows(
        "company;period;entrepreneur;activity;gross;employee_contributions;"
        "income_tax;employer_contributions;net",
        "COOP;2024-01;M{i};N{i};2000,00;440,00;0,00;600,00;1560,00"),
    }


def _sell():
    cae = Cae()
    pool = Pool()
    with cae.context():
        customer, sales = cae.account('4111').id, cae.account('706').id
        party, journal = cae.party().id, cae.setting('pay_journal').id
        pool.get('account.move').post_entries(cae.company, [
                Entry(
                    journal=journal, date=dt.date(2024, 1, 15),
                    description="Vente", lines=(
                        EntryLine(
                            account=customer, party=party, debit=AMOUNT,
                            parts=(Part(account=analytic, debit=AMOUNT),)),
                        EntryLine(
                            account=sales, credit=AMOUNT, parts=(
                                Part(account=analytic, credit=AMOUNT),))))
                for analytic in [
                    a.analytic_account.id
                    for a in pool.get('cae.activity').search([
                            ('company', '=', cae.company.id)])]])


@pytest.mark.slow
class ManyPeopleTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        config = activate_modules('coop_cae', set_up_cae)
        TableImport = config.get_proxy('cae.table.import')
        for name, data in FILES.items():
            TableImport.import_file(name, data, False, config.context)
        commit(_sell)

    def act(self, function, *args):
        "Return what the function returns for the company, and keep it"
        result = []

        def act():
            cae = Cae()
            with cae.context(), Transaction().set_context(
                    _skip_warnings=True, **CONTEXT):
                result[:] = [function(cae, *args)]
        commit(act)
        return result[0]

    def test_year(self):
        "A month is closed, the variable parts are prepared and posted"
        close = self.act(lambda cae: cae.close(1).text)
        self.assertIn(str(PEOPLE), close)
        self.assertEqual(self.act(_prepare), PEOPLE + 3)
        self.assertEqual(self.act(lambda cae: cae.discrepancies()), [])
        self.act(lambda cae: alerts(cae.company, DATE))
        self.assertGreater(self.act(_open_lists), 40)


def _prepare(cae):
    Settlement = Pool().get('cae.settlement')
    return len(Settlement.prepare(cae.period(12).fiscalyear))


def _open_lists(cae):
    "Open each list of ours as clients do, and return how many"
    pool = Pool()
    models = {
        a.res_model for a in pool.get('ir.action.act_window').search([])
        if a.res_model and a.res_model.startswith(('cae.', 'coop.'))}
    for name in sorted(models):
        Model = pool.get(name)
        if not issubclass(Model, ModelSQL):
            continue
        fields = list(Model.fields_view_get(view_type='tree')['fields'])
        Model.search_count([])
        ids = [r.id for r in Model.search([], limit=PEOPLE)]
        Model.read(ids, [*fields, 'rec_name'])
    return len(models)
