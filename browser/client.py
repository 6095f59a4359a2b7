# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tryton's web client in the hands of a user."""
import json
import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

DATABASE = 'demo'


class Client:
    "Tryton's web client in the hands of a user"

    def __init__(self, page, site):
        self.page = page
        self.site = site
        self.errors = []
        page.on('pageerror', lambda error: self.errors.append(str(error)))
        page.on('console', self._console)

    def _console(self, message):
        # What the server refuses is shown in a dialog
        if (message.type == 'error'
                and not message.text.startswith('Failed to load resource')):
            self.errors.append(message.text)

    def log_in(self, user, picture=None):
        page = self.page
        page.goto(f'{self.site.url}#{DATABASE}')
        page.wait_for_selector('.login-dialog #login', state='visible')
        page.fill('#login', user)
        if picture:
            self.picture(picture)
        page.click('.login-dialog button[type=submit]')
        field = page.locator('.ask-dialog input[type=password]')
        field.wait_for(state='visible')
        field.fill(self.site.password)
        page.keyboard.press('Enter')
        page.wait_for_selector('#menu tbody tr', state='visible')
        self.idle()

    def idle(self, milliseconds=700):
        "Wait until nothing has been asked from the server for a while"
        quiet = 0
        while quiet < milliseconds:
            self.page.wait_for_timeout(100)
            quiet = quiet + 100 if self.page.evaluate(
                'jQuery.active == 0') else 0

    @property
    def tab(self):
        "The tab that is shown"
        return self.page.locator('#tabcontent > .tab-pane.active')

    @property
    def dialog(self):
        return self.page.locator('.modal.in').last

    @property
    def menus(self):
        return [
            text.strip()
            for text in self.page.locator('#menu tbody tr').all_inner_texts()
            if text.strip()]

    def open(self, *path):
        "Open the last of some nested menus"
        *parents, name = path
        for parent in parents:
            self.page.locator('#menu').get_by_text(
                parent, exact=True).first.click()
            self.idle()
        self.page.locator('#menu').get_by_text(name, exact=True).last.click()
        self.idle()

    def field(self, label, within=None):
        "Return what the field of the label shows, in the tab by default"
        return self._field(label, within).input_value()

    def _field(self, label, within=None):
        # Labels are followed by a colon
        return (within or self.tab).get_by_label(
            re.compile(rf'^{label}\W*$')).first

    def fill(self, label, value, within=None):
        "Type the value in the field of the label"
        field = self._field(label, within)
        field.fill(value)
        field.press('Tab')
        self.idle()

    # By their technical names, which are the same in all languages

    def _named(self, name, within=None):
        return (within or self.tab).locator(f'[name="{name}"]:visible').first

    def get(self, name, within=None):
        "Return what the field of the name shows"
        return self._named(name, within).input_value()

    def set(self, name, value, within=None):
        "Type the value in the field of the name, until it stays there"
        for attempt in range(6):
            # A form that has just been opened may be drawn anew
            field = self._named(name, within)
            if attempt % 2:
                # A number has another field as soon as it has the focus
                field.click()
                self.page.keyboard.press('Control+A')
                self.page.keyboard.type(value, delay=30)
                self.page.keyboard.press('Tab')
            else:
                field.fill(value)
                field.press('Tab')
            self.idle()
            shown = self.get(name, within)
            if shows(shown, value):
                return
        raise AssertionError(f"{name} does not keep {value}: {shown}")

    def pick(self, name, text, shown=None, within=None):
        "Type the text in the field of the name, choose what it proposes"
        field = self._named(name, within)
        field.click()
        field.fill('')
        field.press_sequentially(text, delay=30)
        self.page.locator('.dropdown-menu:visible li').filter(
            has_text=shown or text).first.click()
        self.idle()
        assert self.get(name, within), name

    def select(self, name, label, within=None):
        "Choose a value of the field of the name"
        self._named(name, within).select_option(label=label)
        self.idle()

    def press(self, name, within=None):
        "Click on the button of the name, and confirm what it asks"
        (within or self.tab).locator(
            f'button[name="{name}"]:visible').first.click()
        self.idle()
        if self.dialog.locator('.alert-info').count():
            self.button("Valider")

    def new(self):
        "Begin a record in the tab"
        self.tab.locator('button#new_').click()
        self.idle()

    def add(self, within=None):
        "Begin a record in the first list of the form"
        (within or self.tab).locator('.form-one2many').first.get_by_role(
            'button', name="Nouveau").first.click()
        self.dialog.wait_for()
        self.idle()

    def attach(self, filename, text):
        "Choose a file in the dialog"
        self.dialog.locator('input[type=file]').set_input_files({
                'name': filename, 'mimeType': 'text/csv',
                'buffer': text.encode()})
        self.idle()

    def reload(self):
        self.tab.locator('button#reload').click()
        self.idle()

    @property
    def tabs(self):
        "The names of the tabs that are open"
        return [
            text.splitlines()[-1].strip()
            for text in self.page.locator('#tablist > li').all_inner_texts()]

    def save(self):
        self.tab.locator('button#save').click()
        self.idle()
        self.no_error()

    def page_of(self, name):
        "Show the page of the notebook of the tab"
        self.tab.get_by_role('tab', name=name).click()
        self.idle()

    def row(self, *texts):
        "Return the first row of the list of the tab that tells the texts"
        rows = self.rows
        for text in texts:
            rows = rows.filter(has_text=text)
        rows.first.wait_for()
        return rows.first

    def unfold(self, *texts):
        "Open the form of the first row that tells the texts"
        box = self.row(*texts).locator('.selection-state input')
        # Chosen anew, as the toolbar follows the choice
        box.uncheck()
        box.check()
        self.idle()
        self.tab.locator('button#switch_').click()
        self.idle()

    def ask(self, model, method, *params, **context):
        "Return what the server answers to the user, beside what is shown"
        answer = self.page.evaluate("""async (
                [model, method, params, more]) => {
            const session = Sao.Session.current_session;
            const response = await fetch(`/${session.database}/rpc/`, {
                method: 'POST',
                headers: {'Content-Type': 'application/json'},
                body: JSON.stringify({
                    id: 1, method: `model.${model}.${method}`,
                    params: [...params, {...session.context, ...more}]})});
            return await response.text();
        }""", [model, method, params, context])
        answer = json.loads(answer, object_hook=_decode)
        assert 'error' not in answer, answer['error']
        return answer['result']

    def read(self, model, domain, *names, **context):
        "Return the values of the records"
        return self.ask(
            model, 'search_read', domain, 0, None, None, list(names),
            **context)

    def button(self, name):
        "Click on the button of the dialog"
        self.dialog.get_by_role('button', name=name).last.click()
        self.idle()

    def search(self, text):
        "Filter the list of the tab"
        field = self.tab.get_by_role('combobox', name="Rechercher")
        field.fill(text)
        field.press('Enter')
        self.idle()

    @property
    def rows(self):
        "The rows of the list of the tab"
        return self.tab.locator('.treeview tbody tr')

    def choose(self, text):
        "Choose the first row of the list that tells the text"
        self.rows.filter(has_text=text).first.locator(
            '.selection-state input').click()
        self.idle()

    def relate(self, name):
        "Open what is related to the record of the tab"
        self.menu('relate', name)

    def act(self, name):
        "Launch an action on the records that are chosen in the tab"
        self.menu('action', name)

    def menu(self, kind, name):
        self.tab.locator(f'button#{kind}').click()
        self.page.locator('.dropdown-menu:visible').get_by_text(
            name, exact=True).first.click()
        self.idle()

    def close_tab(self):
        "Close the tab that is shown, and see the one before"
        left = len(self.tabs) - 1
        self.page.locator('#tablist li.active button.close').click()
        expect(self.page.locator('#tablist > li')).to_have_count(left)
        expect(self.page.locator('#tabcontent > .tab-pane.active')
            ).to_be_visible()
        self.idle()

    @property
    def told(self):
        "What the server tells in a dialog"
        return '\n'.join(
            self.page.locator('.modal.in .alert:visible').all_inner_texts())

    def dismiss(self):
        "Close what the server tells"
        self.page.locator('.modal.in').filter(
            has=self.page.locator('.alert')).locator('button').last.click()
        self.idle()

    def no_error(self):
        assert not self.told

    def picture(self, name):
        if folder := os.environ.get('COOP_CAE_PICTURES'):
            self.idle()
            path = Path(folder, f'{name}.png')
            self.page.screenshot(path=path)
            # A screen has few colours: a third of the size
            with Image.open(path) as picture:
                picture.quantize(64).save(path, optimize=True)


def _decode(value):
    "Return a value of Tryton's JSON"
    match value.get('__class__'):
        case 'Decimal':
            return Decimal(value['decimal'])
        case 'date':
            return date(value['year'], value['month'], value['day'])
    return value


def shows(text, typed):
    "Return whether the text of a field is what was typed, or its number"
    if not re.fullmatch(r'-?\d+(,\d+)?', typed):
        return text == typed
    # Decimals and a currency are added
    shown = digits(text)
    return bool(shown) and Decimal(shown) == Decimal(digits(typed))


def digits(text):
    "Return an amount that is shown as Python writes it"
    return ''.join(c for c in text if c.isdigit() or c in ',-').replace(
        ',', '.')
