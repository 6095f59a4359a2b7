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
# What an activated database is made from
_SOURCES = {'.cfg', '.py', '.xml', '.po', '.svg', '.fodt'}
_KEEP = 3


def use(name, keep=_KEEP):
    """Return the folder of the name, made if needed; the oldest folders are
    removed so that at most keep of them stay."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    prefix = name.split('-', 1)[0]
    others = sorted(
        (f for f in CACHE.glob(f'{prefix}-*') if f.is_dir()),
        key=lambda f: f.stat().st_mtime, reverse=True)
    for old in others[keep:]:
        # Another run may be using what is less than an hour old
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def stock_fingerprint():
    """Return the fingerprint of the installed Tryton distributions."""
    digest = hashlib.sha256()
    installed = {
        f"{dist.metadata['Name']}=={dist.version}".lower()
        for dist in metadata.distributions()
        if (dist.metadata['Name'] or '').lower().startswith('trytond')}
    for line in sorted(installed):
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def fingerprint():
    """Return the fingerprint of the installed Tryton distributions and of the
    sources of the modules, their tests left out."""
    digest = hashlib.sha256(stock_fingerprint().encode())
    modules = ROOT / 'modules'
    for path in sorted(modules.rglob('*')):
        relative = path.relative_to(modules)
        if path.suffix not in _SOURCES or not path.is_file():
            continue
        if 'tests' in relative.parts and path.name.startswith('test_'):
            continue
        digest.update(str(relative).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
