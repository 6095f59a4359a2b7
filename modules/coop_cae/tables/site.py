# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"The sites."
from trytond.modules.coop_ledger.files.table import Column

from .base import Change, Table


class Sites(Table):
    name = 'sites'
    columns = [
        Column('code', 'code'),
        Column('name'),
        ]
    key = ['code']
    access = ['cae.site']

    def prepare(self):
        sites = self.find('cae.site', self.codes('code'))
        self.changes = [
            Change(row, sites.get(row['code']), {
                    'code': row['code'], 'name': row['name']})
            for row in self.rows]

    def write(self):
        self.save('cae.site', self.changes)
