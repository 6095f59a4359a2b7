# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The calls of clients ask no more than what their user may read."""
from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.transaction import Transaction, without_check_access

from .question import (
    check_order, check_path, guarded, hidden_in_order, order_paths)
from .record_access import guard_rpc

# Where the methods that order records take the domain and the order
ORDERS = {
    'autocomplete': (1, 3), 'export_data_domain': (0, 4), 'search': (0, 3),
    'search_read': (0, 3)}


class QuestionAccess:
    "What is asked of a model"
    __slots__ = ()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__bases__[0] is QuestionAccess:
            guard_rpc(cls, _guard_order)

    @classmethod
    def search(cls, domain, *args, **kwargs):
        transaction = Transaction()
        # What clients do not search is searched by the server only
        if (transaction.user and transaction.check_access
                and 'search' in cls.__rpc__):
            domain = guarded(cls, domain)
            # Whatever the way in
            order = args[2] if len(args) > 2 else kwargs.get('order')
            for path in order_paths(order):
                check_path(cls, path)
        return super().search(domain, *args, **kwargs)

    @classmethod
    def read(cls, ids, fields_names):
        transaction = Transaction()
        if (transaction.user and transaction.check_access
                and 'read' in cls.__rpc__):
            for name in fields_names or []:
                if isinstance(name, str) and '.' in name:
                    check_path(cls, name)
        return super().read(ids, fields_names)

    @classmethod
    def export_data(cls, records, fields_names, header=False):
        transaction = Transaction()
        if transaction.user and transaction.check_access:
            for path in fields_names:
                if isinstance(path, str):
                    check_path(cls, path, '/')
        return super().export_data(records, fields_names, header=header)


def _guard_order(Model, method, rpc):
    if method not in ORDERS:
        return
    domain_place, order_place = ORDERS[method]

    def check(*args):
        transaction = Transaction()
        if not transaction.user or len(args) <= order_place:
            return
        order = args[order_place]
        if not order:
            return
        check_order(Model, order)
        rule = Pool().get('ir.rule').domain_get(Model.__name__, mode='read')
        domain = [guarded(Model, args[domain_place]), rule]
        for hidden in hidden_in_order(Model, order):
            with without_check_access():
                found = Model.search([domain, hidden], limit=1, order=[])
            if found:
                raise AccessError(gettext(
                        'ir.msg_access_rule_error', **Model.__names__()))
    return check
