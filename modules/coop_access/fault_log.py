# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The log of what the server did not foresee."
import logging
import secrets

logger = logging.getLogger(__name__)
# What the caller is told where no database translates it
TEXT = "The server met a fault. Its log tells it under the reference %s."
AWAY = (
    "The database does not answer for now: ask again in a moment. The log of "
    "the server tells it under the reference %s.")


def log_fault(where, error):
    "Log what was raised, or told, and return the reference that finds it"
    reference = secrets.token_hex(4).upper()
    logger.error(
        'fault %s in %s: %s', reference, where, error,
        exc_info=error if isinstance(error, BaseException) else None)
    return reference
