# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A call of a client works only on records that its user may read.

Tryton reads the records of a call without a check: whoever calls an on_change
with an id would be told what it makes of the record.
"""
import copy
from collections import defaultdict
from functools import wraps

from trytond.model import Model, ModelStorage
from trytond.pool import Pool
from trytond.transaction import check_access


class RecordAccess:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is RecordAccess:
            guard_rpc(cls, _guard)


def guard_rpc(model, guard):
    """Wrap what RPC calls on a model

    A mixin comes on a model that is set up: each has methods of its own."""
    model.__rpc__ = {
        method: _guarded(rpc, guard(model, method, rpc))
        for method, rpc in model.__rpc__.items()}


def _guarded(rpc, check):
    "Return the description of a method that makes the check before"
    if not check:
        return rpc

    def decorator(func):
        if rpc.decorator:
            func = rpc.decorator(func)

        @wraps(func)
        def guarded(*args, **kwargs):
            check(*args)
            return func(*args, **kwargs)
        return guarded

    guarded = copy.copy(rpc)
    guarded.decorator = decorator
    return guarded


def _guard(model, method, rpc):
    places = rpc.instantiate
    if places is None:
        return
    if isinstance(places, int):
        places = slice(places, places + 1)

    def check(*args):
        check_read(args[places])
    return check


def check_read(records):
    """Raise an access error unless the user may read the records, and those
    that their values tell"""
    with check_access():
        for model, ids in _ids(records).items():
            Pool().get(model).read(sorted(ids), ['id'])


def _ids(records):
    "Return the ids by model of the records that there are in the database"
    found, seen = defaultdict(set), set()
    todo = [records]
    while todo:
        value = todo.pop()
        if isinstance(value, (list, tuple)):
            todo.extend(value)
        elif isinstance(value, Model) and id(value) not in seen:
            seen.add(id(value))
            if (isinstance(value, ModelStorage)
                    and value.id is not None and value.id >= 0):
                found[value.__name__].add(value.id)
            if value._values:
                todo.extend(v for _, v in value._values._items())
    return found
