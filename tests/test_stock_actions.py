# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tryton's own buttons and wizards work on what our modules extend.

Each is pressed on a record of each kind, drafts as well as posted ones, and
ends in what it is made for, or in a message for people.
"""
import datetime as dt
import unittest
from collections import Counter
from decimal import Decimal
from unittest.mock import patch

from trytond.exceptions import UserError, UserWarning
from trytond.modules.coop_cae.check import discrepancies
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.modules.coop_cae.tests.test_confinement import live
from trytond.modules.coop_cae.tests.tools import Cae, commit, set_up_cae
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction, TransactionError

OURS = 'trytond.modules.coop_'
STEPS = 3
DAY = dt.date(2024, 12, 31)
# What they open or write has nothing to do with what we extend
LEFT_OUT = {
    'ir.cron': "sends and cleans in the background",
    'party.check_vies': "asks a server of others",
    }
# What the check tells after an action that undoes what a close booked
SEEN = {'account.move.cancel/cancel': {'contribution_due'}}
CHOICES = {
    'account.move.line.reschedule.start.interval': 1,
    'account.move.line.reschedule.start.number': 2,
    'account.move.line.reschedule.start.start_date': DAY,
    }
GUESSES = {
    'char': 'x', 'text': 'x', 'integer': 2, 'float': 1.0,
    'numeric': Decimal(1), 'date': DAY, 'boolean': False}


def is_stock(class_):
    return not class_.__module__.startswith(OURS)


def definers(Model):
    "Return the classes that say what the model is, the first one last"
    return [
        c for c in Model.__mro__
        if vars(c).get('__name__') == Model.__name__
        and c is not Model
        and c.__module__.startswith(
            ('trytond.modules.', 'trytond.ir.', 'trytond.res.'))]


def extended():
    "Return the models of Tryton that our modules extend"
    for name, Model in Pool().iterobject('model'):
        classes = definers(Model)
        if (classes and is_stock(classes[-1])
                and not all(map(is_stock, classes))
                and name not in LEFT_OUT):
            yield Model


def kind(record):
    "Return what actions make a difference by"
    found = [
        getattr(record, name, None)
        for name in ['state', 'move_state', 'type', 'kind']]
    if record.__name__ == 'account.move.line':
        type_ = record.account.type
        found += [
            type_.receivable, type_.payable, type_.statement,
            bool(record.reconciliation), bool(record.analytic_lines)]
    if record.__name__ == 'account.move':
        found.append(record.origin.__name__ if record.origin else None)
    return repr([f for f in found if isinstance(f, (str, bool, type(None)))])


def samples(Model):
    "Return a record of each kind"
    found = {}
    for record in Model.search([], order=[('id', 'ASC')]):
        found.setdefault(kind(record), record)
    return found.values()


class Pressing:
    "What came of what was pressed, all of which is taken back"

    def __init__(self, company):
        self.company = company
        self.done, self.refused, self.failed = Counter(), {}, []

    def press(self, name, record, function):
        extras = {}
        while True:
            with Transaction().start(
                    DB_NAME, 1, context={
                        'company': self.company, 'companies': [self.company],
                        '_skip_warnings': True},
                    **extras) as transaction:
                try:
                    result = function()
                    company = Pool().get('company.company')(self.company)
                    if found := [
                            d for d in discrepancies(company, DAY)
                            if d.check not in SEEN.get(name, ())]:
                        self.failed.append((name, record, *found))
                except TransactionError as error:
                    error.fix(extras)
                    continue
                except (UserError, UserWarning) as error:
                    self.refused.setdefault(name, set()).add(error.message)
                except Exception as error:
                    self.failed.append((name, record, repr(error)))
                else:
                    self.done[name] += 1
                    return result
                finally:
                    transaction.rollback()
                return None

    def wizard(self, Wizard, records):
        "Go all the ways through a wizard that are not too long"
        paths = [()]
        while paths:
            path = paths.pop()
            name = '/'.join([Wizard.__name__, *path])
            view = self.press(
                name, records and str(records[0]),
                lambda: run(Wizard, records, path))
            if view and len(path) < STEPS:
                paths.extend(
                    (*path, button['state']) for button in view['buttons']
                    if button['state'] != Wizard.end_state)


def run(Wizard, records, path):
    """Press the buttons of a path, and return the last view"""
    context = {}
    if records:
        context.update(
            active_model=records[0].__name__, active_id=records[0].id,
            active_ids=[r.id for r in records])
    with Transaction().set_context(context):
        session, start, end = Wizard.create()
        data = {}
        for state in [start, *path]:
            view = Wizard.execute(session, data, state).get('view')
            if view:
                data[view['state']] = filled(view)
        if not view:
            Wizard.delete(session)
        return view


def filled(view):
    "Return what a client sends of a form whose fields are filled"
    defaults = view['defaults']
    Model = Pool().get(view['fields_view']['model'])
    values = {}
    for name, definition in view['fields_view']['fields'].items():
        value = defaults.get(name)
        if isinstance(value, (list, tuple)):
            value = [
                {k: v for k, v in row.items() if '.' not in k}
                if isinstance(row, dict) else row for row in value]
        elif value is None:
            value = CHOICES.get(f'{Model.__name__}.{name}')
            if value is None and definition.get('required'):
                value = guess(Model, name, definition)
        if value is not None:
            values[name] = value
    return values


def guess(Model, name, definition):
    if definition['type'] == 'many2one':
        Target = Pool().get(definition['relation'])
        domain = [('company', '=', Transaction().context.get('company'))] \
            if 'company' in Target._fields else []
        found = Target.search(domain, limit=1)
        return found[0].id if found else None
    if definition['type'] == 'selection':
        selection = definition['selection']
        if isinstance(selection, str):
            selection = getattr(Model, selection)()
        return next((value for value, _ in selection if value), None)
    return GUESSES.get(definition['type'])


def _enter():
    "What the others have not entered: drafts, a paid invoice, a credit note"
    pool = Pool()
    Invoice = pool.get('account.invoice')
    Line = pool.get('account.move.line')
    Move = pool.get('account.move')
    cae = Invoicing()
    with cae.context(), Transaction().set_context(_skip_warnings=True):
        cae.method()
        party = cae.third_party()
        open_, _, paid, credited = [
            cae.invoice(('706', '100', None), date=DAY, party=party)
            for _ in range(4)]
        received, = cae.pay(
            ('4111', -paid.total_amount, paid.party), activity='A1')
        Line.reconcile([received, *paid.lines_to_pay])
        Invoice.post(Invoice.credit([credited]))
        for state in ['draft', 'validated']:
            invoice, = Invoice.copy([open_])
            invoice.invoice_date = DAY
            invoice.save()
            if state == 'validated':
                Invoice.validate_invoice([invoice])
        draft, = Move.copy([open_.move], {'origin': None})


class StockActionsTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae, live)
        patcher = patch('trytond.ir.date.Date.today', lambda *a, **k: DAY)
        patcher.start()
        cls.addClassCleanup(patcher.stop)
        commit(_enter)
        with Transaction().start(DB_NAME, 1):
            cls.company = Cae().company.id

    def reading(self):
        return Transaction().start(
            DB_NAME, 1, context={
                'company': self.company, 'companies': [self.company]})

    def test_buttons(self):
        "Each button does its work or tells people why not"
        pressing = Pressing(self.company)
        with self.reading():
            presses = [
                (Model, name, record.id)
                for Model in extended()
                for name in sorted(getattr(Model, '_buttons', ()))
                if any(
                    name in vars(c) for c in definers(Model) if is_stock(c))
                for record in samples(Model)]
        for Model, name, id_ in presses:
            pressing.press(
                f'{Model.__name__}.{name}', f'{Model.__name__},{id_}',
                lambda: getattr(Model, name)(Model.browse([id_])))
        self.assertEqual(pressing.failed, [])
        self.assertLessEqual({
                f'account.{name}' for name in [
                    'fiscalyear.create_periods', 'fiscalyear.lock_',
                    'invoice.cancel', 'invoice.delegate_lines_to_pay',
                    'invoice.draft', 'invoice.pay', 'invoice.post',
                    'invoice.process', 'invoice.reschedule_lines_to_pay',
                    'invoice.validate_invoice', 'move.post',
                    'move.line.apply_analytic_rules', 'period.close',
                    'period.lock_']},
            pressing.done.keys())

    def test_wizards(self):
        "Each wizard comes to an end, or tells people why not"
        pressing = Pressing(self.company)
        for Wizard, records in self.wizards():
            pressing.wizard(Wizard, records)
        self.assertEqual(pressing.failed, [])
        self.assertLessEqual({
                f'account.{name}' for name in [
                    'account.open_type', 'invoice.credit/credit',
                    'invoice.lines_to_pay.delegate',
                    'invoice.lines_to_pay.reschedule', 'invoice.pay/choice',
                    'move.cancel/cancel', 'move.line.delegate/delegate',
                    'move.line.group/group',
                    'move.line.reschedule/preview/reschedule',
                    'move.open_account', 'move.reconcile_lines',
                    'move.unreconcile_lines']},
            pressing.done.keys())

    def wizards(self):
        "Return Tryton's wizards with what each is to work on"
        found = []
        with self.reading():
            pool = Pool()
            names = {Model.__name__ for Model in extended()}
            for action in pool.get('ir.action.wizard').search([]):
                Wizard = pool.get(action.wiz_name, type='wizard')
                models = {action.model, *(
                        str(k.model).partition(',')[0]
                        for k in action.keywords)}
                if not is_stock(definers(Wizard)[-1]) or (
                        action.wiz_name in LEFT_OUT):
                    continue
                for model in sorted(filter(None, models & names)):
                    found.extend(
                        (Wizard, records)
                        for records in choices(pool.get(model)))
        return found


def choices(Model):
    """Return what people would choose: a record of each kind, and the lines of
    a party that are of the same kind"""
    found = [[record] for record in samples(Model)]
    if Model.__name__ == 'account.move.line':
        groups = {}
        for line in Model.search([('party', '!=', None)]):
            groups.setdefault(
                (kind(line), line.party, line.account), []).append(line)
        largest = {}
        for (kind_, _, _), lines in sorted(
                groups.items(), key=lambda g: len(g[1])):
            largest[kind_] = lines
        found.extend(g for g in largest.values() if len(g) > 1)
    return found
