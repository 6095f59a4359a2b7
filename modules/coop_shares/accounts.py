# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The accounts and the journal that entries of shares are made with."""
from trytond.pool import Pool


class Accounts:
    "What the configuration of a company says, read once"

    def __init__(self, company):
        Configuration = Pool().get('coop.share.configuration')
        self.company = company
        self._configuration = Configuration(1)
        self._known = {}

    def __getitem__(self, name):
        "Return the id of what is set, which is required"
        if name not in self._known:
            self._known[name] = self._configuration.get_required(
                name, self.company).id
        return self._known[name]

    def capital(self, share_class):
        "Return the id of the account of the capital of a class"
        if account := share_class.capital_account:
            return account.id
        return self['capital_account']
