# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest

from trytond.modules.coop_cae.exceptions import (
    ActivityEndedError, ActivityEndedWarning)
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.pyson import PYSONDecoder, PYSONEncoder
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

END = dt.date(2024, 3, 31)
LATER = dt.date(2024, 4, 1)


class ActivityEndTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def end(self, cae):
        activity = cae.activity('A1')
        activity.end_date = END
        activity.save()

    @with_transaction()
    def test_customer(self):
        "Invoiced up to the end, credited whenever"
        cae = Invoicing()
        with cae.context():
            self.end(cae)
            cae.invoice(('706', '100.00', None), date=END)
            with self.assertRaisesRegex(ActivityEndedError, "ended on"):
                cae.invoice(('706', '100.00', None), date=LATER)
            # Whether the invoice names the activity or its lines do
            with self.assertRaises(ActivityEndedError):
                cae.invoice(
                    ('706', '100.00', 'A1'), activity=None, date=LATER)
            cae.invoice(('706', '-100.00', None), date=LATER)
            cae.invoice(('706', '100.00', None), activity='A2', date=LATER)

    @with_transaction()
    def test_validated(self):
        "It is refused before the number is taken"
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(('706', '100.00', None), date=LATER)
            copy, = Invoice.copy([invoice], {'invoice_date': LATER})
            self.end(cae)
            with self.assertRaises(ActivityEndedError):
                Invoice.validate_invoice([copy])

    @with_transaction()
    def test_supplier(self):
        "A late invoice of a supplier is only asked for"
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        with cae.context():
            self.end(cae)
            invoice = cae.invoice(
                ('626', '50.00', None), type='in', date=LATER)
            self.assertEqual(invoice.state, 'posted')
            copy, = Invoice.copy([invoice], {'invoice_date': LATER})
            with self.assertRaises(ActivityEndedWarning):
                Invoice.validate_invoice([copy])

    @with_transaction()
    def test_transfer(self):
        "Nothing is transferred to it after its end"
        pool = Pool()
        Activity = pool.get('cae.activity')
        Start = pool.get('cae.transfer.start')
        cae = Invoicing()
        with cae.context():
            self.end(cae)
            for date, codes in [
                    (END, {'A1', 'A2'}), (LATER, {'A2'}),
                    (None, {'A1', 'A2'})]:
                domain = PYSONDecoder({
                        'company': cae.company.id, 'date': date,
                        }).decode(PYSONEncoder().encode(Start.target.domain))
                with self.subTest(date=date):
                    self.assertEqual(
                        {a.code for a in Activity.search(domain)}, codes)
