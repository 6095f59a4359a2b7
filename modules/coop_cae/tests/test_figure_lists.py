# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The lists of figures: those of the sample group are in tests/."""
import datetime as dt
import io
import unittest
import zipfile
from decimal import Decimal as D
from xml.etree import ElementTree

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.figures import figures
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

START, END = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
TABLE = '{urn:oasis:names:tc:opendocument:xmlns:table:1.0}'
OFFICE = '{urn:oasis:names:tc:opendocument:xmlns:office:1.0}'
LISTS = [
    'cae.company.figure',
    'cae.flow', 'cae.exit.count', 'cae.survival', 'cae.people.figure',
    'cae.full_time', 'cae.member.delay', 'cae.interview.count',
    'cae.turnover.figure', 'cae.contribution.figure']


class FigureListsTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user
    modes = test_access.AccessTestCase.modes
    assertModes = test_access.AccessTestCase.assertModes

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def period(self, start=START, end=END):
        Company = Pool().get('company.company')
        return Transaction().set_context(
            figure_start=start, figure_end=end,
            _companies=[c.id for c in Company.search([])])

    def group(self, name, **values):
        "Return the row of the group"
        row, = Pool().get(name).search([
                ('of_group', '=', True), *(
                    (k, '=', v) for k, v in values.items())])
        return row

    def leave(self, cae, code, date, reason='job', moved=False):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Reason = pool.get('cae.exit_reason')
        reason, = Reason.create([
                {'code': reason, 'name': reason, 'moved': moved}])
        contracts = Contract.search([
                ('entrepreneur', '=', cae.person(code).id),
                ('end_date', '=', None)])
        Contract.write(
            contracts, {'exit_date': date, 'exit_reason': reason.id})

    def hire(self, person, start):
        Contract = Pool().get('cae.contract')
        Contract.create([{
                    'entrepreneur': person.id, 'type': 'cesa',
                    'start_date': start, 'signature': 'signed',
                    'taken_over': True}])

    @with_transaction()
    def test_return(self):
        "Who comes back enters anew, and has not stayed"
        cae = Cae()
        with cae.context():
            self.leave(cae, 'E1', dt.date(2024, 3, 31))
            self.hire(cae.person('E1'), dt.date(2024, 9, 1))
        with self.period():
            flow = self.group('cae.flow')
            self.assertEqual(
                (flow.at_start, flow.entered, flow.returned, flow.left,
                    flow.at_end, flow.hosted),
                (3, 0, 1, 1, 3, 3))
            survival = self.group('cae.survival', year=2023)
            self.assertEqual(
                (survival.entered, survival.reached_12, survival.stayed_12),
                (3, 3, 3))
            exits = self.group('cae.exit.count')
            self.assertEqual(
                (exits.reason.code, exits.people, exits.first_year,
                    exits.share), ('job', 1, 0, D(1)))
        with self.period(START, dt.date(2025, 1, 31)):
            survival = self.group('cae.survival', year=2023)
            self.assertEqual(
                (survival.reached_24, survival.stayed_24), (1, 0))

    @with_transaction()
    def test_move(self):
        "A move to another co-operative is no exit from the group"
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        cae, other = Cae(), Cae('OTHER')
        with cae.context():
            self.leave(cae, 'E1', dt.date(2024, 3, 31), 'move', moved=True)
            party = cae.person('E1').party
        with other.context():
            person = Entrepreneur(
                company=other.company, code='E1', party=party, gender='F')
            person.save()
            self.hire(person, dt.date(2024, 4, 8))
        with self.period():
            Flow = pool.get('cae.flow')
            found = {
                r.cooperative: (r.entered, r.left, r.hosted)
                for r in Flow.search([])}
            self.assertEqual(found, {
                    "L'Autre": (1, 0, 2), "La Coop": (0, 1, 2),
                    "Group": (0, 0, 3)})
            self.assertFalse(pool.get('cae.exit.count').search([
                        ('of_group', '=', True)]))
            # Once in the group, as who they are there now
            for name, kind, expected in [
                    ('cae.people.figure', 'gender', {"Female": 2, "Male": 1}),
                    ('cae.people.figure', 'contract', {"CESA": 3}),
                    ('cae.people.figure', 'site', {
                            "Besançon (BES)": 2, "Not told": 1}),
                    ('cae.funder.figure', 'status', {"Not told": 3})]:
                with self.subTest(name=name, kind=kind):
                    self.assertEqual(
                        {
                            r.value: r.hosted for r in pool.get(name).search([
                                    ('of_group', '=', True),
                                    ('kind', '=', kind)])},
                        expected)

    @with_transaction()
    def test_not_told(self):
        "A contract that is over without an exit is an exit without a reason"
        Contract = Pool().get('cae.contract')
        cae = Cae()
        with cae.context():
            Contract.delete([
                    c for c in cae.person('E2').contracts
                    if c.type == 'cesa'])
        with self.period():
            row = self.group('cae.exit.count')
            self.assertIsNone(row.reason)
            self.assertEqual(row.reason_name, "Not told")

    @with_transaction()
    def test_drafts_do_not_count(self):
        pool = Pool()
        Contract = pool.get('cae.contract')
        PeopleFigure = pool.get('cae.people.figure')
        cae = Cae()
        with cae.context():
            Contract.create([{
                        'entrepreneur': cae.person('E1').id, 'type': 'cape',
                        'start_date': dt.date(2024, 5, 1),
                        'end_date': dt.date(2025, 4, 30)}])
        with self.period():
            self.assertEqual({
                    (r.value, r.under_contract)
                    for r in PeopleFigure.search([
                            ('of_group', '=', True),
                            ('kind', '=', 'contract')])}, {("CESA", 3)})

    @with_transaction()
    def test_full_time(self):
        "The working time of the contract, then that of its amendment"
        pool = Pool()
        Amendment = pool.get('cae.contract.amendment')
        Contract = pool.get('cae.contract')
        cae = Cae()
        with cae.context():
            contract, = cae.person('E1').contracts
            table = Contract.__table__()
            Transaction().connection.cursor().execute(*table.update(
                    [table.working_time], [D('75.835')],
                    where=table.id == contract.id))
            Amendment.create([{
                        'contract': contract.id,
                        'start_date': dt.date(2024, 7, 2),
                        'working_time': D('151.67'), 'signature': 'signed',
                        'taken_over': True}])
        with self.period():
            FullTime = pool.get('cae.full_time')
            rows = {r.cooperative: r for r in FullTime.search([])}
            # E1 three quarters, E2 from 1 May, E3 all the year
            self.assertEqual(rows["La Coop"].full_time, round(
                    D('0.75') + D(245) / 366, 2))
            self.assertEqual(rows["L'Autre"].full_time, D(1))
            self.assertEqual(rows["Group"].people, 3)

    @with_transaction()
    def test_member_delay(self):
        MemberDelay = Pool().get('cae.member.delay')
        with self.period():
            found = {
                r.entrepreneur.code: (
                    r.start_date, r.deadline, r.admission_date, r.months,
                    r.state)
                for r in MemberDelay.search([])}
        self.assertEqual(found, {
                'E1': (
                    dt.date(2023, 1, 3), dt.date(2026, 1, 3),
                    dt.date(2023, 6, 1), 4, 'member'),
                'E2': (
                    dt.date(2024, 5, 1), dt.date(2026, 5, 1), None, 7,
                    'not_yet'),
                'E3': (
                    dt.date(2023, 6, 1), dt.date(2026, 6, 1), None, 18,
                    'not_yet')})
        with self.period(START, dt.date(2026, 6, 2)):
            self.assertEqual({
                    r.entrepreneur.code for r in MemberDelay.search([
                            ('state', '=', 'late')])}, {'E2', 'E3'})

    @with_transaction()
    def test_interviews(self):
        pool = Pool()
        Interview = pool.get('cae.interview')
        cae = Cae()
        with cae.context():
            person = cae.person('E1')
            text = {
                'review': "a", 'prospects': "b", 'actions': "c",
                'support': "d"}
            for date, signed in [
                    (dt.date(2024, 2, 1), dt.date(2024, 2, 2)),
                    (dt.date(2024, 8, 1), None),
                    (dt.date(2025, 1, 1), None)]:
                Interview.create([{
                            'entrepreneur': person.id, 'date': date,
                            'adviser': person.adviser.id, 'signed_on': signed,
                            **text}])
        with self.period():
            row = self.group('cae.interview.count')
            self.assertEqual((row.held, row.signed, row.people), (2, 1, 1))
            self.assertEqual(row.adviser, cae.person('E1').adviser)

    @with_transaction()
    def test_turnover(self):
        "By sector, site and person it adds up to the ledger, to the cent"
        Turnover = Pool().get('cae.turnover.figure')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '100.01', 'A1')
            cae.sell(dt.date(2024, 2, 10), '33.33', 'A2')
            cae.sell(dt.date(2024, 9, 10), '500.00', 'A2')
            account = cae.analytic('A1').id
            end = dt.date(2024, 6, 30)
            year = figures(cae.company, end, [account])[account].year
        self.assertEqual(year.turnover, D('100.01'))
        with self.period(START, end):
            for of_group in [True, False]:
                for kind in ['sector', 'site', 'person']:
                    rows = Turnover.search([
                            ('of_group', '=', of_group),
                            ('kind', '=', kind)])
                    with self.subTest(kind=kind, of_group=of_group):
                        self.assertEqual(
                            sum(r.turnover for r in rows), D('133.34'))
            people = {
                r.value: r.turnover for r in Turnover.search([
                        ('of_group', '=', False), ('kind', '=', 'person')])}
            shared = {
                p.entrepreneur.code: p.ratio
                for p in cae.activity('A2').entrepreneurs}
            self.assertEqual(set(shared), {'E1', 'E2'})
            self.assertEqual(
                people["Luc Morel (E2)"] + people["Ana Durand (E1)"],
                D('133.34'))
            self.assertLessEqual(
                abs(people["Luc Morel (E2)"] - D('33.33') * shared['E2']),
                D('0.01'))

    @with_transaction()
    def test_contributions(self):
        "What the rules gave is what the ledger has"
        pool = Pool()
        Contribution = pool.get('cae.contribution.figure')
        Close = pool.get('cae.close')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '100.00', 'A1')
            cae.sell(dt.date(2024, 2, 10), '33.33', 'A2')
            cae.close(1)
            close = cae.close(2).close
            given = sum(
                -figures(cae.company, END, [a])[a].year.contribution
                for a in [cae.analytic('A1').id, cae.analytic('A2').id])
        with self.period():
            row = self.group('cae.contribution.figure')
            self.assertEqual((row.amount, row.activities), (given, 2))
            self.assertTrue(row.rule_name)
        with self.period(START, dt.date(2024, 1, 31)):
            self.assertEqual(
                self.group('cae.contribution.figure').amount, D('10.00'))
        with cae.context():
            Close.undo([close])
        with self.period():
            self.assertEqual(
                [r.amount for r in Contribution.search([
                            ('of_group', '=', True)])], [D('10.00')])

    @with_transaction()
    def test_funders(self):
        "Each person once by kind, as it is on the last day"
        pool = Pool()
        Benefit = pool.get('cae.benefit')
        Fact = pool.get('cae.funder_fact')
        Funder = pool.get('cae.funder.figure')
        Status = pool.get('cae.prior_status')
        cae = Cae()
        benefit, = Benefit.create([{'code': 'X1', 'name': "ARE"}])
        first, then = Status.create([
                {'code': f'X{name}', 'name': name}
                for name in ["Before", "After"]])
        with cae.context():
            person = cae.person('E1')
            Fact.create([{
                        'entrepreneur': person.id,
                        'date': dt.date(2024, 1, 1), 'status': first.id,
                        'benefit': benefit.id,
                        'benefit_end_date': dt.date(2024, 9, 30),
                        'disability': 'yes'}, {
                        'entrepreneur': person.id,
                        'date': dt.date(2024, 7, 1), 'status': then.id,
                        'benefit': benefit.id,
                        'benefit_end_date': dt.date(2024, 9, 30)}])
        for end, expected in [
                (dt.date(2024, 6, 30), {
                        ('status', "Before"), ('entry_status', "Before"),
                        ('benefit', "ARE"), ('disability', "Yes")}),
                (dt.date(2024, 9, 30), {
                        ('status', "After"), ('entry_status', "Before"),
                        ('benefit', "ARE")}),
                (END, {
                        ('status', "After"), ('entry_status', "Before")})]:
            with self.period(START, end), self.subTest(end=end):
                rows = Funder.search([('of_group', '=', True)])
                self.assertEqual({
                        (r.kind, r.value) for r in rows
                        if r.value != "Not told"}, expected)
                for kind in {r.kind for r in rows}:
                    self.assertEqual(sum(
                            r.hosted for r in rows if r.kind == kind), 3)

    @with_transaction()
    def test_funders_access(self):
        "Only who reads the facts of the funders reads their figures"
        for group in ['adviser', 'accountant', 'manager', 'entrepreneur']:
            with self.user(group), self.subTest(group=group):
                self.assertModes(['cae.funder.figure'], '')
                with self.assertRaises(AccessError):
                    call('cae.funder.figure', 'search_read', [], 0, None,
                        None, ['value'])
        with self.user('funder_facts'):
            self.assertModes(['cae.funder.figure'], 'r')

    @with_transaction()
    def test_sheet_of_another_list(self):
        "The sheet is of the lists that offer it, whatever a client tells"
        for data in [{'model': 'party.party'}, {'model': 'x'}, {}]:
            with self.user('adviser'), self.subTest(data=data), \
                    self.assertRaises(AccessError):
                call('cae.figure.sheet', 'execute', [1], data, kind='report')

    @with_transaction()
    def test_sheet(self):
        "The rows of each list as a spreadsheet"
        Sheet = Pool().get('cae.figure.sheet', type='report')
        cae = Cae()
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '100.01', 'A1')
            cae.close(1)
        for name in [*LISTS, 'cae.funder.figure']:
            with self.period(), self.subTest(name=name):
                rows = Pool().get(name).search([])
                extension, content, _, _ = Sheet.execute(
                    [r.id for r in rows], {'model': name})
                self.assertEqual(extension, 'ods')
                with zipfile.ZipFile(io.BytesIO(content)) as file:
                    sheet = ElementTree.fromstring(file.read('content.xml'))
                lines = [
                    [''.join(cell.itertext()).strip()
                        for cell in line.iter(f'{TABLE}table-cell')]
                    for line in sheet.iter(f'{TABLE}table-row')]
                self.assertIn("variable capital", str(lines[2]))
                heading, *found = [li for li in lines[3:] if any(li)]
                self.assertEqual(len(found), len(rows))
                self.assertLessEqual(
                    {len(li) for li in found}, {len(heading)})
                if name == 'cae.turnover.figure':
                    self.assertIn('100.01', str(found))
                    self.assertIn(
                        'float', {
                            cell.get(f'{OFFICE}value-type')
                            for cell in sheet.iter(f'{TABLE}table-cell')})

    @with_transaction()
    def test_access(self):
        for group, modes in [
                ('adviser', 'r'), ('accountant', 'r'), ('manager', 'r'),
                ('entrepreneur', '')]:
            with self.user(group), self.subTest(group=group):
                self.assertModes(LISTS, modes)

    @with_transaction()
    def test_own_companies(self):
        "Nobody sees the figures of another company, nor of a group of them"
        with self.user('manager', company='OTHER'), \
                Transaction().set_context(
                    figure_start=START, figure_end=END):
            for name in LISTS:
                rows = call(
                    name, 'search_read', [], 0, None, None, ['rec_name'])
                for row in rows:
                    names = call(name, 'read', [row['id']], (
                            ['entrepreneur.code']
                            if name == 'cae.member.delay'
                            else ['cooperative', 'of_group']))
                    with self.subTest(name=name):
                        self.assertNotIn('La Coop', str(names))
                        self.assertNotIn('E1', str(names))
                        self.assertFalse(names[0].get('of_group'))
