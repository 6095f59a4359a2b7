# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The page on security promises what tests show.

Each of its sections names them in comments, FILE::TEST.
"""
import ast
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / 'doc' / 'install' / 'security.rst'
ALL = '*'


def sections():
    "Return the tests that each section of the page names"
    title, _, text = PAGE.read_text().partition('Passwords\n=')
    parts = re.split(r'(?m)^(.+)\n=+$', f'Passwords\n={text}')
    return {
        name: re.findall(r'(?m)^\.\. tried by: (\S+)::(\S+)$', body)
        for name, body in zip(parts[1::2], parts[2::2])}


def names_of(path):
    "Return the names of the tests that are in the file"
    return {
        node.name for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith('test_')}


class SecurityPageTestCase(unittest.TestCase):

    def test_sections(self):
        found = sections()
        self.assertEqual(
            len(found), len(re.findall(r'(?m)^=+$', PAGE.read_text())))
        for name, named in found.items():
            with self.subTest(section=name):
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
