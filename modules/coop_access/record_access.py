# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A call of a client works only on records that its user may read.

Tryton reads the records of a call without a check: whoever calls an on_change
with an id would be told what it makes of the record, and whoever fills in the
form of a wizard with the id of another company would work on its books.
"""
import copy
from collections import defaultdict
from functools import wraps

from trytond.i18n import gettext
from trytond.model import Model, ModelStorage
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.tools import is_instance_method
from trytond.transaction import Transaction, check_access

from .exceptions import ArgumentError

# What is never called of a record alone
_OF_LISTS = {'copy', 'delete', 'write'}


class RecordAccess:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is RecordAccess:
            guard_rpc(cls, _guard)


class WizardAccess:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is WizardAccess:
            guard_rpc(cls, _guard_wizard)


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
    if method == 'read':
        return _check_ids
    places = rpc.instantiate
    if places is None:
        return
    if isinstance(places, int):
        places = slice(places, places + 1)

    alone = is_instance_method(model, method)

    def check(*args):
        if method in _OF_LISTS:
            _check_kind(args[places], lists=True)
        elif alone:
            _check_kind(args[places], lists=False)
        check_read(args[places])
        # With those of Tryton, whoever enters a user gives them a company,
        # theirs or not
        if (model.__name__.startswith(('cae.', 'coop.'))
                and 'company' in model._fields):
            check_companies([
                    r._values._get('company') for r in _flat(args[places])
                    if isinstance(r, Model) and r._values])
    return check


def _check_kind(arguments, lists):
    "Refuse a record where a list of them is taken, and the other way round"
    for records in arguments:
        if isinstance(records, (list, tuple)) is not lists:
            raise ArgumentError(gettext(
                    'coop_access.msg_argument', name='ids',
                    value=repr(records)[:100]))


def _flat(value):
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _check_ids(ids, *args):
    "Raise what Tryton does: some rows are read by what their ids are made of"
    list(map(int, ids))


def _guard_wizard(wizard, method, rpc):
    if method != 'execute':
        return

    def check(session, data, state):
        for name, values in data.items():
            Form = Pool().get(wizard.states[name].model_name)
            # Who enters a user gives them companies, theirs or not
            if not issubclass(Form, ModelStorage):
                check_companies(Form(**{
                            n: v for n, v in values.items()
                            if n in Form._fields and n != 'id'}))
    return check


def check_companies(records):
    """Raise an access error unless the records, and those that their values
    tell, are of companies of the user, as far as they are of one"""
    pool = Pool()
    User = pool.get('res.user')
    if not Transaction().user:
        return
    companies = set(User.get_companies())
    for name, ids in _ids(records).items():
        Model = pool.get(name)
        if not _companies(Model, ids) <= companies:
            raise AccessError(gettext(
                    'ir.msg_access_rule_error', **Model.__names__()))


def _companies(Model, ids):
    "Return the ids of the companies of the records"
    if Model.__name__ == 'company.company':
        return ids
    field = Model._fields.get('company')
    if getattr(field, 'model_name', None) != 'company.company':
        return set()
    return {r.company.id for r in Model.browse(sorted(ids)) if r.company}


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
