# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The pages on security and on personal data promise what tests show.

Each of their sections names them in comments, FILE::TEST.
"""
import ast
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / 'doc' / 'install' / 'security.rst'
PAGES = [PAGE, ROOT / 'doc' / 'personal_data.rst']
ALL = '*'


def sections(page):
    "Yield each section of the page with the tests that it names"
    parts = re.split(r'(?m)^(.+)\n=+$', page.read_text())
    for name, body in zip(parts[1::2], parts[2::2]):
        yield name, re.findall(r'(?m)^\.\. tried by: (\S+)::(\S+)$', body)


def names_of(path):
    "Return the names of the tests that are in the file"
    return {
        node.name for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith('test_')}


class SecurityPageTestCase(unittest.TestCase):

    def test_sections(self):
        for page in PAGES:
            found = list(sections(page))
            self.assertEqual(
                len(found), len(re.findall(r'(?m)^=+$', page.read_text())))
            for name, named in found:
                with self.subTest(page=page.name, section=name):
                    self.assertTrue(named)
                    for file, test in named:
                        there = names_of(ROOT / file)
                        self.assertTrue(there)
                        if test != ALL:
                            self.assertIn(test, there)

    def test_configuration(self):
        "The page of the server sets what the page on security tells"
        server = (PAGE.parent / 'server.rst').read_text()
        for line in [
                'num_proxies = 1', 'list = False',
                'max_size = 2097152', 'max_size_authenticated = 209715200',
                'refusals = trytond.modules.coop_access.middleware.Refusals',
                'headers = '
                'trytond.modules.coop_access.middleware.SecurityHeaders',
                '-b 127.0.0.1:8000']:
            self.assertIn(line, server)
