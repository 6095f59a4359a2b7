# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from unittest.mock import patch

from hypothesis import given

from trytond.model.exceptions import AccessError
from trytond.modules.coop_cae.rules.path import (
    Contract, History, Membership, Step)
from trytond.modules.coop_cae.rules.retention import (
    candidate_before, left_before, limit)
from trytond.modules.coop_cae.tests import test_access
from trytond.modules.coop_cae.tests.test_nir import number
from trytond.modules.coop_cae.tests.test_path_rules import days, histories
from trytond.modules.coop_cae.tests.tools import Cae, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = dt.date
TODAY = D(2026, 6, 1)


class RetentionTestCase(unittest.TestCase):

    def test_limit(self):
        self.assertEqual(limit(TODAY, 5), D(2021, 6, 1))

    def test_left_before(self):
        exit_ = D(2021, 5, 31)
        left = Contract(1, 'cesa', 0, D(2019, 1, 1), exit_, True)
        member = Membership(1, D(2020, 1, 1), D(2022, 1, 1))
        back = Step(1, D(2026, 1, 1), 'candidate')
        refused = Step(2, D(2026, 2, 1), 'refused')
        for history, limit_, expected in [
                (History((), (left,)), D(2021, 6, 2), True),
                (History((), (left,)), D(2021, 6, 1), False),
                # The membership goes on after the exit
                (History((), (left,), (member,)), D(2021, 6, 2), True),
                # Who is back has not left, who is refused left later
                (History((back,), (left,)), D(2021, 6, 2), False),
                (History((back, refused), (left,)), D(2021, 6, 2), False),
                (History((back, refused), (left,)), D(2026, 2, 2), True),
                # Without an exit nobody has left
                (History((), (left._replace(left=False),)),
                    D(2021, 6, 2), False),
                (History((refused,)), TODAY, False),
                (History(), TODAY, False)]:
            with self.subTest(history=history):
                self.assertEqual(
                    left_before(history, TODAY, limit_), expected)

    def test_candidate_before(self):
        "CNIL: two years after the last contact, whatever it was"
        first = Step(1, D(2024, 1, 1), 'candidate')
        last = Step(2, D(2024, 5, 31), 'informed')
        self.assertTrue(
            candidate_before(History((first, last)), D(2024, 6, 1)))
        self.assertFalse(
            candidate_before(History((first, last)), D(2024, 5, 31)))
        for history in [
                History(),
                History((first,), (Contract(1, 'cape', 0, D(2024, 2, 1)),)),
                History((first,), (), (Membership(1, D(2024, 2, 1)),))]:
            self.assertFalse(candidate_before(history, TODAY))

    @given(histories, days)
    def test_one_or_the_other(self, history, day):
        "Nobody is purged as both; nobody whose contract runs is"
        left = left_before(history, day, day)
        self.assertFalse(left and candidate_before(history, day))
        if any(c.covers(day) for c in history.contracts):
            self.assertFalse(left)


