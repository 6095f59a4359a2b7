# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The errors that users see."
from trytond.exceptions import UserError
from trytond.model.exceptions import AccessError, ValidationError


class ConfigurationError(UserError):
    pass


class PostedError(AccessError):
    "A posted document is to be changed or deleted"


class MoveError(AccessError):
    "An accounting entry of the register is to be reversed without it"


class MemberError(AccessError):
    pass


class MembershipError(ValidationError):
    pass


class NominalError(UserError):
    pass


class TransferError(UserError):
    pass


class PaidError(UserError):
    pass


class CallError(UserError):
    pass


class ExitError(UserError):
    pass


class FloorError(UserError):
    "The capital would fall under its floor"


class PostError(UserError):
    pass


class HoldingError(PostError):
    "A holding of shares would be negative"


class SavingsError(PostError):
    "The savings of a person would be negative"


class ReverseError(UserError):
    pass


class CommitmentError(ValidationError):
    pass


class CollegeError(UserError):
    "The colleges are not what the law asks for"


class SubscriptionError(UserError):
    pass


class MeetingError(UserError):
    pass


class SurplusError(UserError):
    pass


class PrintError(UserError):
    pass
