# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The demonstration is that of the browser."""
from browser.conftest import folder, people  # noqa: F401
from browser.test_everything import whole  # noqa: F401
