#!/usr/bin/env python3
# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""Make a virtual environment with pip in it.

Run by the Python of the system, with nothing but pip: some distributions keep
what python -m venv needs to put pip in place in a package of its own.
"""
import argparse
import subprocess
import sys
import venv
from pathlib import Path

LEAST = (3, 10)


def make(folder):
    "Make the environment and return its Python"
    folder = Path(folder)
    python = folder / 'bin' / 'python'
    try:
        import ensurepip  # noqa: F401
        with_pip = True
    except ImportError:
        with_pip = False
    venv.create(folder, clear=True, symlinks=True, with_pip=with_pip)
    if not with_pip:
        subprocess.run([
                sys.executable, '-m', 'pip', '--quiet', '--python', python,
                'install', 'pip'],
            check=True)
    return python


def main(args=None):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder')
    options = parser.parse_args(args)
    if sys.version_info < LEAST:
        sys.exit("Python {}.{} or newer is needed.".format(*LEAST))
    try:
        make(options.folder)
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"The environment could not be made: {error}\n"
            "Install the package of your system that completes "
            "'python3 -m venv' (on Debian: python3-venv).")


if __name__ == '__main__':
    main()
