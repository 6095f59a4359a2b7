# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A body that was packed is no larger, unpacked, than one that is sent so.

Tryton bounds what is sent; some kilobytes of it unpack to hundreds of
megabytes.
"""
import zlib
from functools import wraps

from werkzeug.exceptions import BadRequest, HTTPException

from trytond.protocols.wrappers import HTTPStatus, Request, abort
from trytond.wsgi import app

GZIP = 16 + zlib.MAX_WBITS


def unpack(data, most=None):
    """Return what the gzip data hold, or answer that it is too large

    No more than the limit is unpacked."""
    parts, size = [], 0
    while data:
        # A file of gzip may be several, one after another
        unpacker = zlib.decompressobj(GZIP)
        try:
            # One more byte tells what is too large; zero would be no limit
            part = unpacker.decompress(
                data, 0 if most is None else most - size + 1)
        except zlib.error:
            abort(HTTPStatus.BAD_REQUEST)
        size += len(part)
        if most is not None and size > most:
            abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not unpacker.eof:
            abort(HTTPStatus.BAD_REQUEST)
        parts.append(part)
        data = unpacker.unused_data
    return b''.join(parts)


def decoded_data(self):
    if self.content_encoding != 'gzip':
        return self.data
    if not self.user_id:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return unpack(self.data, self.max_content_length)


def refusal(dispatch):
    """Answer why a body is refused

    Tryton reads it to know which method is called, and answers that the call
    is bad, whatever it met."""
    @wraps(dispatch)
    def dispatch_request(request):
        response = dispatch(request)
        cause = getattr(response, '__cause__', None)
        if (isinstance(response, BadRequest)
                and isinstance(cause, HTTPException)):
            return cause
        return response
    return dispatch_request


# All requests of Tryton read their bodies by it
Request.decoded_data = property(decoded_data)
app.dispatch_request = refusal(app.dispatch_request)
