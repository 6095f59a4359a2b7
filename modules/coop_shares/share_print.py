# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The documents that are printed as of a date."""
from trytond.i18n import gettext
from trytond.model import ModelView, fields
from trytond.pool import Pool
from trytond.pyson import Bool, Eval, If
from trytond.transaction import Transaction
from trytond.wizard import (
    Button, StateReport, StateTransition, StateView, Wizard)

from .exceptions import PrintError

_OF_MEMBERS = ['certificate', 'account']


class Print(Wizard):
    __name__ = 'coop.share.print'

    start = StateView(
        'coop.share.print.start', 'coop_shares.print_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Print", 'choose', 'tryton-print', default=True),
            ])
    choose = StateTransition()
    certificate = StateReport('coop.member.certificate')
    account = StateReport('coop.member.account')
    members = StateReport('coop.member.list')
    register = StateReport('coop.share.register')

    def default_start(self, fields):
        context = Transaction().context
        if context.get('active_model') == 'coop.member':
            return {
                'document': 'certificate',
                'members': context.get('active_ids') or [],
                }
        return {}

    def transition_choose(self):
        return self.start.document

    def _data(self):
        start = self.start
        return {
            'company': start.company.id,
            'date': start.date,
            'from_date': start.from_date,
            }

    def _of_members(self, action):
        Member = Pool().get('coop.member')
        members = self.start.members or Member.members_at(
            self.start.company, self.start.date)
        if not members:
            raise PrintError(gettext('coop_shares.msg_print_nobody'))
        ids = [m.id for m in members]
        return action, {**self._data(), 'ids': ids, 'id': ids[0]}

    def do_certificate(self, action):
        return self._of_members(action)

    def do_account(self, action):
        return self._of_members(action)

    def do_members(self, action):
        return action, self._data()

    def do_register(self, action):
        return action, self._data()


class PrintStart(ModelView):
    __name__ = 'coop.share.print.start'

    company = fields.Many2One('company.company', "Company", required=True)
    document = fields.Selection([
            ('certificate', "Certificate of Shares"),
            ('account', "Individual Account"),
            ('members', "List of Members"),
            ('register', "Register of Movements"),
            ], "Document", required=True, sort=False)
    from_date = fields.Date(
        "From",
        domain=[
            If(Bool(Eval('from_date')) & Bool(Eval('date')),
                ('from_date', '<=', Eval('date', None)),
                ()),
            ],
        states={
            'invisible': ~Eval('document').in_(['account', 'register']),
            },
        help="Leave empty for the beginning.")
    date = fields.Date(
        "Date", required=True, help="The end of the day that is printed.")
    members = fields.Many2Many(
        'coop.member', None, None, "Members",
        domain=[
            ('company', '=', Eval('company', -1)),
            ],
        states={
            'invisible': ~Eval('document').in_(_OF_MEMBERS),
            },
        help="Leave empty for all of them.")

    @classmethod
    def default_company(cls):
        return Transaction().context.get('company')

    @classmethod
    def default_document(cls):
        return 'register'

    @classmethod
    def default_date(cls):
        return Pool().get('ir.date').today()
