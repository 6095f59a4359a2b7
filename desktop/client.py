#!/usr/bin/python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Open screens in the desktop client of Tryton, one after the other.

It runs with the Python that has GTK, in a display.  What is read is a JSON
object: the server, the database, the user, the password, the language, the
screens, and a folder for the pictures of some.  What is printed is what went
wrong by screen, and how many were opened.
"""
import json
import sys
import traceback
from pathlib import Path
from unittest.mock import patch

import gi

gi.require_version('Gtk', '3.0')
gi.require_version('Gdk', '3.0')

from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402


class Sweep:

    def __init__(self, wanted):
        self.wanted = wanted
        self.wrong = []
        self.running = []
        self.results = {}
        self.opened = 0

    def run(self):
        from tryton import common, gui, rpc, translate
        from tryton.common import common as dialogs
        from tryton.config import CONFIG
        from tryton.gui.window import wizard
        CONFIG.options.update({
                'login.host': self.wanted['server'],
                'login.db': self.wanted['database'],
                'login.login': self.wanted['user'],
                'client.lang': self.wanted['language'],
                'client.check_version': False,
                # All that is asked from the server is waited for
                'thread': False,
                })
        translate.setlang(self.wanted['language'])
        sys.excepthook = self.excepthook
        started = wizard.Wizard.run

        def log_in():
            rpc.login({'password': self.wanted['password']})

        def start(wizard, *args, **kwargs):
            self.running.append(wizard)
            return started(wizard, *args, **kwargs)

        with patch.object(common, 'get_credentials', log_in), \
                patch.object(wizard.Wizard, 'run', start), \
                patch.object(
                    dialogs.UniqueDialog, '__call__', self.dialog), \
                patch.object(dialogs.ErrorDialog, '__call__', self.dialog):
            app = gui.Main(
                application_id='org.tryton.sweep',
                flags=Gio.ApplicationFlags.HANDLES_COMMAND_LINE
                | Gio.ApplicationFlags.NON_UNIQUE)
            GLib.idle_add(self.open_all, app)
            app.run(['tryton'])

    def excepthook(self, type_, value, trace):
        self.wrong.append(''.join(
                traceback.format_exception(type_, value, trace)[-4:]))

    def dialog(self, dialog, *args, **kwargs):
        "What would wait for the answer of a user"
        self.wrong.append(' '.join(
                [type(dialog).__name__, *map(str, args)])[:2000])

    def open_all(self, app):
        try:
            self.settle()
            self.picture(app, 'home')
            for kind, screen in self.wanted['screens']:
                self.wrong = []
                try:
                    getattr(self, kind)(app, screen)
                    self.leave(app)
                except Exception:
                    self.wrong.append(traceback.format_exc())
                if self.wrong:
                    self.results[f"{kind} {screen['name']}"] = self.wrong
                self.opened += 1
        finally:
            print(json.dumps({
                        'wrong': self.results, 'opened': self.opened}),
                flush=True)
            app.quit()

    def settle(self):
        while Gtk.events_pending():
            Gtk.main_iteration()

    def windows(self, app, screen):
        from tryton.action import Action
        Action.execute(screen['action'], data=screen['data'], keyword=bool(
                screen['data']['model']))
        self.settle()
        page = app.get_page()
        if not page:
            self.wrong.append("nothing opened")
            return
        shown = page.screen
        for number in range(screen['views']):
            if number:
                if not shown.current_record:
                    if len(shown.group):
                        shown.current_record = shown.group[0]
                    elif screen['record'] is not None:
                        shown.load([screen['record']])
                shown.switch_view()
                self.settle()
            if screen['name'] in self.wanted['pictures']:
                self.picture(app, f"{screen['name']}_{number}")

    def wizards(self, app, screen):
        from tryton.action import Action
        Action.execute(screen['action'], data=screen['data'], keyword=bool(
                screen['data']['model']))
        self.settle()

    def leave(self, app):
        while self.running:
            wizard = self.running.pop()
            if wizard.session_id and wizard.state != wizard.end_state:
                # It closes itself too
                wizard.end()
        for page in list(app.pages):
            app._win_del(page.widget)
        self.settle()

    def picture(self, app, name):
        if not self.wanted['folder']:
            return
        self.settle()
        window = app.window.get_window()
        Gdk.pixbuf_get_from_window(
            window, 0, 0, window.get_width(), window.get_height()).savev(
                str(Path(self.wanted['folder'], f'{name}.png')), 'png',
                [], [])


if __name__ == '__main__':
    Sweep(json.load(sys.stdin)).run()
