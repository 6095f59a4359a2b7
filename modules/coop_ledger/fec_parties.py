# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The parties that the lines of a FEC are booked for"""
from trytond.i18n import gettext
from trytond.pool import Pool
from trytond.tools import grouped_slice
from trytond.transaction import Transaction

from .bulk import insert

SHOWN = 20
SLICE = 100


def auxiliary_code(line):
    """Return what stands for the auxiliary account of a line

    Without one, it is the account: no auxiliary account starts with "=".
    """
    return line.auxiliary or f'={line.account}'


def read_parties(company):
    "Return the ids of the parties of the company by auxiliary account"
    table = Pool().get('coop.fec.auxiliary').__table__()
    cursor = Transaction().connection.cursor()
    cursor.execute(*table.select(
            table.code, table.party, where=table.company == company.id))
    return dict(cursor)


class Parties:
    """The parties of a company by auxiliary account

    The code of the auxiliary account is what tells a party from another: the
    first name found for it counts.
    Lines without auxiliary account, on an account that asks for a party, are
    booked for a party that stands for the account.
    """

    def __init__(self, company, fec, accounts):
        self.company = company
        self.fec = fec
        self.accounts = accounts
        self.created = 0

    def code(self, line):
        "Return the code of the auxiliary of a line, None if it needs none"
        if self.accounts[line.account].party_required:
            return auxiliary_code(line)

    def make(self, lines):
        "Return the ids of the parties by code of auxiliary"
        parties = read_parties(self.company)
        names = self._names(lines)
        missing = {c: n for c, n in names.items() if c not in parties}
        if missing:
            FecImport = Pool().get('coop.fec.import')
            found = FecImport._find_parties(self.company, self.fec, {
                    c: n for c, n in missing.items()
                    if not c.startswith('=')})
            self._create({
                    c: n for c, n in missing.items() if c not in found},
                found)
            self._remember(found, missing)
            parties.update(found)
        return parties

    def _names(self, lines):
        "Return the names by code, and note what has several or none"
        names, others, without = {}, {}, {}
        for line in lines:
            code = self.code(line)
            if code is None:
                continue
            if not line.auxiliary:
                without.setdefault(line.account, line)
                names.setdefault(code, None)
                continue
            name = line.auxiliary_name
            if not names.get(code):
                names[code] = name
            elif name and name != names[code]:
                others.setdefault(code, {names[code]: None})[name] = None
        if others:
            texts = [
                f"{c} ({', '.join(n)})"
                for c, n in sorted(others.items())[:SHOWN]]
            if len(others) > SHOWN:
                texts.append('…')
            self.fec.note('fec_names', count=len(others), names=texts)
        if without:
            self.fec.note('fec_no_auxiliary', accounts=sorted(without))
        return {
            c: n or self._name(c, without) for c, n in names.items()}

    def _name(self, code, without):
        if line := without.get(code[1:]):
            return gettext(
                'coop_ledger.msg_fec_party_name',
                account=line.account, name=line.account_name)
        return code

    def _create(self, names, found):
        "Create the parties; a party takes its code if no other has it"
        Party = Pool().get('party.party')
        taken = self._taken()
        values = []
        for code, name in names.items():
            value = {'name': name, 'addresses': []}
            if not code.startswith('=') and code not in taken:
                value['code'] = code
            values.append(value)
        # The ORM looks at all the records of a list for each of them: lists
        # of a thousand take ten times longer than ten of a hundred
        parties = [
            party for slice_ in grouped_slice(values, SLICE)
            for party in Party.create(list(slice_))]
        found.update(zip(names, map(int, parties), strict=True))
        self.created = len(parties)

    def _taken(self):
        table = Pool().get('party.party').__table__()
        cursor = Transaction().connection.cursor()
        cursor.execute(*table.select(table.code))
        return {code for code, in cursor}

    def _remember(self, found, names):
        Auxiliary = Pool().get('coop.fec.auxiliary')
        insert(
            Auxiliary, ['company', 'code', 'name', 'party'], [
                (self.company.id, code, names[code], party)
                for code, party in found.items()])
