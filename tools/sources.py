# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The classes of the modules, composed as in a database that has them all."""
import logging
import os
from unittest.mock import patch

from tools.catalogue import Catalogue
from tools.translations import our_modules

DATABASE = ':memory:'


def compose(catalogue: Catalogue):
    """Return a pool with all the modules, without any database.

    Texts that are messages are those of the catalogue."""
    os.environ.setdefault('TRYTOND_DATABASE_URI', 'sqlite://')
    from trytond.modules import create_graph
    from trytond.pool import Pool

    def message(name, *_, **variables):
        record = catalogue.records.get(name)
        return record.values['text'] % variables if record else name

    logging.getLogger('trytond').setLevel(logging.WARNING)
    Pool.start()
    pool = Pool(DATABASE)
    names = [node.name for node in create_graph(set(catalogue.names))]
    with patch('trytond.i18n._ngettext', message), transaction():
        classes = [pool.fill(name, set(names)) for name in names]
        for some in classes:
            pool.setup(some)
        pool.setup_mixin()
    return pool


def transaction():
    from trytond.transaction import Transaction
    return Transaction().start(DATABASE, 0, _nocache=True)


def module_of(class_):
    "Return the one of our modules that defines a class, if any"
    parts = class_.__module__.split('.')
    if parts[:2] == ['trytond', 'modules'] and parts[2] in our_modules():
        return parts[2]
    return None


def first_class(Model):
    "Return the class that defined the model first"
    from trytond.model import Model as Base
    own = [
        c for c in Model.__mro__
        if c.__dict__.get('__name__') == Model.__name__
        and c.__module__ not in {'trytond.pool'}]
    models = [c for c in own if issubclass(c, Base)]
    return (models or own)[-1]
