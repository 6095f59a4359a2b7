# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""An override is called as what it overrides is called."""
import inspect
import unittest

from trytond.model import Exclude, ModelSingleton, dualmethod
from trytond.modules.coop_ledger.exclusion import ExclusionMixin
from trytond.pool import Pool
from trytond.tests.test_tryton import activate_module, with_transaction

OURS = 'trytond.modules.coop_'
# Classes that Tryton makes are in the module of what makes them
NEEDED = 'needed'
KINDS = (classmethod, staticmethod, dualmethod, property)


def kind(attribute):
    "Return what a class holds as one of the words of Python, None if a value"
    for type_ in KINDS:
        if isinstance(attribute, type_):
            return type_.__name__
    return 'method' if inspect.isfunction(attribute) else None


def parameters(attribute):
    """Return the names and the defaults of the parameters but of the first,
    and of what takes any other.

    Those without a default are given by position: Tryton too names records
    after their model."""
    if isinstance(attribute, property):
        return [], set()
    function = attribute
    for name in ['__func__', 'func']:
        function = getattr(function, name, function)
    found = list(inspect.signature(
            inspect.unwrap(function)).parameters.values())
    found = found[not isinstance(attribute, staticmethod):]
    any_other = {
        p.kind for p in found
        if p.kind in {p.VAR_POSITIONAL, p.VAR_KEYWORD}}
    return [
        NEEDED if p.default is p.empty else (p.name, p.default)
        for p in found if p.kind not in any_other], any_other


def takes(ours, theirs):
    "Return whether ours can be called in all the ways of theirs"
    (ours, any_ours), (theirs, any_theirs) = ours, theirs
    if len(any_ours) == 2:
        # Handed on as they come, after those that are named in their order
        return ours == theirs[:len(ours)]
    return (
        any_ours >= any_theirs
        and ours[:len(theirs)] == theirs
        and NEEDED not in ours[len(theirs):])


def differences(cls):
    """Yield where a definition of ours in the class differs from the next
    one that it overrides"""
    mro = cls.__mro__
    for index, base in enumerate(mro):
        if not base.__module__.startswith(OURS):
            continue
        for name, ours in vars(base).items():
            if kind(ours) is None or name == '__init__':
                continue
            for below in mro[index + 1:]:
                theirs = vars(below).get(name)
                if theirs is None or kind(theirs) is None:
                    continue
                if kind(ours) != kind(theirs) or not takes(
                        parameters(ours), parameters(theirs)):
                    yield (
                        f'{base.__module__}.{base.__qualname__}.{name}: '
                        f'{kind(ours)} {parameters(ours)} instead of '
                        f'{kind(theirs)} {parameters(theirs)} of '
                        f'{below.__module__}.{below.__qualname__}')
                if len(parameters(theirs)[1]) < 2:
                    break


class Base:

    def plain(self, value):
        pass

    @classmethod
    def of_class(cls, records, name=None):
        pass

    @dualmethod
    def dual(cls, records):
        pass


class OverridesTestCase(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module(['coop_cae'])

    @with_transaction()
    def test_overrides(self):
        "Each override keeps the kind and the parameters"
        pool = Pool()
        found = {
            text for type_ in ['model', 'wizard', 'report']
            for _, class_ in pool.iterobject(type_)
            for text in differences(class_)}
        self.assertEqual(sorted(found), [])

    @with_transaction()
    def test_reached(self):
        "What is compared holds the overrides that stock actions call"
        Move = Pool().get('account.move')
        ours = {
            name for base in Move.__mro__
            if base.__module__.startswith(OURS)
            for name in vars(base)}
        self.assertIn('post', ours)

    @with_transaction()
    def test_exclusions(self):
        "What excludes other records is checked in slices, in all our models"
        found = set()
        for name, Model in Pool().iterobject('model'):
            if not issubclass(Model, ModelSingleton) and any(
                    isinstance(constraint, Exclude)
                    for _, constraint, _ in getattr(
                        Model, '_sql_constraints', ())) and [
                    b for b in Model.__mro__
                    if vars(b).get('__name__') == name
                    ][-1].__module__.startswith(OURS):
                found.add(name)
                self.assertTrue(issubclass(Model, ExclusionMixin), name)
        self.assertIn('cae.settlement', found)

    def test_differences(self):
        "What differs is seen, in kind as in parameters"
        def override(**attributes):
            return type('Override', (Base,), {
                    '__module__': f'{OURS}x', **attributes})

        def same(cls, records, name=None):
            pass

        def other(cls, records, **options):
            pass

        for attributes, number in [
                ({'of_class': classmethod(same)}, 0),
                ({'of_class': classmethod(other)}, 1),
                ({'of_class': same}, 1),
                ({'dual': classmethod(lambda cls, records: None)}, 1),
                ({'dual': dualmethod(lambda cls, records: None)}, 0),
                ({'plain': lambda self, value: None}, 0),
                ({'plain': lambda self, value=None: None}, 1),
                ({'added': same}, 0)]:
            with self.subTest(attributes=attributes):
                self.assertEqual(
                    len(list(differences(override(**attributes)))), number)
