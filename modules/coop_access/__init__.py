# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
from . import body, databases, fault, routes

__all__ = ['body', 'databases', 'fault', 'routes']
