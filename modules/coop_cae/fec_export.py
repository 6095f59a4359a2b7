# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What Tryton's export of the entries of a year (FEC) leaves to be said: the
name of the file, the vouchers and labels of entries, and texts as they are."""
import csv
import re

from trytond.model import ModelStorage, fields
from trytond.pool import Pool, PoolMeta
from trytond.tools import grouped_slice
from trytond.transaction import Transaction, without_check_access

REFERENCE, LABEL, DEBIT, CREDIT = 8, 10, 11, 12
SLICE = 1000
# An auxiliary account has a number and a name, or none
AUXILIARY, AUXILIARY_NAME = 6, 7
_BLANK = re.compile(r'[\s\x00-\x1f\x7f-\x9f]+')


class FecWriter:
    """Write the fields of a line as they are, between tabs

    The file knows no quotes and no escapes: what would cut a field or a line
    becomes a space."""
    dialect = csv.excel_tab

    def __init__(self, file):
        self.file = file

    def writerow(self, row):
        self.file.write('\t'.join(
                _BLANK.sub(' ', text).strip() for text in row) + '\r\n')


class Auxiliaries:
    """The auxiliary accounts of a company, as its files named them

    Companies share parties, and each may number them in its own way.
    """

    def __init__(self, company):
        Auxiliary = Pool().get('coop.fec.auxiliary')
        with without_check_access():
            auxiliaries = Auxiliary.search(
                [('company', '=', company.id)], order=[('id', 'DESC')])
        self.codes = {a.party.code: a.code for a in auxiliaries}
        self.taken = {a.code for a in auxiliaries}

    def put(self, row):
        "Put the account of the party that has the code in its place"
        code = row[AUXILIARY]
        if not code:
            return
        if code in self.codes:
            row[AUXILIARY] = self.codes[code]
        else:
            # That of another party is not lent
            while row[AUXILIARY] in self.taken:
                row[AUXILIARY] = f'P{row[AUXILIARY]}'
        row[AUXILIARY_NAME] = row[AUXILIARY_NAME] or row[AUXILIARY]


class FecExport(metaclass=PoolMeta):
    __name__ = 'account.fr.fec'

    def transition_generate(self):
        # Accounts, journals and labels are those of the company
        company = self.start.fiscalyear.company
        with Transaction().set_context(
                company=company.id, language=company.party.lang.code
                if company.party.lang else Transaction().language):
            return super().transition_generate()

    def default_result(self, fields):
        result = super().default_result(fields)
        fiscalyear = self.start.fiscalyear
        siren = fiscalyear.company.party.siren
        result['filename'] = '%sFEC%s.txt' % (
            _BLANK.sub('', siren.code) if siren else '',
            self.get_format_date()(fiscalyear.end_date))
        return result

    def get_writer(self, fd):
        return FecWriter(fd)

    def get_start_balance(self):
        auxiliaries = Auxiliaries(self.start.fiscalyear.company)
        for row in super().get_start_balance():
            # SQLite sums floats: what is left of them is no balance
            if row[DEBIT] != row[CREDIT]:
                auxiliaries.put(row)
                yield row

    def get_lines(self):
        """Leave out what closes the accounts of income and charges, and keep
        no more than some lines in memory

        The ORM is slow on long lists of records.
        """
        pool = Pool()
        Line = pool.get('account.move.line')
        Move = pool.get('account.move')
        fiscalyear = self.start.fiscalyear
        self.auxiliaries = Auxiliaries(fiscalyear.company)
        with without_check_access():
            closing = Move.search([
                    ('origin', '=', str(fiscalyear)),
                    ('period.type', '=', 'adjustment'),
                    ], order=[])
        domain = [
            ('move.period.fiscalyear', '=', fiscalyear.id),
            ('move.state', '=', 'posted'),
            ('move', 'not in', [m.id for m in closing]),
            ['OR', ('debit', '!=', 0), ('credit', '!=', 0)],
            ]
        if period := self.start.deferral_period:
            domain.append(('move.period', '!=', period.id))
        cursor = Transaction().connection.cursor()
        cursor.execute(*Line.search(domain, order=[
                    ('move.post_date', 'ASC'),
                    ('move.number', 'ASC'),
                    ('id', 'ASC'),
                    ], query=True))
        for ids in grouped_slice([id_ for id_, in cursor], SLICE):
            yield from Line.browse(list(ids))

    def get_row(self, line, format_date, format_number):
        row = super().get_row(line, format_date, format_number)
        self.auxiliaries.put(row)
        if row[LABEL] == '-':
            row[LABEL] = line.move.description_used or row[REFERENCE]
        return row

    def get_reference(self, line):
        "An entry without a voucher is its own"
        pool = Pool()
        Entry = pool.get('coop.fec.entry')
        Invoice = pool.get('account.invoice')
        origin = line.move.origin
        reference = None
        if isinstance(origin, Entry):
            reference = origin.piece
        elif isinstance(origin, Invoice):
            reference = origin.number
        elif isinstance(origin, ModelStorage):
            reference = origin.rec_name
        return reference or line.move.number

    def get_reference_date(self, line):
        Entry = Pool().get('coop.fec.entry')
        origin = line.move.origin
        if isinstance(origin, Entry) and origin.piece_date:
            return origin.piece_date
        return super().get_reference_date(line) or line.move.date


class FecExportStart(metaclass=PoolMeta):
    __name__ = 'account.fr.fec.start'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        # A year that is not closed yet has none
        cls.deferral_period.required = False

    @fields.depends('fiscalyear', 'deferral_period')
    def on_change_fiscalyear(self):
        if self.deferral_period and (
                self.deferral_period.fiscalyear != self.fiscalyear):
            self.deferral_period = None
