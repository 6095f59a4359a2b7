# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""What clients open as a link is an address of the web.

A link of another kind runs a script with the rights of who opens it, or opens
a program.  None is taken, and one that is there already is not given to
clients.
"""
import re

from trytond.i18n import gettext
from trytond.pool import PoolMeta

from .exceptions import LinkError

# What browsers skip in front of an address, and wherever it is
_SKIPPED = re.compile('^[\x00-\x20\x7f-\xa0]+|[\t\n\r]')
_SCHEME = re.compile(r'([a-z][a-z0-9+.-]*):', re.IGNORECASE)
WEB = {'http', 'https'}


def scheme(link):
    "Return the scheme that a browser finds in the link, if there is one"
    found = _SCHEME.match(_SKIPPED.sub('', link))
    return found and found[1].lower()


def is_web(link):
    "Tell if the link is an address of the web"
    return scheme(link) in WEB


def is_site(link):
    "Tell if the link is an address of the web, with or without its scheme"
    return scheme(link) in {None, *WEB}


def check(link, accepted=is_web):
    if link and not accepted(link):
        raise LinkError(gettext('coop_access.msg_link', link=link[:100]))


class _Link:
    "A model with a field that clients open"
    __slots__ = ()
    _link = None

    @classmethod
    def preprocess_values(cls, mode, values):
        values = super().preprocess_values(mode, values)
        check(values.get(cls._link))
        return values

    @classmethod
    def read(cls, ids, fields_names):
        rows = super().read(ids, fields_names)
        for row in rows:
            if row.get(cls._link) and not is_web(row[cls._link]):
                row[cls._link] = ''
        return rows


class Attachment(_Link, metaclass=PoolMeta):
    __name__ = 'ir.attachment'
    _link = 'link'


class ActionURL(_Link, metaclass=PoolMeta):
    __name__ = 'ir.action.url'
    _link = 'url'


class ContactMechanism(metaclass=PoolMeta):
    __name__ = 'party.contact_mechanism'

    @classmethod
    def _validate(cls, records, field_names=None):
        # Before Tryton's, which misses the site that is not given
        if field_names is None or {'type', 'value'} & set(field_names):
            for mechanism in records:
                if mechanism.type == 'website':
                    check(mechanism.value, is_site)
        super()._validate(records, field_names=field_names)

    @classmethod
    def get_value(cls, mechanisms, names):
        values = super().get_value(mechanisms, names)
        if 'website' in values:
            values['website'] = {
                id_: value if is_site(value) else None
                for id_, value in values['website'].items()}
        return values

    def on_change_with_url(self, name=None, value=None):
        url = super().on_change_with_url(name=name, value=value)
        if self.type == 'website' and url and not is_site(url):
            return None
        return url
