# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the invoices tell third parties (code de commerce, R127-3, L231-2)."""
import datetime as dt
import io
import unittest
import zipfile

from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

IN_CAPE, IN_CESA = dt.date(2024, 4, 30), dt.date(2024, 5, 1)


class InvoiceMentionTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def invoice(self, cae, date, **values):
        return cae.invoice(
            ('706', '100.00', None), activity='A2', date=date, **values)

    @with_transaction()
    def test_R127_3(self):
        "The contract, the name and the number of the co-op, and the end"
        cae = Invoicing()
        with cae.context():
            comment = self.invoice(cae, IN_CAPE).comment
            for text in [
                    "Luc Morel", "contrat d'appui", "La Coop",
                    "111 524 492", "04/30/2024"]:
                with self.subTest(text=text):
                    self.assertIn(text, comment)
            self.assertNotIn("Ana Durand", comment)
            self.assertFalse(
                cae.invoice(('706', '1.00', None), date=IN_CAPE).comment)
            self.assertFalse(cae.invoice(
                    ('626', '1.00', None), type='in', activity='A2',
                    date=IN_CAPE).comment)
            self.assertFalse(self.invoice(cae, IN_CESA).comment)

    @with_transaction()
    def test_line(self):
        "It is the activity of the lines that counts"
        cae = Invoicing()
        with cae.context():
            invoice = cae.invoice(
                ('706', '100.00', 'A1'), ('706', '100.00', 'A2'),
                activity=None, date=IN_CAPE)
            self.assertEqual(invoice.comment.count("Luc Morel"), 1)

    @with_transaction()
    def test_other_date(self):
        "The mention follows the date of the draft, the comment is kept"
        Invoice = Pool().get('account.invoice')
        cae = Invoicing()
        with cae.context():
            invoice, = Invoice.copy(
                [self.invoice(cae, IN_CAPE)], {'invoice_date': IN_CAPE})
            invoice.comment = f"Merci.\n{invoice.comment}"
            invoice.save()
            with Transaction().set_context(_skip_warnings=True):
                Invoice.validate_invoice([invoice])
                self.assertEqual(
                    Invoice(invoice.id).comment.count("Luc Morel"), 1)
                Invoice.draft([invoice])
                Invoice.write([invoice], {'invoice_date': IN_CESA})
                Invoice.post([Invoice(invoice.id)])
            self.assertEqual(Invoice(invoice.id).comment, "Merci.")

    @with_transaction()
    def test_drafts_do_not_count(self):
        Contract = Pool().get('cae.contract')
        cae = Invoicing()
        with cae.context():
            table = Contract.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.signature], ['to_sign'],
                    where=table.type == 'cape'))
            self.assertFalse(self.invoice(cae, IN_CAPE).comment)

    @with_transaction()
    def test_printed(self):
        "With the foot of the company, of variable capital (L231-2)"
        pool = Pool()
        Report = pool.get('account.invoice', type='report')
        cae = Invoicing()
        with cae.context():
            cae.company.trade_register = "Besançon"
            cae.company.save()
            invoice = self.invoice(cae, IN_CAPE)
            _, content, _, _ = Report.execute([invoice.id], {})
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            text = ''.join(
                file.read(name).decode()
                for name in ['content.xml', 'styles.xml'])
        for expected in [
                "Luc Morel", "with variable capital",
                "111 524 492 RCS Besançon"]:
            with self.subTest(expected=expected):
                self.assertIn(expected, text)
