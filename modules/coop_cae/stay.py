# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The contracts of all, read at once for figures."""
from collections import defaultdict
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


def of_group(contracts):
    "Return the contracts of each party that has several records"
    found = defaultdict(list)
    for person in contracts:
        found[person.party].append(person)
    return {
        party: [c for p in people for c in contracts[p]]
        for party, people in found.items() if len(people) > 1}


def stays_by_company(contracts, day, companies):
    """Yield the company and the stays of each person as of a day, those of the
    group too, as company None, if there are several companies"""
    grouped = of_group(contracts) if len(companies) > 1 else {}
    for person, own in contracts.items():
        found = stays(own, day)
        yield person.company, person, found
        if len(companies) > 1 and person.party not in grouped:
            if any(c.moved for c in own):
                found = stays(own, day, group=True)
            yield None, person, found
    for party, own in grouped.items():
        yield None, Person(None, party, None), stays(own, day, group=True)
