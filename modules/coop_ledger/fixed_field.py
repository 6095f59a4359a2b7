# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What stays as it is once something posted leans on it.

A posted record keeps its own fields, and says of others what these say: of
its person the party, of its account the code.  A model tells which of its
fields are so, and by which posted records.
"""
from collections.abc import Callable
from dataclasses import dataclass

from trytond.i18n import gettext
from trytond.model import Model, fields
from trytond.model.exceptions import AccessError
from trytond.pool import Pool
from trytond.transaction import (
    Transaction, inactive_records, without_check_access)


class FixedFieldError(AccessError):
    pass


@dataclass(frozen=True, slots=True)
class Leaning:
    """The records of a model that lean on others.

    link is the field by which they do, maybe through other records, or the
    fields with those of the record that they are equal to;
    domain tells which of them are posted;
    where leaves out more, by the record, the one that leans and what is to be
    written.
    """
    model: str
    link: str | dict[str, str]
    domain: tuple = ()
    where: Callable[[Model, Model, dict], bool] | None = None

    def first(self, records, values=None):
        "Return a record and what leans on it, in one query, None without"
        Leaning = Pool().get(self.model)
        links = self.link
        if isinstance(links, str):
            links = {links: 'id'}
        surely = not self.where and (len(links) == 1 or len(records) == 1)
        domain = [*self.domain, *(
                (path, 'in', list({_plain(getattr(r, name)) for r in records}))
                for path, name in links.items())]
        for leaning in Leaning.search(
                domain, order=[], limit=1 if surely else None):
            for record in records:
                if all(
                        _plain(getattr(record, name)) in _reached(
                            leaning, path)
                        for path, name in links.items()) and (
                            not self.where
                            or self.where(record, leaning, values or {})):
                    return record, leaning
        return None


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fields that stay as they are once something leans on their record.

    cure is the id of the message that tells what to do instead;
    change tells of a record, the name of a field and its new value if it is a
    change, for what may change in one way and not in another;
    kept records are not deleted either;
    by_hand tells that the buttons and wizards of the server may change it.
    """
    names: frozenset[str]
    cure: str
    leanings: tuple[Leaning, ...]
    change: Callable[[Model, str, object], bool] | None = None
    kept: bool = False
    by_hand: bool = False

    @classmethod
    def of(cls, names, cure, *leanings, **options):
        return cls(frozenset(names), cure, leanings, **options)

    def check(self, mode, records, values):
        change = self.change or is_changed
        changed = {}
        for name in sorted(self.names & (values or {}).keys()):
            for record in records:
                if change(record, name, values[name]):
                    changed.setdefault(record, name)
        if mode == 'delete' and self.kept:
            changed = dict.fromkeys(records)
        if not changed:
            return
        for leaning in self.leanings:
            if found := leaning.first(list(changed), values):
                self._refuse(*found, changed[found[0]])

    def _refuse(self, record, leaning, name):
        names = record.__names__(name) if name else record.__names__()
        raise FixedFieldError(gettext(
                f'coop_ledger.msg_fixed_{"field" if name else "record"}',
                record=record.rec_name, leaning=leaning.rec_name,
                leaning_model=leaning.__names__()['model'],
                cure=gettext(self.cure), **{'field': '', **names}))


class FixedFieldMixin:
    """A model that posted records lean on.

    Nobody changes what they say of it, whatever the rights and the way; only
    the server itself does.
    """
    __slots__ = ()

    @classmethod
    def _fixed_fields(cls):
        "Return what is fixed, as a list of Fixed"
        return []

    @classmethod
    def check_modification(
            cls, mode, records, values=None, external=False):
        super().check_modification(
            mode, records, values=values, external=external)
        if mode != 'create' and Transaction().user:
            with without_check_access(), inactive_records():
                for fixed in cls._fixed_fields():
                    if external or not fixed.by_hand:
                        fixed.check(mode, records, values)


def is_changed(record, name, value):
    "Tell if the value is another one than that of the record"
    if isinstance(record._fields[name], (fields.One2Many, fields.Many2Many)):
        # What is to be done with the records of the list
        return bool(value)
    old = getattr(record, name)
    if isinstance(value, str) and isinstance(old, Model):
        return str(old) != value
    old, value = _plain(old), _plain(value)
    return (old if old != '' else None) != (value if value != '' else None)


def is_other(record, name, value):
    "Tell if what is set is changed: what is empty may be completed"
    return bool(getattr(record, name)) and is_changed(record, name, value)


def owners(records, name, values=None):
    "Return those that have the records, and those that they are given to"
    found = {getattr(record, name): None for record in records}
    if (values or {}).get(name) and records:
        Owner = records[0]._fields[name].get_target()
        found[Owner(values[name])] = None
    return list(found)


def _plain(value):
    return getattr(value, 'id', value)


def _reached(record, path):
    "Return the ids or the values that a path leads to"
    found = [record]
    for name in path.split('.'):
        values = [getattr(r, name) for r in found if r is not None]
        found = [
            v for value in values
            for v in (value if isinstance(value, (list, tuple)) else [value])]
    return set(map(_plain, found))
