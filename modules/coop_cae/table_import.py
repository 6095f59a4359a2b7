# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import os

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_ledger.exceptions import FileError
from trytond.modules.coop_ledger.files.problem import Problem, refuse
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.rpc import RPC
from trytond.transaction import check_access, without_check_access
from trytond.wizard import Button, StateView, Wizard

from .tables import TABLES, in_order, is_fec, table_of


class TableImport(ModelView):
    __name__ = 'cae.table.import'

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__.update({
                'import_file': RPC(readonly=False),
                'import_files': RPC(readonly=False),
                })

    @classmethod
    def import_file(cls, filename, data, dry_run=False):
        """Enter a table and return what was done.

        The file enters whole, or not at all: a FileError then tells all that
        is wrong with it.
        A dry run does everything and takes it back.
        """
        name = os.path.basename(filename)
        table = table_of(name, data)
        if not table:
            refuse([Problem('coop_cae.msg_table_unknown_file', name, args={
                            'tables': [f'{t.name}.csv' for t in TABLES]})])
        cls._check_access(table)
        with savepoint() as point, without_check_access():
            report = table.enter(data, name)
            point.undo = dry_run
        return {
            'file': report.file,
            'table': report.table,
            'created': report.created,
            'updated': report.updated,
            'unchanged': report.unchanged,
            'notes': [note.text() for note in report.notes],
            }

    @classmethod
    def import_files(cls, files, dry_run=False, company=None):
        """Enter files and return a report of each.

        files are pairs of name and bytes, tables and FEC in any order; a FEC
        without SIREN in its name belongs to the company.
        A file that is refused has its problems in its report; the others
        enter all the same.
        """
        with savepoint() as point:
            reports = [
                cls._enter(name, data, company)
                for name, data in in_order(files)]
            point.undo = dry_run
        return reports

    @classmethod
    def _enter(cls, name, data, company):
        try:
            with savepoint():
                if is_fec(name, data):
                    return cls._import_fec(name, data, company)
                return cls.import_file(name, data)
        except UserError as error:
            problems = getattr(error, 'problems', None)
            return {
                'file': name,
                'problems': [p.text() for p in problems] if problems
                else [str(error)],
                }

    @classmethod
    def _check_access(cls, table):
        ModelAccess = Pool().get('ir.model.access')
        # A wizard does not check the access by itself
        with check_access():
            for model in table.access:
                for mode in ['create', 'write']:
                    ModelAccess.check(model, mode)

    @classmethod
    def _import_fec(cls, name, data, company):
        FecImport = Pool().get('coop.fec.import')
        return FecImport.import_file(name, data, company=company)


class ImportTables(Wizard):
    __name__ = 'cae.import_tables'

    start = StateView(
        'cae.import_tables.start', 'coop_cae.import_tables_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'result', 'tryton-ok', default=True),
            ])
    result = StateView(
        'cae.import_tables.result',
        'coop_cae.import_tables_result_view_form', [
            Button("OK", 'end', 'tryton-ok', default=True),
            ])

    def default_result(self, fields):
        TableImport = Pool().get('cae.table.import')
        files = [(f.name, f.data) for f in self.start.files]
        reports = TableImport.import_files(
            files, dry_run=self.start.dry_run,
            company=self.start.company.id if self.start.company else None)
        # No need to store them in the session
        self.start.files = []
        return {'text': '\n\n'.join(map(report_text, reports))}


class ImportTablesStart(ModelView):
    __name__ = 'cae.import_tables.start'

    company = fields.Many2One(
        'company.company', "Company",
        domain=[
            ('id', 'in', Eval('context', {}).get('companies', [])),
            ],
        help="The company of an accounting file "
        "whose name does not have its SIREN.")
    dry_run = fields.Boolean(
        "Dry Run",
        help="Check to see what the import would do without doing it.")
    files = fields.One2Many(
        'cae.import_tables.file', None, "Files", required=True)

    @classmethod
    def default_dry_run(cls):
        return False


class ImportTablesFile(ModelView):
    __name__ = 'cae.import_tables.file'

    name = fields.Char("Name", required=True)
    data = fields.Binary("File", filename='name', required=True)


class ImportTablesResult(ModelView):
    __name__ = 'cae.import_tables.result'

    text = fields.Text("Result", readonly=True)


def report_text(report):
    "Return the report of a file as text for people"
    if problems := report.get('problems'):
        lines = [gettext(
                'coop_cae.msg_table_refused',
                file=report['file'], count=len(problems))]
        lines.extend(problems)
    else:
        lines = [gettext(
                'coop_cae.msg_table_entered',
                file=report['file'], created=report['created'],
                updated=report['updated'], unchanged=report['unchanged'])]
        lines.extend(report['notes'])
    return '\n'.join(lines)
