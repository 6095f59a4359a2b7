# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The documents tell what is there: menus, labels, files, tests, commands."""
import argparse
import contextlib
import io
import re
import shlex
import unittest
from pathlib import Path

from tools.catalogue import Catalogue, our_modules
from trytond.modules.coop_cae.scripts.main import get_parser

ROOT = Path(__file__).resolve().parent.parent
DOC = ROOT / 'doc'
PAGES = [
    'index', 'setup', 'configuration', 'usage', 'design', 'reference',
    'releases']
ROLE = re.compile(r':(guilabel|menuselection):`([^`]+)`')


def documents(*patterns):
    "Yield the documents and their texts"
    found = False
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            found = True
            yield path.relative_to(ROOT), path.read_text('utf-8')
    assert found, patterns


def french_documents():
    return documents('doc/fr/*.rst')


def english_documents():
    return documents(
        'doc/*.rst', 'doc/install/*.rst', 'doc/reference/*.rst',
        'modules/*/doc/*.rst')


def normal(text):
    return ' '.join(text.replace('’', "'").split())


def roles(text):
    "Yield the roles of labels and what they say"
    for role, label in ROLE.findall(text):
        yield role, normal(label)


class LabelTestCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = Catalogue()

    def paths(self, language):
        return {
            ' --> '.join(normal(part[language]) for part in path)
            for path in self.catalogue.menus.values()}

    def test_french_labels(self):
        "What the guides name is written so on the screens"
        words = set(map(normal, self.catalogue.words))
        wrong = [
            f'{path}: {label}' for path, text in french_documents()
            for role, label in roles(text)
            if role == 'guilabel' and label not in words]
        self.assertEqual(wrong, [])

    def test_french_menus(self):
        paths = self.paths(0)
        wrong = [
            f'{path}: {label}' for path, text in french_documents()
            for role, label in roles(text)
            if role == 'menuselection' and label not in paths]
        self.assertEqual(wrong, [])

    def test_english_menus(self):
        paths = self.paths(1)
        wrong = [
            f'{path}: {label}' for path, text in english_documents()
            for role, label in roles(text)
            if role == 'menuselection' and label not in paths]
        self.assertEqual(wrong, [])

    def test_our_menus_in_french(self):
        "The catalogue knows the French of each menu of ours"
        ours = {
            id_: path for id_, path in self.catalogue.menus.items()
            if id_.split('.')[0] in our_modules()}
        self.assertGreater(len(ours), 80)
        self.assertEqual(
            [id_ for id_, path in ours.items() if not all(
                    french and english for french, english in path)], [])
        self.assertEqual(
            self.catalogue.menus['coop_cae.menu_close_month'],
            (("CAE", "CAE"), ("Clôturer un mois", "Close a Month")))


class FrenchTypographyTestCase(unittest.TestCase):

    def test_spaces(self):
        "Spaces that must not break do not"
        wrong = []
        for path, text in french_documents():
            for number, line in enumerate(text.splitlines(), 1):
                if re.search(r' [;?!»](\W|$)| :( |$)|« ', line):
                    wrong.append(f'{path}:{number}: {line}')
        self.assertEqual(wrong, [])

    def test_quotes(self):
        "Quotes are those of French, but in what is typed"
        wrong = [
            f'{path}: {line}' for path, text in french_documents()
            for line in re.sub(r'``[^`]*``', '', text).splitlines()
            if re.search('["“”\']', line) and not line.startswith('   ')]
        self.assertEqual(wrong, [])


