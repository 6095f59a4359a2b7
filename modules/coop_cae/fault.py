# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from dataclasses import dataclass

from trytond.i18n import gettext


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a part of a close cannot be booked.

    record: 'model,id' of what has to be mended
    subject: its name; message: the reason and the cure
    """
    record: str
    subject: str
    message: str

    @classmethod
    def of(cls, record, message_id, **values):
        subject = record.rec_name
        return cls(
            str(record), subject,
            gettext(message_id, record=subject, **values))

    @property
    def text(self):
        return gettext(
            'coop_cae.msg_fault', subject=self.subject, message=self.message)
