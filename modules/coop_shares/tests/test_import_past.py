# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.modules.coop_ledger.exceptions import FileError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.capital import highest
from trytond.modules.coop_shares.import_past import enter
from trytond.modules.coop_shares.tests.test_category import make_categories
from trytond.modules.coop_shares.tests.tools import (
    Coop, book, day, rpc, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal
MEMBERS = """\
numéro;nom;catégorie;admission;sortie
10;Émile Durand;EMP;05/01/2019;
12;Jeanne Roy;;06/02/2019;31/12/2022
"""
MOVEMENTS = """\
number;date;type;member;quantity;nominal;amount
1;05/01/2019;souscription;10;10;15,00;150,00
2;06/02/2019;souscription;12;30;15,00;450,00
3;07/02/2019;souscription;12;4;15,00;60,00
4;07/02/2019;contre-passation;12;-4;15,00;-60,00
5;01/06/2020;nominal;10;0;20,00;50,00
6;01/06/2020;nominal;12;0;20,00;150,00
7;01/09/2021;cession;12;-10;20,00;-200,00
8;01/09/2021;cession;10;10;20,00;200,00
9;31/12/2022;annulation;12;-20;20,00;-400,00
"""


class ImportPastTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def enter(self, coop, members=MEMBERS, movements=MOVEMENTS, **kwargs):
        return enter(
            coop.company,
            members and ('members.csv', members.encode()),
            movements and ('movements.csv', movements.encode()), **kwargs)

    def problems(self, coop, **kwargs):
        "Return the lines and columns of what is wrong; nothing is entered"
        Movement = Pool().get('coop.share.movement')
        with self.assertRaises(FileError) as context, savepoint():
            self.enter(coop, **kwargs)
        self.assertEqual(Movement.search([]), [])
        for problem in context.exception.problems:
            self.assertTrue(problem.text())
        return [
            (p.code.removeprefix('coop_shares.msg_past_'), p.line, p.column)
            for p in context.exception.problems]

    @with_transaction()
    def test_the_past_comes_in(self):
        "Numbers and dates are kept, and the register goes on"
        pool = Pool()
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        Move = pool.get('account.move')
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            moves = Move.search([], count=True)
            past = self.enter(coop, totals=(20, D(400)))
            self.assertEqual(
                (past.members, past.movements, past.shares, past.amount),
                (2, 9, 20, D(400)))
            # The opening of the ledger is missing still
            self.assertEqual(past.discrepancies, 1)
            self.assertEqual(Move.search([], count=True), moves)
            emile, jeanne = Member.search([('number', 'in', ['10', '12'])])
            self.assertEqual(
                (emile.party.name, emile.category.code, emile.admission_date,
                    jeanne.exit_date),
                ("Émile Durand", 'EMP', day(1, 5, 2019), day(12, 31, 2022)))
            for date, held in [
                    (day(1, 5, 2019), (10, D(150))),
                    (day(6, 1, 2020), (10, D(200))),
                    (day(9, 1, 2021), (20, D(400)))]:
                self.assertEqual(
                    Movement.holdings(coop.company, date)[
                        emile.id, coop.share_class.id], held)
            self.assertEqual(
                [m.number for m in Movement.search([])],
                list(map(str, range(1, 10))))
            book(coop.company, '5121', '1013', 400, day(1, 1, 2023),
                emile.party)
            self.assertEqual(coop.discrepancies(), [])
            # What comes after
            self.assertEqual(coop.movement(5, day(3, 1)).number, '10')
            new, = Member.create([{
                        'company': coop.company.id,
                        'party': coop.party('Dan').id,
                        'admission_date': day(1, 1)}])
            Member.admit([new])
            self.assertEqual(new.number, '13')

    @with_transaction()
    def test_reverse(self):
        "What was wrong in the past is reversed, without an entry"
        Movement = Pool().get('coop.share.movement')
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            self.enter(coop, members=MEMBERS.replace('2022', '2024'),
                movements="""\
number;date;type;member;quantity;nominal;amount
1;05/01/2024;souscription;10;10;20,00;200,00
2;06/02/2024;souscription;12;30;20,00;600,00
3;31/12/2024;annulation;12;-30;20,00;-600,00
""")
            last, = Movement.search([('number', '=', '3')])
            reversal, = Movement.reverse([last])
            self.assertEqual(
                (reversal.quantity, reversal.number, reversal.move),
                (30, '4', None))
            first, = Movement.search([('number', '=', '1')])
            Movement.reverse([first], date=day(2, 1))
            self.assertEqual(
                [q for q, _ in Movement.holdings(coop.company).values()],
                [30])

    @with_transaction()
    def test_highest_capital(self):
        "The past counts in the highest capital"
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            self.enter(coop)
            self.assertEqual(highest(coop.company, day(1, 1)), D(800))

    @with_transaction()
    def test_all_that_is_wrong(self):
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            self.assertEqual(
                set(self.problems(coop, members="""\
number;name;party;category;admission_date;exit_date
1;Paul;;;2019-01-05;
11;Coop Ana;;NONE;2019-01-05;2018-01-01
11;Pierre;XX;;someday;
""")), {
                    ('member_known', 2, 'number'),
                    ('category', 3, 'category'),
                    ('party_named', 3, 'name'),
                    ('exit_date', 3, 'exit_date'),
                    ('duplicate', 4, 'number'),
                    ('party', 4, 'party'),
                    ('date', 4, 'admission_date')})
            self.assertEqual(
                set(self.problems(coop, movements="""\
number;date;type;member;share_class;quantity;nominal;amount
1;2019-01-05;subscription;10;;10;15;150
3;2019-01-06;subscription;10;Z;1;15;15
4;2019-01-07;exit;12;;1;15;15
5;2019-02-08;subscription;12;;2;15;31
6;2018-02-08;subscription;12;;2;15;30
7;2019-02-09;transfer;12;;-9;15;-135
8;2019-02-09;nominal;12;;3;15;45
9;2019-02-09;nonsense;99;;3;15;45
""")), {
                    ('number', 3, 'number'), ('number', 4, 'number'),
                    ('number', 5, 'number'), ('number', 6, 'number'),
                    ('number', 7, 'number'), ('number', 8, 'number'),
                    ('number', 9, 'number'),
                    ('class', 3, 'share_class'),
                    ('sign', 4, 'quantity'),
                    ('product', 5, 'amount'),
                    ('not_member', 6, 'date'),
                    ('held', 7, 'quantity'),
                    ('revalued', 8, 'quantity'),
                    ('choice', 9, 'type'),
                    ('member', 9, 'member')})

    @with_transaction()
    def test_totals(self):
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            for totals, expected in [
                    ((20, D('400.01')), ['amount']),
                    ((21, D(1)), ['shares', 'amount'])]:
                self.assertEqual(
                    [code for code, *_ in self.problems(coop, totals=totals)],
                    expected)
            # Not at the nominal value in force
            self.assertEqual(self.problems(
                    coop, movements='\n'.join(MOVEMENTS.splitlines()[:3])),
                [('nominal', None, None)])

    @with_transaction()
    def test_once(self):
        coop = Coop()
        with coop.context():
            coop.movement(1, day(1, 2))
            make_categories(coop, EMP='employee')
            with self.assertRaises(FileError) as context:
                self.enter(coop)
            problem, = context.exception.problems
            self.assertEqual(problem.code, 'coop_shares.msg_past_register')

    @with_transaction()
    def test_wizard(self):
        "A dry run does all and enters nothing"
        pool = Pool()
        Import = pool.get('coop.share.import_past', type='wizard')
        Movement = pool.get('coop.share.movement')
        coop = Coop()
        with coop.context():
            make_categories(coop, EMP='employee')
            for dry_run, count in [(True, 0), (False, 9)]:
                session, _, _ = Import.create()
                result = Import.execute(session, {'start': {
                            'company': coop.company.id,
                            'members': MEMBERS.encode(),
                            'members_name': 'members.csv',
                            'movements': MOVEMENTS.encode(),
                            'movements_name': 'movements.csv',
                            'shares': 20, 'amount': D(400),
                            'dry_run': dry_run}}, 'result')
                text = result['view']['defaults']['text']
                self.assertIn("2 members and 9 movements", text)
                self.assertEqual("dry run" in text, dry_run)
                self.assertEqual(
                    Movement.search([], count=True), count)

    @with_transaction()
    def test_export(self):
        "Members and electors leave as CSV, by those who keep the shares"
        ExportLine = Pool().get('ir.export.line')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(3, 1))
            user = coop.user('share', 'coop_shares.group_share')
            for resource in ['coop.member', 'coop.meeting.elector']:
                export, = rpc(
                    user, 'ir.export', 'get', resource, ['export_fields'])
                names = [line.name for line in ExportLine.browse(
                        export['export_fields'])]
                rows = rpc(
                    user, resource, 'export_data_domain', [], names)
                if resource == 'coop.member':
                    self.assertIn("Coop Ana", [row[1] for row in rows])
                    self.assertIn(5, [row[6] for row in rows])
