# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal

from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.exceptions import PostedError
from trytond.modules.coop_shares.tests.test_category import make_categories
from trytond.modules.coop_shares.tests.test_meeting import (
    attend, make_colleges, make_meeting, vote)
from trytond.modules.coop_shares.tests.tools import (
    Coop, book, day, rpc, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal
USERS = {
    'none': [],
    'share': ['coop_shares.group_share'],
    'share_admin': ['coop_shares.group_share_admin'],
    'accountant': ['account.group_account'],
    'account_admin': ['account.group_account_admin'],
    'administrator': ['res.group_admin'],
    'all': ['coop_shares.group_share_admin', 'account.group_account_admin',
        'res.group_admin'],
    }
MODELS = [
    'coop.share.class', 'coop.share.nominal', 'coop.member.category',
    'coop.member', 'coop.share.movement', 'coop.share.holding',
    'coop.share.commitment', 'coop.share.withholding', 'coop.share.lot',
    'coop.share.call', 'coop.share.transfer', 'coop.share.exit',
    'coop.share.capital', 'coop.college', 'coop.member.classification',
    'coop.member.representative', 'coop.share.campaign',
    'coop.share.subscription', 'coop.meeting', 'coop.meeting.college',
    'coop.meeting.elector', 'coop.meeting.resolution', 'coop.meeting.vote',
    'coop.surplus', 'coop.share.interest', 'coop.share.interest.payment']
# Those that are read from the movements
READ = {'coop.share.holding', 'coop.share.lot', 'coop.share.capital'}
# What a client could send in the hope of going round the checks
CONTEXTS = [
    {'_check_access': False}, {'_coop_shares_register': True},
    {'user': 0}, {'_user': 0}]


class AccessTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def posted(self, coop):
        "Return a posted document of each kind"
        pool = Pool()
        Withholding = pool.get('coop.share.withholding')
        coop.movement(5, day(3, 15))
        coop.withhold(3, '1000.00')
        movement, = pool.get('coop.share.movement').search([])
        withholding, = Withholding.search([])
        return [movement, withholding]

    def operations(self, coop):
        "Return a posted operation of each kind"
        pool = Pool()
        Configuration = pool.get('coop.share.configuration')
        Movement = pool.get('coop.share.movement')
        for name, value in [
                ('legal_form', 'sa'), ('paying_up', 'later')]:
            Configuration(1).set_multivalue(
                name, value, company=coop.company.id)
        movement = coop.movement(8, day(3, 1), post=False)
        movement.called = D(40)
        movement.save()
        Movement.post([movement])
        common = {
            'company': coop.company.id, 'share_class': coop.share_class.id,
            'decision_date': day(3, 1)}
        operations = []
        for name, values in [
                ('coop.share.call', {
                        'date': day(3, 2), 'due_date': day(3, 2)}),
                ('coop.share.transfer', {
                        'date': day(4, 1), 'quantity': 2, 'kind': 'gift',
                        'member': coop.member('Ana').id,
                        'to_member': coop.member('Bob').id}),
                ('coop.share.exit', {
                        'date': day(5, 1), 'request_date': day(5, 1),
                        'kind': 'resignation', 'share_class': None,
                        'member': coop.member('Cleo').id})]:
            Operation = pool.get(name)
            operation, = Operation.create([{**common, **values}])
            Operation.post([operation])
            operations.append(Operation(operation.id))
        return operations

    def governance(self, coop):
        "Make a record of what members, meetings and interest have"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Meeting = pool.get('coop.meeting')
        Surplus = pool.get('coop.surplus')
        make_colleges(coop, X='0.5', Y='0.3', Z='0.2')
        category, = make_categories(coop, EMP='employee').values()
        category.college, *_ = pool.get('coop.college').of(coop.company)
        category.save()
        member = coop.member()
        member.category = category
        member.save()
        coop.movement(3, day(1, 10, 2023))
        common = {
            'company': coop.company.id, 'share_class': coop.share_class.id}
        pool.get('coop.member.representative').create([{
                    'member': member.id, 'party': coop.party('Dan').id,
                    'start_date': day(1, 1)}])
        pool.get('coop.share.campaign').create([{
                    **common, 'name': "Spring", 'start_date': day(1, 1),
                    'end_date': day(3, 31)}])
        pool.get('coop.share.subscription').create([{
                    **common, 'party': coop.party('Dan').id,
                    'request_date': day(2, 1), 'quantity': 1}])
        meeting = make_meeting(coop, "Surplus", record_date=day(1, 31))
        Meeting.convene([meeting])
        attend(meeting, Ana=True)
        Meeting.hold([Meeting(meeting.id)])
        resolution = vote(meeting, 1, (1, 0, 0), (0, 0, 0), (0, 0, 0))
        Meeting.close([Meeting(meeting.id)])
        book(coop.company, '5121', '120', 1000, day(12, 31, 2023))
        year, = FiscalYear.search([
                ('company', '=', coop.company.id),
                ('start_date', '=', day(1, 1, 2023))])
        surplus, = Surplus.create([{
                    'company': coop.company.id, 'fiscalyear': year.id,
                    'meeting': meeting.id, 'resolution': resolution.id,
                    'interest_rate': D('0.03')}])
        Surplus.post([surplus])
        pool.get('coop.share.interest.payment').create([{
                    'company': coop.company.id, 'surplus': surplus.id,
                    'date': day(7, 1)}])

    @with_transaction()
    def test_posted_over_rpc(self):
        "As every group and as none, nobody changes what is posted"
        User = Pool().get('res.user')
        coop = Coop()
        with coop.context():
            documents = self.posted(coop) + self.operations(coop)
            users = [coop.user(n, *groups) for n, groups in USERS.items()]
            for document in documents:
                for user in [*users, User(1), User(0)]:
                    self.refused(user, document)
                for context in CONTEXTS:
                    self.refused(users[-1], document, context)
            for document in documents:
                document = document.__class__(document.id)
                self.assertEqual(document.state, 'posted')
                self.assertIsNone(getattr(document, self.text(document)))

    def text(self, document):
        return (
            'description' if 'description' in document._fields
            else 'decision')

    def refused(self, user, document, context=None):
        name, ids = document.__name__, [document.id]
        text = self.text(document)
        for method, *args in [
                ('write', ids, {text: "x"}),
                ('write', ids, {'state': 'draft'}),
                ('write', ids, {
                        'move' if 'move' in document._fields
                        else 'movements': None}),
                ('delete', ids),
                ('import_data', ['id', text],
                    [[str(document.id), "x"]])]:
            with self.assertRaises(
                    AccessError, msg=f'{user.login} {method} {context}'):
                rpc(user, name, method, *args, context=context)

    @with_transaction()
    def test_posted_on_the_server(self):
        "Root without check of access neither"
        coop = Coop()
        with coop.context():
            for document in self.posted(coop) + self.operations(coop):
                Document = document.__class__
                text = self.text(document)
                for user in [0, 1]:
                    for check in [True, False]:
                        with Transaction().set_user(user), \
                                Transaction().set_context(
                                    _check_access=check):
                            with self.assertRaises(PostedError):
                                Document.write([document], {text: "x"})
                            with self.assertRaises(PostedError):
                                Document.delete([document])

    @with_transaction()
    def test_copy_over_rpc_is_a_draft(self):
        coop = Coop()
        with coop.context():
            user = coop.user('share', 'coop_shares.group_share_admin')
            for document in self.posted(coop):
                for default in [None, {'state': 'posted'}]:
                    ids = rpc(
                        user, document.__name__, 'copy', [document.id],
                        default)
                    copy = document.__class__(ids[0])
                    self.assertEqual(copy.state, 'draft')
                    self.assertIsNone(copy.move)
                with self.assertRaises(AccessError):
                    rpc(
                        user, document.__name__, 'copy', [document.id],
                        {'move': document.move.id})

    @with_transaction()
    def test_copy_of_operation_over_rpc(self):
        coop = Coop()
        with coop.context():
            user = coop.user('share', 'coop_shares.group_share_admin')
            for operation in self.operations(coop):
                name = operation.__name__
                ids = rpc(user, name, 'copy', [operation.id])
                copy = operation.__class__(ids[0])
                self.assertEqual(copy.state, 'draft')
                self.assertFalse(copy.movements)
                with self.assertRaises(AccessError), savepoint():
                    rpc(
                        user, name, 'copy', [operation.id],
                        {'state': 'posted'})

    @with_transaction()
    def test_share_user_operates(self):
        "Who keeps the register posts operations, and takes them back"
        coop = Coop()
        with coop.context():
            user = coop.user('share', 'coop_shares.group_share')
            for operation in reversed(self.operations(coop)):
                Operation, name = operation.__class__, operation.__name__
                if name == 'coop.share.exit':
                    coop.close_periods()
                    rpc(user, name, 'value', [operation.id])
                    self.assertTrue(Operation(operation.id).valued_on)
                    coop.reopen_periods()
                rpc(user, name, 'reverse', [operation.id])
                self.assertEqual(Operation(operation.id).state, 'reversed')
                ids = rpc(user, name, 'copy', [operation.id])
                rpc(user, name, 'post', ids)
                self.assertEqual(Operation(ids[0]).state, 'posted')
                rpc(user, name, 'reverse', ids)
            self.assertEqual(coop.discrepancies(), [])

    @with_transaction()
    def test_entry_over_rpc(self):
        "The accounting entry of a movement cannot be changed either"
        coop = Coop()
        with coop.context():
            user = coop.user('all', *USERS['all'])
            for document in self.posted(coop):
                move = document.move
                for name, method, *args in [
                        ('account.move', 'write', [move.id],
                            {'description': "x"}),
                        ('account.move', 'delete', [move.id]),
                        ('account.move.line', 'delete',
                            [move.lines[0].id])]:
                    with self.assertRaises(AccessError):
                        rpc(user, name, method, *args)

    @with_transaction()
    def test_share_user(self):
        "Who keeps the register enters, posts and admits"
        pool = Pool()
        Member = pool.get('coop.member')
        Movement = pool.get('coop.share.movement')
        coop = Coop()
        with coop.context():
            user = coop.user('share', 'coop_shares.group_share')
            id_, = rpc(user, 'coop.share.movement', 'create', [{
                        'company': coop.company.id, 'type': 'subscription',
                        'date': day(3, 15), 'member': coop.member().id,
                        'share_class': coop.share_class.id, 'quantity': 2,
                        'signed_on': day(3, 14)}])
            rpc(user, 'coop.share.movement', 'post', [id_])
            movement = Movement(id_)
            self.assertEqual(movement.state, 'posted')
            self.assertEqual(movement.posted_by, user)
            self.assertEqual(
                rpc(user, 'account.move', 'read',
                    [movement.move.id], ['number'])[0]['number'],
                movement.move.number)
            id_, = rpc(user, 'coop.member', 'create', [{
                        'company': coop.company.id,
                        'party': coop.party('Dan').id,
                        'admission_date': day(3, 1)}])
            rpc(user, 'coop.member', 'admit', [id_])
            self.assertEqual(Member(id_).number, '4')
            with self.assertRaises(AccessError):
                rpc(user, 'coop.member', 'write', [id_], {'number': '40'})
            for name, values in [
                    ('coop.share.class', {
                            'company': coop.company.id, 'code': 'B',
                            'name': "B"}),
                    ('coop.share.nominal', {
                            'share_class': coop.share_class.id,
                            'date': day(5, 1), 'nominal': D(30)}),
                    ('coop.member.category', {
                            'company': coop.company.id, 'code': 'B',
                            'name': "B"})]:
                with self.assertRaises(AccessError):
                    rpc(user, name, 'create', [values])
            nominal, = coop.share_class.nominals
            for button in ['post', 'reverse']:
                with self.assertRaises(AccessError):
                    rpc(user, 'coop.share.nominal', button, [nominal.id])

    @with_transaction()
    def test_administrator_of_shares(self):
        Nominal = Pool().get('coop.share.nominal')
        coop = Coop()
        with coop.context():
            user = coop.user('share_admin', 'coop_shares.group_share_admin')
            id_, = rpc(user, 'coop.share.nominal', 'create', [{
                        'share_class': coop.share_class.id,
                        'date': day(5, 1), 'nominal': D(30)}])
            rpc(user, 'coop.share.nominal', 'post', [id_])
            self.assertEqual(Nominal(id_).state, 'posted')
            with self.assertRaises(AccessError):
                rpc(user, 'coop.share.nominal', 'write', [id_],
                    {'nominal': D(31)})

    @with_transaction()
    def test_share_user_governs(self):
        "Who keeps the register admits, convenes, and pays the interest"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Interest = pool.get('coop.share.interest')
        Vote = pool.get('coop.meeting.vote')
        coop = Coop()
        with coop.context():
            user = coop.user('share', 'coop_shares.group_share')
            year, = FiscalYear.search([
                    ('company', '=', coop.company.id),
                    ('start_date', '=', day(1, 1, 2023))])
            book(coop.company, '5121', '120', 1000, day(12, 31, 2023))

            def create(name, **values):
                id_, = rpc(user, name, 'create', [
                        {'company': coop.company.id, **values}])
                return id_

            def click(name, id_, *buttons):
                for button in buttons:
                    rpc(user, name, button, [id_])
            request = create(
                'coop.share.subscription', party=coop.party('Dan').id,
                request_date=day(1, 5, 2023), quantity=5,
                share_class=coop.share_class.id,
                admission_date=day(1, 5, 2023), decision="Board")
            click('coop.share.subscription', request,
                'request', 'admit', 'subscribe')
            meeting = create(
                'coop.meeting', date=day(6, 14), record_date=day(6, 14),
                convocation_date=day(5, 1), resolutions=[
                    ('create', [{'number': 1, 'title': "Surplus"}])])
            click('coop.meeting', meeting, 'convene')
            elector, = rpc(user, 'coop.meeting.elector', 'search', [
                    ('meeting', '=', meeting)])
            rpc(user, 'coop.meeting.elector', 'write', [elector],
                {'attendance': 'present'})
            click('coop.meeting', meeting, 'hold')
            vote, = Vote.search([])
            rpc(user, 'coop.meeting.vote', 'write', [vote.id], {'for_': 1})
            click('coop.meeting', meeting, 'close')
            surplus = create(
                'coop.surplus', fiscalyear=year.id, meeting=meeting,
                resolution=vote.resolution.id, interest_rate=D('0.03'))
            click('coop.surplus', surplus, 'post')
            payment = create(
                'coop.share.interest.payment', surplus=surplus,
                date=day(7, 1))
            click('coop.share.interest.payment', payment, 'post')
            interest, = Interest.search([])
            self.assertEqual(interest.to_pay, D('2.08'))
            for name, id_ in [
                    ('coop.share.interest', interest.id),
                    ('coop.share.interest.payment', payment),
                    ('coop.surplus', surplus),
                    ('coop.meeting', meeting),
                    ('coop.share.subscription', request)]:
                for method, *args in [
                        ('write', [id_], {'company': coop.company.id}),
                        ('delete', [id_])]:
                    with self.assertRaises(UserError, msg=(name, method)):
                        with savepoint():
                            rpc(user, name, method, *args)
            click('coop.share.interest.payment', payment, 'reverse')
            click('coop.surplus', surplus, 'take_back')
            self.assertEqual(Interest.search([]), [])

    @with_transaction()
    def test_nobody_else_reads(self):
        coop = Coop()
        with coop.context():
            self.posted(coop)
            for login in ['none', 'accountant', 'administrator']:
                user = coop.user(login, *USERS[login])
                for name in MODELS:
                    with self.subTest(login=login, name=name):
                        with self.assertRaises(AccessError):
                            rpc(user, name, 'search_read', [], 0, None, None,
                                ['id'])

    @with_transaction()
    def test_companies_apart(self):
        "A user of one company sees and changes nothing of another"
        pool = Pool()
        coop, other = Coop(), Coop('Other')
        with other.context():
            self.posted(other)
            self.governance(other)
            self.operations(other)
        with coop.context():
            for name in ['share', 'share_admin']:
                user = coop.user(name, *USERS[name])
                for model in MODELS:
                    with self.subTest(name=name, model=model):
                        self.companies(
                            user, pool.get(model), coop.company)

    @with_transaction()
    def test_form_of_another_company(self):
        "What a form reckons is of a company of the user"
        coop, other = Coop(), Coop('Other')
        with other.context():
            self.posted(other)
        user = coop.user('share', *USERS['share'])
        with Transaction().set_user(user.id), coop.context():
            def capital(company):
                return call(
                    'coop.share.capital.context', 'on_change_with',
                    {'company': company.id, 'to_date': day(12, 31)},
                    ['capital'])['capital']
            self.assertEqual(capital(coop.company), 0)
            with self.assertRaises(AccessError):
                capital(other.company)

    @with_transaction()
    def test_reports_of_another_company(self):
        "A list is printed of a company of the user, whatever a client tells"
        coop, other = Coop(), Coop('Other')
        with other.context():
            self.posted(other)
        user = coop.user('share', *USERS['share'])
        with Transaction().set_user(user.id), coop.context():
            for name in ['coop.member.list', 'coop.share.register']:
                with self.subTest(name=name):
                    _, content, _, _ = call(
                        name, 'execute', [], {'company': coop.company.id},
                        kind='report')
                    self.assertTrue(content)
                    for context in [{}, {'company': other.company.id}]:
                        with Transaction().set_context(context), \
                                self.assertRaises(AccessError):
                            call(name, 'execute', [], {
                                    'company': other.company.id,
                                    }, kind='report')

    def companies(self, user, Model, company):
        found = rpc(
            user, Model.__name__, 'search', [],
            context={'company': company.id})
        self.assertLessEqual({
                r.company for r in Model.browse(found)}, {company})
        if Model.__name__ in READ:
            return
        with Transaction().set_context(_check_access=False):
            foreign = Model.search([('company', '!=', company.id)], limit=1)
        if Model.__name__ not in {'coop.share.nominal'}:
            self.assertTrue(foreign, Model.__name__)
        for record in foreign:
            for method, *args in [
                    ('read', [record.id], ['id', 'company']),
                    ('write', [record.id], {}),
                    ('delete', [record.id])]:
                # A refused deletion is remembered until the end
                with self.assertRaises(AccessError, msg=method), savepoint():
                    rpc(user, Model.__name__, method, *args)
