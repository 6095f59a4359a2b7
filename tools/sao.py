#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Fetch Tryton's web client, sao, with the libraries that it loads.

sao.json tells each package with its digest, so that no machine gets others.
To raise a version, write there what `npm view PACKAGE dist` tells.
"""
import base64
import hashlib
import io
import json
import shutil
import sys
import tarfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = Path(__file__).with_suffix('.json')
CLIENT = 'tryton-sao'
CUSTOM = ['custom.css', 'custom.js']


def fetch(folder=ROOT / 'var' / 'sao'):
    "Return the folder of the client, which is fetched once"
    packages = json.loads(LOCK.read_text())
    done = folder / 'sao.json'
    if done.exists() and json.loads(done.read_text()) == packages:
        return customisable(folder)
    if folder.exists():
        shutil.rmtree(folder)
    for name, package in packages.items():
        target = folder
        if name != CLIENT:
            target = folder / 'node_modules' / name
        print(f"fetch {package['url']}", file=sys.stderr)
        with urllib.request.urlopen(package['url'], timeout=60) as answer:
            extract(answer.read(), package['integrity'], target)
    done.write_text(json.dumps(packages))
    return customisable(folder)


def customisable(folder):
    """Return the folder with the files that its page names for what is changed

    A browser that may not guess kinds tells a page "not found" for a fault."""
    for name in CUSTOM:
        (folder / name).touch()
    return folder


def extract(content, integrity, folder):
    "Extract the archive of a package, if it is the one that is expected"
    kind, _, expected = integrity.partition('-')
    found = base64.b64encode(hashlib.new(kind, content).digest()).decode()
    if found != expected:
        raise ValueError(f"not the archive that is expected for {folder.name}")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            # All is in a folder, whatever its name is
            parts = Path(member.name).parts[1:]
            if not member.isfile() or not parts or '..' in parts:
                continue
            path = folder.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())


if __name__ == '__main__':
    print(fetch())
