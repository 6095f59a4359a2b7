# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import os

from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.arguments import takes
from trytond.modules.coop_ledger.fec_import import result_text
from trytond.modules.coop_ledger.files.fec import read_name
from trytond.modules.coop_ledger.files.problem import (
    Problem, problem_texts, refuse)
from trytond.modules.coop_ledger.lock import take_turns
from trytond.modules.coop_ledger.savepoint import savepoint
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.rpc import RPC
from trytond.transaction import Transaction, check_access, without_check_access
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
                'left': RPC(),
                })

    @classmethod
    @takes(filename='text', data='bytes', dry_run='flag')
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
            take_turns()
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
    @takes(files='files', dry_run='flag', company='text', force='flag')
    def import_files(cls, files, dry_run=False, company=None, force=False):
        """Enter files and return a report of each, with its text.

        files are pairs of name and bytes, tables and FEC in any order.
        company is the code of the one of FEC whose name does not tell it;
        force takes a FEC that has the SIREN of another company.
        A file that is refused has its problems in its report. After a table
        that is refused the rest, which may need it, is left.
        """
        reports = []
        refused = False
        with savepoint() as point:
            for name, data in in_order(files):
                if refused:
                    reports.append({
                            'file': name,
                            'problems': [],
                            'text': cls.left(name),
                            })
                    continue
                report = cls._enter(name, data, company, force)
                refused = 'problems' in report and not is_fec(name, data)
                reports.append(report)
            point.undo = dry_run
        return reports

    @classmethod
    def _enter(cls, name, data, company, force):
        try:
            with savepoint():
                if is_fec(name, data):
                    return cls._import_fec(name, data, company, force)
                report = cls.import_file(name, data)
        except UserError as error:
            problems = problem_texts(getattr(error, 'problems', []))
            problems = problems or [_error_text(error)]
            return {
                'file': name,
                'problems': problems,
                'text': '\n'.join([
                        gettext('coop_cae.msg_table_refused', file=name),
                        *problems]),
                }
        report['text'] = '\n'.join([
                gettext('coop_cae.msg_table_entered', **{
                        n: report[n] for n in [
                            'file', 'created', 'updated', 'unchanged']}),
                *report['notes']])
        return report

    @classmethod
    @takes(name='text')
    def left(cls, name):
        "Return the text for a file that was left after another was refused"
        return gettext('coop_cae.msg_table_left', file=name)

    @classmethod
    def _import_fec(cls, name, data, code, force):
        pool = Pool()
        FecImport = pool.get('coop.fec.import')
        ModelAccess = pool.get('ir.model.access')
        with check_access():
            ModelAccess.check('account.move', 'create')
        company = cls._fec_company(name, code)
        with without_check_access():
            report = FecImport.import_file(company, data, name, force=force)
        report['file'] = name
        report['text'] = f'{name}: {result_text(report)}'
        return report

    @classmethod
    def _fec_company(cls, name, code):
        "Return the company of the code, or of the SIREN in the name"
        pool = Pool()
        Company = pool.get('company.company')
        User = pool.get('res.user')
        user = Transaction().user
        companies = User(user).companies if user else Company.search([])
        siren, _ = read_name(name)
        for company in companies:
            if code:
                if company.party.code == code:
                    return company
            elif (siren and company.party.siren
                    and company.party.siren.code_compact == siren):
                return company
        refuse([Problem(
                    'coop_cae.msg_table_fec_company', name,
                    args={'code': code or siren or ''})])

    @classmethod
    def _check_access(cls, table):
        ModelAccess = Pool().get('ir.model.access')
        # A wizard does not check the access by itself
        with check_access():
            for model in table.access:
                for mode in ['create', 'write']:
                    ModelAccess.check(model, mode)


def _error_text(error):
    description = getattr(error, 'description', None)
    return '\n'.join(filter(None, [error.message, description]))


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
            company=self.start.company and self.start.company.party.code)
        # No need to store them in the session
        self.start.files = []
        return {'text': '\n\n'.join(r['text'] for r in reports)}


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
