# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What the sources of modules declare, read without a database: menus, groups,
rights, and the words in French of all of it."""
import configparser
import functools
import importlib
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import polib

from tools.translations import our_modules, stock_modules

BASE = ['ir', 'res']
ACTIONS = {
    'ir.action.act_window', 'ir.action.wizard', 'ir.action.report',
    'ir.action.url'}


def folder(module):
    "Return where the module lies"
    name = ('trytond.' if module in BASE else 'trytond.modules.') + module
    return Path(importlib.import_module(name).__file__).parent


def configuration(module):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read(folder(module) / 'tryton.cfg')
    return parser


def modules():
    "Return the names of all modules, ours and all that they use"
    names = []

    def add(module):
        if module in names:
            return
        if module not in BASE:
            for name in configuration(module)['tryton'].get(
                    'depends', '').split():
                add(name)
        names.append(module)

    for module in [*BASE, *stock_modules(), *our_modules()]:
        add(module)
    return names


class Catalogue:
    "What the modules declare in XML and translate in French"

    def __init__(self, names=None):
        self.names = names or modules()
        self.records = {}
        self.french = defaultdict(dict)
        self.words = set()
        for name in self.names:
            self._read_translations(name)
        for name in self.names:
            self._read_data(name)

    def _read_translations(self, module):
        for path in [
                folder(module) / 'locale' / 'fr.po',
                *sorted(folder(module).glob('locale/override/fr.po'))]:
            if not path.exists():
                continue
            for entry in polib.pofile(str(path)):
                if not entry.obsolete and entry.msgstr:
                    context = entry.msgctxt
                    # An override names the module that it is for
                    *own, context = context.rsplit('!', 1)
                    self.french[module, context][entry.msgid] = entry.msgstr
                    self.words.add(entry.msgstr)

    def _read_data(self, module):
        for path in data_files(module):
            for data in ET.parse(path).getroot().iter('data'):
                for element in data:
                    if element.tag in {'record', 'menuitem'}:
                        self._read_element(module, element)

    def _read_element(self, module, element):
        identifier = full(module, element.get('id'))
        record = self.records.setdefault(identifier, SimpleNamespace(
                module=module, id=element.get('id'),
                model=element.get('model', 'ir.ui.menu'), values={}))
        if element.tag == 'menuitem':
            for name in ['name', 'parent', 'action', 'active']:
                if element.get(name):
                    value = element.get(name)
                    if name in {'parent', 'action'}:
                        value = full(module, value)
                    record.values[name] = value
            return
        for field in element.findall('field'):
            value = field.get('eval') or ''.join(field.itertext()).strip()
            if field.get('ref'):
                value = full(module, field.get('ref'))
            elif field.get('search'):
                value = field.get('search')
            record.values[field.get('name')] = value

    def of(self, model):
        "Return the records of the model by identifier"
        return {
            id_: record for id_, record in self.records.items()
            if record.model == model}

    def translated(self, record, field='name'):
        "Return the French of a field of the record"
        text = record.values.get(field, '')
        # The texts of actions are with what they have in common
        model = record.model
        if model.startswith('ir.action.') and field == 'name' and (
                model in ACTIONS):
            model = 'ir.action'
        context = f'model:{model},{field}:{record.id}'
        return self.french[record.module, context].get(text, text)

    @functools.cached_property
    def menus(self):
        "Return the French and the English path of each menu, by identifier"
        menus = self.of('ir.ui.menu')

        def label(record):
            if record.values.get('name'):
                return self.translated(record), record.values['name']
            action = self.records.get(record.values.get('action'))
            if not action:
                return '', ''
            return self.translated(action), action.values.get('name', '')

        def path(identifier):
            record = menus.get(identifier)
            if not record:
                return ()
            return (*path(record.values.get('parent')), label(record))
        return {id_: path(id_) for id_ in menus}


def full(module, identifier):
    return identifier if '.' in identifier else f'{module}.{identifier}'


def data_files(module):
    "Yield the XML files of the module"
    parser = configuration(module)
    for section in parser.sections():
        for name in parser[section].get('xml', '').split():
            yield folder(module) / name
