# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How members are sorted and vote, with the limits that the law sets.

Sources: law 47-1775 of 10/09/1947, articles 1 (one member, one vote), 3 bis
(investors), 19 septies (categories, public bodies) and 19 octies (colleges);
commercial code, article L223-3 (a hundred members of a SARL); model statutes
of the CG Scop (proxies).
"""
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

LEAST_WEIGHT = Decimal('0.10')
GREATEST_WEIGHT = Decimal('0.50')
LEAST_COLLEGES = 3
LEAST_CATEGORIES = 3
SARL_MEMBERS = 100
PUBLIC_CAPITAL = Decimal('0.50')
MEMBER_CAPITAL = Decimal('0.50')
INVESTOR_VOTES = Decimal('0.49')
PROXY_MEMBERS = 20

# Problems
WEIGHT, TOTAL, COLLEGES = 'weight', 'total', 'colleges'
CATEGORIES, BENEFICIARIES, EMPLOYEES = (
    'categories', 'beneficiaries', 'employees')
MEMBERS, PUBLIC, INVESTORS = 'members', 'public', 'investors'


class Votes(NamedTuple):
    "What was cast for and against, and the abstentions"
    for_: int
    against: int
    abstained: int = 0

    @property
    def cast(self) -> int:
        return self.for_ + self.against


def college_problems(weights: Iterable[Decimal]) -> set[str]:
    """Return what the law does not allow of the weights of colleges, each a
    part of one: none when there is no college (article 19 octies).

    >>> college_problems([Decimal('0.5'), Decimal('0.3'), Decimal('0.2')])
    set()
    """
    weights = list(weights)
    problems = set()
    if not weights:
        return problems
    if len(weights) < LEAST_COLLEGES:
        problems.add(COLLEGES)
    if any(not LEAST_WEIGHT <= w <= GREATEST_WEIGHT for w in weights):
        problems.add(WEIGHT)
    if sum(weights) != 1:
        problems.add(TOTAL)
    return problems


def category_problems(members: Mapping[str, int]) -> set[str]:
    """Return what the law asks of a SCIC and the members, counted by kind of
    category, do not fulfil: three kinds at least, beneficiaries, and employees
    or producers (article 19 septies).

    >>> category_problems({'beneficiary': 2, 'producer': 1, 'volunteer': 1})
    set()
    """
    filled = {kind for kind, count in members.items() if kind and count}
    problems = set()
    if len(filled) < LEAST_CATEGORIES:
        problems.add(CATEGORIES)
    if 'beneficiary' not in filled:
        problems.add(BENEFICIARIES)
    if not filled & {'employee', 'producer'}:
        problems.add(EMPLOYEES)
    return problems


def limit_problems(
        members: int, is_sarl: bool, public: Decimal,
        investor_votes: Fraction) -> set[str]:
    """Return the limits that are passed: a hundred members of a SARL, half of
    the capital for public bodies of a SCIC (public is a part of one), 49 % of
    the votes for investors.
    """
    problems = set()
    if is_sarl and members > SARL_MEMBERS:
        problems.add(MEMBERS)
    if public > PUBLIC_CAPITAL:
        problems.add(PUBLIC)
    if investor_votes > Fraction(INVESTOR_VOTES):
        problems.add(INVESTORS)
    return problems


def greatest_holders(held: Mapping[object, Decimal]) -> set[object]:
    """Return who holds more of the capital than a SCOP allows to one member:
    half of it (law 78-763).

    >>> greatest_holders({'Ana': Decimal(60), 'Ben': Decimal(40)})
    {'Ana'}
    >>> greatest_holders({'Ana': Decimal(50), 'Ben': Decimal(50)})
    set()
    """
    total = sum(held.values(), Decimal(0))
    return {
        member for member, amount in held.items()
        if amount > total * MEMBER_CAPITAL}


def votes_part(
        part: Mapping[object, int], electors: Mapping[object, int],
        weights: Mapping[object, Decimal]) -> Fraction:
    """Return the part of all votes that some electors have, who are counted by
    college beside all of them: without weights each has one vote.

    The weight of a college without electors is shared among the others, in
    proportion to theirs.
    """
    weights = {c: Fraction(w) for c, w in weights.items() if electors.get(c)}
    if not weights:
        total = sum(electors.values())
        return Fraction(sum(part.values()), total) if total else Fraction(0)
    total = sum(weights.values())
    return sum((
            weight / total * Fraction(part.get(college, 0), electors[college])
            for college, weight in weights.items()), Fraction(0))


def most_proxies(members: int, told: int | None = None) -> int:
    """Return how many members one may represent: what the statutes tell, else
    one under twenty members, then as many as leave the member a twentieth of
    all votes, with its own (model statutes of the CG Scop).

    >>> most_proxies(19), most_proxies(20), most_proxies(200)
    (1, 1, 9)
    """
    if told is not None:
        return told
    if members < PROXY_MEMBERS:
        return 1
    return max(1, members // PROXY_MEMBERS - 1)


def has_quorum(attending: int, members: int, quorum: Decimal) -> bool:
    """Return whether a meeting may decide: so many members, present or
    represented, of all; quorum is a part of one."""
    return Fraction(attending) >= Fraction(members) * Fraction(quorum)


def approval(
        votes: Mapping[object, Votes], weights: Mapping[object, Decimal],
        whole: bool = False) -> Fraction | None:
    """Return the part of the votes cast that approves, None when none is cast.

    Votes are counted by college.  With weights, each college weighs what the
    statutes tell, and gives its weight in proportion to its votes, or as a
    whole to what most of it wants (whole; a tie gives nothing).  The weight of
    colleges that did not vote is shared among the others.  Abstentions are no
    votes.
    """
    cast = {c: v for c, v in votes.items() if v.cast}
    if not cast:
        return None
    if not weights:
        total = sum(v.cast for v in cast.values())
        return Fraction(sum(v.for_ for v in cast.values()), total)
    total = sum(Fraction(weights[c]) for c in cast)
    approved = Fraction(0)
    for college, vote in cast.items():
        part = (
            Fraction(vote.for_ > vote.against) if whole
            else Fraction(vote.for_, vote.cast))
        approved += Fraction(weights[college]) / total * part
    return approved


def is_adopted(
        part: Fraction | None, majority: Decimal | Fraction) -> bool:
    """Return whether a resolution is adopted: more than half of the votes cast
    for a simple majority (0.5), else that part at least.

    >>> is_adopted(Fraction(1, 2), Decimal('0.5'))
    False
    """
    if part is None:
        return False
    if majority == Decimal('0.5'):
        return part > Fraction(1, 2)
    return part >= Fraction(majority)
