# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from trytond.modules.company.tests import CompanyTestMixin
from trytond.tests.test_tryton import ModuleTestCase


class CoopAccessTestCase(CompanyTestMixin, ModuleTestCase):
    "Test Coop Access module"
    module = 'coop_access'
    extras = [
        'account', 'account_payment', 'account_statement', 'bank', 'purchase',
        'sale', 'stock']


del ModuleTestCase
