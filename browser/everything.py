# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""All screens of the modules, as the database tells them.

A new window, wizard, report or view is found by itself.  What is opened from
a record goes with one: a screen whose model has no record is told, so that
records.py brings one.
"""
import ast
import inspect
import json
import sys
import textwrap
from collections import defaultdict

MODULES = ['coop_cae', 'coop_ledger', 'coop_shares']
_CAPE = [('type', '=', 'cape'), ('signature', '=', 'draft')]
_CESA = [('type', '=', 'cesa'), ('signature', '=', 'draft')]
NO_DATA = {'model': None, 'id': None, 'ids': []}
# Of which record, where the first one does not do
RECORDS = {
    'coop_cae.report_contract_cape': _CAPE,
    'coop_cae.report_contract_cape_pdf': _CAPE,
    'coop_cae.report_contract_cesa': _CESA,
    'coop_cae.report_contract_cesa_pdf': _CESA,
    'coop_cae.wizard_contract_next': [('type', '=', 'cape')],
    'coop_cae.wizard_pay_request_refuse': [('state', '=', 'requested')],
    'coop_cae.wizard_transfer': [('lines.analytic_lines', '!=', None)],
    'coop_shares.report_movement_form': [
        ('type', 'in', ['subscription', 'conversion', 'interest'])],
    'coop_shares.wizard_reverse': [('type', '=', 'opening')],
    }


def catalogue(pool):
    "Return the screens, and the models of which a record is missing"
    return Catalogue(pool).screens()


class Catalogue:

    def __init__(self, pool):
        self.pool = pool
        self.lacking = set()
        self.seen = set()
        self.keywords = self._keywords()

    def screens(self):
        return {
            'windows': self._windows(),
            'wizards': self._wizards(),
            'reports': self._reports(),
            # Those that are left
            'views': self._views(),
            'own': self._own(),
            'lacking': sorted(self.lacking),
            }

    def ours(self, model):
        "Return the records of our modules with their name"
        ModelData = self.pool.get('ir.model.data')
        Model = self.pool.get(model)
        names = {
            d.db_id: f'{d.module}.{d.fs_id}' for d in ModelData.search([
                    ('model', '=', model), ('module', 'in', MODULES)],
                order=[('module', 'ASC'), ('fs_id', 'ASC')])}
        return [
            (names[r.id], r) for r in Model.browse(list(names))]

    def _keywords(self):
        "Return by action the models from which it is opened"
        Keyword = self.pool.get('ir.action.keyword')
        found = defaultdict(list)
        for keyword in Keyword.search([]):
            if keyword.model:
                model, _, id_ = str(keyword.model).partition(',')
                if model != 'ir.ui.menu':
                    found[keyword.action.id].append(model)
        for model, action in self._button_actions():
            found[action].append(model)
        return found

    def _button_actions(self):
        "Return the models of the buttons that open an action, and its id"
        Action = self.pool.get('ir.action')
        ModelData = self.pool.get('ir.model.data')
        for name, Model in self.pool.iterobject():
            for button in getattr(Model, '_buttons', {}):
                for action in decorated(Model, button):
                    yield name, Action.get_action_id(
                        ModelData.get_id(action))

    def record(self, model, domain=()):
        "Return the id of a record of the model"
        Model = self.pool.get(model)
        records = Model.search(
            list(domain), order=[('id', 'ASC')], limit=1)
        if not records:
            self.lacking.add(model)
            return None
        return records[0].id

    def data(self, name, action):
        "Return what the client knows of the record that opens the action"
        for model in self.keywords[action.id]:
            if not issubclass(self.pool.get(model), stored()):
                continue
            id_ = self.record(model, RECORDS.get(name, []))
            if id_ is not None:
                return {'model': model, 'id': id_, 'ids': [id_]}
        return NO_DATA

    def _own(self):
        "Return what entrepreneurs open from their menus, by login"
        from trytond.transaction import Transaction
        Menu = self.pool.get('ir.ui.menu')
        User = self.pool.get('res.user')
        users = User.search([
                ('login', 'in', [p.user.login for p in self.pool.get(
                            'cae.entrepreneur').search([
                                ('user', '!=', None)])])])
        own = {}
        for user in users:
            with Transaction().set_user(user.id), Transaction().set_context(
                    User.get_preferences(context_only=True)):
                own[user.login] = [{
                        'name': menu.complete_name,
                        'action': menu.action.action.id,
                        'data': NO_DATA,
                        'views': len(getattr(
                                menu.action, 'act_window_views', [])),
                        'record': None,
                        } for menu in Menu.search([]) if menu.action]
        return own

    def _windows(self):
        screens = []
        for name, window in self.ours('ir.action.act_window'):
            views = [v.view for v in window.act_window_views]
            self.seen.update(views)
            record = self.record(window.res_model)
            screens.append({
                    'name': name,
                    'action': window.action.id,
                    'data': self.data(name, window.action),
                    'views': len(views),
                    'model': window.res_model,
                    'record': record,
                    })
        return screens

    def _wizards(self):
        return [{
                'name': name,
                'action': wizard.action.id,
                'data': self.data(name, wizard.action),
                } for name, wizard in self.ours('ir.action.wizard')]

    def _reports(self):
        screens = []
        for name, report in self.ours('ir.action.report'):
            data = self.data(name, report.action)
            if data['id'] is None and report.model:
                id_ = self.record(report.model)
                data = {'model': report.model, 'id': id_, 'ids': [id_]}
            screens.append({
                    'name': name,
                    'action': report.action.id,
                    'data': data,
                    })
        return screens

    def _views(self):
        "Return the views that no window opens, as those within others"
        roots = {}
        for name, view in self.ours('ir.ui.view'):
            while view.inherit:
                view = view.inherit
            roots.setdefault(view, name)
        screens = []
        for view, name in roots.items():
            if view in self.seen:
                continue
            Model = self.pool.get(view.model)
            saved = issubclass(Model, stored())
            screens.append({
                    'name': name,
                    'view': view.id,
                    'type': view.type,
                    'model': view.model,
                    'record': self.record(view.model) if saved else None,
                    'saved': saved,
                    })
        return screens


def stored():
    from trytond.model import ModelStorage
    return ModelStorage


def decorated(Model, button):
    "Return the actions that the method of a button opens"
    for class_ in Model.__mro__:
        method = class_.__dict__.get(button)
        if method is None:
            continue
        function = inspect.unwrap(
            method.__func__ if isinstance(method, classmethod) else method)
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, TypeError, SyntaxError):
            continue
        for node in ast.walk(tree):
            if (isinstance(node, ast.Call)
                    and getattr(node.func, 'attr', None) == 'button_action'):
                yield ast.literal_eval(node.args[0])


if __name__ == '__main__':
    import records
    json.dump(records.prepare(sys.argv[1], catalogue), sys.stdout)
