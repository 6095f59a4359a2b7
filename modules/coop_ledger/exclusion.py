# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.tools import grouped_slice

# SQLite parses about a hundred nested conditions
SLICE = 50


class ExclusionMixin:
    """What excludes other records is checked some records at a time.

    Where the database has no such constraint, Tryton asks by one condition
    for each record, all in one query: SQLite refuses that of a hundred."""
    __slots__ = ()

    @classmethod
    def validate(cls, records):
        for slice_ in grouped_slice(records, SLICE):
            super().validate(list(slice_))
