# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What is no message for users stays in the log of the server.

Who calls is told a reference, which finds it there: what Python or the
database says of a fault tells the insides of the server.
"""
import logging
from functools import wraps

from werkzeug.exceptions import HTTPException, InternalServerError

from trytond.exceptions import TrytonException
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.protocols.wrappers import HTTPStatus, JSONBadRequest
from trytond.transaction import Transaction
from trytond.wsgi import app

from .fault_log import AWAY, TEXT, log_fault

logger = logging.getLogger(__name__)
MESSAGE = 'coop_access.msg_fault'


class Fault(Exception):
    "What is told instead of an exception"


def text(request, reference):
    "Return what the caller is told, in their language where it is known"
    database = (request.view_args or {}).get('database_name')
    # To connect to another one may take long
    if database in Pool.database_list():
        try:
            with Transaction().start(
                    database, 0, readonly=True,
                    context={'language': _language(request)}):
                message = gettext(MESSAGE, reference=reference)
            # In a database without this module it is returned as it is
            if message != MESSAGE:
                return message
        except Exception:
            logger.debug("no translation", exc_info=True)
    return TEXT % reference


def _language(request):
    try:
        # A client sends the context of its user last
        return request.rpc_params[-1]['language']
    except Exception:
        best = request.accept_languages.best
        return best and best.replace('-', '_').partition('_')[0]


@app.error_handler
def answer(app, request, error):
    "Return the answer to an exception that is not for users"
    if isinstance(error, TrytonException) or app.dev:
        return
    fault = Fault(text(request, log_fault(request, error)))
    try:
        response = app.make_response(request, fault)
    except Exception:
        # A body that is no call
        response = None
    if response is None or isinstance(response, HTTPException):
        response = InternalServerError(str(fault)).get_response(
            request.environ)
    return response


def plain(dispatch):
    """Let no HTTP error tell an exception that is not for users

    Tryton makes some of exceptions, which no error handler is told of."""
    @wraps(dispatch)
    def dispatch_request(request):
        response = dispatch(request)
        if (not isinstance(response, HTTPException)
                or isinstance(response, JSONBadRequest)
                or app.dev):
            return response
        told = response.description
        unavailable = response.code == HTTPStatus.SERVICE_UNAVAILABLE
        if (unavailable or isinstance(told, Exception)
                and not isinstance(told, TrytonException)):
            reference = log_fault(request, told)
            # The database may be what is not there
            response.description = (
                AWAY % reference if unavailable else text(request, reference))
        return response
    return dispatch_request


app.dispatch_request = plain(app.dispatch_request)
