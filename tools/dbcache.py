# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Where the databases of the tests are kept between two runs."""
import hashlib
import os
import shutil
import time
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / '.pytest_cache' / 'd' / 'trytond'
# What the database of an activated module is made from
_SOURCES = {'.cfg', '.py', '.xml', '.po', '.svg', '.fodt'}
_KEEP = 3


def use(kind, fingerprint, keep=_KEEP):
    """Return the folder of the fingerprint, made if needed; the oldest ones
    of the same kind are removed so that at most keep others stay."""
    folder = CACHE / f'{kind}-{fingerprint}'
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    others = sorted(
        (f for f in CACHE.glob(f'{kind}-*') if f != folder),
        key=lambda f: f.stat().st_mtime, reverse=True)
    for old in others[keep:]:
        # Another run may be using what is less than an hour old
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _digest(seed, paths):
    digest = hashlib.sha256(seed.encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(folder):
    return (
        p for p in (ROOT / folder).rglob('*')
        if p.is_file() and '__pycache__' not in p.parts)


def stock_fingerprint():
    "Return the fingerprint of the installed Tryton distributions"
    installed = {
        f"{dist.metadata['Name']}=={dist.version}".lower()
        for dist in metadata.distributions()
        if (dist.metadata['Name'] or '').lower().startswith('trytond')}
    return _digest(' '.join(sorted(installed)), [])


def module_fingerprint():
    "Return the fingerprint of what the modules put in a database"
    return _digest(stock_fingerprint(), (
            p for p in _files('modules')
            if p.suffix in _SOURCES and 'tests' not in p.parts))


def setup_fingerprint():
    """Return the fingerprint of what the tests put in a database: the tests
    and the sample data as well as the modules"""
    return _digest(module_fingerprint(), (
            p for folder in ['modules', 'tests', 'data', 'tools']
            for p in _files(folder)
            if folder != 'modules' or 'tests' in p.parts))