class TruthTestCase(unittest.TestCase):
    maxDiff = None

    def test_law(self):
        "Each article names where it is kept and a test, which exist"
        # What goes through several modules is tested beside them
        names = {
            path.name for folder in ['modules', 'tests']
            for path in (ROOT / folder).rglob('*.*')}
        text = (ROOT / 'modules/coop_cae/doc/law.rst').read_text('utf-8')
        rows = re.findall(
            r'^   \* - (.*?)(?=^   \* - |^\S)', text, re.M | re.S)
        rows = [row for row in rows if not row.startswith('Article\n')]
        self.assertGreater(len(rows), 35)
        for row in rows:
            article = row.splitlines()[0]
            files = re.findall(r'``([\w/]+\.(?:py|xml))``', row)
            with self.subTest(article=article):
                self.assertTrue([f for f in files if f.startswith('test_')])
                self.assertTrue(
                    [f for f in files if not f.startswith('test_')])
                self.assertEqual(
                    [f for f in files if f.rpartition('/')[2] not in names],
                    [])

    def test_words(self):
        "The files and the models of the words of the design exist"
        text = (DOC / 'design.rst').read_text('utf-8')
        files = re.findall(r'\b(coop_\w+/[\w/]+\.py)\b', text)
        self.assertGreater(len(files), 25)
        for name in files:
            with self.subTest(file=name):
                self.assertTrue((ROOT / 'modules' / name).is_file())
        rows = re.findall(r'``([\w., ]+)`` +(coop_\w+/\w+\.py)', text)
        self.assertGreater(len(rows), 25)
        for models, name in rows:
            source = (ROOT / 'modules' / name).read_text('utf-8')
            for model in models.split(', '):
                with self.subTest(model=model):
                    self.assertIn(f"__name__ = '{model}'", source)

    def test_pages_of_modules(self):
        for module in our_modules():
            folder = ROOT / 'modules' / module / 'doc'
            with self.subTest(module=module):
                self.assertEqual(
                    [p for p in PAGES if not (folder / f'{p}.rst').exists()],
                    [])
                self.assertEqual(
                    (DOC / 'modules' / module).resolve(), folder)

    def test_commands(self):
        "The commands of the documents are understood"
        parser = get_parser()
        seen = set()
        for path, text in [*french_documents(), *english_documents()]:
            text = text.replace('\\\n', ' ')
            for line in re.findall(
                    r'^\s+\$ (?:\S*/)?coop-cae (.*)$', text, re.M):
                words = shlex.split(
                    line.replace('…', '2024-12-31').partition(' > ')[0])
                if 'COMMAND' in words:
                    continue
                with self.subTest(path=path, line=line):
                    options = parse(parser, words)
                    self.assertTrue(options.database)
                    seen.add(options.command)
        self.assertGreaterEqual(seen, {'init', 'import', 'close', 'report'})

    def test_make(self):
        "The targets of make that the documents name are there"
        makefile = (ROOT / 'Makefile').read_text('utf-8')
        targets = set(re.findall(r'^([\w-]+):', makefile, re.M))
        seen = set()
        for path, text in [*french_documents(), *english_documents(),
                *documents('README.md', 'benchmarks/README.md')]:
            for line in re.findall(
                    r'(?:`|\$ |^ {4})make ([a-z][a-z -]*)', text, re.M):
                for target in line.split():
                    seen.add((path.name, target))
                    with self.subTest(path=path, target=target):
                        self.assertIn(target, targets)
        self.assertGreaterEqual(
            seen, {('README.md', 'demo'), ('tutoriel.rst', 'serve')})

    def test_screens(self):
        "The tests in a browser make the picture of each screen, and no other"
        made = {
            name for _, text in documents('browser/test_*.py')
            for name in re.findall(
                r"(?:\.picture\(|\bclient\('\w+', )'(\w+)'\)", text)}
        shown = {
            name for _, text in [*french_documents(), *english_documents()]
            for name in re.findall(
                r'\.\. (?:screen:: |figure:: pictures/)(\w+)', text)}
        self.assertEqual(made, shown)

    def test_pictures(self):
        "The pictures that the pages show are there"
        for path, text in documents('modules/*/doc/*.rst'):
            for name in re.findall(r'\.\. figure:: (\S+)', text):
                with self.subTest(path=path, name=name):
                    self.assertTrue((ROOT / path).parent.joinpath(
                            name).is_file())
        folder = ROOT / 'modules' / 'coop_cae' / 'doc' / 'pictures'
        for path, text in [*french_documents(), *english_documents()]:
            for name in re.findall(r'\.\. screen:: (\S+)', text):
                with self.subTest(path=path, name=name):
                    self.assertTrue(
                        (folder / f'{name}.png').is_file(), "make pictures")


def parse(parser, words):
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            return parser.parse_args(words)
    except SystemExit:
        raise argparse.ArgumentTypeError(errors.getvalue())
