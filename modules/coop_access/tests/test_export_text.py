# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Lists that are exported are opened by spreadsheets."""
import base64
import csv
import io

from werkzeug.test import Client

from trytond.modules.coop_access.tests.tools import call
from trytond.pool import Pool
from trytond.protocols.wrappers import Response
from trytond.tests.test_tryton import (
    DB_NAME, TestCase, activate_module, with_transaction)
from trytond.transaction import Transaction

FORMULAS = [
    '=1+1', '+33 1 23', '-1', '@SUM(A1)', "=cmd|' /C calc'!A0", "'=1", "''@x"]
PLAIN = ['Durand', "L'atelier", "'tis", '1+1']
PASSWORD = 'Pour 3 essais, pas plus'


def create_parties():
    return Pool().get('party.party').create([{
                'name': name, 'addresses': [('create', [
                            {'street': name}, {'city': name}])],
                } for name in [*FORMULAS, *PLAIN]])


class ExportTextTestCase(TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('coop_access')

    @with_transaction()
    def test_texts(self):
        names = ['name', 'addresses/street', 'addresses/city']
        parties = create_parties()
        ids = [p.id for p in parties]
        rows = call('party.party', 'export_data', ids, names)
        self.assertEqual(
            [r[0] for r in rows if r[0]],
            ["'" + t for t in FORMULAS] + PLAIN)
        for cell in sum(rows, []):
            self.assertNotIn(cell[:1], {'=', '+', '-', '@'})
        self.assertEqual(
            rows, call('party.party', 'export_data_domain',
                [['id', 'in', ids]], names, 0, None, [['id', 'ASC']]))

    @with_transaction()
    def test_there_and_back(self):
        "An import gives the texts back that were exported"
        Party = Pool().get('party.party')
        names = ['id', 'name', 'addresses/id', 'addresses/street']
        parties = create_parties()
        ids = [p.id for p in parties]
        # As a spreadsheet keeps them
        rows = [
            [str(c) for c in row]
            for row in call('party.party', 'export_data', ids, names)]
        Party.write(parties, {'name': "Autre"})
        for row in rows:
            for place in [0, 2]:
                row[place] = int(row[place]) if row[place] else ''
        self.assertEqual(
            call('party.party', 'import_data', names, rows), len(parties))
        self.assertEqual(
            [p.name for p in Party.browse(ids)], [*FORMULAS, *PLAIN])
        # And for new ones, of what has such a name
        names = ['party', 'street']
        addresses = [p.addresses[0].id for p in Party.browse(ids)]
        rows = call('party.address', 'export_data', addresses, names)
        call('party.address', 'import_data', names, rows)
        for party in Party.browse(ids):
            self.assertEqual(
                [a.street for a in party.addresses if a.street],
                [party.name] * 2)

    @with_transaction()
    def test_numbers(self):
        "Numbers stay numbers"
        Address = Pool().get('party.address')
        address, = Address.create([{
                    'party': create_parties()[0].id, 'sequence': -3}])
        self.assertEqual(
            call('party.address', 'export_data', [address.id], ['sequence']),
            [[-3]])


class RouteTestCase(TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        activate_module('coop_access')

    def test_route(self):
        "The address of spreadsheets gives the same"
        from trytond.wsgi import app
        with Transaction().start(DB_NAME, 1) as transaction:
            create_parties()
            group = Pool().get('ir.model.data').get_id(
                'party', 'group_party_admin')
            user, = Pool().get('res.user').create([{
                        'name': "Comptable", 'login': 'comptable',
                        'password': PASSWORD, 'groups': [('add', [group])]}])
            transaction.commit()
        token = base64.b64encode(f'comptable:{PASSWORD}'.encode()).decode()
        answer = Client(app, Response).get(
            f'/{DB_NAME}/data/party.party?f=name&f=id',
            headers={'Authorization': f'Basic {token}'})
        self.assertEqual(answer.status_code, 200)
        rows = list(csv.reader(io.StringIO(answer.text, newline='')))
        self.assertLessEqual(
            {"'" + t for t in FORMULAS} | set(PLAIN), {r[0] for r in rows})
