# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import re

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, Unique, fields
from trytond.model.exceptions import AccessError
from trytond.modules.coop_access.arguments import takes
from trytond.modules.coop_access.exceptions import ArgumentError
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.rpc import RPC
from trytond.transaction import Transaction, without_check_access
from trytond.wizard import Button, StateTransition, StateView

from .fec_booking import FecBooking
from .files.fec import read_fec
from .files.problem import problem_texts
from .lock import lock_posting
from .savepoint import savepoint

COUNTS = [
    'entries', 'lines', 'new_entries', 'new_lines', 'reconciliations',
    'accounts', 'parties', 'journals', 'fiscalyears']


class TraceMixin:
    "What an import leaves behind is only written by imports"
    __slots__ = ()

    @classmethod
    def check_modification(
            cls, mode, records, values=None, external=False):
        super().check_modification(
            mode, records, values=values, external=external)
        if external:
            raise AccessError(gettext('coop_ledger.msg_fec_import_modify'))


class FecImport(TraceMixin, ModelSQL, ModelView):
    __name__ = 'coop.fec.import'
    _rec_name = 'file'

    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    file = fields.Char("File", required=True, readonly=True)
    siren = fields.Char("SIREN", readonly=True)
    closing_date = fields.Date("Closing Date", readonly=True)
    new_entries = fields.Integer("Entries", readonly=True)
    new_lines = fields.Integer("Lines", readonly=True)
    reconciliations = fields.Integer("Reconciliations", readonly=True)
    notes = fields.Text("Notes", readonly=True)
    entries = fields.One2Many(
        'coop.fec.entry', 'import_', "Entries", readonly=True)
    imported_at = fields.Function(
        fields.DateTime("Imported at"), 'get_imported')
    imported_by = fields.Function(
        fields.Many2One('res.user', "Imported by"), 'get_imported')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order.insert(0, ('id', 'DESC'))
        cls.__rpc__['import_file'] = RPC(readonly=False)

    @classmethod
    def get_imported(cls, records, names):
        values = {
            'imported_at': lambda r: r.create_date.replace(microsecond=0),
            'imported_by': lambda r: r.create_uid.id if r.create_uid else None,
            }
        return {
            name: {r.id: values[name](r) for r in records} for name in names}

    @classmethod
    @takes(data='bytes', filename='text', dry_run='flag', force='flag')
    def import_file(
            cls, company, data, filename, dry_run=False, force=False):
        """Post the entries of a FEC that are new, and say what was done

        The file enters whole or not at all: FileError tells all that is
        wrong with it.
        A dry run does all the same and takes it back.
        force takes a file whose name has not the SIREN of the company.
        Return counts by name and the notes as sentences.
        """
        company = cls._check_company(company)
        with Transaction().set_context(company=company.id), \
                without_check_access():
            fec = read_fec(data, filename)
            if not force:
                cls._check_siren(company, fec)
            if fec.entries:
                dates = [entry.date for entry in fec.entries]
                lock_posting(company, min(dates), max(dates))
            with savepoint() as point:
                import_ = cls._start(company, fec)
                counts = FecBooking(import_, fec).book()
                result = {name: counts.get(name, 0) for name in COUNTS}
                result['notes'] = problem_texts(fec.notes)
                result['dry_run'] = dry_run
                import_.new_entries = result['new_entries']
                import_.new_lines = result['new_lines']
                import_.reconciliations = result['reconciliations']
                import_.notes = '\n'.join(result['notes'])
                import_.save()
                # An import that brings nothing leaves no trace
                point.undo = dry_run or not (
                    import_.new_entries or import_.reconciliations)
        return result

    @classmethod
    def _check_company(cls, company):
        "Return the company if the user may import into it"
        pool = Pool()
        Company = pool.get('company.company')
        ModelAccess = pool.get('ir.model.access')
        User = pool.get('res.user')
        try:
            company = Company(int(company))
            company.rec_name
        except (TypeError, ValueError, OverflowError):
            raise ArgumentError(gettext(
                    'coop_access.msg_argument', name='company',
                    value=repr(company)[:100]))
        if Transaction().check_access:
            ModelAccess.check(cls.__name__, 'read')
            ModelAccess.check('account.move', 'create')
            if company.id not in User.get_companies():
                raise AccessError(gettext(
                        'coop_ledger.msg_fec_import_company',
                        company=company.rec_name))
        return company

    @classmethod
    def _check_siren(cls, company, fec):
        sirens = cls._get_sirens(company)
        if not fec.siren:
            fec.problem('fec_name')
        elif not sirens:
            fec.problem(
                'fec_company_siren', value=fec.siren,
                company=company.rec_name)
        elif fec.siren not in sirens:
            fec.problem(
                'fec_siren', value=fec.siren, company=company.rec_name,
                siren=sorted(sirens))

    @classmethod
    def _get_sirens(cls, company):
        "Return the SIREN that the party of the company is known by"
        party = company.party
        codes = [party.code] + [
            i.code for i in party.identifiers
            if i.type in {'fr_siren', 'fr_siret', 'fr_rcs'}]
        return {
            match[1] for code in codes
            if (match := re.match(
                    r'([0-9]{9})([0-9]{5})?$',
                    re.sub(r'[\s.]', '', code or '')))}

    @classmethod
    def _start(cls, company, fec):
        import_ = cls(
            company=company, file=fec.file, siren=fec.siren,
            closing_date=fec.closing_date)
        import_.save()
        return import_

    # What other modules extend

    @classmethod
    def _find_parties(cls, company, fec, names):
        """Return the ids of parties that are known by other means

        names are those of the file by auxiliary account.
        """
        return {}

    @classmethod
    def _get_parts(cls, company, fec, lines):
        """Return the analytic parts of each line

        A line without parts is left to the analytic rules.
        What is wrong is added to the problems of the file.
        """
        return [()] * len(lines)

    @classmethod
    def _get_fiscalyear(cls, company, start, end):
        "Return the fiscal year to create, not saved"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        ModelData = pool.get('ir.model.data')
        Sequence = pool.get('ir.sequence.strict')
        name = end.strftime('%Y')
        if start.year != end.year:
            name = f'{start:%Y}-{end:%Y}'
        sequence = Sequence(
            name=name, company=company,
            sequence_type=ModelData.get_id(
                'account', 'sequence_type_account_move'))
        sequence.save()
        return FiscalYear(
            name=name, company=company, start_date=start, end_date=end,
            move_sequence=sequence)


