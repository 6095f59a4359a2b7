# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The errors that users see."
from trytond.exceptions import UserError, UserWarning
from trytond.model.exceptions import AccessError, ValidationError


class ActivityValidationError(ValidationError):
    pass


class EntrepreneurUserError(UserError):
    pass


class MonthlyStatementError(UserError):
    pass


class ConfigurationError(UserError):
    pass


class RuleModifyError(AccessError):
    pass


class ContributionModifyError(AccessError):
    pass


class PayslipModifyError(AccessError):
    pass


class PayslipValidationError(ValidationError):
    pass


class ContributionBaseError(ValidationError):
    pass


class RuleValidationError(ValidationError):
    pass


class CloseError(UserError):
    pass


class UndoError(UserError):
    pass


class CommandError(UserError):
    pass


class TransferError(UserError):
    pass


class PayRatioValidationError(ValidationError):
    pass


class PayRatioError(UserError):
    pass


class PayRequestModifyError(AccessError):
    pass


class PayRequestError(UserError):
    pass


class PayRequestTreasuryWarning(UserWarning):
    pass


class SettlementError(UserError):
    pass


class SettlementModifyError(AccessError):
    pass


class SettlementValidationError(ValidationError):
    pass


class LossWaiverError(UserError):
    pass


class LossWaiverModifyError(AccessError):
    pass


class SignatureError(UserError):
    pass


class SignatureWarning(UserWarning):
    pass


class NextContractError(UserError):
    pass


class ActivitySplitError(UserError):
    pass


class ContractPrintError(UserError):
    pass


class NirError(ValidationError):
    pass


class NirWarning(UserWarning):
    pass


class ExitError(UserError):
    pass


class ExitWarning(UserWarning):
    pass


class AccountsClosedError(UserError):
    pass


class ActivityEndedError(UserError):
    pass


class ActivityEndedWarning(UserWarning):
    pass


class CompanyMoveError(UserError):
    pass


class GroupContributionError(UserError):
    pass


class GroupContributionModifyError(AccessError):
    pass
