# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Somebody who got a link chooses a password on its page, on a phone."""
import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from browser.client import DATABASE
from trytond.modules.coop_access.password_token import hash_token

PHONE = {'width': 375, 'height': 667}
USER = 'gerant'


def send_link(folder):
    "Give the user a token as a link has it, and return it"
    with closing(sqlite3.connect(folder / f'{DATABASE}.sqlite')) as database:
        database.execute(
            "UPDATE res_user SET password_reset = ?, "
            "password_reset_expire = '2999-01-01 00:00:00' WHERE login = ?",
            (hash_token('of-the-link'), USER))
        database.commit()
    return 'of-the-link'


def fill(page, password, again):
    page.get_by_label("Nouveau mot de passe").fill(password)
    page.get_by_label("Le même une seconde fois").fill(again)
    page.get_by_role('button').click()


def test_choose(site, folder, chromium, client):
    page = chromium.new_page(viewport=PHONE)
    page.set_default_timeout(90_000)
    address = f'{site.url}{DATABASE}/user/password?token={send_link(folder)}'
    page.goto(address)
    expect(page.get_by_text(USER, exact=True)).to_be_visible()
    assert page.evaluate(
        'document.documentElement.scrollWidth') <= PHONE['width']
    # The same as before, as other tests log in with it
    fill(page, site.password, site.password + 'x')
    expect(page.get_by_role('alert')).to_be_visible()
    fill(page, site.password, site.password)
    expect(page.locator('form')).to_have_count(0)
    page.get_by_role('link').click()
    expect(page.locator('.login-dialog #login')).to_be_visible()
    page.goto(address)
    expect(page.get_by_role('alert')).to_be_visible()
    expect(page.locator('form')).to_have_count(0)
    page.close()
    with client(USER):
        pass
