# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""A server answers for the databases that it was started with.

Tryton connects to any name that a path tells.  With PostgreSQL it waits half a
minute for one that there is not: a few such requests hold all the threads.
"""
import csv
import io
import os
from functools import wraps

from werkzeug.exceptions import HTTPException, NotFound

from trytond.wsgi import app


def names():
    "Return the databases that the server was started with, if it was told"
    told = os.environ.get('TRYTOND_DATABASE_NAMES')
    return set(next(csv.reader(io.StringIO(told)))) if told else set()


def known(dispatch):
    @wraps(dispatch)
    def dispatch_request(request):
        served = names()
        if served:
            try:
                _, values = app.url_map.bind_to_environ(
                    request.environ).match()
            except HTTPException:
                values = {}
            name = values.get('database_name')
            if name is not None and name not in served:
                return NotFound()
        return dispatch(request)
    return dispatch_request


app.dispatch_request = known(app.dispatch_request)
