# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What stands around the application of the server.

The section [wsgi middleware] of the configuration names these classes.
"""
import base64
import hashlib
import re
from pathlib import Path

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, InternalServerError

import trytond.config as config

from .fault_log import TEXT, log_fault

_INLINE = re.compile(rb'<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>', re.S)
_LINK = re.compile(rb'\shref="(javascript:[^"]*)"')


class Refusals:
    """Answer what is refused before the request is dispatched

    Tryton raises it outside of what answers exceptions, so that the server
    answers a fault, and logs its trace, where it should say no."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        try:
            return self.app(environ, start_response)
        except HTTPException as refusal:
            return refusal(environ, start_response)
        except Exception as error:
            where = '%(REQUEST_METHOD)s %(PATH_INFO)s' % environ
            return InternalServerError(
                TEXT % log_fault(where, error))(environ, start_response)


class SecurityHeaders:
    """Tell browsers what pages of the server may do

    Policies replace directives of the policy of contents:
    ``{'connect-src': "'self' https://bus.example.org"}``."""

    # What the web client needs, and no more: it evaluates the expressions of
    # views, styles what it draws, and shows icons, images and documents that
    # it has in memory
    POLICIES = {
        'default-src': "'self'",
        'script-src': "'self' 'unsafe-eval'",
        'style-src': "'self' 'unsafe-inline'",
        'img-src': "'self' data: blob:",
        'font-src': "'self' data:",
        'media-src': "'self' blob:",
        'object-src': "'self' blob:",
        'frame-src': "'self' blob:",
        'worker-src': "'self' blob:",
        'base-uri': "'self'",
        'form-action': "'self'",
        'frame-ancestors': "'self'",
        }
    HEADERS = {
        'X-Content-Type-Options': 'nosniff',
        # For browsers that do not know frame-ancestors
        'X-Frame-Options': 'SAMEORIGIN',
        'Referrer-Policy': 'same-origin',
        'Permissions-Policy': (
            'camera=(self), geolocation=(), microphone=(), payment=(), '
            'usb=()'),
        }

    def __init__(self, app, policies=None):
        self.app = app
        policies = {**self.POLICIES, **(policies or {})}
        if hashes := inline_scripts(config.get('web', 'root')):
            policies['script-src'] = ' '.join(
                [policies['script-src'], *hashes])
        self.headers = {
            'Content-Security-Policy': '; '.join(
                f'{name} {sources}' for name, sources in policies.items()),
            **self.HEADERS,
            }

    def __call__(self, environ, start_response):
        def start(status, headers, exc_info=None):
            headers = Headers(headers)
            for name, value in self.headers.items():
                headers.setdefault(name, value)
            return start_response(status, headers.to_wsgi_list(), exc_info)
        return self.app(environ, start)


def inline_scripts(root):
    "Return the sources of the scripts that are in the page of the web client"
    page = Path(root or '') / 'index.html'
    if not root or not page.is_file():
        return []
    text = page.read_bytes()
    scripts = [_source(script) for script in _INLINE.findall(text)]
    # That of the name in the corner, which does nothing
    links = sorted({_source(link) for link in _LINK.findall(text)})
    return [*scripts, *(links and ["'unsafe-hashes'", *links])]


def _source(script):
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    return f"'sha256-{digest}'"
