# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The fields that no question is about, whoever asks."""
import re

# Parts of the names of fields by which modules of any kind call their secrets
_WORDS = re.compile(
    r'(^|_)(password|passphrase|passwd|secret|token|cookie|otp|totp|hotp)'
    r'(_|$)|password|(api|secret|private)_key')
# Those that a common name does not tell
_FIELDS = {
    ('ir.chat.channel', 'identifier'),
    ('ir.session', 'key'),
    ('ir.session.wizard', 'data'),
    ('res.user.application', 'key'),
    ('res.user.login.sms_code', 'code'),
    ('web.user.session', 'key'),
    }


def is_secret(model: str, field: str) -> bool:
    """Return whether the field of the model holds what lets somebody in

    Passwords and their hashes, keys of sessions and of applications, cookies,
    tokens, one-time codes."""
    return (model, field) in _FIELDS or bool(_WORDS.search(field))
