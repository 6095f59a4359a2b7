# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal
from unittest.mock import patch

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.exceptions import (
    ActivitySplitError, ContractPrintError, NextContractError, SignatureError,
    SignatureWarning)
from trytond.modules.coop_cae.signed_document import SignedModifyError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

from .tools import Cae, set_up_cae

D = dt.date
TODAY = D(2024, 12, 1)
CESA = {
    'objective_amount': Decimal(9000),
    'objective_period': 'year',
    'fixed_part': Decimal(700),
    'variable_formula': "What is left.",
    }


class ContractSignatureTestCase(unittest.TestCase):
    "Contracts, amendments and agreements from the draft to the signature"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    def setUp(self):
        super().setUp()
        patcher = patch(
            'trytond.ir.date.Date.today', lambda *a, **k: TODAY)
        patcher.start()
        self.addCleanup(patcher.stop)

    def person(self, cae, name="New"):
        pool = Pool()
        party = pool.get('party.party')(name=name)
        party.save()
        person = pool.get('cae.entrepreneur')(
            company=cae.company, code=name, party=party)
        person.save()
        return person

    def draft(self, person, type_='cape', start=D(2024, 12, 2), **values):
        Contract = Pool().get('cae.contract')
        if type_ == 'cape':
            values = {
                'end_date': D(start.year + 1, start.month, start.day - 1),
                'commitment_cap': Decimal(1000), **values}
        else:
            values = {**CESA, **values}
        contract, = Contract.create([{
                    'entrepreneur': person.id, 'type': type_,
                    'start_date': start, **values}])
        return contract

    def fill(self, contract):
        for content in contract.contents:
            content.text = f"About {content.clause.name}."
            content.save()
        return self.reread(contract)

    def reread(self, record):
        return Pool().get(record.__name__)(record.id)

    def sign(self, document, day=TODAY):
        Model = type(document)
        Model.to_sign([document])
        document = self.reread(document)
        document.signed_on = day
        document.save()
        Model.sign([document])
        return self.reread(document)

    def refused(self, error, function, *args):
        with self.assertRaises(error) as raised, savepoint():
            function(*args)
        return raised.exception.message

    @with_transaction()
    def test_R127_1_contents(self):
        "A CAPE without its contents is not signed: all that lacks is told"
        cae = Cae()
        with cae.context():
            contract = self.draft(self.person(cae), commitment_cap=None)
            Contract = type(contract)
            self.assertEqual(contract.state, 'draft')
            self.assertEqual(
                {c.clause.article for c in contract.contents if c.required},
                {f'R127-1, {n}°' for n in [1, 2, 4, 5, 6, 8]})
            message = self.refused(
                SignatureError, Contract.to_sign, [contract])
            for article in ['1', '2', '4', '5', '6', '8']:
                self.assertIn(f'R127-1, {article}°', message)
            self.assertIn("most commitments", message)
            self.assertNotIn('R127-1, 7°', message)
            contract = self.fill(contract)
            contract.commitment_cap = Decimal(500)
            contract.save()
            contract = self.sign(contract)
            self.assertEqual(contract.state, 'signed')
            self.assertEqual(
                [c.rec_name for c in Contract.search([
                            ('state', '=', 'signed')])], [contract.rec_name])

    @with_transaction()
    def test_L7331_2_contents(self):
        cae = Cae()
        with cae.context():
            contract = self.draft(self.person(cae), 'cesa', **dict.fromkeys([
                        'fixed_part', 'variable_formula', 'objective_amount',
                        'objective_period']))
            message = self.refused(
                SignatureError, type(contract).to_sign, [contract])
            for letter in 'abcdef':
                self.assertIn(f'L7331-2, 2° {letter}', message)
            for text in ['R7331-3', 'R7331-10', "fixed part", "objective"]:
                self.assertIn(text, message)
            self.assertNotIn('R7331-12', message)

    @with_transaction()
    def test_clauses_of_company(self):
        "Contracts begin with the texts of their company"
        Clause = Pool().get('cae.contract.clause')
        cae = Cae()
        clause, = Clause.search([('article', '=', 'L7331-2, 2° e')])
        with cae.context():
            clause.set_multivalue(
                'text', "Statutes of 2020.", company=cae.company.id)
            clause.set_multivalue(
                'text', "Others.", company=Cae('OTHER').company.id)
            contract = self.draft(self.person(cae), 'cesa')
            texts = {c.clause: c.text for c in contract.contents}
            self.assertEqual(texts[clause], "Statutes of 2020.")
            # Another type has other clauses
            contract.type = 'cape'
            contract.end_date = D(2025, 12, 1)
            contract.save()
            self.assertEqual(
                {c.clause.type for c in self.reread(contract).contents},
                {'cape'})

    @with_transaction()
    def test_signed_is_not_changed(self):
        cae = Cae()
        with cae.context():
            contract = self.fill(self.draft(self.person(cae), 'cesa'))
            Contract = type(contract)
            content = contract.contents[0]
            Contract.to_sign([contract])
            contract = self.reread(contract)
            for values in [
                    {'fixed_part': Decimal(1)}, {'start_date': D(2025, 1, 1)},
                    {'taken_over': True}]:
                self.refused(
                    SignedModifyError, Contract.write, [contract], values)
            self.refused(
                SignedModifyError, type(content).write, [content],
                {'text': "Another"})
            self.refused(SignedModifyError, type(content).delete, [content])
            with Transaction().set_context(_check_access=True):
                self.refused(
                    SignedModifyError, Contract.write, [contract],
                    {'signature': 'signed'})
                self.refused(
                    SignedModifyError, Contract.create, [{
                            'entrepreneur': self.person(cae, "Other").id,
                            'type': 'cesa', 'start_date': D(2026, 1, 1),
                            'signature': 'signed'}])
            # Back to draft, it is written again
            Contract.draft([contract])
            contract = self.reread(contract)
            contract.fixed_part = Decimal(800)
            contract.save()
            self.refused(SignatureError, self.sign, contract, D(2024, 12, 2))
            contract = self.sign(contract)
            self.refused(
                SignedModifyError, Contract.write, [contract],
                {'fixed_part': Decimal(1)})
            self.refused(SignedModifyError, Contract.delete, [contract])
            # The facts that follow are told
            contract.exit_date = D(2025, 1, 31)
            contract.save()

    @with_transaction()
    def test_taken_over(self):
        "What was signed on paper needs no contents here, and is corrected"
        cae = Cae()
        with cae.context():
            contract = self.draft(
                self.person(cae), 'cape', D(2024, 11, 2), commitment_cap=None,
                taken_over=True)
            self.assertFalse(contract.contents)
            contract = self.sign(contract, D(2024, 11, 20))
            self.assertEqual(contract.state, 'running')
            contract.end_date = D(2025, 10, 31)
            contract.save()
            self.refused(
                SignedModifyError, type(contract).write, [contract],
                {'taken_over': False})

    @with_transaction()
    def test_state(self):
        cae = Cae()
        with cae.context():
            contract = self.fill(self.draft(
                    self.person(cae), start=D(2024, 12, 2)))
            Contract = type(contract)
            contract = self.sign(contract)
            for today, state in [
                    (TODAY, 'signed'), (D(2024, 12, 2), 'running'),
                    (D(2025, 12, 1), 'running'), (D(2025, 12, 2), 'ended')]:
                with patch('trytond.ir.date.Date.today', return_value=today):
                    self.assertEqual(self.reread(contract).state, state)
                    for other in ['draft', 'signed', 'running', 'ended']:
                        self.assertEqual(
                            contract in Contract.search(
                                [('state', '=', other)]), state == other)
                        self.assertEqual(
                            contract in Contract.search(
                                [('state', 'not in', [other])]),
                            state != other)

    @with_transaction()
    def test_L127_2_unusual(self):
        "What is unusual asks"
        Warning = Pool().get('res.user.warning')
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            late = self.fill(self.draft(person, start=D(2024, 11, 2)))
            message = self.refused(SignatureWarning, self.sign, late)
            self.assertIn("after its first day", message)
            with patch.object(Warning, 'check', return_value=False):
                self.sign(late)
            # A CESA at the same time
            cesa = self.fill(self.draft(person, 'cesa'))
            self.assertIn(
                "same time",
                self.refused(SignatureWarning, self.sign, cesa))
            again = self.fill(self.draft(person, start=D(2026, 1, 2)))
            self.assertIn(
                "had a CAPE",
                self.refused(SignatureWarning, self.sign, again))

    @with_transaction()
    def test_L7331_3_no_time(self):
        "A CAPE of 36 months uses up the time to become a member"
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            for year, renewal in [(2021, 0), (2022, 1), (2023, 2)]:
                Pool().get('cae.contract').create([{
                            'entrepreneur': person.id, 'type': 'cape',
                            'renewal': renewal,
                            'start_date': D(year, 12, 2),
                            'end_date': D(year + 1, 12, 1),
                            'signature': 'signed',
                            }])
            cesa = self.fill(self.draft(person, 'cesa'))
            self.assertEqual(cesa.membership_deadline, cesa.start_date)
            self.assertIn(
                "no time to become a member",
                self.refused(SignatureWarning, self.sign, cesa))

    @with_transaction()
    def test_commitment(self):
        "The signature of a CESA is the consent to subscribe"
        Commitment = Pool().get('coop.share.commitment')
        cae = Cae()
        with cae.context():
            person = self.person(cae)
            contract = self.fill(self.draft(person, 'cesa'))
            domain = [('party', '=', person.party.id)]
            self.assertFalse(Commitment.search(domain))
            contract = self.sign(contract)
            commitment, = Commitment.search(domain)
            self.assertEqual(
                (commitment.start_date, commitment.end_date,
                    commitment.rate),
                (contract.start_date, None, Decimal('0.01')))
            contract.exit_date = D(2025, 3, 31)
            contract.save()
            self.assertEqual(
                Commitment(commitment.id).end_date, D(2025, 3, 31))

    @with_transaction()
    def test_amendment(self):
        "Amendments change the terms from their first days, once signed"
        Amendment = Pool().get('cae.contract.amendment')
        cae = Cae()
        with cae.context():
            contract = self.sign(
                self.fill(self.draft(self.person(cae), 'cesa')))
            first, second = Amendment.create([{
                        'contract': contract.id,
                        'start_date': D(2025, month, 1),
                        'text': "The fixed part is changed.",
                        'fixed_part': Decimal(fixed),
                        } for month, fixed in [(3, 900), (6, 1100)]])
            self.assertEqual((first.number, second.number), (1, 2))
            self.sign(first)
            contract = self.reread(contract)
            for day, fixed in [
                    (D(2025, 2, 28), 700), (D(2025, 3, 1), 900),
                    (D(2025, 6, 1), 900)]:
                terms = contract.terms_on(day)
                self.assertEqual(terms['fixed_part'], fixed)
                self.assertEqual(terms['objective_amount'], 9000)
            self.sign(second)
            self.assertEqual(
                self.reread(contract).terms_on(D(2025, 6, 1))['fixed_part'],
                1100)
            lacking, = Amendment.create([{
                        'contract': contract.id,
                        'start_date': D(2024, 1, 1)}])
            message = self.refused(
                SignatureError, Amendment.to_sign, [lacking])
            self.assertIn("what changes", message)
            self.assertIn("during the contract", message)

    @with_transaction()
    def test_next_form(self):
        "A renewal that begins on another day ends a year later"
        cae = Cae()
        values = {
            'contract': cae.person('E1').contracts[0].id, 'type': 'renewal',
            'start_date': D(2025, 3, 1), 'end_date': None}
        changed = call(
            'cae.contract.next.start', 'on_change', values, ['start_date'])
        self.assertEqual(changed['end_date'], D(2026, 2, 28))

    @with_transaction()
    def test_next(self):
        "A renewal from the day after, on the same terms; then a CESA"
        pool = Pool()
        NextContract = pool.get('cae.contract.next', type='wizard')
        cae = Cae()

        def follow(contract, **values):
            session, _, _ = NextContract.create()
            with Transaction().set_context(
                    active_id=contract.id, active_ids=[contract.id],
                    active_model='cae.contract'):
                wizard = NextContract(session)
                for name, value in wizard.default_start(None).items():
                    setattr(wizard.start, name, value)
                for name, value in values.items():
                    setattr(wizard.start, name, value)
                types = [t for t, _ in wizard.start.get_types()]
                _, data = wizard.do_open_(
                    pool.get('ir.action').get_action_values(
                        'ir.action.act_window', [pool.get(
                                'ir.model.data').get_id(
                                'coop_cae', 'act_contract_form')])[0])
            return types, pool.get('cae.contract')(data['res_id'][0])

        with cae.context():
            contract = self.sign(self.fill(self.draft(self.person(cae))))
            types, renewal = follow(contract)
            self.assertEqual(types, ['renewal', 'cesa'])
            self.assertEqual(
                (renewal.renewal, renewal.start_date, renewal.end_date,
                    renewal.signature, renewal.signed_on),
                (1, D(2025, 12, 2), D(2026, 12, 1), 'draft', None))
            self.assertEqual(
                [c.text for c in renewal.contents],
                [c.text for c in contract.contents])
            _, second = follow(self.sign(renewal))
            types, cesa = follow(self.sign(second))
            self.assertEqual(types, ['cesa'])
            self.assertEqual(
                (cesa.type, cesa.renewal, cesa.start_date),
                ('cesa', 0, D(2027, 12, 2)))
            with self.assertRaises(NextContractError), savepoint():
                follow(cesa)

    def asked(self, activity, day):
        "Return how often an agreement is on the to-do list"
        with Transaction().set_context(todo_date=day):
            return Pool().get('cae.todo').search([
                    ('kind', '=', 'agreement'),
                    ('activity', '=', activity.id),
                    ], count=True)

    @with_transaction()
    def test_R7331_6_agreement(self):
        "The split of the pay is that of the agreement, from its first day"
        pool = Pool()
        Agreement = pool.get('cae.activity.agreement')
        cae = Cae()
        with cae.context():
            activity = cae.activity('A2')
            self.assertEqual(self.asked(activity, TODAY), 1)
            links = {p.entrepreneur.code: p for p in activity.entrepreneurs}
            agreement = Agreement(activity=activity, start_date=TODAY)
            agreement.on_change_activity()
            self.assertEqual(len(agreement.shares), 2)
            agreement.save()
            message = self.refused(
                SignatureError, Agreement.to_sign, [agreement])
            for text in ["nature", "clientele", "assets"]:
                self.assertIn(text, message)
            for share, ratio in zip(agreement.shares, ['0.7', '0.2']):
                share.ratio = Decimal(ratio)
            for name in ['nature', 'clientele', 'assets']:
                setattr(agreement, name, "Agreed.")
            agreement.shares = agreement.shares
            agreement.save()
            self.assertIn("90 %", self.refused(
                    SignatureError, Agreement.to_sign, [agreement]))
            agreement = self.reread(agreement)
            share = agreement.shares[-1]
            share.ratio = Decimal('0.3')
            share.save()
            self.sign(self.reread(agreement))
            self.assertEqual(
                sorted(s.ratio for s in self.reread(agreement).shares_before),
                [Decimal('0.5'), Decimal('0.5')])
            self.assertEqual(self.asked(activity, TODAY), 0)
            self.assertEqual(self.asked(activity, D(2024, 11, 30)), 1)
            split = {
                p.entrepreneur: p.ratio
                for p in self.reread(activity).entrepreneurs}
            self.assertEqual(
                sorted(split.values()), [Decimal('0.3'), Decimal('0.7')])
            with Transaction().set_context(_check_access=True):
                self.refused(
                    ActivitySplitError, type(links['E1']).write,
                    [links['E1'], ], {'ratio': Decimal(1)})
            # Another one from later on, which the cron applies on its day
            later, = Agreement.copy([agreement], default={
                    'start_date': D(2025, 2, 1)})
            for share, ratio in zip(later.shares, ['0.6', '0.4']):
                share.ratio = Decimal(ratio)
                share.save()
            self.sign(self.reread(later))
            self.assertEqual(
                self.reread(agreement).end_date, D(2025, 1, 31))
            for today, ratio in [
                    (D(2025, 1, 31), '0.7'), (D(2025, 2, 3), '0.6')]:
                with patch('trytond.ir.date.Date.today', return_value=today):
                    Agreement.apply()
                    self.assertEqual(
                        max(p.ratio
                            for p in self.reread(activity).entrepreneurs),
                        Decimal(ratio))

    @with_transaction()
    def test_prints(self):
        "Documents are printed once nothing is missing"
        pool = Pool()
        cae = Cae()

        def print_(name, record, model=None):
            Report = pool.get(name, type='report')
            action, = pool.get('ir.action.report').search([
                    ('report_name', '=', name), ('extension', '=', '')])
            extension, content, _, _ = Report.execute([record.id], {
                    'ids': [record.id], 'id': record.id,
                    'model': model or record.__name__,
                    'action_id': action.id})
            self.assertEqual(extension, 'odt')
            return content

        with cae.context():
            person = self.person(cae)
            cape = self.draft(person)
            self.refused(SignatureError, print_, 'cae.contract.cape', cape)
            # Whatever a client tells
            self.refused(
                SignatureError, print_, 'cae.contract.cape', cape,
                'cae.activity.agreement')
            cape = self.fill(cape)
            self.assertTrue(print_('cae.contract.cape', cape))
            self.refused(ContractPrintError, print_, 'cae.contract.cesa', cape)
            cesa = self.fill(self.draft(person, 'cesa', D(2025, 12, 2)))
            self.assertTrue(print_('cae.contract.cesa', cesa))
            old = cae.person('E1').contracts[0]
            self.refused(ContractPrintError, print_, 'cae.contract.cesa', old)

    @with_transaction()
    def test_access(self):
        "Who sees people and may not write them may not sign either"
        cae = Cae()
        pool = Pool()
        with cae.context():
            contract = self.fill(self.draft(self.person(cae)))
            User = pool.get('res.user')
            Group = pool.get('res.group')
            group, = Group.search([('name', '=', "CAE Management")])
            user = User(
                name="Manager", login='manager', groups=[group],
                companies=[cae.company], company=cae.company)
            user.save()
            with Transaction().set_user(user.id), Transaction().set_context(
                    User.get_preferences(context_only=True),
                    _check_access=True):
                Contract = pool.get('cae.contract')
                with self.assertRaises(AccessError):
                    Contract.to_sign([Contract(contract.id)])
                Content = pool.get('cae.contract.content')
                self.assertTrue(Content.search([]))
                with self.assertRaises(AccessError):
                    Content.write(Content.search([]), {'text': "No"})
