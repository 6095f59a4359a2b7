# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Let the tests keep what Tryton has read of the modules.

A test is rolled back and its caches are dropped with it.  The names of the
models, their translations and the like are those of the modules whatever the
tests write: to read them again takes a test a quarter of its time.
"""
from trytond.cache import Cache
from trytond.pool import Pool
from trytond.tests import test_tryton

# A test that changes one of these has a cache of its own until its end
KEPT = {
    'ir.lang', 'ir.lang.code', 'ir.message', 'ir.model.field.get_name',
    'ir.model.get_names', 'ir.translation', 'ir_model_data.get_id',
    'ir_trigger.get_triggers', 'ir_ui_view.validator'}


def install():
    test_tryton.Cache = _Cache


class _Cache:

    @staticmethod
    def drop(name):
        kept = {}
        # The database itself may be dropped, and its pool before it
        if name in Pool.database_list():
            for cache in KEPT.intersection(Cache._instances):
                instance = Cache._instances[cache]
                kept[instance] = instance._database_cache.get(name)
        Cache.drop(name)
        for instance, values in kept.items():
            if values is not None:
                instance._database_cache[name] = values
