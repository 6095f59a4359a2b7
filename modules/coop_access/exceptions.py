# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The errors that users see."
from trytond.exceptions import UserError


class ArgumentError(UserError):
    pass


class MailError(UserError):
    "No e-mail is set up"


class PasswordTokenError(UserError):
    "A link to choose a password does not hold"


class LinkError(UserError):
    pass
