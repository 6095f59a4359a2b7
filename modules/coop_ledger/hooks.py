# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Whether a module that we do not know has a say in what is recorded.

What is inserted in sets runs no hook of its model: this is right only as long
as all who have one are known.
"""
_HOOKS = [
    'check_modification',
    'compute_fields',
    'create',
    'on_modification',
    'on_write',
    'post',
    'preprocess_values',
    'reconcile',
    'validate',
    'validate_fields',
    ]
_MODULES = 'trytond.modules.'


def is_extended(Model, known):
    "Return if another module than the known ones has a hook on the model"
    for class_ in Model.__mro__:
        if not class_.__module__.startswith(_MODULES):
            continue
        module = class_.__module__.removeprefix(_MODULES).partition('.')[0]
        if module not in known and any(
                name in vars(class_) for name in _HOOKS):
            return True
    return False
