# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import json
import unittest
from decimal import Decimal as D

from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae.exceptions import CompanyMoveError, ExitError
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

DAY = dt.date(2024, 7, 1)


class CompanyMoveTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def adviser(self, *companies):
        "Return a user of the support team of companies"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        companies = [Cae(c).company for c in companies]
        user = User(
            name="User", login=f'user {len(User.search([]))}',
            companies=companies, company=companies[0],
            company_filter='all',
            groups=[ModelData.get_id('coop_cae', 'group_cae_adviser')])
        user.save()
        return user

    def move(self, user, code='E1', to='OTHER', date=DAY, **values):
        pool = Pool()
        Move = pool.get('cae.company.move', type='wizard')
        Reason = pool.get('cae.exit_reason')
        cae = Cae()
        person = cae.person(code)
        if not Reason.search([('moved', '=', True)]):
            Reason.create([{'code': 'moved', 'name': "Move", 'moved': True}])
        with Transaction().set_user(user.id), \
                Transaction().set_context(
                    company=cae.company.id, companies=[
                        c.id for c in user.companies],
                    active_model='cae.entrepreneur', active_id=person.id,
                    active_ids=[person.id]), check_access():
            session, _, _ = Move.create()
            defaults = {
                k: v for k, v in Move.execute(session, {}, 'start')[
                    'view']['defaults'].items() if '.' not in k}
            result = Move.execute(session, {'start': {
                        **defaults, 'to_company': Cae(to).company.id,
                        'date': date, **values}}, 'move')
        _, data = result['actions'][0]
        moved, = pool.get('cae.entrepreneur').browse(data['res_id'])
        return moved

    @with_transaction()
    def test_move(self):
        "The exit begins here, the person is entered there"
        Exit = Pool().get('cae.exit')
        cae, other = Cae(), Cae('OTHER')
        moved = self.move(
            self.adviser('COOP', 'OTHER'),
            activities=[cae.activity('A1').id])
        person = cae.person('E1')
        self.assertEqual(moved.party, person.party)
        self.assertEqual(
            (moved.company, moved.code, moved.entry_date, moved.gender,
                moved.adviser),
            (other.company, 'E1', DAY, 'F', person.adviser))
        contract, = moved.contracts
        self.assertEqual(
            (contract.type, contract.start_date, contract.signature),
            ('cesa', DAY, 'draft'))
        exit_, = Exit.search([])
        self.assertEqual(
            (exit_.state, exit_.date, exit_.reason.moved),
            ('open', dt.date(2024, 6, 30), True))
        old, = person.contracts
        self.assertEqual(old.exit_date, dt.date(2024, 6, 30))
        activity = other.activity('A1')
        self.assertEqual(
            (activity.name, activity.naf, activity.start_date),
            ("Atelier Durand", '74.10Z', DAY))
        self.assertEqual(activity.entrepreneurs[0].entrepreneur, moved)
        self.assertEqual(activity.entrepreneurs[0].ratio, D(1))
        self.assertEqual(cae.activity('A1').end_date, dt.date(2024, 6, 30))

    @with_transaction()
    def test_codes_taken(self):
        "Another code is found where that one is taken"
        cae, other = Cae(), Cae('OTHER')
        for model, code in [('person', 'E3'), ('activity', 'A3')]:
            record = getattr(other, model)(code)
            record.code = code.replace('3', '1')
            record.save()
        moved = self.move(
            self.adviser('COOP', 'OTHER'),
            activities=[cae.activity('A1').id])
        self.assertNotEqual(moved.code, 'E1')
        self.assertEqual(
            other.activity('A1-2').entrepreneurs[0].entrepreneur, moved)

    @with_transaction()
    def test_comes_back(self):
        "The record of before goes on, its contracts intact"
        pool = Pool()
        Contract = pool.get('cae.contract')
        Entrepreneur = pool.get('cae.entrepreneur')
        other = Cae('OTHER')
        before, = Entrepreneur.create([{
                    'company': other.company.id, 'code': 'OLD',
                    'party': Cae().person('E1').party.id}])
        Contract.create([{
                    'entrepreneur': before.id, 'type': 'cesa',
                    'start_date': dt.date(2020, 1, 1),
                    'end_date': dt.date(2021, 1, 1), 'signature': 'signed',
                    'taken_over': True}])
        moved = self.move(self.adviser('COOP', 'OTHER'))
        self.assertEqual(moved, before)
        self.assertEqual(len(moved.contracts), 2)

    @with_transaction()
    def test_refused(self):
        with self.assertRaises(AccessError):
            self.move(self.adviser('COOP'))
        adviser = self.adviser('COOP', 'OTHER')
        with self.assertRaises(CompanyMoveError):
            self.move(adviser, to='COOP')
        with self.assertRaises(ExitError):
            self.move(adviser, date=dt.date(2020, 1, 1))

    @with_transaction()
    def test_there_already(self):
        pool = Pool()
        Contract = pool.get('cae.contract')
        Entrepreneur = pool.get('cae.entrepreneur')
        before, = Entrepreneur.create([{
                    'company': Cae('OTHER').company.id, 'code': 'OLD',
                    'party': Cae().person('E1').party.id}])
        Contract.create([{
                    'entrepreneur': before.id, 'type': 'cesa',
                    'start_date': dt.date(2024, 1, 1),
                    'signature': 'signed', 'taken_over': True}])
        with self.assertRaisesRegex(CompanyMoveError, "already on that day"):
            self.move(self.adviser('COOP', 'OTHER'))

    @with_transaction()
    def test_history(self):
        "The contracts of all the co-operatives of the user"
        pool = Pool()
        History = pool.get(
            'cae.entrepreneur.open_group_history', type='wizard')
        Contract = pool.get('cae.contract')
        adviser = self.adviser('COOP', 'OTHER')
        moved = self.move(adviser)
        with Transaction().set_context(
                active_model='cae.entrepreneur', active_id=moved.id,
                active_ids=[moved.id]):
            session, _, _ = History.create()
            action, _ = History.execute(session, {}, 'open_')['actions'][0]
        domain = json.loads(action['pyson_domain'])
        for companies, number in [(['COOP', 'OTHER'], 2), (['COOP'], 1)]:
            user = self.adviser(*companies)
            with Transaction().set_user(user.id), \
                    Transaction().set_context(companies=[
                            c.id for c in user.companies]), check_access(), \
                    self.subTest(companies=companies):
                self.assertEqual(Contract.search(domain, count=True), number)

    @with_transaction()
    def test_group_totals(self):
        "Each co-operative as its activities, the group as their sum"
        CompanyFigure = Pool().get('cae.company.figure')
        cae, other = Cae(), Cae('OTHER')
        with cae.context():
            cae.sell(dt.date(2024, 1, 10), '100.00', 'A1')
            cae.sell(dt.date(2024, 2, 10), '50.00', 'A2')
            cae.post(
                dt.date(2024, 2, 11), ('626', '30.00', 'structure'),
                ('4011', '-30.00', 'structure'))
            cae.close(1)
        with other.context():
            other.sell(dt.date(2024, 3, 1), '7.00', 'A3')
        with Transaction().set_context(
                _companies=[cae.company.id, other.company.id],
                figure_start=dt.date(2024, 1, 1),
                figure_end=dt.date(2024, 6, 30)):
            found = {
                r.cooperative: r for r in CompanyFigure.search([])}
        self.assertEqual({
                name: (
                    r.people, r.activities, r.turnover, r.contribution,
                    r.result) for name, r in found.items()}, {
                "La Coop": (2, 2, D(150), D(10), D(140)),
                "L'Autre": (1, 1, D(7), D(0), D(7)),
                "Group": (3, 3, D(157), D(10), D(147))})
        for name in ['turnover', 'gross_margin', 'pay', 'treasury',
                'capital']:
            self.assertEqual(
                getattr(found["Group"], name),
                sum(getattr(r, name) for r in found.values()
                    if not r.of_group))
