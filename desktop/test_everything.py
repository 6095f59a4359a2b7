# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The screens of the modules open in the desktop client too.

COOP_CAE_PICTURES names a folder for the pictures of some.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

from browser.demonstration import ROOT, served
from browser.records import DATABASE, USERS

PYTHON = ROOT / '.venv' / 'desktop' / 'bin' / 'python'
PICTURES = ['coop_cae.act_activity_form', 'coop_shares.act_member_form']


def test_desktop(whole, tmp_path):
    "Lists, forms and graphs, and the first step of each wizard, in French"
    folder, screens = whole
    if pictures := os.environ.get('COOP_CAE_PICTURES', ''):
        pictures = str(Path(pictures).resolve())
    wanted = [
        (kind, s) for kind in ['windows', 'wizards'] for s in screens[kind]]
    with served(folder) as site:
        told = subprocess.run([
                'xvfb-run', '--auto-servernum',
                '--server-args=-screen 0 1400x1000x24',
                PYTHON, Path(__file__).with_name('client.py')],
            input=json.dumps({
                    'server': site.url.removeprefix('http://').rstrip('/'),
                    'database': DATABASE,
                    'user': USERS['fr'],
                    'password': site.password,
                    'language': 'fr',
                    'screens': wanted,
                    'folder': pictures,
                    'pictures': PICTURES,
                    }),
            env={**os.environ, 'XDG_CONFIG_HOME': str(tmp_path)},
            stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(told.stdout.splitlines()[-1])
    assert result['wrong'] == {}
    assert result['opened'] == len(wanted)


def test_display():
    assert shutil.which('xvfb-run'), "apt-get install xvfb xauth"
