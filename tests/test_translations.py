# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The modules speak French, all of it, in the words of accountants."""
import re
import unittest

from tools import translations
from trytond.tests.test_tryton import with_transaction
from trytond.tests.tools import activate_modules

# What a French accountant would not write, and what he would
WORDS = {
    r"notes? de crédit|crédits? notes?|factures? d'avoir": "avoir",
    r"(parts?|actions?) de capital|actionnaires?": "part sociale, associé",
    r"adhérents?|membres?": "associé",
    r"rétentions?": "retenue",
    r"économies": "épargne",
    r"entrées? (de journal|comptables?)|mouvements? comptables?": "écriture",
    r"post(er|ée?s?)": "comptabiliser",
    r"année fiscale|années fiscales": "exercice comptable",
    r"feuilles? de (paie|paye)|fiches? de (paie|paye)": "bulletin de paie",
    r"taux plats?": "taux unique",
    r"marges? grosses?|profit brut": "marge brute",
    r"balance d'essai": "balance générale",
    r"assemblées? de réunion|réunions? générales?": "assemblée générale",
    r"compagnies?": "société",
    r"chiffres? d'affaire(?!s)": "chiffre d'affaires",
    r"employ(eur|é)s? (contributions?)": "cotisations",
    r"contributions? (patronales?|salariales?|sociales?)": "cotisations",
    r"supporté(e?s?) par le système|librairies?|digits?": "a French word",
    }
PLACEHOLDER = re.compile(r'%(?:\(\w+\))?[-#0 +]*[\d.]*[a-zA-Z]|{\w*}')


def extras():
    "Return the modules that ours may use"
    return {
        name for module in translations.our_modules()
        for name in translations.module_config(module).get(
            'extras_depend', '').split()}


class TranslationTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.modules = translations.our_modules()
        activate_modules(
            sorted(extras() | set(cls.modules)), translations.load_french)

    @with_transaction()
    def test_complete(self):
        "Each text has a translation that somebody confirmed"
        wanted = translations.needed('fr', self.modules)
        for module in self.modules:
            with self.subTest(module=module):
                known = translations.read(
                    translations.po_path(module, 'fr'))
                self.assertEqual(
                    translations.faults(wanted[module], known), [],
                    f"run tools/translations.py {module}")


class FrenchTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = [
            (text, entry.msgstr)
            for module in translations.our_modules()
            for (_, text), entry in translations.read(
                translations.po_path(module, 'fr')).items()]

    def test_words(self):
        wrong = [
            (translation, f"write: {right}")
            for _, translation in self.entries
            for pattern, right in WORDS.items()
            if re.search(
                rf'\b({pattern})\b', PLACEHOLDER.sub('', translation),
                re.IGNORECASE)]
        self.assertEqual(wrong, [])

    def test_placeholders(self):
        "A translation has the same values as the text"
        wrong = [
            (text, translation) for text, translation in self.entries
            if sorted(PLACEHOLDER.findall(text.replace('%%', '')))
            != sorted(PLACEHOLDER.findall(translation.replace('%%', '')))]
        self.assertEqual(wrong, [])

    def test_typography(self):
        wrong = [
            translation for text, translation in self.entries
            if '"' in translation or '...' in translation
            or ((translation[-1:] in {'.', '?'}) != (text[-1:] in {'.', '?'}))]
        self.assertEqual(wrong, [], "write « » and …, end as the text does")
