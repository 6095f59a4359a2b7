# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

CHART = 'account_fr.root'
INVOICE_SEQUENCES = [
    'out_invoice_sequence', 'out_credit_note_sequence',
    'in_invoice_sequence', 'in_credit_note_sequence']


class Company(metaclass=PoolMeta):
    __name__ = 'company.company'

    legal_form = fields.Selection([
            (None, ""),
            ('scic', "SCIC"),
            ('scop', "SCOP"),
            ('loi47', "Co-operative under the Law of 1947"),
            ], "Legal Form", sort=False)

    def create_french_chart(self):
        "Create the French chart of accounts, if there is no account yet"
        pool = Pool()
        Account = pool.get('account.account')
        CreateChart = pool.get('account.create_chart', type='wizard')
        ModelData = pool.get('ir.model.data')
        if Account.search([('company', '=', self.id)], limit=1):
            return
        with Transaction().set_context(company=self.id):
            session, _, _ = CreateChart.create()
            wizard = CreateChart(session)
            wizard.account.account_template = ModelData.get_id(CHART)
            wizard.account.company = self
            wizard.transition_create_account()
            properties = wizard.default_properties(None)
            for name, value in properties.items():
                setattr(wizard.properties, name, value)
            wizard.transition_create_properties()
            CreateChart.delete(session)

    def create_fiscalyear(self, start_date):
        """Create the fiscal year of 12 months from the date.

        With its periods and the sequences of its entries and invoices.
        """
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        end_date = start_date + relativedelta(years=1, days=-1)
        name = str(start_date.year)
        if end_date.year != start_date.year:
            name += f'-{end_date.year}'
        with Transaction().set_context(company=self.id):
            move = self._create_sequence(
                'account.sequence_type_account_move',
                gettext('coop_cae.msg_sequence_move', fiscalyear=name))
            fiscalyear = FiscalYear(
                name=name, company=self,
                start_date=start_date, end_date=end_date,
                move_sequence=move,
                invoice_sequences=[{
                        'company': self.id,
                        **{field: self._create_sequence(
                                'account_invoice.'
                                'sequence_type_account_invoice',
                                gettext(f'coop_cae.msg_sequence_{field[:-9]}',
                                    fiscalyear=name)).id
                            for field in INVOICE_SEQUENCES}}])
            fiscalyear.save()
            FiscalYear.create_period([fiscalyear])
        return fiscalyear

    def _create_sequence(self, type, name):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence.strict')
        sequence = Sequence(
            name=name, company=self, sequence_type=ModelData.get_id(type))
        sequence.save()
        return sequence
