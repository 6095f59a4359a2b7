# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.model.modelstorage import DomainValidationError
from trytond.modules.coop_cae.exceptions import (
    LossWaiverError, LossWaiverModifyError)
from trytond.modules.coop_cae.figures import figures
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
END = dt.date(2024, 6, 30)


class LossWaiverTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def lose(self, cae, amount='300.00'):
        "Charge the activity, which ends then"
        cae.post(
            dt.date(2024, 2, 5), ('626', amount, 'A1'),
            ('4011', -D(amount), 'A1'))
        activity = cae.activity('A1')
        activity.end_date = END
        activity.save()

    def waiver(self, cae, amount, date=END):
        Waiver = Pool().get('cae.loss.waiver')
        waiver = Waiver(
            company=cae.company, activity=cae.activity('A1'), date=date,
            amount=D(amount), reason="Départ", decision="Gérance, 20/06/2024")
        waiver.save()
        return waiver

    def result(self, cae, code, date=END):
        account = cae.analytic(code).id
        return figures(cae.company, date, [account])[account].treasury.result

    @with_transaction()
    def test_posted(self):
        "The structure bears the loss, and the company has what it had"
        Waiver = Pool().get('cae.loss.waiver')
        cae = Cae()
        with cae.context():
            self.lose(cae)
            waiver = self.waiver(cae, '200.00')
            self.assertEqual(waiver.loss, D('300.00'))
            Waiver.post([waiver])
            waiver = Waiver(waiver.id)
            self.assertEqual(waiver.loss, D('300.00'))
            self.assertEqual(len(waiver.move.lines), 2)
            account, = {line.account for line in waiver.move.lines}
            self.assertEqual(cae.balance(account.code), D(0))
            self.assertEqual(self.result(cae, 'A1'), D('-100.00'))
            self.assertEqual(self.result(cae, 'structure'), D('-200.00'))
            self.assertFalse(cae.discrepancies())

    @with_transaction()
    def test_reversed(self):
        Waiver = Pool().get('cae.loss.waiver')
        cae = Cae()
        with cae.context():
            self.lose(cae)
            waiver = self.waiver(cae, '300.00')
            Waiver.post([waiver])
            Waiver.reverse([Waiver(waiver.id)])
            self.assertEqual(Waiver(waiver.id).state, 'reversed')
            self.assertEqual(self.result(cae, 'A1'), D('-300.00'))

    @with_transaction()
    def test_more_than_the_loss(self):
        Waiver = Pool().get('cae.loss.waiver')
        cae = Cae()
        with cae.context():
            self.lose(cae)
            with self.assertRaises(LossWaiverError):
                Waiver.post([self.waiver(cae, '300.01')])
            Waiver.post([self.waiver(cae, '200.00')])
            with self.assertRaises(LossWaiverError):
                Waiver.post([self.waiver(cae, '100.01')])

    @with_transaction()
    def test_before_another(self):
        "What a later waiver has taken is not there any more"
        Waiver = Pool().get('cae.loss.waiver')
        cae = Cae()
        with cae.context():
            self.lose(cae)
            Waiver.post([self.waiver(cae, '300.00')])
            with self.assertRaises(LossWaiverError):
                Waiver.post([
                        self.waiver(cae, '10.00', dt.date(2024, 5, 31))])

    @with_transaction()
    def test_posted_stays(self):
        Waiver = Pool().get('cae.loss.waiver')
        cae = Cae()
        with cae.context():
            self.lose(cae)
            waiver = self.waiver(cae, '300.00')
            Waiver.post([waiver])
            with self.assertRaises(LossWaiverModifyError):
                Waiver.write([waiver], {'amount': D('1.00')})
            with self.assertRaises(LossWaiverModifyError):
                Waiver.delete([waiver])

    @with_transaction()
    def test_activity_running(self):
        "A loss is waived on the exit"
        cae = Cae()
        with cae.context():
            cae.post(
                dt.date(2024, 2, 5), ('626', '300.00', 'A1'),
                ('4011', '-300.00', 'A1'))
            with self.assertRaises(DomainValidationError):
                self.waiver(cae, '300.00')
