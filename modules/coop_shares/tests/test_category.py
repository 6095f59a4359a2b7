# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest

from trytond.model.exceptions import SQLConstraintError
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.modules.coop_shares.alerts import alerts
from trytond.modules.coop_shares.exceptions import MembershipError
from trytond.modules.coop_shares.tests.tools import (
    Coop, day, month_end, set_up_shares)
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules
from trytond.transaction import Transaction


def make_categories(coop, **kinds):
    "Make a category for each code, of the kind, and return them"
    Category = Pool().get('coop.member.category')
    return dict(zip(kinds, Category.create([{
                        'company': coop.company.id, 'code': code,
                        'name': code, 'kind': kind}
                    for code, kind in kinds.items()])))


class CategoryTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(['coop_shares', 'account_fr'], set_up_shares)

    @with_transaction()
    def test_category_at_a_date(self):
        pool = Pool()
        Classification = pool.get('coop.member.classification')
        College = pool.get('coop.college')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            one, other = College.create([{
                        'company': coop.company.id, 'code': code,
                        'name': code, 'weight': '0.5'} for code in 'XY'])
            categories = make_categories(
                coop, EMP='employee', BEN='beneficiary')
            emp, ben = categories.values()
            emp.college, ben.college = one, other
            emp.save()
            ben.save()
            ana, bob = coop.member('Ana'), coop.member('Bob')
            ana.category = emp
            ana.save()
            Classification.create([{
                        'member': ana.id, 'category': ben.id,
                        'start_date': day(6, 1)}, {
                        'member': ana.id, 'category': ben.id,
                        'college': one.id, 'start_date': day(9, 1)}])
            for date, expected in [
                    (day(1, 1, 1990), (emp.id, one.id)),
                    (day(5, 31), (emp.id, one.id)),
                    (day(6, 1), (ben.id, other.id)),
                    (day(9, 1), (ben.id, one.id))]:
                self.assertEqual(
                    Classification.at(coop.company, date),
                    {ana.id: expected}, date)
            ana, bob = Member.browse([ana.id, bob.id])
            self.assertEqual((ana.category, ana.college), (ben, one))
            self.assertEqual((bob.category, bob.college), (None, None))
            for domain, found in [
                    ([('category', '=', ben.id)], {ana}),
                    ([('category', '=', 'BEN')], {ana}),
                    ([('category.code', '=', 'BEN')], {ana}),
                    ([('category', '=', emp.id)], set()),
                    ([('category', '!=', None)], {ana})]:
                self.assertEqual(set(Member.search(domain)), found, domain)
            self.assertNotIn(ana, Member.search([('category', '=', None)]))

    @with_transaction()
    def test_set_category(self):
        "The first one is from the beginning, another one from today"
        pool = Pool()
        Date = pool.get('ir.date')
        Member = pool.get('coop.member')
        coop = Coop()
        with coop.context():
            emp, ben = make_categories(
                coop, EMP='employee', BEN='beneficiary').values()
            for category, starts in [
                    (emp, [None]), (emp, [None]),
                    (ben, [None, Date.today()]), (emp, [None, Date.today()])]:
                Member.write([coop.member()], {'category': category.id})
                member = coop.member()
                self.assertEqual(member.category, category)
                self.assertEqual(
                    [c.start_date for c in member.classifications], starts)
            with self.assertRaises(MembershipError):
                Member.write([coop.member()], {'category': None})

    @with_transaction()
    def test_one_category_from_a_date(self):
        Classification = Pool().get('coop.member.classification')
        coop = Coop()
        with coop.context():
            emp, = make_categories(coop, EMP='employee').values()
            values = {'member': coop.member().id, 'category': emp.id}
            Classification.create([
                    values, {**values, 'start_date': day(5, 1)}])
            for start in [None, day(5, 1)]:
                with self.assertRaises(SQLConstraintError), savepoint():
                    Classification.create([{**values, 'start_date': start}])

    @with_transaction()
    def test_many(self):
        "Those of hundreds of members are entered and checked at once"
        pool = Pool()
        Classification = pool.get('coop.member.classification')
        Member = pool.get('coop.member')
        Party = pool.get('party.party')
        coop = Coop()
        with coop.context():
            categories = make_categories(
                coop, ben='beneficiary', emp='employee')
            members = Member.create([
                    {'company': coop.company.id, 'party': party.id}
                    for party in Party.create([
                            {'name': str(i)} for i in range(240)])])
            values = [{
                    'member': m.id, 'category': categories['ben'].id,
                    'start_date': day(1, 1),
                    } for m in members]
            Classification.create(values)
            for value in [values[0], values[-1]]:
                with self.assertRaises(SQLConstraintError), savepoint():
                    Classification.create(
                        [{**v, 'start_date': day(2, 1)} for v in values[1:-1]]
                        + [value])

    @with_transaction()
    def test_without_shares(self):
        "A member without shares fills no category of a SCIC"
        Member = Pool().get('coop.member')
        coop = Coop()
        with coop.context():
            categories = make_categories(
                coop, ben='beneficiary', emp='employee', vol='volunteer')
            for name, category in zip(
                    ['Ana', 'Bob', 'Cleo'], categories.values()):
                Member.write(
                    [coop.member(name)], {'category': category.id})
            for name, found in [
                    ('Bob', {'categories', 'beneficiaries'}),
                    ('Ana', {'categories'}), ('Cleo', set())]:
                coop.movement(5, day(2, 1), name=name)
                kinds = {kind for kind, _ in alerts(coop.company, day(3, 1))}
                self.assertEqual(kinds & {
                        'categories', 'beneficiaries', 'employees',
                        'unsorted'}, found)

    @with_transaction()
    def test_capital_by_category(self):
        "The statement is by the category of the closing"
        pool = Pool()
        Classification = pool.get('coop.member.classification')
        Capital = pool.get('coop.share.capital')
        coop = Coop()
        with coop.context():
            emp, ben = make_categories(
                coop, EMP='employee', BEN='beneficiary').values()
            ana = coop.member()
            ana.category = emp
            ana.save()
            Classification.create([{
                        'member': ana.id, 'category': ben.id,
                        'start_date': day(6, 1)}])
            coop.movement(3, day(2, 1))
            coop.movement(2, day(2, 1), name='Bob')
            for month, category in [(5, emp), (6, ben)]:
                with Transaction().set_context(
                        company=coop.company.id, from_date=day(1, 1),
                        to_date=month_end(month)):
                    self.assertEqual({
                            (c.category, c.closing)
                            for c in Capital.search([])},
                        {(category, 60), (None, 40)})
