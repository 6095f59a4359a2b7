# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What answers to a user who is an entrepreneur only: theirs, and no more."""
import datetime as dt
import unittest
from contextlib import contextmanager
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.tests.tools import call
from trytond.modules.coop_cae.confinement import ASKED, CLIENT, OWN
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.modules.coop_shares.tests.tools import book
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, check_access

D = Decimal
COMPANIES = {'E1': 'COOP', 'E2': 'COOP', 'E3': 'OTHER'}
# What each may see of the models that are granted, as a path to who or what
# it is of; E1 and E2 run an activity together
ENTREPRENEUR = {
    'cae.entrepreneur': 'id',
    'cae.activity.entrepreneur': 'entrepreneur',
    'cae.activity.agreement.share': 'entrepreneur',
    'cae.contract': 'entrepreneur',
    'cae.contract.content': 'contract.entrepreneur',
    'cae.contract.amendment': 'contract.entrepreneur',
    'cae.payslip': 'entrepreneur',
    'cae.payslip.activity': 'payslip.entrepreneur',
    'cae.payslip.settlement': 'payslip.entrepreneur',
    'cae.settlement': 'entrepreneur',
    'cae.pay.request': 'entrepreneur',
    }
ACTIVITY = {
    'cae.activity': 'id',
    'cae.activity.agreement': 'activity',
    'cae.activity.statement': 'activity',
    'cae.activity.month': 'activity',
    'cae.activity.account': 'activity',
    'cae.activity.entry': 'activity',
    'cae.activity.open_item': 'activity',
    }
PARTY = {
    'coop.member': 'party',
    'coop.share.movement': 'member.party',
    'coop.share.withholding': 'party',
    'coop.share.commitment': 'party',
    'coop.share.holding': 'member.party',
    }
# The same for all of the company, or of all companies
SHARED = {
    'cae.adviser', 'cae.contract.clause', 'cae.exit_reason',
    'cae.prior_status', 'cae.site',
    'coop.member.category', 'coop.share.class', 'currency.currency',
    'account.fiscalyear', 'account.period', 'company.company'}
FORMS = {
    'cae.activity.figures.context', 'cae.activity.statement.context',
    'cae.pay.estimate.start'}
ACTIVITIES = {'E1': {'A1', 'A2'}, 'E2': {'A2'}, 'E3': {'A3'}}
WIZARDS = {
    'cae.activity.open_own', 'cae.activity.open_entries', 'cae.pay.estimate'}
# Nothing of these was entered
EMPTY = {'cae.payslip.settlement'}
WITHOUT_RECORD = {
    'autocomplete', 'create', 'default_get', 'default_rec_name',
    'export_data_domain', 'fields_get', 'fields_view_get', 'get_origin',
    'import_data', 'search', 'search_count', 'search_read',
    'view_toolbar_get'}
REPORTS = {'cae.activity.monthly_statement'}
OF = {**ENTREPRENEUR, **ACTIVITY, **PARTY}
FIGURES = {'figures_date': dt.date(2024, 12, 31)}


MEMBERS = b"""\
company;entrepreneur;category;admission_date;opening_shares
COOP;E2;employee;2024-01-02;0
OTHER;E3;employee;2024-01-02;0
"""


def live(config):
    "Let three people sell, be invoiced and paid, buy shares and request pay"
    TableImport = config.get_proxy('cae.table.import')
    TableImport.import_file('members.csv', MEMBERS, False, config.context)
    commit(_enter)


