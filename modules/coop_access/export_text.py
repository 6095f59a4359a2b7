# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is exported is opened by spreadsheets, which run no text of it.

An import of what was exported gives the same texts back.
"""
from .cell import plain_text, safe_text


class ExportText:
    __slots__ = ()

    @classmethod
    def export_data(cls, records, fields_names, header=False):
        return _each_text(
            super().export_data(records, fields_names, header=header),
            safe_text)

    @classmethod
    def import_data(cls, fields_names, data):
        return super().import_data(fields_names, _each_text(data, plain_text))


def _each_text(rows, change):
    return [
        [change(v) if isinstance(v, str) else v for v in row] for row in rows]
