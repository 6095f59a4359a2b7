# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The company that a client says it works in is one of its user."""
from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.transaction import Transaction

from .record_access import guard_rpc


class ModelContext:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is ModelContext:
            guard_rpc(cls, _guard)


class WizardContext:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is WizardContext:
            guard_rpc(cls, _guard)


class ReportContext:
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is ReportContext:
            guard_rpc(cls, _guard)


def _guard(obj, method, rpc):
    # What clients ask of Tryton itself is of no company; and users choose
    # theirs in their preferences
    if not obj.__name__.startswith(('ir.', 'res.')):
        return _check


def _check(*args):
    transaction = Transaction()
    if not transaction.user:
        return
    company = transaction.context.get('company')
    if company is None:
        return
    pool = Pool()
    Company = pool.get('company.company')
    User = pool.get('res.user')
    if company not in User.get_companies():
        raise AccessError(gettext(
                'ir.msg_access_rule_error', **Company.__names__()))
