# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Users choose among their own companies and employees."""
from trytond.pool import PoolMeta
from trytond.transaction import Transaction


class User(metaclass=PoolMeta):
    __name__ = 'res.user'

    @classmethod
    def set_preferences(cls, values):
        super().set_preferences(values)
        # Tryton validates them in a context that already tells them: there,
        # who reads a company that is not theirs reads none
        if {'company', 'employee'} & values.keys():
            with Transaction().reset_context():
                cls._validate(
                    cls.browse([Transaction().user]), {'company', 'employee'})
