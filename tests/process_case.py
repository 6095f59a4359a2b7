# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Tests of what other processes do to a database."""
import unittest

from canonical import differences, dump
from file_database import FileDatabases
from worker import Workers

from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.tests.tools import activate_modules


class ProcessTestCase(unittest.TestCase):
    "The jobs are done on the database work, a copy of template for each try"
    modules = 'coop_cae'
    set_up = []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_modules(cls.modules, *cls.set_up)
        cls.prepare()
        cls.databases = FileDatabases()
        cls.addClassCleanup(cls.databases.close)
        cls.databases.save('template')
        cls.workers = Workers(cls.databases, 'template', 'work')
        cls.addClassCleanup(cls.workers.close)

    @classmethod
    def prepare(cls):
        "Enter what the template has besides"

    @classmethod
    def dump(cls, name='work', alone=True):
        with cls.databases.connect(name, alone) as connection:
            return dump(connection, Pool(DB_NAME))

    def do(self, *jobs):
        "Do jobs one after the other and return what the last one printed"
        for job in jobs:
            result, = self.workers.run(job)
            self.assertEqual(result.get('code'), 0, result['output'])
        return result['output']

    def assertSame(self, found, expected):
        self.assertEqual(differences(found, expected), [])

    def assertRight(self):
        self.do({'args': ['report', 'check']})
