# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import html
import json
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.modules.coop_ledger.tests.tools import count_queries
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
TODAY = dt.date(2024, 3, 31)
COUNTS = ['payslips', 'moves', 'invoices', 'faults', 'late']
BOOKED = ['contribution', 'gross', 'withheld', 'shares']


def day(month, day_):
    return dt.date(2024, month, day_)


class CompanyMonthTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def at(self, date=TODAY):
        return Transaction().set_context(month_date=date)

    def months(self, cae, date=TODAY):
        "Return the months of the company by the number of the month"
        CompanyMonth = Pool().get('cae.company.month')
        with self.at(date):
            return {
                m.start_date.month: m for m in CompanyMonth.search([
                        ('company', '=', cae.company.id)])}

    def states(self, cae, date=TODAY, until=4):
        months = self.months(cae, date)
        return [months[i].state for i in range(1, until + 1)]

    def draft(self, cae, date):
        Move = Pool().get('account.move')
        move = Move(
            company=cae.company, date=date, period=cae.period(date.month),
            journal=cae.setting('pay_journal'))
        move.save()
        return move

    @with_transaction()
    def test_states(self):
        "Months are closed in order, once they are over"
        cae = Cae()
        with cae.context():
            self.assertEqual(
                self.states(cae), ['ready', 'waiting', 'waiting', 'waiting'])
            cae.close(1)
            self.assertEqual(
                self.states(cae), ['closed', 'ready', 'waiting', 'waiting'])
            self.assertEqual(
                self.states(cae, day(2, 10))[1], 'running')
            self.draft(cae, day(2, 3))
            self.assertEqual(self.states(cae)[1], 'left')
            cae.close(1)
        Period = Pool().get('account.period')
        Period.close([cae.period(3)])
        with cae.context():
            self.assertEqual(self.states(cae)[2], 'locked')

    @with_transaction()
    def test_left(self):
        "What waits is told in its month, until it is done"
        pool = Pool()
        Invoice = pool.get('account.invoice')
        Journal = pool.get('account.journal')
        cae = Cae()
        with cae.context():
            # E2 has no CESA before May
            cae.payslip('E2', 2, '500.00', activities=['A2'])
            cae.payslip('E1', 2, '850.00')
            self.draft(cae, day(2, 3))
            journal, = Journal.search([('type', '=', 'revenue')], limit=1)
            party = cae.party()
            party.addresses = [{}]
            party.save()
            for date in [day(1, 31), day(2, 1), None]:
                Invoice.create([{
                            'company': cae.company.id, 'type': 'out',
                            'party': party.id, 'journal': journal.id,
                            'invoice_address': party.addresses[0].id,
                            'account': cae.account('4111').id,
                            'currency': cae.company.currency.id,
                            'invoice_date': date}])
            months = self.months(cae)
            self.assertEqual(
                {i: [getattr(months[i], n) for n in COUNTS]
                    for i in [1, 2, 3]},
                {1: [0, 0, 1, 0, 0], 2: [2, 1, 1, 1, 0],
                    3: [0, 0, 0, 0, 0]})
            cae.close(1)
            with self.at():
                february = self.months(cae)[2]
                self.assertEqual(february.state, 'left')
                self.assertIn("Morel", february.left_out)
            cae.close(2, skip_faults=True)
            with self.at():
                february = self.months(cae)[2]
                self.assertEqual(february.payslips, 1)
                self.assertIn("Morel", february.left_out)
            other = self.months(Cae('OTHER'))
            self.assertFalse(any(
                    getattr(m, n) for m in other.values() for n in COUNTS))

    @with_transaction()
    def test_faults_of_company(self):
        "Of the next month to close only"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        Rule = pool.get('cae.contribution.rule')
        cae = Cae()
        with cae.context():
            rules = Rule.search([('company', '=', cae.company.id)])
            Rule.write(rules, {'end_date': day(1, 31)})
            cae.close(1)
            found = {i: m.faults for i, m in self.months(cae).items()}
            # The two activities
            self.assertEqual(
                {i: n for i, n in found.items() if n}, {2: 2})
            Configuration(1).set_multivalue(
                'wage_account', None, company=cae.company.id)
            months = self.months(cae)
            self.assertEqual(months[2].faults, 1)
            self.assertEqual(months[2].state, 'left')
            with self.at():
                self.assertIn("Wages Due", months[2].left_out)

    @with_transaction()
    def test_booked(self):
        "By all the closes that are done, as they tell"
        Close = Pool().get('cae.close')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.payslip('E1', 1, '2150.00', '473.00', '40.00', '645.00')
            first = cae.close(1).close
            cae.sell(day(1, 20), '-400.00')
            second = cae.close(1).close
            january = self.months(cae)[1]
            self.assertEqual(
                [getattr(january, n) for n in BOOKED],
                [D('60.00'), D('2150.00'), D('21.50'), 1])
            self.assertEqual(january.closes, 2)
            self.assertEqual(january.closed_at, second.closed_at)
            self.assertEqual(january.closed_by, second.closed_by)
            self.assertEqual(january.currency, cae.company.currency)
            Close.undo([first, second])
            january = self.months(cae)[1]
            self.assertEqual(
                [getattr(january, n) for n in BOOKED],
                [D('0.00'), D('0.00'), D('0.00'), 0])
            self.assertEqual(january.payslips, 1)
            self.assertIsNone(january.closed_at)
            self.assertEqual(january.state, 'ready')

    @with_transaction()
    def test_closed_at_unknown(self):
        "A close without a time is one, in the list as in the form"
        cae = Cae()
        with cae.context():
            close = cae.close(1).close
            table = close.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.closed_at, table.closed_by], [None, None]))
            january = self.months(cae)[1]
            self.assertEqual((january.state, january.closes), ('closed', 1))
            self.assertIsNone(january.closed_at)
            self.assertIsNone(january.closed_by)

    @with_transaction()
    def test_late(self):
        "What came since the close, until a close takes it into account"
        pool = Pool()
        Late = pool.get('cae.company.month.open_late', type='wizard')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.close(1)
            # The structure's alone is of no activity
            cae.post(
                day(1, 20), ('626', '60.00', 'structure'),
                ('5121', '-60.00', None))
            self.assertEqual(self.states(cae)[0], 'closed')
            late = cae.sell(day(1, 25), '50.00')
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('late', 1))
            with self.at(), Transaction().set_context(
                    active_model='cae.company.month', active_id=month.id,
                    active_ids=[month.id]):
                session, _, _ = Late.create()
                result = Late.execute(session, {}, 'open_')
            (action, _), = result['actions']
            self.assertIn(str(late.move), action['pyson_domain'])
            # The next month books what came late
            cae.close(2)
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('closed', 1))
            cae.sell(day(1, 26), '50.00')
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('late', 2))

    @with_transaction()
    def test_undo_forgets(self):
        "What an undone close has seen is to be taken into account again"
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.close(1)
            cae.sell(day(1, 25), '50.00')
            close = cae.close(2).close
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('closed', 1))
            close.undo()
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('late', 1))
            cae.close(1)
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('closed', 0))

    @with_transaction()
    def test_times_of_before(self):
        "A database of before tells it by the times of entries and closes"
        CloseMove = Pool().get('cae.close-account.move')
        cae = Cae()
        with cae.context():
            for hour, act in enumerate([
                        lambda: cae.sell(day(1, 10), '1000.00'),
                        lambda: cae.close(1),
                        lambda: cae.sell(day(1, 25), '50.00'),
                        lambda: cae.close(2),
                        lambda: cae.sell(day(1, 26), '50.00')]):
                act()
                self.at_hour(hour)
            kept = self.seen()
            self.assertEqual(self.months(cae)[1].late, 2)
            CloseMove.delete(CloseMove.search([]))
            CloseMove._read_times()
            self.assertEqual(self.seen(), kept)
            month = self.months(cae)[1]
            self.assertEqual((month.state, month.late), ('late', 2))

    def at_hour(self, hour):
        "All of a test is done at one time: let what is new be of an hour"
        pool = Pool()
        cursor = Transaction().connection.cursor()
        for name in ['account.move', 'cae.close']:
            table = pool.get(name).__table__()
            cursor.execute(*table.update(
                    [table.create_date, table.write_date],
                    [dt.datetime(2024, 1, 1, hour), None],
                    where=table.create_date > dt.datetime(2024, 12, 31)))

    def seen(self):
        CloseMove = Pool().get('cae.close-account.move')
        return {(s.move.id, s.close.id) for s in CloseMove.search([])}

    @with_transaction()
    def test_close_from_month(self):
        "The wizard opens on the preview of the month"
        pool = Pool()
        Wizard = pool.get('cae.close_month', type='wizard')
        cae = Cae()
        with cae.context(), self.at():
            cae.sell(day(1, 10), '1000.00')
            month = self.months(cae)[1]
            with Transaction().set_context(
                    active_model='cae.company.month', active_id=month.id,
                    active_ids=[month.id]):
                session, start, _ = Wizard.create()
                shown = Wizard.execute(session, {}, start)
                self.assertEqual(shown['view']['state'], 'preview')
                self.assertEqual(
                    shown['view']['defaults']['contribution'], D('100.00'))
                back = Wizard.execute(session, {}, 'start')
                self.assertEqual(
                    back['view']['defaults']['period'], cae.period(1).id)
                Wizard.execute(
                    session, {'preview': {'skip_faults': False}}, 'close')
            self.assertEqual(self.states(cae)[0], 'closed')

    @with_transaction()
    def test_entries(self):
        "Those of the contributions, the pay and the shares"
        pool = Pool()
        Move = pool.get('account.move')
        Open = pool.get('cae.company.month.open_entries', type='wizard')
        cae = Cae()
        with cae.context(), self.at():
            cae.sell(day(1, 10), '1000.00')
            cae.payslip('E1', 1, '2150.00', '473.00', '40.00', '645.00')
            before = {m.id for m in Move.search([])}
            cae.close(1)
            booked = {m.id for m in Move.search([])} - before
            month = self.months(cae)[1]
            with Transaction().set_context(
                    active_model='cae.company.month', active_id=month.id,
                    active_ids=[month.id]):
                session, _, _ = Open.create()
                result = Open.execute(session, {}, 'open_')
            (action, _), = result['actions']
            (_, _, ids), = json.loads(action['pyson_domain'])
            self.assertEqual(set(ids), booked)
            self.assertGreater(len(ids), 2)

    @with_transaction()
    def test_years(self):
        "Months of years before are shown as long as they are left to close"
        pool = Pool()
        CompanyMonth = pool.get('cae.company.month')
        FiscalYear = pool.get('account.fiscalyear')
        cae = Cae()
        with cae.context():
            year = cae.company.get_fiscalyear(
                dt.date(2025, 1, 1), dt.date(2025, 12, 31))
            year.save()
            FiscalYear.create_period([year])
            for month in range(1, 12):
                cae.close(month)
            with self.at(dt.date(2025, 2, 3)):
                starts = [
                    m.start_date for m in CompanyMonth.search(
                        [('company', '=', cae.company.id)])]
            self.assertEqual(starts, [
                    dt.date(2024, 12, 1),
                    *(dt.date(2025, i, 1) for i in range(1, 13))])

    @with_transaction()
    def test_open_closes(self):
        "The close that is done if it is the only one, or else the list"
        Close = Pool().get('cae.close')
        cae = Cae()
        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            undone = cae.close(1).close
            Close.undo([undone])
            first = cae.close(1).close
            id_ = self.months(cae)[1].id
            with self.user('accountant'), self.at():
                action = call('cae.company.month', 'open_closes', [id_])
                self.assertEqual(action['res_id'], [first.id])
                (view, type_), = action['views']
                self.assertEqual(type_, 'form')
                self.assertIn('"undo"', call(
                        'cae.close', 'fields_view_get', view)['arch'])
            cae.sell(day(1, 20), '-400.00')
            cae.close(1)
            with self.user('accountant'), self.at():
                self.assertIsInstance(
                    call('cae.company.month', 'open_closes', [id_]), int)

    @with_transaction()
    def test_access(self):
        "The accountant and the manager, of their companies"
        CompanyMonth = Pool().get('cae.company.month')
        cae = Cae()
        for groups, modes in [
                (['accountant'], 'r'), (['manager'], 'r'), (['adviser'], ''),
                (['entrepreneur'], ''), ([], '')]:
            with self.user(*groups):
                self.assertModes(['cae.company.month'], modes)
        with self.user('accountant'), self.at():
            months = call('cae.company.month', 'search_read', [], 0, None,
                None, ['company'])
            self.assertEqual(
                {m['company'] for m in months}, {cae.company.id})
            for month in CompanyMonth.search([]):
                self.assertIsNotNone(month.left_out)
            view = CompanyMonth.fields_view_get(view_type='form')['arch']
            self.assertIn('open_entries', view)
            self.assertNotIn('"readonly": true', html.unescape(view))
        id_ = months[0]['id']
        with self.user('accountant', company='OTHER'), self.at():
            with self.assertRaises(AccessError):
                CompanyMonth.read([id_], ['state'])

    @with_transaction()
    def test_queries(self):
        "They do not grow with companies, payslips and closes"
        CompanyMonth = Pool().get('cae.company.month')
        cae, other = Cae(), Cae('OTHER')
        companies = [cae.company.id]
        counts = []

        def count():
            # What was made in the transaction is read as by another one
            Transaction().cache.clear()
            with Transaction().set_context(_companies=companies), self.at():
                with count_queries() as queries:
                    self.assertTrue(CompanyMonth.search([]))
            counts.append(len(queries))

        with cae.context():
            cae.sell(day(1, 10), '1000.00')
            cae.payslip('E1', 1, '850.00')
            cae.payslip('E2', 1, '150.00', activities=['A2'])
            count()
            count()
            for month in range(1, 5):
                cae.sell(day(month, 10), '1000.00')
                cae.payslip('E1', month, '850.00', activities=['A2'])
                cae.payslip('E2', month, '150.00', activities=['A2'])
        companies.append(other.company.id)
        with other.context():
            other.payslip('E3', 1, '850.00', activities=['A3'])
        count()
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 30)
