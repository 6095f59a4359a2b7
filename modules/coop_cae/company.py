# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from dateutil.relativedelta import relativedelta

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.transaction import Transaction

from .exceptions import ConfigurationError

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
        try:
            template = ModelData.get_id(CHART)
        except KeyError:
            raise ConfigurationError(
                gettext('coop_cae.msg_table_chart_missing'))
        with Transaction().set_context(company=self.id):
            session, _, _ = CreateChart.create()
            wizard = CreateChart(session)
            wizard.account.account_template = template
            wizard.account.company = self
            wizard.transition_create_account()
            properties = wizard.default_properties(None)
            for name, value in properties.items():
                setattr(wizard.properties, name, value)
            wizard.transition_create_properties()
            CreateChart.delete(session)

    def create_fiscalyear(self, start_date):
        "Create the fiscal year of 12 months from the date, by months"
        FiscalYear = Pool().get('account.fiscalyear')
        with Transaction().set_context(company=self.id):
            fiscalyear = self.get_fiscalyear(
                start_date, start_date + relativedelta(years=1, days=-1))
            fiscalyear.save()
            FiscalYear.create_period([fiscalyear])
        return fiscalyear

    def get_fiscalyear(self, start_date, end_date):
        """Return a fiscal year, not saved, with the sequences of its entries
        and invoices"""
        FiscalYear = Pool().get('account.fiscalyear')
        name = f'{end_date:%Y}'
        if start_date.year != end_date.year:
            name = f'{start_date:%Y}-{end_date:%Y}'
        invoices = {
            field: self._create_sequence(
                'account_invoice', 'sequence_type_account_invoice',
                f'coop_cae.msg_sequence_{field[:-len("_sequence")]}', name)
            for field in INVOICE_SEQUENCES}
        return FiscalYear(
            name=name, company=self,
            start_date=start_date, end_date=end_date,
            move_sequence=self._create_sequence(
                'account', 'sequence_type_account_move',
                'coop_cae.msg_sequence_move', name),
            invoice_sequences=[{'company': self.id, **invoices}])

    def _create_sequence(self, module, type, message_id, fiscalyear):
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence.strict')
        sequence = Sequence(
            name=gettext(message_id, fiscalyear=fiscalyear), company=self,
            sequence_type=ModelData.get_id(module, type))
        sequence.save()
        return sequence.id
