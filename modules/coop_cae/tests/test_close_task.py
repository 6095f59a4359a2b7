# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Months of several companies closed by the queue."""
import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import trytond.config as config
from proteus import Model, Wizard
from proteus import config as pconfig
from trytond import backend
from trytond.exceptions import UserError
from trytond.modules.coop_cae.close import Close
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules

D = Decimal
COMPANIES = {'COOP': ('A1', 'E1'), 'OTHER': ('A3', 'E3')}
WORKER = 'from trytond.cli.worker import main; main()'
DEADLINE = 180  # seconds, on a busy machine


def post_months(months=3):
    for code, (activity, person) in COMPANIES.items():
        cae = Cae(code)
        with cae.context():
            for month in range(1, months + 1):
                cae.sell(
                    dt.date(2024, month, 10), D('1000.10') * month, activity)
                cae.payslip(
                    person, month, '850.00', employee='187.00',
                    employer='255.00', activities=(activity,))


def booked():
    "Return what the closes booked, by company and month"
    found = {}
    for code in COMPANIES:
        cae = Cae(code)
        with cae.context():
            for month in range(1, 4):
                found[code, month] = cae.contributions(month)
            found[code] = {
                a: cae.balance(a) for a in ['421', '65889', '4564', '1013']}
            assert cae.discrepancies() == []
    return found


class _Queue(unittest.TestCase):

    def setUp(self):
        super().setUp()
        activate_modules('coop_cae', set_up_cae)
        commit(post_months)
        self.config = pconfig.get_config()
        User = Model.get('res.user')
        Company = Model.get('company.company')
        user = User(self.config.user)
        user.companies.extend(
            c for c in Company.find([]) if c not in user.companies)
        user.company_filter = 'all'
        user.save()
        self.config._context = User.get_preferences(
            True, self.config.context)

    def queue(self, month=3, **values):
        wizard = Wizard('cae.close.queue')
        wizard.form.month = dt.date(2024, month, 15)
        for company in values.pop('without', []):
            wizard.form.companies.remove(company)
        for name, value in values.items():
            setattr(wizard.form, name, value)
        wizard.execute('queue')
        return self.tasks()

    def tasks(self):
        return Model.get('cae.close.task').find([], order=[
                ('company', 'ASC'), ('period.start_date', 'ASC')])

    def states(self):
        return [t.state for t in self.tasks()]

    def closes(self):
        return sorted(
            (c.company.party.code, c.period.name, c.rank)
            for c in Model.get('cae.close').find([('state', '=', 'done')]))

    def booked(self):
        found = []
        commit(lambda: found.append(booked()))
        return found[-1]


