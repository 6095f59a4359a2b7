# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.modules.coop_cae.rules.transfer import transfer
from trytond.modules.coop_ledger.entry import Entry, EntryLine, Part
from trytond.modules.coop_ledger.reconcile import reconcile
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval, PYSONEncoder
from trytond.transaction import without_check_access
from trytond.wizard import Button, StateAction, StateView

from .exceptions import TransferError


class Move(metaclass=PoolMeta):
    __name__ = 'account.move'

    @classmethod
    def transfer(cls, moves, source, target, date):
        """Post, for each move of a company, an entry that takes what is an
        activity's and gives it to another one

        source and target are activities, None for the structure.
        Return the ids of the entries.
        """
        Configuration = Pool().get('cae.configuration')
        if not moves:
            return []
        company = moves[0].company
        structure = Configuration(1).get_required('structure_account', company)
        source, target = (
            a.analytic_account.id if a else structure.id
            for a in [source, target])
        if source == target:
            raise TransferError(gettext('coop_cae.msg_transfer_same'))
        entries = []
        for move in moves:
            entry = move._transfer_entry(source, target, structure.id, date)
            if not entry.lines:
                raise TransferError(gettext(
                        'coop_cae.msg_transfer_nothing', move=move.rec_name))
            entries.append(entry)
        posted = cls.post_entries(company, entries)
        with without_check_access():
            _reconcile_pairs(company, entries, posted)
        return [p.move for p in posted]

    def _transfer_entry(self, source, target, structure, date):
        lines = []
        for change in transfer(
                [line._to_attribute() for line in self.lines],
                source, target, structure):
            line = self.lines[change.line]
            for amount, parts in [
                    (-change.amount, change.taken),
                    (change.amount, change.given)]:
                sides = Part.of(None, amount)
                lines.append(EntryLine(
                        account=line.account.id, debit=sides.debit,
                        credit=sides.credit,
                        party=line.party.id if line.party else None,
                        description=line.description,
                        maturity_date=line.maturity_date,
                        parts=tuple(
                            Part.of(*part) for part in parts.items())))
        return Entry(
            journal=self.journal.id, date=date, origin=str(self),
            description=gettext(
                'coop_cae.msg_transfer_description', move=self.number),
            lines=tuple(lines))


def _reconcile_pairs(company, entries, posted):
    "What is taken back and booked again leaves nothing to pay"
    Account = Pool().get('account.account')
    accounts = {
        a.id: a.reconcile for a in Account.browse(list({
                    line.account for e in entries for line in e.lines}))}
    reconcile(company, [
            (entry.date, list(pair))
            for entry, new in zip(entries, posted)
            for line, pair in zip(
                entry.lines[::2], zip(new.lines[::2], new.lines[1::2]))
            if accounts[line.account]])


class TransferMoves(BookingWizard):
    __name__ = 'cae.transfer'

    start = StateView(
        'cae.transfer.start', 'coop_cae.transfer_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Transfer", 'transfer', 'tryton-ok', default=True),
            ])
    transfer = StateAction('account.act_move_form')

    def default_start(self, fields):
        move = self.record
        accounts = {
            part.account for line in move.lines
            for part in line.analytic_lines}
        Activity = Pool().get('cae.activity')
        activities = Activity.search([
                ('analytic_account', 'in', [a.id for a in accounts])])
        return {
            'company': move.company.id,
            'date': move.date if move.period.state == 'open' else None,
            'source': activities[0].id if len(activities) == 1 else None,
            }

    def do_transfer(self, action):
        pool = Pool()
        Move = pool.get('account.move')
        if any(
                m.company != self.start.company or m.state != 'posted'
                for m in self.records):
            raise TransferError(gettext('coop_cae.msg_transfer_moves'))
        moves = Move.transfer(
            self.records, self.start.source, self.start.target,
            self.start.date)
        action['pyson_domain'] = PYSONEncoder().encode([('id', 'in', moves)])
        return action, {}


class TransferStart(ModelView):
    __name__ = 'cae.transfer.start'

    company = fields.Many2One(
        'company.company', "Company", readonly=True, required=True)
    date = fields.Date(
        "Date", required=True,
        help="That of the entry that transfers, in an open period.")
    source = fields.Many2One(
        'cae.activity', "From",
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="The structure, if it is empty.")
    target = fields.Many2One(
        'cae.activity', "To",
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        help="The structure, if it is empty.")
