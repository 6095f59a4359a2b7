# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The rows of a query that sums by activity."""
from trytond.transaction import Transaction


class ActivityRowMixin:
    """Keep what reads rows by their ids to the activities that they are of

    Or else the database would sum the whole ledger to find them."""
    __slots__ = ()

    @classmethod
    def read(cls, ids, fields_names):
        with Transaction().set_context(activities=cls._activities_of(ids)):
            return super().read(ids, fields_names)

    @classmethod
    def _activities_of(cls, ids):
        "Return the ids of the activities of the rows"
        raise NotImplementedError
