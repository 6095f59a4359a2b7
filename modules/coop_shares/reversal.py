# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.model import ModelView, fields
from trytond.modules.coop_access.fresh_session import BookingWizard
from trytond.wizard import Button, StateTransition, StateView


class Reverse(BookingWizard):
    __name__ = 'coop.share.reverse'

    start = StateView(
        'coop.share.reverse.start', 'coop_shares.reverse_start_view_form', [
            Button("Cancel", 'end', 'tryton-cancel'),
            Button("Reverse", 'reverse', 'tryton-ok', default=True),
            ])
    reverse = StateTransition()

    def transition_reverse(self):
        self.model.reverse(
            self.records, date=self.start.date,
            description=self.start.description)
        return 'end'

    def end(self):
        return 'reload'


class ReverseStart(ModelView):
    __name__ = 'coop.share.reverse.start'

    date = fields.Date(
        "Date",
        help="The date of the reversal.\n"
        "Leave empty to use the date of each document.")
    description = fields.Char(
        "Description", required=True, help="Why it is reversed.")
