# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contracts of all, read at once for figures."""
from collections import defaultdict
from datetime import date
from typing import NamedTuple

from trytond.pool import Pool

from .rows import read_rows
from .rules.stay import Contract, stays


class Person(NamedTuple):
    id: int
    party: int
    company: int


def read_contracts(companies):
    "Return the signed contracts by person, in one query"
    pool = Pool()
    contract = pool.get('cae.contract').__table__()
    person = pool.get('cae.entrepreneur').__table__()
    reason = pool.get('cae.exit_reason').__table__()
    found, lists = {}, {}
    if not companies:
        return found
    rows = read_rows(contract
        .join(person, condition=contract.entrepreneur == person.id)
        .join(reason, 'LEFT', condition=contract.exit_reason == reason.id)
        .select(
            person.id, person.party, person.company,
            contract.start_date, contract.end_date, contract.exit_date,
            contract.exit_reason, reason.moved, contract.type,
            where=(contract.signature == 'signed')
            & person.company.in_(list(companies))))
    for id_, party, company, start, end, exit_, why, moved, type_ in rows:
        if exit_ and (not end or exit_ < end):
            end = exit_
        own = lists.get(id_)
        if own is None:
            own = lists[id_] = found[Person(id_, party, company)] = []
        own.append(Contract(start, end, why, bool(moved), type_))
    return found


def each(contracts, day, companies, reckon):
    """Yield the company, each of its people, their contracts and what is
    reckoned of these, then the same of the group, as company None, if there
    are several companies

    Who has several records is once in the group, as the record of the last
    contract that has begun.  reckon takes contracts, and whether they are
    those of the group."""
    several = _several(contracts) if len(companies) > 1 else {}
    for person, own in contracts.items():
        found = reckon(own, False)
        yield person.company, person, own, found
        if len(companies) > 1 and person.party not in several:
            if any(c.moved for c in own):
                found = reckon(own, True)
            yield None, person, own, found
    for people in several.values():
        own = [c for p in people for c in contracts[p]]
        last = max(people, key=lambda p: max(
                (c.start for c in contracts[p] if c.start <= day),
                default=date.min))
        yield None, last, own, reckon(own, True)


def _several(contracts):
    "Return the people by party of those that have several records"
    found = defaultdict(list)
    for person in contracts:
        found[person.party].append(person)
    return {
        party: people for party, people in found.items() if len(people) > 1}


def stays_by_company(contracts, day, companies):
    """Yield the company and the stays of each person as of a day, those of the
    group too, as company None, if there are several companies"""
    for company, _, _, found in each(
            contracts, day, companies,
            lambda own, group: stays(own, day, group)):
        yield company, found
