# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The language that the commands speak.

Their texts are in locale/<language>.po, beside this file, with those of
argparse: tools/translations.py keeps it in line with the sources.
"""
import argparse
import gettext
import io
import os
from pathlib import Path

import polib

FOLDER = Path(__file__).with_name('locale')
ENGLISH = 'en'
# Those of POSIX, the strongest first
VARIABLES = ['LC_ALL', 'LC_MESSAGES', 'LANG']
_translations = gettext.NullTranslations()


def _(text):
    "Return the text in the language that was chosen"
    return _translations.gettext(text)


def choose(args, environment=None):
    """Return the code of the language that the arguments name, else that of
    the locale of the environment if it is spoken, else English"""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    # It may lack its value, which is told later
    parser.add_argument('--language', nargs='?')
    options, _others = parser.parse_known_args(args)
    if options.language:
        return options.language
    environment = os.environ if environment is None else environment
    locale = next(
        (environment[name] for name in VARIABLES if environment.get(name)),
        '')
    code = locale.partition('_')[0].partition('.')[0].lower()
    return code if path(code).exists() else ENGLISH


def path(code):
    return FOLDER / f'{code}.po'


def speak(code):
    "Let the commands speak the language, or English if they do not know it"
    global _translations
    _translations = gettext.NullTranslations()
    if code.isalnum() and path(code).exists():
        catalogue = polib.pofile(str(path(code)))
        _translations = gettext.GNUTranslations(
            io.BytesIO(catalogue.to_binary()))
    # It asks the catalogue of the system, that has none for it
    argparse._ = _translations.gettext
    argparse.ngettext = _translations.ngettext
