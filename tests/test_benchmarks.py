# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
import os
import subprocess
import sys
import unittest

import pytest

from tools.dbcache import ROOT


class BenchmarksTestCase(unittest.TestCase):

    @pytest.mark.slow
    def test_contribution_run(self):
        "The benchmarks still run: the product, the floor and the usual way"
        result = subprocess.run([
                sys.executable, 'benchmarks/contribution_run.py',
                '--activities', '3', '--runs', '1'],
            cwd=ROOT, capture_output=True, text=True, env={
                k: v for k, v in os.environ.items()
                if k not in {'DB_NAME', 'DB_CACHE', 'TRYTOND_DATABASE_URI'}})
        self.assertEqual(result.returncode, 0, result.stderr)
        *_, row = result.stdout.splitlines()
        self.assertRegex(row, r'^ +3 +[\d.]+s +[\d.]+s')
