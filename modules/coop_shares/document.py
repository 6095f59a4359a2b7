# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What movements and withholdings share: once posted, nobody changes them."""
import datetime
from collections import defaultdict

from sql import Null
from sql.functions import CurrentTimestamp

from trytond.i18n import gettext
from trytond.model import fields
from trytond.modules.coop_access.fresh_session import ask_again
from trytond.modules.coop_ledger.bulk import insert
from trytond.modules.coop_ledger.open_day import open_days
from trytond.modules.coop_ledger.update import assign
from trytond.pool import Pool
from trytond.pyson import Eval
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .exceptions import PostedError, ReverseError

# One parameter each: all databases take so many at once
CHUNK = 10_000

# What is posted and was not taken back
STANDING = (
    ('state', '=', 'posted'),
    ('reversal_of', '=', None),
    ('reversed_by', '=', None),
    )
STATES = {
    'readonly': Eval('state') != 'draft',
    }


class DocumentMixin:
    """A document of the register.

    It is written by the ORM only while it is a draft; posting numbers it,
    books its entry and seals it in the same transaction, by SQL, which no
    user, group or code of the ORM can do instead.
    A model that uses it has the fields origin, move and reversal_of.
    """
    __slots__ = ()

    company = fields.Many2One(
        'company.company', "Company", required=True, states=STATES)
    currency = fields.Function(fields.Many2One(
            'currency.currency', "Currency"), 'on_change_with_currency')
    date = fields.Date("Date", required=True, states=STATES)
    posted_by = fields.Many2One(
        'res.user', "Posted By", readonly=True, ondelete='RESTRICT')
    posted_at = fields.DateTime("Posted At", readonly=True)
    state = fields.Selection([
            ('draft', "Draft"),
            ('posted', "Posted"),
            ], "State", required=True, readonly=True, sort=False)

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._order = [('date', 'DESC'), ('id', 'DESC')]
        cls._buttons.update({
                'post': {
                    'invisible': Eval('state') != 'draft',
                    'depends': ['state'],
                    },
                })
        ask_again(cls, 'post')

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_state(cls):
        return 'draft'

    @fields.depends('company')
    def on_change_with_currency(self, name=None):
        return self.company.currency if self.company else None

    @classmethod
    def get_reversed_by(cls, documents, name):
        reversed_by = dict.fromkeys(map(int, documents))
        for document in cls.search([
                    ('reversal_of', 'in', list(reversed_by)),
                    ], order=[]):
            reversed_by[document.reversal_of.id] = document.id
        return reversed_by

    @classmethod
    def search_reversed_by(cls, name, clause):
        table = cls.__table__()
        _, operator, value = clause
        if value is None:
            query = table.select(
                table.reversal_of, where=table.reversal_of != Null)
            return [('id', 'not in' if operator == '=' else 'in', query)]
        reversals = cls.search([('rec_name', *clause[1:])], order=[])
        return [('id', 'in', [
                    r.reversal_of.id for r in reversals if r.reversal_of])]

    @classmethod
    def get_origin(cls):
        Model = Pool().get('ir.model')
        get_name = Model.get_name
        return [(None, '')] + [(m, get_name(m)) for m in cls._get_origin()]

    @classmethod
    def _get_origin(cls):
        "Return the names of the models that documents come from"
        return []

    @classmethod
    def copy(cls, documents, default=None):
        default = default.copy() if default is not None else {}
        for name in cls._sealed_fields():
            default.setdefault(name)
        default['state'] = cls.default_state()
        return super().copy(documents, default=default)

    @classmethod
    def _sealed_fields(cls):
        "Return the names of the fields that only posting sets"
        return {'move', 'posted_at', 'posted_by', 'reversal_of'}

    @classmethod
    def check_modification(
            cls, mode, documents, values=None, external=False):
        super().check_modification(
            mode, documents, values=values, external=external)
        if mode == 'create':
            for document in documents:
                if document.state != 'draft' or any(
                        getattr(document, name)
                        for name in cls._sealed_fields()):
                    raise PostedError(gettext(
                            'coop_shares.msg_document_create',
                            **cls.__names__()))
            return
        for document in documents:
            if document.state != 'draft':
                message = 'msg_document_modify'
            elif values and (
                    values.get('state', 'draft') != 'draft'
                    or any(map(values.get, cls._sealed_fields()))):
                message = 'msg_document_seal'
            else:
                continue
            raise PostedError(gettext(
                    f'coop_shares.{message}',
                    document=document.rec_name, **cls.__names__()))

    @classmethod
    def _insert(cls, rows):
        "Insert drafts from dictionaries of values and return them"
        if not rows:
            return []
        names = list(dict.fromkeys(name for row in rows for name in row))
        return cls.browse(insert(cls, [*names, 'state'], [
                    (*(row.get(name) for name in names), 'draft')
                    for row in rows]))

    @classmethod
    def _seal(cls, documents):
        "Set the documents posted"
        transaction = Transaction()
        cursor = transaction.connection.cursor()
        table = cls.__table__()
        values = {
            'state': 'posted',
            'posted_by': transaction.user,
            'posted_at': datetime.datetime.now().replace(microsecond=0),
            'write_uid': transaction.user,
            'write_date': CurrentTimestamp(),
            }
        ids = [d.id for d in documents]
        for sub_ids in grouped_slice(ids, CHUNK):
            cursor.execute(*table.update(
                    [getattr(table, name) for name in values],
                    list(values.values()),
                    where=fields.SQL_OPERATORS['in'](
                        table.id, list(sub_ids))))
        cls._forget()
        return cls.browse(ids)

    @classmethod
    def _forget(cls):
        "Let the ORM read again what was written by SQL"
        transaction = Transaction()
        transaction.counter += 1
        for cache in transaction.cache.values():
            if cls.__name__ in cache:
                cache[cls.__name__].clear()

    @classmethod
    def _book(cls, company, documents, entry):
        """Post the entry of each document: entry is a function that returns
        it, None when there is nothing to book"""
        Move = Pool().get('account.move')
        entries = [(d.id, e) for d in documents if (e := entry(d))]
        posted = Move.post_entries(company, [e for _, e in entries])
        assign(cls, 'move', [
                (id_, p.move) for (id_, _), p in zip(entries, posted)])
        return cls.browse(documents)

    @classmethod
    def _reversal_dates(cls, company, documents, date=None):
        """Return the date of the reversal of each document by id: the one
        that is given, else its own, or where its period is closed a day that
        is open"""
        if date:
            return dict.fromkeys(map(int, documents), date)
        days = open_days(company, (d.date for d in documents))
        return {d.id: days[d.date] for d in documents}

    @classmethod
    def _book_reversals(cls, reversals):
        """Post the mirror of the entry of the documents that are reversed,
        all of the same company, on the days of the reversals"""
        Move = Pool().get('account.move')
        booked = [r for r in reversals if r.reversal_of.move]
        # The documents of one operation share its entry
        moves = {r.reversal_of.move.id: r for r in reversed(booked)}
        by_date = defaultdict(list)
        # Read together
        for move in Move.browse(sorted(moves)):
            date = moves[move.id].date
            by_date[date if date != move.date else None].append(move)
        mirrors = {}
        with Transaction().set_context(_coop_shares_register=True):
            for date, group in by_date.items():
                posted = Move.reverse_entries(group, date=date, origin={
                        m.id: str(moves[m.id]) for m in group})
                mirrors.update(
                    (m.id, mirror.move) for m, mirror in zip(group, posted))
        assign(cls, 'move', [
                (r.id, mirrors[r.reversal_of.move.id]) for r in booked])
        return cls.browse(reversals)

    @classmethod
    def _check_reverse(cls, documents, date=None):
        for document in documents:
            names = {'document': document.rec_name, **cls.__names__()}
            if document.state != 'posted':
                message = 'msg_reverse_draft'
            elif document.reversal_of:
                message = 'msg_reverse_reversal'
            elif document.reversed_by:
                message = 'msg_reverse_twice'
                names['reversal'] = document.reversed_by.rec_name
            elif date and date < document.date:
                message = 'msg_reverse_before'
            else:
                continue
            raise ReverseError(gettext(f'coop_shares.{message}', **names))
