# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who settles years and waives losses."""
import unittest
from decimal import Decimal as D

from trytond.model.exceptions import AccessError
from trytond.model.modelview import AccessButtonError
from trytond.modules.coop_cae.exceptions import (
    LossWaiverModifyError, SettlementModifyError)
from trytond.modules.coop_cae.tests import test_access, test_loss_waiver
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

MODELS = ['cae.settlement', 'cae.loss.waiver']


class SettlementAccessTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes
    lose = test_loss_waiver.LossWaiverTestCase.lose
    waiver = test_loss_waiver.LossWaiverTestCase.waiver

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def settlement(self):
        Settlement = Pool().get('cae.settlement')
        cae = Cae()
        with cae.context():
            for month in range(1, 13):
                cae.close(month, skip_faults=True)
            settlement, *_ = Settlement.prepare(cae.period(12).fiscalyear)
        return settlement

    def drafts(self):
        cae = Cae()
        with cae.context():
            self.lose(cae)
            return [self.settlement(), self.waiver(cae, '100.00')]

    @with_transaction()
    def test_modes(self):
        for group, modes in [
                (None, ''), ('adviser', 'r'), ('accountant', 'rwcd'),
                ('manager', 'r')]:
            with self.user(*filter(None, [group])), self.subTest(group=group):
                self.assertModes(MODELS, modes)

    @with_transaction()
    def test_buttons(self):
        "Accountants post and reverse, and nobody else"
        for record in self.drafts():
            Model = record.__class__
            for button, state in [('post', 'posted'), ('reverse', 'reversed')]:
                press = getattr(Model, button)
                for group in ['adviser', 'manager']:
                    with self.user(group), \
                            self.subTest(model=Model.__name__, group=group), \
                            self.assertRaises(AccessButtonError):
                        press([Model(record.id)])
                with self.user('accountant'), \
                        Transaction().set_context(_skip_warnings=True):
                    press([Model(record.id)])
                self.assertEqual(Model(record.id).state, state)

    @with_transaction()
    def test_posted(self):
        "What is posted is written by nobody, nor deleted"
        errors = (AccessError, SettlementModifyError, LossWaiverModifyError)
        for record, field in zip(
                self.drafts(), ['agreed_result', 'amount'], strict=True):
            Model = record.__class__
            with self.user('accountant'), \
                    Transaction().set_context(_skip_warnings=True):
                Model.post([Model(record.id)])
                for values in [{field: D('1.00')}, {'state': 'draft'}]:
                    with self.subTest(model=Model.__name__, values=values), \
                            self.assertRaises(errors):
                        Model.write([Model(record.id)], values)
                with self.assertRaises(errors):
                    Model.delete([Model(record.id)])

    @with_transaction()
    def test_companies(self):
        for record in self.drafts():
            Model = record.__class__
            with self.user('accountant', company='OTHER'), \
                    self.subTest(model=Model.__name__):
                self.assertEqual(Model.search([]), [])
                with self.assertRaises(AccessError):
                    Model.read([record.id], ['activity'])

    @with_transaction()
    def test_prepare(self):
        "The wizard is the accountants'"
        Prepare = Pool().get('cae.settlement.prepare', type='wizard')
        for group in ['adviser', 'manager']:
            with self.user(group), self.assertRaises(AccessError):
                Prepare.create()
        with self.user('accountant'):
            Prepare.create()