class FecEntry(TraceMixin, ModelSQL, ModelView):
    __name__ = 'coop.fec.entry'
    _rec_name = 'key'

    import_ = fields.Many2One(
        'coop.fec.import', "Import", required=True, readonly=True,
        ondelete='RESTRICT')
    company = fields.Many2One(
        'company.company', "Company", required=True, readonly=True)
    date = fields.Date("Date", required=True, readonly=True)
    key = fields.Char("Key", required=True, readonly=True)
    digest = fields.Char("Digest", required=True, readonly=True)
    piece = fields.Char(
        "Voucher", readonly=True,
        help="The references of its vouchers in the file.")
    piece_date = fields.Date("Voucher Date", readonly=True)
    move = fields.Many2One(
        'account.move', "Move", readonly=True, ondelete='RESTRICT')

    @classmethod
    def __setup__(cls):
        super().__setup__()
        t = cls.__table__()
        cls._sql_constraints += [
            ('key_unique', Unique(t, t.company, t.key),
                'coop_ledger.msg_fec_entry_key_unique'),
            ]
        cls._sql_indexes.update({
                Index(t, (t.company, Index.Range()), (t.date, Index.Range())),
                Index(t, (t.move, Index.Range())),
                })

    @classmethod
    def imported(cls, company, fec, names):
        """Return the values of the entries of the company that are known, of
        the dates of the file"""
        table = cls.__table__()
        cursor = Transaction().connection.cursor()
        dates = [entry.date for entry in fec.entries]
        cursor.execute(*table.select(
                *(getattr(table, name) for name in names),
                where=(table.company == company.id)
                & (table.date >= min(dates)) & (table.date <= max(dates))))
        return cursor.fetchall()


class FecAuxiliary(ModelSQL, ModelView):
    __name__ = 'coop.fec.auxiliary'
    _rec_name = 'code'

    company = fields.Many2One('company.company', "Company", required=True)
    code = fields.Char(
        "Code", required=True,
        help="The number of the auxiliary account in the files.")
    name = fields.Char(
        "Name", help="The first name found in the files for the code.")
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})

    @classmethod
    def __setup__(cls):
        cls.code.search_unaccented = False
        super().__setup__()
        cls._order.insert(0, ('code', 'ASC'))
        t = cls.__table__()
        cls._sql_constraints += [
            ('code_unique', Unique(t, t.company, t.code),
                'coop_ledger.msg_fec_auxiliary_code_unique'),
            ]
        cls._sql_indexes.add(Index(t, (t.party, Index.Range())))

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')


class PartyReplace(metaclass=PoolMeta):
    __name__ = 'party.replace'

    @classmethod
    def fields_to_replace(cls):
        return super().fields_to_replace() + [
            ('coop.fec.auxiliary', 'party'),
            ]


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def _get_origin(cls):
        return super()._get_origin() + ['coop.fec.entry']


class FecImportFile(BookingWizard):
    __name__ = 'coop.fec.import_file'
    start = StateView('coop.fec.import_file.start',
        'coop_ledger.fec_import_file_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Import", 'import_', 'tryton-ok', default=True),
            ])
    import_ = StateTransition()
    result = StateView('coop.fec.import_file.result',
        'coop_ledger.fec_import_file_result_view_form', [
            Button("Back", 'start', 'tryton-back'),
            Button("Close", 'end', 'tryton-close', default=True),
            ])

    def transition_import_(self):
        FecImport = Pool().get('coop.fec.import')
        self.result.result = result_text(FecImport.import_file(
                self.start.company, self.start.file, self.start.filename or '',
                dry_run=self.start.dry_run, force=self.start.force))
        return 'result'

    def default_start(self, fields):
        names = ['company', 'file', 'filename', 'force']
        if not hasattr(self.start, 'file'):
            return {}
        values = {n: getattr(self.start, n) for n in names}
        values['company'] = self.start.company.id
        values['dry_run'] = False
        return values

    def default_result(self, fields):
        return {'result': self.result.result}


class FecImportFileStart(ModelView):
    __name__ = 'coop.fec.import_file.start'
    company = fields.Many2One('company.company', "Company", required=True)
    file = fields.Binary(
        "File", required=True, filename='filename',
        help="The accounting entries file (FEC), named as the law asks: "
        "SIREN, FEC and closing date.")
    filename = fields.Char("File Name")
    dry_run = fields.Boolean(
        "Dry Run", help="Only tell what the import would do.")
    force = fields.Boolean(
        "Other SIREN",
        help="Take the file even if its name has not the SIREN of the "
        "company.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_dry_run(cls):
        return True


class FecImportFileResult(ModelView):
    __name__ = 'coop.fec.import_file.result'
    result = fields.Text("Result", readonly=True)


def result_text(result):
    "Return what import_file did as sentences"
    head = 'dry_run' if result['dry_run'] else 'done'
    texts = [gettext(f'coop_ledger.msg_fec_result_{head}', **{
                n: result[n] for n in COUNTS})]
    return '\n'.join(texts + result['notes'])
