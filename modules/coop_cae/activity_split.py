# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Who runs each activity and for which share, read for many of them."""
from collections import defaultdict

from trytond import backend
from trytond.pool import Pool
from trytond.tools import sqlite_apply_types

from .rows import read_rows
from .rules.split import Agreed, splits_of_period


def read_splits(company, start, end):
    """Return, by activity, the splits of a period: their first and their last
    day, and the people with their ratios, in the same queries for any number

    Nobody runs an activity that is not there.
    """
    now = defaultdict(list)
    for activity, person, ratio in _read_links(company):
        now[activity].append((person, ratio))
    agreed = defaultdict(dict)
    before = defaultdict(list)
    for id_, activity, first, last, earlier, person, ratio in (
            _read_agreements(company)):
        agreement = agreed[activity].setdefault(id_, Agreed(first, last, []))
        split = before[id_] if earlier else agreement.split
        split.append((person, ratio))
    splits = defaultdict(lambda: [(start, end, [])])
    for activity, split in now.items():
        splits[activity] = [(start, end, split)]
    for activity, own in agreed.items():
        splits[activity] = splits_of_period(
            own.values(), start, end, now.get(activity, []),
            next((before[id_] for id_ in own if id_ in before), None))
    return splits


def _read_links(company):
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    link = pool.get('cae.activity.entrepreneur').__table__()
    query = (link
        .join(activity, condition=link.activity == activity.id)
        .select(
            link.activity, link.entrepreneur, link.ratio.as_('ratio'),
            where=activity.company == company.id, order_by=[link.id]))
    if backend.name == 'sqlite':
        sqlite_apply_types(query, [None, None, 'NUMERIC'])
    return read_rows(query)


def _read_agreements(company):
    "Return the splits of the signed agreements, in the order of these"
    pool = Pool()
    activity = pool.get('cae.activity').__table__()
    agreement = pool.get('cae.activity.agreement').__table__()
    share = pool.get('cae.activity.agreement.share').__table__()
    query = (share
        .join(agreement, condition=share.agreement == agreement.id)
        .join(activity, condition=agreement.activity == activity.id)
        .select(
            agreement.id.as_('id'), agreement.activity,
            agreement.start_date.as_('start'), agreement.end_date.as_('end'),
            share.before.as_('before'), share.entrepreneur,
            share.ratio.as_('ratio'),
            where=(activity.company == company.id)
            & (agreement.signature == 'signed'),
            order_by=[agreement.start_date, agreement.id, share.id]))
    if backend.name == 'sqlite':
        sqlite_apply_types(
            query, [None, None, 'DATE', 'DATE', 'BOOLEAN', None, 'NUMERIC'])
    return read_rows(query)
