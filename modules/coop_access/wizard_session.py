# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The session of a wizard belongs to the user who began it.

Their numbers follow one another, and Tryton asks nobody whose they are.
"""
from trytond.i18n import gettext
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.transaction import Transaction


class WizardSession:
    __slots__ = ()

    @classmethod
    def execute(cls, session_id, data, state_name):
        _check_owner(session_id)
        return super().execute(session_id, data, state_name)

    @classmethod
    def delete(cls, session_id):
        _check_owner(session_id)
        return super().delete(session_id)


def _check_owner(session_id):
    "Raise an access error unless the user began the session, or is the server"
    Session = Pool().get('ir.session.wizard')
    transaction = Transaction()
    if not transaction.user:
        return
    found = None
    if isinstance(session_id, int):
        table = Session.__table__()
        cursor = transaction.connection.cursor()
        cursor.execute(*table.select(
                table.id,
                where=(table.id == session_id)
                & (table.create_uid == transaction.user)))
        found = cursor.fetchone()
    # Nor does it say whether there is one of somebody else
    if not found:
        raise AccessError(gettext('coop_access.msg_wizard_session'))