class CloseTaskTestCase(_Queue):
    "Without workers the same process does it after its commit"

    def test_several_companies(self):
        tasks = self.queue()
        self.assertEqual({t.state for t in tasks}, {'done'})
        self.assertEqual(self.closes(), [
                (company, f'2024-0{month}', 1)
                for company in COMPANIES for month in range(1, 4)])
        for task in tasks:
            self.assertEqual(task.close.period, task.period)
            self.assertTrue(task.message)
            self.assertEqual(task.queued_by.login, 'admin')
            self.assertTrue(task.finished_at)
        by_queue = self.booked()
        # One after the other, by hand, books the same
        for close in reversed(Model.get('cae.close').find(
                [], order=[('period.start_date', 'ASC')])):
            close.click('undo')
        self.assertNotEqual(self.booked(), by_queue)

        def close_all():
            for code in COMPANIES:
                cae = Cae(code)
                with cae.context():
                    for month in range(1, 4):
                        cae.close(month)
        commit(close_all)
        self.assertEqual(self.booked(), by_queue)

    def test_chosen_companies(self):
        Company = Model.get('company.company')
        tasks = self.queue(
            without=Company.find([('party.code', '=', 'COOP')]))
        self.assertEqual(
            {t.company.party.code for t in tasks}, {'OTHER'})
        self.assertEqual(len(self.closes()), 3)

    def test_nothing_left(self):
        self.queue()
        with self.assertRaises(UserError):
            self.queue()
        self.assertEqual(len(self.tasks()), 6)

    def test_failure_is_seen_and_done_again(self):
        run = Close.run.__func__
        bad = ('OTHER', '2024-02')

        def fail(cls, company, period, skip_faults=False):
            result = run(cls, company, period, skip_faults=skip_faults)
            if (company.party.code, period.name) == bad:
                # After all was written
                raise UserError("Not today", "Come back")
            return result
        with patch.object(
                Pool(DB_NAME).get('cae.close'), 'run', classmethod(fail)):
            tasks = self.queue()
        self.assertEqual(
            [t.state for t in tasks],
            ['done'] * 3 + ['done', 'failed', 'waiting'])
        self.assertEqual(tasks[4].message, "Not today\nCome back")
        self.assertFalse(tasks[4].close)
        self.assertEqual(len(self.closes()), 4)
        # The month after waits for it
        tasks[5].click('run')
        self.assertEqual(self.states()[4:], ['failed', 'waiting'])
        # Again, and the month after follows
        self.tasks()[4].click('run')
        self.assertEqual(set(self.states()), {'done'})
        self.assertEqual(len(self.closes()), 6)

    def test_what_nobody_thought_of(self):
        def fail(cls, company, period, skip_faults=False):
            raise ZeroDivisionError("what?")
        with patch.object(
                Pool(DB_NAME).get('cae.close'), 'run', classmethod(fail)), \
                self.assertLogs('trytond.modules.coop_cae.close_task'):
            tasks = self.queue()
        self.assertEqual(
            [t.state for t in tasks], ['failed', 'waiting', 'waiting'] * 2)
        self.assertEqual(tasks[0].message, "ZeroDivisionError: what?")
        # What is cancelled holds up nobody: the next month is tried, and told
        # that the one before is open
        tasks[0].click('cancel')
        self.assertEqual(
            self.states()[:3], ['cancelled', 'failed', 'waiting'])
        self.assertIn("2024-01", self.tasks()[1].message)

    def test_faults(self):
        "What cannot be booked fails the month, unless the rest may be"
        def add_fault():
            cae = Cae()
            with cae.context():
                # Somebody who has no contract of employment yet
                cae.payslip('E2', 1, '850.00', activities=['A2'])
        commit(add_fault)
        tasks = self.queue()
        self.assertEqual(tasks[0].state, 'failed')
        self.assertTrue(tasks[0].message)
        self.assertEqual([t.state for t in tasks[3:]], ['done'] * 3)
        tasks = self.queue(skip_faults=True)
        self.assertEqual(set(self.states()), {'done'})
        self.assertEqual(len(tasks), 6)

    def test_task_again_books_nothing(self):
        "Two workers with one task: the second finds it done"
        self.queue()
        moves = len(Model.get('account.move').find([]))

        def again():
            CloseTask = Pool().get('cae.close.task')
            CloseTask.perform(CloseTask.search([]))
        commit(again)
        self.assertEqual(len(Model.get('account.move').find([])), moves)

    def test_only_by_buttons(self):
        task, *_ = self.queue()
        task.state = 'failed'
        with self.assertRaises(UserError):
            task.save()
        with self.assertRaises(UserError):
            self.tasks()[0].delete()


@unittest.skipIf(
    backend.name == 'sqlite', "SQLite lets one process write at a time")
class WorkersTestCase(_Queue):
    "Two workers close the companies side by side"

    def test_workers(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'trytond.conf')
            path.write_text(
                '[queue]\nworker = True\n[cache]\nclean_timeout = 0\n'
                '[database]\n'
                f"uri = {os.environ['TRYTOND_DATABASE_URI']}\n")
            log = open(Path(folder, 'log'), 'wb')
            workers = [
                subprocess.Popen([
                        sys.executable, '-c', WORKER, '-c', str(path),
                        '-d', DB_NAME, '-n', '1', '-v', '-t', '1'],
                    # A worker has a child that does the tasks
                    stdout=log, stderr=log, start_new_session=True)
                for _ in range(2)]
            try:
                config.set('queue', 'worker', 'True')
                tasks = self.queue()
                deadline = time.monotonic() + DEADLINE
                while 'waiting' in self.states():
                    self.assertLess(time.monotonic(), deadline, Path(
                            folder, 'log').read_text()[-3000:])
                    time.sleep(0.2)
            finally:
                config.set('queue', 'worker', 'False')
                for process in workers:
                    os.killpg(process.pid, signal.SIGTERM)
                for process in workers:
                    process.wait(30)
                # The server sees that they are gone
                time.sleep(1)
                log.close()
        self.assertEqual(len(tasks), 6)
        self.assertEqual(set(self.states()), {'done'})
        self.assertEqual(self.closes(), [
                (company, f'2024-0{month}', 1)
                for company in COMPANIES for month in range(1, 4)])
        by_workers = self.booked()
        self.undo_and_close()
        self.assertEqual(self.booked(), by_workers)

    def undo_and_close(self):
        def close_all():
            CaeClose = Pool().get('cae.close')
            CaeClose.undo(CaeClose.search([]))
            for code in COMPANIES:
                cae = Cae(code)
                with cae.context():
                    for month in range(1, 4):
                        cae.close(month)
        commit(close_all)
