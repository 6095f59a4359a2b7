# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""One site of all the documents: those of this folder and of the modules,
which are linked in the folder modules."""
import configparser
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / 'extensions')]

_setup = configparser.ConfigParser()
_setup.read(HERE.parent / 'setup.cfg')

project = 'coop_cae'
author = 'the coop_cae project'
project_copyright = "the authors, see COPYRIGHT"
release = _setup['metadata']['version']
version = release.rpartition('.')[0]

extensions = ['models', 'commands', 'files', 'screens', 'stock_links']
exclude_patterns = ['extensions']
# As in the documents of Tryton: `text <label>` refers to a label
default_role = 'ref'
highlight_language = 'none'
# A text of two languages keeps the quotes that it has
smartquotes = False
keep_warnings = False

html_theme = 'furo'
html_title = f"coop_cae {version}"
html_static_path = ['static']
html_css_files = ['site.css']
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    'navigation_with_keys': True,
    }
