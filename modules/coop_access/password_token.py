# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The token that lets somebody choose a password, once.

It is sent in a link; what is kept is its hash, which opens nothing.
"""
import datetime as dt
import hashlib
import secrets

_PREFIX = 'sha256$'
# Of who asks without a login
ASKED_FOR = dt.timedelta(hours=1)


def new_token() -> str:
    "Return 256 random bits as text that fits in a link"
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is kept of a token

    A plain hash is enough: nobody guesses 256 bits."""
    return _PREFIX + hashlib.sha256(token.encode()).hexdigest()


def is_hash(value: str) -> bool:
    return value.startswith(_PREFIX)


def expiry(
        now: dt.datetime, timeout: dt.timedelta, asked: bool) -> dt.datetime:
    """Return until when a token holds

    timeout is that of the server, for the links that staff send; what anybody
    can ask for by a login holds for an hour at most."""
    return now + (min(timeout, ASKED_FOR) if asked else timeout)
