#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Write who may do what, as the database grants it.

tests/access.csv has a line for each model, button, wizard and report, and a
column for each role; doc/access.rst shows the same to people.  What changes
the rights of somebody shows in both, so that nobody widens them unseen.
"""
import argparse
import csv
import io
import os
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / 'tests' / 'access.csv'
DOCUMENT = ROOT / 'doc' / 'access.rst'
HEADER = ['kind', 'name']
# The groups of each role, and what it is called in French
ROLES = {
    'none': ("sans groupe", []),
    'adviser': ("accompagnateur", ['coop_cae.group_cae_adviser']),
    'accountant': ("comptable de la CAE", ['coop_cae.group_cae_accountant']),
    'manager': ("gérant", ['coop_cae.group_cae_manager']),
    'entrepreneur': (
        "entrepreneur salarié", ['coop_cae.group_cae_entrepreneur']),
    'funder_facts': (
        "faits pour les financeurs", ['coop_cae.group_cae_funder_facts']),
    'share': ("parts sociales", ['coop_shares.group_share']),
    'share_admin': (
        "administrateur des parts", ['coop_shares.group_share_admin']),
    'account': ("comptabilité", ['account.group_account']),
    'account_admin': (
        "administrateur de la comptabilité", ['account.group_account_admin']),
    'party_admin': (
        "administrateur des tiers", ['party.group_party_admin']),
    'bookkeeper': (
        "comptable de la CAE, comptabilité et parts", [
            'coop_cae.group_cae_accountant', 'account.group_account',
            'coop_shares.group_share']),
    'administrator': ("administrateur de Tryton", ['res.group_admin']),
    }
OURS = ('cae.', 'coop.')
# Those of Tryton that our users meet, and that matter
STANDARD = {
    'account.account', 'account.account.deferral',
    'account.account.type.template', 'account.fiscalyear', 'account.invoice',
    'account.invoice.line', 'account.journal', 'account.move',
    'account.move.line', 'account.move.reconciliation', 'account.period',
    'analytic.account.entry', 'analytic_account.account',
    'analytic_account.line', 'company.company', 'company.employee',
    'ir.attachment', 'ir.cron', 'ir.email', 'ir.model.access',
    'ir.model.button', 'ir.model.log', 'ir.note', 'ir.rule', 'ir.sequence',
    'party.address', 'party.contact_mechanism', 'party.identifier',
    'party.party', 'res.group', 'res.user', 'res.user-res.group',
    'res.user.application'}
STANDARD_WIZARDS = {'party.erase', 'party.replace', 'account.invoice.pay'}
STANDARD_REPORTS = {'account.invoice'}
MODES = ['read', 'write', 'create', 'delete']


def is_ours(cls):
    return cls.__name__.startswith(OURS)


@contextmanager
def role(name):
    "Work as a client whose user has the groups of the role"
    from trytond.pool import Pool
    from trytond.transaction import Transaction, check_access
    pool = Pool()
    Company = pool.get('company.company')
    ModelData = pool.get('ir.model.data')
    User = pool.get('res.user')
    _, groups = ROLES[name]
    companies = Company.search([], order=[('id', 'ASC')], limit=1)
    users = User.search([('login', '=', f'role {name}')]) or User.create([{
                'name': name, 'login': f'role {name}',
                'companies': [('add', companies)],
                'company': companies[0].id if companies else None,
                'groups': [('add', [
                            ModelData.get_id(*g.split('.')) for g in groups])],
                }])
    with Transaction().set_user(users[0].id), \
            Transaction().set_context(User.get_preferences(True)), \
            check_access():
        yield users[0]


def subjects():
    "Return what there is to grant, as pairs of kind and name"
    from trytond.model import ModelStorage
    from trytond.pool import Pool
    from trytond.tools import is_instance_method
    pool = Pool()
    found = []
    for name, Model in pool.iterobject():
        if not is_ours(Model) and name not in STANDARD:
            continue
        # The others are not reached by a client
        if issubclass(Model, ModelStorage) and 'read' in Model.__rpc__:
            found.append(('model', name))
        found.extend(
            ('button', f'{name}:{button}')
            for button in getattr(Model, '_buttons', ())
            # Those of an instance only fill its form
            if not is_instance_method(Model, button)
            if is_ours(Model) or name in {'account.move', 'account.invoice'})
    for kind, standard in [
            ('wizard', STANDARD_WIZARDS), ('report', STANDARD_REPORTS)]:
        found.extend(
            (kind, name) for name, cls in pool.iterobject(type=kind)
            if is_ours(cls) or name in standard)
    order = ['model', 'button', 'wizard', 'report']
    return sorted(found, key=lambda s: (order.index(s[0]), s[1]))


def rights(kind, name):
    "Return what the current user is granted on the subject"
    return _RIGHTS[kind](name)


def _model_rights(name):
    from trytond.pool import Pool
    pool = Pool()
    Model = pool.get(name)
    access = pool.get('ir.model.access').get_access([name])[name]
    modes = [m for m in MODES if access[m] and m in Model.__rpc__]
    if callable(getattr(Model, 'table_query', None)):
        # Reckoned from others, that the right to write is of
        modes = [mode for mode in modes if mode == 'read']
    return ''.join(mode[0] for mode in modes)


def _button_rights(subject):
    from trytond.pool import Pool
    pool = Pool()
    Button = pool.get('ir.model.button')
    User = pool.get('res.user')
    name, button = subject.split(':')
    granted = _model_rights(name)
    if groups := Button.get_groups(name, button):
        granted = set(User.get_groups()) & groups and 'r' in granted
    else:
        granted = 'w' in granted
    return 'x' if granted else ''


def _wizard_rights(name):
    from trytond.pool import Pool
    Action = Pool().get('ir.action.wizard')
    Wizard = Pool().get(name, type='wizard')
    mode = 'r' if Wizard._readonly else 'w'
    return _action_rights(
        Action.get_groups(name), Action.get_models(name), mode)


def _report_rights(name):
    from trytond.pool import Pool
    Action = Pool().get('ir.action.report')
    models = {a.model for a in Action.search([('report_name', '=', name)])}
    return _action_rights(Action.get_groups(name), models - {None}, 'r')


def _action_rights(groups, models, mode):
    from trytond.pool import Pool
    pool = Pool()
    User = pool.get('res.user')
    ModelData = pool.get('ir.model.data')
    own = set(User.get_groups())
    confined = ModelData.get_id('coop_cae', 'group_cae_entrepreneur')
    if groups or own == {confined}:
        granted = own & groups
    else:
        granted = not models or any(mode in _model_rights(m) for m in models)
    return 'x' if granted else ''


_RIGHTS = {
    'model': _model_rights,
    'button': _button_rights,
    'wizard': _wizard_rights,
    'report': _report_rights,
    }


def rows():
    "Return the lines of the table, from the current database"
    from trytond.transaction import without_check_access
    found = subjects()
    columns = []
    for name in ROLES:
        with role(name), without_check_access():
            columns.append([rights(*subject) for subject in found])
    return [
        [*subject, *(column[i] for column in columns)]
        for i, subject in enumerate(found)]


def as_csv(rows):
    file = io.StringIO()
    writer = csv.writer(file, lineterminator='\n')
    writer.writerow([*HEADER, *ROLES])
    writer.writerows(rows)
    return file.getvalue()


def read():
    "Return the committed table by kind and name, then by role"
    with open(TABLE, encoding='utf-8', newline='') as file:
        return {
            (row.pop('kind'), row.pop('name')): row
            for row in csv.DictReader(file)}


TITLES = {
    'model': ("Models", "``r`` read, ``w`` write, ``c`` create, "
        "``d`` delete; rules bound to which records."),
    'button': ("Buttons", "``x``: may be used."),
    'wizard': ("Wizards", "``x``: may be run."),
    'report': ("Reports", "``x``: may be printed."),
    }
INTRODUCTION = """\
.. Made by "make access" from the database: do not edit

