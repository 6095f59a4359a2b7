# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""How pytest runs the tests of Tryton modules.

The database is set by TRYTOND_DATABASE_URI, SQLite in memory by default.
"""
import doctest
import functools
import gc
import importlib
import json
import os
import traceback
import unittest
from pathlib import Path

import hypothesis
import pytest

_WORKER = os.environ.get('PYTEST_XDIST_WORKER')
_MODULES = Path(__file__).parent / 'modules'

# Before trytond is imported, as it reads its configuration then
os.environ.setdefault('TRYTOND_DATABASE_URI', 'sqlite://')
_SQLITE = os.environ['TRYTOND_DATABASE_URI'].startswith('sqlite')
os.environ.setdefault(
    'DB_NAME', ':memory:' if _SQLITE else f'test_{os.getpid()}')
if _SQLITE:
    # The transaction that synchronises the caches, one in five minutes, would
    # commit at once all that its test writes
    os.environ.setdefault('TRYTOND_CACHE__CLEAN_TIMEOUT', str(10 ** 9))
if _WORKER and not _SQLITE:
    # A worker inherits the name from the process that started it
    os.environ['DB_NAME'] += f'_{_WORKER}'
_CACHE = os.environ.get('DB_CACHE')
from trytond.tests import test_tryton  # noqa: E402
from trytond.tools import misc  # noqa: E402

from tools import activation, caches, locks  # noqa: E402  isort:skip


# A busy machine is no fault of a strategy
hypothesis.settings.register_profile(
    'project', deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile('project')


def pytest_configure(config):
    activation.install(_CACHE)
    locks.install()
    caches.install()
    # Databases and pools make millions of objects that stay
    gc.set_threshold(100_000, 50, 100)
    # The tests of a module look its entry point up ten thousands of times
    misc.import_module = functools.cache(misc.import_module)


@pytest.fixture(scope='class', autouse=True)
def no_database_left():
    "Let no test case find the database of another"
    yield
    test_tryton.drop_db()


# Test modules of our Tryton modules

def pytest_collect_directory(path, parent):
    # As packages they would be imported a second time under another name
    if path == _MODULES or _MODULES in path.parents:
        return pytest.Dir.from_parent(parent, path=path)


def pytest_pycollect_makemodule(module_path, parent):
    if _MODULES in module_path.parents:
        return TrytonTestModule.from_parent(parent, path=module_path)


class TrytonTestModule(pytest.Module):
    "A test module known by its true name, below trytond.modules"

    def _getobj(self):
        name = '.'.join([
                'trytond', 'modules',
                *self.path.relative_to(_MODULES).with_suffix('').parts])
        try:
            module = importlib.import_module(name)
        except Exception as error:
            raise self.CollectError(traceback.format_exc(limit=-4)) from error
        if not self.path.samefile(module.__file__):
            raise self.CollectError(
                f"{name} is installed from {module.__file__}: "
                "install this repository with 'make venv'")
        return module


# Scenarios

def pytest_collect_file(file_path, parent):
    if (file_path.suffix == '.rst'
            and file_path.name.startswith('scenario_')):
        return ScenarioFile.from_parent(parent, path=file_path)


class ScenarioFile(pytest.File):

    def collect(self):
        configuration = self.path.with_suffix('.json')
        if configuration.exists():
            variants = json.loads(configuration.read_text('utf-8'))
        else:
            variants = [{}]
        for variant in variants:
            name = ','.join(f'{k}={v}' for k, v in variant.items())
            item = ScenarioItem.from_parent(
                self, name=f'{self.path.stem}[{name}]' if name
                else self.path.stem, globs=variant)
            if '.. slow' in self.path.read_text('utf-8').splitlines():
                item.add_marker('slow')
            yield item


class ScenarioFailed(Exception):
    pass


class ScenarioItem(pytest.Item):

    def __init__(self, globs, **kwargs):
        super().__init__(**kwargs)
        self.globs = globs

    def runtest(self):
        flags = (
            doctest.REPORT_ONLY_FIRST_FAILURE
            | doctest.ELLIPSIS
            | doctest.IGNORE_EXCEPTION_DETAIL)
        if _SQLITE:
            # SQLite does not keep the zeros at the end of a decimal
            flags |= test_tryton.STRIP_DECIMAL
        suite = doctest.DocFileSuite(
            str(self.path), module_relative=False, globs=self.globs,
            setUp=test_tryton.doctest_setup,
            tearDown=test_tryton.doctest_teardown,
            encoding='utf-8', checker=test_tryton.doctest_checker,
            optionflags=flags)
        result = unittest.TestResult()
        suite.run(result)
        if problems := result.failures + result.errors:
            raise ScenarioFailed('\n'.join(text for _, text in problems))

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, f"scenario: {self.name}"
