# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from collections import defaultdict

from sql import Null

from trytond.i18n import gettext
from trytond.model import Index, ModelSQL, ModelView, fields
from trytond.modules.currency.fields import Monetary
from trytond.pool import Pool
from trytond.pyson import Eval, If
from trytond.transaction import Transaction

from .document import STANDING
from .exceptions import CommitmentError
from .rules.withholding import TENTH, commitment_problems, covers

# What may change once something was kept back: the rest is another consent
_REVOCABLE = {'end_date', 'consent_reference', 'withholdings'}


class Commitment(ModelSQL, ModelView):
    __name__ = 'coop.share.commitment'

    company = fields.Many2One('company.company', "Company", required=True)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    party = fields.Many2One(
        'party.party', "Party", required=True, ondelete='RESTRICT',
        context={
            'company': Eval('company', -1),
            },
        depends={'company'})
    share_class = fields.Many2One(
        'coop.share.class', "Share Class", required=True, ondelete='RESTRICT',
        domain=[
            ('company', '=', Eval('company', -1)),
            ])
    rate = fields.Numeric(
        "Rate", digits=(None, 4), required=True,
        domain=[
            ('rate', '>', 0),
            ('rate', '<=', TENTH),
            ],
        help="What is kept back of the base.\n"
        "A tenth at most, all commitments of the person together.")
    base = fields.Selection([
            ('gross', "Gross Pay"),
            ('net', "Net Pay"),
            ], "Base", required=True, sort=False)
    ceiling_shares = fields.Integer(
        "Ceiling in Shares",
        domain=['OR',
            ('ceiling_shares', '=', None),
            ('ceiling_shares', '>', 0),
            ],
        help="Nothing more is kept back once the person holds, or has the "
        "savings for, that many shares.")
    ceiling_amount = Monetary(
        "Ceiling in Money", currency='currency', digits='currency',
        domain=['OR',
            ('ceiling_amount', '=', None),
            ('ceiling_amount', '>', 0),
            ],
        help="The most that is kept back under this commitment.")
    start_date = fields.Date(
        "Start Date", required=True,
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('start_date', '<=', Eval('end_date', None)),
                ()),
            ])
    end_date = fields.Date(
        "End Date",
        domain=[
            If(Eval('start_date') & Eval('end_date'),
                ('end_date', '>=', Eval('start_date', None)),
                ()),
            ],
        help="The last day: the person may end it at any time.")
    consent_date = fields.Date(
        "Consent Date", required=True,
        help="The date of the written consent of the person.")
    consent_reference = fields.Char(
        "Consent Reference",
        help="Where the written consent is, such as a clause of the "
        "contract or the admission form.")
    withholdings = fields.One2Many(
        'coop.share.withholding', 'commitment', "Withholdings", readonly=True)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        table = cls.__table__()
        cls._sql_indexes.update({
                Index(table,
                    (table.company, Index.Range()),
                    (table.start_date, Index.Range()),
                    (table.end_date, Index.Range(order='ASC NULLS LAST'))),
                Index(table, (table.party, Index.Range())),
                Index(table, (table.company, Index.Range()),
                    where=table.end_date == Null),
                })
        cls._order = [('start_date', 'DESC'), ('id', 'DESC')]

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_base(cls):
        return 'gross'

    @classmethod
    def default_share_class(cls):
        Configuration = Pool().get('coop.share.configuration')
        if Transaction().context.get('company'):
            class_ = Configuration(1).get_multivalue('share_class')
            return class_.id if class_ else None

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    def get_rec_name(self, name):
        lang = Pool().get('ir.lang').get()
        return f'{self.party.rec_name} – {lang.strftime(self.start_date)}'

    @classmethod
    def search_rec_name(cls, name, clause):
        return [('party.rec_name', *clause[1:])]

    @classmethod
    def copy(cls, commitments, default=None):
        default = default.copy() if default is not None else {}
        default.setdefault('withholdings')
        return super().copy(commitments, default=default)

    @classmethod
    def check_modification(
            cls, mode, commitments, values=None, external=False):
        Withholding = Pool().get('coop.share.withholding')
        super().check_modification(
            mode, commitments, values=values, external=external)
        if external and mode == 'write' and values.get('end_date'):
            cls._check_end(commitments, values['end_date'])
        if mode == 'create' or (
                mode == 'write' and values.keys() <= _REVOCABLE):
            return
        if used := Withholding.search([
                    ('commitment', 'in', [c.id for c in commitments]),
                    ('state', '=', 'posted'),
                    ], limit=1):
            raise CommitmentError(gettext(
                    'coop_shares.msg_commitment_modify',
                    commitment=used[0].commitment.rec_name))

    @classmethod
    def _check_end(cls, commitments, end):
        "A commitment holds for the months that were kept back under it"
        Withholding = Pool().get('coop.share.withholding')
        if kept := Withholding.search([
                    ('commitment', 'in', [c.id for c in commitments]),
                    *STANDING,
                    ('month', '>', end),
                    ], limit=1):
            raise CommitmentError(gettext(
                    'coop_shares.msg_commitment_end',
                    commitment=kept[0].commitment.rec_name,
                    withholding=kept[0].rec_name))

    @classmethod
    def validate_fields(cls, commitments, field_names):
        super().validate_fields(commitments, field_names)
        cls.check_together(commitments, field_names)

    @classmethod
    def check_together(cls, commitments, field_names=None):
        "What a person is committed to on one day is a tenth at most"
        if field_names and not (field_names & {
                    'company', 'party', 'share_class', 'rate', 'start_date',
                    'end_date'}):
            return
        by_person = defaultdict(list)
        for commitment in cls.search([
                    ('party', 'in', [c.party.id for c in commitments]),
                    ('company', 'in', [c.company.id for c in commitments]),
                    ], order=[('start_date', 'ASC'), ('id', 'ASC')]):
            by_person[commitment.company, commitment.party].append(commitment)
        for others in by_person.values():
            for commitment in others:
                # What is in force changes for more only at a start
                commitment._check_together([
                        c for c in others
                        if covers(c, commitment.start_date)])

    def _check_together(self, in_force):
        lang = Pool().get('ir.lang').get()
        names = {
            'party': self.party.rec_name,
            'date': lang.strftime(self.start_date),
            }
        if commitment_problems(c.rate for c in in_force):
            raise CommitmentError(gettext(
                    'coop_shares.msg_commitment_tenth',
                    rate=lang.format_number(
                        sum(c.rate for c in in_force) * 100, digits=2),
                    **names))
        if len({c.share_class for c in in_force}) > 1:
            raise CommitmentError(gettext(
                    'coop_shares.msg_commitment_classes', **names))
