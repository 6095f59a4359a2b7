# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import io
import re
import unittest
import zipfile
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_shares.exceptions import PrintError
from trytond.modules.coop_shares.tests.test_meeting import (
    attend, make_meeting, vote)
from trytond.modules.coop_shares.tests.tools import (
    Coop, book, day, rpc, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction

D = Decimal


def text(document):
    "Return the text of a document, a line for each paragraph"
    _, content, _, _ = document
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        xml = archive.read('content.xml').decode()
    body = xml[xml.index('<office:body'):]
    body = re.sub(r'</text:(p|h)>', '\n', body)
    lines = (
        re.sub(r'<[^>]+>', '', line).strip() for line in body.splitlines())
    return [
        line.replace('\xa0', ' ').replace('\u202f', ' ')
        for line in lines if line]


class DocumentTestCase(unittest.TestCase):
    "What is printed"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def print(self, coop, name, records, **data):
        "Print as a user who keeps the shares, and return the text"
        pool = Pool()
        ActionReport = pool.get('ir.action.report')
        User = pool.get('res.user')
        Report = pool.get(name, type='report')
        action, = ActionReport.search([
                ('report_name', '=', name), ('extension', '=', '')])
        users = User.search([('login', '=', coop.name)])
        user = users[0] if users else coop.user(
            coop.name, 'coop_shares.group_share')
        ids = [r.id for r in records]
        with Transaction().set_user(user.id), \
                Transaction().set_context(_check_access=True):
            return text(Report.execute(ids, {
                        'ids': ids, 'id': ids[0] if ids else None,
                        'model': records[0].__name__ if records else None,
                        'action_id': action.id, **data}))

    def wizard(self, coop, document, members=(), **values):
        "Print as the wizard does"
        pool = Pool()
        Print = pool.get('coop.share.print', type='wizard')
        Member = pool.get('coop.member')
        session, start, _ = Print.create()
        result = Print.execute(session, {'start': {
                    'company': coop.company.id, 'document': document,
                    'members': [m.id for m in members],
                    'from_date': None, **values}}, 'choose')
        (action, data), = result['actions']
        return self.print(
            coop, action['report_name'], Member.browse(data.pop('ids', [])),
            **data)

    def assertPrints(self, lines, *expected):
        "Check that the lines hold the texts, in their order"
        rest = iter(lines)
        for value in expected:
            self.assertTrue(
                any(value in line for line in rest),
                f"{value!r} is not after the others in {lines}")

    @with_transaction()
    def test_subscription_form(self):
        Subscription = Pool().get('coop.share.subscription')
        coop = Coop()
        with coop.context():
            subscription, = Subscription.create([{
                        'company': coop.company.id,
                        'party': coop.party('Dan').id,
                        'request_date': day(2, 1), 'quantity': 5,
                        'share_class': coop.share_class.id,
                        'representative': coop.party('Bob').id,
                        'matrimonial_regime': 'community',
                        'spouse': coop.party('Cleo').id,
                        'spouse_told_on': day(1, 31),
                        'spouse_answer': 'waived',
                        'called': D(25)}])
            lines = self.print(
                coop, 'coop.share.subscription.form', [subscription])
            self.assertPrints(
                lines, "Coop",
                "Co-operative company of collective interest SARL "
                "with variable capital",
                "Subscription Form", "Coop Dan", "Coop Bob", "A shares", "5",
                "20.00", "100.00", "25.00", "Payment in money",
                "What is not paid now", "The Spouse", "Coop Cleo",
                "01/31/2024", "Gives the")
            coop.withhold(4, '2150')
            movement, = coop.convert(4)
            lines = self.print(coop, 'coop.share.movement.form', [movement])
            self.assertPrints(
                lines, "Coop Ana", "1", "20.00", "What was kept back",
                movement.number)
            self.assertNotIn("The Spouse", lines)

    @with_transaction()
    def test_certificate(self):
        "It tells the day, and whether the shares are paid"
        Configuration = Pool().get('coop.share.configuration')
        coop = Coop()
        with coop.context():
            ana = coop.member()
            coop.movement(5, day(2, 1))
            for name, value in [
                    ('legal_form', 'sa'), ('paying_up', 'later')]:
                Configuration(1).set_multivalue(
                    name, value, company=coop.company.id)
            half = coop.movement(2, day(3, 1), post=False)
            half.called = D(10)
            half.save()
            half.post([half])
            for date, expected in [
                    (day(2, 29), [
                        "Certificate of Shares", "02/29/2024", "Coop Ana",
                        "A shares", "5", "EUR20.00", "EUR100.00", "EUR100.00",
                        "EUR0.00", "fully paid up"]),
                    (day(3, 1), [
                        "03/01/2024", "7", "EUR140.00", "EUR100.00",
                        "EUR40.00",
                        "not fully paid up"])]:
                lines = self.wizard(coop, 'certificate', [ana], date=date)
                self.assertPrints(lines, *expected)

    @with_transaction()
    def test_member_list(self):
        "A leaver of 31 December is on it that day and gone the next"
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            Member.write([coop.member()], {'exit_date': day(12, 31)})
            for date, found in [
                    (day(12, 31), True), (day(1, 1, 2025), False)]:
                lines = self.wizard(coop, 'members', date=date)
                self.assertEqual("Coop Ana" in lines, found)
                self.assertIn("Coop Bob", lines)

    @with_transaction()
    def test_register(self):
        "R228-9: order number, date, holders, nominal, number, category"
        pool = Pool()
        Movement = pool.get('coop.share.movement')
        Transfer = pool.get('coop.share.transfer')
        coop = Coop()
        with coop.context():
            first = coop.movement(5, day(2, 1))
            wrong = coop.movement(3, day(2, 2), name='Bob')
            Movement.reverse([wrong])
            transfer, = Transfer.create([{
                        'company': coop.company.id,
                        'share_class': coop.share_class.id,
                        'date': day(3, 1), 'quantity': 2, 'kind': 'gift',
                        'decision_date': day(3, 1),
                        'member': coop.member().id,
                        'to_member': coop.member('Cleo').id}])
            Transfer.post([transfer])
            lines = self.wizard(coop, 'register', date=day(12, 31))
            self.assertPrints(
                lines, first.number, "02/01/2024", "Subscription",
                coop.member().rec_name, "5", "EUR20.00", "EUR100.00",
                "Reversal", "Reversal of number 2",
                "Transfer", coop.member().rec_name,
                coop.member('Cleo').rec_name, "Total", "5", "EUR100.00")
            lines = self.wizard(
                coop, 'register', date=day(12, 31), from_date=day(3, 1))
            self.assertNotIn("Subscription", lines)
            # Nothing of the other company
            other = Coop('Other')
            with other.context():
                lines = self.wizard(other, 'register', date=day(12, 31))
                self.assertNotIn("Subscription", lines)

    @with_transaction()
    def test_account(self):
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            coop.movement(2, day(4, 1))
            lines = self.wizard(
                coop, 'account', [coop.member()], date=day(12, 31),
                from_date=day(3, 1))
            self.assertPrints(
                lines, "Individual Account", coop.member().rec_name,
                "Opening", "5", "EUR100.00", "04/01/2024", "2", "EUR40.00",
                "7",
                "EUR140.00", "Closing", "7", "EUR140.00")

    @with_transaction()
    def test_meeting(self):
        Meeting = Pool().get('coop.meeting')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            coop.movement(2, day(2, 1), name='Bob')
            meeting = make_meeting(coop, "Accounts of 2023", "Interest")
            Meeting.convene([meeting])
            attend(meeting, Ana=True, Bob='Ana')
            meeting = Meeting(meeting.id)
            lines = self.print(coop, 'coop.meeting.convocation', [meeting])
            self.assertPrints(
                lines, "Coop Ana", "Convocation", "06/14/2024", "18:00",
                "Besançon", "1. Accounts of 2023", "2. Interest", "Proxy",
                "Coop Ana", "1 members at most", "Coop Bob", "Convocation")
            lines = self.print(coop, 'coop.meeting.attendance', [meeting])
            self.assertPrints(
                lines, "Attendance Sheet", "Coop Ana", "5", "Coop Bob", "2",
                coop.member().rec_name, "2", "Electors", "7")

    @with_transaction()
    def test_interest_statement(self):
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Meeting = pool.get('coop.meeting')
        Payment = pool.get('coop.share.interest.payment')
        Surplus = pool.get('coop.surplus')
        coop = Coop()
        with coop.context():
            coop.movement(75, day(1, 1, 2023))
            book(coop.company, '5121', '120', 1000, day(12, 31, 2023))
            meeting = make_meeting(coop, "Surplus")
            Meeting.convene([meeting])
            attend(meeting, Ana=True)
            Meeting.hold([Meeting(meeting.id)])
            resolution = vote(meeting, 1, (1, 0, 0))
            Meeting.close([Meeting(meeting.id)])
            year, = FiscalYear.search([
                    ('company', '=', coop.company.id),
                    ('start_date', '=', day(1, 1, 2023))])
            surplus, = Surplus.create([{
                        'company': coop.company.id, 'fiscalyear': year.id,
                        'meeting': meeting.id, 'resolution': resolution.id,
                        'interest_rate': D('0.03')}])
            Surplus.post([surplus])
            payment, = Payment.create([{
                        'company': coop.company.id, 'surplus': surplus.id,
                        'date': day(7, 1)}])
            Payment.post([payment])
            interest, = Payment(payment.id).interests
            self.assertPrints(
                self.print(
                    coop, 'coop.share.interest.statement', [interest]),
                "Coop Ana", "Interest on Shares", "EUR1,500.00", "3.0000 %",
                "EUR45.00", "-EUR5.76", "-EUR7.74", "EUR31.50", "07/01/2024")

    @with_transaction()
    def test_nobody(self):
        coop = Coop()
        with coop.context(), self.assertRaises(PrintError):
            self.wizard(coop, 'certificate', date=day(1, 1, 1990))

    @with_transaction()
    def test_access(self):
        "Who does not keep the shares prints none"
        pool = Pool()
        ActionReport = pool.get('ir.action.report')
        coop = Coop()
        with coop.context():
            coop.movement(5, day(2, 1))
            user = coop.user('accountant', 'account.group_account')
            for report in ActionReport.search([
                        ('report_name', 'like', 'coop.%')]):
                with Transaction().set_user(user.id):
                    Report = pool.get(report.report_name, type='report')
                    with self.assertRaises(AccessError):
                        Report.execute([coop.member().id], {
                                'action_id': report.id,
                                'model': 'coop.member'})
            keeper = coop.user('keeper', 'coop_shares.group_share')
            self.assertTrue(
                rpc(keeper, 'coop.member', 'read', [coop.member().id],
                    ['number']))
