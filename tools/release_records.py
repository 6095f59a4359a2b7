# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What people would enter besides files: a record of most kinds."""
import datetime as dt
from decimal import Decimal

from tools.transaction import transact
from trytond.modules.coop_cae.tests.invoicing import Invoicing
from trytond.pool import Pool

D = Decimal
COMPANY, PERSON, ACTIVITY = 'COOPILOTE', 'E0014', 'A0014'
# Who is no member yet
OTHER = 'E0003'


def enter(database):
    for function in [people, pay, shares, meeting, ledger, leaving]:
        transact(database, _in_company, function, _skip_warnings=True)


def _in_company(function):
    cae = Invoicing(COMPANY)
    with cae.context():
        function(cae)


def create(model, **values):
    record, = Pool().get(model).create([values])
    return record


def people(cae):
    pool = Pool()
    Contract = pool.get('cae.contract')
    Nir = pool.get('cae.nir')
    person = cae.person(PERSON)
    create(
        'cae.interview', entrepreneur=person.id, adviser=person.adviser.id,
        date=dt.date(2024, 9, 10), review="Activité stable.",
        prospects="Deux clients de plus.", actions="Relancer les devis.",
        support="Une formation.", signed_on=dt.date(2024, 9, 12))
    create(
        'cae.funder_fact', entrepreneur=person.id, date=dt.date(2024, 1, 1),
        status=person.prior_status.id, disability='no', training_level='5')
    Nir.create([{'entrepreneur': person.id, 'number': '278122505600125'}])
    contract, = Contract.search([
            ('entrepreneur', '=', person.id), ('type', '=', 'cesa')])
    create(
        'cae.contract.amendment', contract=contract.id,
        start_date=dt.date(2025, 1, 1))
    agreement = pool.get('cae.activity.agreement')(
        activity=cae.activity(ACTIVITY), start_date=dt.date(2025, 1, 1))
    agreement.on_change_activity()
    agreement.save()


def pay(cae):
    person, activity = cae.person(PERSON), cae.activity(ACTIVITY)
    create(
        'cae.pay.ratio', company=cae.company.id,
        start_date=dt.date(2024, 1, 1), employer_ratio=D('0.3'),
        employee_ratio=D('0.2178'), tax_ratio=D('0.02'))
    request = create(
        'cae.pay.request', company=cae.company.id, activity=activity.id,
        entrepreneur=person.id, period=cae.period(12).id, wanted='gross',
        amount=D('900.00'))
    request.request([request])
    create(
        'cae.contribution.exemption', company=cae.company.id,
        activity=cae.activity('A0003').id, start_date=dt.date(2024, 11, 1),
        end_date=dt.date(2024, 12, 31), reason="Démarrage")


def shares(cae):
    pool = Pool()
    Class = pool.get('coop.share.class')
    Subscription = pool.get('coop.share.subscription')
    person, other = cae.person(PERSON), cae.person(OTHER)
    class_, *_ = Class.search([('company', '=', cae.company.id)])
    campaign = create(
        'coop.share.campaign', company=cae.company.id, name="Automne",
        share_class=class_.id, start_date=dt.date(2024, 9, 1),
        end_date=dt.date(2024, 12, 31), ceiling=D('1000.00'))
    for number in range(3):
        request = create(
            'coop.share.subscription', company=cae.company.id,
            party=(other if number == 1 else person).party.id,
            request_date=dt.date(2024, 9, 2), share_class=class_.id,
            quantity=2, campaign=campaign.id)
        Subscription.request([request])
        if number < 2:
            request.admission_date = dt.date(2024, 9, 20)
            request.decision = "Conseil du 20/09/2024"
            request.save()
            Subscription.admit([request])
        if number < 1:
            _receive(cae, person, D('40.00'))
            Subscription.subscribe([request])
    member = request.member
    create(
        'coop.share.movement', company=cae.company.id, type='subscription',
        date=dt.date(2024, 11, 5), member=member.id, share_class=class_.id,
        quantity=1)


def _receive(cae, person, amount):
    "Be paid for shares to come"
    from trytond.modules.coop_ledger.entry import Entry, EntryLine
    Configuration = Pool().get('coop.share.configuration')
    account = Configuration(1).get_required(
        'subscription_account', cae.company)
    Pool().get('account.move').post_entries(cae.company, [Entry(
                journal=cae.setting('pay_journal').id,
                date=dt.date(2024, 9, 15), description="Souscription",
                lines=(
                    EntryLine(account=cae.account('5121').id, debit=amount),
                    EntryLine(
                        account=account.id, credit=amount,
                        party=person.party.id)))])


def meeting(cae):
    college, _ = (
        create(
            'coop.college', company=cae.company.id, code=name[0], name=name,
            weight=D('0.5'))
        for name in ["Salariés", "Bénéficiaires"])
    create(
        'coop.member.category', company=cae.company.id, code='AUTRE',
        name="Autres", kind='employee', college=college.id)
    create(
        'coop.meeting', company=cae.company.id, date=dt.date(2024, 12, 14),
        time=dt.time(18, 0), place="Besançon",
        record_date=dt.date(2024, 12, 1),
        convocation_date=dt.date(2024, 11, 25),
        resolutions=[('create', [{'number': 1, 'title': "Comptes"}])])


def ledger(cae):
    Invoice = Pool().get('account.invoice')
    invoice = cae.invoice(
        ('706', '1000.00', ACTIVITY), activity=ACTIVITY,
        date=dt.date(2024, 10, 21))
    draft, = Invoice.copy([invoice])
    assert draft.state == 'draft'
    line, = cae.owed(invoice)
    paid, = cae.pay(('4111', '-1200.00', invoice.party),
        date=dt.date(2024, 10, 28))
    cae.reconcile(line, paid)


def leaving(cae):
    Exit = Pool().get('cae.exit')
    Reason = Pool().get('cae.exit_reason')
    reason, *_ = Reason.search([])
    Exit(
        company=cae.company, entrepreneur=cae.person(OTHER),
        date=dt.date(2024, 12, 20), reason=reason).save()
