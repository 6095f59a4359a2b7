# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Helpers for the tests of this module and of those on top of it."""
from trytond.pool import Pool
from trytond.transaction import Transaction


def call(name, method, *args, kind='model', **context):
    "Call a method as a client does"
    transaction = Transaction()
    obj = Pool().get(name, type=kind)
    rpc = obj.__rpc__[method]
    # As the dispatcher, which makes the records before it checks access
    with transaction.set_context(_check_access=False):
        args, kwargs, context, _ = rpc.convert(
            obj, *args, {**transaction.context, **context})
        with transaction.set_context(context):
            return rpc.result(
                rpc.decorate(getattr(obj, method))(*args, **kwargs))
