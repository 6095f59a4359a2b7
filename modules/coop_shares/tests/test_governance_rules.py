# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trytond.modules.coop_shares.rules.governance import (
    BENEFICIARIES, CATEGORIES, COLLEGES, EMPLOYEES, INVESTORS, MEMBERS, PUBLIC,
    TOTAL, WEIGHT, Votes, approval, category_problems, college_problems,
    has_quorum, is_adopted, limit_problems, most_proxies, votes_part)

D = Decimal
counts = st.integers(0, 300)
votes = st.builds(Votes, counts, counts, counts)
colleges = st.dictionaries(st.integers(1, 6), votes, min_size=1)


class GovernanceTestCase(unittest.TestCase):

    def test_colleges(self):
        for weights, problems in [
                ([], set()),
                (['0.5', '0.3', '0.2'], set()),
                (['0.1', '0.4', '0.5'], set()),
                (['0.5', '0.5'], {COLLEGES}),
                (['0.6', '0.3', '0.1'], {WEIGHT}),
                (['0.05', '0.45', '0.5'], {WEIGHT}),
                (['0.3', '0.3', '0.3'], {TOTAL})]:
            with self.subTest(weights=weights):
                self.assertEqual(
                    college_problems(map(D, weights)), problems)

    def test_categories(self):
        for members, problems in [
                ({'beneficiary': 1, 'employee': 1, 'other': 1}, set()),
                ({'beneficiary': 1, 'producer': 1, 'public': 1}, set()),
                ({'beneficiary': 9, 'employee': 9}, {CATEGORIES}),
                ({'beneficiary': 1, 'public': 1, 'other': 1}, {EMPLOYEES}),
                ({'employee': 1, 'public': 1, 'beneficiary': 0, 'other': 2},
                    {BENEFICIARIES}),
                ({None: 30}, {CATEGORIES, BENEFICIARIES, EMPLOYEES})]:
            with self.subTest(members=members):
                self.assertEqual(category_problems(members), problems)

    def test_limits(self):
        for arguments, problems in [
                ((100, True, D('0.5'), Fraction(49, 100)), set()),
                ((101, True, D(0), Fraction(0)), {MEMBERS}),
                ((101, False, D(0), Fraction(0)), set()),
                ((9, True, D('0.5001'), Fraction(0)), {PUBLIC}),
                ((9, True, D(0), Fraction(1, 2)), {INVESTORS})]:
            with self.subTest(arguments=arguments):
                self.assertEqual(limit_problems(*arguments), problems)

    def test_proxies(self):
        "Under twenty members one, then a twentieth of the votes in hand"
        for members, most in [
                (2, 1), (19, 1), (20, 1), (40, 1), (60, 2), (200, 9)]:
            self.assertEqual(most_proxies(members), most, members)
        self.assertEqual(most_proxies(5, 3), 3)
        self.assertEqual(most_proxies(500, 0), 0)

    @given(st.integers(20, 10_000))
    def test_proxies_never_pass_a_twentieth(self, members):
        most = most_proxies(members)
        self.assertTrue(most == 1 or (most + 1) * 20 <= members)

    def test_quorum(self):
        self.assertTrue(has_quorum(1, 3, D(0)))
        self.assertTrue(has_quorum(25, 100, D('0.25')))
        self.assertFalse(has_quorum(24, 100, D('0.25')))

    def test_approval(self):
        "One member one vote, or the weights of the colleges"
        cast = {1: Votes(9, 1), 2: Votes(0, 2), 3: Votes(1, 1, 5)}
        self.assertEqual(approval(cast, {}), Fraction(10, 14))
        weights = {1: D('0.3'), 2: D('0.5'), 3: D('0.2')}
        self.assertEqual(approval(cast, weights),
            Fraction(27, 100) + Fraction(1, 10))
        self.assertEqual(
            approval(cast, weights, whole=True), Fraction(3, 10))
        self.assertIsNone(approval({1: Votes(0, 0, 4)}, {}))

    def test_absent_college(self):
        "The weight of who does not vote is shared among the others"
        cast = {1: Votes(1, 0), 2: Votes(0, 0, 3), 3: Votes(0, 1)}
        weights = {1: D('0.3'), 2: D('0.5'), 3: D('0.2')}
        self.assertEqual(approval(cast, weights), Fraction(3, 5))

    def test_adopted(self):
        for part, majority, adopted in [
                (Fraction(1, 2), D('0.5'), False),
                (Fraction(51, 100), D('0.5'), True),
                (Fraction(2, 3), Fraction(2, 3), True),
                (Fraction(66, 100), Fraction(2, 3), False),
                (None, D('0.5'), False),
                (Fraction(1), D(1), True)]:
            self.assertEqual(is_adopted(part, majority), adopted)

    @given(colleges, st.booleans(), st.data())
    def test_approval_and_its_contrary(self, cast, whole, data):
        "What is for and what is against are all that is cast"
        weights = {
            c: data.draw(st.integers(10, 50)) for c in cast}
        swapped = {
            c: Votes(v.against, v.for_, v.abstained)
            for c, v in cast.items()}
        part = approval(cast, weights, whole)
        other = approval(swapped, weights, whole)
        if part is None:
            self.assertIsNone(other)
        elif whole:
            self.assertLessEqual(part + other, 1)
        else:
            self.assertEqual(part + other, 1)

    @given(colleges)
    def test_unanimity(self, cast):
        cast = {c: Votes(v.for_ + 1, 0) for c, v in cast.items()}
        for weights in [{}, dict.fromkeys(cast, 10)]:
            for whole in [False, True]:
                self.assertEqual(approval(cast, weights, whole), 1)

    @given(st.dictionaries(st.integers(1, 5), st.integers(1, 50), min_size=1))
    def test_votes_part(self, electors):
        for weights in [{}, dict.fromkeys(electors, 20)]:
            self.assertEqual(votes_part(electors, electors, weights), 1)
            self.assertEqual(votes_part({}, electors, weights), 0)

    def test_votes_part_of_investors(self):
        self.assertEqual(
            votes_part({1: 1}, {1: 2, 2: 10}, {1: D('0.5'), 2: D('0.5')}),
            Fraction(1, 4))
        self.assertEqual(votes_part({1: 1}, {1: 2, 2: 10}, {}),
            Fraction(1, 12))
