# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.
"""The page on which a person reads what is held on them."""
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_PAGE = """\
<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; }}
th {{ text-align: left; vertical-align: top; padding-right: 1em; }}
table {{ margin-bottom: 1em; border-top: 1px solid #999; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{notice}</p>
{sections}
</body>
</html>
"""


def as_html(
        title: str, notice: str,
        sections: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the page of the sections, each a list of values by label

    What people typed is text, never markup.
    """
    return _PAGE.format(
        title=escape(title), notice=escape(notice),
        sections='\n'.join(
            f'<h2>{escape(name)}</h2>\n' + '\n'.join(map(_table, records))
            for name, records in sections.items()))


def _table(values):
    rows = '\n'.join(
        f'<tr><th>{escape(label)}</th><td>{escape(_cell(value))}</td></tr>'
        for label, value in values.items())
    return f'<table>\n{rows}\n</table>'


def _cell(value):
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)
