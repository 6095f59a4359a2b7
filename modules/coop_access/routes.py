# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The page where somebody who got a link chooses a password."""
from pathlib import Path

from genshi.template import MarkupTemplate

from trytond import config
from trytond.exceptions import UserError
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.protocols.wrappers import (
    HTTPStatus, Response, with_pool, with_transaction)
from trytond.transaction import Transaction
from trytond.wsgi import app

_TEMPLATE = Path(__file__).with_name('password_page.html')


@app.route('/<database_name>/user/password', methods=['GET'])
@with_pool
@with_transaction(readonly=True)
def password_form(request, pool):
    # Programs that look at the links of a message do not use them up
    return _page(request.args.get('token', ''))


@app.route('/<database_name>/user/password', methods=['POST'])
@with_pool
@with_transaction()
def password_choose(request, pool):
    User = pool.get('res.user')
    token = request.form.get('token', '')
    password = request.form.get('password', '')
    with _in_language(token):
        if password != request.form.get('again', ''):
            return _page(
                token, problem=gettext('coop_access.msg_password_differs'))
        try:
            user = User.choose_password(token, password)
        except UserError as error:
            Transaction().rollback()
            return _page(token, problem=error.message)
        return _page(None, login=user.login)


def _in_language(token):
    User = Pool().get('res.user')
    user = User.of_password_token(token)
    language = user.language.code if user and user.language else None
    return Transaction().set_context(
        language=language or Pool().get('ir.configuration').get_language())


def _page(token, problem=None, login=None):
    User = Pool().get('res.user')
    with _in_language(token or ''):
        user = User.of_password_token(token) if token else None
        texts = {
            name: gettext(f'coop_access.msg_password_page_{name}')
            for name in ['title', 'password', 'again', 'save', 'done', 'open']}
        if not user and not login and not problem:
            problem = gettext('coop_access.msg_password_token')
        html = MarkupTemplate(_TEMPLATE.read_text('utf-8')).generate(
            texts=texts, token=token, user=user, problem=problem, login=login,
            length=config.getint('password', 'length'),
            language=Transaction().language,
            client=f'/#{Transaction().database.name}').render('html')
    refused = problem and not user
    return Response(
        '<!DOCTYPE html>\n' + html, content_type='text/html; charset=utf-8',
        status=HTTPStatus.GONE if refused else HTTPStatus.OK,
        headers={
            'Cache-Control': 'no-store',
            'Content-Security-Policy':
            "default-src 'none'; style-src 'unsafe-inline'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            'Referrer-Policy': 'same-origin',
            'X-Content-Type-Options': 'nosniff',
            'X-Frame-Options': 'DENY',
            })
