# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Files that are broken in any way enter whole or are refused."""
import unittest

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trytond.modules.coop_cae.tests.test_table_import import (
    ALL, counts, import_)
from trytond.modules.coop_cae.tests.tools import set_up_cae
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

# A new company takes seconds, for its chart of accounts
NAMES = sorted(ALL.keys() - {'companies.csv'})
CELLS = [
    '', ' ', '0', '-1', '1', '3', '99999999999999', '0,001', '1e3', 'NaN',
    '1.000,00', '2024-02-30', '31/12/2024', '1899-12-31', '2024-01',
    '9999-12', 'COOP', 'OTHER', 'E1', 'E3', 'E1,E1', 'E1|E2', 'A1', 'A3',
    'CAPE', 'CESA', 'BES', "'", '"', '%s', '%(file)s', '\\', '\x00',
    '\u202f', 'é' * 300, '\U0001f600',
    ]


@st.composite
def mutations(draw):
    "Return a file and what became of it"
    name = draw(st.sampled_from(NAMES))
    rows = [line.split(';') for line in ALL[name].splitlines()]
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, len(rows[row]) - 1))
        rows[row][column] = draw(st.sampled_from(CELLS))
    kind = draw(st.sampled_from(
            ['row lost', 'row doubled', 'column lost', 'none', 'none']))
    row = draw(st.integers(0, len(rows) - 1))
    if kind == 'row lost':
        del rows[row]
    elif kind == 'row doubled':
        rows.insert(row, list(rows[row]))
    elif kind == 'column lost':
        for cells in rows:
            del cells[-1]
    data = '\n'.join(';'.join(cells) for cells in rows).encode() + b'\n'
    if draw(st.booleans()):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 20, len(data))))
        data = data[:start] + draw(st.binary(max_size=5)) + data[end:]
    if draw(st.booleans()):
        data = data[:draw(st.integers(0, len(data)))]
    return name, data


class TableMutationTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules('coop_cae', set_up_cae)

    @settings(
        deadline=None, max_examples=80,
        suppress_health_check=[HealthCheck.too_slow])
    @given(mutations())
    @with_transaction()
    def test_whole_or_not_at_all(self, mutation):
        name, data = mutation
        before = counts()
        try:
            report = import_(name, data)
        except FileError as error:
            self.assertTrue(error.problems)
            for problem in error.problems:
                self.assertIn(name, problem.text())
            self.assertEqual(counts(), before)
        else:
            # What came in comes in again without a change
            again = import_(name, data)
            self.assertEqual(again['created'] + again['updated'], 0)
            self.assertEqual(
                again['unchanged'],
                report['created'] + report['updated'] + report['unchanged'])