*****************
Who may do what
*****************

Each role is one or several groups of users, here by their key:

{roles}

Beside these rights, rules say which records: those of the companies of the
user, and for an entrepreneur only what is theirs.
"""


def as_document(rows):
    "Return the table for people, only with the roles that have something"
    text = INTRODUCTION.format(roles='\n'.join(
            f'{key}\n   {french}' for key, (french, _) in ROLES.items()))
    for kind, (title, legend) in TITLES.items():
        text += f'\n{title}\n{"=" * len(title)}\n\n{legend}\n\n'
        text += _list_table([r for r in rows if r[0] == kind])
    return text


def _list_table(rows):
    lines = ['.. list-table::', '   :header-rows: 1', '']
    for _, name, *cells in [['', 'name', *ROLES], *rows]:
        for i, cell in enumerate([name, *cells]):
            start = '   * -' if not i else '     -'
            lines.append(f'{start} {cell}'.rstrip())
    return '\n'.join(lines) + '\n'


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args(args)
    sys.path.insert(0, str(ROOT))
    # trytond reads its configuration when it is imported
    os.environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
    os.environ['DB_NAME'] = ':memory:'
    from tools import activation
    activation.install(os.environ.get('DB_CACHE'))
    activation.activate_modules('coop_cae')
    from trytond.transaction import Transaction
    with Transaction().start(os.environ['DB_NAME'], 1) as transaction:
        found = rows()
        transaction.rollback()
    TABLE.write_text(as_csv(found), encoding='utf-8')
    DOCUMENT.write_text(as_document(found), encoding='utf-8')
    for path in [TABLE, DOCUMENT]:
        print(f"{path.relative_to(ROOT)}: {len(found)} lines")


if __name__ == '__main__':
    main()
