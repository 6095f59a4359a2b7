#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Bring locale/<language>.po of modules in line with their sources.

The texts to translate are read from a database in memory.  Translations that
are there stay; a text that is new enters with an empty msgstr, or with that of
the same text elsewhere, marked fuzzy; a text that is gone is dropped.
What is empty or fuzzy is to be filled or confirmed by hand: replace msgstr and
remove the fuzzy mark.
"""
import argparse
import ast
import configparser
import os
import sys
from functools import partial
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
# Those of the command line, with what speaks for it
COMMANDS = ROOT / 'modules' / 'coop_cae' / 'scripts'
COMMAND_SOURCES = [*sorted(COMMANDS.glob('*.py')), ROOT / 'tools' / 'demo.py']
# What argparse says differs by the version of Python: this one's is complete
ARGPARSE = 'argparse'
PYTHON = (3, 11)
HEADER = {'Content-Type': 'text/plain; charset=utf-8'}


def our_modules():
    "Return the names of the modules of this repository"
    return sorted(
        p.parent.name for p in ROOT.glob('modules/*/tryton.cfg'))


def module_config(module):
    "Return the section tryton of the configuration of the module"
    parser = configparser.ConfigParser()
    parser.optionxform = lambda option: option
    parser.read(ROOT / 'modules' / module / 'tryton.cfg')
    return parser['tryton']


def stock_modules():
    "Return the modules of others that ours depend on, or may use"
    names = set()
    for module in our_modules():
        config = module_config(module)
        for option in ['depends', 'extras_depend']:
            names.update(config.get(option, '').split())
    return sorted(names - set(our_modules()) - {'ir', 'res'})


def po_path(module, language):
    return ROOT / 'modules' / module / 'locale' / f'{language}.po'


def load_language(code, config=None):
    from proteus import Model
    Language = Model.get('ir.lang', config=config)
    language, = Language.find([('code', '=', code)])
    language.click('load_translations')


def load_french(config=None):
    load_language('fr', config=config)


def needed(language, modules):
    """Return for each module the entries that its translation needs.

    It works in the current transaction, whose database has the modules
    activated and the language loaded, as an administrator would do by the
    wizards.  What the module's own translation says is forgotten first, so
    that the result comes from the sources only: nothing is left to clean."""
    from trytond.pool import Pool
    pool = Pool()
    Language = pool.get('ir.lang')
    Translation = pool.get('ir.translation')
    Set = pool.get('ir.translation.set', type='wizard')
    Update = pool.get('ir.translation.update', type='wizard')

    Translation.delete(Translation.search([
                ('lang', '=', language),
                ('module', 'in', modules),
                ]))
    Set(Set.create()[0]).transition_set_()
    update = Update(Update.create()[0])
    update.start.language, = Language.search([('code', '=', language)])
    update.do_update({})

    result = {}
    for module in modules:
        content = Translation.translation_export(language, module) or b''
        result[module] = {
            (entry.msgctxt, entry.msgid): entry
            for entry in polib.pofile(content.decode('utf-8'))
            if entry.msgid}
    return result


def needed_by_commands():
    "Return the entries that the command line needs, as needed() does"
    entries = {}
    for path in [Path(argparse.__file__), *COMMAND_SOURCES]:
        for text, plural in _marked(path):
            entry = entries.setdefault((None, text), polib.POEntry(
                    msgid=text, msgid_plural=plural,
                    msgstr_plural={0: '', 1: ''} if plural else {},
                    comment=ARGPARSE if path.stem == ARGPARSE else ''))
            entry.comment = entry.comment and (
                ARGPARSE if path.stem == ARGPARSE else '')
    return entries


def _marked(path):
    "Return the texts that the source marks, with their plurals"
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                and node.func.id in {'_', 'ngettext'}):
            texts = [
                a.value for a in node.args if isinstance(a, ast.Constant)]
            if texts:
                yield texts[0], texts[1] if node.func.id != '_' else ''


def read(path):
    "Return the entries of the file by context and text"
    if not path.exists():
        return {}
    return {
        (entry.msgctxt, entry.msgid): entry
        for entry in polib.pofile(str(path)) if not entry.obsolete}


def merge(wanted, known):
    """Return the catalogue of the wanted entries with the known translations.

    When only the text of a context changed, its old translation is kept,
    marked fuzzy."""
    by_context = {context: entry for (context, _), entry in known.items()}
    # A context can carry many texts: then the old one cannot be told
    single = {}
    for context, _ in wanted:
        single[context] = context not in single
    catalogue = polib.POFile(wrapwidth=78)
    catalogue.metadata = HEADER
    for key in sorted(wanted):
        entry = wanted[key]
        fuzzy = bool(entry.msgstr)
        if old := known.get(key):
            if old.msgstr:
                entry.msgstr, fuzzy = old.msgstr, old.fuzzy
        elif single[key[0]] and (old := by_context.get(key[0])):
            entry.msgstr, fuzzy = old.msgstr, bool(old.msgstr)
        entry.flags = [f for f in entry.flags if f != 'fuzzy']
        if fuzzy:
            entry.flags.insert(0, 'fuzzy')
        catalogue.append(entry)
    return catalogue


def translated(entry):
    "Tell if the entry has its translation, and those of its plurals"
    if entry.msgid_plural:
        return bool(entry.msgstr_plural) and all(
            entry.msgstr_plural.values())
    return bool(entry.msgstr)


def merge_commands(wanted, known):
    "Return the catalogue of the command line: what others say of it stays"
    catalogue = polib.POFile(wrapwidth=78)
    catalogue.metadata = {
        **HEADER, 'Plural-Forms': 'nplurals=2; plural=(n > 1);'}
    for key in sorted(wanted.keys() | known.keys(), key=lambda key: key[1]):
        entry = known.get(key) or wanted[key]
        if key in wanted or entry.comment == ARGPARSE:
            catalogue.append(entry)
    return catalogue


def faults(wanted, known):
    """Return what keeps the known translations from being complete, as texts
    that name the entry"""
    result = []
    for key in sorted(
            wanted.keys() | known.keys(), key=lambda key: (key[0] or '', key)):
        context, text = key
        if key not in known:
            if (wanted[key].comment == ARGPARSE
                    and sys.version_info[:2] != PYTHON):
                continue
            problem = "missing"
        elif key not in wanted:
            if known[key].comment == ARGPARSE:
                continue
            problem = "obsolete"
        elif not translated(known[key]):
            problem = "empty"
        elif known[key].fuzzy:
            problem = "fuzzy"
        else:
            continue
        result.append(f"{problem}: {context} {text!r}")
    return result


def _activate(modules, language):
    "Activate the modules on a database in memory, in the language"
    from tools import activation
    activation.install()
    activation.activate_modules(
        stock_modules(), partial(load_language, language))
    activation.add_modules(modules)


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'modules', nargs='*', metavar='module', help="default: all")
    parser.add_argument('-l', '--language', default='fr', metavar='CODE')
    parser.add_argument(
        '--check', action='store_true',
        help="write nothing, exit with 1 when a file is not complete")
    options = parser.parse_args(args)
    modules = options.modules or our_modules()
    if unknown := set(modules) - set(our_modules()):
        parser.error(f"no such module: {', '.join(sorted(unknown))}")

    sys.path.insert(0, str(ROOT))
    # trytond reads its configuration when it is imported
    os.environ['TRYTOND_DATABASE_URI'] = 'sqlite://'
    os.environ['DB_NAME'] = ':memory:'
    _activate(modules, options.language)

    from trytond.transaction import Transaction
    with Transaction().start(os.environ['DB_NAME'], 1) as transaction:
        wanted = needed(options.language, modules)
        transaction.rollback()

    catalogues = [
        (po_path(module, options.language), wanted[module], merge)
        for module in modules]
    if COMMANDS.parent.name in modules:
        catalogues.append((
                COMMANDS / 'locale' / f'{options.language}.po',
                needed_by_commands(), merge_commands))
    incomplete = [
        bring(path, entries, merge_, options.check)
        for path, entries, merge_ in catalogues]
    return int(options.check and any(incomplete))


def bring(path, wanted, merge, check):
    "Bring the file in line with what is wanted, and tell if something lacks"
    if not check:
        path.parent.mkdir(exist_ok=True)
        catalogue = merge(wanted, read(path))
        if catalogue:
            path.write_text(f'{catalogue}\n', encoding='utf-8')
    problems = faults(wanted, read(path))
    print(f"{path.relative_to(ROOT)}: {len(wanted)} texts, "
        f"{len(problems)} to do")
    for problem in problems:
        print(f"    {problem}")
    return bool(problems)


if __name__ == '__main__':
    sys.exit(main())
