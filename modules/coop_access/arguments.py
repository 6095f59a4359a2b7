# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What clients send is of the type that a method takes, or is refused."""
import datetime as dt
import inspect
from functools import wraps

from trytond.i18n import gettext

from .exceptions import ArgumentError

KINDS = {
    'text': lambda v: isinstance(v, str),
    'texts': lambda v: isinstance(v, (list, tuple)) and all(
        isinstance(x, str) for x in v),
    'flag': lambda v: isinstance(v, bool),
    'date': lambda v: isinstance(v, dt.date),
    'bytes': lambda v: isinstance(v, (bytes, bytearray)),
    'files': lambda v: isinstance(v, (list, tuple)) and all(
        isinstance(f, (list, tuple)) and len(f) == 2
        and isinstance(f[0], str) and isinstance(f[1], (bytes, bytearray))
        for f in v),
    'ids': lambda v: isinstance(v, (list, tuple)) and all(
        isinstance(x, int) for x in v),
    'values': lambda v: isinstance(v, dict) and all(
        isinstance(name, str) for name in v),
    # Of companies
    'months': lambda v: isinstance(v, (list, tuple)) and all(
        isinstance(m, (list, tuple)) and len(m) == 2
        and isinstance(m[0], str) and isinstance(m[1], dt.date)
        for m in v),
    }


def takes(**kinds: str):
    """Refuse to call a method with arguments of other kinds than these

    Each is one of KINDS; an argument with a default may be None too.
    """
    def decorator(func):
        signature = inspect.signature(func)

        @wraps(func)
        def wrapper(*args, **kwargs):
            try:
                bound = signature.bind(*args, **kwargs).arguments
            except TypeError:
                raise ArgumentError(gettext(
                        'coop_access.msg_arguments', method=func.__name__))
            for name, kind in kinds.items():
                value = bound.get(name)
                optional = (
                    signature.parameters[name].default
                    is not inspect.Parameter.empty)
                if (value is None and optional) or KINDS[kind](value):
                    continue
                raise ArgumentError(gettext(
                        'coop_access.msg_argument', name=name,
                        value=repr(value)[:100]))
            return func(*args, **kwargs)
        return wrapper
    return decorator
