# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import datetime as dt
import unittest
from decimal import Decimal

from trytond.model.exceptions import AccessError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.alerts import alerts
from trytond.modules.coop_shares.exceptions import CollegeError, MeetingError
from trytond.modules.coop_shares.tests.test_category import make_categories
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, rpc, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

D = Decimal


def make_colleges(coop, **weights):
    College = Pool().get('coop.college')
    return dict(zip(weights, College.create([{
                        'company': coop.company.id, 'code': code,
                        'name': code, 'weight': D(weight)}
                    for code, weight in weights.items()])))


def make_meeting(coop, *titles, **values):
    "Return a meeting with its resolutions"
    Meeting = Pool().get('coop.meeting')
    meeting, = Meeting.create([{
                'company': coop.company.id,
                'date': day(6, 14), 'time': dt.time(18, 0),
                'place': "Besançon",
                'record_date': day(6, 1),
                'convocation_date': day(5, 30),
                'resolutions': [('create', [
                            {'number': number, 'title': title}
                            for number, title in enumerate(titles, 1)])],
                **values}])
    return meeting


def attend(meeting, **attendance):
    "Enter who is present, or the name of the proxy, by first name"
    Elector = Pool().get('coop.meeting.elector')
    electors = {
        e.member.party.name.split()[-1]: e
        for e in Elector.search([('meeting', '=', meeting.id)])}
    for name, proxy in attendance.items():
        if proxy is True:
            Elector.write([electors[name]], {'attendance': 'present'})
    for name, proxy in attendance.items():
        if proxy is not True:
            Elector.write([electors[name]], {
                    'attendance': 'represented',
                    'proxy': electors[proxy].id})


def vote(meeting, number, *counts):
    "Enter the votes by college, or of all, and return the resolution"
    Vote = Pool().get('coop.meeting.vote')
    votes = Vote.search([
            ('resolution.meeting', '=', meeting.id),
            ('resolution.number', '=', number)])
    for line, (for_, against, abstained) in zip(votes, counts, strict=True):
        Vote.write([line], {
                'for_': for_, 'against': against, 'abstained': abstained})
    return Pool().get('coop.meeting.resolution')(votes[0].resolution.id)


class MeetingTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    def subscribe(self, coop):
        for name, quantity in [('Ana', 5), ('Bob', 50), ('Cleo', 1)]:
            coop.movement(quantity, day(2, 1), name=name)

    @with_transaction()
    def test_convened(self):
        "Who may vote, where and when stays so once a meeting is convened"
        pool = Pool()
        Meeting = pool.get('coop.meeting')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            user = coop.user('share', 'coop_shares.group_share')
            held, other = make_meeting(coop, "A"), make_meeting(coop, "B")
            Meeting.convene([held])
            held = Meeting(held.id)
            for name, value in [
                    ('record_date', day(5, 1)), ('date', day(6, 20)),
                    ('kind', 'extraordinary')]:
                with self.subTest(name), self.assertRaises(AccessError):
                    rpc(user, 'coop.meeting', 'write', [held.id], {
                            name: value})
            # Nothing leans on what no meeting has
            rpc(user, 'coop.meeting', 'write', [other.id], {
                    'date': day(6, 20)})
            # A resolution of another meeting does not come into a closed one
            attend(held, Ana=True, Bob=True)
            Meeting.hold([Meeting(held.id)])
            vote(held, 1, (2, 0, 0))
            Meeting.close([Meeting(held.id)])
            with self.assertRaises(MeetingError):
                rpc(user, 'coop.meeting.resolution', 'write', [
                        other.resolutions[0].id], {'meeting': held.id})

    @with_transaction()
    def test_one_member_one_vote(self):
        "From the convocation to what was adopted"
        pool = Pool()
        Meeting = pool.get('coop.meeting')
        Resolution = pool.get('coop.meeting.resolution')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            meeting = make_meeting(
                coop, "Accounts", "Interest", quorum=D('0.5'))
            Meeting.convene([meeting])
            meeting = Meeting(meeting.id)
            self.assertEqual(
                [(e.member.party.name, e.shares, e.amount)
                    for e in meeting.electors],
                [('Coop Ana', 5, 100), ('Coop Bob', 50, 1000),
                    ('Coop Cleo', 1, 20)])
            attend(meeting, Ana=True)
            with self.assertRaises(MeetingError):
                Meeting.hold([Meeting(meeting.id)])
            attend(meeting, Cleo='Ana')
            meeting = Meeting(meeting.id)
            self.assertEqual(
                (meeting.elector_count, meeting.attending,
                    meeting.quorum_reached),
                (3, 2, True))
            Meeting.hold([meeting])
            adopted = vote(meeting, 1, (2, 0, 0))
            refused = vote(meeting, 2, (1, 1, 0))
            self.assertFalse(adopted.adopted)
            with self.assertRaises(MeetingError), savepoint():
                vote(meeting, 2, (2, 1, 0))
            Meeting.close([Meeting(meeting.id)])
            adopted, refused = Resolution.browse([adopted, refused])
            self.assertEqual(
                (adopted.approval, adopted.adopted), (D(1), True))
            self.assertEqual(
                (refused.approval, refused.adopted), (D('0.5'), False))
            self.assertEqual(
                Resolution.search([('adopted', '=', True)]), [adopted])
            self.assertEqual(
                Resolution.search([('adopted', '=', False)]), [refused])
            for record, values in [
                    (Meeting(meeting.id), {'minutes': "x"}),
                    (adopted, {'title': "x"}),
                    (adopted.votes[0], {'against': 1}),
                    (meeting.electors[1], {'attendance': 'present'})]:
                with self.assertRaises(MeetingError):
                    record.__class__.write([record], values)
                with self.assertRaises(MeetingError):
                    record.__class__.delete([record])

    @with_transaction()
    def test_electors_are_frozen(self):
        "Who is a member on the record date and at the meeting votes"
        pool = Pool()
        Elector = pool.get('coop.meeting.elector')
        Meeting = pool.get('coop.meeting')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            for name, date in [('Ana', day(6, 14)), ('Bob', day(6, 13))]:
                Member.write([coop.member(name)], {'exit_date': date})
            meeting = make_meeting(coop)
            Meeting.convene([meeting])
            coop.movement(7, day(5, 1), name='Cleo')
            meeting = Meeting(meeting.id)
            self.assertEqual(
                [(e.member.party.name, e.shares) for e in meeting.electors],
                [('Coop Ana', 5), ('Coop Cleo', 1)])
            user = coop.user('share', 'coop_shares.group_share')
            elector = meeting.electors[0]
            for method, *args in [
                    ('write', [elector.id], {'shares': 9}),
                    ('delete', [elector.id]),
                    ('create', [{
                                'meeting': meeting.id,
                                'member': coop.member('Bob').id}])]:
                with self.assertRaises((MeetingError, AccessError)):
                    rpc(user, Elector.__name__, method, *args)
            rpc(user, Elector.__name__, 'write', [elector.id],
                {'attendance': 'present'})
            self.assertEqual(Meeting(meeting.id).attending, 1)
            Meeting.draft([Meeting(meeting.id)])
            self.assertEqual(Meeting(meeting.id).electors, ())

    @with_transaction()
    def test_leaver_is_no_elector(self):
        "Who leaves between the convocation and the meeting does not vote"
        pool = Pool()
        Elector = pool.get('coop.meeting.elector')
        Meeting = pool.get('coop.meeting')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            meeting = make_meeting(coop)
            Meeting.convene([meeting])
            attend(meeting, Ana=True, Bob=True)
            meeting = Meeting(meeting.id)
            self.assertEqual(
                (meeting.elector_count, meeting.attending), (3, 2))
            self.assertNotIn(
                'left', dict(alerts(coop.company, day(6, 2))))
            Member.write([coop.member('Bob')], {'exit_date': day(6, 13)})
            meeting = Meeting(meeting.id)
            self.assertEqual(
                (meeting.elector_count, meeting.attending), (2, 1))
            self.assertIn(
                "Bob", dict(alerts(coop.company, day(6, 2)))['left'])
            bob, = [e for e in meeting.electors if 'Bob' in e.rec_name]
            with self.assertRaises(MeetingError), savepoint():
                Elector.write([bob], {'attendance': 'present'})
            with self.assertRaises(MeetingError), savepoint():
                attend(meeting, Cleo='Bob')
            Elector.write([bob], {'attendance': 'absent'})
            attend(meeting, Cleo='Ana')
            self.assertEqual(Meeting(meeting.id).attending, 2)

    @with_transaction()
    def test_half_of_a_scop(self):
        "One member holds half of the capital of a SCOP at most"
        Configuration = Pool().get('coop.share.configuration')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            self.assertNotIn(
                'holder', dict(alerts(coop.company, day(6, 1))))
            Configuration(1).set_multivalue(
                'statute', 'scop', company=coop.company.id)
            text = dict(alerts(coop.company, day(6, 1)))['holder']
            self.assertIn("Bob", text)
            self.assertIn("89.29", text)

    @with_transaction()
    def test_proxies(self):
        "Under twenty members, one proxy for each who is present"
        Meeting = Pool().get('coop.meeting')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            meeting = make_meeting(coop)
            Meeting.convene([meeting])
            with self.assertRaises(MeetingError), savepoint():
                attend(meeting, Ana='Bob')
            attend(meeting, Bob=True, Ana='Bob')
            with self.assertRaises(MeetingError), savepoint():
                attend(meeting, Cleo='Bob')
            Meeting.write([Meeting(meeting.id)], {'most_proxies': 2})
            attend(meeting, Cleo='Bob')
            self.assertEqual(Meeting(meeting.id).attending, 3)
            Meeting.draft([Meeting(meeting.id)])
            self.assertEqual(Meeting(meeting.id).elector_count, 0)

    @with_transaction()
    def test_colleges(self):
        "What the colleges weigh is what they weighed at the convocation"
        pool = Pool()
        College = pool.get('coop.college')
        Meeting = pool.get('coop.meeting')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            colleges = make_colleges(coop, X='0.5', Y='0.3', Z='0.1')
            categories = make_categories(
                coop, EMP='employee', BEN='beneficiary', OTH='other')
            meeting = make_meeting(coop, "Accounts")
            with self.assertRaises(CollegeError), savepoint():
                Meeting.convene([meeting])
            College.write([colleges['Z']], {'weight': D('0.2')})
            with self.assertRaises(MeetingError), savepoint():
                Meeting.convene([Meeting(meeting.id)])
            for name, category, college in zip(
                    ['Ana', 'Bob', 'Cleo'], categories.values(),
                    colleges.values()):
                category.college = college
                category.save()
                member = coop.member(name)
                member.category = category
                member.save()
            Meeting.convene([Meeting(meeting.id)])
            College.write(
                [colleges['X']], {'weight': D('0.2')},
                [colleges['Z']], {'weight': D('0.5')})
            attend(meeting, Ana=True, Bob=True, Cleo=True)
            Meeting.hold([Meeting(meeting.id)])
            with self.assertRaises(MeetingError), savepoint():
                vote(meeting, 1, (2, 0, 0), (0, 0, 0), (0, 0, 0))
            resolution = vote(meeting, 1, (1, 0, 0), (0, 1, 0), (0, 1, 0))
            self.assertEqual(resolution.approval, D('0.5'))
            Meeting.close([Meeting(meeting.id)])
            self.assertFalse(resolution.adopted)

    @with_transaction()
    def test_notice(self):
        "Fifteen days before, to the day"
        Meeting = Pool().get('coop.meeting')
        coop = Coop()
        with coop.context():
            self.subscribe(coop)
            meeting = make_meeting(coop, convocation_date=day(5, 31))
            with self.assertRaises(MeetingError):
                Meeting.convene([meeting])
            Meeting.write([meeting], {'convocation_date': day(5, 30)})
            Meeting.convene([Meeting(meeting.id)])
            self.assertEqual(Meeting(meeting.id).state, 'convened')

    @with_transaction()
    def test_nobody_votes(self):
        Meeting = Pool().get('coop.meeting')
        coop = Coop()
        with coop.context():
            with self.assertRaises(MeetingError):
                Meeting.convene([make_meeting(coop)])
