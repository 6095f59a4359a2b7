# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What setup.cfg says is what lies on the disk and in each tryton.cfg."""
import ast
import configparser
import re
import sys
import unittest
from collections import defaultdict
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / 'modules'
PREFIX = 'trytond.modules.'
LICENCE = (
    "# This file is part of the coop_cae project.  "
    "The COPYRIGHT file at the top\n"
    "# level of this repository contains the full copyright notices and terms."
    "\n")


def parse(path):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    with open(path, encoding='utf-8') as file:
        parser.read_file(file)
    return parser


def lines(value):
    return [line.strip() for line in value.splitlines() if line.strip()]


def pairs(value):
    return dict(re.split(r'\s*=\s*', line, maxsplit=1)
        for line in lines(value))


def normal(name):
    "Return the normal form of the name of a distribution"
    return re.sub(r'[-_.]+', '-', name).lower()


def requirements(value):
    "Return the version by name of distribution"
    result = {}
    for line in lines(value):
        name, _, version = re.fullmatch(
            r'([\w.-]+)(\[[\w,]+\])?\s*(.*)', line).groups()
        result[normal(name)] = version
    return result


def providers():
    """Return the distributions that bring each top level name

    importlib.metadata.packages_distributions knows few with Python 3.10."""
    result = defaultdict(set)
    for distribution in distributions():
        name = normal(distribution.metadata['Name'])
        for file in distribution.files or []:
            result[file.parts[0].removesuffix('.py')].add(name)
    return result


def python_files():
    for folder in ['modules', 'tests', 'tools', 'benchmarks']:
        yield from sorted((ROOT / folder).rglob('*.py'))
    yield ROOT / 'conftest.py'


class PackagingTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setup = parse(ROOT / 'setup.cfg')
        cls.options = cls.setup['options']
        cls.extras = cls.setup['options.extras_require']
        cls.modules = {
            path.parent.name: parse(path)['tryton']
            for path in MODULES.glob('*/tryton.cfg')}

    def depends(self, option):
        "Return the distributions that modules name in the option"
        names = {
            name for config in self.modules.values()
            for name in lines(config.get(option, ''))}
        return {
            normal(f'trytond-{name}')
            for name in names - self.modules.keys() - {'ir', 'res'}}

    def test_modules_found(self):
        self.assertGreaterEqual(
            self.modules.keys(), {
                'coop_access', 'coop_ledger', 'coop_shares', 'coop_cae'})

    def test_install_requires(self):
        required = requirements(self.options['install_requires'])
        tryton = {
            name for name in required if name.startswith('trytond-')}
        depends = self.depends('depends')
        self.assertEqual(depends - tryton, set(), "not required")
        self.assertEqual(
            tryton - depends - self.depends('extras_depend'), set(),
            "required without need")

    def test_extras_installed_for_tests(self):
        required = (
            requirements(self.options['install_requires'])
            | requirements(self.extras['test']))
        self.assertEqual(
            self.depends('extras_depend') - required.keys(), set())

    def test_one_series(self):
        major, minor, _ = self.setup['metadata']['version'].split('.')
        series = f'>={major}.{minor}, <{major}.{int(minor) + 1}'
        for value in [self.options['install_requires'], *self.extras.values()]:
            for name, version in requirements(value).items():
                if name in {'trytond', 'proteus'} or name.startswith(
                        'trytond-'):
                    with self.subTest(name=name):
                        self.assertEqual(version, series)

    def test_imports_required(self):
        "Each distribution that a module imports is required"
        required = requirements(self.options['install_requires']).keys()
        for_tests = required | requirements(self.extras['test']).keys()
        installed = providers()
        for path in MODULES.rglob('*.py'):
            for name in imported(path):
                if name in sys.stdlib_module_names or name == 'trytond':
                    continue
                known = for_tests if 'tests' in path.parts else required
                with self.subTest(path=path.relative_to(ROOT), name=name):
                    self.assertTrue(known & installed[name])

    def test_tryton_modules_imported_required(self):
        "A module imports from the modules that it depends on, or may use"
        for path in MODULES.rglob('*.py'):
            module = path.relative_to(MODULES).parts[0]
            config = self.modules[module]
            known = {module}
            for option in ['depends', 'extras_depend']:
                known.update(lines(config.get(option, '')))
            for name in imported_modules(path):
                with self.subTest(path=path.relative_to(ROOT), name=name):
                    self.assertIn(name, known)

    def test_packages(self):
        found = {
            PREFIX + '.'.join(path.parent.relative_to(MODULES).parts)
            for path in MODULES.rglob('__init__.py')}
        self.assertEqual(sorted(lines(self.options['packages'])),
            sorted(found))

    def test_package_dir(self):
        self.assertEqual(
            pairs(self.options['package_dir']),
            {PREFIX + name: f'modules/{name}' for name in self.modules})

    def test_package_data(self):
        "Each file of a module goes into the wheel"
        patterns = [
            pattern.strip() for pattern in
            self.setup['options.package_data']['*'].split(',')]
        shipped = {
            path for package in MODULES.rglob('__init__.py')
            for pattern in patterns
            for path in package.parent.glob(pattern)}
        files = {
            path for path in MODULES.rglob('*')
            if path.is_file()
            and '__pycache__' not in path.parts
            and path.suffix != '.py'
            and 'doc' not in path.relative_to(MODULES).parts}
        self.assertEqual(sorted(map(str, files - shipped)), [])

    def test_every_folder_of_python_is_a_package(self):
        for path in MODULES.rglob('*.py'):
            with self.subTest(path=path.relative_to(ROOT)):
                self.assertTrue((path.parent / '__init__.py').exists())

    def test_entry_points(self):
        points = self.setup['options.entry_points']
        self.assertEqual(
            pairs(points['trytond.modules']),
            {name: PREFIX + name for name in self.modules})
        for name, target in pairs(points['console_scripts']).items():
            with self.subTest(name=name):
                module, function = target.split(':')
                path = MODULES.joinpath(
                    *module.removeprefix(PREFIX).split('.')
                    ).with_suffix('.py')
                functions = {
                    node.name for node in ast.parse(path.read_bytes()).body
                    if isinstance(node, ast.FunctionDef)}
                self.assertIn(function, functions)

    def test_least_python(self):
        least = tuple(map(int, self.options['python_requires'].removeprefix(
                    '>=').split('.')))
        for path in python_files():
            with self.subTest(path=path.relative_to(ROOT)):
                ast.parse(path.read_bytes(), feature_version=least)

    def test_versions(self):
        version = self.setup['metadata']['version']
        for name, config in self.modules.items():
            with self.subTest(module=name):
                self.assertEqual(config['version'], version)

    def test_licence(self):
        for path in python_files():
            with self.subTest(path=path.relative_to(ROOT)):
                text = path.read_text('utf-8')
                if text.startswith('#!'):
                    text = text.split('\n', 1)[1]
                self.assertTrue(text.startswith(LICENCE))

    def test_licence_of_xml(self):
        words = re.findall(r'\w+', LICENCE)
        for path in MODULES.glob('*/*.xml'):
            with self.subTest(path=path.relative_to(ROOT)):
                head = path.read_text('utf-8')[:500]
                comment = re.search(r'<!--(.*?)-->', head, re.DOTALL)
                self.assertIsNotNone(comment)
                self.assertEqual(re.findall(r'\w+', comment.group(1)), words)


def imported(path):
    "Yield the top level names that the file imports"
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split('.')[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split('.')[0]


def imported_modules(path):
    "Yield the Tryton modules that the file imports from"
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            if name.startswith(PREFIX):
                yield name.removeprefix(PREFIX).split('.')[0]
