# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What workers do besides the command line, each in transactions of its own
as a server runs them."""
import datetime as dt
from functools import partial

import tools.transaction
from trytond.exceptions import UserError
from trytond.pool import Pool
from trytond.transaction import Transaction

# As many times as the server tries; people try again as well
transact = partial(
    tools.transaction.transact, retry=200, _skip_warnings=True)


# The register of shares

def register(database):
    "Post the drafts, convert the savings, reverse the first movement"
    for function in [post_drafts, convert_savings, reverse_first]:
        transact(database, function)


def one_of_register(database, name):
    return accept(transact, database, globals()[name])


def accept(function, *args):
    "Return 1 and tell why if the user is refused"
    try:
        function(*args)
    except UserError as error:
        print(type(error).__name__, error.message)
        return 1


def _coop():
    from trytond.modules.coop_shares.tests.tools import Coop
    return Coop()


def post_drafts():
    Movement = Pool().get('coop.share.movement')
    coop = _coop()
    with coop.context():
        Movement.post(Movement.search([
                    ('company', '=', coop.company.id),
                    ('state', '=', 'draft'),
                    ], order=[('date', 'ASC'), ('id', 'ASC')]))


def convert_savings():
    Wizard = Pool().get('coop.share.convert_savings', type='wizard')
    coop = _coop()
    with Transaction().set_context(
            company=coop.company.id, companies=[coop.company.id]):
        session, _, _ = Wizard.create()
        Wizard.execute(session, {
                'start': {
                    'company': coop.company.id,
                    'date': dt.date(2024, 2, 29),
                    },
                }, 'convert')
        Wizard.delete(session)


def reverse_first():
    Movement = Pool().get('coop.share.movement')
    coop = _coop()
    with coop.context():
        first, = Movement.search([
                ('company', '=', coop.company.id), ('number', '=', '1')])
        if not first.reversed_by:
            Movement.reverse([first])


def check_register(database):
    "Tell what differs between the register and the ledger"
    def function():
        coop = _coop()
        found = coop.discrepancies()
        Movement = Pool().get('coop.share.movement')
        numbers = [
            m.number for m in Movement.search([
                    ('company', '=', coop.company.id),
                    ('state', '=', 'posted'),
                    ])]
        if numbers != [str(n) for n in range(1, len(numbers) + 1)]:
            found.append(numbers)
        return found
    found = transact(database, function)
    print(found)
    return len(found)


def subscribe(database, id_):
    "Subscribe what a request asks, and tell what refuses it"
    def function():
        Subscription = Pool().get('coop.share.subscription')
        request = Subscription(id_)
        with Transaction().set_context(
                company=request.company.id, companies=[request.company.id]):
            Subscription.subscribe([request])
    return accept(transact, database, function)


# The ledger

def sell(database, company, sales):
    "Post invoices of sales of activities, one by one"
    for code, day, amount in sales:
        transact(database, _sell, company, code, day, amount)


def _sell(company, code, day, amount):
    from trytond.modules.coop_cae.tests.invoicing import Invoicing
    invoicing = Invoicing(company)
    with invoicing.context():
        invoicing.invoice(
            ('706', amount, code), activity=code,
            date=dt.date.fromisoformat(day))


# The database of a release

def tell_figures(database, date):
    "Print what the reports tell at a date"
    import json

    from tools.release_database import figures
    print(json.dumps(transact(
                database, figures, dt.date.fromisoformat(date))))


def read_lists(database):
    """Read each list of ours as a client does, in each language, and print the
    name of a model"""
    for language in ['en', 'fr']:
        print(transact(database, _read_lists, language))


def _read_lists(language):
    from trytond.model import ModelStorage, ModelView
    pool = Pool()
    Company = pool.get('company.company')
    companies = [c.id for c in Company.search([])]
    with Transaction().set_context(
            language=language, company=companies[0], companies=companies):
        for name, Model in sorted(pool.iterobject()):
            if (name.startswith(('cae.', 'coop.'))
                    and issubclass(Model, ModelStorage)
                    and issubclass(Model, ModelView)):
                view = Model.fields_view_get(view_type='tree')
                fields = [
                    f for f in view['fields'] if not f.startswith('_')]
                Model.search_read(
                    [], limit=200, fields_names=['rec_name', *fields])
        return pool.get('ir.model').get_name('cae.close')
