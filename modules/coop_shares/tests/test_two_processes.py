# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import multiprocessing
import random
import time
import unittest

from trytond import backend
from trytond.modules.coop_shares.tests.tools import Coop, day, set_up_shares
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME, with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, TransactionError

EACH = 8


def post(name, quantity, reverse, failures):
    """Post movements, each in a transaction of its own, as a server does: what
    meets another one starts again"""
    Pool.start()
    Pool(DB_NAME).init()
    for i in range(EACH):
        extras = {}
        for attempt in range(500):
            try:
                _post(name, quantity, i, reverse, extras)
            except backend.DatabaseOperationalError:
                time.sleep(random.random() * 0.05)
            else:
                break
        else:
            failures.put(f"{name}: {i}")


def _post(name, quantity, i, reverse, extras):
    with Transaction().start(DB_NAME, 1, **extras) as transaction:
        try:
            coop = Coop()
            with Transaction().set_context(
                    company=coop.company.id, companies=[coop.company.id]):
                movement = coop.movement(quantity, day(2, 1 + i), name=name)
                if reverse and i % 2:
                    movement.reverse([movement])
            transaction.commit()
        except TransactionError as error:
            transaction.rollback()
            error.fix(extras)
            raise backend.DatabaseOperationalError() from error


@unittest.skipIf(
    backend.name == 'sqlite', "SQLite lets one process write at a time")
class TwoProcessesTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def test_post_at_once(self):
        "No number is missing or doubled, and the ledger agrees"
        context = multiprocessing.get_context('spawn')
        failures = context.Queue()
        processes = [
            context.Process(target=post, args=arguments + (failures,))
            for arguments in [
                ('Ana', 3, True), ('Bob', 5, False), ('Ana', 2, False)]]
        for process in processes:
            process.start()
        for process in processes:
            process.join(300)
        self.assertEqual([p.exitcode for p in processes], [0] * 3)
        self.assertTrue(failures.empty())
        self.check()

    @with_transaction()
    def check(self):
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            count = 3 * EACH + EACH // 2
            self.assertEqual(
                [m.number for m in Movement.search([])],
                [str(n) for n in range(1, count + 1)])
            self.assertEqual(coop.held('Ana')[0], 3 * EACH // 2 + 2 * EACH)
            self.assertEqual(coop.held('Bob')[0], 5 * EACH)
            self.assertEqual(coop.discrepancies(), [])
