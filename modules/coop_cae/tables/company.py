# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from stdnum.fr import siren

from trytond.modules.coop_ledger.files.table import Column, money
from trytond.pool import Pool
from trytond.transaction import Transaction

from .base import Change, Table
from .contribution import BASES, ContributionTerms
from .share import ShareTerms

ADMIN = 1
EURO = {
    'name': "Euro",
    'code': 'EUR',
    'numeric_code': '978',
    'symbol': '€',
    'rounding': Decimal('0.01'),
    'digits': 2,
    }


class Companies(Table):
    """The companies, each with all that its first close needs.

    A later fiscal year comes in as the same row with its first day; its
    contribution rate then holds from that day.
    """
    name = 'companies'
    columns = [
        Column('code', 'code'),
        Column('name'),
        Column('legal_form', 'choice', choices={
                'SCIC': 'scic', 'SCOP': 'scop', 'LOI47': 'loi47'}),
        Column('siren'),
        Column('fiscal_year_start', 'date'),
        money('share_nominal', minimum=Decimal('0.01')),
        # A tenth of the pay is the most that the statutes let withhold
        Column('share_rate', 'number', minimum=0, maximum=10, places=2),
        Column('contribution_base', 'choice', choices=list(BASES)),
        Column(
            'contribution_rate', 'number', minimum=0, maximum=100, places=4),
        ]
    key = ['code']
    access = ['company.company', 'account.fiscalyear']
    locks = [
        'account.configuration', 'cae.configuration',
        'coop.share.configuration', 'account.fiscalyear', 'account.period',
        'cae.contribution.rule']

    def prepare(self):
        companies = self.companies('code')
        parties = self.find('party.party', self.codes('code'))
        self.parties = []
        for row in self.rows:
            code = row['code']
            record = companies.get(code)
            if code in parties and not record:
                self.problem(row, 'code_taken', 'code')
            self._check(row)
            if record:
                self._check_company(row, record)
            party = record.party if record else None
            self.parties.append(Change(row, party, {
                        'code': code,
                        'name': row['name'],
                        'identifiers': _siren(row['siren'], party),
                        }))
            self.changes.append(Change(row, record, {
                        'legal_form': row['legal_form'],
                        }))

    def _check(self, row):
        if row['siren'] and not siren.is_valid(row['siren']):
            self.problem(row, 'siren', 'siren')
        start = row['fiscal_year_start']
        if start and start.day != 1:
            self.problem(row, 'month_start', 'fiscal_year_start')

    def _check_company(self, row, company):
        "Test if what changed may be changed"
        pool = Pool()
        FiscalYear = pool.get('account.fiscalyear')
        Move = pool.get('account.move')
        identifier = company.party.siren
        if (row['siren'] and identifier
                and identifier.code_compact != siren.compact(row['siren'])
                and Move.search(
                    [('company', '=', company.id)], limit=1, order=[])):
            self.problem(row, 'siren_used', 'siren', siren=identifier.code)
        if start := row['fiscal_year_start']:
            overlap = FiscalYear.search([
                    ('company', '=', company.id),
                    ('start_date', '!=', start),
                    ('start_date', '<', start + relativedelta(years=1)),
                    ('end_date', '>=', start),
                    ], limit=1)
            if overlap:
                self.problem(
                    row, 'fiscalyear_overlap', 'fiscal_year_start',
                    fiscalyear=overlap[0].rec_name)
            self._check_nominal(row, company)
            if ContributionTerms.of(row, company).used:
                self.problem(
                    row, 'rule_used', 'contribution_rate',
                    date=start)

    def _check_nominal(self, row, company):
        nominal = ShareTerms.of(row, company).nominal_in_force
        if (nominal is not None and row['share_nominal']
                and nominal != row['share_nominal']):
            self.problem(
                row, 'nominal_changed', 'share_nominal', nominal=nominal)

    def write(self):
        self.save('party.party', self.parties)
        for change, party in zip(self.changes, self.parties):
            if not change.record:
                change.values['party'] = party.record
                change.values['currency'] = self._euro()
        new = [c for c in self.changes if not c.record]
        self.save('company.company', self.changes)
        _allow([c.record for c in new])
        for change in self.changes:
            company, row = change.record, change.row
            with Transaction().set_context(
                    company=company.id, companies=[company.id]):
                done = [
                    self._set_up_ledger(company, row),
                    ShareTerms.of(row, company).enter(),
                    ContributionTerms.of(row, company).enter()]
            if done[1] == 'rate':
                self.note(row, 'rate_commitments', 'share_rate')
            if any(done):
                self._updated.add(row.line)

    def _set_up_ledger(self, company, row):
        "Make what entries and closes need, and return if something was made"
        pool = Pool()
        Configuration = pool.get('cae.configuration')
        FiscalYear = pool.get('account.fiscalyear')
        start = row['fiscal_year_start']
        company.create_french_chart()
        made = not FiscalYear.search([
                ('company', '=', company.id),
                ('start_date', '=', start),
                ], limit=1)
        if made:
            company.create_fiscalyear(start)
        Configuration.set_up(company, closes_from=start)
        return made

    def _euro(self):
        Currency = Pool().get('currency.currency')
        with Transaction().set_context(active_test=False):
            currencies = Currency.search([('code', '=', 'EUR')])
        if not currencies:
            currencies = Currency.create([EURO])
        return currencies[0]


def _siren(code, party):
    "Return what gives the SIREN to the party"
    identifier = party.siren if party else None
    if not code or (
            identifier and identifier.code_compact == siren.compact(code)):
        return []
    if identifier:
        return [('write', [identifier.id], {'code': code})]
    return [('create', [{'type': 'fr_siren', 'code': code}])]


def _allow(companies):
    "Give the new companies to the user"
    User = Pool().get('res.user')
    user = User(Transaction().user or ADMIN)
    if companies:
        with Transaction().set_user(0):
            User.write([user], {
                    'companies': [('add', [c.id for c in companies])],
                    'company': (user.company or companies[0]).id,
                    'company_filter': 'all',
                    })
