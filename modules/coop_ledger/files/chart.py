# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Find the place of accounts and journals that a file names"""
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .values import fold


class Types(NamedTuple):
    "The types of an account: always, when in debit, when in credit"
    type: int | None
    debit_type: int | None = None
    credit_type: int | None = None


class ChartAccount(NamedTuple):
    id: int
    code: str
    parent: int | None
    types: Types


class Chart:
    "The accounts of a chart by id"

    def __init__(self, accounts: Iterable[ChartAccount]):
        self.accounts = {a.id: a for a in accounts}
        self._stems = {}
        for account in self.accounts.values():
            if account.code:
                self._stems.setdefault(_stem(account.code), []).append(account)
        self._children = {}
        for account in self.accounts.values():
            self._children.setdefault(account.parent, []).append(account)

    def find_parent(self, code: str) -> ChartAccount | None:
        """Return the account under which the code belongs

        It is the one whose code, without zeros at its end, starts the code
        the furthest: 41110000 goes under 4111, or under 411000 if the chart
        writes its accounts with six digits.
        None if no account starts like it.
        """
        for length in range(len(code), 0, -1):
            found = self._stems.get(code[:length])
            if not found:
                continue
            return max(
                found, key=lambda a: (
                    code.startswith(a.code),
                    len(a.code) if code.startswith(a.code) else -len(a.code),
                    a.types.type is not None, -a.id))
        return None

    def find_typed(
            self, code: str, account: ChartAccount) -> ChartAccount | None:
        """Return the account whose types suit the code under the account

        It is the nearest account upwards that has a type; if there is none,
        the one downwards with the nearest number, or that of a wider part
        of the chart.
        None if there is none.
        """
        ancestor = account
        while ancestor:
            if ancestor.types.type is not None:
                return ancestor
            ancestor = self.accounts.get(ancestor.parent)
        while account:
            typed = [
                a for a in self._descendants(account)
                if a.types.type is not None]
            if typed:
                return min(typed, key=lambda a: (
                        abs(_rank(a.code) - _rank(code)), a.code or ''))
            account = self.accounts.get(account.parent)
        return None

    def _descendants(self, account):
        todo = list(self._children.get(account.id, []))
        while todo:
            child = todo.pop()
            yield child
            todo.extend(self._children.get(child.id, []))


def _stem(code):
    return code.rstrip('0') or code


def _rank(code):
    "Return the place of the code among others of any length"
    digits = ''.join(c if c.isdigit() else '0' for c in code or '')
    return int(digits[:12].ljust(12, '0'))


def journal_type(
        code: str, name: str, accounts: Sequence[str]) -> str:
    """Return the type of a journal from its names and its lines' accounts

    A fifth of the lines on bank, sales or purchase accounts is enough, as
    most lines are on those of third parties and taxes.
    """
    if fold(code) in {'an', 'ran', 'anouveau', 'anouveaux'} or (
            'nouveau' in fold(name)):
        return 'situation'
    types = Counter()
    for account in accounts:
        if account.startswith('70'):
            types['revenue'] += 1
        elif account.startswith(('60', '61', '62')):
            types['expense'] += 1
        elif account.startswith(('512', '514', '53')):
            types['cash'] += 1
    for type_, count in types.most_common(1):
        if 5 * count >= len(accounts):
            return type_
    return 'general'