class PurgeTestCase(unittest.TestCase):
    user = test_access.AccessTestCase.user

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def setUp(self):
        super().setUp()
        patcher = patch('trytond.ir.date.Date.today', lambda *a, **k: TODAY)
        patcher.start()
        self.addCleanup(patcher.stop)

    def fact(self, person, date):
        Fact = Pool().get('cae.funder_fact')
        fact, = Fact.create([{'entrepreneur': person.id, 'date': date}])
        return fact

    def candidate(self, name, date, company='COOP', party=None):
        pool = Pool()
        Entrepreneur = pool.get('cae.entrepreneur')
        Party = pool.get('party.party')
        if not party:
            party, = Party.create([{
                        'name': name,
                        'contact_mechanisms': [('create', [{
                                        'type': 'email',
                                        'value': 'someone@example.org'}])],
                        }])
        person, = Entrepreneur.create([{
                    'company': Cae(company).company.id, 'code': name,
                    'party': party.id, 'gender': 'F',
                    'birth_date': D(1990, 1, 1)}])
        pool.get('cae.path.step').create([{
                    'entrepreneur': person.id, 'date': date,
                    'kind': 'candidate', 'note': "Reads braille."}])
        self.fact(person, date)
        return person

    def left(self):
        "E1 has left seven years after the entry, five years ago"
        pool = Pool()
        reason, = pool.get('cae.exit_reason').create([
                {'code': 'job', 'name': "Job"}])
        person = Cae().person('E1')
        pool.get('cae.contract').write(list(person.contracts), {
                'exit_date': D(2023, 3, 31), 'exit_reason': reason.id})
        return person

    def purge(self, **values):
        "Return what the preview and the result tell"
        Purge = Pool().get('cae.funder_fact.purge', type='wizard')
        start = {
            'company': Cae().company.id, 'criterion': 'left', 'years': 5,
            'date': None, **values}
        with Transaction().set_context(_check_access=False):
            session, _, _ = Purge.create()
            preview = Purge.execute(
                session, {'start': start}, 'preview')['view']['defaults']
            result = Purge.execute(
                session, {'start': start, 'preview': preview},
                'purge')['view']['defaults']
            Purge.delete(session)
        return preview, result

    @with_transaction()
    def test_before(self):
        pool = Pool()
        Fact = pool.get('cae.funder_fact')
        cae = Cae()
        old = self.fact(cae.person('E1'), D(2020, 1, 1))
        kept = [
            self.fact(cae.person('E1'), D(2021, 1, 1)),
            self.fact(Cae('OTHER').person('E3'), D(2020, 1, 1))]
        name = old.entrepreneur.rec_name
        with self.user('funder_facts'):
            preview, result = self.purge(
                criterion='before', date=D(2021, 1, 1))
            user = Transaction().user
        self.assertEqual(preview, {
                'limit': D(2021, 1, 1), 'facts': 1, 'people': 1,
                'names': name})
        self.assertEqual(result['facts'], 1)
        self.assertEqual(Fact.search([]), sorted(kept, key=lambda f: (
                    f.entrepreneur.code, f.date)))
        log, = pool.get('cae.purge').search([])
        self.assertEqual(
            (log.user.id, log.criterion, log.limit, log.facts, log.people),
            (user, 'before', D(2021, 1, 1), 1, 1))
        self.assertEqual(log.company, cae.company)

    @with_transaction()
    def test_left(self):
        "Who left long ago, and nobody else"
        Fact = Pool().get('cae.funder_fact')
        person = self.left()
        self.fact(person, D(2022, 1, 1))
        self.fact(person, D(2023, 1, 1))
        other = self.fact(Cae().person('E2'), D(2023, 5, 1))
        with self.user('funder_facts'):
            preview, _ = self.purge(years=4)
            self.assertEqual((preview['facts'], preview['people']), (0, 0))
            preview, result = self.purge(years=3)
        self.assertEqual((preview['facts'], preview['people']), (2, 1))
        self.assertEqual(preview['names'], person.rec_name)
        self.assertEqual((result['facts'], result['people']), (2, 1))
        self.assertEqual(Fact.search([]), [other])
        # Only what was purged is remembered
        self.assertEqual(len(Pool().get('cae.purge').search([])), 1)

    @with_transaction()
    def test_candidates(self):
        "Who came to nothing two years ago is forgotten"
        pool = Pool()
        Contract = pool.get('cae.contract')
        Fact = pool.get('cae.funder_fact')
        Step = pool.get('cae.path.step')
        old = self.candidate("Old", D(2024, 5, 31))
        new = self.candidate("New", D(2024, 6, 1))
        drafted = self.candidate("Drafted", D(2024, 1, 1))
        Contract.create([{
                    'entrepreneur': drafted.id, 'type': 'cape',
                    'start_date': D(2026, 7, 1),
                    'end_date': D(2027, 6, 30)}])
        party = old.party
        with self.user('funder_facts'):
            preview, result = self.purge(criterion='candidates', years=2)
        self.assertEqual(preview['names'], "Old (Old)")
        self.assertEqual((result['facts'], result['people']), (1, 1))
        self.assertFalse(result['kept'])
        party = type(party)(party.id)
        self.assertFalse(party.active)
        self.assertFalse(party.name)
        with Transaction().set_context(active_test=False):
            self.assertEqual(
                {m.value for m in pool.get(
                        'party.contact_mechanism').search([
                            ('party', '=', party.id)])}, {'****'})
        old = type(old)(old.id)
        self.assertIsNone(old.gender)
        self.assertIsNone(old.birth_date)
        self.assertEqual(
            {s.entrepreneur for s in Step.search([])}, {new, drafted})
        self.assertEqual(
            {f.entrepreneur for f in Fact.search([])}, {new, drafted})
        with self.user('funder_facts'):
            preview, _ = self.purge(criterion='candidates', years=2)
        self.assertEqual(preview['people'], 0)

    @with_transaction()
    def test_candidate_known_elsewhere(self):
        "Of who is with another company the candidature is forgotten only"
        pool = Pool()
        party = Cae('OTHER').person('E3').party
        person = self.candidate("Old", D(2020, 1, 1), party=party)
        with self.user('funder_facts'):
            _, result = self.purge(criterion='candidates', years=2)
        self.assertEqual((result['facts'], result['people']), (1, 1))
        party = type(party)(party.id)
        self.assertTrue(party.active)
        self.assertTrue(party.name)
        self.assertIsNone(type(person)(person.id).birth_date)
        self.assertEqual(pool.get('cae.path.step').search([]), [])

    @with_transaction()
    def test_refused(self):
        "Nobody purges the company of others"
        self.candidate("Old", D(2020, 1, 1), 'OTHER')
        other = Cae('OTHER').company.id
        with self.user('funder_facts'):
            for criterion in ['left', 'candidates']:
                with self.assertRaises(AccessError):
                    self.purge(company=other, criterion=criterion)

    @with_transaction()
    def test_erase(self):
        "Erasing a party leaves nothing of what only some may see"
        pool = Pool()
        Erase = pool.get('party.erase', type='wizard')
        Fact = pool.get('cae.funder_fact')
        Nir = pool.get('cae.nir')
        Step = pool.get('cae.path.step')
        gone = self.candidate("Gone", D(2026, 1, 1))
        other = self.candidate("Other", D(2026, 1, 1))
        with Transaction().set_context(_skip_warnings=True):
            for rank, person in enumerate([gone, other]):
                Nir.create([{
                            'entrepreneur': person.id,
                            'number': number(f'290012505600{rank}')}])
        gone.party.active = False
        gone.party.save()
        session, _, _ = Erase.create()
        erase = Erase(session)
        erase.ask.party = gone.party
        erase.transition_erase()
        for Model in [Fact, Nir]:
            self.assertEqual(
                [r.entrepreneur for r in Model.search([])], [other])
        self.assertEqual(
            {s.entrepreneur: s.note for s in Step.search([])},
            {gone: None, other: "Reads braille."})
