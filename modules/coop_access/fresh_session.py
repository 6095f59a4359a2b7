# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What cannot be taken back asks for the password again, as posting does."""
from trytond.rpc import RPC
from trytond.wizard import Wizard


def ask_again(model, *buttons):
    """Let the buttons of the model be called by a session in use only

    One that was left for the time-out of the server must log in again."""
    for button in buttons:
        model.__rpc__[button] = RPC(
            readonly=False, instantiate=0, fresh_session=True)


class BookingWizard(Wizard):
    "A wizard that books: its forms are filled by a session in use only"

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.__rpc__['execute'] = RPC(
            readonly=False, check_access=False, fresh_session=True)