def _enter():
    pool = Pool()
    Entrepreneur = pool.get('cae.entrepreneur')
    Member = pool.get('coop.member')
    Movement = pool.get('coop.share.movement')
    Request = pool.get('cae.pay.request')
    ShareClass = pool.get('coop.share.class')
    for code, company in COMPANIES.items():
        cae = Invoicing(company)
        with cae.context(), Transaction().set_context(_skip_warnings=True):
            person = cae.person(code)
            for activity in sorted(ACTIVITIES[code]):
                cae.sell(dt.date(2024, 5, 10), '1000', activity=activity)
                cae.invoice(
                    ('706', '100', None), activity=activity,
                    date=dt.date(2024, 5, 11))
            activities = sorted(ACTIVITIES[code])
            cae.payslip(
                code, 5, '500', employee='50', employer='100',
                activities=activities)
            member, = Member.search([
                    ('party', '=', person.party.id),
                    ('company', '=', cae.company.id)])
            share_class, *_ = ShareClass.search([
                    ('company', '=', cae.company.id)])
            book(cae.company, '5121', '4563', 100, dt.date(2024, 1, 4),
                person.party)
            movement = Movement(
                company=cae.company, member=member,
                share_class=share_class, type='subscription', quantity=2,
                date=dt.date(2024, 1, 5))
            movement.save()
            Movement.post([movement])
            _write_documents(person, cae.activity(activities[0]))
            Request(
                company=cae.company, activity=cae.activity(activities[0]),
                entrepreneur=person, period=cae.period(6), wanted='gross',
                amount=D('700')).save()
    for company in ['COOP', 'OTHER']:
        cae = Cae(company)
        with cae.context(), Transaction().set_context(_skip_warnings=True):
            for month in range(1, 6):
                assert cae.close(month).close
            pool.get('cae.settlement').prepare(cae.period(12).fiscalyear)
    Entrepreneur.create_user(Entrepreneur.search([]))


def _write_documents(person, activity):
    "A draft of each document that people sign"
    pool = Pool()
    Agreement = pool.get('cae.activity.agreement')
    Amendment = pool.get('cae.contract.amendment')
    Contract = pool.get('cae.contract')
    Amendment(
        contract=person.contracts[-1], start_date=dt.date(2030, 1, 1)).save()
    Contract(
        entrepreneur=person, type='cape', start_date=dt.date(2030, 1, 1),
        end_date=dt.date(2030, 12, 31)).save()
    agreement = Agreement(activity=activity, start_date=dt.date(2030, 1, 1))
    agreement.on_change_activity()
    agreement.save()


class ConfinementTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)

    @contextmanager
    def user(self, code, *groups):
        "Work as the user that an entrepreneur is"
        pool = Pool()
        ModelData = pool.get('ir.model.data')
        User = pool.get('res.user')
        user = Cae(COMPANIES[code]).person(code).user
        if groups:
            User.write([user], {'groups': [('add', [
                            ModelData.get_id('coop_cae', f'group_cae_{g}')
                            for g in groups])]})
        with Transaction().set_user(user.id), \
                Transaction().set_context(User.get_preferences(True)), \
                check_access():
            yield user

    def all_ids(self, name):
        "Return the ids that there are, by who they are of"
        Model = Pool().get(name)
        found = {}
        for company in ['COOP', 'OTHER']:
            with Cae(company).context(), Transaction().set_context(FIGURES):
                for record in Model.search([]):
                    value = record
                    for field in OF[name].split('.'):
                        value = value.id if field == 'id' else getattr(
                            value, field)
                    found[record.id] = int(value)
        return found

    def own_ids(self, name, code):
        cae = Cae(COMPANIES[code])
        if name in ENTREPRENEUR:
            own = {cae.person(code).id}
        elif name in PARTY:
            own = {cae.person(code).party.id}
        else:
            own = {cae.activity(a).id for a in ACTIVITIES[code]}
        return {i for i, of in self.all_ids(name).items() if of in own}

    @with_transaction()
    def test_granted(self):
        "What is granted is told above, model by model"
        Access = Pool().get('ir.model.access')
        models = dict(Pool().iterobject())
        with self.user('E1'):
            granted = {
                m for m, a in Access.get_access(list(models)).items()
                if a['read'] and not m.startswith(('ir.', 'res.'))}
        self.assertEqual(granted, {*OF, *SHARED, *FORMS})

    @with_transaction()
    def test_own(self):
        "Each sees theirs, all of them and nothing else"
        for code in COMPANIES:
            for name in OF:
                everything = self.all_ids(name)
                own = self.own_ids(name, code)
                with self.user(code), self.subTest(model=name, user=code):
                    found = call(name, 'search', [], 0, None, None, **FIGURES)
                    self.assertEqual(set(found), own)
                    self.assertEqual(
                        len(call(name, 'read', list(own), ['id'], **FIGURES)),
                        len(own))
                    for other in everything.keys() - own:
                        with self.assertRaises(AccessError):
                            call(name, 'read', [other], ['id'], **FIGURES)

    @with_transaction()
    def test_all_are_there(self):
        "None of the models is seen because it is empty"
        for name in OF.keys() - EMPTY:
            for code in COMPANIES:
                with self.subTest(model=name, user=code):
                    self.assertTrue(self.own_ids(name, code))

    @with_transaction()
    def test_others_do_not_answer(self):
        "No method of a granted model works on the records of others"
        for name in OF.keys() - EMPTY:
            Model = Pool().get(name)
            other = min(self.all_ids(name).keys() - self.own_ids(name, 'E1'))
            for method in Model.__rpc__:
                arguments = self.arguments(Model, method, other)
                if arguments is None:
                    continue
                errors = {
                    'history_revisions': ValueError,
                    'write': (AccessError, NotImplementedError),
                    }
                with self.user('E1'), \
                        self.subTest(model=name, method=method), \
                        self.assertRaises(errors.get(method, AccessError)):
                    call(name, method, *arguments, **FIGURES)

    def arguments(self, Model, method, id):
        "Return with what to call a method on a record, None if it takes none"
        if method in WITHOUT_RECORD:
            return None
        elif method == 'write':
            return [[id], {}]
        elif method in {'read', 'export_data'}:
            return [[id], ['id']]
        elif (method in {'delete', 'copy', 'history_revisions'}
                or method in Model._buttons):
            return [[id]]
        elif method in {'on_change', 'on_change_with'}:
            return [id, [
                    n for n in Model._fields
                    if getattr(Model, f'{method}_{n}', None)]]
        elif method == 'on_scan_code':
            return [id, 'code']
        elif (method.startswith('on_change')
                or method in {'pre_validate', 'resources'}):
            return [id]
        self.fail(f"What is {Model.__name__}.{method}?")

    @with_transaction()
    def test_values_of_others(self):
        "Nor does it with the id of another among the values of a new record"
        pool = Pool()
        Line = pool.get('cae.payslip.activity')
        person = Cae().person('E2').id
        payslip = min(
            self.all_ids('cae.payslip').keys()
            - self.own_ids('cae.payslip', 'E1'))
        with self.user('E1'):
            for name in ['cae.payslip', 'cae.pay.request', 'cae.settlement']:
                with self.subTest(model=name), \
                        self.assertRaises(AccessError):
                    call(
                        name, 'on_change', {'entrepreneur': person},
                        ['entrepreneur'])
            with self.assertRaises(AccessError):
                call(
                    Line.__name__, 'on_change_with_company',
                    {'_parent_payslip.id': payslip, 'payslip': payslip})

    @with_transaction()
    def test_nothing_else_answers(self):
        "No method of the models that are not granted is ever entered"
        Access = Pool().get('ir.model.access')
        with self.user('E1'):
            for name, Model in list(Pool().iterobject()):
                if name in {*OF, *SHARED, *FORMS, *CLIENT, *OWN}:
                    continue
                if not name.startswith(('ir.', 'res.')):
                    with self.subTest(model=name):
                        self.assertFalse(
                            Access.check(name, raise_exception=False))
                for method, rpc in Model.__rpc__.items():
                    if method in ASKED.get(name, set()):
                        continue
                    with self.subTest(model=name, method=method), \
                            self.assertRaises(AccessError):
                        rpc.decorate(getattr(Model, method))()

    @with_transaction()
    def test_client(self):
        "Of the models of Tryton itself they write only their own settings"
        Access = Pool().get('ir.model.access')
        others = [1, Cae().person('E2').user.id]
        with self.user('E1') as user:
            for name in CLIENT:
                access = Access.get_access([name])[name]
                self.assertFalse(
                    access['write'] or access['create'] or access['delete'],
                    msg=name)
            for other in others:
                with self.assertRaises(AccessError):
                    call('res.user', 'read', [other], ['login'])
            call('res.user', 'set_preferences', {'signature': "Ana"})
            self.assertEqual(
                call('res.user', 'get_preferences', False)['signature'],
                "Ana")
        self.assertEqual(user.__class__(user.id).signature, "Ana")

    @with_transaction()
    def test_resources(self):
        "What is attached to their records is seen, and notes are not"
        pool = Pool()
        Attachment = pool.get('ir.attachment')
        Note = pool.get('ir.note')
        Payslip = pool.get('cae.payslip')
        attached = {}
        for payslip in Payslip.search([]):
            attachment = Attachment(
                name=str(payslip), resource=payslip, data=b'...')
            attachment.save()
            attached[payslip.id] = attachment.id
            Note(message="Entre nous", resource=payslip).save()
        own = self.own_ids('cae.payslip', 'E1')
        with self.user('E1'):
            self.assertEqual(
                call('ir.note', 'search', [], 0, None, None), [])
            call('cae.payslip', 'resources', min(own))
            self.assertEqual(
                set(call('ir.attachment', 'search', [], 0, None, None)),
                {attached[i] for i in own})
            for payslip in attached.keys() - own:
                with self.assertRaises(AccessError):
                    call(
                        'ir.attachment', 'read', [attached[payslip]], ['data'])

    @with_transaction()
    def test_searched(self):
        "A search does not tell what a read would not"
        refused = [
            ('cae.activity', 'analytic_account.code', '!=', None),
            ('cae.activity', 'entrepreneurs.entrepreneur.party.name',
                '!=', None),
            ('cae.activity.entry', 'account.balance', '!=', None),
            ('cae.activity.entry', 'move_line.party.name', '!=', None),
            ('cae.activity.open_item', 'party.name', '!=', None),
            ('cae.payslip', 'entrepreneur.user.login', '!=', None),
            ('coop.member', 'party.identifiers.code', '!=', None),
            ('coop.share.movement', 'origin.period', '!=', None, 'cae.close'),
            ]
        with self.user('E1'):
            for model, *clause in refused:
                clause = tuple(clause)
                for method, arguments in [
                        ('search', [[clause], 0, None, None]),
                        ('search', [['OR', [clause], []], 0, None, None]),
                        ('search', [clause, 0, None, None]),
                        ('search_count', [[list(clause)]]),
                        ('search_read', [[clause], 0, None, None, ['id']]),
                        ('export_data_domain', [[clause], ['id']]),
                        ('autocomplete', ['', [clause]])]:
                    with self.subTest(method=method, clause=clause), \
                            self.assertRaises(AccessError):
                        call(model, method, *arguments)
            for model, name, *_ in refused[:-1]:
                with self.subTest(order=name), \
                        self.assertRaises(AccessError):
                    call(model, 'search', [], 0, None, [(name, 'ASC')])
            self.assertTrue(call('cae.activity.entry', 'search', [
                        ('activity.site.name', '=', "Besançon"),
                        ('activity.rec_name', 'ilike', '%A1%'),
                        ], 0, None, None))

    @with_transaction()
    def test_searched_by_several(self):
        "Of those who share an activity, a search knows the one who asks"
        pool = Pool()
        activity = Cae().activity('A2').id
        spellings = [
            ('cae.activity', lambda c: (
                    'entrepreneurs.entrepreneur.code', *c)),
            ('cae.activity', lambda c: (
                    'entrepreneurs', 'where', [('entrepreneur.code', *c)])),
            ('cae.activity', lambda c: (
                    'entrepreneurs', 'where', [
                        ('entrepreneur', 'where', [('code', *c)])])),
            ('cae.activity.entry', lambda c: (
                    'activity.entrepreneurs.entrepreneur.code', *c)),
            ('cae.activity.entry', lambda c: (
                    'activity', 'where', [
                        ('entrepreneurs.entrepreneur.code', *c)])),
            ]
        for name, spell in spellings:
            domain = [('id', '=', activity)]
            if name != 'cae.activity':
                domain = [('activity', '=', activity)]
            with self.subTest(name=name, clause=spell('?')):
                self.assertTrue(pool.get(name).search(
                        [*domain, spell(('=', 'E2'))]))
                with self.user('E1'):
                    self.assertEqual(self.count(
                            name, [*domain, spell(('=', 'E2'))]), 0)
                    self.assertEqual(self.count(
                            name, [*domain, spell(('!=', 'E1'))]), 0)
                    self.assertTrue(self.count(
                            name, [*domain, spell(('=', 'E1'))]))

    def count(self, name, domain):
        return call(name, 'search_count', domain)

    @with_transaction()
    def test_paths(self):
        "Nor does what is read or exported by a path to several records"
        activity = Cae().activity('A2').id
        for name in ['code', 'contracts/fixed_part']:
            with self.user('E1'), self.subTest(export=name), \
                    self.assertRaises(AccessError):
                call(
                    'cae.activity', 'export_data', [activity],
                    [f'entrepreneurs/entrepreneur/{name}'])
        with self.user('E1'):
            values, = call('cae.activity', 'read', [activity], [
                    'entrepreneurs', 'entrepreneurs.entrepreneur'])
        self.assertEqual(
            [p['entrepreneur'] for p in values['entrepreneurs.']],
            [Cae().person('E1').id])

    @with_transaction()
    def test_views(self):
        "Whatever the views show is read, with the names of what it relates to"
        View = Pool().get('ir.ui.view')
        for code in COMPANIES:
            for view in View.search([
                        ('model', 'in', list(OF)),
                        ('inherit', '=', None),
                        ]):
                own = sorted(self.own_ids(view.model, code))
                with self.user(code), \
                        self.subTest(view=view.rec_name, user=code):
                    shown = call(view.model, 'fields_view_get', view.id)
                    values = call(
                        view.model, 'read', own, [
                            name for f, d in shown['fields'].items()
                            for name in self.told(f, d)], **FIGURES)
                    self.assertEqual(len(values), len(own))
                    call(view.model, 'view_toolbar_get')
                    for name, definition in shown['fields'].items():
                        if definition['type'] in {'one2many', 'many2many'}:
                            call(
                                definition['relation'], 'read',
                                [i for v in values for i in v[name]], ['id'],
                                **FIGURES)

    def told(self, name, definition):
        "Return what a client reads for a field of a view"
        if definition['type'] == 'many2one':
            return [name, f'{name}.rec_name']
        return [name]

    @with_transaction()
    def test_wizards(self):
        "They start the wizards that are theirs, and no other"
        pool = Pool()
        with self.user('E1'):
            for name, Wizard in list(pool.iterobject(type='wizard')):
                if name in WIZARDS:
                    session, _, _ = Wizard.create()
                    Wizard.delete(session)
                    continue
                with self.subTest(wizard=name):
                    with self.assertRaises(AccessError):
                        Wizard.create()
                    with self.assertRaises(AccessError):
                        Wizard.execute(1, {}, Wizard.start_state)

    @with_transaction()
    def test_estimate(self):
        "They ask what they can pay themselves, and request nothing"
        pool = Pool()
        Estimate = pool.get('cae.pay.estimate', type='wizard')
        Start = pool.get('cae.pay.estimate.start')
        cae = Cae()
        activity, person, other = (
            cae.activity('A2').id, cae.person('E1').id, cae.person('E2').id)
        values = {
            **dict.fromkeys(Start._fields), 'company': cae.company.id,
            'source': 'future', 'date': dt.date(2024, 12, 31),
            'activity': activity}
        with self.user('E1'):
            changed = call(
                'cae.pay.estimate.start', 'on_change', values, ['activity'])
            self.assertEqual(changed['entrepreneur'], person)
            self.assertGreater(changed['gross'], 0)
            with self.assertRaises(AccessError):
                call('cae.pay.estimate.start', 'on_change', {
                        **values, 'entrepreneur': other}, ['entrepreneur'])
            session, _, _ = Estimate.create()
            with Transaction().set_context(_check_access=False):
                view = Estimate.execute(session, {}, 'start')['view']
                self.assertNotIn('activity', view['defaults'])
                with self.assertRaises(AccessError):
                    Estimate.execute(session, {'start': {
                                **values, 'entrepreneur': person,
                                'wanted': 'gross',
                                'wanted_amount': D('100')}}, 'request')
        with self.user('E2'):
            session, _, _ = Estimate.create()
            with Transaction().set_context(_check_access=False):
                view = Estimate.execute(session, {}, 'start')['view']
            self.assertEqual(view['defaults']['activity'], activity)
            self.assertEqual(view['defaults']['entrepreneur'], other)

    @with_transaction()
    def test_reports(self):
        "They print the reports that are theirs, and no other"
        pool = Pool()
        Action = pool.get('ir.action.report')
        actions = Action.search([('extension', '!=', 'pdf')])
        own = Cae().activity('A1').id
        other = Cae('OTHER').activity('A3').id
        printed = set()
        with self.user('E1'):
            for action in actions:
                Report = pool.get(action.report_name, type='report')
                data = {'action_id': action.id}
                with self.subTest(report=action.report_name), \
                        self.assertRaises(AccessError):
                    Report.execute([other], data)
                if action.model == 'cae.activity':
                    printed.add(action.report_name)
                    self.assertTrue(Report.execute([own], data))
        self.assertEqual(printed, REPORTS)

    @with_transaction()
    def test_menu(self):
        "They have no other menu than theirs"
        pool = Pool()
        Menu = pool.get('ir.ui.menu')
        with self.user('E1'):
            names = {
                Menu(m).complete_name
                for m in call('ir.ui.menu', 'search', [], 0, None, None)}
        self.assertTrue(names)
        self.assertEqual(
            {n.split(' / ')[0] for n in names}, {"My Activity"})

    @with_transaction()
    def test_windows(self):
        "Every window opens that menus and records lead them to"
        with self.user('E1'):
            windows = {
                (action['res_model'], action['context_model'])
                for keyword, records in [
                    ('tree_open', [
                            ('ir.ui.menu', i) for i in call(
                                'ir.ui.menu', 'search', [], 0, None, None)]),
                    ('form_relate', [(name, -1) for name in OF])]
                for record in records
                for action in call(
                    'ir.action.keyword', 'get_keyword', keyword, record)
                if action['type'] == 'ir.action.act_window'}
            self.assertIn(
                ('cae.activity.statement', 'cae.activity.statement.context'),
                windows)
            for name, context_model in sorted(windows, key=str):
                with self.subTest(window=name, context=context_model):
                    for model in filter(None, [name, context_model]):
                        for kind in ['form', 'tree']:
                            shown = call(
                                model, 'fields_view_get', None, kind)
                            if context_model == model:
                                call(model, 'default_get',
                                    list(shown['fields']))
                    call(name, 'search_count', [])

    @with_transaction()
    def test_home(self):
        "Home is their activity, or the list when they run several"
        pool = Pool()
        Action = pool.get('ir.action')
        Open = pool.get('cae.activity.open_own', type='wizard')
        for code, activities in ACTIVITIES.items():
            cae = Cae(COMPANIES[code])
            ids = [cae.activity(a).id for a in activities]
            with self.user(code):
                self.assertEqual(
                    [Action(a).name for a in call(
                            'res.user', 'get_preferences', False)['actions']],
                    ["My Activity"])
                session, _, _ = Open.create()
                result = Open.execute(session, {}, 'open_')
                (action, data), = result['actions']
                self.assertEqual(action['res_model'], 'cae.activity')
                if len(ids) == 1:
                    self.assertEqual(data['res_id'], ids)
                    self.assertEqual(action['views'][0][1], 'form')
                else:
                    self.assertNotIn('res_id', data)
                    self.assertEqual(action['views'][0][1], 'tree')

    @with_transaction()
    def test_staff(self):
        "Who is of the staff too sees what the staff does, and their own pay"
        pool = Pool()
        Access = pool.get('ir.model.access')
        Activity = pool.get('cae.activity')
        Payslip = pool.get('cae.payslip')
        own = {name: self.own_ids(name, 'E1') for name in OF}
        pool.get('ir.note')(
            message="Entre nous", resource=Cae().activity('A1')).save()
        with self.user('E1', 'adviser'):
            self.assertEqual(
                {a.code for a in Activity.search([])}, {'A1', 'A2'})
            self.assertTrue(Access.check('party.party'))
            for name in ['cae.payslip', 'coop.member', 'cae.payslip.activity']:
                self.assertEqual(
                    set(call(name, 'search', [], 0, None, None)), own[name])
            self.assertTrue(call('ir.note', 'search', [], 0, None, None))
        with self.user('E2', 'accountant'):
            self.assertEqual(len(Payslip.search([])), 2)

    @with_transaction()
    def test_no_longer(self):
        "A user who is not an entrepreneur any more sees nothing"
        Entrepreneur = Pool().get('cae.entrepreneur')
        person = Cae().person('E1')
        with self.user('E1'):
            self.assertTrue(
                call('cae.activity', 'search', [], 0, None, None))
        user = person.user
        Entrepreneur.write([person], {'user': None})
        with Transaction().set_user(user.id), \
                Transaction().set_context(user.get_preferences(True)):
            for name in OF:
                self.assertEqual(
                    call(name, 'search', [], 0, None, None, **FIGURES), [])

    @with_transaction()
    def test_described(self):
        "On an activity of two, the entries of the pay name neither"
        Entry = Pool().get('cae.activity.entry')
        cae = Cae()
        told = {}
        for code in ['A1', 'A2']:
            activity = cae.activity(code).id
            with self.user('E1'):
                told[code] = {
                    e.account_name[:2] for e in Entry.search([
                            ('activity', '=', activity)])
                    if e.description}
        self.assertLess({'64', '70'}, told['A1'])
        self.assertIn('70', told['A2'])
        self.assertFalse({'64', '42', '43'} & told['A2'])
